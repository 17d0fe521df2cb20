"""Remove what a language model writes for machines: reasoning, tool calls, template tokens. Pure.

The text is read one character at a time, so the pieces in which it arrives make no difference.
"""

import re
from dataclasses import dataclass

_LONGEST_TAG = 100
"""Characters after which an opening bracket is not taken for a tag any more."""
_THOUGHTS = frozenset(
    "think thinking thought thoughts reason reasoning reflection reflect analysis scratchpad "
    "inner_monologue internal_monologue".split()
)
"""Names of tags around a model's reasoning."""
_TOOLS = frozenset(
    "tool_call tool_calls tool_code tool_response tool_result tool_results function function_call "
    "function_calls tools tool_calls_section available_tools invoke inst sys system_prompt".split()
)
"""Names of tags around text for a program, or around an invented turn of the other side."""
_TURN_ENDS = frozenset(
    "im_end eot eot_id eom_id end_of_turn end_of_turn_token endoftext end_of_text end_of_sentence "
    "end return call eos eod".split()
)
"""Names of the tokens that end a turn in chat templates: im_end of ChatML, eot_id of Llama 3,
end_of_turn of Gemma, and others."""
_HEADERS = frozenset("im_start start_of_turn start_of_turn_token start_header_id start".split())
"""Names of the tokens that begin a turn; its speaker follows. Of the same templates."""
_HEADER_ENDS = frozenset("message end_header_id im_sep header_end".split())
"""Names of the tokens between the speaker and the text."""
_OTHERS = frozenset("user human system tool".split())
_BRACKETED = frozenset(
    "inst tool_calls think tool_results available_tools system_prompt bos eos".split()
)
"""Names of tags in square brackets, as Mistral's templates have them; other brackets are text."""
_EDGE = re.compile(
    r"(?:start|begin)_(?:of_)?(?P<open>.+)|(?P<opens>.+)_(?:begin|start)"
    r"|end_(?:of_)?(?P<close>.+)|(?P<closes>.+)_end"
)
_TAG_SO_FAR = re.compile(
    r"<</?S?Y?S?>?|<(?:[|｜][^<>\n]*|/?(?:[A-Za-z][\w:.-]*(?:=[^<>\s]*)?"
    r"(?:\s+(?:[\w:-]*|[\w:-]+\s*=[^<>]*))?\s*/?)?)"
    r"|\[/?[A-Z_]*"
    r"|◁/?[a-z]*"
    r"|`{1,2}"
)
_TAG_ENDS = frozenset(">]▷")


@dataclass(frozen=True, slots=True)
class _Tag:
    name: str
    closing: bool


class Markup:
    """Removes the markup of one reply. `closed`: the model has begun another turn, so nothing that
    follows is its own. `reasoned`: reasoning was left out. `unopened`: how often reasoning ended
    that had no beginning, so that the text before it was not speech."""

    def __init__(self) -> None:
        self.closed = False
        self.reasoned = False
        self.unopened = 0
        self._tag = ""
        self._until: str | None = None
        """Text that ends what is being left out; None in speech."""
        self._header = ""
        self._before = ""
        """The last character of speech."""
        self._spoken = False
        self._angle = False
        """True if speech has a bracket that could become a tag with what follows."""

    def feed(self, character: str) -> str:
        """Add a character; return the speech that it completed."""
        if self.closed or character == "\ufeff":
            return ""
        if not self._tag and character not in "<[◁`":
            return self._text(character)
        whole = self._tag + character
        if whole == "```":
            self._tag = ""
            self._until = None if self._until == "```" else self._until or "```"
            return ""
        if self._tag and character in _TAG_ENDS and len(whole) > 2 and _begins_tag(self._tag):
            if whole.startswith("<<") and not whole.endswith(">>"):
                self._tag = whole
                return ""
            self._tag = ""
            return self._tagged(whole)
        if len(whole) <= _LONGEST_TAG and _begins_tag(whole):
            self._tag = whole
            return ""
        self._tag = ""
        return self._text(whole[0]) + "".join(map(self.feed, whole[1:]))

    def flush(self) -> str:
        """End the text; return what was still held back."""
        rest, self._tag = self._tag, ""
        return "" if self.closed or _is_cut_off(rest) else self._text(rest)

    def _text(self, text: str) -> str:
        if self._until is None:
            for character in text:
                self._angle = character in "<[◁" or (self._angle and not _divides(character))
            self._before = text[-1:] or self._before
            self._spoken = self._spoken or bool(text.strip())
            return text
        if self._until in ("header", "channel"):
            self._header += text
            if self._until == "header" and "\n" in text:
                self._end_header()
        elif self._until == "line" and "\n" in text:
            self._until = None
        return ""

    def _tagged(self, whole: str) -> str:
        tag = _read(whole)
        if whole[0] == "[" and tag.name not in _BRACKETED:
            return self._text(whole)
        known = self._known(tag, whole)
        # List<String>: what follows a word directly and is no model's tag is a program's type.
        generic = not known and self._before.isalnum() and whole[1].isalpha()
        if self._until is not None or self.closed:
            return ""
        return self._text(whole if generic else " " * self._angle)

    def _known(self, tag: _Tag, whole: str) -> bool:
        """Act on a tag; return True if it is one of a language model's."""
        name = tag.name
        if name in _THOUGHTS:
            self._thought(closing=tag.closing)
        elif self._until in ("thought", "```") and name not in _TURN_ENDS | _HEADERS | {"channel"}:
            return True
        elif name in ("tool_calls", "python_tag") and whole[0] in "[<" and not tag.closing:
            self._until = "line" if whole[0] == "[" or name == "python_tag" else name
        elif name in _TOOLS:
            if not tag.closing:
                self._until = self._until or name
            elif self._until in (name, None):
                self._until = None
        else:
            return self._turn(tag, whole)
        return True

    def _thought(self, *, closing: bool) -> None:
        self.reasoned = True
        if closing and self._until is None:
            self.unopened += 1
            self._spoken = False
        self._until = None if closing else "thought"

    def _turn(self, tag: _Tag, whole: str) -> bool:
        """Act on a separator of turns or channels; return True if it is one."""
        name, token = tag.name, whole[1] in "|｜"
        if name == "channel" or name in _HEADERS:
            harmony = name in ("channel", "start")
            self._header, self._until = "", "channel" if harmony else "header"
        elif name in _HEADER_ENDS and token:
            self._end_header()
        elif name in _TURN_ENDS or (name == "s" and tag.closing):
            self.closed = self._spoken
            self._until = None
        elif token and name.removesuffix("_token") in _OTHERS:
            self.closed = True
        else:
            return token or name in ("s", "bos", "pad", "unk")
        return True

    def _end_header(self) -> None:
        header = self._header.strip().casefold()
        internal = self._until == "channel" and header.startswith(("analysis", "commentary"))
        self._until = "thought" if internal else None
        self.reasoned = self.reasoned or internal
        self.closed = header.startswith(tuple(_OTHERS))


def _begins_tag(text: str) -> bool:
    return _TAG_SO_FAR.fullmatch(text) is not None


def _divides(character: str) -> bool:
    return character.isspace() or character in _TAG_ENDS


def _is_cut_off(rest: str) -> bool:
    """Return True if a text ended within a tag that can only have been a model's."""
    return rest.startswith(("<|", "<｜", "</", "[/")) or (len(rest) > 2 and rest[0] == "◁")


def _read(whole: str) -> _Tag:
    inner = whole.strip("<>[]◁▷").replace("｜", "|").replace("▁", "_").strip("|")
    closing = inner.startswith("/")
    name = re.split(r"[\s=/]", inner.lstrip("/"), maxsplit=1)[0].casefold().rpartition(":")[2]
    edge = None if name in _TURN_ENDS | _HEADERS | _HEADER_ENDS else _EDGE.fullmatch(name)
    if edge:
        opened, closed = edge["open"] or edge["opens"], edge["close"] or edge["closes"]
        stem = opened or closed
        if stem in _THOUGHTS | _TOOLS:
            return _Tag(stem, bool(closed))
    return _Tag(name, closing)
