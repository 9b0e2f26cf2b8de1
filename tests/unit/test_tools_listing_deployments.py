"""Deployments one by one: which there are, counted another way as well, and what is said of each."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from deployment_facts import fact
from deployment_histories import random_history
from fakes_platform import NOW
from memory_deployments import MemoryDeployments
from test_tools_deployments import Clients, facts

from copilot.domain.deployments import DeploymentFact
from copilot.errors import ToolInputError
from copilot.tools.deployments.listing import ListDeployments, ListDeploymentsInput, ListDeploymentsOutput


def told(some: list[DeploymentFact], **given: Any) -> ListDeploymentsOutput:
    return ListDeployments(Clients(MemoryDeployments(some))).run(ListDeploymentsInput(**given))


def one(id: str, minutes_ago: float, *ends: str, **more: Any) -> list[DeploymentFact]:
    """Begun so long ago; each end comes a minute later than the one before."""
    began = NOW - timedelta(minutes=minutes_ago)
    given = {"deployment": id, **more}
    said = [fact(0, "started", **given).model_copy(update={"at": began})]
    for minute, end in enumerate(ends, start=1):
        said.append(fact(0, end, **given).model_copy(update={"at": began + timedelta(minutes=minute)}))
    return said


@pytest.mark.parametrize("seed", range(8))
def test_they_are_those_that_a_history_was_made_of(seed: int) -> None:
    history = random_history(Random(seed), NOW)
    since = NOW - timedelta(days=Random(seed).randint(1, 20))
    service = history.made[seed].service
    for status in ("succeeded", "failed", "cancelled", None):
        found = told(facts(history.made), service=service, status=status, since=since, most=7)
        wanted = sorted(
            (
                made
                for made in history.made
                if made.service == service and status in {None, made.status} and since <= made.start < NOW
            ),
            key=lambda made: (made.start, made.id),
            reverse=True,
        )
        assert found.total == len(wanted)
        assert [(each.id, each.status, each.started) for each in found.deployments] == [
            (made.id, made.status, made.start) for made in wanted[:7]
        ]
        assert found.more.startswith(f"{len(wanted) - 7} more deployment") == (len(wanted) > 7)
        assert bool(found.none) == (not wanted)


def test_a_line_has_what_was_told_of_it() -> None:
    given = {"version": "1.4", "revision": "web:12", "by": "arn:aws:sts::123456789012:assumed-role/Admin/jo"}
    (line,) = told(one("d1", 60, "succeeded", **given)).deployments
    assert line.summary == (
        "Mon 2 Mar 11:30 UTC: web 1.4 (web:12) to production succeeded after 1 min, begun by Admin/jo (d1)"
    )
    assert (line.version, line.revision, line.by, line.environment_id) == ("1.4", "web:12", "Admin/jo", "production")


def test_of_one_that_failed_the_stage_is_said() -> None:
    (line,) = told([*one("d1", 60), *one("d1", 59, "failed", stage="deploy")]).deployments
    assert "failed in deploy after 2 min" in line.summary and line.stage == "deploy"


def test_one_without_an_end_is_under_way_and_after_a_day_it_is_said_that_it_may_not_be() -> None:
    found = told([*one("d1", 5), *one("d2", 3 * 24 * 60)], status="under way")
    assert [each.id for each in found.deployments] == ["d1", "d2"]
    assert "Of 1 deployment (of web) begun more than a day ago no end was reported" in found.notes[0]


def test_rollbacks_are_among_them_and_say_so() -> None:
    found = told(one("d1", 5, "succeeded", rollback=True))
    assert ": rollback of web to production succeeded" in found.deployments[0].summary


def test_only_those_to_the_environments_asked_for_and_it_is_said_of_how_many_it_is_not_known() -> None:
    some = [*one("d1", 5), *one("d2", 6, environment="Shop_Dev"), *one("d3", 7, environment="")]
    found = told(some, environments=("shop-dev",))
    assert [each.id for each in found.deployments] == ["d2"]
    assert found.notes == ("1 deployment left out, of which it was not reported where to.",)


def test_where_there_is_none_that_is_said_with_what_was_asked_for() -> None:
    found = told(one("d1", 5, "succeeded"), service="web", status="failed", environments=("production",))
    assert found.none == "No deployment of web to production that failed was reported in that time."
    assert found.total == 0 and not found.deployments


def test_it_says_from_when_on_there_are_reports_and_what_was_not_looked_at() -> None:
    found = told(one("d1", 24 * 60))
    assert found.looked_at.startswith(
        "From Sun 1 Mar 00:00 UTC to Mon 2 Mar 12:30 UTC, since when there are reports. Looked at: "
    )
    assert "Logs were not read" in found.looked_at


def test_times_are_told_in_the_zone_asked_for_and_an_unknown_one_is_refused() -> None:
    assert "Mon 2 Mar 12:30 CET" in told(one("d1", 60), time_zone="Europe/Paris").deployments[0].summary
    with pytest.raises(ToolInputError, match="no time zone"):
        told([], time_zone="Mars/Base")


def test_a_time_that_is_too_long_or_none_is_refused() -> None:
    with pytest.raises(ToolInputError, match="26 weeks"):
        told([], since=NOW - timedelta(days=200))
    with pytest.raises(ToolInputError, match="26 weeks"):
        told([], since=NOW, until=NOW - timedelta(days=1))


# --- by whom, and what is told beside --------------------------------------------------------------

SESSION = "arn:aws:sts::123456789012:assumed-role/Admin/jo"


@pytest.mark.parametrize(
    ("by", "said", "found"),
    [
        ("marta", "marta", True),
        ("marta", "Marta", True),
        ("marta@example.com", "marta", True),
        ("marta@example.com", "marta@example.com", True),
        (SESSION, "jo", True),
        (SESSION, "Admin/jo", True),
        ("ci/nightly", "ci/nightly", True),
        ("ci/nightly", "nightly", True),
        ("marta", "mar", False),
        ("marta", "ma@rta", False),
        ("", "marta", False),
        (SESSION, "Admin", False),
    ],
)
def test_somebody_is_meant_by_all_of_the_name_or_by_what_names_a_person_in_it(by: str, said: str, found: bool) -> None:
    assert bool(told(one("d1", 60, "succeeded", **({"by": by} if by else {})), by=said).deployments) is found


def test_where_that_person_began_none_it_is_said_who_did() -> None:
    some = [*one("d1", 60, "succeeded", by="ben"), *one("d2", 50, "failed", by="ana")]
    found = told(some, by="marta", status="failed")
    assert found.none == "No deployment begun by marta that failed was reported in that time."
    assert found.notes == ("These were begun by ana, ben.",)
    assert told(some, by="ben", status="failed").notes == (), "ben began some, if none that failed"


def test_how_many_they_are_is_said_with_which() -> None:
    some = [*one("d1", 60, "failed"), *one("d2", 50, "cancelled"), *one("d3", 40, "cancelled"), *one("d4", 30)]
    assert told(some).counted == "4 deployments."
    assert told(some, status="cancelled", environments=("production",)).counted == (
        "2 deployments to production that were cancelled."
    )
    assert told(some, status="under way").counted == "1 deployment that is under way."
    none = told(some, status="succeeded")
    assert none.counted == none.none == "No deployment that succeeded was reported in that time."


def test_of_those_that_succeeded_what_came_after_and_did_not_is_told() -> None:
    some = [
        *one("d1", 90, "failed"),
        *one("d2", 80, "succeeded"),
        *one("d3", 60, "failed"),
        *one("d4", 50, "cancelled"),
        *one("d5", 5),
    ]
    found = told(some, status="succeeded")
    assert [each.id for each in found.deployments] == ["d2"]
    assert [line.rpartition("(")[2] for line in found.newer] == ["d5)", "d4)", "d3)"]
    assert not told(some).newer and not told(some, status="failed").newer
    assert len(told([*one("d1", 90, "failed")], status="succeeded").newer) == 1


def test_one_alone_by_its_id_however_old_it_is_and_whatever_else_began_then() -> None:
    some = [*one("d1", 60 * 24 * 40, "failed"), *one("d2", 60 * 24 * 40, "succeeded", service="api"), *one("d3", 5)]
    found = told(some, deployment="D1")
    assert [each.id for each in found.deployments] == ["d1"] and found.total == 1
    with pytest.raises(ToolInputError, match="no deployment nowhere"):
        told(some, deployment="nowhere")
