"""Learn what a model's chat template puts around the messages, once, when the model is loaded.

A template is a program that renders a whole conversation, and many of them render an old turn
differently once a newer one follows, so that nothing computed before can be kept. It is therefore
never run on a conversation: at load time it renders probes, whose contents are placeholders, and
the text it puts between two neighbouring messages is kept as the `joint` of their roles. A prompt
is then joints and contents in turn, and can only grow at its end.

Templates differ in the system messages they take. The first of three ways that works is used:

1. `OWN_MESSAGE`: a system message may stand anywhere (ChatML, Llama 3, Phi).
2. `NOTES_IN_USER`: only the first message may be one (Gemma 3, Llama 2). A later one, a
   director's note, is joined to the user message before it.
3. `ALL_IN_USER`: there are none, or they move about (Gemma 1 and 2, Mistral). The first one opens
   the first user message.
"""

import enum
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import jinja2
import jinja2.ext
from jinja2.sandbox import ImmutableSandboxedEnvironment

Role = Literal["system", "user", "assistant"]
Pair = tuple[Role | None, Role]
Render = Callable[[Sequence[Role], bool], str]

PARAGRAPH = "\n\n"
"""Separator between texts that are joined into one user message."""


class TemplateUnusable(ValueError):
    """The template cannot render any of the conversations that occur in an interview."""


class Notes(enum.StrEnum):
    """The place of system messages in a conversation."""

    OWN_MESSAGE = "own message"
    NOTES_IN_USER = "notes in the user message"
    ALL_IN_USER = "all in the user message"


@dataclass(frozen=True, slots=True)
class ChatShape:
    """The text between two neighbouring messages, by their roles; the role before the first message
    is None. A reply is generated right after the joint to an assistant message."""

    joints: Mapping[Pair, str]
    notes: Notes

    def role(self, index: int, role: Role) -> Role:
        """Return the role under which the message at `index` of a conversation is rendered."""
        if role != "system" or self.notes is Notes.OWN_MESSAGE:
            return role
        return "system" if index == 0 and self.notes is Notes.NOTES_IN_USER else "user"


def learn(source: str, *, bos: str = "", eos: str = "") -> ChatShape:
    """Learn from a chat template (Jinja, as in a GGUF file) what it puts around messages. Raises
    `TemplateUnusable`."""
    render = _compiled(source, bos, eos)
    for notes, probes in _PROBES.items():
        try:
            joints = {pair: _joint(render, roles) for pair, roles in probes.items()}
            _joint(render, _LONGEST[notes])
        except (jinja2.TemplateError, TypeError, ValueError, LookupError, AttributeError):
            continue  # refused or lost a message: not this way
        return ChatShape(_completed(joints, notes), notes)
    raise TemplateUnusable("the chat template renders no conversation with a user")


def _roles(initials: str) -> tuple[Role, ...]:
    names: dict[str, Role] = {"s": "system", "u": "user", "a": "assistant"}
    return tuple(names[initial] for initial in initials)


def _probe_pairs(*conversations: str) -> dict[Pair, tuple[Role, ...]]:
    """Return, for each pair of neighbouring roles, the shortest natural conversation that ends with
    it."""
    probes = [_roles(initials) for initials in conversations]
    return {((roles[-2] if len(roles) > 1 else None), roles[-1]): roles for roles in probes}


_PROBES = {
    Notes.OWN_MESSAGE: _probe_pairs(
        "s", "u", "ss", "su", "sus", "suu", "suas", "suau", "susa", "sua"
    ),
    Notes.NOTES_IN_USER: _probe_pairs("s", "u", "su", "suau", "sua"),
    Notes.ALL_IN_USER: _probe_pairs("u", "uau", "ua"),
}
_LONGEST = {
    Notes.OWN_MESSAGE: _roles("ssausasususasu"),
    Notes.NOTES_IN_USER: _roles("suauauau"),
    Notes.ALL_IN_USER: _roles("uauauau"),
}


def _placeholder(index: int) -> str:
    """Return a placeholder of private-use characters, which no template trims, splits or looks
    for."""
    return f"\ue000{index}\ue001"


def _joint(render: Render, roles: Sequence[Role]) -> str:
    """Return what is rendered before the last message. The joint to an assistant message is taken
    from the generation prompt, because history may be rendered differently (without an empty
    thought)."""
    *before, last = roles
    generation = last == "assistant"
    text = render(before if generation else _followed(roles), generation)
    position = 0
    for index in range(len(before)):
        position = text.index(_placeholder(index), position) + len(_placeholder(index))
        if text.count(_placeholder(index)) != 1:
            raise ValueError("a message is rendered twice")
    return text[position:] if generation else text[position : text.index(_placeholder(len(before)))]


def _followed(roles: Sequence[Role]) -> Sequence[Role]:
    """Complete a lone system message with a user's, because no template expects it alone."""
    return [*roles, "user"] if set(roles) == {"system"} else roles


def _completed(joints: dict[Pair, str], notes: Notes) -> dict[Pair, str]:
    """Add the joints of neighbours that no template is asked about."""
    greeting = joints[("user", "assistant")]
    complete: dict[Pair, str] = {
        (None, "assistant"): joints[(None, "user")] + greeting,
        ("assistant", "assistant"): " ",  # goes on with what it said
    }
    if notes is not Notes.OWN_MESSAGE:
        complete[("user", "user")] = PARAGRAPH
    if notes is Notes.NOTES_IN_USER:
        complete[("system", "assistant")] = joints[("system", "user")] + greeting
    return complete | joints


class _Generation(jinja2.ext.Extension):
    """Support for `{% generation %}`, which marks what a model is trained on and means nothing
    here."""

    tags = {"generation"}  # noqa: RUF012 -- as the library declares it

    def parse(self, parser: jinja2.parser.Parser) -> list[jinja2.nodes.Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


def _refuse(reason: str = "") -> None:
    raise jinja2.TemplateError(reason)


def _as_json(value: Any, indent: int | None = None, **_: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _compiled(source: str, bos: str, eos: str) -> Render:
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[jinja2.ext.loopcontrols, _Generation]
    )
    environment.filters["tojson"] = _as_json
    environment.globals.update(
        bos_token=bos,
        eos_token=eos,
        raise_exception=_refuse,
        strftime_now=lambda form: datetime.now().strftime(form),
        enable_thinking=False,
        tools=None,
    )
    try:
        template = environment.from_string(source)
    except jinja2.TemplateError as exc:
        raise TemplateUnusable(f"the chat template cannot be read: {exc}") from exc

    def render(roles: Sequence[Role], generation: bool) -> str:
        messages = [
            {"role": role, "content": _placeholder(index)} for index, role in enumerate(roles)
        ]
        return template.render(messages=messages, add_generation_prompt=generation)

    return render
