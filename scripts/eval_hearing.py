"""Measure how well people are understood, with recordings whose words are known:

    .venv/bin/python scripts/eval_hearing.py --corpus recordings
    .venv/bin/python scripts/eval_hearing.py --corpus recordings --long --json figures.json
        --models whisper-tiny.en whisper-base --conditions clean telephone white10 babble10

The recognizer is measured alone (engine) and as a candidate meets it (path): audio in the pieces
of a browser, voice activity, turn-taking and recognition of a real session, in virtual time, so
faster than real time and the same in every run. docs/hearing.md describes the corpus's INDEX.tsv
and how words are compared.
"""

import sys

from measure.hearing.run import evaluate, parser

if __name__ == "__main__":
    sys.exit(evaluate(parser(__doc__).parse_args()))
