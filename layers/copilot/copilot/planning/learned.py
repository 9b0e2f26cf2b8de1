"""Learned plans: what a model planned for a request is kept with its shape, and filled in for the next one that has it.

Every plan is checked anew as if the model had just made it. It serves only whose request it was, and only where nothing
else than the words can have a part in what they mean: no note, no file, no open question, nothing spoken of before.
What is meant by default was seen by the model: its plan serves while that is the same, and where it holds none of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from copilot.domain import (
    Fact,
    Focus,
    LearnedFrom,
    LearnedPlan,
    LearnedSlot,
    Plan,
    Revision,
    Run,
    Turn,
    digest,
)
from copilot.errors import NotFound, PlanError
from copilot.planning.request_shapes import Piece, Shape, Vocabulary, is_anchored, moments, shape_of, stands_alone
from copilot.plans.arguments import ATTACHMENTS, referred_to, results_of
from copilot.plans.check import check_plan
from copilot.plans.grounds import ungrounded
from copilot.plans.lifting import NUMBER, Said, filled, numbers_written, stands_in, texts_written, without_names
from copilot.ports import Clock, Learned
from copilot.text.masking import mask_text
from copilot.text.nearness import squashed
from copilot.text.outside import OPEN
from copilot.tools.registry import Registry

_A_MOMENT = re.compile(r"\d{4}-\d\d-\d\d\S*|(?<![\d:])\d{1,2}:\d\d(?::\d\d)?")
_SECONDS = 1_000_000_000
"""A number of so much may be a moment, counted in seconds."""


@dataclass(frozen=True)
class LearnedPlans:
    """`vocabulary` is what words may be slots for a request now; `under` is the digest of what a plan is made under:
    tools, policies, prompts, the plan language and the configuration. `turns` are the last ones of a Conversation.
    """

    learned: Callable[[], Learned]
    vocabulary: Callable[[], Vocabulary]
    under: Callable[[], str]
    registry: Registry
    clock: Clock
    turns: Callable[[str, str, int], Sequence[Turn]]

    def planned(self, run: Run, focus: Focus, defaults: Sequence[Fact] = ()) -> Revision | None:
        """The plan that was learned for such a request, for this one; None where none was, or none can be meant."""
        shape = self._shape(run)
        if shape is None or not self._means_the_same(run, shape, focus):
            return None
        kept = self.learned().of_shape(run.trigger.person.id, shape.digest)
        if kept is None or not kept.lasts_at(self.clock.now()):
            return None
        under = self._under(defaults)
        for one in kept.plans:
            if one.of.under == under and (plan := self._filled(one, shape, run.trigger.text)) is not None:
                return Revision(plan=plan, learned=one.of)
        return None

    def with_what_may_be_learned(self, revision: Revision, run: Run, defaults: Sequence[Fact] = ()) -> Revision:
        """The revision with what others may be learned from it, once it has ended well; as it is where none may."""
        shape = self._shape(run) if revision.alone and revision.model is not None else None
        if shape is None or not self._may_be_kept(revision.plan, shape, run.trigger.text):
            return revision
        if any(_holds(revision.plan, one.value, shape) for one in defaults):
            return revision
        slots = self._slots(revision.plan, shape)
        lifted = [one.value for one in slots if one.lifted and one.of != NUMBER]
        try:
            plan = without_names(revision.plan, lifted)
            check_plan(plan, self.registry)
        except PlanError:
            return revision
        of = LearnedFrom(
            shape=shape.digest,
            words=shape.words([one.lifted for one in slots]),
            slots=slots,
            under=self._under(defaults),
            run=run.run_id,
            at=run.trigger.received_at,
        )
        return revision.model_copy(update={"plan": plan, "learned": of})

    def _under(self, defaults: Sequence[Fact]) -> str:
        meant = sorted([one.subject, one.value] for one in defaults)
        return digest([self.under(), meant]) if meant else self.under()

    def _shape(self, run: Run) -> Shape | None:
        """None where the request is none that goes by its words alone."""
        trigger = run.trigger
        if not trigger.by_person or trigger.attachments or OPEN in trigger.text:
            return None
        shape = shape_of(trigger.text, self.vocabulary())
        return shape if stands_alone(shape) else None

    def _means_the_same(self, run: Run, shape: Shape, focus: Focus) -> bool:
        """Whether it does in this Conversation."""
        if focus.open is not None and focus.open.asker == run.trigger.person.id:
            return False
        if is_anchored(shape):
            return True
        spoken = focus.references or focus.results or focus.intent
        return not spoken and all(turn.run_id == run.run_id for turn in self.turns(run.tenant, run.conversation, 2))

    # what is kept

    def _may_be_kept(self, plan: Plan, shape: Shape, text: str) -> bool:
        """Whether it would be the same plan another time, and is one at all."""
        if not plan.steps or plan.answer is None or plan.only_speaks or results_of(plan):
            return False
        if any(path[0] == ATTACHMENTS for step in plan.steps for path in referred_to(step)):
            return False
        if any(self.registry.find(step.tool).effect == "destroy" for step in plan.steps):
            return False
        if mask_text(written := plan.model_dump_json()) != written:
            return False
        return self._is_timeless(plan, shape, text)

    def _is_timeless(self, plan: Plan, shape: Shape, text: str) -> bool:
        """Nothing in it is of the moment at which it was made. Where the request speaks of a time, the time stands in
        the plan as it was said, and every number with it.
        """
        said = {one.rstrip(".,;!?") for one in _A_MOMENT.findall(text)}
        if any(found not in said for one in texts_written(plan) for found in _A_MOMENT.findall(one)):
            return False
        numbers = set(map(float, numbers_written(plan)))
        if any(abs(one) >= _SECONDS for one in numbers):
            return False
        spoken_of = moments(shape)
        if any(one.said is None or not stands_in(plan, one.said) for one in spoken_of):
            return False
        told = {float(one.value) for one in shape.said() if one.of == NUMBER}
        return not spoken_of or numbers <= told

    def _slots(self, plan: Plan, shape: Shape) -> tuple[LearnedSlot, ...]:
        changes = self._changes(plan)
        return tuple(self._slot(one, plan, shape, changes) for one in shape.slots)

    def _slot(self, piece: Piece, plan: Plan, shape: Shape, changes: bool) -> LearnedSlot:
        said = piece.said
        assert said is not None
        everything = list(shape.said())
        twice = sum(_is_same(one, said) for one in everything) > 1
        of_kind = said.of == "kind" and changes
        lifted = not twice and not of_kind and stands_in(plan, said, [one for one in everything if one is not said])
        return LearnedSlot(of=said.of, value=said.value, ways=said.ways, lifted=lifted, production=piece.production)

    def _changes(self, plan: Plan) -> bool:
        return any(self.registry.find(step.tool).effect != "read" for step in plan.steps)

    # what is made of it

    def _filled(self, learned: LearnedPlan, shape: Shape, text: str) -> Plan | None:
        """The whole plan for this request, checked as the model's would be; None where it does not fit."""
        try:
            changes = self._changes(learned.plan)
            values = _values(learned.of.slots, shape.slots, changes)
            if values is None:
                return None
            plan = filled(learned.plan, values).model_copy(update={"goal": text})
            check_plan(plan, self.registry)
        except (NotFound, PlanError):
            return None
        return None if ungrounded(plan.steps, self.registry, [text], [text]) else plan


def _values(slots: Sequence[LearnedSlot], pieces: Sequence[Piece], changes: bool) -> list[tuple[Said, str]] | None:
    """What stands in the plan, and what is to stand there; None where the words that nothing may stand for differ."""
    found: list[tuple[Said, str]] = []
    new = [one.said for one in pieces if one.said is not None]
    if len(new) != len(slots) or [one.of for one in slots] != [one.of for one in new]:
        return None
    for slot, piece, said in zip(slots, pieces, new, strict=True):
        if not slot.lifted and slot.value != said.value:
            return None
        if slot.lifted and sum(_is_same(said, one) for one in new) > 1:
            return None
        if changes and slot.lifted and slot.production != piece.production:
            return None
        if slot.lifted:
            found.append((Said(slot.of, slot.value, slot.ways), said.value))
    return found


def _holds(plan: Plan, value: str, shape: Shape) -> bool:
    """Whether the plan may have it from what is meant by default, the request's longer names apart. Where the request
    says it too, the plan may still have it from there in one of its places, where no other name may be put.
    """
    written, default = squashed(plan.model_copy(update={"goal": ""}).model_dump_json()), squashed(value)
    for said in shape.said():
        if (name := squashed(said.value)) != default and default in name:
            written = written.replace(name, "\n")
    return default in written


def _is_same(one: Said, other: Said) -> bool:
    """Whether the two may be meant by the same letters in a plan."""
    if one.of == other.of == NUMBER:
        return float(one.value) == float(other.value)
    return one.value.casefold() == other.value.casefold()
