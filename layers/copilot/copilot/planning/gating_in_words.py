"""A gate as people put it: reads, and each held against what it must be. It ends well only where all of it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from pydantic import JsonValue

from copilot.domain import GATE, Answer, Arguments, Known, Plan, Revision, Step
from copilot.intents import Present
from copilot.intents.gating import AT_MOST_MINUTES, Bound, read
from copilot.planning.conditions import Planned, Read, ReadsOf
from copilot.planning.unplanned import only_says
from copilot.plans.renaming import renamed_step
from copilot.text.durations import spoken
from copilot.text.outside import inert

MOST = 6
TOO_MANY = f"A gate has {MOST} conditions at most. Nothing was held against anything; make two of it."
TOO_LONG = "A gate looks back a day at most. Nothing was held against anything."
NOT_KNOWN = (
    "“{said}” is no condition that I know. Nothing was held against anything. What I know: “error rate of checkout "
    "under 1% and p95 under 300 ms over 10 minutes”, “no alarm in staging”, “no errors in checkout in the last hour”, "
    "“checkout is healthy”."
)
_WAYS: Mapping[tuple[str, bool, bool], str] = {
    ("under", False, False): "under",
    ("under", True, False): "at_most",
    ("over", False, False): "over",
    ("over", True, False): "at_least",
    ("over", False, True): "at_most",
    ("over", True, True): "under",
    ("under", False, True): "at_least",
    ("under", True, True): "over",
}
"""By what is said, whether the number itself is within, and whether it must not be so."""

_OVER_A_TIME = frozenset({"metric_values", "error_summary"})


@dataclass(frozen=True)
class GateInWords:
    """`planned` gives what a known request comes to at a time."""

    planned: Planned
    known: Known
    present: Present

    def __call__(self, text: str) -> Revision | None:
        """The plan of a gate, or what is asked or said in its place; None for anything else."""
        gate = read(text, [*self.known.services, *(one.name for one in self.known.environments)])
        if gate is None:
            return None
        if gate.unread:
            return only_says(text, NOT_KNOWN.format(said=inert(gate.unread)))
        if len(gate.bounds) > MOST:
            return only_says(text, TOO_MANY)
        if any(one.minutes > AT_MOST_MINUTES for one in gate.bounds):
            return only_says(text, TOO_LONG)
        reads = ReadsOf(self.planned, self.known, self.present)
        steps, held = list[Step](), list[str]()
        for number, bound in enumerate(gate.bounds, 1):
            found = reads(bound.condition)
            if found is None:
                return only_says(text, NOT_KNOWN.format(said=inert(bound.condition.in_words)))
            if isinstance(found, Revision):
                return found.model_copy(update={"plan": found.plan.model_copy(update={"goal": text})})
            last = self._added(steps, found, bound, number)
            steps.append(_holding(f"held_{number}", found, bound, last))
            held.append(f"- {{held_{number}.summary}}")
        return Revision(plan=Plan(goal=text, steps=tuple(steps), answer=Answer(text="\n".join(held))), intent=GATE)

    def _added(self, steps: list[Step], found: Read, bound: Bound, number: int) -> str:
        """Adds the steps of a read, but those that are there; what the last of them is called."""
        names: dict[str, str] = {}
        *before, last = found.steps
        for step in (*before, _over(last, bound, self.present)):
            put = renamed_step(step, names)
            twin = next((one for one in steps if one.model_copy(update={"id": put.id}) == put), None)
            if twin is None:
                free = {one.id for one in steps}
                twin = put.model_copy(update={"id": put.id if put.id not in free else f"{put.id}_{number}"})
                steps.append(twin)
            names[step.id] = twin.id
        return names[last.id]


def _over(step: Step, bound: Bound, present: Present) -> Step:
    """The read, over the time that is asked for, as one value."""
    tool = _named(step)
    if tool not in _OVER_A_TIME:
        return step
    since = present.now - timedelta(minutes=bound.minutes)
    given: Arguments = {"since": since.isoformat(), "until": present.now.isoformat()}
    given |= {"whole": True} if tool == "metric_values" else {}
    return step.model_copy(update={"arguments": step.arguments | given})


def _holding(id: str, found: Read, bound: Bound, last: str) -> Step:
    def of(expression: str) -> JsonValue:
        return {"$ref": f"{last} | {expression}"}

    given: Arguments = {"unread": of(found.unread)} if found.unread else {}
    condition, held = bound.condition, found.held
    if held is None:
        given |= {"what": found.what, "so": of(found.condition), "wanted": not bound.opposite}
        return Step(id=id, tool=GATE, arguments=given | {"seen": of(found.seen)})
    over = f" over {spoken(bound.minutes * 60)}" if _named(found.steps[-1]) in _OVER_A_TIME else ""
    subject = f"errors of {condition.subject}" if condition.kind == "some" else condition.subject
    kind = "over" if condition.kind == "some" else condition.kind
    given |= {"what": f"{subject}{over}"[:300], "way": _WAYS[kind, bound.equal, bound.opposite], "bound": held.bound}
    given |= {"values" if held.many else "value": of(held.values)}
    given |= {"labels": of(held.labels)} if held.labels else {}
    given |= {"units": of(held.units)} if held.units else {}
    return Step(id=id, tool=GATE, arguments=given)


def _named(step: Step) -> str:
    return step.tool.partition("@")[0]
