"""What is not saved as a runbook, by what its run went by: text from outside, files, a look of a model, a secret."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from copilot.domain import AUTHOR, Person, Plan, Revision, Run, Trigger, Turn
from copilot.planning.saving import SaveRunbook
from copilot.ports import RunRecord
from copilot.tools.registry import Registry

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ANA, BEN = Person(id="ana", name="Ana", roles=("operator",)), Person(id="ben", name="Ben", roles=("operator",))
FIND = {"id": "find", "tool": "find_environment", "arguments": {"name": "blue"}}
ANSWER = {"text": "{find.environment.summary}"}
PLAN: dict[str, Any] = {"goal": "look at blue", "steps": [FIND], "answer": ANSWER}
FILED = FIND | {"arguments": {"name": {"$ref": "attachments[0].name"}}}


def trigger(text: str, person: Person = ANA) -> Trigger:
    given: dict[str, Any] = {"kind": "api", "tenant": "main", "conversation": "c", "received_at": NOON}
    return Trigger(text=text, person=person, dedupe_key=text, **given)


class Store:
    """Of one run, which the Conversation did last."""

    def __init__(self, run: Run, revisions: tuple[Revision, ...]) -> None:
        self.record = RunRecord(run, revisions, {})

    def turns(self, tenant: str, conversation: str, limit: int = 50) -> list[Turn]:
        return [Turn(run_id=self.record.run.run_id, author=AUTHOR, text="x", at=NOON)]

    def load_run(self, tenant: str, run_id: str) -> RunRecord:
        return self.record


def saved(*revisions: Revision, person: Person = ANA, **more: Any) -> str:
    """The answer to "save that"; "" where it is saved."""
    asked = trigger("look at blue", person)
    ended: dict[str, Any] = {"outcome": "succeeded", "answered_at": NOON}
    run = Run(run_id=asked.run_id, trigger=asked, **ended | more)
    save = SaveRunbook(Store(run, revisions), Registry())  # type: ignore[arg-type]
    revision = save(trigger("save that as a runbook called look"), "save that as a runbook called look")
    return "" if revision.plan.steps else str(revision.plan.say)


def made(**more: Any) -> Revision:
    plan = Plan.model_validate(PLAN | more.pop("plan", {}))
    return Revision(plan=plan, **more)


@pytest.mark.parametrize(
    ("revisions", "why"),
    [
        ([made()], ""),
        ([made(model="m")], ""),
        ([made(), made(kind="repair")], ""),
        ([made(read_untrusted=True)], "text that neither you nor the copilot wrote"),
        ([made(marked=("blue",))], "text that neither you nor the copilot wrote"),
        ([made(), made(kind="look")], "a model looked at what was found"),
        ([made(plan={"then": {"using": ["find"], "why": "x"}, "answer": None})], "a model looked at what was found"),
        ([made(plan={"steps": [FILED]})], "it goes by attachments"),
        ([made(plan={"goal": "with AKIAIOSFODNN7EXAMPLE and password=Xk29fjq1Lw8Zp"})], "looks like a secret"),
        ([made(intent="undo")], "it took back what was done once"),
        ([made(intent="runbook", slots={"runbook": "x"})], "it is a runbook already: x"),
    ],
)
def test_what_a_run_went_by_decides_whether_it_is_saved(revisions: list[Revision], why: str) -> None:
    said = saved(*revisions)
    assert (why in said and "Nothing was saved" in said) if why else said == ""


def test_whose_it_was_and_how_it_ended_decide_too() -> None:
    assert "Ben asked for it" in saved(made(), person=BEN)
    assert "it did not succeed (failed)" in saved(made(), outcome="failed")
    assert "it is not at its end yet" in saved(made(), outcome=None, answered_at=None)
