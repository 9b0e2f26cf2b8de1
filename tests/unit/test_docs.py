"""What the documents point to is there, and what they say of the code is so."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from documenting import pages

from copilot.domain import Focus
from copilot.intents.actions import Action, read_yaml
from copilot.intents.loading import intents_of, load_intents
from copilot.plans.check import check_plan
from copilot.tools.registry import Registry

ROOT = Path(__file__).parents[2]
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
SOURCES = [path for top in ("layers", "functions", "cli", "tests") for path in (ROOT / top).rglob("*.py")]


def headings(document: Path) -> set[str]:
    """What a link may name after #, as GitHub makes it of the titles."""
    titles = [line.lstrip("# ").lower() for line in document.read_text().splitlines() if line.startswith("#")]
    return {re.sub(r"[^\w -]", "", title).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_within_the_repository_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text()):
        file, _, heading = target.partition("#")
        if "://" not in target:
            there = document.parent / file if file else document
            assert there.exists() and (not heading or heading in headings(there)), target


def test_every_test_that_the_page_on_security_names_is_there() -> None:
    named = set(re.findall(r"`(test_\w+\.py)`", (ROOT / "docs" / "security.md").read_text()))
    there = {path.name for path in (ROOT / "tests").rglob("test_*.py")}
    assert named and named <= there


def test_every_module_that_the_page_on_security_names_is_there() -> None:
    named = set(re.findall(r"`(\w+\.py)`", (ROOT / "docs" / "security.md").read_text()))
    there = {path.name for folder in ("layers", "tests") for path in (ROOT / folder).rglob("*.py")}
    assert named <= there


@pytest.mark.parametrize("page", pages(), ids=lambda path: path.name)
def test_pages_made_from_the_code_are_as_it_is(page: Path) -> None:
    assert page.read_text() == pages()[page], "make docs"


def test_the_tool_that_the_page_on_tools_adds_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its code runs, its own test passes, and what it is asked with is heard and may run."""
    blocks = re.findall(r"```(\w+)\n(.*?)```", (ROOT / "docs" / "adding-a-tool.md").read_text(), re.DOTALL)
    (code, test), (known,) = ([text for kind, text in blocks if kind == wanted] for wanted in ("python", "yaml"))
    module = ModuleType("copilot.tools.environments.contents")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(code, vars(module))
    tests: dict[str, Any] = {}
    exec(test, tests)
    (passes,) = (one for name, one in tests.items() if name.startswith("test_"))
    passes()
    (entry,) = yaml.safe_load(known)
    intents = intents_of(load_intents().lexicon, [Action.model_validate(entry)])
    match = intents.match(intents.intents[0].example, Focus())
    assert match is not None and match.plan is not None
    check_plan(match.plan, Registry([module.EnvironmentContents]))


def test_every_section_of_the_design_that_the_code_cites_is_there() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text()
    there = set(re.findall(r"^#+ (\d+[a-z]?)\. ", page, re.MULTILINE))
    cited = {one for path in SOURCES for one in re.findall(r"\bsection (\d+[a-z]?)\b", path.read_text())}
    assert cited and cited <= there


def test_every_row_that_is_kept_is_in_the_design() -> None:
    adapters = ROOT / "layers/copilot/copilot/adapters/dynamodb"
    kept = {one for path in adapters.glob("*.py") for one in re.findall(r'f"([A-Z]+)#\{', path.read_text())}
    page = (ROOT / "docs" / "architecture.md").read_text()
    assert set(re.findall(r"^\| ([A-Z]+)#tenant", page, re.MULTILINE)) == kept - {"PLAN", "STEP"}


def test_every_function_is_in_the_design() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text()
    assert {path.parent.name for path in (ROOT / "functions").glob("*/app.py")} <= set(re.findall(r"`(\w+)`", page))


def test_a_busy_person_reads_the_readme_to_its_end() -> None:
    text = (ROOT / "README.md").read_text()
    (transcript,) = re.findall(r"```text\n(.*?)```", text, re.DOTALL)
    assert len(text.splitlines()) <= 200 and len(transcript.splitlines()) <= 25


def test_the_workflow_runs_what_must_pass_on_versions_that_are_supported() -> None:
    job = read_yaml(ROOT / ".github/workflows/ci.yml")["jobs"]["check"]
    assert job["steps"][-1]["run"] == ".ci/run"
    supported = re.findall(r"python(3\.\d+)", (ROOT / "Makefile").read_text())
    assert len(job["strategy"]["matrix"]["python"]) == 2 and set(job["strategy"]["matrix"]["python"]) <= {*supported}
