"""Measure how well recorded people are understood; `scripts/eval_hearing.py` is the command."""
