"""What the pages and examples for operators name is there: settings, files, headings, programs."""

import re
from pathlib import Path

import pytest

from service.settings import PREFIX, Settings

ROOT = Path(__file__).parent.parent
PAGES = sorted((*(ROOT / "docs").rglob("*.md"), ROOT / "CONTRIBUTING.md"))
GLOSSARY = ROOT / "docs" / "glossary.md"
FILES = [path for path in (ROOT / "deploy").rglob("*") if path.is_file()]
EXAMPLES = sorted([*FILES, *ROOT.glob("Dockerfile*"), ROOT / "compose.yaml"])
NAMES = {f"{PREFIX}{field.upper()}" for field in Settings.__struct_fields__}

SOURCES = {
    path.name
    for folder in ("service", "pipeline", "models", "scripts", "tests")
    for path in (ROOT / folder).rglob("*.py")
}

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
every_text = pytest.mark.parametrize("text", [*PAGES, *EXAMPLES], ids=lambda path: path.name)


def anchors(page: Path) -> set[str]:
    """Of its headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@every_text
def test_every_setting_it_names_is_one(text):
    named = re.findall(rf"{PREFIX}[A-Z_]+[A-Z]\b(?!_?…)", text.read_text())
    assert set(named) <= NAMES


@every_page
def test_every_link_leads_to_a_file_and_a_heading(page):
    for target, anchor in re.findall(r"\]\((?!http)([^)#]*)#?([^)]*)\)", page.read_text()):
        file = (page.parent / target).resolve() if target else page
        assert file.exists(), target
        assert not anchor or anchor in anchors(file), f"{target}#{anchor}"


@every_page
def test_every_script_and_make_target_it_names_exists(page):
    text = page.read_text()
    makefile = (ROOT / "Makefile").read_text()
    for script in re.findall(r"(?<![\w/])scripts/[\w/]+\.py", text):
        assert (ROOT / script).exists(), script
    for target in re.findall(r"(?:^|`|sudo )make(?: -C \S+)? ([a-z][\w-]*)", text, re.MULTILINE):
        assert re.search(rf"^(?:[\w-]+ )*{target}\b[^=\n]*:", makefile, re.MULTILINE), target


@every_page
def test_every_source_file_it_names_exists(page):
    """By its path, or by its name alone; folders that the service makes are not in the checkout."""
    text = page.read_text()
    for path in re.findall(r"`((?:service|pipeline|models|tests)/[\w/]*(?:\.\w+)?)`", text):
        assert (ROOT / path).exists() or path == "models/downloaded/", path
    for name in re.findall(r"`(\w+\.py)`", text):
        assert name in SOURCES, name


def test_the_glossary_is_sorted_and_says_where_each_term_is_at_home():
    rows = re.findall(r"^\| ([^|]+) \| [^|]+ \| ([^|]+) \|$", GLOSSARY.read_text(), re.MULTILINE)
    (_, *terms) = rows
    assert [term for term, _ in terms] == sorted(term for term, _ in terms)
    for term, where in terms:
        assert (ROOT / where.strip("`")).is_file(), term


def test_the_design_is_read_in_one_sitting():
    assert len((ROOT / "docs" / "design.md").read_text().splitlines()) <= 200
