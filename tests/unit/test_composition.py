"""The one composition: what is given takes the place of what would be made, and all clients are whole."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
from fakes import FakeClock

from cli.commands.own_clients import own_clients
from copilot.adapters.in_memory import MemoryStore
from copilot.bootstrap import UseCases, deployed, with_use_cases
from copilot.bootstrap.clients import AwsClients, OwnClients
from copilot.bootstrap.in_process import ME
from copilot.bootstrap.installation import Installation
from copilot.errors import FatalError
from copilot.ports import Clients

PARTS = sorted(name for name in vars(Clients) if not name.startswith("_"))


def test_what_is_given_takes_the_place_of_what_would_be_made_wherever_it_is_used() -> None:
    store, clock = MemoryStore(), FakeClock()
    use_cases = UseCases(store=store, clock=clock, workflow=None)
    assert (use_cases.ingest.store, use_cases.reply.store, use_cases.ingest.clock) == (store, store, clock)
    another: Any = object()
    assert UseCases(ingest=another).ingest is another


def test_what_nothing_has_as_its_name_is_refused() -> None:
    with pytest.raises(TypeError, match="UseCases has no sotre"):
        UseCases(sotre=MemoryStore())
    with pytest.raises(TypeError, match="Installation has no region_name"):
        Installation(region_name="eu-west-1")


def test_nothing_is_made_or_read_before_it_is_asked_for() -> None:
    made = UseCases(installation=Installation(told={}))
    with pytest.raises(KeyError, match="TABLE"):
        made.store  # noqa: B018


def test_a_handler_has_the_use_cases_of_its_process_or_those_it_is_handed() -> None:
    @with_use_cases
    def handler(event: Any, context: Any, use_cases: UseCases) -> UseCases:
        return use_cases

    own = UseCases()
    assert handler({}, None) is deployed() is handler({}, None)
    assert handler({}, None, own) is own is not deployed()


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("made", [AwsClients, OwnClients])
def test_whoever_runs_a_tool_gives_it_all_that_it_may_be_built_with(made: type, part: str) -> None:
    assert hasattr(made, part) or part in {field.name for field in fields(made)}


def test_by_hand_a_tool_works_for_whoever_runs_it_and_sets_no_timer() -> None:
    clients = own_clients("c1", None, None, may_write=True)
    assert clients.person == ME
    for part in ("scheduler", "schedules"):
        with pytest.raises(FatalError, match="schedules are a copilot's own"):
            getattr(clients, part)
