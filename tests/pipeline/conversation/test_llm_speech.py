"""What a language model writes, made speech."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.conversation.llm_speech import LlmSpeech

QUESTION = "What did you build last?"
SPEECH = f"Thank you. {QUESTION}"
THOUGHT = "Okay, this is weak. I will ask.\n"


def cleaned(*pieces: str) -> str:
    speech = LlmSpeech("Alex", "Maria Silva")
    said = ""
    for piece in pieces:
        unopened = speech.unopened
        more = speech.feed(piece)
        said = more if speech.unopened > unopened else said + more
        if speech.closed:
            break
    return (said + speech.flush()).rstrip()


@pytest.mark.parametrize(
    "text",
    [
        SPEECH,
        "Do you know C++ (or Rust)?",
        "What is 5 * 3?",
        "What do *args and **kwargs mean?",
        "What is f(*args, **kwargs)?",
        "Next, tell me about it.",
        "Next: why do you want this job?",
        "Dear candidate: welcome.",
        "Is a < b here, and b > c?",
        "What does x<y and z mean?",
        "What is a List<String> or Map<String, Integer>?",
        "It has [square] brackets (and round ones).",
        "Why snake_case and __init__?",
        "Candidate experience: what is it?",
        "Human resources: why?",
        "Alexander: who was he?",
        "Is a[0](x) a call? At 3:30?",
        "(Looks like Go, which pauses threads.) Why?",
        "Have you used the [API]?",
    ],
)
def test_honest_speech_stays_as_it_is(text: str) -> None:
    assert cleaned(text) == text


BEFORE = [
    "assistant\n\n",  # a template's header without its tokens
    "assistant \n",
    "model\n",
    f"<think>\n{THOUGHT}</think>\n\n",
    f"{THOUGHT}</think>\n\n",
    f"<thinking>{THOUGHT}</thinking>",
    f'<reasoning effort="low">{THOUGHT}</reasoning>',
    f"<reflection>{THOUGHT}</reflection>",
    f"<seed:think>{THOUGHT}</seed:think>",
    f"[THINK]{THOUGHT}[/THINK]",
    f"◁think▷{THOUGHT}◁/think▷",
    f"<|START_THINKING|>{THOUGHT}<|END_THINKING|>",
    f"<|begin_of_thought|>{THOUGHT}<|end_of_thought|>",
    f"<|channel|>analysis<|message|>{THOUGHT}<|end|><|start|>assistant<|channel|>final<|message|>",
    '<tool_call>{"name": "next", "arguments": {}}</tool_call>',
    '[TOOL_CALLS][{"name": "next"}]\n',
    "<｜tool▁calls▁begin｜>next<｜tool▁calls▁end｜>",
    "<function=next>{}</function>",
    "[INST]Go on.[/INST]",
    "<<SYS>>Rules<</SYS>>",
    "<start_of_turn>model\n",
    "<|im_start|>assistant\n",
    "<|start_header_id|>assistant<|end_header_id|>\n\n",
    "<s>",
    "</s>",
    "\ufeff",
    "Alex: ",
    "**Interviewer:** ",
    "**Alex**: ",
    "Interviewer (Alex): ",
    "Assistant: ",
    "*nods and smiles* ",
    "(pauses) ",
    "[laughs] ",
    "(smiling warmly) ",
    "*leans forward* Alex: ",
    "**Alex:** *nods* ",
    "Next: acknowledge the answer. ",
    "(Next: acknowledge the answer.) ",
    "## ",
    "- ",
    "---\n",
    "```json\n{}\n```\n",
]
BEHIND = [
    "\nuser\nI built a shop.",
    "\n\nhuman\n\nI built a shop.",
    "\nuser",
    "<|im_end|><|im_start|>user\nI built a shop.",
    "<|eot_id|>I built a shop.",
    "</s>I built a shop.",
    "<end_of_turn>\n<start_of_turn>user\nA shop.",
    "<|user|>A shop.",
    "<|return|>",
    "\nCandidate: I built a shop.\nAlex: Great.",
    "\n**Candidate:** A shop.",
    "\nMaria: A shop.",
    "\nMaria Silva: A shop.",
    "\nUser: A shop.",
    "\nHuman: A shop.",
    " (pauses)",
    " *smiles*",
    "<|im_",
]


@pytest.mark.parametrize("before", BEFORE)
def test_what_is_no_speech_goes_from_the_front(before: str) -> None:
    assert cleaned(before + SPEECH) == SPEECH


@pytest.mark.parametrize("behind", BEHIND)
def test_what_is_no_speech_goes_from_the_end(behind: str) -> None:
    assert cleaned(SPEECH + behind) == SPEECH


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("**Great!** Tell me _more_ about `asyncio`.", "Great! Tell me more about asyncio."),
        ("## Question\n- one\n* two", "Question\none\ntwo"),
        ("See [our page](https://example.org/a?b=c).", "See our page."),
        ("Thank you. (pauses) Go on.", "Thank you. Go on."),
        ("This is *really* good.", "This is really good."),
    ],
)
def test_markdown_leaves_its_words(written: str, said: str) -> None:
    assert cleaned(written) == said


MARKS = list("a \n<>[]()*_`:|/#-")
WORDS = "<think> </think> ink> <th think nods Alex Next".split()
PARTS = st.sampled_from([*BEFORE, *BEHIND, SPEECH, *MARKS, *WORDS])
TEXTS = st.lists(PARTS, max_size=12).map("".join)


@given(TEXTS, st.data())
def test_how_the_text_was_cut_makes_no_difference(text: str, data: st.DataObject) -> None:
    places = data.draw(st.lists(st.integers(0, len(text)), max_size=8).map(sorted))
    pieces = [text[a:b] for a, b in zip([0, *places], [*places, len(text)], strict=True)]
    assert cleaned(*pieces) == cleaned(text)


@given(TEXTS)
def test_no_tag_is_left(text: str) -> None:
    assert not re.search(r"</?think>|<\|[^<>\n ]*\|>|\[/?THINK\]|</?s>", cleaned(text))


PLAIN = st.from_regex(r"[A-Z][a-z]{0,8}([,;]? [a-z']{1,9}){0,12}[.?!]", fullmatch=True)


@given(st.lists(PLAIN, min_size=1, max_size=4).map(" ".join))
def test_plain_speech_passes_unchanged(text: str) -> None:
    assert cleaned(text) == text
