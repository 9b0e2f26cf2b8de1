"""What is left of people who are gone: their links and standing approvals are taken away.

Where somebody is gone from the configuration, nothing of theirs counts from that moment on: who writes as them, what
they granted and what their schedules fire is looked up each time. Here it is cleared away, within the hour; and whoever
is gone from the platform loses their links as it says so, or within the hour where that was not heard.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from copilot.config.configuration import Configuration
from copilot.domain import ChatLink, Gone, Standing, digest
from copilot.errors import Conflict, FatalError, NotFound, PermissionDenied, RetryableError
from copilot.ports import ChatLinks, ChatReader, Clock, Standings
from copilot.triggers import standing
from copilot.triggers.linking import evidence_of, person_on
from copilot.triggers.sweeping import TICK

PARTS = int(timedelta(hours=1) / TICK)
"""The platform is asked for this part of the people at each look, so that everybody is looked at within the hour."""
MOST_ASKED = 150
"""People at one look: Slack answers such questions a hundred times a minute (docs.slack.dev, "Rate limits", tier 4)."""
BY = "copilot"


class Removed(NamedTuple):
    links: list[ChatLink]
    standings: list[Standing]
    unread: int = 0
    """How many people the platform was not asked for, or did not tell of, though it was their turn."""


@dataclass(frozen=True)
class LetGo:
    """`reader` gives what reads the platforms. Raises RetryableError where the store does not answer."""

    links: ChatLinks
    standings: Standings
    reader: Callable[[], ChatReader]
    config: Configuration
    clock: Clock

    def told(self, gone: Gone) -> Removed:
        """Of what a platform says: the links of whom it names, or of everybody in a workspace it is gone from."""
        links = [link for link in self.links.links() if _is_of(link, gone)]
        return Removed(self._unlinked(links), [])

    def __call__(self) -> Removed:
        """At each look: of those who are no longer configured, or have no role, at once; of those who are gone from the
        platform, where it is their turn.
        """
        links = self.links.links()
        gone = [link for link in links if not self._is_here(link.person)]
        missing, unread = self._gone_from_platform([link for link in links if link not in gone])
        return Removed(self._unlinked([*gone, *missing]), self._revoked(), unread)

    def _is_here(self, person_id: str) -> bool:
        known = self.config.known(person_id)
        return known is not None and bool(known.roles)

    def _gone_from_platform(self, links: list[ChatLink]) -> tuple[list[ChatLink], int]:
        if self.config.chat is None:
            return [], 0  # there is nobody to ask, and nobody comes in by a link
        turn = int(self.clock.now().timestamp() // TICK.total_seconds()) % PARTS
        due = [link for link in links if int(digest(link.user.address)[:8], 16) % PARTS == turn]
        found: list[ChatLink] = []
        asked = 0
        for link in due[:MOST_ASKED]:
            try:
                person = person_on(self.reader(), link.user)
            except RetryableError:
                break  # to go on asking would only make it worse
            except (PermissionDenied, FatalError):
                continue
            asked += 1
            if person is None or person.gone:
                found.append(link)
        return found, len(due) - asked

    def _unlinked(self, links: Iterable[ChatLink]) -> list[ChatLink]:
        found = []
        for link in links:
            with suppress(NotFound):  # somebody else has taken it away meanwhile
                self.links.unlink(link, evidence_of(link, "gone", BY, self.clock.now()))
                found.append(link)
        return found

    def _revoked(self) -> list[Standing]:
        found = []
        for one in self.standings.standings(self.config.tenant):
            if self._is_here(one.by.id) and self._is_here(one.owner):
                continue
            with suppress(Conflict):  # it was taken back meanwhile
                self.standings.revoke(
                    self.config.tenant, one.id, standing.evidence_of(one, BY, "gone", self.clock.now())
                )
                found.append(one)
        return found


def _is_of(link: ChatLink, gone: Gone) -> bool:
    user = link.user
    same = (user.platform, user.workspace) == (gone.platform, gone.workspace)
    return same and gone.user in {None, user.user}
