"""What the pages and examples for operators name is there: settings, files, headings, programs."""

import re
from pathlib import Path

import pytest

from service.settings import PREFIX, Settings

ROOT = Path(__file__).parent.parent
PAGES = sorted((*(ROOT / "docs").glob("*.md"), ROOT / "CONTRIBUTING.md"))
EXAMPLES = sorted([*(ROOT / "deploy").iterdir(), *ROOT.glob("Dockerfile*"), ROOT / "compose.yaml"])
NAMES = {f"{PREFIX}{field.upper()}" for field in Settings.__struct_fields__}

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
