"""Figures of things by their names, asked of the deployed system: a queue, a database, and a remark after that."""

from __future__ import annotations

import clouds
from conftest import System


def answer(system: System, request: str) -> str:
    view = system.ask(request, conversation="named")
    assert view["outcome"] == "succeeded", view
    return str(view["answer"])


def test_a_queue_and_a_database_are_found_by_their_names_and_a_remark_goes_on(system: System) -> None:
    (production,) = clouds.of_kind(system.cloud, "production")
    queue = production.places[0].queues[0]
    said = answer(system, f"how many messages wait in the {queue.name} queue?")
    assert f"Messages waiting in queue {queue.name} in {production.name}" in said, said
    assert f"- {queue.name}: " in said, said
    said = answer(system, "and over the last 6 hours?")
    assert f"Messages waiting in queue {queue.name} in {production.name}" in said, said
    for environment in system.cloud.environments:
        for database in [one for place in environment.places for one in place.databases][:1]:
            said = answer(system, f"connections of the {database.name} database in the last 6 hours")
            assert f"Connections of database {database.name} in {environment.name}" in said, said
            assert "a value every 1 h" in said, said
            said = answer(system, "and the queues?")
            assert f"Messages waiting in queues in {environment.name}" in said, said
            return
