"""Template shapes as they occur in GGUF files, written for these tests."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.llama.chat_template import Notes, TemplateUnusable, learn


def one_line(template):
    return "".join(line.strip() for line in template.splitlines())


CHATML = (
    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
DATED = one_line(r"""{{- bos_token }}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content'] | trim %}
    {%- set messages = messages[1:] %}
{%- else %}{%- set system_message = '' %}{%- endif %}
{{- '<|header|>system<|/header|>\n\nToday: ' + strftime_now('%d %b %Y') + '\n\n' }}
{{- system_message + '<|eot|>' }}
{%- for m in messages %}
{{- '<|header|>' + m['role'] + '<|/header|>\n\n' + m['content'] | trim + '<|eot|>' }}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|header|>assistant<|/header|>\n\n' }}{%- endif %}""")
ALTERNATING = one_line(r"""{{ bos_token }}{% if messages[0]['role'] == 'system' %}
{{ raise_exception('System role not supported') }}{% endif %}
{% for m in messages %}{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}
{{ raise_exception('Roles must alternate') }}{% endif %}
{% set role = 'model' if m['role'] == 'assistant' else m['role'] %}
{{ '<turn>' + role + '\n' + m['content'] | trim + '<end>\n' }}{% endfor %}
{% if add_generation_prompt %}{{ '<turn>model\n' }}{% endif %}""")
SYSTEM_IN_FIRST = one_line(r"""{{ bos_token }}{% if messages[0]['role'] == 'system' %}
{% set opening = messages[0]['content'] + '\n\n' %}{% set rest = messages[1:] %}
{% else %}{% set opening = '' %}{% set rest = messages %}{% endif %}
{% for m in rest %}{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}
{{ raise_exception('Roles must alternate') }}{% endif %}
{{ '<turn>' + m['role'] + '\n' + (opening if loop.first else '') + m['content'] + '<end>\n' }}
{% endfor %}{% if add_generation_prompt %}{{ '<turn>assistant\n' }}{% endif %}""")
SYSTEM_IN_LAST = one_line(r"""{{ bos_token }}{% if messages[0]['role'] == 'system' %}
{% set system = messages[0]['content'] %}{% set rest = messages[1:] %}
{% else %}{% set rest = messages %}{% endif %}
{% for m in rest %}{% if m['role'] == 'user' %}
{% if loop.last and system is defined %}{{ '[INST] ' + system + '\n\n' + m['content'] + '[/INST]' }}
{% else %}{{ '[INST] ' + m['content'] + '[/INST]' }}{% endif %}
{% elif m['role'] == 'assistant' %}{{ ' ' + m['content'] + eos_token }}
{% else %}{{ raise_exception('Only user and assistant') }}{% endif %}{% endfor %}""")
THINKING = one_line(r"""{% set ns = namespace(last=0) %}
{% for m in messages %}{% if m.role == 'user' %}{% set ns.last = loop.index0 %}{% endif %}
{% endfor %}
{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' }}
{% if m.role == 'assistant' and loop.index0 > ns.last %}{{ '<think>\n\n</think>\n\n' }}{% endif %}
{{ m.content.split('</think>')[-1].lstrip('\n') + '<|im_end|>\n' }}{% endfor %}
{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}
{% if enable_thinking is defined and enable_thinking is false %}{{ '<think>\n\n</think>\n\n' }}
{% endif %}{% endif %}""")


def composed(shape, *turns):
    """The whole prompt of a reply to these turns, written as 'role: content'."""
    text, before = "", None
    for index, turn in enumerate(turns):
        given_role, content = turn.split(": ", 1)
        role = shape.role(index, given_role)
        text += shape.joints[before, role] + content
        before = role
    return text + shape.joints[before, "assistant"]


def test_chatml_is_composed_as_the_template_renders_it():
    assert composed(learn(CHATML), "system: Be kind.", "system: Next: greet.") == (
        "<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>system\nNext: greet.<|im_end|>\n"
        "<|im_start|>assistant\n"
    )


ROLES = st.lists(st.sampled_from(["system", "user"]), min_size=1, max_size=8)


@given(ROLES, st.booleans())
def test_any_conversation_in_chatml_is_composed_as_rendered(roles, answered):
    roles = [*roles, "assistant", "user"] if answered else roles
    turns = [f"{role}: text {n}" for n, role in enumerate(roles)]
    rendered = "".join(f"<|im_start|>{role}\ntext {n}<|im_end|>\n" for n, role in enumerate(roles))
    assert composed(learn(CHATML), *turns) == rendered + "<|im_start|>assistant\n"


def test_a_date_in_the_template_is_read_once():
    shape = learn(DATED, bos="<s>")
    assert shape.notes is Notes.OWN_MESSAGE
    assert shape.joints[None, "system"].startswith("<s><|header|>system<|/header|>\n\nToday: ")
    assert shape.joints["user", "system"] == "<|eot|><|header|>system<|/header|>\n\n"


def test_where_system_messages_are_refused_all_goes_to_the_user():
    shape = learn(ALTERNATING, bos="<s>")
    assert shape.notes is Notes.ALL_IN_USER
    prompt = composed(
        shape, "system: Be kind.", "system: Greet.", "assistant: Hi.", "user: Yes.", "system: Ask."
    )
    assert prompt == (
        "<s><turn>user\nBe kind.\n\nGreet.<end>\n<turn>model\nHi.<end>\n"
        "<turn>user\nYes.\n\nAsk.<end>\n<turn>model\n"
    )


def test_where_a_system_message_may_only_come_first_notes_join_the_user():
    shape = learn(SYSTEM_IN_FIRST)
    assert shape.notes is Notes.NOTES_IN_USER
    prompt = composed(shape, "system: Be kind.", "user: Hello.", "system: Greet.")
    assert prompt == "<turn>user\nBe kind.\n\nHello.\n\nGreet.<end>\n<turn>assistant\n"
    assert composed(shape, "system: Be kind.", "system: Greet.") == (
        "<turn>user\nBe kind.\n\nGreet.<end>\n<turn>assistant\n"
    )


def test_a_system_message_that_moves_to_the_last_turn_would_change_the_past():
    shape = learn(SYSTEM_IN_LAST, bos="<s>", eos="</s>")
    assert shape.notes is Notes.ALL_IN_USER
    prompt = composed(shape, "system: Be kind.", "user: Hello.", "assistant: Hi.", "user: Well.")
    assert prompt == "<s>[INST] Be kind.\n\nHello.[/INST]Hi.</s>[INST] Well.[/INST]"


def test_an_old_turn_keeps_the_empty_thought_it_was_generated_after():
    shape = learn(THINKING)
    assert shape.notes is Notes.OWN_MESSAGE
    assert shape.joints["user", "assistant"].endswith("assistant\n<think>\n\n</think>\n\n")
    assert shape.joints["assistant", "user"] == "<|im_end|>\n<|im_start|>user\n"


def test_the_marks_of_a_trainer_mean_nothing():
    marked = CHATML.replace("m['content'] +", "m['content'] }}{% generation %}{{").replace(
        "'<|im_end|>\n' }}", "'<|im_end|>\n' }}{% endgeneration %}"
    )
    assert learn(marked) == learn(CHATML)


@pytest.mark.parametrize(
    "source", ["{{ messages[0]['content'] ", "no message at all", "{{ raise_exception('no') }}"]
)
def test_a_template_that_renders_no_conversation_is_unusable(source):
    with pytest.raises(TemplateUnusable):
        learn(source)


def test_a_template_cannot_reach_out_of_its_sandbox():
    with pytest.raises(TemplateUnusable):
        learn("{{ messages.__class__.__mro__[1].__subclasses__() }}" + CHATML)
