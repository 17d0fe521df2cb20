"""Reduce a language model's text to speech, once, before voice, record and captions get it. Pure.

Removed are reasoning, tool calls and template tokens (llm_markup.py), speakers' names, stage
directions, the director's note, markdown, and words that the model puts into the candidate's mouth.
The text is read one character at a time, so the pieces in which it arrives make no difference.
"""

import re

from ..language.english import ENGLISH
from ..language.language import Language
from .llm_markup import Markup
from .stage_directions import is_direction, may_be_direction

_HEADERS = {"assistant": True, "model": True, "user": False, "human": False}
"""Words that remain, alone on a line, of a template's header without its tokens; True for the
model's own turn."""
_LONGEST_LABEL = 60
"""Characters after which the start of a line cannot be a speaker's label any more."""
_LONGEST_MARK = 120
"""Characters between marks, such as asterisks, that are still taken together."""
_HEAD = re.compile(r"[*_(\[]*")
_BEHIND_NAME = re.compile(r"[\s*_]*(?:\([^()\n]*\)?|\[[^\[\]\n]*\]?)?[\s*_]*")
_RULE = re.compile(r"(?:-+|=+|_+|\*+)[ \t]*")
_BULLET = re.compile(r"(?:#{1,6}|[-+*•])[ \t]|>[ \t](?=\D)")
_BULLET_SO_FAR = re.compile(r"#{1,6}|[-+*•]|>[ \t]?")
_EMPHASIS = {n: re.compile(rf"(?<=[^\s*])\*{{{n}}}(?![\w*])") for n in (1, 2, 3)} | {
    0: re.compile(r"(?<=[^\s_])_(?!\w)")
}


class LlmSpeech:
    """The speech of one reply. Feed it the model's text as it comes."""

    def __init__(
        self, interviewer: str = "", candidate: str = "", language: Language = ENGLISH
    ) -> None:
        self._markup = Markup()
        self._lines = _Lines(interviewer, candidate, language)
        self._again = Markup()
        """A second pass, because leaving something out may join the rest into a tag."""

    @property
    def closed(self) -> bool:
        """Return True once nothing that follows is the interviewer's own."""
        return self._markup.closed or self._lines.closed or self._again.closed

    @property
    def reasoned(self) -> bool:
        """Return True if the model has written reasoning, which was left out."""
        return self._markup.reasoned

    @property
    def unopened(self) -> int:
        """Return how often reasoning ended that had no beginning; nothing before that was
        speech."""
        return self._markup.unopened

    def feed(self, piece: str) -> str:
        """Add a piece of text; return the speech that it completed. When `unopened` has grown, that
        is all the speech there is, and what was returned before was reasoning."""
        said = ""
        for character in piece:
            unopened = self.unopened
            text = self._markup.feed(character)
            if self.unopened > unopened:
                self._lines.begin()
                self._again = Markup()
                said = ""
            said += self._said(text)
            if self.closed:
                break
        return said

    def flush(self) -> str:
        """End the text; return what was still held back."""
        said = self._said(self._markup.flush())
        rest = "".join(map(self._again.feed, self._lines.flush()))
        return (said + rest + self._again.flush()).rstrip()

    def _said(self, text: str) -> str:
        lines = "".join(map(self._lines.feed, text))
        return "".join(map(self._again.feed, lines))


class _Lines:
    """Text without markup, in which lines and marks are still to be handled."""

    def __init__(self, interviewer: str, candidate: str, language: Language) -> None:
        self._name = interviewer
        self._known, self._directions = language.labels, language.directions
        self._own = frozenset((*self._known.own, *_names(interviewer)))
        self._theirs = frozenset((*self._known.theirs, *_names(candidate))) - self._own
        self._labels = (*self._own, *self._theirs, *self._known.notes, "next")
        self.closed = False
        self.begin()

    def begin(self) -> None:
        """Forget everything so far."""
        self._pending = ""
        self._last = ""
        self._line_begins = True
        self._skip = ""
        """Characters that are dropped if they come next."""
        self._note = ""
        """The last character of a note that is being left out."""

    def feed(self, character: str) -> str:
        if self.closed:
            return ""
        self._pending += character
        return self._settled(final=False)

    def flush(self) -> str:
        return "" if self.closed else self._settled(final=True)

    def _settled(self, *, final: bool) -> str:
        said = ""
        while self._pending and not self.closed:
            before = self._pending
            piece = self._step(final)
            if piece is None:
                break
            said += piece
            self._last = piece[-1:] or self._last
            assert piece or len(self._pending) < len(before) or self._line_begins is False
        return said

    def _step(self, final: bool) -> str | None:
        """Take something from the front; return None when that needs more text."""
        first = self._pending[0]
        if self._note:
            return self._leave_out_note(first)
        if first in self._skip or (not self._last and first.isspace()):
            if first.isspace():  # asterisks behind it begin something new
                self._skip = self._skip.replace("*_", "")
            return self._take(1, "")
        self._skip = ""
        if self._line_begins and not first.isspace():
            waits = self._line_start(final)
            if waits is None or waits or self.closed:
                return None if waits is None else ""
            self._line_begins = False
        if first == "\n":
            self._line_begins = True
        if first in "*_":
            return self._emphasis(final)
        if first in "([":
            return self._bracket(final)
        return self._take(1, "" if first == "`" else first)

    def _take(self, count: int, said: str) -> str:
        self._pending = self._pending[count:]
        return said

    def _leave_out_note(self, first: str) -> str:
        ended = first == "\n" or (first.isspace() and self._note in ".?!)]")
        self._note = "" if ended else first
        if ended:
            self._line_begins, self._skip = True, " \t\n"
        return self._take(1, "")

    # The start of a line

    def _line_start(self, final: bool) -> bool | None:
        """Handle the start of a line; return True if something was taken from it, None when that
        needs more text."""
        text = self._pending
        if mark := _BULLET.match(text):
            self._take(mark.end(), "")
            return True
        rule = _RULE.match(text)
        if rule and len(rule[0].rstrip()) > 2 and text[rule.end() :][:1] in ("\n", ""):
            if rule.end() == len(text) and not final:
                return None
            self._take(rule.end(), "")
            return True
        if not final and (_BULLET_SO_FAR.fullmatch(text) or _RULE.fullmatch(text)):
            return None
        return self._label(final)

    def _label(self, final: bool) -> bool | None:
        text = self._pending
        line, ended, rest = text.partition("\n")
        if line.rstrip() in _HEADERS and (ended or final):
            self.closed = not _HEADERS[line.rstrip()]
            self._take(len(text) - len(rest), "")
            self._skip = " \t\n"
            return True
        start = _HEAD.match(text).end()  # type: ignore[union-attr]
        head, colon, rest = text[start:].replace("：", ":", 1).partition(":")
        if len(head) > _LONGEST_LABEL or "\n" in head:
            return False
        if not colon:
            return None if not final and self._may_be_label(head) else False
        label = next((x for x in self._labels if _is_label(head, x)), "")
        bracketed = any(c in "([" for c in text[:start])
        if label == "next" or label in self._known.notes:
            return self._note_begins(label, rest, final)
        if not label or bracketed:
            return False
        if label in self._theirs:
            self.closed, self._pending = True, ""
            return True
        self._take(len(text) - len(rest), "")
        self._skip = "*_ \t"
        return True

    def _may_be_label(self, head: str) -> bool:
        folded = head.casefold()
        return any(x.startswith(folded) or _is_label(head, x) for x in self._labels)

    def _note_begins(self, label: str, rest: str, final: bool) -> bool | None:
        begun = rest.lstrip(" \t*_").casefold()
        if label == "next" and not begun.startswith(self._known.directed):
            waits = not final and any(x.startswith(begun) for x in self._known.directed)
            return None if waits else False
        self._take(len(self._pending) - len(rest), "")
        self._note = ":"
        return True

    # Marks

    def _emphasis(self, final: bool) -> str | None:
        """Remove the asterisks or underscores around words, and whole stage directions."""
        text = self._pending
        mark = text[0]
        run = len(text) - len(text.lstrip(mark))
        if run == len(text) and not final:
            return None
        opens = not self._last or self._last.isspace() or self._last in "([{\"'“‘—–-"
        inner = text[run : run + _LONGEST_MARK + run + 1]
        if (mark == "_" and run > 1) or run > 3 or not opens or not inner or inner[0].isspace():
            stray = run > 1 and mark == "*" and (not inner or inner[0].isspace()) and not opens
            return self._take(run, "" if stray else text[:run])
        line = inner.partition("\n")[0]
        closer = _EMPHASIS[0 if mark == "_" else run].search(line)
        if closer and (closer.end() < len(inner) or final):
            return self._unmarked(run, line[: closer.start()], closer.end())
        if not final and len(text) <= _LONGEST_MARK and "\n" not in inner:
            return None
        return self._take(run, text[:run])

    def _unmarked(self, before: int, inner: str, end: int) -> str:
        """Return the words between marks, which `before` characters precede."""
        rest = self._pending[before + end :]
        if is_direction(inner, self._directions, self._name):
            self._drop_direction(rest)
        else:
            self._pending = inner + rest
            self._line_begins = False
        return ""

    def _bracket(self, final: bool) -> str | None:
        text = self._pending
        closing = ")" if text[0] == "(" else "]"
        inner, closed, rest = text[1:].partition(closing)
        if closed and is_direction(inner, self._directions, self._name):
            self._drop_direction(rest)
            return ""
        if (
            closing == "]"
            and not self._last.isalnum()
            and "\n" not in inner
            and len(inner) <= _LONGEST_MARK
        ):
            if (not closed or not rest) and not final:
                return None
            if closed and rest[:1] == "(":
                return self._link(inner, rest, final)
        elif not closed and not final and may_be_direction(inner, self._directions, self._name):
            return None
        return self._take(1, text[0])

    def _link(self, inner: str, rest: str, final: bool) -> str | None:
        """Reduce a link, [words](address), to its words."""
        address, closed, behind = rest[1:].partition(")")
        if not closed and not final and len(address) < 2 * _LONGEST_MARK and "\n" not in address:
            return None
        if not closed or (" " in address.strip() and "://" not in address):
            return self._take(1, "[")
        self._pending = inner + behind
        return ""

    def _drop_direction(self, rest: str) -> None:
        self._pending = rest
        self._line_begins = not self._last or self._last == "\n"
        self._skip = " \t" if not self._last or self._last.isspace() else ""


def _names(person: str) -> list[str]:
    """Return the name, and the first one of several."""
    words = person.casefold().split()
    named = words[:1] != ["the"]
    return [" ".join(words), words[0]] if words and named else []


def _is_label(head: str, label: str) -> bool:
    folded = head.casefold()
    return folded.startswith(label) and bool(_BEHIND_NAME.fullmatch(folded[len(label) :]))
