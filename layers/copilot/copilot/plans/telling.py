"""What a message tells of: that which it takes from other steps, and what a model had read that put it into words.

What the asker typed themself is theirs to tell, and so is what the copilot says of itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

from copilot.domain import NOT_KNOWN, PRIVATE, TOLD, About, Approval, Person, Plan, Revision, Step, StepState
from copilot.plans.about import Outputs, about_approval, about_steps
from copilot.plans.arguments import referred_to, step_of, written_texts
from copilot.plans.classes import results_taken, sources_of
from copilot.plans.kept import used_by
from copilot.plans.outputs import output_of
from copilot.plans.taint import read_before
from copilot.ports import RunRecord, Store
from copilot.tools.registry import Registry

MayTell = Callable[[Person, str, About], bool]
"""Whether a person may have what tells of something sent there without it being looked at."""


def only_status(person: Person, channel: str, about: About) -> bool:
    """Where no policy is asked."""
    return about.shows == PRIVATE[0]


def messages_of(plan: Plan, registry: Registry) -> list[Step]:
    """The steps of a plan that send one."""
    return [step for step in plan.steps if registry.entry(step.tool).resource == "Channel"]


def told_in(step: Step) -> list[str]:
    """Whom a message is for, as far as the plan itself names them."""
    written = written_texts(step.arguments.get("channel"), step.for_each)
    return list(dict.fromkeys(name for name in written if re.fullmatch(TOLD, name)))


@dataclass(frozen=True)
class Telling:
    """Of a Run, as it was planned, its steps as they are now; `request` is what its person wrote."""

    revisions: Sequence[Revision]
    steps: Mapping[str, StepState]
    outputs: Outputs
    registry: Registry
    request: str

    @classmethod
    def of(cls, record: RunRecord, store: Store, registry: Registry) -> Telling:
        outputs = partial(output_of, store, registry, record.run, record.steps)
        return cls(record.revisions, record.steps, outputs, registry, record.run.trigger.text)

    def about(self, step_id: str) -> About | None:
        """What the message of this step tells of; None of what is nobody's but the asker's."""
        planned = self._planned(self.revisions)
        if step_id not in planned:
            return NOT_KNOWN
        taken = sources_of(planned[step_id], planned)
        others = {step_of(path) for name in {step_id, *taken} for path in referred_to(planned[name])}
        strange = [NOT_KNOWN] if others - planned.keys() - {""} else []
        words = self.words(planned[step_id])
        kept = used_by(self.revisions)
        again = [kept[name].about if name in kept else NOT_KNOWN for name in results_taken(planned[step_id], planned)]
        told = [*self._told(taken), *strange, *again, *([words] if words else [])]
        return About.all_of(told) if told else None

    def words(self, step: Step) -> About | None:
        """What the words that stand in it tell of; None where they do not tell what was found out."""
        if self._is_typed(step):
            return None
        last = len(self.revisions) - 1
        while last > 0 and step in self.revisions[last - 1].plan.steps:
            last -= 1
        return self._had_read(self.revisions[: last + 1])

    def asked(self, approval: Approval) -> About:
        """What is asked to be approved: with what it tells of, where it is a message."""
        plan = self.revisions[-1].plan if self.revisions else None
        calls = {call.step for call in approval.calls}
        messages = [step for step in messages_of(plan, self.registry) if step.id in calls] if plan else []
        words = [found for step in messages if (found := self.words(step))]
        return About.all_of([about_approval(approval, plan, self.registry, used_by(self.revisions)), *words])

    def of_plan(self) -> About | None:
        """What the words of its plan tell of, those of its answer too, which it hands on to whoever goes by it after
        this; None where they do not tell what was found out.
        """
        return self._had_read(self.revisions)

    def untold(self, may_tell: Callable[[str, About], bool]) -> tuple[str, About] | None:
        """Who would be told words which may not be sent to them without being looked at, and what these tell of; None
        where there are none such.
        """
        for step in messages_of(self.revisions[-1].plan, self.registry):
            words = self.words(step)
            for whom in told_in(step) or ["a channel"]:
                if words and not may_tell(whom, words):
                    return whom, words
        return None

    def _had_read(self, written: Sequence[Revision]) -> About | None:
        """What that tells of which a model had read when it wrote the last of these."""
        read = [revision.read_about for revision in written if revision.read_about]
        seen = {name for before, after in pairwise(written) for name in self._read(before, after)}
        told = [*read, *self._told(seen & self.steps.keys())]
        return About.all_of(told) if told else None

    def _read(self, before: Revision, after: Revision) -> Iterable[str]:
        """The steps of which a model may have read what they gave when it made the one out of the other."""
        if after.kind == "first":  # code put it there, beside what was planned
            return ()
        if after.kind == "look":
            return [step.id for step in before.plan.steps]
        same = {step.id for step in after.plan.steps if step in before.plan.steps}
        return read_before(before.plan, after.plan, same, after.kind, self.steps)

    def _told(self, names: Iterable[str]) -> Iterator[About]:
        """What each of these steps gave tells of."""
        planned, wanted = self._planned(self.revisions), {*names}
        wide = wanted.union(*(sources_of(planned[name], planned) for name in wanted & planned.keys()))
        there = {name: self.steps[name] for name in wide & self.steps.keys()}
        told = about_steps(self.revisions, there, self.outputs, self.registry) if there else {}
        return (told.get(name, NOT_KNOWN) for name in wanted)

    def _is_typed(self, step: Step) -> bool:
        """Whether its words are the asker's own, word for word. The name of a channel tells nothing."""
        request = _words(self.request)
        texts = [text for value in step.arguments.values() for text in written_texts(value, step.for_each)]
        return all(_words(text) in request for text in texts if not re.fullmatch(TOLD, text))

    @staticmethod
    def _planned(revisions: Sequence[Revision]) -> dict[str, Step]:
        return {step.id: step for revision in revisions for step in revision.plan.steps}


def _words(text: str) -> str:
    return " ".join(["", *re.findall(r"\w+", text.casefold()), ""])
