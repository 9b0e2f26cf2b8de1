"""ports.ChatLinks in this process's memory. Keeps what the DynamoDB one keeps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from copilot.domain import ChatLink, ChatUser, JournalEntry, LinkCode
from copilot.errors import Conflict, NotFound


class MemoryChatLinks:
    """`evidence` is what it was told of, in order."""

    def __init__(self, *links: ChatLink) -> None:
        self._links = {link.user: link for link in links}
        self._made_of: dict[ChatUser, str] = {}
        self._codes: dict[str, LinkCode] = {}
        self._tries: dict[ChatUser, tuple[int, datetime]] = {}
        self._told: dict[ChatUser, datetime] = {}
        self.evidence: list[JournalEntry] = []

    def link(self, user: ChatUser) -> ChatLink | None:
        return self._links.get(user)

    def links(self) -> Sequence[ChatLink]:
        return sorted(self._links.values(), key=lambda link: link.user.address)

    def links_of(self, person: str) -> Sequence[ChatLink]:
        return [link for link in self.links() if link.person == person]

    def code(self, code_hash: str) -> LinkCode | None:
        return self._codes.get(code_hash)

    def open_codes(self, person: str, now: datetime) -> int:
        return sum(code.person == person and code.until > now for code in self._codes.values())

    def put_code(self, code_hash: str, code: LinkCode) -> None:
        if code_hash in self._codes:
            raise Conflict("that code is there already")
        self._codes[code_hash] = code

    def count_try(self, user: ChatUser, now: datetime, until: datetime) -> int:
        tries, end = self._tries.get(user, (0, until))
        self._tries[user] = (tries + 1, end) if end > now else (1, until)
        return self._tries[user][0]

    def take_code(self, code_hash: str, link: ChatLink, journal: JournalEntry) -> ChatLink:
        before, code = self._links.get(link.user), self._codes.get(code_hash)
        if before is not None and self._made_of.get(link.user) == code_hash:
            return before
        if code is None or code.until <= link.made_at:
            raise NotFound("that code is not good, or not any more")
        if before is not None and before.person != link.person and before.until > link.made_at:
            raise Conflict(f"{link.user.address} is linked to another person")
        del self._codes[code_hash]
        self._links[link.user], self._made_of[link.user] = link, code_hash
        self.evidence.append(journal)
        return link

    def spoil(self, code_hash: str) -> None:
        self._codes.pop(code_hash, None)

    def renew(self, link: ChatLink, journal: JournalEntry) -> None:
        self._own(link)
        self._links[link.user] = link
        self.evidence.append(journal)

    def note_told(self, link: ChatLink) -> bool:
        now = self._links.get(link.user)
        if now is None or now.until != link.until or self._told.get(link.user) == link.until:
            return False
        self._told[link.user] = link.until
        return True

    def unlink(self, link: ChatLink, journal: JournalEntry) -> None:
        self._own(link)
        del self._links[link.user]
        self._made_of.pop(link.user, None)
        self.evidence.append(journal)

    def _own(self, link: ChatLink) -> None:
        there = self._links.get(link.user)
        if there is None or there.person != link.person:
            raise NotFound(f"{link.user.address} is not linked to {link.person} any more")
