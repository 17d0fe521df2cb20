"""Docstrings say first what a thing does, and each stands below the line that it describes. One
that begins "What", "Whether" and the like is half a sentence: name the thing, or begin with a verb.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LAYERS = ("models", "pipeline", "service")
DANGLING = ("As", "How", "Of", "What", "When", "Where", "Whether", "Who", "Why")
"""First words of a clause that hangs on a sentence which is not there."""

Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def blocks(tree: ast.Module) -> Iterator[tuple[ast.AST, list[ast.stmt]]]:
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list):
                yield node, block


def docstring(statement: ast.stmt) -> str | None:
    match statement:
        case ast.Expr(ast.Constant(str(text))):
            return text
    return None


def wrong(source: str) -> list[str]:
    """The docstrings that describe nothing, or begin with half a sentence."""
    found = []
    for node, block in blocks(ast.parse(source)):
        for before, each in zip([None, *block], block, strict=False):
            if (text := docstring(each)) is None:
                continue
            attached = (
                isinstance(node, Documented)
                if before is None
                else isinstance(before, ast.Assign | ast.AnnAssign)
                and before.end_lineno == each.lineno - 1
            )
            if not attached or text.split(maxsplit=1)[0] in DANGLING:
                found.append(f"{each.lineno}: {text}")
    return found


@pytest.mark.parametrize("layer", LAYERS)
def test_every_docstring_describes_the_line_above_it_in_a_sentence(layer):
    assert not {
        str(path.relative_to(ROOT)): found
        for path in (ROOT / layer).rglob("*.py")
        if (found := wrong(path.read_text()))
    }


@pytest.mark.parametrize(
    "planted",
    [
        'a = 1\n\n"""The number."""\n',
        'a = 1\n"""The number."""\n"""And more."""\n',
        'print()\n"""The call."""\n',
        'def f():\n    return\n    """Do it."""\n',
        'a = 1\n"""Whether it is one."""\n',
        '"""What it is for."""\n',
    ],
)
def test_a_planted_one_is_found(planted):
    assert wrong(planted)
    assert not wrong('"""A module."""\na: int = 1\n"""The number."""\n')
