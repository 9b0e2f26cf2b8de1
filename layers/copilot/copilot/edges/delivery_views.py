"""What was shown of a Run in chats, as the API shows it to one person."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from pydantic import JsonValue

from copilot.domain import Delivered
from copilot.edges.withholding import Seer
from copilot.errors import NotFound
from copilot.plans.outputs import output_of
from copilot.ports import Deliveries, Store


def view_shown(deliveries: Deliveries, run_id: str, sees: Callable[[Delivered], bool] | None = None) -> JsonValue:
    """The last changed last; with `sent`, what left for it byte for byte, of those that `sees` lets through."""
    kept = sorted(deliveries.of_run(run_id), key=lambda one: (one.at, one.key))
    return [_shown(one, with_sent=sees is not None and sees(one)) for one in kept]


def all_that_left(store: Store, tenant: str, run_id: str, seer: Seer) -> Callable[[Delivered], bool]:
    """For who is kept from nothing in the run. It shows its last approval alone, and copies left of others too: each of
    them goes by itself. Raises NotFound.
    """
    record, seen = store.load_run(tenant, run_id), dict[str, bool]()
    outputs = partial(output_of, store, seer.registry, record.run, record.steps)

    def sees(delivered: Delivered) -> bool:
        kind, _, rest = delivered.key.partition("/")
        if kind in {"progress", "answer"}:
            return True
        approval_id = rest.partition("/")[0]
        if approval_id not in seen:
            try:
                seen[approval_id] = seer.sees(record, store.approval(tenant, approval_id), outputs)
            except NotFound:
                seen[approval_id] = False
        return seen[approval_id]

    return sees


def _shown(one: Delivered, *, with_sent: bool) -> dict[str, JsonValue]:
    where = one.where
    shown: dict[str, JsonValue] = {
        "key": one.key,
        "state": one.state,
        "where": f"{where.platform}:{where.workspace}/{where.place}" if where else None,
        "at": one.at.isoformat(),
        "reason": one.reason,
    }
    return shown | ({"sent": list(one.sent)} if with_sent else {})
