"""Conditions as people put them over the reads that known requests are: which read, and what is to be so of it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from copilot.domain import Arguments, Known, Revision, Step
from copilot.intents import Present
from copilot.intents.watching import Condition
from copilot.planning.putting_off import MARKED
from copilot.planning.unplanned import only_says
from copilot.text.nearness import squashed
from copilot.text.outside import inert

_SCALES = {"ms": 0.001, "s": 1.0, "min": 60.0, "KB": 1024.0, "MB": 1024.0**2, "GB": 1024.0**3}
_COUNTED = frozenset({"requests", "errors", "throttles"})
_ANY_NUMBER = frozenset({"", "count"})
_IN: Mapping[str, tuple[frozenset[str], str]] = {
    "share": (frozenset({"", "%"}), "per cent"),
    "time": (frozenset({"ms", "s", "min"}), "seconds"),
    "size": (frozenset({"KB", "MB", "GB"}), "bytes"),
    "count": (_ANY_NUMBER, "plain numbers"),
    "money": (frozenset({"", "money"}), "dollars"),
}
"""The units in which each may be said, "" without any, and what it is measured in."""
_MEASURES: Mapping[str, str] = {
    **dict.fromkeys(("cpu", "memory", "error_rate", "hit_rate"), "share"),
    **dict.fromkeys(("latency", "queue_age", "replica_lag"), "time"),
    **dict.fromkeys(("free_memory", "free_storage"), "size"),
    **dict.fromkeys(("requests", "errors", "throttles", "connections", "queue_depth"), "count"),
}
"""Of a metric by its own name it is not known."""
_ERRORS = re.compile(
    r"\b(?:5xx |server )?(?:errors?|5xx)(?![\w-])(?! (?:rates?|percentage)\b)(?: (?:answers|responses)\b)?",
    re.IGNORECASE,
)
_NAME = r"(?:the )?(?:service )?(?P<name>[\w.-]+)(?: service)?"
_ENVIRONMENT = r"(?:the )?(?P<place>[\w.-]+)(?: env(?:ironment)?)?"
_PLACED: Sequence[re.Pattern[str]] = (
    re.compile(rf"{_NAME} (?:in|on|of|at|from) {_ENVIRONMENT}", re.IGNORECASE),
    re.compile(rf"{_ENVIRONMENT}(?:'s)? {_NAME}", re.IGNORECASE),
)
_PLAIN = re.compile(r"[\w.-]+")
Planned = Callable[[str, datetime], Revision | None]


class Held(NamedTuple):
    """What of a read is held against a number: expressions over its output for the values, what each is of and in which
    unit it is, "" where none says that; and the number in that unit. They are `many` where there is a list of them.
    """

    values: str
    bound: float
    labels: str = ""
    units: str = ""
    many: bool = False


class Read(NamedTuple):
    """The last of `steps` is the read that is repeated; `condition` is over what it gives, and `seen` takes from that
    what is told. `shown` is how an answer shows it, `what` says what is waited for. `held` where that is a number, and
    `unread` is what could not be looked at.
    """

    steps: tuple[Step, ...]
    condition: str
    seen: str
    shown: str
    what: str
    held: Held | None = None
    unread: str = ""


@dataclass(frozen=True)
class ReadsOf:
    """`planned` gives what a known request comes to at a time."""

    planned: Planned
    known: Known
    present: Present

    def __call__(self, condition: Condition, lasting: int | None = None) -> Read | Revision | None:
        """The read over which this is a condition; what is asked or said in its place; None where none is known.
        `lasting` is for how many minutes it is to have been so.
        """
        match condition.kind:
            case "over" | "under" | "some":
                return self.measured(condition)
            case "through":
                return self._rolled_out(condition)
            case "stopped" | "running":
                return self._in_state(condition)
            case "idle":
                return self._idle(condition, lasting)
            case _:
                return self._health(condition)

    def _plan(self, *requests: str, of: Sequence[str]) -> tuple[Step, ...] | Revision | None:
        """The steps of the first of these requests that is known and ends in such a read, once."""
        for request in requests:
            found = self.planned(request, self.present.now)
            if found is None or not found.plan.steps or found.plan.answer is None:
                continue
            steps = found.plan.steps
            if steps[-1].tool.partition("@")[0] in of and not any(one.for_each or one.when for one in steps):
                if found.marked or found.read_untrusted:
                    return only_says(request, MARKED)
                return steps
        return None

    def _health(self, condition: Condition) -> Read | Revision | None:
        subject, ill = condition.subject, condition.kind == "ill"
        service = self._service(subject)
        if service is not None:
            return self._service_health(service, condition) if isinstance(service, _Service) else service
        steps = self._plan(f"how is {subject}", of=("cluster_health",))
        if not isinstance(steps, tuple):
            return steps
        id = steps[-1].id
        if condition.kind == "alarm":
            so, what = "length(alarms[?state == 'ALARM']) > `0`", f"an alarm rings in {subject}"
        else:
            so, what = ("!healthy", f"{subject} is not healthy") if ill else ("healthy", f"{subject} is healthy")
        return Read(steps, so, "summary", f"{{{id}.summary}}", what, unread="unreachable[].summary")

    def _service_health(self, service: _Service, condition: Condition) -> Read | None:
        name = service.name
        if condition.kind == "alarm":
            return None
        short = f"services[?name == '{name}' && running < wanted]"
        full = f"services[?name == '{name}' && running >= wanted && wanted > `0`]"
        ill = condition.kind == "ill"
        health = Step(
            id="health", tool="cluster_health", arguments={"environment_id": {"$ref": "service.environment_id"}}
        )
        so = f"length({short}) > `0`" if ill else f"length({full}) > `0` && length({short}) == `0`"
        seen = f"services[?name == '{name}'].summary"
        what = f"{service.said} has fewer tasks than it is to have" if ill else f"all tasks of {service.said} run"
        return Read((*service.steps, health), so, seen, "{health.summary}", what, unread="unreachable[].summary")

    def _rolled_out(self, condition: Condition) -> Read | Revision | None:
        service = self._service(condition.subject)
        if not isinstance(service, _Service):
            return service
        so = "length(places) > `0` && length(places[].rollouts[] | [?state == 'under way']) == `0`"
        what = f"no deployment of {service.said} is under way any more"
        return Read(service.steps, so, "lines", "- {service.lines}", what)

    def _in_state(self, condition: Condition) -> Read | Revision | None:
        found = self._plan(f"how is {condition.subject}", of=("cluster_health",))
        if not isinstance(found, tuple):
            return found
        find = found[0]
        if find.tool.partition("@")[0] != "find_environment":
            return None
        steps = (find.model_copy(update={"arguments": {**find.arguments, "now": True}}),)
        what = f"{condition.subject} is {condition.kind}"
        return Read(
            steps,
            f"environment.state == '{condition.kind}'",
            "environment.summary",
            f"{{{find.id}.environment.summary}}",
            what,
        )

    def _idle(self, condition: Condition, lasting: int | None) -> Read | Revision | None:
        steps = self._plan(f"is {condition.subject} idle", of=("environment_activity",))
        if not isinstance(steps, tuple):
            return steps
        *before, last = steps
        hours = max(1, math.ceil((lasting or 60) / 60))
        last = last.model_copy(update={"arguments": {**last.arguments, "hours": hours}})
        what = f"{condition.subject} is idle, for {'an hour' if hours == 1 else f'{hours} hours'}"
        return Read((*before, last), "idle", "summary", f"{{{last.id}.summary}}", what)

    def measured(self, condition: Condition) -> Read | Revision | None:
        subject = figure(condition)
        steps = self._plan(*_ways(subject), of=("metric_values", "costs", "error_summary"))
        if not isinstance(steps, tuple):
            return steps
        last, sign = steps[-1], "<" if condition.kind == "under" else ">"
        said = condition._replace(subject=subject, daily=False).in_words
        if (refused := _refused(last, subject, condition)) is not None:
            return refused
        match last.tool.partition("@")[0]:
            case "metric_values":
                return self._figure(steps, condition, said)
            case "costs":
                days: Arguments = {"days": 1} if condition.daily else {}
                last = last.model_copy(update={"arguments": {**last.arguments, **days}})
                over = last.arguments.get("days", 30)
                what = f"{said} in the last {'day' if over == 1 else f'{over} days'}"
                so = f"total {sign} `{_number(condition.number)}`"
                held = Held("total", condition.number)
                return Read((*steps[:-1], last), so, "summary", f"{{{last.id}.summary}}", what, held)
            case _:
                what = f"there are {subject}" if condition.kind == "some" else f"{said} in 10 minutes"
                so = f"number {sign} `{_number(condition.number)}`"
                held = Held("number", condition.number)
                return Read(steps, so, "summary", f"{{{last.id}.summary}}", what, held, "not_looked_at")

    def _figure(self, steps: tuple[Step, ...], condition: Condition, what: str) -> Read:
        last = steps[-1]
        metric, statistic = str(last.arguments.get("metric")), last.arguments.get("statistic")
        sign = "<" if condition.kind == "under" else ">"
        number = _number(condition.number * _SCALES.get(condition.unit, 1.0))
        units = "series[].unit"
        if metric in _COUNTED and not statistic:
            held = Held("sum(figures[].total)", float(number), units=units)
            so, what = f"sum(figures[].total) {sign} `{number}`", f"{what} in 10 minutes"
        else:
            most = "min_by" if sign == "<" else "max_by"
            so = f"{most}(figures, &last).last {sign} `{number}`"
            worst = "minimum" if sign == ">" else "maximum"
            held = Held(f"figures[].{worst}", float(number), "figures[].label", units, many=True)
        shown = f"{{{last.id}.summary}}\n- {{{last.id}.lines}}"
        return Read(steps, so, "lines", shown, what, held, "not_looked_at")

    def _service(self, said: str) -> _Service | Revision | None:
        """The one service that is called so, where no environment is; or what is asked of the place said with it."""
        name = re.sub(r"(?i)^(?:the )?(?:service )?|(?: service)$", "", said)
        if any(squashed(one.name) == squashed(name) for one in self.known.environments):
            return None
        if (found := self._called(name)) is not None:
            return _Service(found, found, (Step(id="service", tool="service_details", arguments={"service": found}),))
        for form in _PLACED:
            if (put := form.fullmatch(said)) is None or (found := self._called(put["name"])) is None:
                continue
            steps = self._plan(f"how is {put['place']}", of=("cluster_health",))
            if isinstance(steps, tuple):
                *before, last = steps
                given: Arguments = {"service": found, "environment_id": last.arguments.get("environment_id")}
                service = Step(id="service", tool="service_details", arguments=given)
                return _Service(found, f"{found} in {put['place']}", (*before, service))
            return steps
        return None

    def _called(self, name: str) -> str | None:
        found = [one for one in self.known.services if squashed(one) == squashed(name) and _PLAIN.fullmatch(one)]
        return found[0] if len(found) == 1 else None


class _Service(NamedTuple):
    """The last of `steps`, by the id `service`, looks it up; `said` names its place too, where one is said."""

    name: str
    said: str
    steps: tuple[Step, ...]


def _ways(subject: str) -> list[str]:
    """How a figure may be asked for."""
    plain = re.sub(r"(?i)^(?:the|our|my) ", "", subject)
    plain = re.sub(r"(?i)\b(p\d\d(?:\.\d)?|median)(?! latency\b)\b", r"\1 latency", plain)
    if (cost := re.fullmatch(r"(?i)(.+?)(?:'s)? (?:costs?|spend|bill)", plain)) is not None:
        return [f"costs of {cost[1]}"]
    ways = [plain]
    if (of := re.fullmatch(r"(?i)(.+?) (?:of|on|in|for) (?:the )?(.+)", plain)) is not None:
        ways += [f"the {of[2]}'s {of[1]}", f"{of[1]} of {of[2]}"]
    return ways


def figure(condition: Condition) -> str:
    """What is held against a number, in words: a share of errors is their rate."""
    if condition.kind == "some":
        return f"errors of {condition.subject}"
    return _ERRORS.sub("error rate", condition.subject) if condition.unit == "%" else condition.subject


def _refused(read: Step, subject: str, condition: Condition) -> Revision | None:
    """That the figure is not measured in what is said, or that its unit is to be said."""
    match read.tool.partition("@")[0]:
        case "costs":
            measure = "money"
        case "error_summary":
            measure = "count"
        case _:
            measure = _MEASURES.get(str(read.arguments.get("metric")), "")
    if not measure:
        return None
    fitting, words = _IN[measure]
    if condition.unit in fitting:
        return None
    if not condition.unit:
        such = {"time": "ms", "size": "GB"}[measure]
        question = f"{condition.number:g} what? Say it with its unit, such as “{condition.number:g} {such}”."
        return only_says(condition.in_words, f"{question} Nothing was done.")
    other = {"%": "per cent", "count": "plain numbers", "money": "dollars"}.get(condition.unit, condition.unit)
    says = f"“{inert(subject)}” is measured in {words}, not in {other}. Nothing was done."
    return only_says(condition.in_words, says)


def _number(value: float) -> str:
    return json.dumps(int(value) if value == int(value) else round(value, 9))
