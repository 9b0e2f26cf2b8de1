"""Requests about what was last answered, planned over the results that are kept of it: passed on, narrowed, counted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from pydantic import JsonValue

from copilot.domain import ANSWER, TO_PERSON, Answer, Focus, KeptResult, Plan, Step
from copilot.errors import PlanError
from copilot.intents.filling import telling
from copilot.intents.forms import FILES, with_files, with_links
from copilot.intents.over import MEASURE_OF, WHICH_OF, Limit, falls, limit_of
from copilot.intents.periods import NUMBERS
from copilot.intents.referring import Unclear
from copilot.plans.arguments import MEMORY
from copilot.plans.kept import kept_type
from copilot.plans.plan_types import outputs_of, type_of_outputs
from copilot.plans.references import roots
from copilot.plans.renaming import renamed_plan
from copilot.plans.schema_types import Boolean, ListType, Number, ObjectType, Text, Type
from copilot.tools.registry import Registry

MOST_TOP = 10
_PICKED = re.compile(r"\||sort_by")
SAID = "summary"
NAMES = ("name", "title", "id")
_MONEY = frozenset({"cost", "amount", "price", "spent", "saves"})
_SINCE = "What I last answered was before something that I did not understand, or that waits for an answer."


class _List(NamedTuple):
    """A list that was shown: the expression, and the type of each thing in it."""

    expression: str
    each: ObjectType

    @property
    def shown(self) -> str:
        """The field by which one of them is said; "" where there is none."""
        return next((name for name in (SAID, *NAMES) if isinstance(self.each.fields.get(name), Text)), "")


@dataclass(frozen=True)
class OverResults:
    """`figures` in a call are the fields that a chart of the last answer would draw: those that a number is about."""

    registry: Registry

    def __call__(
        self, action: str, text: str, said: Mapping[str, object], focus: Focus, figures: Sequence[str]
    ) -> Plan | None:
        """The plan; None where nothing that is kept has it. Raises Unclear."""
        answered = next((one for one in focus.results if one.name == ANSWER), None)
        if action == "pass_on":
            return self._passed_on(text, said, answered, focus)
        if answered is None or focus.unsettled:
            return None
        lists = [*self._lists([one for one in focus.results if one.told_in == answered.run_id])]
        plans: Mapping[str, Callable[[str, Mapping[str, object], Sequence[_List], Sequence[str]], Plan | None]] = {
            "over_that": _beyond,
            "those_that": _of_which,
            "top_of": _top,
            "sort": _sorted,
            "how_many": _counted,
            "in_a_form": _as_files,
        }
        return plans[action](text, said, lists, figures) if lists else None

    def _passed_on(
        self, text: str, said: Mapping[str, object], answered: KeptResult | None, focus: Focus
    ) -> Plan | None:
        if answered is None:
            return None
        if focus.unsettled:
            raise Unclear(f"What is to be passed on? {_SINCE} Ask for it again, and say whom to tell.", text)
        channels = said.get("channels")
        told = [str(one) for one in channels] if isinstance(channels, tuple) else []
        told += [f"{TO_PERSON}{said['told']}"] if "told" in said else []
        if not told:
            return None
        whole: JsonValue = {"$text": f"{{{MEMORY}.{ANSWER}.text}}"}
        steps = [
            Step(id=f"tell{number}" if number > 1 else "tell", tool="notify", arguments={"channel": one, "text": whole})
            for number, one in enumerate(told, 1)
        ]
        return _plan(text, "\n".join(f"What I last answered: {{{step.id}.summary}}." for step in steps), steps)

    def _lists(self, results: Sequence[KeptResult]) -> Iterator[_List]:
        """Those that were shown; where none was, the one that a result has."""
        memory = kept_type(results, self.registry)
        outputs = outputs_of({}, memory=memory)
        for one in results:
            if one.name not in memory.fields or one.name == ANSWER:
                continue
            for expression in one.lists or _only_list(memory.fields[one.name], f"{MEMORY}.{one.name}"):
                try:
                    found = type_of_outputs(expression, outputs)
                except PlanError:
                    continue
                each = found.element if isinstance(found, ListType) else None
                if isinstance(each, ObjectType) and (shown := _List(expression, each)).shown:
                    yield shown


def _only_list(found: Type, at: str) -> list[str]:
    if isinstance(found, ListType):
        return [at]
    fields = found.fields.items() if isinstance(found, ObjectType) else ()
    lists = [name for name, one in fields if isinstance(one, ListType) and isinstance(one.element, ObjectType)]
    return [f"{at}.{lists[0]}"] if len(lists) == 1 else []


def beside(now: Plan, before: Plan, said: str) -> Plan:
    """The plan of the last request of another time, with what that had come to under it."""
    taken = {step.id for step in now.steps}
    names = {step.id: f"{step.id}_before" for step in before.steps if step.id in taken}
    if names:
        before = renamed_plan(before, names)
    texts = [one.answer.text if one.answer and one.answer.text else "" for one in (now, before)]
    text = f"{said[:1].upper()}{said[1:]}:\n{texts[0].strip()}\n\nWhat it is held against:\n{texts[1].strip()}\n"
    return now.model_copy(update={"steps": (*before.steps, *now.steps), "answer": Answer(text=text)})


def narrowed(plan: Plan, focus: Focus) -> Plan:
    """The plan that makes files of what was answered, of what was picked out of that since, and that alone."""
    answered = next((one for one in focus.results if one.name == ANSWER), None)
    shown = [one.lists[0] for one in focus.results if answered and one.lists and one.told_in == answered.run_id]
    picked = {".".join(path): one for one in shown if _PICKED.search(one) for path in roots(one)}
    if not picked:
        return plan
    steps = [step.model_copy(update={"arguments": _of_picked(step.arguments, picked)}) for step in plan.steps]
    if steps == list(plan.steps) or plan.answer is None or plan.answer.text is None:
        return plan
    files = plan.answer.text[plan.answer.text.index(FILES) :] if FILES in plan.answer.text else plan.answer.text
    return plan.model_copy(update={"steps": tuple(steps), "answer": Answer(text=files)})


def _of_picked(value: Any, picked: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_of_picked(inner, picked) for inner in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"$ref"}:
        return {"$ref": picked.get(str(value["$ref"]).removesuffix("[]"), value["$ref"])}
    return {key: _of_picked(inner, picked) for key, inner in value.items()}


def _plan(text: str, answer: str, steps: Sequence[Step] = ()) -> Plan:
    return Plan(goal=text, steps=tuple(steps), answer=Answer(text=answer))


def _numbers(shown: _List) -> list[str]:
    return [name for name, one in shown.each.fields.items() if isinstance(one, Number) and not one.masked]


def _called(name: str) -> str:
    return name.replace("_", " ")


def _fields_for(measure: str, shown: _List, names: Sequence[str]) -> list[str]:
    """The fields that a measure may be, the nearest alone where one is just that."""
    words = _MONEY if measure == "cost" else {measure}
    exact = [name for name in names if _called(name) in words]
    return exact or [name for name in names if any(word in _called(name) for word in words)]


def _figure(
    text: str, limit: str, measure: str, lists: Sequence[_List], figures: Sequence[str]
) -> tuple[_List, str] | None:
    """The list, and the field in it, that a number is about: what was said, else what the answer is about, else the
    only one. Raises Unclear where it may be several.
    """
    for shown in lists:
        numbers = _numbers(shown)
        fields = (
            _fields_for(measure, shown, numbers)
            if measure
            else [one for one in figures[:1] if one in numbers] or numbers
        )
        if len(fields) == 1:
            return shown, fields[0]
        if fields:
            which = [f"{text} {_called(one)}" for one in fields if _called(one) in MEASURE_OF]
            raise Unclear(f"Which figure is meant{limit}: {', '.join(map(_called, fields))}?", text, which)
    return None


def _beyond(text: str, said: Mapping[str, object], lists: Sequence[_List], figures: Sequence[str]) -> Plan | None:
    left_out = "short_of" in said
    limit: Limit = limit_of(
        str(said.get("beyond") or said["short_of"]), str(said.get("measure", "")), opposite=left_out
    )
    found = _figure(text, f" by {limit.number}", limit.measure, lists, figures)
    if found is None:
        return None
    shown, field = found
    there = f"{field}!=`null` && " if shown.each.fields[field].nullable else ""
    some = f"{shown.expression} | [?{there}{field}{limit.sign}`{limit.number}`]"
    return _some(text, shown, some, f"with {_called(field)} {_IN_WORDS[limit.sign]} {limit.number}")


_IN_WORDS = {">": "over", ">=": "of at least", "<": "under", "<=": "of at most"}


def _of_which(text: str, said: Mapping[str, object], lists: Sequence[_List], figures: Sequence[str]) -> Plan | None:
    word = str(said["which"])
    which = WHICH_OF[word]
    for shown in lists:
        flags = {name for name, one in shown.each.fields.items() if isinstance(one, Boolean)}
        if which.removeprefix("!") in flags:
            return _some(text, shown, f"{shown.expression} | [?{which}]", f"that are {word}")
        having = [name for name, one in shown.each.fields.items() if isinstance(one, Text) and which in one.choices]
        if len(having) == 1:
            return _some(text, shown, f"{shown.expression} | [?{having[0]}=='{which}']", f"that are {word}")
    return None


def _some(text: str, shown: _List, some: str, of_which: str) -> Plan:
    """Those alone, with how many there are of how many."""
    heading = f"{{length({some})}} of {{length({shown.expression})}} {of_which}"
    if text.lower().startswith("how many"):
        return _plan(text, f"{heading}.")
    return _plan(text, f"{heading}:\n- {{{some}.{shown.shown}}}")


def _in_order(shown: _List, field: str, *, falling: bool) -> str:
    some = f"{shown.expression} | [?{field}!=`null`]" if shown.each.fields[field].nullable else shown.expression
    ordered = f"sort_by({some}, &{field})"
    return f"reverse({ordered})" if falling else ordered


def _top(text: str, said: Mapping[str, object], lists: Sequence[_List], figures: Sequence[str]) -> Plan | None:
    number = _number(str(said["top"]))
    measure = MEASURE_OF.get(str(said.get("measure", "")), "")
    if not measure and str(said["extreme"]) in {"most expensive", "cheapest", "dearest", "priciest", "costliest"}:
        measure = "cost"
    found = _figure(text, "", measure, lists, figures) if 0 < number <= MOST_TOP else None
    if found is None:
        return None
    shown, field = found
    falling = falls(str(said["extreme"]))
    ordered = _in_order(shown, field, falling=falling)
    lines = [f"- {{{ordered}[{at}].{shown.shown}}}" for at in range(number)]
    return _plan(text, "\n".join([f"By {_called(field)}, {'highest' if falling else 'lowest'} first:", *lines]))


def _number(said: str) -> int:
    return int(said) if said.isdigit() else NUMBERS.get(said, 0)


def _sorted(text: str, said: Mapping[str, object], lists: Sequence[_List], figures: Sequence[str]) -> Plan | None:
    measure = MEASURE_OF.get(str(said.get("measure", "")), "")
    for shown in lists:
        plain = [name for name, one in shown.each.fields.items() if isinstance(one, Text) and not one.masked]
        fields = _fields_for(measure, shown, plain) if measure else []
        by_figure = _fields_for(measure, shown, _numbers(shown)) if measure else []
        if len(fields) == 1 and not by_figure and not shown.each.fields[fields[0]].nullable:
            falling = str(said.get("direction", "")).startswith(("desc", "newest"))
            return _ordered(text, shown, fields[0], falling=falling)
    found = _figure(text, "", measure, lists, figures)
    return _ordered(text, *found, falling=falls(str(said.get("direction", "")))) if found else None


def _ordered(text: str, shown: _List, field: str, *, falling: bool) -> Plan:
    ordered = _in_order(shown, field, falling=falling)
    return _plan(text, f"By {_called(field)}{', highest first' if falling else ''}:\n- {{{ordered}[].{shown.shown}}}")


def _counted(text: str, said: Mapping[str, object], lists: Sequence[_List], figures: Sequence[str]) -> Plan | None:
    return _plan(text, f"In the last answer there are {{length({lists[0].expression})}}.")


def _as_files(text: str, said: Mapping[str, object], lists: Sequence[_List], figures: Sequence[str]) -> Plan | None:
    """The list as a table; as a picture the one figure there is in it."""
    forms = said["forms"] if isinstance(said["forms"], tuple) else ()
    shown = lists[0]
    section: dict[str, JsonValue] = {"rows": {"$ref": shown.expression}}
    if "png" in forms:
        found = _figure(text, "", "", lists, figures)
        names = [name for name in NAMES if isinstance(lists[0].each.fields.get(name), Text)]
        if found is None or not names:
            return None
        shown = found[0]
        section = {"rows": {"$ref": shown.expression}, "chart": {"kind": "bar", "x": names[0], "y": [found[1]]}}
    report: Mapping[str, Any] = {"title": "What was answered", "sections": [section]}
    plan = with_files({"steps": [], "answer": {"text": ""}}, report, [str(one) for one in forms])
    channels = said.get("channels")
    if isinstance(channels, tuple):
        plan = telling(plan, with_links("What was answered"), [str(one) for one in channels])
    return Plan.model_validate({**plan, "goal": text})
