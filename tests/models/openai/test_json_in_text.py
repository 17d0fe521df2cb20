"""The form in what a language model wrote around it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.openai.json_in_text import json_in

SCHEMA = {"type": "object", "required": ["score", "evidence"]}
FORM = {"score": 70, "evidence": "a {shop} ```"}
WRITTEN = json.dumps(FORM)


@pytest.mark.parametrize(
    "text",
    [
        WRITTEN,
        f"```json\n{WRITTEN}\n```",
        f"```\n{WRITTEN}\n```\nI hope this helps.",
        f"\ufeff{WRITTEN}",
        f"<think>\nhm {{\n</think>\n\n{WRITTEN}",
        f'<think>First {{"score": 1, "evidence": "x"}}.</think>{WRITTEN}',
        f"hm\n</think>\n{WRITTEN}",
        f"Here is the form: {WRITTEN} Is it right?",
        f"<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>{WRITTEN}",
        f"[THINK]hm[/THINK]{WRITTEN}",
        f'{{"note": 1}} {WRITTEN} {{}}',
    ],
)
def test_the_form_is_found(text):
    found = json_in(text, SCHEMA)
    assert found is not None
    assert json.loads(found) == FORM


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no",
        '{"score": ',
        '```json\n{"score": 1}\n```',
        f"<think>{WRITTEN}</think> I cannot.",
        "{" * 5000,
    ],
)
def test_what_is_no_whole_form_is_none(text):
    assert json_in(text, SCHEMA) is None


@given(st.text())
def test_any_text_can_be_looked_at(text):
    json_in(text, SCHEMA)
