"""What a Conversation speaks of: references to things, by their type, and a question that waits for its answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, JsonValue

from copilot.domain.frozen import Frozen
from copilot.domain.kept_results import KeptResult
from copilot.domain.past import Past

ReferenceType = Literal["environment", "service", "schedule", "channel", "resource", "deployment"]
NAMES = "names"
"""In the schema of a field, of an Input or an Output: the type of what its value names."""
EnvironmentId = Annotated[str, Field(json_schema_extra={NAMES: "environment"})]
ServiceName = Annotated[str, Field(json_schema_extra={NAMES: "service"})]
ResourceId = Annotated[str, Field(json_schema_extra={NAMES: "resource"})]
DeploymentId = Annotated[str, Field(json_schema_extra={NAMES: "deployment"})]
_FEW_WORDS = 4
_OPEN_FOR = timedelta(hours=4)
"""A question waits so long for its answer; after that "yes" is to something nobody remembers."""


def is_remark(said: str) -> bool:
    """Whether it may be one on an open question. What is longer and no answer is a request of its own, understood or
    not.
    """
    return len(said.split()) <= _FEW_WORDS


class OpenQuestion(Frozen):
    """A question that the copilot asked about a request: what of it is lacking, and what may stand there.

    `lacks` are words of the request, in place of which a choice makes it complete; "" where it does so after them.
    `asker` is who was asked, by id, and `at` when.
    """

    asker: str
    at: datetime
    request: str
    lacks: str
    choices: tuple[str, ...] = ()

    def waits_at(self, now: datetime) -> bool:
        return now - self.at <= _OPEN_FOR


class Reference(Frozen):
    """Something that code has found and a turn spoke of.

    `listed` is what an answer showed a list of, `ordinal` its place in that, from 1; `changed` what was changed, `by`
    that tool; `named` what a call was made for, or an answer was about. `turn` is that of the Focus, 0 for what was
    changed while others were spoken of. It is not `trusted` where text which is not to be trusted had chosen it.
    """

    type: ReferenceType
    id: str
    name: str = ""
    turn: int = 0
    role: Literal["named", "listed", "changed"] = "named"
    ordinal: int | None = None
    by: str = ""
    trusted: bool = True


class Focus(Frozen):
    """What a Conversation last spoke of, so that "it" and "what about staging?" mean something.

    `rev` counts how often it was written, `turn` the turns that spoke of something; `references` are theirs, the newest
    first. `intent` is the known intent of the last of these turns, `slots` are what that was filled with, and `marked`
    the values among them that text which is not to be trusted had chosen. `by` is the person whose request it was, by
    id. `unsettled`: since then a turn was not understood, or answered with a question, and a reference may mean what
    that one spoke of. `open` is a question that waits for its answer. `results` are what was read and may be
    used again, the newest first, each by a name of its own. `past` is what was asked for before and came of it.
    """

    rev: int = 0
    turn: int = 0
    references: tuple[Reference, ...] = ()
    intent: str | None = None
    slots: dict[str, JsonValue] = {}
    marked: tuple[str, ...] = ()
    by: str | None = None
    unsettled: bool = False
    open: OpenQuestion | None = None
    results: tuple[KeptResult, ...] = ()
    past: Past = Past()

    def since_then(self, at: datetime) -> Focus:
        """Without what was read or asked for before."""
        results = tuple(one for one in self.results if one.at >= at)
        return self.model_copy(update={"results": results, "past": self.past.since_then(at)})

    def without(self, person: str) -> Focus:
        """Without what is of a person, by id. References do not say whose they are: only those of a last turn of
        somebody else's stay.
        """
        theirs = self.by in {None, person}
        stay = () if theirs else tuple(one for one in self.references if one.turn == self.turn)
        spoken: dict[str, Any] = {"intent": None, "slots": {}, "marked": (), "by": None} if theirs else {}
        return self.model_copy(
            update={
                **spoken,
                "references": stay,
                "open": None if self.open is not None and self.open.asker == person else self.open,
                "results": tuple(one for one in self.results if one.by != person),
                "past": self.past.without(person),
            }
        )

    def spoken_of(self, type: ReferenceType) -> list[Reference]:
        """Those of the last turn: of a list, in its order, what it shows; else whatever there was, each once."""
        there = [one for one in self.references if one.type == type and self.turn and one.turn == self.turn]
        listed = [one for one in there if one.role == "listed"]
        return _once(listed or there)

    def listed(self, type: ReferenceType) -> bool:
        """Whether the last turn showed a list of them, whole: only then "the second" means something."""
        return any(one.ordinal is not None for one in self.spoken_of(type))

    def list_of(self, type: ReferenceType) -> list[Reference]:
        """The list that the last turn showed, whole; or else the last one before it, where what the last turn spoke of
        was out of that: "the second" still means something after a question about the first.
        """
        there = self.spoken_of(type)
        if self.listed(type):
            return there
        turns = [one.turn for one in self.references if one.type == type and one.ordinal is not None]
        shown = [one for one in self.references if one.type == type and turns and one.turn == turns[0] and one.ordinal]
        ids = {one.id for one in shown}
        return _once(shown) if there and all(one.id in ids for one in there) else []

    def singled_out(self) -> list[Reference]:
        """Those of the last turn that nobody has to choose out of a list."""
        types: tuple[ReferenceType, ...] = get_args(ReferenceType)
        each = (self.spoken_of(type) for type in types)
        return [one for some in each for one in some if one.role != "listed" or len(some) == 1]

    def before(self, type: ReferenceType) -> list[Reference]:
        """Those of earlier turns, the newest first, each once."""
        return _once(one for one in self.references if one.type == type and one.turn != self.turn)

    def changed_by(self, tool: str) -> list[Reference]:
        """What a tool, by its name, was the last to change, the newest first."""
        return [one for one in self.references if one.role == "changed" and one.by == tool]

    @property
    def tools(self) -> list[str]:
        """Those that changed something, the last first."""
        return list(dict.fromkeys(one.by for one in self.references if one.by))

    @property
    def referable(self) -> list[Reference]:
        """What a pronoun may stand for: those of the last turn, and what was changed last."""
        return [one for one in self.references if one.by or (self.turn and one.turn == self.turn)]

    @property
    def has_marked(self) -> bool:
        """Whether text which is not to be trusted had chosen any of that."""
        return bool(self.marked) or not all(one.trusted for one in self.referable)

    def is_marked(self, name: str) -> bool:
        """Whether text which is not to be trusted had chosen it, the last time it was spoken of."""
        found = next((one for one in self.references if one.id == name), None)
        return name in self.marked or (found is not None and not found.trusted)


def _once(references: Iterable[Reference]) -> list[Reference]:
    """Each thing as it is mentioned first."""
    found: dict[str, Reference] = {}
    for one in references:
        found.setdefault(one.id, one)
    return list(found.values())
