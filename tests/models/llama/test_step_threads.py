"""How many threads compute a step; times are given, not measured."""

from models.llama.step_threads import FIRST_REST, LONGEST_REST, StepThreads


def practised(free=4, seconds=0.010, rows=1):
    """Threads that know what a step of these rows usually takes."""
    threads = StepThreads(lambda: free)
    threads.took(rows, threads.choose(rows, 0.0), seconds, 0.0)
    return threads


def test_the_first_step_of_a_size_is_computed_on_one_thread():
    threads = StepThreads(lambda: 4)
    assert threads.choose(1, 0.0) == 1
    threads.took(1, 1, 0.010, 0.0)
    assert threads.choose(1, 0.0) == 4
    assert threads.choose(64, 0.0) == 1


def test_a_step_takes_the_cores_that_are_left_at_this_moment():
    left = [4]
    threads = StepThreads(lambda: left[0])
    threads.took(1, 1, 0.010, 0.0)
    left[0] = 3
    assert threads.choose(1, 0.0) == 3


def test_a_step_whose_threads_waited_for_each_other_is_followed_by_steps_on_one():
    threads = practised()
    threads.took(1, 4, 1.0, 10.0)
    assert threads.choose(1, 10.0) == 1
    assert threads.choose(1, 10.0 + FIRST_REST / 2) == 1
    assert threads.choose(1, 10.0 + FIRST_REST) == 4


def test_a_step_that_another_engine_came_into_is_not_a_crowd():
    begun = [0]
    threads = StepThreads(lambda: 4, lambda: begun[0])
    threads.took(1, threads.choose(1, 0.0), 0.010, 0.0)
    assert threads.choose(1, 10.0) == 4
    begun[0] += 1
    threads.took(1, 4, 1.0, 10.0)
    assert threads.choose(1, 10.0) == 4
    threads.took(1, 4, 1.0, 11.0)  # nobody came into this one
    assert threads.choose(1, 11.0) == 1


def test_a_slow_step_on_one_thread_says_nothing_about_several():
    threads = practised()
    threads.took(1, 1, 1.0, 10.0)
    assert threads.choose(1, 10.0) == 4


def test_a_hiccup_of_a_small_model_is_not_a_crowd():
    threads = practised(seconds=0.001)
    threads.took(1, 4, 0.030, 10.0)
    assert threads.choose(1, 10.0) == 4


def test_where_it_stays_crowded_several_threads_are_tried_less_and_less_often():
    threads, now, rests = practised(), 10.0, []
    for _ in range(10):
        threads.took(1, 4, 1.0, now)
        began = now
        while threads.choose(1, now) == 1:
            now += 0.5
        rests.append(now - began)
    assert rests[:4] == [1, 2, 4, 8]
    assert rests[-1] == LONGEST_REST


def test_after_a_while_without_a_crowd_the_rest_is_short_again():
    threads = practised()
    for at in (10.0, 20.0, 30.0):
        threads.took(1, 4, 1.0, at)
    threads.took(1, 4, 0.010, 60.0)
    threads.took(1, 4, 1.0, 70.0)
    assert threads.choose(1, 70.0 + FIRST_REST) == 4


def test_a_conversation_that_grows_slower_step_by_step_is_not_a_crowd():
    threads, seconds = practised(), 0.010
    for n in range(500):
        seconds *= 1.01
        threads.took(1, 4, seconds, float(n))
        assert threads.choose(1, float(n)) == 4
