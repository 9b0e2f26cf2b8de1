"""What a write would do, without doing it: its preview, as a read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from copilot.domain import (
    NAMES,
    Arguments,
    Call,
    Change,
    Channel,
    Decision,
    EnvironmentId,
    Frozen,
    Irreversible,
    Made,
    Preview,
    ResourceRef,
    ScheduleId,
)
from copilot.errors import NotFound, ToolInputError
from copilot.text.listing import listed
from copilot.text.nearness import nearest, there_are
from copilot.text.outside import quoted
from copilot.text.spoken import tool_spoken
from copilot.tools.changes.estimating import Estimate, estimate
from copilot.tools.changes.keeping import estimate_of_keeping
from copilot.tools.environments.outcomes import ACCOUNT
from copilot.tools.owning import told_whose, whose
from copilot.tools.registry import Registry
from copilot.tools.tool import ReadTool, WriteTool
from copilot.tools.usage.prices import price_list

MOST_SHOWN = 100
"""Changes that are told one by one; of the rest, how many."""


class WhatWouldHappenInput(Frozen):
    tool: str = Field(max_length=100, description="a tool that changes something")
    arguments: Arguments = Field(default={}, description="what it would be called with, as that tool takes it")


class WouldChange(Frozen):
    name: Made = Field(description="what would be changed, or left alone")
    before: Made = Field(description="how it is")
    after: Made = Field(description="how it would be")
    reason: Made = Field(description="why it would be left alone, or what to know of its change")
    summary: Made = Field(description="one line about it")


class WhatWouldHappenOutput(Frozen):
    """`environment_id`, `schedule_id` and `channel` are what it would be done to, as far as that is there."""

    environment_id: EnvironmentId | None = Field(description="the environment it would change")
    schedule_id: ScheduleId | None = Field(description="the schedule it would change; null where it would make one")
    channel: Channel | None = Field(description="the channel it would send to", json_schema_extra={NAMES: "channel"})
    would_change: bool = Field(description="whether anything would be changed")
    changes: tuple[WouldChange, ...] = Field(description="what would be changed")
    left: tuple[WouldChange, ...] = Field(description="what would be left alone, and why")
    decision: str = Field(description="what policy says to whoever asks: allow, ask, deny; none where none is asked")
    decided: Made = Field(description="that in a sentence, with why")
    undo: Made = Field(description="what would undo it, in a sentence")
    saves_an_hour: float = Field(description="money saved, by estimate; 0 where it is not known")
    costs_an_hour: float = Field(description="money spent, by estimate; 0 where it is not known")
    currency: str = Field(description="of that money")
    estimate: Made = Field(description="what it costs or saves, in a sentence; empty where it does neither")
    owned: Made = Field(description="whose in code what would be changed is, in a sentence; empty of what is in none")
    headline: Made = Field(description="that nothing was done, and what would do what to what")
    summary: Made = Field(description="one line about all of it")


class WhatWouldHappen(ReadTool[WhatWouldHappenInput, WhatWouldHappenOutput]):
    """The preview that a person who approves would see. It runs with the rights of a read, and can change nothing."""

    name = "what_would_happen"
    summary = (
        "Say what a call of a tool that changes something would do, cost or save, and who decides on it; does nothing."
    )
    Input = WhatWouldHappenInput
    Output = WhatWouldHappenOutput
    lasts = 0
    calls = True

    def run(self, input: WhatWouldHappenInput) -> WhatWouldHappenOutput:
        tool = _writing(input.tool)
        given = _given(tool, input.arguments)
        preview = told_whose(tool(self.clients).preview(given), self.clients)
        changes = [_told(change) for change in preview.wanted]
        left = [_told(change) for change in preview.changes if change.action == "skip"]
        decision = None if preview.is_idle else self._would_decide(tool, given, preview)
        there = {ref.type: ref for ref in [target.ref for target in preview.targets]}
        environment = there.get("environment")
        found = self._estimate(given, preview)
        frozen = "" if preview.is_idle else self.clients.frozen(preview)
        decided, undo = _decided(preview, decision, frozen), _undo(tool, given, preview)
        words, owned = found.words if found else "", _owned(preview)
        saves = round(float(found.saves), 4) if found and found.saves else 0.0
        return WhatWouldHappenOutput(
            environment_id=environment.id if environment else None,
            schedule_id=_existing(there.get("schedule"), preview),
            channel=there["channel"].id if "channel" in there else None,
            would_change=bool(changes),
            changes=tuple(changes[:MOST_SHOWN]),
            left=tuple(left[:MOST_SHOWN]),
            decision=decision.outcome if decision else "none",
            decided=decided,
            undo=undo,
            saves_an_hour=max(saves, 0.0),
            costs_an_hour=max(-saves, 0.0),
            currency=price_list().currency,
            estimate=words,
            owned=owned,
            headline=f"Nothing was done. This is what “{tool_spoken(tool.name)}” would do to {_targets(preview)}:",
            summary=" ".join(filter(None, [_line(preview, changes, left), decided, words, owned])),
        )

    def _would_decide(self, tool: type[WriteTool[Any, Any]], given: BaseModel, preview: Preview) -> Decision | None:
        irreversible = isinstance(tool.undo(given, preview), Irreversible)
        return self.clients.would_decide(tool.name, preview.targets, irreversible=irreversible, owned=preview.is_owned)

    def _estimate(self, given: BaseModel, preview: Preview) -> Estimate | None:
        """None of what costs or saves nothing by itself."""
        of = next((target for target in preview.targets if target.ref.type == "environment"), None)
        if of is None:
            return None
        if any(change.action == "keep" for change in preview.wanted):
            until = given.model_dump()["until"]
            return estimate_of_keeping(self.clients, of.ref, of.kind or "production", until)
        return estimate(self.clients.platform, of.ref, preview.wanted)


def _writing(name: str) -> type[WriteTool[Any, Any]]:
    """Raises ToolInputError, with the nearest, for what is no tool, or none that changes anything."""
    registry = Registry()
    try:
        tool = registry.find(name)
    except NotFound as error:
        writes = [one for one in registry.names() if registry.entry(one).effect != "read"]
        raise ToolInputError(f"no tool {name!r}{there_are(name, writes)}", nearest(name, writes, 3)) from error
    if not issubclass(tool, WriteTool):
        raise ToolInputError(f"{tool.name} changes nothing: call it, and it is known what it says", ours=True)
    return tool


def _given(tool: type[WriteTool[Any, Any]], arguments: Arguments) -> BaseModel:
    """Raises ToolInputError, naming the arguments that do not fit."""
    try:
        return tool.Input.model_validate(arguments)
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, one['loc'])) or 'all'}: {one['msg']}" for one in error.errors(include_url=False)]
        raise ToolInputError(f"{tool.name} does not take these arguments: {'; '.join(faults)}") from error


def _told(change: Change) -> WouldChange:
    name = _named(change.ref, change.name)
    # A message is in nobody's words but whoever wrote it.
    before, after = (quoted(one) if change.action == "send" else one for one in (change.before, change.after))
    why = f" ({change.reason})" if change.reason else ""
    if change.action == "skip":
        line = f"{name} stays {before}{why}"
    elif change.action == "send":
        line = f"{name} is told {after}{why}"
    else:
        line = f"{name} {before} -> {after}{why}"
    return WouldChange(name=name, before=before, after=after, reason=change.reason, summary=line)


def _line(preview: Preview, changes: Sequence[WouldChange], left: Sequence[WouldChange]) -> str:
    if not changes:
        why = listed([one.summary for one in left])
        return f"{_targets(preview)}: nothing would change{f': {why}' if why else ''}."
    alone = f"; left alone: {listed([one.name for one in left])}" if left else ""
    return f"{_targets(preview)}: {listed([one.summary for one in changes])}{alone}."


def _targets(preview: Preview) -> str:
    return listed([_named(target.ref, target.name) for target in preview.targets])


def _named(ref: ResourceRef, name: str) -> str:
    """Titles of schedules, as title_of has them, names of accounts and of channels are in our own words."""
    if ref.type == "schedule":
        return f"“{name}”"
    return name if ref.type in {ACCOUNT, "channel"} else quoted(name)


def _decided(preview: Preview, decision: Decision | None, frozen: str) -> str:
    if preview.is_idle:
        return ""
    keeps_back = f" At this moment it would not begin: {frozen}." if frozen else ""
    return f"{_said(decision)}{keeps_back}"


def _said(decision: Decision | None) -> str:
    if decision is None:
        return "No policy is asked here."
    by = f" ({', '.join(decision.policies)})" if decision.policies else ""
    if decision.outcome == "allow":
        return f"You may do this without an approval{by}."
    if decision.outcome == "ask":
        return f"It would wait for an approval: {decision.reason}{by}."
    return f"You may not do this: {decision.reason}."


def _owned(preview: Preview) -> str:
    told = [f"{owner}: {listed(names)}" for owner, names in whose(preview).items()]
    return " ".join(filter(None, [f"Whose it is in code: {'; '.join(told)}." if told else "", *preview.notes]))


def _undo(tool: type[WriteTool[Any, Any]], given: BaseModel, preview: Preview) -> str:
    if preview.is_idle:
        return ""
    call = tool.undo(given, preview)
    if isinstance(call, Irreversible):
        return f"It could not be taken back: {call.why}."
    return (
        f"“{tool_spoken(call.tool)}” would undo it."
        if isinstance(call, Call)
        else f"Nothing would undo it: {call.why}."
    )


def _existing(schedule: ResourceRef | None, preview: Preview) -> str | None:
    """One that is to be made has no id yet: the one it was previewed with is of this call."""
    return None if schedule is None or any(one.action == "create" for one in preview.changes) else schedule.id
