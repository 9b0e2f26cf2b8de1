"""A plan that a model is told about until it passes the checks as a whole, or is given up."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from copilot.domain import Plan, Prompt, Purpose
from copilot.errors import PlanError
from copilot.language_model.consulting import Consultation, NoAnswer
from copilot.language_model.prompting import correction_prompt
from copilot.language_model.reading import merge, read_plan
from copilot.language_model.retrieval import ToolIndex
from copilot.planning.situation import Grounds, Situation, Speech
from copilot.plans.check import NOT_BY_ITSELF, check_plan
from copilot.plans.grounds import ungrounded
from copilot.plans.kept import NOTHING_KEPT, Kept
from copilot.tools.registry import Registry

CORRECTIONS = 2
"""How often a model is told what is wrong with its plan before it is given up."""


@dataclass
class Negotiation:
    """`whole` makes a plan of what was answered: that is all of it, or a change of the one there is. `index` finds the
    tools that a model asks for in place of a plan, which it may once in a Run. `no_look` is why a plan may not end in
    `then`, "" where it may, and `settled` are the steps after which it goes on: see check_plan. `corrected` is how it
    is asked to put right what it gave. `memory` is what of earlier Turns it may refer to.
    """

    consultation: Consultation
    registry: Registry
    index: ToolIndex
    situation: Situation
    speech: Speech
    grounds: Grounds
    whole: Callable[[Plan], Plan]
    no_look: str = NOT_BY_ITSELF
    settled: Collection[str] = frozenset()
    corrected: Callable[[Situation, Plan | str, Sequence[str]], Prompt] = lambda situation, given, problems: (
        correction_prompt(*situation, given, problems)
    )
    memory: Kept = NOTHING_KEPT
    _draft: Plan | None = None
    _passed: dict[str, Plan] = field(default_factory=dict)
    _may_need: bool = True

    def agree(self, purpose: Purpose, prompt: Callable[[Situation], Prompt]) -> Plan:
        """The plan that passed, after some corrections at most. Raises PlanError, NoAnswer."""
        self._may_need = not self.consultation.has_needed(purpose)
        corrections = 0
        while True:
            text, problems = self.consultation.ask(purpose, prompt(self.situation), self._problems)
            if not problems:
                plan = self._passed.get(text) or self._read(text)
                if not plan.only_needs:
                    return plan
                self._may_need = False
                self.situation = self.situation.with_needed(plan.need, self.index)
            elif corrections == CORRECTIONS:
                raise PlanError(problems)
            else:
                corrections += 1
                self._keep(text)
                prompt = self._correcting(text, problems)

    def _correcting(self, text: str, problems: Sequence[str]) -> Callable[[Situation], Prompt]:
        draft = self._draft
        if draft is None:
            return lambda situation: self.corrected(situation, text, problems)
        self.situation = self.situation.with_used(draft, self.index)
        return lambda situation: self.corrected(situation, draft, problems)

    def _problems(self, text: str) -> Sequence[str]:
        try:
            self._passed[text] = self._read(text)
        except PlanError as error:
            return error.problems
        except NoAnswer:  # nothing is wrong with saying that there is none
            pass
        return ()

    def _read(self, text: str) -> Plan:
        """What was answered as a change of the draft; or, where that does not pass, in place of it."""
        given = read_plan(text)
        if given.only_needs and self._may_need:
            return given
        if given.only_needs:
            raise PlanError(["need was answered once, and is not again: plan with the tools given, or decline"])
        if problems := self.speech.problems(given):
            raise PlanError(problems)
        given = self.speech.plainly(given)
        if self._draft is None:
            return self._checked(given)
        try:
            return self._checked(merge(self._draft, given))
        except PlanError:
            with suppress(PlanError):
                return self._checked(given)
            raise

    def _checked(self, given: Plan) -> Plan:
        plan = self.whole(given)
        check_plan(plan, self.registry, self.no_look, self.settled, memory=self.memory)
        written = [step for step in plan.steps if step not in self.grounds.before]
        if problems := ungrounded(written, self.registry, self.grounds.texts, self.situation.own):
            raise PlanError(problems)
        return plan

    def _keep(self, text: str) -> None:
        """What can be read of an answer becomes the draft, or a part of it."""
        with suppress(PlanError):  # the two together may be too much, which is said as its problem
            given = read_plan(text)
            self._draft = merge(self._draft, given) if self._draft is not None else given
