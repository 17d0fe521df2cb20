from hypothesis import given
from hypothesis import strategies as st

from models.llama.batch_plan import Chunks, Pace, Priority, Share, Work, next_step

CHUNKS = Chunks(capacity=512, alone=256, beside=32)


def writes(job):
    return Work(job, Priority.REPLY, 1, writing=True)


def reads(job, pending, priority=Priority.REPLY):
    return Work(job, priority, pending, writing=False)


def shares(*work, fills=False):
    return {s.job: s.tokens for s in next_step(work, CHUNKS, fills=fills)}


def test_replies_that_write_come_first():
    assert list(shares(reads(1, 5), writes(2), writes(3))) == [2, 3, 1]


def test_a_long_prompt_is_read_in_small_chunks_while_others_write():
    assert shares(writes(1), reads(2, 900)) == {1: 1, 2: 32}


def test_a_long_prompt_is_read_in_larger_chunks_when_alone():
    assert shares(reads(1, 900)) == {1: 256}


def test_a_prompt_that_would_leave_a_short_rest_is_read_as_a_whole_if_nobody_waits():
    assert shares(reads(1, 300)) == {1: 300}
    assert shares(reads(1, 300), reads(2, 10, Priority.WARM)) == {1: 256}
    assert shares(writes(2), reads(1, 40)) == {2: 1, 1: 32}


def test_a_short_prompt_overtakes_a_long_one():
    assert shares(reads(1, 900), reads(2, 20)) == {2: 20, 1: 236}


def test_warming_takes_what_a_reply_leaves_of_the_small_chunk():
    assert shares(reads(1, 20), reads(2, 900, Priority.WARM)) == {1: 20, 2: 12}
    assert shares(reads(1, 40), reads(2, 900, Priority.WARM)) == {1: 40}


def test_a_look_at_a_pause_goes_with_the_replies_and_before_warming():
    assert shares(reads(1, 60), reads(2, 20, Priority.PAUSE)) == {2: 20, 1: 60}
    assert shares(writes(1), reads(2, 20, Priority.PAUSE)) == {1: 1, 2: 20}
    assert shares(reads(1, 20, Priority.PAUSE), reads(2, 900, Priority.WARM)) == {1: 20, 2: 12}


def test_forms_wait_for_replies_but_not_for_ever():
    form = Work(3, Priority.FILL, 1, writing=True)
    assert shares(writes(1), form) == {1: 1}
    assert shares(writes(1), form, fills=True) == {1: 1, 3: 1}
    assert shares(form) == {3: 1}


WORK = st.lists(
    st.builds(
        lambda priority, pending, writing: (priority, 1 if writing else pending, writing),
        st.sampled_from(Priority),
        st.integers(1, 2000),
        st.booleans(),
    ),
    max_size=40,
).map(lambda rows: [Work(n, *row) for n, row in enumerate(rows)])
SIZES = st.builds(Chunks, st.integers(16, 512), st.integers(16, 600), st.integers(16, 600))


@given(WORK, SIZES, st.booleans())
def test_a_step_is_within_its_bounds_and_never_idle(work, chunks, fills):
    planned = next_step(work, chunks, fills=fills)
    pending = {w.job: w.pending for w in work}
    writing = [w.job for w in work if w.priority is Priority.REPLY and w.writing]
    assert len({s.job for s in planned}) == len(planned)
    assert all(1 <= s.tokens <= pending[s.job] for s in planned)
    assert sum(s.tokens for s in planned) <= chunks.capacity
    assert bool(planned) == bool(work)
    if writing:
        assert planned[: len(writing)] == [Share(job, 1) for job in writing][: chunks.capacity]
        assert sum(s.tokens for s in planned) <= len(writing) + chunks.beside


def test_a_chunk_is_what_fits_into_the_time():
    pace = Pace(least=16, capacity=512, first=0.001)
    assert pace.chunk(0.1) == 96  # whole tiles of 16
    for _ in range(50):
        pace.took(100, 0.01)
    assert 480 <= pace.chunk(0.05) <= 500
    assert pace.chunk(0.0001) == 16
    assert pace.chunk(10) == 512


def test_a_step_of_few_tokens_teaches_nothing():
    pace = Pace(least=16, capacity=512, first=0.001)
    pace.took(1, 5.0)
    assert pace.chunk(0.1) == 96
