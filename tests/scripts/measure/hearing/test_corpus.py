import json
import wave
from pathlib import Path

import numpy as np
import pytest

from scripts.measure.hearing import sounds
from scripts.measure.hearing.corpus import CorpusUnusable, Recording, read
from scripts.measure.hearing.run import evaluate, parser
from scripts.measure.hearing.speech_level import active_level
from tests.models.speech import SENTENCES, spoken

PICTURE = Path(__file__).parents[4] / "docs/page.png"


@pytest.fixture
def folder(tmp_path):
    lines = ["file\twords\ttraits"]
    for n, sentence in enumerate(SENTENCES[:2]):
        write(tmp_path / f"{n}.wav", spoken(sentence))
        lines.append(f"{n}.wav\t{sentence}\tsynthetic")
    write(tmp_path / "2.wav", spoken(SENTENCES[2]))
    lines.append("2.wav\tSLOTS: booking system | hospital\tsynthetic")
    (tmp_path / "INDEX.tsv").write_text("\n".join(lines) + "\n")
    return tmp_path


def write(path, audio, rate=16_000):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(audio.tobytes())


def test_a_folder_is_read_with_words_and_slots(folder):
    first, _, third = read(folder)
    assert first.words[:4] == ("i", "have", "worked", "as")
    assert third.slots == (("booking", "system"), ("hospital",))
    assert np.array_equal(first.audio, spoken(SENTENCES[0]))
    assert [recording.name for recording in read(folder, "1")] == ["1.wav"]


def test_a_folder_without_an_index_is_refused(tmp_path):
    with pytest.raises(CorpusUnusable, match=r"INDEX\.tsv"):
        read(tmp_path)


def test_a_file_that_is_no_audio_is_named(folder):
    (folder / "0.wav").write_text("no audio")
    with pytest.raises(CorpusUnusable, match=r"0\.wav"):
        read(folder)


@pytest.mark.parametrize(
    ("index", "sentence"),
    [
        (b"", "needs columns named file and words, separated by tabs"),
        (b"file,words\n0.wav,hello\n", "needs columns named file and words, separated by tabs"),
        (b"file\twords\n", "names no recording"),
        (b"file\twords\n0.wav\tcaf\xe9\n", "is not UTF-8"),
        ("file\twords\n0.wav\thello\n".encode("utf-16"), "is not UTF-8"),
        (b'file\twords\n0.wav\t"hello\n1.wav\tyes\n', "unexpected end of data.* ends with one"),
        (b"words\tfile\nhello\t0.wav\nyes\n", "recording 2 of .* has no file"),
        (b"file\twords\n0.wav\thello\n0.wav\thello\n", "names 0.wav more than once"),
        (b"file\twords\n9.wav\thello\n", r"9\.wav cannot be read as audio: No such file"),
        (b"file\twords\nnone.wav\thello\n", r"none\.wav cannot be read .* there is none in it"),
        (b"file\twords\nINDEX.tsv\thello\n", r"INDEX\.tsv cannot be read .* there is none in it"),
        (b"file\twords\n0.png\thello\n", r"0\.png cannot be read .* there is none in it"),
    ],
)
def test_an_index_that_cannot_be_used_is_refused_with_a_sentence(folder, index, sentence):
    write(folder / "none.wav", np.zeros(0, np.int16))
    (folder / "0.png").write_bytes(PICTURE.read_bytes())
    (folder / "INDEX.tsv").write_bytes(index)
    with pytest.raises(CorpusUnusable, match=sentence):
        read(folder)


def test_an_index_that_was_saved_by_a_spreadsheet_is_read(folder):
    (folder / "INDEX.tsv").write_bytes(b'\xef\xbb\xbffile\twords\r\n0.wav\t"I ""see"""\r\n')
    (only,) = read(folder)
    assert only.words == ("i", "see")


def test_silence_has_a_level_and_makes_no_babble():
    silence = np.zeros(16_000, np.int16)
    assert sounds.level(silence) == 1.0
    assert not np.isnan(sounds.babble(1.0, [Recording("silence", silence)])).any()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--only", "nobody"], "'nobody' in its name"),
        (["--conditions", "underwater"], "no condition 'underwater': choose of clean, telephone"),
        (["--models", "nobody"], "nobody"),
        (["--babble", "nowhere"], "nowhere/INDEX.tsv cannot be read"),
        (["--models", "starter-recognizer", "nobody"], "nobody"),
        (["--json", "nowhere/figures.json"], "nowhere, the folder of --json, is not there"),
        (["--json", "."], "cannot be written: Is a directory"),
        (["--only", "2.wav", "--no-slots"], "has words to compare"),
        (["--set", "nonsense=5"], "no settings of starter-recognizer: Object contains unknown"),
    ],
)
def test_a_name_that_is_none_ends_it_with_a_sentence(folder, capsys, options, sentence):
    assert evaluate(parser("").parse_args(["--corpus", str(folder), *options])) == 1
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(("name", "text"), [("--shifts", "0"), ("--threads", "-1")])
def test_a_number_that_makes_no_sense_is_refused(name, text, capsys):
    with pytest.raises(SystemExit):
        parser("").parse_args(["--corpus", ".", name, text])
    assert "give a whole number from" in capsys.readouterr().err


def test_noise_is_as_far_below_the_speech_as_its_name_says():
    audio = spoken(SENTENCES[0])
    _, room = sounds.in_noise(audio, sounds.white(2), 10)
    speech = active_level(sounds.speech(audio))
    apart = 20 * np.log10(speech / np.sqrt((room.astype(float) ** 2).mean()))
    assert apart == pytest.approx(10, abs=0.2)


def test_babble_is_of_the_voices_that_are_given(folder):
    one, other = read(folder, "0"), read(folder, "1")
    room = sounds.conditions(other)["babble10"].make(one[0].audio)[1]
    expected = sounds.in_noise(one[0].audio, sounds.babble(sounds.ROOM, other), 10)[1]
    assert np.array_equal(room, expected)
    assert not np.array_equal(room, sounds.conditions(one)["babble10"].make(one[0].audio)[1])


def test_a_loud_cough_does_not_raise_the_noise():
    audio, cough = spoken(SENTENCES[0]), np.random.default_rng(0).normal(0, 9000, 6400)
    with_cough = np.concatenate([audio, np.zeros(8000), cough, np.zeros(8000)]).astype(np.int16)
    assert sounds.level(with_cough) == pytest.approx(sounds.level(audio), rel=0.1)
    speech, coughed = sounds.speech(audio), sounds.speech(with_cough)
    assert active_level(coughed) == pytest.approx(active_level(speech), rel=0.1)


def test_every_condition_keeps_the_length_of_a_recording(folder):
    recordings = read(folder)
    for condition in sounds.conditions(recordings).values():
        heard, room = condition.make(recordings[0].audio)
        assert heard.size == recordings[0].audio.size
        assert heard.dtype == room.dtype == np.int16


def test_a_long_answer_has_no_pauses_and_knows_its_words(folder):
    answer = sounds.long_answer(read(folder))
    assert answer.seconds > sounds.LONG
    assert len(answer.words) > 200
    with pytest.raises(CorpusUnusable):
        sounds.long_answer([Recording("x", np.zeros(16_000, np.int16))])


def test_synthetic_speech_is_understood_by_the_starter_recognizer(folder, capsys):
    figures = folder / "figures.json"
    options = parser("").parse_args(["--corpus", str(folder), "--json", str(figures)])
    assert evaluate(options) == 0
    engine, path = json.loads(figures.read_text())
    assert engine["recordings"] == path["recordings"] == 3
    assert max(engine["word_error_rate"], path["word_error_rate"]) < 0.15
    assert path["unanswered"] == 0
    assert all(detail["answered"] for detail in path["details"])
    assert "word" in capsys.readouterr().out
