"""Facts: what is remembered, who said so and when, and what it was before."""

from __future__ import annotations

from collections.abc import Sequence

from cli.api.fact_views import FactList, FactView
from cli.display.page import Page
from cli.wording import command, line, moment

_SENTENCES = frozenset({"note", "exclusion", "companion"})
"""Kinds whose values say all."""
NOTHING = "Nothing is remembered of yours. Say it: devops-copilot ask remember that …"


def show_facts(page: Page, listed: FactList, options: Sequence[str]) -> None:
    """`options` are words that a command needs besides, to reach the same copilot as the same person."""
    own, shared = ([one for one in some if one.fact] for some in (listed.own, listed.shared))
    if not own:
        page.say(NOTHING)
    for one in own:
        page.say(_called(one), "bold")
        page.rows([*_rows(one), ("forget it", command("facts", "forget", *_words(one), *options))])
    for one in shared:
        page.say(f"{_called(one)}, for everybody", "bold")
        page.rows(_rows(one))


def show_fact(page: Page, one: FactView, *, for_everybody: bool = False) -> None:
    page.say(f"{_called(one)}{', for everybody' if for_everybody else ''}", "bold")
    page.rows(_rows(one))
    for was in one.before:
        said = line(was.value) or "what was forgotten"
        page.say(f"  {said}, by {line(was.author)} from {moment(was.at)} to {moment(was.until)}: {line(was.ended)}")


def _called(one: FactView) -> str:
    if one.fact is None:
        return f"{line(one.subject)}: nothing any more"
    value = line(one.fact.value)
    return value if one.fact.kind in _SENTENCES else f"{line(one.subject)} {line(one.attribute)} {value}"


def _rows(one: FactView) -> list[tuple[str, str]]:
    if one.fact is None:
        return []
    rows = [
        ("kind", line(one.fact.kind)),
        ("said by", f"{line(one.fact.author.name)} at {moment(one.fact.at)}, in run {line(one.fact.run)}"),
        ("until", moment(one.fact.until) if one.fact.until else ""),
    ]
    return [row for row in rows if row[1]]


def _words(one: FactView) -> list[str]:
    """What to say to have it forgotten."""
    assert one.fact is not None
    return ["that", *one.fact.value.split()] if one.fact.kind in _SENTENCES else one.subject.split()
