"""What a tool is. A tool is stateless: everything comes in through its Input, its clients through the constructor."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel

from copilot.domain import (
    Arguments,
    Effect,
    Irreversible,
    NothingToUndo,
    OutputClass,
    Pack,
    Permission,
    Preview,
    Runtime,
    TargetType,
    Undo,
    Verification,
    WritePack,
)
from copilot.ports import Clients

if TYPE_CHECKING:  # to decide about a tool takes no command
    from copilot.tools.by_hand import ByHand

InputT = TypeVar("InputT", bound=BaseModel)
OutputT = TypeVar("OutputT", bound=BaseModel)


MOMENTS, MINUTES, HOURS = 180, 600, 4 * 3600
"""How long a read lasts: of how something is, of what there is, and of what has been or changes a few times a day."""
UNCHANGED = NothingToUndo(why="nothing was changed")
"""Of a write that found nothing to do."""


class Tool(ABC, Generic[InputT, OutputT]):
    """A callable with typed input and output. The class attributes are its ToolSpec; `timeout` is in seconds.

    `shows` is the class of its output. One that shows logs has, at the top of its Output, the `kind` of the environment
    that they are of. `pack` is what an account must have on for it to find anything there.
    `logs` names, of a tool that shows something else, the texts at the top of its Output in which lines of logs stand;
    it has the `kind` as well, null where that is not known.
    `of_environments` is not so of one that speaks of none by itself: what it is given may.
    `by_code`: only code plans calls of it, and no model is told of it.
    `links` names the fields of its output that hold links it made to be opened. They end by themselves and are not
    masked. `lines` names those with lines of a file, shown as they are, and `laid_out` those in which such lines stand
    among ours, set in.
    """

    name: ClassVar[str]
    version: ClassVar[int] = 1
    summary: ClassVar[str]
    Input: ClassVar[type[BaseModel]]
    Output: ClassVar[type[BaseModel]]
    effect: ClassVar[Effect] = "read"
    runtime: ClassVar[Runtime] = "read"
    timeout: ClassVar[int] = 60
    shows: ClassVar[OutputClass] = "status"
    pack: ClassVar[Pack | WritePack | None] = None
    logs: ClassVar[frozenset[str]] = frozenset()
    of_environments: ClassVar[bool] = True
    by_code: ClassVar[bool] = False
    links: ClassVar[frozenset[str]] = frozenset()
    lines: ClassVar[frozenset[str]] = frozenset()
    laid_out: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, clients: Clients) -> None:
        self.clients = clients

    @classmethod
    def looks_in(cls) -> Runtime:
        """The runtime of what it does before it changes anything: that of reads, or where messages are sent."""
        return "send" if cls.runtime == "send" else "read"


class ReadTool(Tool[InputT, OutputT]):
    """Changes nothing of what is looked after. One whose runtime is render makes files of what it is given.

    `afresh` names the argument that has it read what is there now, where it may else answer from what was last swept:
    code sets it wherever a plan changes something. One that `calls` takes the name of another tool as `tool` and what
    that is called with as `arguments`, and does not call it: a plan's check holds them against that tool. One that
    `chooses` takes `sections` that name fields of their `rows`: a plan's check holds these against what the rows are.
    `shown_by` are the commands that `by_hand` may give, such as "aws ecs describe-services", for whoever lists them.
    For so many seconds as it `lasts` what it found may be used again in the same Conversation; of 0 never.
    """

    afresh: ClassVar[str] = ""
    calls: ClassVar[bool] = False
    chooses: ClassVar[bool] = False
    shown_by: ClassVar[tuple[str, ...]] = ()
    lasts: ClassVar[int] = MINUTES

    @abstractmethod
    def run(self, input: InputT) -> OutputT:
        """Raises RetryableError, ToolInputError, PermissionDenied, NotReady, FatalError."""

    def price(self, input: InputT) -> float:
        """About what a call costs the copilot, in US dollars, as it is reckoned before; 0 of what is free. Raises as
        `run` does.
        """
        return 0

    @classmethod
    def by_hand(cls, input: InputT, output: OutputT) -> Sequence[ByHand]:
        """The commands that show a person what a call found; none where there are no others than to run the tool.

        What these need and nobody else does is in the Output as `by_hand`, which no model is shown.
        """
        return ()


class WriteTool(Tool[InputT, OutputT]):
    """Changes something, exactly as previewed.

    `resource` is the type of its targets, and `also` that of others it may have. `idempotent` means that run, called
    again with the same preview after a worker died, reads first and does only what is missing. `timeout` is how long
    the wanted state may take to come.
    `unverifiable` is for what cannot be read back (a message): at most once, and an unknown outcome is reported so.
    `inverse` is the name of the tool that takes back what it does, "" where none does. `keeps` names the argument in
    which a runbook stands: a plan's check holds that against the tools there are. One that has something `watched`
    names the argument in which a condition stands, over what the `tool` gives that it takes with its `arguments`: a
    plan's check holds all three against that tool.
    """

    effect: ClassVar[Effect] = "write"
    runtime: ClassVar[Runtime] = "write"
    resource: ClassVar[TargetType]
    also: ClassVar[TargetType | None] = None
    idempotent: ClassVar[bool]
    unverifiable: ClassVar[bool] = False
    inverse: ClassVar[str] = ""
    keeps: ClassVar[str] = ""
    watched: ClassVar[str] = ""

    @abstractmethod
    def preview(self, input: InputT) -> Preview:
        """A fresh read of what run would change. Raises as run does."""

    @abstractmethod
    def permissions(self, input: InputT, preview: Preview) -> tuple[Permission, ...]:
        """What run needs from IAM, and nothing more."""

    @abstractmethod
    def run(self, input: InputT, preview: Preview) -> OutputT:
        """Do what the preview says, and only that."""

    @abstractmethod
    def verify(self, input: InputT, prior: Preview) -> Verification:
        """A fresh read: is the world as run was meant to leave it?"""

    @classmethod
    @abstractmethod
    def undo(cls, input: InputT, prior: Preview) -> Undo:
        """The call that takes it back, or why there is none. Needs no clients: it is shown before anything is done."""


AnyTool = type[ReadTool[Any, Any]] | type[WriteTool[Any, Any]]


def can_be_watched(tool: AnyTool) -> bool:
    """Whether it is a read that can be repeated by itself."""
    return issubclass(tool, ReadTool) and tool.runtime == "read" and not tool.by_code and not tool.calls


def why_irreversible(tool: AnyTool, arguments: Arguments, prior: Preview) -> str:
    """Why nothing takes back what a call would do; "" where something does, nothing needs to, or nothing is done."""
    if not issubclass(tool, WriteTool) or prior.is_idle:
        return ""
    undo = tool.undo(tool.Input.model_validate(arguments), prior)
    return undo.why if isinstance(undo, Irreversible) else ""
