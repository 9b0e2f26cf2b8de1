"""What the documents point to is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_within_the_repository_lead_somewhere(document: Path) -> None:
    text = document.read_text()
    titles = [line.lstrip("# ").lower() for line in text.splitlines() if line.startswith("#")]
    headings = {re.sub(r"[^\w -]", "", title).replace(" ", "-") for title in titles}
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        file, _, heading = target.partition("#")
        if "://" not in target:
            assert (document.parent / file).exists() if file else heading in headings, target


def test_every_test_that_the_page_on_security_names_is_there() -> None:
    named = set(re.findall(r"`(test_\w+\.py)`", (ROOT / "docs" / "security.md").read_text()))
    there = {path.name for path in (ROOT / "tests").rglob("test_*.py")}
    assert named and named <= there


def test_every_module_that_the_page_on_security_names_is_there() -> None:
    named = set(re.findall(r"`(\w+\.py)`", (ROOT / "docs" / "security.md").read_text()))
    there = {path.name for folder in ("layers", "tests") for path in (ROOT / folder).rglob("*.py")}
    assert named <= there
