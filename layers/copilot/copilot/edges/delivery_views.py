"""What was shown of a Run in chats, as the API shows it to one person."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial

from pydantic import JsonValue

from copilot.domain import Delivered, LedgerEntry, Run, report_of, spared_by, told_key
from copilot.edges.withholding import Seer
from copilot.errors import NotFound
from copilot.plans.outputs import output_of
from copilot.ports import Deliveries, RunRecord, Store

View = dict[str, JsonValue]
_OF_THE_RUN = frozenset({"progress", "answer", "owner", "report", "notify"})
"""What is shown of no single Approval, by how its key begins."""


def view_shown(deliveries: Deliveries, run_id: str) -> JsonValue:
    """What was, and what could not be, the last changed last; nothing of what left."""
    return _in_order([(one.at, _shown(one)) for one in deliveries.of_run(run_id)])


def view_left(deliveries: Deliveries, store: Store, tenant: str, run_id: str, seer: Seer) -> JsonValue:
    """The same with what left for it, byte for byte, for who is kept from nothing in the run: of the messages of its
    tools what was handed to the platform, and what was told of it elsewhere. Raises NotFound.
    """
    record = store.load_run(tenant, run_id)
    sees = _all_that_is_seen(store, record, seer)
    kept = [*deliveries.of_run(run_id), *_elsewhere(deliveries, record.run)]
    views = [(one.at, _shown(one) | ({"sent": list(one.sent)} if sees(one) else {})) for one in kept]
    return _in_order([*views, *_messages(store.effects(tenant, run_id))])


def _all_that_is_seen(store: Store, record: RunRecord, seer: Seer) -> Callable[[Delivered], bool]:
    """The run shows its last Approval alone, and copies left of others too, and notices about them: each of these goes
    by itself.
    """
    tenant, seen = record.run.tenant, dict[str, bool]()
    outputs = partial(output_of, store, seer.registry, record.run, record.steps)

    def sees(delivered: Delivered) -> bool:
        kind, _, rest = delivered.key.partition("/")
        if kind in _OF_THE_RUN or (kind == "notice" and "/" not in rest):
            return True
        approval_id = rest.partition("/")[0]
        if approval_id not in seen:
            try:
                seen[approval_id] = seer.sees(record, store.approval(tenant, approval_id), outputs)
            except NotFound:
                seen[approval_id] = False
        return seen[approval_id]

    return sees


def _elsewhere(deliveries: Deliveries, run: Run) -> Iterator[Delivered]:
    """What the owner of its Schedule was told, and what it made of the message by which it was asked for."""
    if run.trigger.kind == "schedule":
        yield from deliveries.of_run(report_of(told_key(run.trigger.dedupe_key)))
    if occasion := spared_by(run.trigger.dedupe_key):
        yield from (one for one in deliveries.of_run(occasion) if one.key == f"owner/{run.trigger.person.id}")


def _messages(effects: Sequence[LedgerEntry]) -> Iterator[tuple[datetime, View]]:
    """Those that tools sent, or may have sent."""
    for entry in effects:
        sent: list[JsonValue] = [change.after for change in entry.prior.changes if change.action == "send"]
        if sent and entry.state != "failed_clean":
            at = entry.finished_at or entry.started_at
            yield (
                at,
                {
                    "key": f"notify/{entry.step}/{entry.item}",
                    "state": "sent" if entry.state == "done" else "unknown",
                    "where": ", ".join(target.name for target in entry.prior.targets),
                    "at": at.isoformat(),
                    "reason": entry.reason,
                    "sent": sent,
                },
            )


def _in_order(views: Sequence[tuple[datetime, View]]) -> JsonValue:
    return [view for _, view in sorted(views, key=lambda one: (one[0], str(one[1]["key"])))]


def _shown(one: Delivered) -> View:
    where = one.where
    return {
        "key": one.key,
        "state": one.state,
        "where": f"{where.platform}:{where.workspace}/{where.place}" if where else None,
        "at": one.at.isoformat(),
        "reason": one.reason,
    }
