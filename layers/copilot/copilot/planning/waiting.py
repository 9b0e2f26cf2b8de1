"""What waits in a Conversation for an approval: who was asked, since when and until when."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from copilot.domain import PendingApproval, Trigger
from copilot.planning.earlier_runs import earlier_runs
from copilot.ports import Clock, Store
from copilot.text.listing import listed
from copilot.text.outside import inert

NOTHING_WAITS = "Nothing waits for an approval here: what was asked for before is at work still, or answered above."


@dataclass(frozen=True)
class Waiting:
    """`zone_of` says in which time zone a person, by id, reads times."""

    store: Store
    clock: Clock
    zone_of: Callable[[str], str]

    def __call__(self, trigger: Trigger) -> str:
        here = {*earlier_runs(self.store, trigger)}
        waiting = [one for one in self._all(trigger.tenant) if one.run_id in here]
        return "\n".join(self._told(one, trigger) for one in waiting) or NOTHING_WAITS

    def _all(self, tenant: str) -> Iterator[PendingApproval]:
        after: str | None = ""
        while after is not None:
            page = self.store.pending_approvals(tenant, self.clock.now(), after)
            yield from page.approvals
            after = page.after

    def _told(self, one: PendingApproval, trigger: Trigger) -> str:
        zone = ZoneInfo(self.zone_of(trigger.person.id))
        own = one.requested_by.id == trigger.person.id
        what = f"“{inert(one.request[:120])}”" if own else f"What {inert(one.requested_by.name)} asked for"
        by = listed([inert(name) for name in one.approvers]) or "whoever the policies permit to"
        return (
            f"{what} still waits for an approval, since {_moment(one.created_at, zone)} and until "
            f"{_moment(one.expires_at, zone)}. Asked for it was: {by}. Nobody has decided yet, and nothing of it has "
            f"been changed; `devops-copilot runs cancel {one.run_id}` takes it back."
        )


def _moment(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%a %d %b %H:%M %Z}"
