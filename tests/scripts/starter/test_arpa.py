"""What is read of the language model's dump, which is cut off and lacks words."""

from scripts.starter.arpa import successors

ARPA = """\\data\\
ngram 1=3

\\1-grams:
-1.2\tof\t-0.1

\\2-grams:
-1.5\tof\ttheir\t-0.2
-1.7\ttheir\tof\t0.0
-1.6\tof\tyou\t0.0
-4.
-1231.7\tof\ttheir\t0.0
-78
"""


def test_words_that_only_bigrams_have_are_known():
    pairs = successors(ARPA.splitlines(keepends=True))
    assert pairs == {"of": {"their", "you"}, "their": {"of"}}
