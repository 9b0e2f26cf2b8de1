"""What is to be watched, as people ask for it: the read that a known request is, repeated, with a condition over it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from copilot.domain import AGAIN, AT_MOST_FOR, RETRY, UNDO, Answer, Arguments, Known, Plan, Revision, Step
from copilot.intents import Present
from copilot.intents.on_schedule import DoesNotMove
from copilot.intents.on_schedule import kept as moving
from copilot.intents.watching import Condition, Said, read
from copilot.planning.putting_off import MARKED, RUNS_LATER, WATCH_AND_DO, PutOff
from copilot.planning.unplanned import asking, only_says
from copilot.policy.rights import Rights
from copilot.text.nearness import squashed
from copilot.text.outside import inert

START, STOP, LIST = "start_watch", "stop_watch", "list_watches"
STARTS = frozenset({START, WATCH_AND_DO})
_SCALES = {"ms": 0.001, "s": 1.0, "min": 60.0, "KB": 1024.0, "MB": 1024.0**2, "GB": 1024.0**3}
_COUNTED = frozenset({"requests", "errors", "throttles"})
_PLAIN = re.compile(r"[\w.-]+")
EVERYTHING = frozenset({"all", "everything", "all of it", "all of them", "them all"})
NOT_KEPT = "“{action}” is nothing that I can keep to be done then."
LASTING = (
    "A time in what is to be done then follows no rule that I know ({time}), so it cannot be kept for later. "
    "Nothing was done; say it without that time, or with another."
)
SO_LONG = (
    "For how long something has been so I cannot wait: I tell, and do what is asked, at the first look that finds "
    "it so. Nothing was done; say it without how long, or until when to watch, as in “until 17:00”."
)
ONCE = "It is done the first time that it is so, which ends the watch."
Planned = Callable[[str, datetime], Revision | None]


class _Read(NamedTuple):
    """The last of `steps` is the read that is repeated; `condition` is over what it gives, and `seen` takes from that
    what is told. `shown` is how an answer shows it, `what` says what is waited for.
    """

    steps: tuple[Step, ...]
    condition: str
    seen: str
    shown: str
    what: str


@dataclass(frozen=True)
class WatchInWords:
    """`planned` gives what a known request comes to at a time; `put_off` and `rights` say what of that may be kept to
    be done later; `channels` are those there are, () where any may be one.
    """

    planned: Planned
    known: Known
    present: Present
    put_off: PutOff
    rights: Callable[[], Rights]
    channels: Sequence[str] = ()

    def __call__(self, text: str) -> Revision | None:
        """The plan that watches, stops or lists, or what is asked or said in its place; None for anything else."""
        said = read(text, self.present)
        if said is None:
            return None
        if said.do == "list":
            return Revision(plan=_listing(text), intent=LIST)
        if said.do == "stop":
            return Revision(plan=_stopping(text, said.of), intent=STOP)
        if said.lasting is not None and (said.condition is None or said.condition.kind != "idle"):
            return only_says(text, SO_LONG)
        found = self._read(said)
        if found is None or isinstance(found, Revision):
            return found
        asked = self._asked_first(text, said)
        if asked is not None or not said.action:
            return asked or Revision(plan=self._starting(text, said, found), intent=START)
        inner = self.planned(said.to_do, self.present.now)
        return None if inner is None else self._acting(text, said, found, inner)

    def left(self, text: str) -> str:
        """What is to be done once something is so that is read by a known request; "" where that is all known, or
        nothing is.
        """
        said = read(text, self.present)
        known = said is not None and said.action and isinstance(self._read(said), _Read)
        return said.to_do if said is not None and known else ""

    def with_plan(self, text: str, inner: Revision) -> Revision | None:
        """The watch of which `left` is done as a model planned it."""
        said = read(text, self.present)
        found = self._read(said) if said is not None else None
        if said is None or not isinstance(found, _Read):
            return None
        return self._acting(text, said, found, inner)

    def _acting(self, text: str, said: Said, found: _Read, inner: Revision) -> Revision:
        """The watch that has this done; or what is asked or said in its place."""
        plan = inner.plan
        if plan.ask is not None:
            return asking(text, f"{plan.ask.question}", plan.ask.choices, lacks=inner.lacks)
        if not plan.steps or inner.intent in {RETRY, UNDO, AGAIN} or RUNS_LATER & {_named(step) for step in plan.steps}:
            return self._offered(text, said)
        if refused := self.put_off.refused(text, inner, by_model=inner.model is not None):
            return refused
        try:
            plan = plan if inner.model else moving(lambda at: self._planned_at(said.to_do, at), self.present)
        except DoesNotMove as error:
            return only_says(text, LASTING.format(time=inert(str(error))))
        watching = self._starting(text, said, found)
        start = watching.steps[-1]
        kept = self.put_off.whole(said.to_do, plan, self.rights())
        notes = [ONCE, *kept["notes"]] if isinstance(kept["notes"], list) else [ONCE]
        arguments = start.arguments | kept | {"notes": notes, "once": True}
        acting = start.model_copy(update={"tool": WATCH_AND_DO, "arguments": arguments})
        made = watching.model_copy(update={"steps": (*watching.steps[:-1], acting), "answer": watching.answer})
        return Revision(plan=made, intent=WATCH_AND_DO, model=inner.model, read_about=inner.read_about)

    def _planned_at(self, request: str, at: datetime) -> Plan:
        found = self.planned(request, at)
        assert found is not None
        return found.plan

    def _offered(self, text: str, said: Said) -> Revision:
        """What is no more than words, or makes schedules itself: to be told is offered in its place."""
        assert said.condition is not None
        when = said.condition.in_words
        not_kept = NOT_KEPT.format(action=inert(said.action))
        asked = f"{not_kept} Shall I tell you when {inert(when)}, so that you can say it then?"
        offered = " ".join(filter(None, ["tell me when", when, said.until.words if said.until else ""]))
        return asking(text, f"{asked} Nothing was done.", (offered,), lacks=text)

    def _asked_first(self, text: str, said: Said) -> Revision | None:
        if said.tell and self.channels and said.tell not in self.channels:
            question = f"There is no channel {inert(said.tell)} to be told. Which is meant? Nothing was done."
            return asking(text, question, [text.replace(said.tell, one) for one in self.channels[:4]], lacks=text)
        if said.until is not None and said.until.at > self.present.now + AT_MOST_FOR:
            question = f"I watch something for {AT_MOST_FOR.days} days at most. Until when? Nothing was done."
            return asking(text, question, ("for 7 days", "for 1 day"), lacks=said.until.words)
        return None

    def _starting(self, text: str, said: Said, found: _Read) -> Plan:
        *before, last = found.steps
        arguments: Arguments = {
            "tool": last.tool,
            "arguments": last.arguments,
            "condition": found.condition,
            "what": found.what[:200],
            "seen": found.seen,
            "once": said.only,
            "time_zone": self.present.time_zone,
        }
        arguments |= {"until": said.until.at.isoformat()} if said.until else {}
        arguments |= {"to": said.tell} if said.tell else {}
        start = Step(id="start", tool=START, arguments=arguments, after=(last.id,))
        return Plan(
            goal=text, steps=(*before, last, start), answer=Answer(text=f"{{start.summary}}\n\nNow:\n{found.shown}")
        )

    def _read(self, said: Said) -> _Read | Revision | None:
        condition = said.condition
        if condition is None:
            found = self._of(Condition("ill", said.of))
            return self._without_condition(said) if found is None else found
        return self._of(condition, said.lasting)

    def _without_condition(self, said: Said) -> Revision | None:
        """A figure, of which nothing says from which value on it is news."""
        if self._measured(Condition("over", said.of)) is None:
            return None
        whole = f"watch {said.of}" + (f" {said.until.words}" if said.until else "")
        question = (
            f"From which value on am I to tell you of {inert(said.of)}? Say it whole, such as “{inert(whole)} and"
        )
        return only_says(whole, f"{question} tell me if it goes over 80”. Nothing was done.")

    def _of(self, condition: Condition, lasting: int | None = None) -> _Read | Revision | None:
        match condition.kind:
            case "over" | "under" | "some":
                return self._measured(condition)
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

    def _health(self, condition: Condition) -> _Read | Revision | None:
        subject, ill = condition.subject, condition.kind == "ill"
        service = self._service(subject)
        if service is not None:
            return self._service_health(service, condition)
        steps = self._plan(f"how is {subject}", of=("cluster_health",))
        if not isinstance(steps, tuple):
            return steps
        id = steps[-1].id
        if condition.kind == "alarm":
            so, what = "length(alarms[?state == 'ALARM']) > `0`", f"an alarm rings in {subject}"
        else:
            so, what = ("!healthy", f"{subject} is not healthy") if ill else ("healthy", f"{subject} is healthy")
        return _Read(steps, so, "summary", f"{{{id}.summary}}", what)

    def _service_health(self, name: str, condition: Condition) -> _Read | None:
        if condition.kind == "alarm":
            return None
        short = f"services[?name == '{name}' && running < wanted]"
        full = f"services[?name == '{name}' && running >= wanted && wanted > `0`]"
        ill = condition.kind == "ill"
        steps = (
            Step(id="service", tool="service_details", arguments={"service": name}),
            Step(id="health", tool="cluster_health", arguments={"environment_id": {"$ref": "service.environment_id"}}),
        )
        so = f"length({short}) > `0`" if ill else f"length({full}) > `0` && length({short}) == `0`"
        seen = f"services[?name == '{name}'].summary"
        what = f"{name} has fewer tasks than it is to have" if ill else f"all tasks of {name} run"
        return _Read(steps, so, seen, "{health.summary}", what)

    def _rolled_out(self, condition: Condition) -> _Read | None:
        name = self._service(condition.subject)
        if name is None:
            return None
        steps = (Step(id="service", tool="service_details", arguments={"service": name}),)
        so = "length(places) > `0` && length(places[].rollouts[] | [?state == 'under way']) == `0`"
        return _Read(steps, so, "lines", "- {service.lines}", f"no deployment of {name} is under way any more")

    def _in_state(self, condition: Condition) -> _Read | Revision | None:
        found = self._plan(f"how is {condition.subject}", of=("cluster_health",))
        if not isinstance(found, tuple):
            return found
        find = found[0]
        if find.tool.partition("@")[0] != "find_environment":
            return None
        steps = (find.model_copy(update={"arguments": {**find.arguments, "now": True}}),)
        what = f"{condition.subject} is {condition.kind}"
        return _Read(
            steps,
            f"environment.state == '{condition.kind}'",
            "environment.summary",
            f"{{{find.id}.environment.summary}}",
            what,
        )

    def _idle(self, condition: Condition, lasting: int | None) -> _Read | Revision | None:
        steps = self._plan(f"is {condition.subject} idle", of=("environment_activity",))
        if not isinstance(steps, tuple):
            return steps
        *before, last = steps
        hours = max(1, math.ceil((lasting or 60) / 60))
        last = last.model_copy(update={"arguments": {**last.arguments, "hours": hours}})
        what = f"{condition.subject} is idle, for {'an hour' if hours == 1 else f'{hours} hours'}"
        return _Read((*before, last), "idle", "summary", f"{{{last.id}.summary}}", what)

    def _measured(self, condition: Condition) -> _Read | Revision | None:
        subject = condition.subject
        if condition.unit == "%":
            subject = re.sub(r"(?i)\b(?:errors?|5xx)(?! rate)\b", "error rate", subject)
        if condition.kind == "some":
            subject = f"errors of {subject}"
        steps = self._plan(*_ways(subject), of=("metric_values", "costs", "error_summary"))
        if not isinstance(steps, tuple):
            return steps
        last, sign = steps[-1], "<" if condition.kind == "under" else ">"
        said = condition._replace(subject=subject, daily=False).in_words
        match last.tool.partition("@")[0]:
            case "metric_values":
                return self._figure(steps, condition, said)
            case "costs":
                days: Arguments = {"days": 1} if condition.daily else {}
                last = last.model_copy(update={"arguments": {**last.arguments, **days}})
                over = last.arguments.get("days", 30)
                what = f"{said} in the last {'day' if over == 1 else f'{over} days'}"
                so = f"total {sign} `{_number(condition.number)}`"
                return _Read((*steps[:-1], last), so, "summary", f"{{{last.id}.summary}}", what)
            case _:
                what = f"there are {subject}" if condition.kind == "some" else f"{said} in 10 minutes"
                so = f"number {sign} `{_number(condition.number)}`"
                return _Read(steps, so, "summary", f"{{{last.id}.summary}}", what)

    def _figure(self, steps: tuple[Step, ...], condition: Condition, what: str) -> _Read | Revision:
        last = steps[-1]
        metric, statistic = str(last.arguments.get("metric")), last.arguments.get("statistic")
        sign = "<" if condition.kind == "under" else ">"
        if metric == "latency" and condition.unit not in _SCALES:
            question = f"{condition.number:g} what? Say it with its unit, such as “{condition.number:g} ms”."
            return only_says(what, f"{question} Nothing was done.")
        number = _number(condition.number * _SCALES.get(condition.unit, 1.0))
        counted = metric in _COUNTED and not statistic
        if counted:
            so, what = f"sum(figures[].total) {sign} `{number}`", f"{what} in 10 minutes"
        else:
            most = "min_by" if sign == "<" else "max_by"
            so = f"{most}(figures, &last).last {sign} `{number}`"
        return _Read(steps, so, "lines", f"{{{last.id}.summary}}\n- {{{last.id}.lines}}", what)

    def _service(self, said: str) -> str | None:
        """The one service that is called so, where no environment is."""
        name = re.sub(r"(?i)^(?:the )?(?:service )?|(?: service)$", "", said)
        if any(squashed(one.name) == squashed(name) for one in self.known.environments):
            return None
        found = [one for one in self.known.services if squashed(one) == squashed(name) and _PLAIN.fullmatch(one)]
        return found[0] if len(found) == 1 else None


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


def _named(step: Step) -> str:
    return step.tool.partition("@")[0]


def _number(value: float) -> str:
    return json.dumps(int(value) if value == int(value) else round(value, 9))


def _listing(text: str) -> Plan:
    step = Step(id="list", tool=LIST, arguments={})
    return Plan(goal=text, steps=(step,), answer=Answer(text="{list.none}\n- {list.watches[].summary}"))


def _stopping(text: str, of: str) -> Plan:
    plain = re.sub(r"(?i)^(?:it|that|this|them|for me|me)$", "", of)
    if plain.lower() in EVERYTHING:
        listed = Step(id="list", tool=LIST, arguments={"mine": True})
        each = Step(
            id="stop",
            tool=STOP,
            for_each={"$ref": "list.watches[].watch_id"},
            arguments={"watch": {"$item": "@"}},
        )
        return Plan(goal=text, steps=(listed, each), answer=Answer(text="{list.none}\n- {stop[].summary}"))
    step = Step(id="stop", tool=STOP, arguments={"watch": plain})
    return Plan(goal=text, steps=(step,), answer=Answer(text="{stop.summary}"))
