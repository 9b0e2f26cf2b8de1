"""Facts are remembered, one at a time under each name, and forgotten. A fact gives no right, and none says what is so.

What is kept is never a secret, and what it says is data: nothing acts on it but the code that knows its kind.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Self

from pydantic import AwareDatetime, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from copilot.domain import (
    EVERYBODY,
    LONGEST_SUBJECT,
    LONGEST_VALUE,
    MOST_FACTS,
    OUR_OWN,
    SAYS,
    TARGET,
    Arguments,
    Call,
    Change,
    Companion,
    Exclusion,
    Fact,
    FactKind,
    FactName,
    Frozen,
    KeptFact,
    Made,
    Permission,
    Preview,
    ResourceRef,
    Selector,
    Target,
    Undo,
    Verification,
    scope_of,
    until_in_words,
)
from copilot.errors import Conflict, NotReady, ToolInputError
from copilot.ports import Clients
from copilot.text.listing import listed
from copilot.text.masking import is_secret
from copilot.text.nearness import there_are
from copilot.text.outside import hidden, quoted
from copilot.tools.tool import UNCHANGED, WriteTool

NOTHING = "nothing is remembered"
DEFAULTS = ("team", "environment", "region")
"""What may be meant where a request does not say."""
_PLAIN = re.compile(r"[\w.@+-]+(?: [\w.@+-]+){0,5}")
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d{1,2}")

Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_VALUE)]
Before = Annotated[str, StringConstraints(max_length=LONGEST_VALUE)] | None
"""None where it does not matter; "" is nothing."""
About = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_SUBJECT)]


class RememberFactInput(Frozen):
    kind: FactKind = Field(description="alias: a word for names; default: team, environment or region; note: other")
    subject: About = Field(
        default="", description="the word, or team, environment, region; none of others", json_schema_extra=TARGET
    )
    value: Said | None = Field(default=None, description="of an alias names that exist; of a note a sentence")
    exclusion: Exclusion | None = Field(default=None, description="what is off limits, when")
    companion: Companion | None = Field(default=None, description="who learns of that")
    for_everybody: bool = Field(default=False, description="for everybody here, and not for who asks alone")
    until: AwareDatetime | None = Field(default=None, description="until when it is so; null for good")
    instead_of: Before = Field(default=None, description="what is to be so until then", json_schema_extra=OUR_OWN)

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        rule = {"exclusion": self.exclusion, "companion": self.companion}.get(self.kind, self.value)
        if rule is None:
            raise PydanticCustomError("fact", "its value, exclusion or companion is missing, whichever its kind has")
        return self

    @property
    def says(self) -> str:
        """Its value, or in our words what is excluded, or who is told."""
        rule = self.rule
        return rule.in_words[:LONGEST_VALUE] if rule else self.value or ""

    @property
    def name(self) -> FactName:
        rule = self.rule
        return FactName.of_rule(rule, self.until) if rule else FactName.of(self.kind, self.subject, self.says)

    @property
    def fact(self) -> dict[str, Any]:
        """What of a Fact it says."""
        return {
            "kind": self.kind,
            "value": self.says,
            "until": self.until,
            "exclusion": self.exclusion if self.kind == "exclusion" else None,
            "companion": self.companion if self.kind == "companion" else None,
        }

    def is_said_by(self, fact: Fact | None) -> bool:
        return fact is not None and {name: getattr(fact, name) for name in self.fact} == self.fact

    @property
    def rule(self) -> Exclusion | Companion | None:
        rules: dict[str, Exclusion | Companion | None] = {"exclusion": self.exclusion, "companion": self.companion}
        return rules.get(self.kind)


class ForgetFactInput(Frozen):
    subject: About = Field(min_length=1, description="what it is about", json_schema_extra=TARGET)
    attribute: About = Field(min_length=1, description="means, is, says, excluded or tells, by its kind")
    for_everybody: bool = Field(default=False, description="what is so for everybody here")
    instead_of: Before = Field(default=None, description="what is to be so until then", json_schema_extra=OUR_OWN)

    @property
    def name(self) -> FactName:
        return FactName(subject=self.subject, attribute=self.attribute)


class FactOutput(Frozen):
    subject: str = Field(description="what it is about")
    attribute: str = Field(description="what of that it says")
    summary: Made = Field(description="one line about it")


class RememberFact(WriteTool[RememberFactInput, FactOutput]):
    """What there was under the name becomes history: there is never more than one."""

    name = "remember_fact"
    summary = "Remember for later requests what a word means, what is meant by default, a standing rule, or a note."
    Input = RememberFactInput
    Output = FactOutput
    of_environments = False
    resource = "Fact"
    idempotent = True
    inverse = "forget_fact"

    def preview(self, input: RememberFactInput) -> Preview:
        scope = _scope(self.clients, input.for_everybody)
        self._refuse(input, scope)
        kept = self.clients.facts.fact(scope, input.name)
        was = _current(self.clients, kept)
        _as_it_was(input.instead_of, was)
        same = input.is_said_by(was)
        change = Change(
            ref=_ref(scope, input.name),
            name=_called(input.name),
            action="skip" if same else "create",
            before=_told(was.kind, was.subject, was.value) if was else NOTHING,
            after=_after(input),
            reason="it is remembered already" if same else "",
        )
        target = _target(self.clients, scope, input.name, input.for_everybody)
        return Preview(targets=(target,), changes=(change,), state=_state(kept, was))

    def permissions(self, input: RememberFactInput, preview: Preview) -> tuple[Permission, ...]:
        return tuple(self.clients.facts.permissions())

    def run(self, input: RememberFactInput, preview: Preview) -> FactOutput:
        if not preview.is_idle:
            scope, now = _scope(self.clients, input.for_everybody), self.clients.clock.now()
            kept = self.clients.facts.fact(scope, input.name)
            if not self._is_made(input, kept):
                fact = Fact(
                    **input.name.model_dump(),
                    **input.fact,
                    run=_run(self.clients),
                    author=self.clients.person,
                    at=now,
                )
                _put(self.clients, kept.superseded(fact, now) if kept else KeptFact.first(scope, fact), preview)
        return self._output(input, preview)

    def verify(self, input: RememberFactInput, prior: Preview) -> Verification:
        kept = self.clients.facts.fact(_scope(self.clients, input.for_everybody), input.name)
        now = kept.now if kept else None
        is_so = input.is_said_by(now)
        return Verification(
            outcome="true" if is_so else "false",
            reason="" if is_so else f"{_called(input.name)}: something else is remembered",
            output=self._output(input, prior).model_dump(mode="json"),
        )

    @classmethod
    def undo(cls, input: RememberFactInput, prior: Preview) -> Undo:
        """`remember_fact` of what was so before, `forget_fact` where nothing was; not where it was changed since."""
        if prior.is_idle:
            return UNCHANGED
        if (again := _again(prior, input.for_everybody, instead_of=input.says)) is not None:
            return again
        arguments = {**input.name.model_dump(), "for_everybody": input.for_everybody, "instead_of": input.says}
        return Call(tool=cls.inverse, arguments=arguments)

    def _refuse(self, input: RememberFactInput, scope: str) -> None:
        """Raises ToolInputError for what is not remembered, saying why."""
        now = self.clients.clock.now()
        said = f"{input.name.subject} {input.says}"
        if is_secret(f"{input.subject} {said}"):
            raise ToolInputError("that looks like a secret, and secrets are not remembered", ours=True)
        if hidden(said) or "\n" in said or "#" in input.name.subject:
            raise ToolInputError("a fact is one line of letters that are seen", ours=True)
        if input.until is not None and input.until <= now:
            raise ToolInputError("the time until which it is to be so is past", ours=True)
        if input.kind == "default":
            _check_default(input)
        if input.rule and (why := self._names_nothing(input.rule.of)):
            raise ToolInputError(why, ours=True)
        if input.kind == "alias" and (why := self.clients.no_alias(input.name.subject, input.says)):
            raise ToolInputError(why, ours=True)
        there = [one for one in self.clients.facts.facts(scope) if one.current(now) and one.name != input.name]
        if len(there) >= MOST_FACTS:
            raise ToolInputError(
                f"{MOST_FACTS} facts are remembered there, and no more are: forget one first", ours=True
            )

    def _names_nothing(self, of: Selector) -> str:
        """Which environment there is none of, in words: what is misspelled would be left alone by nobody. "" where all
        are there, or nobody knows.
        """
        seen = self.clients.recall()
        there = {one.name.casefold(): one.name for one in seen.known.environments} if seen else {}
        missing = next((name for name in of.environments if seen and name.casefold() not in there), "")
        near = there_are(missing, list(there.values()))
        return f"no environment is called {quoted(missing)}{near}" if missing else ""

    def _is_made(self, input: RememberFactInput, kept: KeptFact | None) -> bool:
        """Whether an earlier attempt at this call made it."""
        now = kept.now if kept else None
        return now is not None and input.is_said_by(now) and now.run == _run(self.clients)

    def _output(self, input: RememberFactInput, preview: Preview) -> FactOutput:
        (change,) = preview.changes
        before = "" if change.before == NOTHING or preview.is_idle else f"; before that {change.before}"
        already = "remembered already" if preview.is_idle else "remembered"
        return FactOutput(**input.name.model_dump(), summary=f"{already}: {change.after}{before}")


class ForgetFact(WriteTool[ForgetFactInput, FactOutput]):
    """Its value goes, and those that it had before; that there was one stays for a while."""

    name = "forget_fact"
    summary = "Forget something that was to be remembered."
    Input = ForgetFactInput
    Output = FactOutput
    of_environments = False
    resource = "Fact"
    idempotent = True
    inverse = "remember_fact"

    def preview(self, input: ForgetFactInput) -> Preview:
        scope = _scope(self.clients, input.for_everybody)
        kept = self.clients.facts.fact(scope, input.name)
        if kept is None:
            there = [quoted(one.name.subject) for one in self.clients.facts.facts(scope) if one.now]
            raise ToolInputError(
                f"nothing is remembered of {quoted(input.subject)}{there_are(input.subject, there)}", ours=True
            )
        was = kept.now
        _as_it_was(input.instead_of, was)
        change = Change(
            ref=_ref(scope, input.name),
            name=_called(input.name),
            action="delete" if was else "skip",
            before=_told(was.kind, was.subject, was.value) if was else NOTHING,
            after=NOTHING,
            reason="" if was else "it is forgotten already",
        )
        target = _target(self.clients, scope, input.name, input.for_everybody)
        return Preview(targets=(target,), changes=(change,), state=_state(kept, was))

    def permissions(self, input: ForgetFactInput, preview: Preview) -> tuple[Permission, ...]:
        return tuple(self.clients.facts.permissions())

    def run(self, input: ForgetFactInput, preview: Preview) -> FactOutput:
        kept = self.clients.facts.fact(_scope(self.clients, input.for_everybody), input.name)
        if not preview.is_idle and kept is not None and kept.now is not None:
            _put(self.clients, kept.superseded(None, self.clients.clock.now()), preview)
        return self._output(input, preview)

    def verify(self, input: ForgetFactInput, prior: Preview) -> Verification:
        kept = self.clients.facts.fact(_scope(self.clients, input.for_everybody), input.name)
        is_so = kept is None or kept.now is None
        return Verification(
            outcome="true" if is_so else "false",
            reason="" if is_so else f"{_called(input.name)} is remembered still",
            output=self._output(input, prior).model_dump(mode="json"),
        )

    @classmethod
    def undo(cls, input: ForgetFactInput, prior: Preview) -> Undo:
        """`remember_fact` of what it was, unless something else is remembered by then."""
        return UNCHANGED if prior.is_idle else _again(prior, input.for_everybody, instead_of="") or UNCHANGED

    def _output(self, input: ForgetFactInput, preview: Preview) -> FactOutput:
        (change,) = preview.changes
        what = "forgotten already" if preview.is_idle else f"forgotten: {change.before}"
        return FactOutput(subject=input.subject, attribute=input.attribute, summary=what)


def _check_default(input: RememberFactInput) -> None:
    subject = input.name.subject
    if subject not in DEFAULTS:
        raise ToolInputError(
            f"by default there may be {listed(DEFAULTS)}, not {quoted(subject)}", list(DEFAULTS), ours=True
        )
    if subject == "team" and input.for_everybody:
        raise ToolInputError("not everybody is of one team: each says their own", ours=True)
    fits = _REGION if subject == "region" else _PLAIN
    if not fits.fullmatch(input.says):
        raise ToolInputError(f"{quoted(input.says)} is no name of a {subject}", ours=True)


def _scope(clients: Clients, for_everybody: bool) -> str:
    """The asker's own, whoever they say they are."""
    return EVERYBODY if for_everybody else scope_of(clients.person.id)


def _run(clients: Clients) -> str:
    return re.split(r"[-/]", clients.call_id)[0]


def _current(clients: Clients, kept: KeptFact | None) -> Fact | None:
    return kept.current(clients.clock.now()) if kept else None


def _as_it_was(instead_of: str | None, was: Fact | None) -> None:
    """Raises ToolInputError where what is to be taken back was changed since; "" is nothing."""
    if instead_of is not None and (was.value if was else "") != instead_of:
        raise ToolInputError("it was changed since, and is left as it is", ours=True)


def _put(clients: Clients, kept: KeptFact, preview: Preview) -> None:
    if kept.rev != _rev(preview) + 1:
        raise NotReady("it was changed meanwhile")
    try:
        clients.facts.put(kept)
    except Conflict:
        raise NotReady("it was changed meanwhile") from None


def _state(kept: KeptFact | None, was: Fact | None) -> dict[str, Any]:
    now = (
        was.model_dump(mode="json", include={"kind", "subject", "value", "until", "exclusion", "companion"})
        if was
        else None
    )
    return {"rev": kept.rev if kept else 0, "now": now}


def _rev(preview: Preview) -> int:
    assert isinstance(preview.state, dict) and isinstance(preview.state["rev"], int)
    return preview.state["rev"]


def _again(prior: Preview, for_everybody: bool, *, instead_of: str) -> Call | None:
    """The call that puts back what was so before; None where nothing was."""
    assert isinstance(prior.state, dict)
    was = prior.state["now"]
    if not isinstance(was, dict):
        return None
    given = {name: value for name, value in was.items() if value is not None}
    arguments: Arguments = {**given, "for_everybody": for_everybody, "instead_of": instead_of}
    return Call(tool="remember_fact", arguments=arguments)


def _ref(scope: str, name: FactName) -> ResourceRef:
    return ResourceRef(type="fact", id=f"{scope}/{name.subject}/{name.attribute}")


def _target(clients: Clients, scope: str, name: FactName, for_everybody: bool) -> Target:
    """Whose it is stands in its tags: policy lets people have their own."""
    tags = {} if for_everybody else {"owner": clients.person.id}
    return Target(ref=_ref(scope, name), name=_called(name), tags=tags)


def _called(name: FactName) -> str:
    return "note" if name.attribute == SAYS else name.subject


def _after(input: RememberFactInput) -> str:
    told = _told(input.kind, input.name.subject, input.says)
    until = f", until {until_in_words(input.until)}" if input.until else ""
    return f"{told}{until}{', for everybody' if input.for_everybody else ''}"


def _told(kind: FactKind, subject: str, value: str) -> str:
    if kind == "note":
        return quoted(value)
    if kind in {"exclusion", "companion"}:
        return value
    if kind == "default":
        whose = "your team" if subject == "team" else f"the {subject}, where none is said,"
        return f"{whose} is {quoted(value)}"
    names = re.split(r"\s*,\s*(?:and\s+)?|\s+and\s+|\s*&\s*", value)
    return f"{quoted(subject)} means {listed([quoted(one) for one in names if one])}"
