"""What a turn leaves behind in its Conversation, written with its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from copilot.domain import AUTHOR, About, Focus, LedgerEntry, OpenQuestion, Turn, is_of_schedule, is_remark
from copilot.memory.keeping import kept_after
from copilot.memory.remembering import also_changed, as_written, fitting, remembered, spoken_of, understood
from copilot.memory.showing import shown_by
from copilot.memory.summing_up import summed_up
from copilot.plans.arguments import MEMORY
from copilot.plans.asking_back import question_of
from copilot.plans.kept import used_by
from copilot.plans.taint import tainted_steps
from copilot.ports import RunRecord, Store
from copilot.text.outside import looks_like_a_name
from copilot.tools.registry import Registry

LATEST = 10
"""Turns that are looked through for one that came later."""


@dataclass(frozen=True)
class Remember:
    """Of a Run that is being answered; `ledger` is what it did."""

    store: Store
    registry: Registry
    ledger: Sequence[LedgerEntry]

    @property
    def _without_effect(self) -> set[tuple[str, int]]:
        """The calls, by step and item, that found all as it was to be, and changed nothing."""
        return {(one.step, one.item) for one in self.ledger if one.prior.is_idle}

    def __call__(
        self, record: RunRecord, outputs: Mapping[str, JsonValue], turn: Turn, abouts: Mapping[str, About]
    ) -> Focus | None:
        """What the Conversation speaks of from now on; None leaves it as it is. `outputs` are those that the answer
        speaks of, `turn` is that answer, `abouts` what each step tells of.
        """
        before = self.store.focus(record.run.tenant, record.run.conversation)
        now = self._now(record, before, outputs)
        # What is asked back, or was answered late, is not what was spoken of last.
        if understood(record.revision) and now.open in {before.open, None} and not self._is_overtaken(record):
            steered = self._steered(record)
            results = kept_after(before.results, record, turn, outputs, abouts, steered, self.registry)
            now = now.model_copy(update={"results": results})
        if not is_of_schedule(record.run.conversation):  # where nobody speaks of what was before
            one = summed_up(record, turn, self._steered(record), self.registry, self._without_effect)
            now = now.model_copy(update={"past": before.past.after(one)})
        return fitting(now.model_copy(update={"rev": before.rev + 1})) if now != before else None

    def _now(self, record: RunRecord, before: Focus, outputs: Mapping[str, JsonValue]) -> Focus:
        person = record.run.trigger.person.id
        if (revision := record.revision) is not None:
            steered = self._steered(record)
            # Who names several speaks of all of them, in whichever lists the answer shows them.
            named = bool(revision.slots.get("names")) and not revision.slots.get("kinds")
            shown = shown_by(revision.plan, outputs, self.registry, revision.used, all_lists=named)
            spoken = spoken_of(revision, record.steps, steered, self.registry, shown, self._without_effect)
            if self._is_overtaken(record):
                return also_changed(before, spoken)
            if (asked := _open(record, person)) is not None:
                return before.model_copy(update={"unsettled": before.turn > 0, "open": asked})
            if not spoken.is_nothing:
                return remembered(before, spoken, person)
        unsettled = before.unsettled or (before.turn > 0 and not understood(revision))
        # A whole sentence that was not understood is no answer: a yes after it must not be to what was asked before.
        still = before.open if not understood(revision) and is_remark(record.run.trigger.text) else None
        return before.model_copy(update={"unsettled": unsettled, "open": still})

    def _steered(self, record: RunRecord) -> Mapping[str, str]:
        """The steps that marked text may have led, and what was read before that such text had chosen."""
        found = tainted_steps(record.revisions, as_written(record.steps), self.registry)
        return found | {
            f"{MEMORY}.{one.name}": one.what for one in used_by(record.revisions).values() if not one.trusted
        }

    def _is_overtaken(self, record: RunRecord) -> bool:
        """Whether another was answered while this one waited for a person: then it is not what was spoken of last."""
        run = record.run
        if not any(item.approval_id for step in record.steps.values() for item in step.items):
            return False
        turns = self.store.turns(run.tenant, run.conversation, LATEST)
        return any(
            turn.author == AUTHOR and turn.run_id != run.run_id and turn.at >= run.trigger.received_at for turn in turns
        )


def _open(record: RunRecord, person: str) -> OpenQuestion | None:
    """What an answer would complete: words of the request, in place of which a choice may stand."""
    revision, plan = record.revision, record.plan
    if revision is None or plan is None or (question := question_of(plan, record.steps)) is None:
        return None
    said = revision.slots.get("environment") if revision.lacks is None else revision.lacks
    if not isinstance(said, str) or said.lower() not in plan.goal.lower():
        return None
    at = plan.goal.lower().index(said.lower())
    # In its place, so that "the second" stays the second: what does not look like a name is no part of a request.
    choices = tuple(
        "" if one in revision.marked or (revision.lacks is None and not looks_like_a_name(one)) else one
        for one in question.choices
    )
    return OpenQuestion(
        asker=person,
        at=record.run.trigger.received_at,
        request=plan.goal,
        lacks=plan.goal[at : at + len(said)],
        choices=choices,
    )
