"""A gate as people put it: reads, and each held against what it must be. It ends well only where all of it holds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from pydantic import JsonValue

from copilot.domain import GATE, KIND_WORDS, Answer, Arguments, Known, Plan, Revision, Step
from copilot.intents import Present
from copilot.intents.gating import AT_MOST_MINUTES, Bound, Gate, read
from copilot.planning.conditions import Planned, Read, ReadsOf, figure
from copilot.planning.unplanned import only_says
from copilot.plans.renaming import renamed_step
from copilot.text.durations import spoken
from copilot.text.nearness import nearest, squashed
from copilot.text.outside import inert

MOST = 6
TOO_MANY = f"A gate has {MOST} conditions at most. Nothing was held against anything; make two of it."
TOO_LONG = "A gate looks back a day at most. Nothing was held against anything."
NOTHING_HELD = "Nothing was held against anything."
KNOWN_ONES = (
    "What I know: “error rate of checkout under 1% and p95 under 300 ms over 10 minutes”, “no alarm in staging”, “no "
    "errors in checkout in the last hour”, “checkout is healthy”."
)
NOT_KNOWN = f"“{{said}}” is no condition that I know. {NOTHING_HELD} {KNOWN_ONES}"
NOTHING = f"A gate without a condition holds nothing. {KNOWN_ONES}"
NONE_THERE = f"There is no {{what}}; nearest: {{near}}. {NOTHING_HELD}"
NOT_LATER = (
    "A gate is held when it is asked, not at a time to come or on a schedule. Nothing was done. Ask it when it is to "
    "be held, as from a job of your pipeline; or be told when it is so no more, as with “tell me when error rate of "
    "checkout is over 1%”."
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
_OF_A_NAME = frozenset({"well", "ill", "through", "stopped", "running"})
_OF_A_FIGURE = frozenset({"over", "under", "some"})
_IN = re.compile(r"\b(?:of|on|for|in) .+ (?:in|on) (?:the )?(?P<place>[\w.-]+)$", re.IGNORECASE)
_NAMED = re.compile(r"(?P<name>[\w.-]+)(?: (?:in|on|of|at) (?:the )?(?P<place>[\w.-]+))?", re.IGNORECASE)
_SURELY = re.compile(r"(?:please )?(?:gate|fail|pass|assert|require)\b", re.IGNORECASE)


@dataclass(frozen=True)
class GateInWords:
    """`planned` gives what a known request comes to at a time."""

    planned: Planned
    known: Known
    present: Present

    def __call__(self, text: str) -> Revision | None:
        """The plan of a gate, or what is asked or said in its place; None for anything else."""
        gate = self._read(text)
        if gate is None:
            return None
        if not gate.bounds:
            return only_says(text, NOT_KNOWN.format(said=inert(gate.unread)) if gate.unread else NOTHING)
        if len(gate.bounds) > MOST:
            return only_says(text, TOO_MANY)
        if any(one.minutes > AT_MOST_MINUTES for one in gate.bounds):
            return only_says(text, TOO_LONG)
        reads = ReadsOf(self.planned, self.known, self.present)
        steps, held = list[Step](), list[str]()
        for number, bound in enumerate(gate.bounds, 1):
            found = reads(bound.condition)
            if (missing := self._missing(bound, found)) is not None:
                return only_says(text, missing)
            if found is None:
                return only_says(text, NOT_KNOWN.format(said=inert(bound.said)))
            if isinstance(found, Revision):
                return found.model_copy(update={"plan": found.plan.model_copy(update={"goal": text})})
            last = self._added(steps, found, bound, number)
            steps.append(_holding(f"held_{number}", found, bound, last))
            held.append(f"- {{held_{number}.summary}}")
        plan = Plan(goal=text, steps=tuple(steps), answer=Answer(text="\n".join(held)))
        # Where all of it is of one service, its environment is what may have to be asked, and is said behind it all.
        of_one = len({one.arguments.get("service") for one in steps if "service" in one.arguments}) == 1
        return Revision(plan=plan, intent=GATE, lacks="" if of_one else None)

    def at_a_time(self, text: str, request: str) -> Revision | None:
        """What is said of a gate that is to be held at a time; None where the request is none."""
        gate = self._read(request) if _SURELY.match(request) else None
        return None if gate is None else only_says(text, NOT_LATER)

    def _read(self, text: str) -> Gate | None:
        return read(text, self.known.services, [one.name for one in self.known.environments])

    def _missing(self, bound: Bound, found: Read | Revision | None) -> str | None:
        """That there is nothing of a name that is said, with the nearest that there is."""
        services, places = self.known.services, [one.name for one in self.known.environments]
        if isinstance(found, Read):
            taken = found.steps[-1].arguments.get("service")
            subject = bound.condition.subject
            if not isinstance(taken, str) or taken not in services or squashed(taken) in squashed(subject):
                return None
            # It was read as what is nearest, and a gate holds what is said, or nothing.
            said = nearest(taken, re.findall(r"[\w.-]+", subject))
            return NONE_THERE.format(what=f"service {inert(said[0])}" if said else inert(subject), near=inert(taken))
        if found is None and bound.condition.kind in _OF_A_FIGURE:
            put = _IN.search(bound.condition.subject)
            near = nearest(put["place"], places) if put and squashed(put["place"]) not in map(squashed, places) else []
            return (
                NONE_THERE.format(what=f"environment {inert(put['place'])}", near=inert(near[0]))
                if put and near
                else None
            )
        plain = re.sub(r"(?i)^(?:the )?(?:service )?|(?: service)$", "", bound.condition.subject)
        if found is not None or bound.condition.kind not in _OF_A_NAME or not (put := _NAMED.fullmatch(plain)):
            return None
        name, place = put["name"], put["place"]
        of_service = place is not None or bound.condition.kind == "through"
        if squashed(name) not in {squashed(one) for one in (services if of_service else [*services, *places])}:
            what = "service" if of_service else "service or environment"
            near = nearest(name, services if of_service else [*services, *places])
        elif place and squashed(place) not in {*map(squashed, places), *KIND_WORDS}:
            what, name, near = "environment", place, nearest(place, places)
        else:
            return None
        if not near:
            return f"There is no {what} {inert(name)}. {NOTHING_HELD}"
        return NONE_THERE.format(what=f"{what} {inert(name)}", near=inert(near[0]))

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
    kind = "over" if condition.kind == "some" else condition.kind
    given |= {
        "what": f"{figure(condition)}{over}"[:300],
        "way": _WAYS[kind, bound.equal, bound.opposite],
        "bound": held.bound,
    }
    given |= {"values" if held.many else "value": of(held.values)}
    given |= {"labels": of(held.labels)} if held.labels else {}
    given |= {"units": of(held.units)} if held.units else {}
    return Step(id=id, tool=GATE, arguments=given)


def _named(step: Step) -> str:
    return step.tool.partition("@")[0]
