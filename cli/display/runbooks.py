"""Runbooks: what each does, what it takes and who saved it."""

from __future__ import annotations

from collections.abc import Sequence

import yaml

from cli.api.runbook_views import RunbookList, RunbookView, WholeRunbookView
from cli.display.page import Page
from cli.wording import command, line, moment

ADD = "devops-copilot runbooks add FILE"


def show_runbooks(page: Page, listed: RunbookList, options: Sequence[str]) -> None:
    """`options` are words that a command needs besides, to reach the same copilot as the same person."""
    if not listed.runbooks:
        page.say(f"There is no runbook. Add one: {ADD}")
    for one in listed.runbooks:
        page.say(_called(one), "bold")
        page.rows([*_rows(one), ("run it", _run(one, options))])


def show_runbook(page: Page, shown: WholeRunbookView, options: Sequence[str]) -> None:
    page.say(_called(shown), "bold")
    others = [f"{one.version}{' (withdrawn)' if one.withdrawn else ''}" for one in shown.versions]
    page.rows([*_rows(shown), ("versions", ", ".join(others)), ("run it", _run(shown, options))])
    for each in yaml.safe_dump(shown.document, sort_keys=False, allow_unicode=True).splitlines():
        page.verbatim(each, indent=4)


def _run(one: RunbookView, options: Sequence[str]) -> str:
    return command("runbooks", "run", one.name, *options)


def _called(one: RunbookView) -> str:
    return f"{line(one.name)}, version {one.version}{', withdrawn' if one.withdrawn else ''}"


def _rows(one: RunbookView) -> list[tuple[str, str]]:
    rows = [
        ("what for", line(one.description)),
        ("does", line(one.steps)),
        ("takes", line(one.takes)),
        ("saved by", f"{line(one.by.name)} ({line(one.by.id)}) at {moment(one.at)}"),
    ]
    return [row for row in rows if row[1]]
