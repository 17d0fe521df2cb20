"""Speech of the starter voice, as the recognizer's training hears it."""

import numpy as np

from scripts.starter.speech import RATE, _starter_voice, starter


def test_the_starter_voice_leaves_the_other_cores_to_other_processes():
    assert _starter_voice().session.get_session_options().intra_op_num_threads == 1


def test_the_starter_voice_says_a_sentence_slower_when_told():
    usual, slow = (starter("We talk about the plan on Monday.", scale) for scale in (1.0, 1.25))
    assert 1.0 * RATE < len(usual) < 4.0 * RATE
    assert len(slow) > 1.15 * len(usual)
    assert 0.01 < np.abs(usual).mean() < np.abs(usual).max() <= 1
