"""When a better plan is wanted, or a look at the one there is, and what becomes of an Item once there is one. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from copilot.config.configuration import Budgets
from copilot.domain import Item, Replan, Revision, Run, StepState
from copilot.plans.asking_back import question_of


def reconsider(item: Item, revisions: Sequence[Revision], budgets: Budgets, *, able: bool, now: datetime) -> Item:
    """A wrong Item as it is; or failed, where no better plan is to be asked for. `able` is whether there is a model."""
    if not able:
        return item.settle("failed", item.reason, now)
    if item.reason in item.repaired:
        return item.settle("failed", f"{item.reason} (as before its call was put right)", now)
    if item.wanted == "revise" and any(one.kind == "revise" and one.reason == item.reason for one in revisions):
        return item.settle("failed", f"{item.reason} (as before the plan was changed)", now)
    if sum(one.kind in {"repair", "revise"} for one in revisions) >= budgets.revisions:
        return item.settle("failed", f"{item.reason} (the plan was changed {budgets.revisions} times, the most)", now)
    return item


def better_plan(run: Run, steps: Iterable[StepState]) -> Replan | None:
    """What the next plan has to deal with; None where nothing is wrong. What is more than a wrong call goes first."""
    wrong = [(step, item) for step in steps for item in step.items if item.status == "wrong"]
    if not wrong:
        return None
    step, item = next(((s, i) for s, i in wrong if i.wanted == "revise"), wrong[0])
    return Replan(kind=item.wanted or "revise", revision=run.revision, step=step.step_id, reason=item.reason)


def next_look(run: Run, revision: Revision, steps: Mapping[str, StepState]) -> Replan | None:
    """That the plan, all steps of which are settled, is to be looked at; None where it is not, or where only the person
    can say what was meant.
    """
    then = revision.plan.then
    if then is None or not revision.looks_again or question_of(revision.plan, steps):
        return None
    return Replan(kind="look", revision=run.revision, reason=then.why)


def without_better_plan(item: Item, problem: str, now: datetime) -> Item:
    """A wrong Item for which no better plan was found."""
    # A problem may be in the words of a model, which had read the failure.
    return item.settle("failed", f"{item.reason}; {problem}", now, reason_marked=True)


def replanned(item: Item, now: datetime) -> Item:
    """A wrong Item that a revised plan does without."""
    return item.settle("replanned", item.reason, now)


def repaired(wrong: Item, made_anew: Item) -> Item:
    """The Item with its call made anew by a repaired step: another attempt, since what is kept is of the last one."""
    reasons = (*wrong.repaired, wrong.reason)
    return made_anew.model_copy(update={"attempt": wrong.attempt + 1, "repaired": reasons})
