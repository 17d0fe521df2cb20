"""What the README shows works as it stands there."""

import re
import subprocess
import sys
from pathlib import Path

from pipeline.interview.default_plans import default_plan
from scripts.measure.server import FAKES, running

README = (Path(__file__).parent.parent / "README.md").read_text()


def test_the_ten_line_client_hears_the_greeting_and_the_reply_to_its_answer():
    (program,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    with running(FAKES) as server:
        program = program.replace("http://localhost:8008", server.url)
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert not done.returncode, done.stderr
    greeting, reply = done.stdout.splitlines()
    first, second, *_ = default_plan().questions
    assert first.text in greeting
    assert second.text in reply


def test_it_is_short_and_its_links_lead_somewhere():
    assert len(README.splitlines()) < 150
    links = re.findall(r"\]\((?!http)([^)#]+)\)", README)
    assert links
    missing = [link for link in links if not (Path(__file__).parent.parent / link).exists()]
    assert not missing


def test_every_make_target_and_script_it_names_exists():
    root = Path(__file__).parent.parent
    makefile = (root / "Makefile").read_text()
    for target in re.findall(r"^(?:.*`)?make (\w+)", README, re.MULTILINE):
        assert re.search(rf"^{target}\b.*:", makefile, re.MULTILINE), target
    for script in re.findall(r"scripts/\w+\.py", README):
        assert (root / script).exists(), script
