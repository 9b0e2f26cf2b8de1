"""What a Conversation did last, as a runbook: its plan with the names, numbers and times in it as parameters, which are
what they were unless something else is said.

What was made of text that nobody here wrote, or goes by what was found at the time, is not kept: that is said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, get_args

from pydantic import JsonValue, ValidationError

from copilot.domain import (
    RETRY,
    RUNBOOK,
    UNDO,
    Kind,
    Plan,
    Revision,
    Runbook,
    Step,
    Trigger,
    runbook_name,
)
from copilot.errors import NotFound, PlanError
from copilot.planning.unplanned import asking, only_says
from copilot.plans.arguments import ATTACHMENTS, MEMORY, answer_steps, dependencies, referred_to, results_of
from copilot.plans.runbook_check import check_runbook
from copilot.plans.schema_types import ListType, Text, Type
from copilot.plans.taint import tainted_steps
from copilot.plans.telling import MayTell, Telling, only_status
from copilot.plans.tool_types import types_of
from copilot.ports import RunRecord, Store
from copilot.runbooks.reading import MOST_BYTES
from copilot.runbooks.writing import plan_to_keep, written
from copilot.text.masking import mask_text
from copilot.text.outside import inert, quoted
from copilot.tools.registry import Registry

TURNS_BACK = 50
SAVE = "save_runbook"
NOTHING = "Nothing was done in this conversation that could be saved. Nothing was saved; ask for it first."
WHAT_NAME = "What is the runbook to be called? Nothing was saved."
_CALLED = re.compile(r".*?\brunbook\b(?P<name>.*)", re.IGNORECASE | re.DOTALL)
_CALLED_LAST = re.compile(
    r".*\b(?:called|named|by the name of|with the name)\s+(?P<name>.*)", re.IGNORECASE | re.DOTALL
)
_MOST_NAME = 60


@dataclass(frozen=True)
class SaveRunbook:
    """`may_tell` says whether a person may have what tells of something sent there without it being looked at."""

    store: Store
    registry: Registry
    may_tell: MayTell = only_status

    def __call__(self, trigger: Trigger, said: str) -> Revision:
        """A plan that saves what the Conversation did last, under the name that is `said`; or why not, in words."""
        name = _name_in(said)
        if not name:
            return asking(said, WHAT_NAME, lacks="")
        if len(name) > _MOST_NAME:
            return only_says(trigger.text, f"A name has at most {_MOST_NAME} letters. Nothing was saved.")
        record = self._last(trigger)
        if record is None or record.plan is None:
            return only_says(trigger.text, NOTHING)
        if refused := self._reason_against(trigger, record):
            asked = inert(record.run.trigger.text[:120])
            return only_says(trigger.text, f"“{asked}” cannot be saved as a runbook: {refused}. Nothing was saved.")
        made = _Parametrising(self.registry)
        # Who is told of what it does is asked for by who runs it.
        steps = tuple(made.step(step) for step in record.plan.steps if step.accompanies is None)
        given: dict[str, Any] = {
            "name": name,
            "description": record.run.trigger.text[:300],
            "parameters": made.parameters,
            "steps": steps,
            "answer": record.plan.answer,
        }
        try:
            runbook = Runbook.model_validate(given)
            check_runbook(runbook, self.registry)
        except (ValidationError, PlanError) as error:
            why = inert(str(error).splitlines()[0][:300])
            return only_says(trigger.text, f"It cannot be saved as a runbook: {why}. Nothing was saved.")
        if len(written(runbook).encode()) > MOST_BYTES:
            return only_says(trigger.text, f"A runbook has at most {MOST_BYTES} bytes. Nothing was saved.")
        others = f", with others for {', '.join(made.parameters)} if you like" if made.parameters else ""
        beside = f"Run it again: “run the runbook {name}”{others}."
        plan = plan_to_keep(runbook, trigger.text, beside)
        return Revision(plan=plan, intent=SAVE, slots={"runbook": name})

    def _last(self, trigger: Trigger) -> RunRecord | None:
        """The last Run of the Conversation that called anything, without those that saved."""
        turns = self.store.turns(trigger.tenant, trigger.conversation, TURNS_BACK)
        for run_id in dict.fromkeys(turn.run_id for turn in reversed(turns)):
            if run_id == trigger.run_id:
                continue
            try:
                record = self.store.load_run(trigger.tenant, run_id)
            except NotFound:
                continue
            if record.revision is not None and record.revision.plan.steps and record.revisions[0].intent != SAVE:
                return record
        return None

    def _reason_against(self, trigger: Trigger, record: RunRecord) -> str:
        """Why this is not kept; "" where it may be."""
        run, plan, first = record.run, record.plan, record.revisions[0]
        assert plan is not None
        if run.trigger.person.id != trigger.person.id:
            return f"{quoted(run.trigger.person.name)} asked for it, and a runbook is in the words of who saves it"
        if run.status != "answered":
            return "it is not at its end yet"
        if run.outcome != "succeeded":
            return f"it did not succeed ({run.outcome})"
        return self._not_of_its_own(record, plan) or self._kind_of_plan(first, plan) or self._untold(trigger, record)

    def _kind_of_plan(self, first: Revision, plan: Plan) -> str:
        if first.intent == RUNBOOK:
            return f"it is a runbook already: {first.slots.get('runbook')}"
        if first.intent == UNDO:
            return "it took back what was done once, which is not there another time"
        if first.intent == RETRY:
            return "it did the rest of what another run had begun"
        if plan.answer is None:
            return "it has no answer to be given another time"
        return ""

    def _untold(self, trigger: Trigger, record: RunRecord) -> str:
        telling = Telling.of(record, self.store, self.registry)
        if (untold := telling.untold(partial(self.may_tell, trigger.person))) is None:
            return ""
        whom, what = quoted(untold[0]), untold[1].in_words
        return (
            f"what it tells {whom} was put into words by a model that had read what tells of {what}, and {whom} is not "
            "told that without an approval"
        )

    def _not_of_its_own(self, record: RunRecord, plan: Plan) -> str:
        """What it went by that a runbook does not have."""
        if plan.then is not None or any(one.kind == "look" for one in record.revisions):
            return "a model looked at what was found and decided on by that, and a runbook runs without one"
        tainted = tainted_steps(record.revisions, record.steps, self.registry)
        if tainted or any(one.read_untrusted or one.marked for one in record.revisions):
            return "text that neither you nor the copilot wrote had a part in it"
        if reserved := sorted({MEMORY, ATTACHMENTS} & _referred_to(plan)):
            return f"it goes by {' and '.join(reserved)}, which another time are not there"
        if mask_text(text := plan.model_dump_json()) != text:
            return "there is something in it that looks like a secret"
        return ""


def _name_in(said: str) -> str:
    found = _CALLED_LAST.fullmatch(said) or _CALLED.fullmatch(said)
    name = found["name"].strip() if found else ""
    return "" if re.match(r"(?:of|from|out of)\b", name) else runbook_name(name)


def _referred_to(plan: Plan) -> set[str]:
    paths = {path[0] for step in plan.steps for path in referred_to(step)}
    paths |= {MEMORY} if results_of(plan) else set()
    return paths | {*answer_steps(plan)} | {name for step in plan.steps for name in dependencies(step)}


@dataclass
class _Parametrising:
    """What is literal in a plan, as parameters by their names. The same value of the same sort is the same one."""

    registry: Registry
    parameters: dict[str, dict[str, Any]] = field(default_factory=dict)

    def step(self, step: Step) -> Step:
        tool = self.registry.find(step.tool)
        types = types_of(tool).input.fields
        given = {
            name: self._value(name, value, Text(names="environment") if (tool.name, name) in _AS_PEOPLE_WRITE else type)
            for name, value in step.arguments.items()
            for type in [types.get(name)]
        }
        return step.model_copy(update={"tool": f"{tool.name}@{tool.version}", "arguments": given})

    def _value(self, name: str, value: JsonValue, type: Type | None) -> JsonValue:
        if isinstance(value, dict) or value is None or isinstance(value, bool):
            return value
        if isinstance(value, list):
            element = type.element if isinstance(type, ListType) else type
            return [self._value(name.removesuffix("s"), one, element) for one in value]
        if isinstance(value, int | float):
            return self._slot(name, {"type": "integer" if isinstance(value, int) else "number", "default": value})
        if isinstance(type, Text) and (made := _parameter(name, value, type)) is not None:
            return self._slot(*made)
        return value

    def _slot(self, name: str, parameter: Mapping[str, Any]) -> JsonValue:
        return {"$slot": self._named(name, dict(parameter))}

    def _named(self, name: str, parameter: dict[str, Any]) -> str:
        for number in range(1, 100):
            known = name if number == 1 else f"{name}_{number}"
            if self.parameters.setdefault(known, parameter) == parameter:
                return known
        return name


_AS_PEOPLE_WRITE = {("find_environment", "name"), ("list_environments", "names"), ("list_environments", "but")}
"""Arguments that name environments, as people write them."""
_KINDS = {*get_args(Kind)}


def _parameter(name: str, value: str, type: Text) -> tuple[str, dict[str, Any]] | None:
    """The parameter that a text in a plan is; None for one that is none."""
    if type.names in {"environment", "service", "channel"}:
        return type.names, {"type": "string", "names": type.names, "default": value}
    if type.choices and set(type.choices) >= _KINDS and value in type.choices:
        return "kind", {"type": "choice", "choices": list(type.choices), "default": value}
    if type.made and re.match(r"\d{4}-\d\d-\d\d", value):
        return name, {"type": "string", "default": value}
    return None
