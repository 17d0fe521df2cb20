"""Have a model rate an answer in the form that the starter interviewer was trained on: a score,
remarks and a quotation in the model's own writing, which is compared with the answer."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from models.contracts import Llm, Message

from ..interview.plan import one_line
from ..matching import breaks_off, placed_words, quotes
from .opinion import REMARK_CHARACTERS, REMARKS, NotUsable, Opinion, remarks
from .sentences import without_halves

SYSTEM = "You assess interview answers."
"""Letter for letter as in training; such a model gains nothing from further cautions."""
EVIDENCE_CHARACTERS = 200
SHORT_EVIDENCE_CHARACTERS = 40
MAX_TOKENS = 240
"""Maximum tokens of the form that the model fills in."""
_REMARK: Mapping[str, Any] = {
    "type": "array",
    "items": {"type": "string", "minLength": 1, "maxLength": REMARK_CHARACTERS},
    "maxItems": REMARKS,
}


class _Written(msgspec.Struct, frozen=True):
    """The form as the model filled it in."""

    score: int
    strengths: list[str]
    improvements: list[str]
    evidence: str


async def rate(
    llm: Llm, question: str, rubric: str, said: Sequence[str], *, short: bool = False
) -> Opinion:
    """Have the model rate an answer of these sentences, with a `short` quotation if that is all
    that it can copy. Raises `NotUsable`, `EngineError`."""
    answer = " ".join(said)
    content = f"Question: {question}\nAnswer: {answer}\nRubric: {rubric}"
    messages = [Message("system", SYSTEM), Message("user", content)]
    written = _decoded(await llm.fill(messages, schema(short=short), max_tokens=MAX_TOKENS))
    if not 0 <= written.score <= 100:
        raise NotUsable("unusable", "score")
    evidence = _cited(one_line(written.evidence)[:EVIDENCE_CHARACTERS], answer)
    if not evidence:
        raise NotUsable("no_evidence", "it cites words that were not said")
    return Opinion(
        written.score, (evidence,), remarks(written.strengths), remarks(written.improvements)
    )


def schema(*, short: bool) -> Mapping[str, Any]:
    longest = SHORT_EVIDENCE_CHARACTERS if short else EVIDENCE_CHARACTERS
    return {
        "type": "object",
        "properties": {
            "score": {"type": "integer", "minimum": 0, "maximum": 100},
            "strengths": _REMARK,
            "improvements": _REMARK,
            "evidence": {"type": "string", "minLength": 1, "maxLength": longest},
        },
        "required": ["score", "strengths", "improvements", "evidence"],
        "additionalProperties": False,
    }


def _decoded(written: str) -> _Written:
    try:
        return msgspec.json.decode(written, type=_Written)
    except (msgspec.MsgspecError, UnicodeError) as exc:
        # The kind of fault, and for a wrong type the field; never the text itself.
        wrong = isinstance(exc, msgspec.ValidationError) and " - at `$" in str(exc)
        raise NotUsable("unusable", str(exc) if wrong else type(exc).__name__) from exc


def _cited(evidence: str, read: str) -> str:
    """Return the cited words if they were said. The last word is left out if it was broken off,
    because the form, or the room for a citation, ended within it; where words have no space between
    them, all of it is cited."""
    if quotes(evidence, read):
        return without_halves(evidence, read)
    *_, end = [0, *(word.end for word in placed_words(evidence)[:-1])]
    whole = evidence[:end]
    broken = breaks_off(evidence, read) and quotes(whole, read)
    return without_halves(whole, read) if broken else ""
