"""What the copilot itself cost, on a page."""

from __future__ import annotations

from cli.api.spend_views import CapView, SpendView
from cli.display.page import Page

NEARLY = 80
NOTE = (
    "Models by their price lists, searches of logs, questions to Cost Explorer and sweeps, as they are reckoned; what "
    "else AWS bills for the copilot is not in it."
)


def show_spend(page: Page, spent: SpendView) -> None:
    since, until = (f"{day.day} {day:%b %Y}" for day in (spent.since, spent.until))
    days = f"on {since}" if since == until else f"from {since} to {until}"
    page.say(f"{days[0].upper()}{days[1:]} ({spent.time_zone}): {_dollars(spent.dollars)} in {_calls(spent.calls)}.")
    if spent.lines:
        page.say()
        page.rows([(one.name, _dollars(one.dollars), _calls(one.calls)) for one in spent.lines])
    if spent.caps:
        page.say()
        page.say("Of the caps, what is used and counts still:")
        page.rows([_left(one) for one in spent.caps])
    page.say()
    if spent.withheld:
        page.say(f"{spent.withheld[0].upper()}{spent.withheld[1:]}.")
    page.say(NOTE)


def _left(cap: CapView) -> tuple[str, ...]:
    nearly = " !" if cap.percent >= NEARLY else ""
    return f"{cap.percent}%{nearly}", f"{cap.used} of {cap.words}", f"until {cap.until}", cap.setting


def _dollars(dollars: float) -> str:
    return f"${dollars:,.2f}" if dollars >= 0.01 or not dollars else f"${dollars:.4f}"


def _calls(calls: int) -> str:
    return f"{calls:,} paid call{'' if calls == 1 else 's'}"
