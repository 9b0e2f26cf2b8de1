"""What sweeps see, for tests of what is kept of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from copilot.adapters.in_memory import MemoryStore
from copilot.domain import Change, JournalEntry, LedgerEntry, Preview, Run
from copilot.domain.inventory import Place, Seen, Sweep

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HERE, THERE = Place(account="111111111111", region="eu-west-1"), Place(account="222222222222", region="us-east-1")


def after(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def seen(environment: str, place: Place = HERE, at: datetime = NOW, **more: Any) -> Seen:
    given: dict[str, Any] = {"kind": "development", "names": {"ecs-service": ("web",)}} | more
    return Seen(place=place, environment=environment, seen_at=at, **given)


def sweep(place: Place = HERE, at: datetime = NOW, unread: tuple[str, ...] = ()) -> Sweep:
    read = {type: at for type in ("ecs-service", "rds-instance") if type not in unread}
    return Sweep(place=place, at=at, read_at=read, unread=unread)


def changed_by(run: Run, store: MemoryStore, *changes: tuple[str, str]) -> None:
    """The run began to change these: ARN and action of each."""
    preview = Preview(
        targets=(),
        changes=tuple(
            Change.model_validate(
                {"ref": {"type": "ecs-service", "id": id}, "name": "x", "action": action, "before": "1", "after": "0"}
            )
            for id, action in changes
        ),
        state={},
    )
    entry = LedgerEntry(
        step="stop",
        item=0,
        tool="stop_environment@1",
        arguments_hash="h",
        state="started",
        prior=preview,
        owner="w",
        attempt=1,
        started_at=NOW,
        dead_after=after(1),
    )
    evidence = JournalEntry.of(run, "effect", "stop", NOW, {})
    store.start_effect(run.tenant, run.run_id, entry, None, evidence)
