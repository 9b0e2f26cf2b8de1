"""A key of one tenant is never read or written for another: by what the adapters say, and by what they do."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from test_lives import database, kept_by, whole

from copilot.adapters.dynamodb.kept import DynamoKeptOf
from copilot.config.configuration import Configuration
from copilot.domain import Run, Whose
from copilot.errors import NotFound
from copilot.ports import ResultKey

__all__ = ["database"]

ROOT = Path(__file__).parents[2] / "layers" / "copilot" / "copilot" / "adapters"
TENANT = {"tenant", "self._tenant", "run.tenant", "approval.tenant"}
"""What stands for the tenant that a call, or an adapter, was given."""


def keys() -> Iterator[tuple[str, str, str]]:
    """Each key of a partition that is put together anywhere in the adapters, with its module and what stands second."""
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.JoinedStr) or not isinstance(node.values[0], ast.Constant):
                continue
            kind = str(node.values[0].value).partition("#")
            if kind[0].isupper() and kind[0].isalpha() and kind[1]:
                second = node.values[1]
                said = ast.unparse(second.value) if isinstance(second, ast.FormattedValue) and not kind[2] else kind[2]
                yield path.stem, ast.unparse(node), said


NOT_PARTITIONS = {"PLAN#", "STEP#"}
"""These are places within one."""


def test_every_partition_is_named_for_the_tenant_it_is_asked_for() -> None:
    found = [(where, key, said) for where, key, said in keys() if not key[2:].startswith(tuple(NOT_PARTITIONS))]
    assert len(found) > 25, "there are that many kinds"
    assert [one for one in found if one[2] not in TENANT] == []


def test_the_id_of_a_tenant_has_nothing_in_it_that_ends_one() -> None:
    for wrong in ("a#b", "main#", "", "A"):
        with pytest.raises(ValueError, match="tenant"):
            Configuration(tenant=wrong, accounts=(), people=())


class Recorded:
    """A client that notes the partition of all it is asked for."""

    def __init__(self, client: Any) -> None:
        self._client, self.partitions = client, set[str]()

    def __getattr__(self, name: str) -> Any:
        def call(**given: Any) -> Any:
            self.partitions |= set(partitions(given))
            return getattr(self._client, name)(**given)

        return call


def partitions(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in {"pk", ":pk"} and isinstance(inner, dict):
                yield inner["S"]
            else:
                yield from partitions(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from partitions(inner)


def reads(database: Any, tenant: str, runs: list[Run]) -> list[Any]:
    """What this tenant is told of these runs, whoever's they are."""
    store, found = kept_by(database), list[Any]()
    for run in runs:
        for read in (store.run, store.load_run):
            try:
                found.append(read(tenant, run.run_id))
            except NotFound:
                found.append(None)
        found += [store.turns(tenant, run.conversation), store.calls(tenant, run.run_id)]
        found += [store.effects(tenant, run.run_id), store.focus(tenant, run.conversation)]
        found.append(store.results(tenant, run.run_id, [ResultKey("off", 0)]))
    return [*found, store.recent_runs(tenant), store.journal(tenant, "2026-03-02"), store.runs(tenant, ["r", "s"])]


@pytest.mark.parametrize("seed", range(4))
def test_what_is_done_for_one_touches_and_shows_nothing_of_another(database: Any, seed: int) -> None:
    """Ids that begin alike, the same people, requests and conversations in each; in any order."""
    random, tenants = Random(seed), ["main", "mai", "main-2", "m"]
    random.shuffle(tenants)
    runs = dict[str, Run]()
    for tenant in tenants:
        client = Recorded(database)
        runs[tenant] = whole(kept_by(client), "k1", tenant=tenant)
        assert {key.split("#")[1] for key in client.partitions} == {tenant}
    before = {tenant: reads(database, tenant, [runs[tenant]]) for tenant in tenants}
    for tenant in tenants:
        others = [run for name, run in runs.items() if name != tenant and run.run_id != runs[tenant].run_id]
        client = Recorded(database)
        seen = reads(client, tenant, others)
        assert {key.split("#")[1] for key in client.partitions} == {tenant}
        assert not any(run.run_id in str(seen) for run in others)
    gone, client = tenants[0], Recorded(database)
    kept = DynamoKeptOf("copilot", "kept", client, kept_by(database)._s3, gone)
    for run in kept.listed(Whose(person="ann")):
        kept.delete_focus(run.conversation, None)
        kept.delete_turns(run.conversation, None)
        kept.delete_run(run)
    assert {key.split("#")[1] for key in client.partitions} == {gone}
    assert {tenant: reads(database, tenant, [runs[tenant]]) for tenant in tenants[1:]} == {
        tenant: before[tenant] for tenant in tenants[1:]
    }
