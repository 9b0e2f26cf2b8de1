"""The situation in which a model is asked for a plan, and what it may say and name after reading of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from copilot.domain import Plan, Step
from copilot.language_model.context import Context
from copilot.language_model.retrieval import ToolIndex, needed_tools
from copilot.plans.speaking import said_by, said_plainly, speaking_problems
from copilot.text.outside import unquoted
from copilot.tools.registry import Registry
from copilot.tools.tool import AnyTool


class Situation(NamedTuple):
    """What every prompt about a plan begins with."""

    text: str
    context: Context
    tools: Sequence[AnyTool]

    def with_needed(self, need: Sequence[str], index: ToolIndex) -> Situation:
        """With the tools besides that a model has asked for."""
        return Situation(self.text, replace(self.context, needed=need), needed_tools(need, index, self.tools))

    def with_used(self, plan: Plan, index: ToolIndex) -> Situation:
        """With the tools of a plan that is to be put right."""
        return self._replace(tools=needed_tools([step.tool for step in plan.steps], index, self.tools))

    @property
    def read(self) -> list[str]:
        """What a model reads of it besides what the asker wrote."""
        context = self.context
        turns = [turn.text for turn in context.turns]
        own = [self.text] if context.quotes else []
        facts = [one.told for one in context.facts]
        return [
            *own,
            *turns,
            *context.summary.texts,
            *facts,
            *context.attachments,
            *(one.id for one in context.focus.referable),
        ]

    @property
    def own(self) -> list[str]:
        """The words of this request that are the asker's own."""
        return self.trusted[:1]

    @property
    def trusted(self) -> list[str]:
        own = [self.text, *self.context.own_words]
        return [unquoted(one) for one in own] if self.context.quotes else own

    @property
    def grounds(self) -> list[str]:
        """What names the targets of writes: the request, what the Conversation speaks of, where that is not a list out
        of which a model would have to choose, and what code has found a reference to stand for.
        """
        focus = self.context.focus
        if focus.unsettled:
            return [self.text]
        return [self.text, *(one.id for one in focus.singled_out() if one.trusted), *self.context.meant]


class Grounds(NamedTuple):
    """What names targets, and the steps that need not be looked at any more."""

    texts: Sequence[str]
    before: Sequence[Step] = ()


class Speech(NamedTuple):
    """What a model may say in words of its own, once it has read what it has; anything, if no text of others is among
    that. `unfounded` are the figures in a text that are in nothing it was shown, where it was shown figures.
    """

    registry: Registry
    marked: bool
    read: Sequence[str]
    trusted: Sequence[str]
    unfounded: Callable[[str, Plan], Sequence[str]] = lambda text, plan: ()

    def problems(self, plan: Plan) -> list[str]:
        said = list(said_by(plan, self.registry))
        problems = speaking_problems(said, self.read, self.trusted) if self.marked else []
        if numbers := self.unfounded("\n".join(said), plan):
            told = ", ".join(numbers)
            problems.append(f"these numbers are in nothing that was shown: {told}; write {{…}} for a value, or none")
        return problems

    def plainly(self, plan: Plan) -> Plan:
        """The plan without formatting in its words."""
        return said_plainly(plan, self.registry) if self.marked else plan

    def led_by(self, words: str) -> bool:
        """Whether the words may not be passed on."""
        return self.marked and bool(speaking_problems([words], self.read, self.trusted))
