"""What is carried to a machine without a network arrives whole, or is refused."""

import pytest

from scripts.measure import gpu_pieces
from scripts.measure.gpu_pieces import SOURCES


@pytest.fixture
def pieces(tmp_path):
    (tmp_path / SOURCES).write_bytes(bytes(range(256)) * 45)  # twelve pieces: 2 comes before 10
    gpu_pieces.split(tmp_path / SOURCES, 1000)
    return tmp_path


def test_pieces_join_to_what_was_split(pieces):
    assert len(list(pieces.iterdir())) == 12
    whole = gpu_pieces.joined(pieces, SOURCES)
    assert whole.read_bytes() == bytes(range(256)) * 45


def test_nothing_is_made_of_pieces_before_the_last_is_there(pieces):
    next(pieces.iterdir()).unlink()
    assert gpu_pieces.joined(pieces, SOURCES) is None


def test_a_damaged_piece_is_refused(pieces):
    next(pieces.iterdir()).write_bytes(b"cut off")
    with pytest.raises(SystemExit, match="copy them again"):
        gpu_pieces.joined(pieces, SOURCES)


def test_everything_the_service_is_made_of_is_carried_and_nothing_for_another_system():
    needed = gpu_pieces.needed()
    assert {"llama-cpp-python", "ctranslate2", "piper-tts", "msgspec", "gguf", "jiwer"} <= set(
        needed
    )
    assert not {"colorama", "httpx2-jsfetch", "numpy"} & set(needed)


def test_the_list_names_each_with_its_version(capsys):
    gpu_pieces.list_needed()
    said = capsys.readouterr().out
    assert all(f"{name} {version}" in said for name, version in gpu_pieces.needed().items())


@pytest.mark.parametrize(
    "name", ["src/llama.cpp", "ggml/src/ggml-cuda/mmq.cu", "src/models/qwen2.cpp"]
)
def test_sources_of_the_library_are_kept(name):
    assert not gpu_pieces.UNUSED.search(f"llama_cpp_python-1.0/vendor/llama.cpp/{name}")


@pytest.mark.parametrize(
    "name", ["docs/a.md", "models/ggml-vocab.gguf", "tests/test.cpp", ".git/x"]
)
def test_what_the_library_is_not_made_of_stays(name):
    assert gpu_pieces.UNUSED.search(f"llama_cpp_python-1.0/vendor/llama.cpp/{name}")
