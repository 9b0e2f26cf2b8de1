"""What is frozen and thawed by a request in words: the moment that is asked, before the request has its turn. What
came of it is all that is left to say then.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from copilot.config.configuration import Configuration
from copilot.domain import (
    FREEZE,
    KIND_WORDS,
    Freeze,
    FrozenScope,
    Known,
    OpenQuestion,
    Person,
    Plan,
    Revision,
    Scope,
    Trigger,
)
from copilot.errors import Conflict, CopilotError, NotAllowed
from copilot.intents import Present
from copilot.intents.completing import complete
from copilot.planning.freezing_words import ENDS, Said, read
from copilot.planning.unplanned import asking
from copilot.ports import Clock, Freezes
from copilot.text.nearness import nearest
from copilot.text.outside import inert, quoted

BEGINS = (
    "from ten seconds on no change begins {where}, whoever asks, schedules and runs under way included. What has begun "
    "goes on to its end"
)
NEAREST, NEAR = 4, 0.8
_NAMED = re.compile(r"(?:the |all )?(?:new )?(environment )?(.*?)(?: environments?)?")


class Freezing(Protocol):
    """Each raises NotAllowed, NotFound, Conflict, RetryableError."""

    def freeze(self, person: Person, of: FrozenScope, name: str, reason: str, *, unseen: bool = False) -> Freeze: ...

    def thaw(self, person: Person, of: FrozenScope, name: str) -> Freeze: ...


@dataclass(frozen=True)
class FreezeInWords:
    store: Freezes
    freezing: Freezing
    config: Configuration
    known: Callable[[], Known]
    clock: Clock

    def __call__(self, trigger: Trigger, question: OpenQuestion | None = None) -> Revision | None:
        """What was done of what is asked, to be told; None for what is about something else. `question` is one that
        may be answered by this, whose choices are requests.
        """
        text = trigger.text
        if question is not None:
            whole = question.model_copy(update={"lacks": question.request})
            text = complete(whole, text, Present(self.clock.now(), "UTC")) or ""
        known = self.known()
        said = read(text, self._there(known))
        return None if said is None else self._answer(said, text, trigger, known)

    def _answer(self, said: Said, text: str, trigger: Trigger, known: Known) -> Revision:
        if said.do == "show":
            return self._shown(said.scopes, trigger, known)
        if said.later:
            return _failed(
                trigger,
                f"I {said.do} at once or not at all. Nothing was {_done(said)}; say it when it is to be so.",
            )
        if said.unclear:
            return self._unclear(said, text, trigger, known)
        scopes = said.scopes
        if not scopes:
            there = [freeze.scope for freeze in self.store.freezes(self.config.tenant)]
            if len(there) != 1:
                return _which(trigger, there)
            scopes = (there[0],)
        return self._made(said, scopes, text, trigger, known)

    def _made(self, said: Said, scopes: Sequence[Scope], text: str, trigger: Trigger, known: Known) -> Revision:
        person = self.config.current(trigger.person)
        told: list[str] = []
        failed = False
        for scope in scopes:
            try:
                if said.do == "freeze":
                    self.freezing.freeze(person, scope.of, scope.name, (said.reason or text)[:300], unseen=True)
                    told.append(self._frozen(scope, said, known))
                else:
                    self.freezing.thaw(person, scope.of, scope.name)
                    told.append(f"{_begin(self._called(scope))} is thawed: what policy allows may begin again. What it "
                                "kept back has to be asked anew.")  # fmt: skip
            except NotAllowed as error:
                return _failed(trigger, _begin(f"{error}."))
            except Conflict as error:
                told.append(_begin(f"{error}."))
                failed = failed or said.do == "thaw"
            except CopilotError as error:
                command = " ".join(filter(None, ["devops-copilot", said.do, scope.of, scope.name]))
                told.append(f"{_begin(self._called(scope))} was not {_done(said)}: {error}. Try again: `{command}`.")
                failed = True
        if said.do == "thaw" and (left := self.store.freezes(self.config.tenant)):
            told.append(f"Still frozen: {', '.join(self._called(one.scope) for one in left)}.")
        plan = Plan(goal=text, say="\n".join(told))
        return Revision(plan=plan, intent=FREEZE, slots={"do": said.do}, unplanned="failed" if failed else None)

    def _frozen(self, scope: Scope, said: Said, known: Known) -> str:
        where = {"all": "anywhere", "person": "in their name"}.get(scope.of, "there")
        lines = [f"{_begin(self._called(scope))} is frozen: {BEGINS.format(where=where)}."]
        if said.reason:
            lines.append(f"The reason: {quoted(inert(said.reason))}.")
        if ENDS.match(said.reason.lower()):
            lines.append("It does not end by itself.")
        if scope.of == "environment" and scope.name not in {one.name for one in known.environments}:
            lines.append(
                "No environment of that name was seen when it was last looked: if it is called otherwise, this keeps "
                "nothing back."
            )
        lines.append(f"An approver thaws it: “{_request('thaw', scope)}”.")
        return " ".join(lines)

    def _shown(self, scopes: Sequence[Scope], trigger: Trigger, known: Known) -> Revision:
        """What is frozen: of one scope first what concerns that."""
        freezes = self.store.freezes(self.config.tenant)
        mine = [one for one in freezes if any(_within(scope, one.scope, known) for scope in scopes)]
        rest = [one for one in freezes if one not in mine]
        lines = [f"{_begin(self._called(scope))} is {'' if mine else 'not '}frozen." for scope in scopes]
        lines += [f"- {one.told}" for one in mine]
        if not freezes:
            lines.append("Nothing is frozen.")
        elif rest:
            lines.append(f"{'Besides, frozen is' if mine else 'What is frozen'}:")
            lines += [f"- {one.told}" for one in rest]
        theirs = any(one.by.id != trigger.person.id for one in freezes)
        return Revision(
            plan=Plan(goal=trigger.text, say="\n".join(lines)),
            read_untrusted=theirs,
            read="why something is frozen" if theirs else "",
        )

    def _unclear(self, said: Said, text: str, trigger: Trigger, known: Known) -> Revision:
        """What may have been meant is asked; nothing is done."""
        nothing = f"Nothing was {_done(said)}."
        if said.choices:
            about = (
                f"“{inert(said.unclear)}” is several"
                if len(said.choices) > 1
                else f"“{inert(said.unclear)}” is another request"
            )
            return asking(text, f"{about}. Which is meant? {nothing}", said.choices, lacks=text)
        found = _NAMED.fullmatch(said.unclear.lower())
        typed, name = found.groups() if found else (None, "")
        kind = KIND_WORDS.get(name)
        if there := [one.name for one in known.environments if one.kind == kind]:
            ways = [f"{said.do} environment {one}" for one in there]
            every = f"{said.do} {' and '.join(f'environment {one}' for one in there)}"
            question = f"A kind is not {_done(said)} as such: others may come to be of it. Which is meant? {nothing}"
            return asking(text, question, list(dict.fromkeys([every, *ways])), lacks=text)
        names = self._there(known)
        near = [scope for way in nearest(name, names, NEAREST, NEAR) for scope in names[way]]
        choices = [f"{said.do} {self._called(scope)}" for scope in dict.fromkeys(near)]
        if said.do == "freeze" and (typed or not known.environments) and " " not in name:
            choices.append(f"freeze the new environment {name}")
        what = f"There is no environment, account or person “{inert(said.unclear)}” that I know."
        if choices:
            return asking(text, f"{what} Which is meant? {nothing}", choices, lacks=text)
        return _failed(
            trigger,
            f"{what} {nothing} What can be is everything, or an account, an environment or a person by name.",
        )

    def _called(self, scope: Scope) -> str:
        """With the name of an account, as it is shown everywhere; what is several by that is asked about by its id."""
        name = next((one.name for one in self.config.accounts if one.id == scope.name), "")
        return f"account {name}" if scope.of == "account" and name else scope.in_words

    def _there(self, known: Known) -> dict[str, list[Scope]]:
        """What can be frozen, by the ways it is called; and what is frozen, though it may not be there any more."""
        found: dict[str, dict[Scope, None]] = {}

        def add(of: FrozenScope, id: str, ways: Iterable[str]) -> None:
            for way in ways:
                found.setdefault(way.casefold(), {})[Scope(of=of, name=id)] = None

        for environment in known.environments:
            add("environment", environment.name, [environment.name])
        for account in self.config.accounts:
            add("account", account.id, [account.name, account.id])
        for person in self.config.people:
            add("person", person.id, [person.id, person.name, person.name.split()[0], person.id.partition("@")[0]])
        for freeze in self.store.freezes(self.config.tenant):
            if freeze.scope.name:
                add(freeze.scope.of, freeze.scope.name, [freeze.scope.name])
        return {way: list(scopes) for way, scopes in found.items()}


def _within(scope: Scope, frozen: Scope, known: Known) -> bool:
    """Whether what is asked about is in what is frozen."""
    if frozen.of == "all" or frozen == scope:
        return True
    if scope.of != "environment" or frozen.of != "account":
        return False
    environment = next((one for one in known.environments if one.name == scope.name), None)
    return environment is not None and any(frozen.name in account for account in environment.accounts)


def _which(trigger: Trigger, there: Sequence[Scope]) -> Revision:
    if not there:
        return _failed(trigger, "Nothing is frozen, so nothing was thawed.")
    ways = [_request("thaw", scope) for scope in there]
    return asking(trigger.text, "Several things are frozen. Which is meant? Nothing was thawed.", ways, trigger.text)


def _request(do: str, scope: Scope) -> str:
    return f"{do} {scope.in_words}"


def _done(said: Said) -> str:
    return "frozen" if said.do == "freeze" else "thawed"


def _begin(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _failed(trigger: Trigger, text: str) -> Revision:
    return Revision(plan=Plan(goal=trigger.text, say=text), unplanned="failed")
