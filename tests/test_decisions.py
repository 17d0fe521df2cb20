"""Each decision has a page, the index lists it, and the code links to it where it applies."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs" / "decisions"
PAGES = sorted(FOLDER.glob("[0-9]*.md"))
LINK = re.compile(r"(?:#|//) docs/decisions/([\w.-]+\.md): \S")


def linked() -> set[str]:
    sources = [
        path
        for folder in ("service", "pipeline", "models", "tests", "scripts")
        for ending in ("py", "js")
        for path in (ROOT / folder).rglob(f"*.{ending}")
    ]
    return {name for path in sources for name in LINK.findall(path.read_text())}


def test_they_are_numbered_without_a_gap():
    numbers = [int(page.name[:3]) for page in PAGES]
    assert numbers == list(range(1, len(PAGES) + 1))


def test_the_index_lists_every_page_by_its_title_in_order():
    rows = re.findall(r"^\| (\d{3}) \| \[(.+)\]\((.+)\)", (FOLDER / "README.md").read_text(), re.M)
    titles = [re.match(r"# (\d{3})\. (.+)", page.read_text()) for page in PAGES]
    assert rows == [
        (*title.groups(), page.name) for title, page in zip(titles, PAGES, strict=True) if title
    ]


def test_each_has_context_decision_and_consequences():
    for page in PAGES:
        headings = re.findall(r"^## (.+)$", page.read_text(), re.M)
        assert headings[:3] == ["Context", "Decision", "Consequences"], page.name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_code_links_to_it(page):
    assert page.name in linked()


def test_the_code_links_to_no_page_that_is_gone():
    assert linked() <= {page.name for page in PAGES}
