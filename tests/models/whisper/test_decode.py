"""What is asked of the model, and what is made of its answers, with an oracle in its place."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
import pytest
from faster_whisper.feature_extractor import FeatureExtractor

from models.errors import EngineError
from models.whisper import gate
from models.whisper.decode import AGAIN, WhisperDecoder
from models.whisper.gate import PERHAPS_SOUND
from models.whisper.pace import Pace
from models.whisper.parts import Request, Text, as_words, transcript_of
from models.whisper.settings import Settings as WhisperSettings
from models.whisper.terms import terms_of

from ..speech import SENTENCES, silence, spoken

SPECIAL = ["<|endoftext|>", "<|startoftranscript|>", "<|en|>", "<|de|>", "<|transcribe|>"]
SPECIAL += ["<|startofprev|>", "<|notimestamps|>"]


class Letters:
    """A tokenizer of letters."""

    def token_to_id(self, token):
        return 1_000_000 + SPECIAL.index(token) if token in SPECIAL else None

    def encode(self, text, add_special_tokens):
        return SimpleNamespace(ids=[ord(letter) for letter in text])

    def decode(self, tokens):
        return "".join(chr(token) for token in tokens)


def answer(text, log_probability=-0.1, no_speech=0.0):
    """`log_probability` is the mean with the end of the text counted in."""
    score = log_probability * (len(text) + 1) / max(1, len(text))
    return SimpleNamespace(
        sequences_ids=[[ord(letter) for letter in text]], scores=[score], no_speech_prob=no_speech
    )


@dataclass
class Oracle:
    """Gives the answers in turn, and remembers how it was asked."""

    answers: list
    asked: list = field(default_factory=list)
    is_multilingual: bool = True
    likely: dict = field(default_factory=dict)
    places: Callable[[float], float] = lambda share: share
    device: str = "cuda"
    languages: list = field(
        default_factory=lambda: [("<|en|>", 0.9), ("<|de|>", 0.06), ("<|xx|>", 0.04)]
    )

    def encode(self, features):
        return np.array(features).shape

    def align(self, shape, start, texts, frames):
        """As likely as `likely` says of each text, or not at all; its letters are as long as one
        another, or as `places` says."""
        return [
            SimpleNamespace(
                text_token_probs=[self.likely.get("".join(map(chr, text)).strip(), 0.0)],
                alignments=[
                    (n, round(self.places(n / len(text)) * length / 2)) for n in range(len(text))
                ],
            )
            for text, length in zip(texts, frames, strict=True)
        ]

    def detect_language(self, shape):
        return [self.languages] * shape[0]

    def generate(self, shape, prompts, **options):
        self.asked.append(SimpleNamespace(shape=shape, prompts=prompts, **options))
        if isinstance(self.answers[0], Exception):
            raise self.answers.pop(0)
        return [self.answers.pop(0) for _ in prompts]


def decoder_of(oracle, settings=None, tokenizer=None):
    model = SimpleNamespace(
        model=oracle,
        feature_extractor=FeatureExtractor(),
        hf_tokenizer=tokenizer or Letters(),
        supported_languages=["en", "de", "xx"],
    )
    return WhisperDecoder(model, settings or WhisperSettings())


@pytest.fixture
def ask():
    """Asks for the text of some seconds of speech: returns it and what the model was asked."""

    def ask(*answers, seconds=2.0, after=(), settings=None, oracle=None, **request):
        oracle = Oracle(list(answers), **(oracle or {}))
        decoder = decoder_of(oracle, settings)
        audio = np.resize(spoken(SENTENCES[0]), int(seconds * 16_000))
        audio = np.concatenate([audio, np.array(after, np.int16)])
        prepared = decoder.prepare(Request(audio, request.pop("language", "en"), **request))
        return decoder.transcribe([prepared])[0], oracle.asked

    return ask


LONG = WhisperSettings(longest=28.0)


def enough(seconds):
    """A text with as many words as can be said in that time."""
    return answer(" ".join(SENTENCES)[: round(15 * seconds)])


@pytest.mark.parametrize(
    ("seconds", "frames"), [(1, 1000), (8, 1000), (8.1, 1500), (17, 2000), (27, 3000), (28, 3000)]
)
def test_the_window_is_10_s_at_least_and_leaves_2_s_after_the_speech(ask, seconds, frames):
    _, asked = ask(enough(seconds), seconds=seconds, settings=LONG)
    assert asked[0].shape == (1, 80, frames)


def test_a_model_of_short_windows_gets_no_more_than_it_needs(ask):
    _, asked = ask(enough(3), seconds=3, settings=WhisperSettings(window=0.0))
    assert asked[0].shape == (1, 80, 400)


def test_the_language_is_part_of_the_prompt(ask):
    transcript, asked = ask(answer("Ja."), language="de")
    prompt = ["<|startoftranscript|>", "<|de|>", "<|transcribe|>", "<|notimestamps|>"]
    assert asked[0].prompts == [[Letters().token_to_id(token) for token in prompt]]
    assert (transcript.text, transcript.language) == ("Ja.", "de")


CONTEXT = WhisperSettings(use_context=True, longest=28.0)


def test_without_a_setting_the_context_is_no_prompt(ask):
    _, asked = ask(answer("Yes."), context="What did you do?")
    assert asked[0].prompts == ask(answer("Yes."))[1][0].prompts


def test_context_goes_before_the_prompt_and_a_long_one_is_cut_to_equal_lengths(ask):
    before = Letters().token_to_id("<|startofprev|>")
    lengths = []
    for context in ("Ada", "x" * 40, "y" * 45, "z" * 999):
        _, asked = ask(answer("Yes."), context=context, settings=CONTEXT)
        (prompt,) = asked[0].prompts
        assert prompt[0] == before
        assert chr(prompt[-5]) == context[-1]
        lengths.append(len(prompt) - 5)
    assert lengths == [4, 32, 32, 208]


@pytest.mark.parametrize("context", ["", "x" * 999])
@pytest.mark.parametrize(("seconds", "tokens"), [(1, 39), (5, 99), (28, 224)])
def test_the_text_may_be_as_long_as_speech_can_be_and_fits_the_decoder(
    ask, context, seconds, tokens
):
    _, asked = ask(enough(seconds), seconds=seconds, context=context, settings=CONTEXT)
    (prompt,) = asked[0].prompts
    longest = min(asked[0].max_length // 2, asked[0].max_length - len(prompt))  # CTranslate2's rule
    assert longest == min(tokens, 448 - len(prompt))


def test_a_small_decoder_is_not_asked_for_more_than_it_has_room_for(ask):
    small = WhisperSettings(positions=128, longest=28.0)
    _, asked = ask(enough(20), seconds=20, settings=small)
    assert min(asked[0].max_length // 2, asked[0].max_length - 4) + 4 == 128


def test_a_good_text_is_taken_at_once_with_its_confidence(ask):
    transcript, asked = ask(answer("Yes, I do.", -0.5))
    assert len(asked) == 1
    assert transcript.text == "Yes, I do."
    assert transcript.confidence == pytest.approx(np.exp(-0.5))


@pytest.mark.parametrize("bad", [answer("Yeh ido", -1.2), answer("Thank you. " * 9)])
def test_a_bad_text_gets_one_more_try_in_the_full_window_with_some_freedom(ask, bad):
    transcript, asked = ask(bad, answer("Yes, I do."))
    assert transcript.text == "Yes, I do."
    assert len(asked) == 2
    assert asked[1].shape == (1, 80, 3000)
    assert 0.2 <= asked[1].sampling_temperature <= 0.4


def test_of_two_doubtful_texts_the_better_one_is_kept(ask):
    transcript, _ = ask(answer("Yeh ido", -1.2), answer("Yellow", -1.5))
    assert transcript.text == "Yeh ido"


def test_a_text_that_still_goes_round_in_circles_is_dropped(ask):
    assert ask(answer("Thank you. " * 9), answer("Bye. " * 12))[0].text == ""


SELDOM_SURE = WhisperSettings(doubted=0.6)


def test_a_doubted_text_and_one_of_the_full_window_are_compared_where_the_model_gains_by_it(ask):
    transcript, asked = ask(
        answer("And I'll", -0.6), answer("And that", -0.4), settings=SELDOM_SURE
    )
    assert transcript.text == "And that"
    assert [each.shape[2] for each in asked] == [1000, 3000]
    assert not hasattr(asked[1], "sampling_temperature")
    transcript, _ = ask(answer("And I'll", -0.6), answer("And that", -0.7), settings=SELDOM_SURE)
    assert transcript.text == "And I'll"


def test_the_same_words_are_as_doubted_in_a_longer_window(ask):
    transcript, _ = ask(answer("hello", -0.9), answer("Hello?", -0.7), settings=SELDOM_SURE)
    assert transcript.text == "Hello?"
    assert transcript.confidence == pytest.approx(np.exp(-0.9))
    transcript, _ = ask(answer("hello", -0.9), answer("Yellow", -0.7), settings=SELDOM_SURE)
    assert transcript.confidence == pytest.approx(np.exp(-0.7))


@pytest.mark.parametrize(
    ("text", "request_"),
    [
        (answer("And I'll", -0.5), {}),
        (answer("", -0.6), {}),
        (answer(" ", -0.6), {}),
        (answer("And I'll", -0.6), {"final": False}),
        (enough(28), {"seconds": 28}),
    ],
    ids="sure nothing blank partial full".split(),
)
def test_no_other_text_is_made_twice(ask, text, request_):
    unsure = WhisperSettings(doubted=0.6, longest=28.0)
    if request_.get("seconds"):
        text.scores = [-0.6]
    assert len(ask(text, settings=unsure, **request_)[1]) == 1


def test_a_partial_gets_no_second_try(ask):
    assert len(ask(answer("Yeh ido", -1.2), final=False)[1]) == 1


class Logits:
    """The logits of the first token, on a device: a letter that is not named is impossible."""

    def __init__(self, odds):
        self.all = np.full((1, 128), -1e9, np.float32)
        for letter, likely in odds.items():
            self.all[0, ord(letter)] = np.log(likely)

    def to_device(self, device):
        return self

    def to(self, dtype):
        return self.all


def described(text, odds, log_probability=-0.5):
    """An answer that may be a description, and how likely it was to begin with each letter."""
    found = answer(text, log_probability)
    found.logits = [[Logits(odds)]]
    return found


@pytest.mark.parametrize(
    ("heard", "odds", "text", "sound"),
    [("(laughs)", {"(": 0.6, "[": 0.2, "I": 0.2}, "", 0.8),
     ("I see", {"(": 0.05, "*": 0.05, "I": 0.9}, "I see", 0.1),
     ("Book [noise] a room", {"B": 1.0}, "Book a room", 0.0), ("No (", {"N": 1.0}, "No", 0.0)],
)  # fmt: skip
def test_where_sounds_are_asked_for_the_model_may_describe_them(ask, heard, odds, text, sound):
    transcript, asked = ask(described(heard, odds), final=False, sounds=True)
    assert transcript.text == text
    assert transcript.sound == pytest.approx(sound, abs=1e-6)
    never = asked[0].suppress_tokens
    assert ord('"') in never
    assert ord("(") not in never


def test_its_words_are_as_likely_as_they_are_among_words(ask):
    transcript, _ = ask(described("So", {"(": 0.2, "S": 0.8}), final=False, sounds=True)
    assert transcript.confidence == pytest.approx(np.exp(-0.5) / 0.8 ** (1 / 3))


def test_words_beside_a_description_are_no_more_than_certain(ask):
    heard = described("(laughs) So", {"(": 0.9, "S": 0.1}, -0.1)
    assert ask(heard, final=False, sounds=True)[0].confidence <= 1


def test_speech_with_a_cough_in_it_is_no_sound():
    parts = [Text("", sound=0.8), Text("Yes", 1, sound=0.1), Text(), Text("", sound=0.3)]
    assert transcript_of(parts, "en").sound == 0.1


def test_a_silence_makes_words_no_likelier():
    found = as_words(Text("So", 1, -0.5, no_speech=0.9), 0.0)
    assert (found.log_probability, found.sound) == (-0.5, PERHAPS_SOUND)


def test_of_a_caption_or_a_model_that_never_learned_to_describe_sounds_none_is_asked(ask):
    starter = WhisperSettings(knows_silence=False)
    for options in ({}, {"sounds": True, "settings": starter}):
        transcript, asked = ask(answer("So", -0.5), final=False, **options)
        assert transcript.sound is None
        assert not hasattr(asked[0], "suppress_tokens")


def test_what_is_doubtful_and_probably_no_speech_is_dropped_without_a_second_try(ask):
    transcript, asked = ask(answer("Thank you.", -1.2, no_speech=0.9))
    assert (transcript.text, len(asked)) == ("", 1)


@pytest.mark.parametrize(
    "heard", [answer("Yes.", -0.2, no_speech=0.9), answer("Yes.", -0.9, no_speech=0.1)]
)
def test_one_sign_of_no_speech_is_not_enough(ask, heard):
    assert ask(heard)[0].text == "Yes."


def test_a_model_that_does_not_know_silence_is_not_believed_when_it_doubts(ask):
    unsure = WhisperSettings(knows_silence=False)
    assert ask(answer("It.", -1.2), answer("You.", -1.3), settings=unsure)[0].text == ""


def test_nothing_but_punctuation_is_nothing(ask):
    assert ask(answer(" ..."))[0].text == ""


def test_phrases_are_put_together_again_and_those_without_words_left_out():
    one = spoken(SENTENCES[0])
    audio = np.concatenate([one, silence(0.5), one, silence(0.5), one])
    oracle = Oracle([answer("Yes.", -0.1), answer("...", -0.1), answer("No.", -0.4)])
    decoder = decoder_of(oracle, WhisperSettings(window=0.0, phrases=True))
    (transcript,) = decoder.transcribe([decoder.prepare(Request(audio, "en"))])
    assert transcript.text == "Yes. No."
    assert np.exp(-0.4) < transcript.confidence < np.exp(-0.1)


def test_a_final_says_which_languages_it_may_be_in(ask):
    transcript, _ = ask(enough(4), seconds=4.0)
    assert transcript.spoken == {"en": 0.9, "de": 0.06}  # and what is unlikely is left out


def test_the_language_of_a_caption_is_not_judged(ask):
    assert ask(enough(4), seconds=4.0, final=False)[0].spoken == {}


def test_the_language_of_little_voice_is_not_judged(ask):
    assert ask(enough(1), seconds=1.0)[0].spoken == {}


def test_a_model_of_one_language_judges_none(ask):
    assert ask(enough(4), seconds=4.0, oracle={"is_multilingual": False})[0].spoken == {}


def test_a_speech_in_parts_has_the_mean_of_their_languages(ask):
    parts = [Text(spoken={"en": 0.2, "de": 0.8}), Text(), Text(spoken={"de": 1.0})]
    assert transcript_of(parts, "en").spoken == {"en": 0.1, "de": 0.9}


def test_languages_without_a_token_are_not_offered():
    assert decoder_of(Oracle([])).languages == ("en", "de")


def test_a_failure_of_the_library_is_an_engine_error(ask):
    with pytest.raises(EngineError, match="out of memory"):
        ask(RuntimeError("CUDA out of memory"))


BEAMS = WhisperSettings(beams=5)


@pytest.mark.parametrize(("final", "beams"), [(True, 5), (False, 1)])
def test_only_what_is_final_is_worth_several_beams(ask, final, beams):
    _, asked = ask(answer("Yes."), settings=BEAMS, final=final)
    assert asked[0].beam_size == beams
    assert asked[0].length_penalty == (0 if beams > 1 else 1)


def test_the_score_of_several_beams_is_a_sum(ask):
    several = answer("Yes.")
    several.scores = [-0.1 * 5]
    assert ask(several, settings=BEAMS)[0] == ask(answer("Yes."))[0]


def test_the_second_try_draws_one_text_by_chance(ask):
    doubtful = answer("Hm.")
    doubtful.scores = [-9.0 * 4]
    _, asked = ask(doubtful, answer("Yes."), settings=BEAMS)
    assert [each.beam_size for each in asked] == [5, 1]


HALF = "I have worked as a software engineer for six years and I like it very much."
OTHER = "Then my team moved to another town, where we built a new system for a bank."


def stamped(text, seconds):
    """An answer that ends with the time up to which it was heard."""
    made = answer(text)
    first = Letters().token_to_id("<|notimestamps|>") + 1
    made.sequences_ids[0].append(first + round(seconds / 0.02))
    return made


def test_what_follows_a_text_with_too_few_words_is_asked_for_by_itself(ask):
    found = [answer("I have worked."), stamped(HALF, 5), stamped(OTHER, 5)]
    transcript, asked = ask(*found, seconds=10)
    assert transcript.text == f"{HALF} {OTHER}"
    assert [each.shape[2] for each in asked] == [1500, 1500, 1000]
    without_stamps = Letters().token_to_id("<|notimestamps|>")
    assert [without_stamps in each.prompts[0] for each in asked] == [True, False, False]


def test_a_breath_after_the_last_word_is_not_asked_for(ask):
    """By itself it might be speech; beside the speech it is too faint for that."""
    noise = np.random.default_rng(0).normal(0, 60, 16_000 // 2)
    breath = (noise * np.linspace(1, 0.1, noise.size)).astype(np.int16)
    assert gate.is_speech(breath)
    found = [answer("I have worked."), stamped(f"{HALF} {OTHER}", 10), answer("Thank you.")]
    transcript, asked = ask(*found, seconds=10, after=breath)
    assert (transcript.text, len(asked)) == (f"{HALF} {OTHER}", 2)


def test_a_text_that_stays_too_short_is_replaced_by_that_of_its_halves(ask):
    found = [answer("I have worked."), stamped("I have.", 10), answer(HALF), answer(OTHER)]
    transcript, asked = ask(*found, seconds=10)
    assert transcript.text == f"{HALF} {OTHER}"
    assert [each.shape[2] for each in asked] == [1500, 1500, 1000, 1000]


@pytest.mark.parametrize(("confidence", "times"), [(0.49, 1), (0.51, 4)])
def test_a_doubted_text_with_too_few_words_stays(ask, confidence, times):
    """It is that of others in the background, whose words nobody needs."""
    found = [answer("I have worked.", math.log(confidence)), stamped("I have.", 10)]
    transcript, asked = ask(*found, answer(HALF), answer(OTHER), seconds=10)
    assert len(asked) == times
    assert transcript.text == ("I have worked." if times == 1 else f"{HALF} {OTHER}")


def test_a_half_gets_no_second_try_in_the_full_window(ask):
    found = [answer("I have worked."), stamped("I have.", 10), answer("Yeh ido", -1.2)]
    transcript, asked = ask(*found, answer(OTHER), seconds=10)
    assert [each.shape[2] for each in asked] == [1500, 1500, 1000, 1000]
    assert transcript.text == f"Yeh ido {OTHER}"


def test_a_sentence_that_is_there_twice_in_every_text_is_taken_once(ask):
    twice = f"{HALF} {HALF}"
    transcript, _ = ask(answer(twice), stamped(twice, 10), seconds=10)
    assert transcript.text == HALF


def test_a_sentence_that_is_there_twice_in_a_doubted_text_is_taken_once(ask):
    transcript, asked = ask(answer(f"{HALF} {HALF}", -0.8), seconds=10)
    assert (transcript.text, len(asked)) == (HALF, 1)


def test_a_longer_text_that_repeats_itself_does_not_replace_a_short_one(ask):
    found = [answer(HALF[:60]), stamped(f"{HALF[:40]} {HALF[:40]}", 10)]
    transcript, _ = ask(*found, *[answer(HALF[:30])] * 2, seconds=5.5)
    assert transcript.text == HALF[:60]


def test_a_text_with_a_phrase_twice_is_replaced_by_one_without(ask):
    found = [answer(f"{HALF} {HALF}"), stamped(HALF, 5), stamped("", 5)]
    assert ask(*found, seconds=5)[0].text == HALF


def at_the_end(share):
    """The place of all words after the first is the end: what is before them was left out."""
    return 0 if share < 0.03 else 0.8 + share / 5


def test_what_is_left_out_between_two_words_is_asked_for_by_itself(ask):
    found = [answer(f"And {OTHER}"), answer(f"And {HALF}")]
    transcript, asked = ask(*found, answer(HALF), seconds=6, oracle={"places": at_the_end})
    assert transcript.text == f"And {HALF} {OTHER}"
    assert asked[1].prompts == asked[0].prompts


@pytest.mark.parametrize(
    "heard", [answer("And"), answer(HALF, -0.9), answer(OTHER), answer("ha " * 40)]
)
def test_what_is_heard_there_is_left_out_if_it_is_no_more_or_doubted_or_said_beside_it(ask, heard):
    found = [answer(f"And {OTHER}"), heard, *[answer("Hm.", -0.9)] * 9]
    transcript, _ = ask(*found, seconds=6, oracle={"places": at_the_end})
    assert transcript.text == f"And {OTHER}"


class Bytes(Letters):
    """A tokenizer of bytes, of which a letter may have several."""

    def encode(self, text, add_special_tokens=False):
        return SimpleNamespace(ids=list(text.encode()))

    def decode(self, tokens):
        return bytes(token for token in tokens if token < 256).decode(errors="replace")


def test_in_speech_of_two_seconds_no_words_are_looked_for(ask):
    _, asked = ask(answer(f"And {OTHER}"), seconds=2, oracle={"places": at_the_end})
    assert len(asked) == 1


def six_seconds(decoder, language="en", **request):
    audio = np.resize(spoken(SENTENCES[0]), 6 * 16_000)
    return decoder.prepare(Request(audio, language, **request))


def test_letters_of_several_tokens_stay_whole_in_a_text_with_a_hole():
    texts = f"Kůň {OTHER}", f"Kůň {HALF} ů", f"{HALF} ů"
    answers = [answer(text.encode().decode("latin-1")) for text in texts]
    decoder = decoder_of(Oracle(answers, places=at_the_end), tokenizer=Bytes())
    (transcript,) = decoder.transcribe([six_seconds(decoder)])
    assert transcript.text == f"Kůň {HALF} ů {OTHER}"


def test_an_empty_text_in_a_batch_has_no_holes():
    decoder = decoder_of(Oracle([answer(""), enough(6), *[answer("")] * 9]))
    found = decoder.transcribe([six_seconds(decoder), six_seconds(decoder)])
    assert [bool(transcript.text) for transcript in found] == [False, True]


class InGerman(Oracle):
    """Leaves words out in German."""

    def align(self, shape, start, texts, frames):
        german = SPECIAL.index("<|de|>") + 1_000_000 in start
        self.places = at_the_end if german else lambda share: share
        return super().align(shape, start, texts, frames)


def test_each_text_of_a_batch_is_found_in_its_language():
    found = [answer(f"And {OTHER}"), answer(f"And {OTHER}"), answer(f"And {HALF}"), answer(HALF)]
    decoder = decoder_of(InGerman(found))
    batch = [six_seconds(decoder), six_seconds(decoder, "de")]
    texts = [transcript.text for transcript in decoder.transcribe(batch)]
    assert texts == [f"And {OTHER}", f"And {HALF} {OTHER}"]


def test_terms_are_compared_with_the_tokens_of_the_whole_text():
    said, meant = f"And {HALF} {OTHER}", f"And {HALF} {OTHER}".replace("bank", "bunk")
    found = [answer(f"And {OTHER}"), answer(f"And {HALF}"), *[answer("")] * 9]
    oracle = Oracle(found, places=at_the_end, likely={said: 0.5, meant: 0.001})
    decoder = decoder_of(oracle)
    prepared = six_seconds(decoder, terms=terms_of(("bunk",)))
    assert decoder.transcribe([prepared])[0].text == said


def fails(share):
    raise RuntimeError("CUDA out of memory")


def test_a_text_in_which_no_words_can_be_found_stays(ask):
    transcript, _ = ask(answer(f"And {OTHER}"), seconds=6, oracle={"places": fails})
    assert transcript.text == f"And {OTHER}"


def test_a_partial_has_no_words_looked_for(ask):
    _, asked = ask(answer(f"And {OTHER}"), seconds=6, final=False, oracle={"places": at_the_end})
    assert len(asked) == 1


def test_a_number_that_is_said_twice_stays(ask):
    twice = "1 0 0 0 1 9 0 2 1 0 " * 2
    transcript, asked = ask(answer(twice.strip()), seconds=6)
    assert (transcript.text, len(asked)) == (twice.strip(), 1)


@pytest.mark.parametrize(("final", "penalty"), [(False, AGAIN), (True, 1.0)])
def test_only_a_partial_is_kept_from_going_round_in_circles(ask, final, penalty):
    _, asked = ask(enough(2), final=final)
    assert asked[0].repetition_penalty == penalty


def test_a_partial_is_not_completed(ask):
    assert len(ask(answer("I have worked."), seconds=10, final=False)[1]) == 1


def test_what_is_probably_no_speech_is_not_completed(ask):
    transcript, asked = ask(answer("Thank you.", -1.2, no_speech=0.9), seconds=10)
    assert (transcript.text, len(asked)) == ("", 1)


def test_the_least_time_that_a_request_of_its_shape_took_is_the_usual_one():
    pace = Pace()
    assert pace.usual("short") == 0
    for seconds in (0.5, 0.3, 2.0):
        pace.took("short", seconds)
    assert (pace.usual("short"), pace.usual("long")) == (0.3, 0)


def test_as_many_requests_go_together_as_fit_into_a_time():
    pace = Pace()
    pace.took("short", 0.1)
    assert [pace.fitting("short", seconds, 4) for seconds in (0.05, 0.1, 0.25, 9)] == [1, 1, 2, 4]
    pace.took("short", 0.12, 2)
    assert pace.fitting("short", 0.18, 4) == 3
    pace.took("short", 0.5, 2)  # something disturbed it
    assert pace.fitting("short", 0.18, 4) == 3


def test_requests_of_a_new_shape_do_not_go_together():
    assert Pace().fitting("new", 9, 4) == 1


def test_a_transcript_says_how_long_one_usually_takes(ask):
    assert ask(answer("Yes."))[0].usual > 0


HEARD, SAID = "Give me a light roast macho.", "Give me a light roast mocha."


def with_terms(*terms, likely, heard=HEARD, places=lambda share: share, **request):
    oracle = Oracle([answer(heard)], likely=likely, places=places)
    request = Request(spoken(SENTENCES[0])[:32_000], "en", terms=terms_of(terms), **request)
    decoder = decoder_of(oracle)
    return decoder.transcribe([decoder.prepare(request)])[0].text


def test_a_term_is_preferred_to_words_that_sound_like_it_if_it_is_nearly_as_likely():
    assert with_terms("mocha", likely={HEARD: 0.5, SAID: 0.1}) == SAID
    assert with_terms("mocha", likely={HEARD: 0.5, SAID: 0.001}) == HEARD


def test_without_terms_or_in_a_partial_nothing_is_compared():
    likely = {HEARD: 0.5, SAID: 0.5}
    assert with_terms(likely=likely) == HEARD
    assert with_terms("mocha", likely=likely, final=False) == HEARD


def test_a_text_that_cannot_be_compared_stays():
    assert with_terms("mocha", likely={HEARD: 0.5, SAID: 0.5}, places=fails) == HEARD


def test_where_nothing_was_said_no_term_is_put():
    assert with_terms("mocha", likely={}, heard="...") == ""
