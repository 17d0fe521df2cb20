"""The interviews that language models are measured with: varied, and found nowhere else."""

from collections.abc import Iterator
from pathlib import Path

from pipeline.interview.plan import validated
from pipeline.matching import words
from scripts.measure import held_out
from scripts.measure.held_out import KINDS, interviews, jobs, texts

ROOT = Path(__file__).parents[3]
RUN = 8
"""Words in a row that two texts have in common only if one was copied from the other."""


def runs(text: str, length: int = RUN) -> Iterator[tuple[str, ...]]:
    spoken = words(text)
    return (tuple(spoken[n : n + length]) for n in range(len(spoken) - length + 1))


def elsewhere() -> Iterator[Path]:
    """Everything that training text and prompts are made of."""
    for folder in ("models", "pipeline", "service", "scripts/starter"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in {".py", ".txt", ".toml"}:
                yield path


def test_there_are_interviews_of_many_jobs_and_answers_of_many_kinds():
    chosen = interviews()
    assert len(chosen) >= 40
    assert len(jobs()) >= 12
    assert held_out.distinct(chosen) >= 300
    said = [said for each in chosen for turn in each.turns for said in turn.first]
    assert {each.kind for each in said} == {kind.partition(" and ")[0] for kind in KINDS}
    assert any(each.asked and each.facts for each in said)
    assert any(each.asked and not each.facts for each in said)
    assert all(each.plan == validated(each.plan) for each in chosen)


def test_an_interview_is_the_same_each_time_and_in_a_shorter_run():
    assert interviews(6) == interviews()[:6]


def test_no_training_text_and_no_prompt_contains_an_answer_or_a_question():
    ours = {run: text for text in texts() for run in runs(text)}
    short = {" ".join(words(text)) for text in texts() if 5 <= len(words(text)) < RUN}
    for path in elsewhere():
        text = path.read_text(encoding="utf-8")
        copied = [ours[run] for run in runs(text) if run in ours]
        line = f" {' '.join(words(text))} "
        copied += [each for each in short if f" {each} " in line]
        assert not copied, f"{path}: {copied[:3]}"


def test_a_question_is_answered_first_after_a_request_and_a_follow_up_with_something_new():
    asked = next(each for each in interviews() if any(len(turn.first) > 1 for turn in each.turns))
    number, turn = next((n, t) for n, t in enumerate(asked.turns) if len(t.first) > 1)
    given = [asked.says(number, follow_up=False) for _ in range(3)]
    assert given == [turn.first[0], turn.first[1], turn.first[1]]
    assert asked.says(number, follow_up=True) == turn.more


def test_words_are_misheard_and_keep_their_capitals():
    heard = held_out._misheard("Stock and sauces for the guests.", held_out.everyday().misheard)
    assert heard == "Stalk and sources for the guess."
