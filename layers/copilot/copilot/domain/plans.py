"""The plan language (design section 5), and a Run's revisions of its Plan."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, JsonValue, StringConstraints, model_validator
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import PydanticCustomError

from copilot.domain.classes import About
from copilot.domain.frozen import Frozen
from copilot.domain.kept_results import KeptResult
from copilot.domain.selectors import Selector

Effect = Literal["read", "write", "destroy"]
Runtime = Literal["read", "write", "render", "send"]
Pack = Literal["logs", "parameters", "trail", "cost"]
WritePack = Literal["restart", "scale", "deploy"]
"""A named set of rights to read, in an account, besides what every account has. Each is off unless it is named."""
StepId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
Arguments = dict[str, JsonValue]
MOST_STEPS = 20
UNDO = "undo"
"""The intent of a Revision that takes back what another Run did; its slot `run` says which, and `of` by step which
effects, in the order of its items, by step and item.
"""
RETRY = "retry"
"""The intent of a Revision that does what another Run was to do and did not; its slot `run` says which, `by` who had
asked for that.
"""
AGAIN = "do_again"
"""The intent of a Revision that does what another Run did once more; its slot `run` says which."""
GATE = "gate"
"""The intent of a Revision that holds what it reads against what that must be, and the tool that does."""
RUNBOOK = "runbook"
"""The intent of a Revision whose plan is a runbook's; its slots say which `runbook` and `version`, and `by` whom that
was saved.
"""
MOST_CHOICES = 10
MOST_USING = 10


class Accompanies(Frozen):
    """That a step tells, in words of code, what was done of that by the steps that it is `after`; `because` says who
    asked for it.
    """

    of: tuple[Selector, ...]
    because: tuple[str, ...]


class Step(Frozen):
    """One tool call, or one per element of `for_each`.

    Argument values are literals or {"$ref": expression}, {"$item": expression}, {"$text": template}. Where `when`, an
    expression over what earlier steps gave, is not so, the step is not run, and nothing that depends on it. Code alone
    says that it `accompanies` others.
    """

    id: StepId
    tool: str
    arguments: Arguments = {}
    for_each: JsonValue = None
    when: str | None = None
    expect: str | None = None
    after: tuple[str, ...] = ()
    continue_on_failure: bool = Field(
        default=False, description="dependents go on although some items of this write failed"
    )
    accompanies: SkipJsonSchema[Accompanies | None] = None


class Answer(Frozen):
    """How to answer: a template over the outputs of the steps; or what a model is to write from the outputs of the
    steps named in `using`, and from nothing else.
    """

    text: str | None = Field(default=None, description="a template over the outputs of the steps")
    compose: str | None = Field(default=None, description="what to write where a template cannot say it")
    using: tuple[str, ...] = Field(default=(), description="the steps whose outputs `compose` needs")

    @model_validator(mode="after")
    def _one_of_both(self) -> Answer:
        if (self.text is None) == (self.compose is None):
            raise PydanticCustomError("answer", "an answer has either text or compose")
        if (self.compose is None) != (not self.using):
            raise PydanticCustomError("answer", "compose names in using the steps it speaks of, and nothing else does")
        return self


class Look(Frozen):
    """That the model is to be asked again once all steps are settled, with the values of the expressions in `using`."""

    using: Annotated[tuple[str, ...], Field(min_length=1, max_length=MOST_USING)]
    why: str


class Question(Frozen):
    """One question back to the Person, with what they may choose from. Their answer is a Turn of its own."""

    question: str
    choices: Annotated[tuple[str, ...], Field(max_length=MOST_CHOICES)] = ()


class Plan(Frozen):
    """A goal, the steps to it and how to answer, or what to look at `then`; or, with no steps of its own, what to `say`
    or to `ask`, or why to `decline`.

    A correction of a plan is a Plan with what changes; `drop` are the steps that it goes without. A model that lacks
    tools says in place of a plan which it needs.
    """

    goal: str = ""
    steps: Annotated[tuple[Step, ...], Field(max_length=MOST_STEPS)] = ()
    answer: Answer | None = None
    then: Look | None = Field(default=None, description="in place of the answer, where meaning decides what comes next")
    say: str | None = Field(default=None, description="the answer to a request that needs no tool")
    ask: Question | None = Field(default=None, description="one question, where the request is too vague to plan")
    decline: str | None = Field(default=None, description="why it cannot be done: no tool there is does it")
    need: tuple[str, ...] = Field(default=(), description="of a model, alone: names of other tools, or words for them")
    drop: tuple[str, ...] = Field(default=(), description="in a correction: steps of the plan that it goes without")

    @property
    def only_speaks(self) -> bool:
        """Whether it ends in what a model says, asks or declines in place of an answer."""
        return self.say is not None or self.ask is not None or self.decline is not None

    @property
    def only_needs(self) -> bool:
        """Whether it is none yet."""
        return bool(self.need) and self == Plan(goal=self.goal, need=self.need)


class LearnedSlot(Frozen):
    """What stands in one place of a request: `of` says what it is, `value` how a plan has it written, and `ways` how
    people write it. Another of that may stand in its place where it is `lifted`; `production` is whether it was
    production, which no other is where something is changed.
    """

    of: str
    value: str
    ways: tuple[str, ...]
    lifted: bool = False
    production: bool = False


class LearnedFrom(Frozen):
    """The shape of a request, by the digest of its words, and in them with what a slot is in its place; and the Run
    whose model made the plan for it, `under` which tools, policies, prompts and configuration, and when.
    """

    shape: str
    words: str
    slots: tuple[LearnedSlot, ...] = ()
    under: str
    run: str
    at: datetime

    @property
    def fixed(self) -> tuple[str | None, ...]:
        """What has to stand in each place; None where others may."""
        return tuple(None if one.lifted else one.value for one in self.slots)


class Revision(Frozen):
    """A Run's Plan from here on, and how it came to be.

    repair changed the one step whose call was wrong, revise those that had not begun, look added steps, or an end,
    after all were settled. `reason` is what had gone wrong, or why it was looked again, `problem` why the plan is as it
    was before where nothing better was found. `intent` and `slots` are those of the
    known intent a first plan was made by, `model` is the model that made this one, `read_untrusted` whether that had
    read text of others, and `read` which in words: in earlier Turns, in the names of files. `marked` are the values of
    `slots` that came from the Conversation and that such text had chosen. `lacks` are the words of the request in place
    of which an answer to its question comes, "" where it comes after them. `unplanned` is what the Run comes to where
    the plan only says why there is none. `read_about` is what the earlier Turns that the model had read tell of. `used`
    are the results of earlier Turns that the plan refers to, as they were kept when it was checked. `by_facts` are, in
    words, the facts that decided what was meant. `alone` is whether the model saw nothing but the request
    and what is meant by default, and `learned` what the plan is learned from: another Run, or this one, whose plan
    others may be learned from.
    """

    plan: Plan
    kind: Literal["first", "repair", "revise", "look"] = "first"
    reason: str = ""
    problem: str = ""
    unplanned: Literal["not_understood", "failed"] | None = None
    intent: str | None = None
    slots: dict[str, JsonValue] = {}
    marked: tuple[str, ...] = ()
    lacks: str | None = None
    model: str | None = None
    read_untrusted: bool = False
    read: str = ""
    read_about: About | None = None
    used: tuple[KeptResult, ...] = ()
    by_facts: tuple[str, ...] = ()
    alone: bool = False
    learned: LearnedFrom | None = None

    @property
    def looks_again(self) -> bool:
        """Whether the model is to be asked again once all steps are settled, and was not in vain."""
        return self.plan.then is not None and not (self.kind == "look" and self.problem)
