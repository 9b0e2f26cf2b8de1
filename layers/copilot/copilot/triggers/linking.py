"""Who a chat user is: by the configuration, by a link that an IAM identity made, or by a confirmed mail address.

A person makes a code with their IAM identity and sends it to the copilot in a direct message: from then on whoever
writes as that user is that person, for as long as IAM proves it anew in time. Roles come from the person, as they are
configured now, and never from a chat.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from pydantic import JsonValue

from copilot.config.configuration import Configuration
from copilot.config.principals import about_human
from copilot.domain import (
    PLATFORMS,
    ChatLink,
    ChatPerson,
    ChatUser,
    Frozen,
    JournalEntry,
    LinkCode,
    Person,
    PlatformName,
    Unknown,
)
from copilot.errors import Conflict, Expired, NotAllowed, NotFound
from copilot.ports import ChatLinks, ChatReader, Clock

CODE_FOR = timedelta(minutes=10)
OPEN_CODES = 3
"""Of one person at a time."""
TRIES, TRIES_FOR = 5, timedelta(minutes=10)
"""So many codes a user may send in that time."""
LINKED_FOR = timedelta(days=30)
TOLD_BEFORE = timedelta(days=3)
"""How long before it lapses a link's user is told."""
_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Those of Crockford's base 32: no I, L, O and U, which are read as others or make words."""
_READ_AS = str.maketrans("OIL", "011")
_DIGITS, _LETTERS, _REST, _BYTES = _SIGNS[:10], _SIGNS[10:], 10, 8
_FIRST, _SIGN = "[0-9OIL][A-HJKMNP-TV-Z][0-9A-TV-Z]{2}", "[0-9A-TV-Z]{4}"
_CODE = re.compile(rf"`?(?:link )?({_FIRST})[ -]({_SIGN})[ -]({_SIGN})`?", re.IGNORECASE)
_TOGETHER = re.compile(rf"`?link ({_FIRST})({_SIGN})({_SIGN})`?", re.IGNORECASE)
"""Without anything between only where it says what it is: ids of accounts and commits have twelve signs too."""
RENEW = "run `devops-copilot link {platform}` where you have your AWS credentials"
MAKE = f"{RENEW} and send the code it gives to the copilot in a direct message"
State = Literal["made", "renewed", "removed", "gone"]


class Code(Frozen):
    """What a person is to send, until then; shown to them alone and kept nowhere."""

    code: str
    until: datetime


class Renewed(Frozen):
    """Links that were there, good until later from now on."""

    links: tuple[ChatLink, ...]


def code_in(text: str) -> str | None:
    """The code that a message is, as it was printed, however it was typed; None where it is anything else.

    One begins with a digit and a letter: no word does, no number, and no id of an account.
    """
    said = " ".join(text.split())
    found = _CODE.fullmatch(said) or _TOGETHER.fullmatch(said)
    return "-".join(part.upper().translate(_READ_AS) for part in found.groups()) if found else None


@dataclass(frozen=True)
class Link:
    """`reader` gives what reads the platforms, `random` so many random bytes. Raises RetryableError throughout."""

    links: ChatLinks
    reader: Callable[[], ChatReader]
    config: Configuration
    clock: Clock
    random: Callable[[int], bytes]

    def make_code(
        self, person: Person, principal: str, platform: PlatformName, *, another: bool = False
    ) -> Code | Renewed:
        """A code for this person; where they are linked already, and do not want `another` user linked, their links are
        renewed instead, since IAM has just proved who they are.

        Raises NotAllowed for a principal that is not one human being, Conflict where too many codes are open, where the
        configuration says who they are there and they do not want `another`, or the copilot is not on that platform.
        """
        self._prove(person, principal)
        if not any(one.platform == platform for one in (self.config.chat.workspaces if self.config.chat else ())):
            raise Conflict(
                f"this copilot is not reached in {PLATFORMS[platform]}: its configuration has no workspace there"
            )
        now = self.clock.now()
        there = [link for link in self.links.links_of(person.id) if link.user.platform == platform]
        if there and not another:
            return Renewed(links=tuple(self._renew(link, principal, now) for link in there))
        known = self.config.known(person.id)
        users = [user for user in map(ChatUser.at, known.chat if known else ()) if user.platform == platform]
        if users and not another:
            raise Conflict(
                f"you are {', '.join(user.address for user in users)} by the copilot's configuration, so there is "
                "nothing to link; --another links another user, who may then all that you may"
            )
        if self.links.open_codes(person.id, now) >= OPEN_CODES:
            minutes = int(CODE_FOR.total_seconds() // 60)
            raise Conflict(
                f"{OPEN_CODES} codes of yours are open; no other was made. Use one or wait {minutes} minutes"
            )
        made = Code(code=_code(self.random(_BYTES)), until=now + CODE_FOR)
        self.links.put_code(self._hash(made.code), LinkCode(person=person.id, principal=principal, until=made.until))
        return made

    def take(self, code: str, user: ChatUser, *, direct: bool, external: bool = False) -> ChatLink:
        """The link that a code has become, as `code_in` gives it. The same code by the same user gives the same link.

        Raises NotAllowed for where it came from, whom it came from and whoever tries too often; NotFound or Expired for
        a code that is not good; Conflict where the user is another person already. Nothing is used up by any of these
        but what others could read, which is good no more.
        """
        if not direct:
            self.links.spoil(self._hash(code))
            raise NotAllowed(
                "A code is taken in a direct message only. Others may have seen that one, so it is good no more: make "
                "another, and send it to the copilot alone."
            )
        if external:
            raise NotAllowed(_EXTERNAL.why)
        now = self.clock.now()
        if self.links.count_try(user, now, now + TRIES_FOR) > TRIES:
            minutes = int(TRIES_FOR.total_seconds() // 60)
            raise NotAllowed(f"More than {TRIES} codes came from you; none is looked at for up to {minutes} minutes.")
        if nobody := _not_ours(person_on(self.reader(), user)):
            raise NotAllowed(nobody.why)
        if (configured := self.config.person_in_chat(user)) is not None:
            raise Conflict(f"You are {configured.name} by the copilot's configuration; there is nothing to link.")
        hash = self._hash(code)
        try:
            link = self._link_of(hash, user, now)
            return self.links.take_code(hash, link, self._evidence(link, "made", link.person))
        except NotFound:
            raise NotFound(f"That code is not good, or was used. {_sentence(MAKE, user)}") from None
        except Conflict:
            raise Conflict(
                "You are linked to another person already. Whoever that is takes it back with "
                f"`devops-copilot link remove {user.address}`; then send the code again while it is good."
            ) from None

    def others(self, link: ChatLink) -> list[ChatUser]:
        """Who else its person is in chats, by the configuration or by a link."""
        known = self.config.known(link.person)
        configured = map(ChatUser.at, known.chat if known else ())
        linked = (one.user for one in self.links.links_of(link.person))
        return [user for user in dict.fromkeys([*configured, *linked]) if user != link.user]

    def unlink(self, person: Person, user: ChatUser) -> ChatLink:
        """A link of the person's own, which is one no more. Raises NotFound."""
        link = self.links.link(user)
        if link is None or link.person != person.id:
            own = ", ".join(one.user.address for one in self.links.links_of(person.id)) or "none"
            raise NotFound(f"{user.address} is not linked to you; nothing was changed. What is: {own}")
        self.links.unlink(link, self._evidence(link, "removed", person.id))
        return link

    def who(self, user: ChatUser, *, external: bool = False) -> Person | Unknown:
        """The person that a user is now, with the roles they have now."""
        if external:
            return _EXTERNAL
        found = person_on(self.reader(), user)
        if nobody := _not_ours(found):
            return nobody
        person = self.config.person_in_chat(user)
        if person is not None:
            return person if person.roles else _without_role(person.name)
        return self._by_link(user) or self._by_mail(user, found)

    def reminder(self, user: ChatUser) -> str:
        """What a linked user is to be told besides: once, shortly before their link lapses. "" else."""
        link, now = self.links.link(user), self.clock.now()
        if link is None or not now < link.until <= now + TOLD_BEFORE or not self.links.note_told(link):
            return ""
        return f"That you are you was last proved on {link.until - LINKED_FOR:%d %b %Y}, which counts until " + (
            f"{link.until:%d %b %Y %H:%M} UTC: to go on from here after that, {_said(RENEW, user)}."
        )

    def _prove(self, person: Person, principal: str) -> None:
        known = self.config.known(person.id)
        problem = about_human(principal, known.principals if known else ())
        if problem:
            raise NotAllowed(
                f"only a human being is linked to a chat, and {problem}; nothing was made. An administrator can list "
                f"your own session in the configuration, or your user of the chat under `chat` of {person.id}"
            )

    def _renew(self, link: ChatLink, principal: str, now: datetime) -> ChatLink:
        renewed = link.model_copy(update={"principal": principal, "until": now + LINKED_FOR})
        self.links.renew(renewed, self._evidence(renewed, "renewed", link.person))
        return renewed

    def _link_of(self, hash: str, user: ChatUser, now: datetime) -> ChatLink:
        """What a code makes of this user; where there is no such code, the link that it may have become before."""
        code, link = self.links.code(hash), self.links.link(user)
        if code is None:
            if link is None:
                raise NotFound
            return link
        if code.until <= now:
            raise Expired(f"That code was good until {code.until:%H:%M} UTC. {_sentence(MAKE, user)}")
        if self._linkable(code.person, code.principal) is None:
            raise NotAllowed("Whoever made that code may do nothing any more; nobody was linked.")
        until = now + LINKED_FOR
        return ChatLink(user=user, person=code.person, principal=code.principal, made_at=now, until=until)

    def _by_link(self, user: ChatUser) -> Person | Unknown | None:
        link = self.links.link(user)
        if link is None:
            return None
        if link.until <= self.clock.now():
            return Unknown(
                why=f"That you are you was last proved too long ago: it counted until {link.until:%d %b %Y}.",
                what_to_do=_sentence(RENEW, user),
            )
        person = self._linkable(link.person, link.principal)
        if person is None:
            return Unknown(why="Whoever you are linked to may do nothing any more.", what_to_do=_sentence(RENEW, user))
        return person

    def _linkable(self, person_id: str, principal: str) -> Person | None:
        """The person, as long as they have a role and the principal that made the code is still theirs."""
        person = self.config.person(principal)
        return person if person is not None and person.id == person_id and person.roles else None

    def _by_mail(self, user: ChatUser, found: ChatPerson | None) -> Person | Unknown:
        chat, mail = self.config.chat, found.mail if found else None
        is_home = chat is not None and user.workspace == chat.workspaces[0].id
        person = self.config.reader_by_mail(mail) if is_home and mail else None
        return person or Unknown(why="The copilot does not know who you are.", what_to_do=_sentence(MAKE, user))

    def _hash(self, code: str) -> str:
        return hashlib.sha256(f"{self.config.tenant}/{code}".encode()).hexdigest()

    def _evidence(self, link: ChatLink, what: State, by: str) -> JournalEntry:
        return evidence_of(link, what, by, self.clock.now())


def evidence_of(link: ChatLink, what: State, by: str, at: datetime) -> JournalEntry:
    data: JsonValue = {
        "user": link.user.address,
        "person": link.person,
        "principal": link.principal,
        "until": link.until.isoformat(),
        "state": what,
    }
    id = f"{link.user.address}-{what}-{at.isoformat()}"
    return JournalEntry(at=at, id=id, kind="link", run_id="", person=by, data=data)


def person_on(reader: ChatReader, user: ChatUser) -> ChatPerson | None:
    """What the platform knows of a user; None where it knows nobody of that id."""
    try:
        return reader.person(user)
    except NotFound:
        return None


_ASK_FOR_IT = "An administrator of the copilot can tell you more."
_EXTERNAL = Unknown(
    why="The copilot does nothing for guests, and for people of other organisations.", what_to_do=_ASK_FOR_IT
)


def _not_ours(found: ChatPerson | None) -> Unknown | None:
    """Why a user, as the platform knows them, is nobody here; None where they may be somebody."""
    if found is None or found.gone:
        return Unknown(why="You are no longer of this workspace.", what_to_do=_ASK_FOR_IT)
    if found.bot:
        return Unknown(why="The copilot does nothing for bots.", what_to_do=_ASK_FOR_IT)
    return _EXTERNAL if found.guest or found.external else None


def _without_role(name: str) -> Unknown:
    return Unknown(why=f"{name} has no role in this copilot's configuration.", what_to_do=_ASK_FOR_IT)


def _said(what: str, user: ChatUser) -> str:
    return what.format(platform=user.platform)


def _sentence(what: str, user: ChatUser) -> str:
    said = _said(what, user)
    return f"{said[:1].upper()}{said[1:]}."


def _code(random: bytes) -> str:
    """57 bits and more of the random ones, in three groups of four."""
    left, signs = int.from_bytes(random), ""
    for some in (_DIGITS, _LETTERS, *[_SIGNS] * _REST):
        left, next = divmod(left, len(some))
        signs += some[next]
    return "-".join(signs[start : start + 4] for start in (0, 4, 8))
