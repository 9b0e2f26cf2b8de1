"""What is asked for by the name of a runbook: which it is, and what its parameters are to be. Without a model.

Every word behind the name says what a parameter is to be, or leads up to one; with a word over, nothing is done.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pydantic import JsonValue

from copilot.domain import (
    CHANNEL,
    KIND_WORDS,
    OUTSIDE,
    Answer,
    Known,
    Parameter,
    Plan,
    Revision,
    Runbook,
    SavedRunbook,
    Step,
    runbook_name,
)
from copilot.errors import NotFound, PlanError, ToolInputError
from copilot.planning.unplanned import asking, only_says
from copilot.plans.runbook_check import runnable
from copilot.ports import Runbooks
from copilot.runbooks.finding import find_runbook, revision_of
from copilot.text.outside import inert
from copilot.tools.registry import Registry

RUN = r"(?:re-?)?run|execute|start|launch|kick off|do|perform|trigger"
_ORDER = re.compile(rf"\s*(?:{RUN})\s+(?P<rest>\S.*)", re.IGNORECASE | re.DOTALL)
_WITHDRAWAL = re.compile(
    r"\w+\s+(?:(?:the|our|my)\s+)?runbook\s+(?:called\s+|named\s+)?[“\"]?(?P<name>[^“”\",;]+?)[”\"]?"
    r"(?:,?\s+version\s+(?P<version>\d{1,6}))?[.!?\s]*",
    re.IGNORECASE,
)
_BEFORE = re.compile(r"(?:the|our|my)\s+|(?P<says>runbook\b)\s*(?:called\s+|named\s+)?", re.IGNORECASE)
_WORD = re.compile(r"[^\s,;“”\"]+")
_GAP = re.compile(r"[\s,;“”\"]*")
_SKIPPED = re.compile(r"(?:and|please|kindly|now|right now|thanks|thank you|[.!]+)(?![\w-])[.!]*", re.IGNORECASE)
_QUOTED = r"\"(?P<quoted>[^\"]*)\"|“(?P<curly>[^”]*)”|(?P<plain>[^\s,;]+)"
_TELLING = r"(?:(?:tell|notify|inform|message|telling|to|in|on|post (?:it )?(?:to|in))\s+)?"
_FOR = r"(?:(?:for|on|in|of|to|with|against|at)\s+)?(?:the\s+|all\s+)?"
_ONE = r"(?P<plain>[\w][\w.@/-]*?)(?=[.!]*(?:[\s,;]|$))"
_NOUN = r"(?:\s+(?:environments?|envs?|service|ones?)(?![\w-]))?"
MOST_CHOICES = 8
NAME_OF = {"environment": "environments", "service": "services"}


class _Rest(NamedTuple):
    """What stands behind the name, and whether it was called a runbook."""

    saved: SavedRunbook
    said: str


@dataclass(frozen=True)
class AskForRunbook:
    """`there` gives those that are kept, `channels` are those there are, () where any may be one."""

    there: Callable[[], Runbooks]
    registry: Registry
    channels: Sequence[str] = ()

    def __call__(self, texts: Iterable[str], known: Known) -> Revision | None:
        """The plan of the runbook that one of the texts, which say the same with fewer courtesies each, asks to be run;
        a question where something of it is not understood, or lacks. None where there is no such runbook.
        """
        orders = [found["rest"] for text in texts if (found := _ORDER.fullmatch(text))]
        if not orders:
            return None
        kept = {one.runbook.name: one for one in self.there().runbooks()}
        asked = [_named(rest, kept) for rest in orders]
        revisions = [self._planned(one, known) for one in asked if one is not None]
        # With fewer courtesies around it more of it may be understood.
        return next((one for one in revisions if one.plan.steps), revisions[-1] if revisions else None)

    def named(self, texts: Sequence[str], known: Known) -> Revision:
        """The same where it was called a runbook: that there is none of that name is said."""
        if (heard := self(texts, known)) is not None:
            return heard
        orders = [found["rest"] for text in texts if (found := _ORDER.fullmatch(text))]
        said = _without(orders[-1] if orders else texts[-1])
        try:
            find_runbook(self.there(), said)
        except NotFound as error:
            names = [one.runbook.name for one in self.there().runbooks()]
            near = [name for name in names if f"nearest: {name}" in str(error)]
            question = f"{_sentence(str(error))} Nothing was done."
            if near:
                request = f"run the runbook {near[0]}"
                return asking(texts[0], f"{question} Is “{request}” meant?", (request,), lacks=texts[0])
            return only_says(texts[0], question)
        return only_says(texts[0], "Nothing was done.")

    def withdrawn(self, texts: Sequence[str]) -> Revision:
        """The plan that withdraws the version that is named, the newest where none is; or that there is none such."""
        found = next((one for text in reversed(texts) if (one := _WITHDRAWAL.fullmatch(text))), None)
        if found is None:
            return only_says(texts[0], "Which runbook is to be withdrawn? Nothing was done; say its name alone.")
        version = int(found["version"]) if found["version"] else None
        try:
            saved = find_runbook(self.there(), found["name"], version)
        except NotFound as error:
            return only_says(texts[0], f"{_sentence(str(error))} Nothing was done.")
        arguments: dict[str, JsonValue] = {"name": saved.runbook.name, "version": saved.runbook.version}
        step = Step(id="withdraw", tool="withdraw_runbook", arguments=arguments)
        return Revision(plan=Plan(goal=texts[0], steps=(step,), answer=Answer(text="{withdraw.summary}.")))

    def _planned(self, asked: _Rest, known: Known) -> Revision:
        runbook = asked.saved.runbook
        request = f"run the runbook {runbook.name} {asked.said}".strip()
        arguments, over = _Arguments(runbook, known).read(asked.said)
        if over:
            takes = ", ".join(runbook.parameters) or "no parameters"
            return only_says(
                request,
                f"I could not place “{inert(over)}”. Runbook {runbook.called}, takes {takes}. Nothing was done; say it "
                f"like “run the runbook {runbook.name}{_like(runbook)}”.",
            )
        try:
            plan = runnable(runbook, arguments, self.registry)
        except ToolInputError as error:
            choices = tuple(error.nearest) or self._choices(runbook, arguments, known)
            return asking(request, f"{_sentence(str(error))} What is it to be? Nothing was done.", choices, lacks="")
        except PlanError as error:
            said = f"Runbook {runbook.called}, may not run any more: {inert(str(error)[:300])}. Nothing was done."
            return only_says(request, said)
        return revision_of(asked.saved, plan)

    def _choices(self, runbook: Runbook, arguments: Mapping[str, JsonValue], known: Known) -> tuple[str, ...]:
        """What the first parameter that has to be said may be, where that is known."""
        lacking = next((name for name in runbook.needed if name not in arguments), None)
        if lacking is None:
            return ()
        of = runbook.parameters[lacking].names
        names: Sequence[str] = self.channels if of == "channel" else ()
        if of == "environment":
            names = [one.name for one in known.environments]
        return tuple(names) if len(names) <= MOST_CHOICES else ()


def _named(rest: str, kept: Mapping[str, SavedRunbook]) -> _Rest | None:
    """The one whose name the text begins with, the longest of several, and what stands behind it."""
    rest = _without(rest)
    words = list(_WORD.finditer(rest))
    for number in range(len(words), 0, -1):
        end = words[number - 1].end()
        name = runbook_name(rest[:end].rstrip(".:!"))
        if name in kept and not re.search(r"[,;]", rest[:end]):
            behind = re.sub(r"^[\s”\",;]*(?:runbook\b)?[\s,;:]*", "", rest[end:], flags=re.IGNORECASE)
            return _Rest(kept[name], behind)
    return None


def _without(rest: str) -> str:
    """Without what leads up to the name."""
    while found := _BEFORE.match(rest):
        rest = rest[found.end() :]
    return rest.lstrip(' “"')


@dataclass
class _Arguments:
    runbook: Runbook
    known: Known
    found: dict[str, JsonValue] = field(default_factory=dict)

    def read(self, said: str) -> tuple[dict[str, JsonValue], str]:
        """What each parameter that is said is to be, and what is left from the first word on that says none."""
        at = 0
        while at < len(said):
            at += len((_GAP.match(said, at) or [""])[0])
            if at >= len(said):
                break
            end = self._taken(said, at)
            if end is None:
                return self.found, said[at:].strip()
            at = end
        return self.found, ""

    def _taken(self, said: str, at: int) -> int | None:
        if skipped := _SKIPPED.match(said, at):
            return skipped.end()
        return self._by_name(said, at) or self._channel(said, at) or self._one_of_few(said, at)

    @property
    def _left(self) -> dict[str, Parameter]:
        return {name: one for name, one in self.runbook.parameters.items() if name not in self.found}

    def _by_name(self, said: str, at: int) -> int | None:
        """`hours=12`, `with hours 12`, `12 hours`."""
        for name, one in self._left.items():
            called = name.replace("_", "[ _-]")
            lead = r"(?:(?:with|using|set|setting|where|for|the)\s+)*"
            patterns = [rf"{lead}{called}\s*(?:=|:|\bis\b|\bto\b|\bof\b)?\s*(?:{_QUOTED})"]
            if one.type in {"integer", "number"}:
                many = called if called.endswith("s") else f"{called}s?"
                patterns.append(rf"(?:(?:with|for|of|using)\s+)?(?P<plain>[+-]?\d+(?:\.\d+)?)\s+{many}(?![\w-])")
            for pattern in patterns:
                if (found := re.compile(pattern, re.IGNORECASE).match(said, at)) and (value := _value(found)):
                    self.found[name] = value
                    return found.end()
        return None

    def _channel(self, said: str, at: int) -> int | None:
        of = [name for name, one in self._left.items() if one.names == "channel"]
        found = re.compile(rf"{_TELLING}(?P<plain>{CHANNEL}|{OUTSIDE})(?![\w-])", re.IGNORECASE).match(said, at)
        if not of or found is None:
            return None
        self.found[of[0]] = found["plain"].lower()
        return found.end()

    def _one_of_few(self, said: str, at: int) -> int | None:
        """A choice; the name of an environment or service that there is."""
        found = re.compile(rf"{_FOR}(?P<plain>[\w][\w.@/-]*?)(?=[.!]*(?:[\s,;]|$)){_NOUN}", re.IGNORECASE).match(
            said, at
        )
        if found is None:
            return None
        value = found["plain"]
        fitting = [name for name, one in self._left.items() if self._may_be(one, value)]
        if len(fitting) != 1:
            return None
        self.found[fitting[0]] = value
        return found.end()

    def _may_be(self, one: Parameter, value: str) -> bool:
        said = value.casefold()
        if one.type == "choice":
            return bool({said, str(KIND_WORDS.get(said))} & {choice.casefold() for choice in one.choices})
        if one.names == "environment":
            names = {known.name.casefold() for known in self.known.environments}
            # Before anything was swept nobody knows the names; what is none is then found to be none.
            return said in KIND_WORDS or said in names or (not names and re.search(r"[-\d]", said) is not None)
        return one.names == "service" and said in {name.casefold() for name in self.known.services}


def _value(found: re.Match[str]) -> str:
    groups = found.groupdict()
    value = next((groups[name] for name in ("quoted", "curly", "plain") if groups.get(name)), "")
    return value if groups.get("plain") is None else value.rstrip(".!")


def _like(runbook: Runbook) -> str:
    """An example of how its parameters are said."""
    name = next(iter(runbook.parameters), "")
    return f" with {name}=…" if name else ""


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."
