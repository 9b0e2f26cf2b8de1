"""What the copilot itself cost, and what is left of what it may."""

from __future__ import annotations

from pydantic import AwareDatetime, Field

from copilot.domain import CapLeft, Frozen, Made, SpendBy, SpendSheet
from copilot.text.outside import quoted
from copilot.tools.tool import ReadTool

NOBODY = {"person": "Nobody", "channel": "No channel", "reaction": "No reaction"}
KINDS_TOLD = "models by their price lists, searches of logs, questions to Cost Explorer and sweeps"


class CopilotSpendInput(Frozen):
    since: AwareDatetime | None = Field(default=None, description="else the first of the month")
    until: AwareDatetime | None = Field(default=None, description="else now")
    by: SpendBy = Field(default="kind", description="split by what")


class CopilotSpendLine(Frozen):
    name: str = Field(description="the kind, day, person, channel or reaction")
    dollars: float = Field(description="what it cost, in USD")
    calls: int = Field(description="in so many paid calls")
    summary: Made = Field(description="one line about it")


class CopilotSpendOutput(Frozen):
    dollars: float = Field(description="what all of it cost, in USD")
    calls: int = Field(description="in so many paid calls")
    by: str = Field(description="what it is split by")
    lines: tuple[CopilotSpendLine, ...] = Field(description="the parts, what cost most first; days in order")
    left: tuple[Made, ...] = Field(description="the caps, how much of each is used and left, the nearest first")
    summary: Made = Field(description="the total, and of when")
    none: Made = Field(description="that no person, channel or reaction spent anything; empty else")
    note: Made = Field(description="what is not in it, or not shown")


class CopilotSpend(ReadTool[CopilotSpendInput, CopilotSpendOutput]):
    name = "copilot_spend"
    summary = "Say what the copilot itself cost, by kind, day, person, channel or reaction; what is left of its caps."
    Input = CopilotSpendInput
    Output = CopilotSpendOutput
    shows = "cost"

    def run(self, input: CopilotSpendInput) -> CopilotSpendOutput:
        sheet = self.clients.spend_sheet(input.since, input.until, input.by)
        lines = tuple(
            CopilotSpendLine(
                name=one.name,
                dollars=one.dollars,
                calls=one.calls,
                summary=f"{quoted(one.name)}: {_dollars(one.dollars)}, {_calls(one.calls)}",
            )
            for one in sheet.lines
        )
        return CopilotSpendOutput(
            dollars=sheet.dollars,
            calls=sheet.calls,
            by=sheet.by,
            lines=lines,
            left=tuple(map(_left, sheet.caps)) or ("nothing is used of today's caps, nor of this month's",),
            summary=f"{_period(sheet)} I cost {_dollars(sheet.dollars)}, in {_calls(sheet.calls)}.",
            none=_none(sheet),
            note=_note(sheet),
        )


def _left(cap: CapLeft) -> str:
    return f"{cap.used} of {cap.words} used, {cap.left} left until {cap.until} ({cap.setting})"


def _period(sheet: SpendSheet) -> str:
    since, until = (f"{day.day} {day:%b %Y}" for day in (sheet.since, sheet.until))
    when = f"On {since}" if since == until else f"From {since} to {until}"
    return f"{when} ({sheet.time_zone})"


def _none(sheet: SpendSheet) -> str:
    if sheet.lines or sheet.withheld or sheet.by not in NOBODY:
        return ""
    alone = " What there was is of my own doing, such as sweeps." if sheet.calls else ""
    return f"{NOBODY[sheet.by]} spent anything in that time.{alone}"


def _note(sheet: SpendSheet) -> str:
    reckoned = f"These are {KINDS_TOLD}, as they were reckoned; what else AWS bills for me is not in it."
    return f"{reckoned} {sheet.withheld[:1].upper()}{sheet.withheld[1:]}." if sheet.withheld else reckoned


def _dollars(dollars: float) -> str:
    return f"${dollars:,.2f}" if dollars >= 0.01 or not dollars else f"${dollars:.4f}"


def _calls(calls: int) -> str:
    return f"{calls:,} paid call{'' if calls == 1 else 's'}"
