"""The last good release: completed, ran 30 minutes, no alarm in them; what cannot be known of one makes it none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from deployment_facts import deployment
from fakes_platform import NOW, FakePlatform, service
from fakes_releases import FakeReleases
from memory_deployments import MemoryDeployments
from test_tools_deployment_failure import Clients, failed
from test_tools_listing_deployments import one

from copilot.domain.deployments import DeploymentFact
from copilot.errors import Ambiguous, PermissionDenied, ToolInputError
from copilot.tools.deployments.good import GoodVersion, GoodVersionInput, GoodVersionOutput

MINUTE = timedelta(minutes=1)


def good(
    facts: Sequence[DeploymentFact],
    releases: FakeReleases | None = None,
    platform: FakePlatform | None = None,
    **given: Any,
) -> GoodVersionOutput:
    platform = platform or FakePlatform([service("production", "web", 2)])
    releases = releases or FakeReleases(watching={"web": ("cpu", "errors")})
    clients = Clients(MemoryDeployments(facts), platform, releases)
    return GoodVersion(clients).run(GoodVersionInput(**{"service": "web", **given}))


def id_of(found: GoodVersionOutput) -> str | None:
    return found.deployment or None


def ringing(begun: float, ended: float, name: str = "cpu") -> FakeReleases:
    """An alarm that rang from so many minutes ago until so many."""
    rang = [(name, NOW - begun * MINUTE, NOW - ended * MINUTE)]
    return FakeReleases(watching={"web": ("cpu", "errors")}, ringing=rang)


def test_the_last_that_was_completed_and_ran_long_enough_without_an_alarm() -> None:
    facts = [
        *one("d1", 500, "succeeded", version="1.3"),
        *one("d2", 200, "succeeded", version="1.4"),
        *failed("d3", 60),
    ]
    found = good(facts)
    assert id_of(found) == "d2" and found.version == "1.4" and not found.passed_over
    assert found.summary == (
        "web 1.4 is the last release known to be good: completed Mon 2 Mar 09:11 UTC, ran 2 h 21 min from then, "
        "none of its 2 alarms rang in the first 30 minutes (d2)"
    )
    assert "completed Mon 2 Mar 18:11 JST" in good(facts, time_zone="Asia/Tokyo").summary


def test_one_that_has_not_run_long_enough_is_passed_over_and_it_is_said_why() -> None:
    found = good([*one("d1", 500, "succeeded"), *one("d2", 20, "succeeded")])
    assert id_of(found) == "d1"
    assert found.passed_over[0].endswith(": ran 19 min only: it has run no longer yet")
    assert "; 1 newer one not known to be" in found.summary


def test_one_that_was_followed_too_soon_is_passed_over() -> None:
    found = good([*one("d1", 500, "succeeded"), *one("d2", 300, "succeeded"), *one("d3", 280, "failed")])
    assert id_of(found) == "d1" and found.passed_over[0].endswith(": ran 19 min only: the next one came")


@pytest.mark.parametrize(("stage", "expected"), [("build", "d2"), ("deploy", "d1")])
def test_one_that_failed_before_it_was_rolled_out_changed_nothing(stage: str, expected: str) -> None:
    facts = [*one("d1", 500, "succeeded"), *one("d2", 300, "succeeded"), *failed("d3", 290, stage=stage)]
    assert id_of(good(facts)) == expected


def test_the_next_one_counts_from_when_it_was_rolled_out() -> None:
    begun = NOW - 290 * MINUTE
    after = deployment("d3", begun, {"build": 1800.0, "deploy": 60.0})
    assert id_of(good([*one("d2", 300, "succeeded"), *after, *one("d4", 200, "failed")])) == "d3"
    facts = [*one("d2", 300, "succeeded"), *deployment("d3", begun, {"build": 1800.0, "deploy": 60.0}, "failed")]
    assert id_of(good(facts)) == "d2", "39 minutes passed until something else ran"


def test_a_rollback_ends_it_and_is_none_itself() -> None:
    facts = [*one("d1", 500, "succeeded"), *one("d2", 300, "succeeded"), *one("d3", 285, "succeeded", rollback=True)]
    assert id_of(good(facts)) == "d1"


@pytest.mark.parametrize(
    ("begun", "ended", "rang"),
    [(198, 190, True), (400, 199, True), (169.5, 160, True), (168, 100, False), (400, 201, False), (400, 199.5, False)],
)
def test_an_alarm_counts_that_rang_at_any_time_in_its_first_half_hour(begun: float, ended: float, rang: bool) -> None:
    found = good([*one("d2", 200, "succeeded")], ringing(begun, ended))
    assert (id_of(found) is None) == rang
    assert not rang or found.passed_over[0].endswith(": in its first 30 minutes rang cpu")


def test_where_no_alarm_watches_it_that_is_said() -> None:
    found = good(one("d2", 200, "succeeded"), FakeReleases())
    assert "no alarm watches it" in found.summary and "only that it ran is known" in found.notes[0]


@pytest.mark.parametrize(
    ("releases", "platform", "why"),
    [
        (FakeReleases(fails={"rang": PermissionDenied("not authorized")}), None, "not known: «not authorized»"),
        (FakeReleases(unknown="of 1 alarm it could not be told"), None, "not known: of 1 alarm it could not be told"),
        (None, FakePlatform([]), "not known: no such service was found on a platform"),
    ],
)
def test_what_cannot_be_known_makes_it_none(
    releases: FakeReleases | None, platform: FakePlatform | None, why: str
) -> None:
    found = good(one("d2", 200, "succeeded"), releases, platform)
    assert not found.known and why in found.passed_over[0]
    assert found.summary == (
        "No release of web in production of the last 60 days is known to be good: of the last 1 that were completed, "
        "none is."
    )


def test_the_history_of_alarms_is_not_kept_for_ever() -> None:
    found = good(one("d2", 31 * 24 * 60, "succeeded"))
    assert not found.known and "history is kept 30 days" in found.passed_over[0]


def test_where_none_was_completed_that_is_said() -> None:
    assert good(failed()).summary.endswith("is known to be good: none was completed.")


def test_of_a_service_in_several_environments_it_is_asked_which() -> None:
    facts = [*one("d1", 500, "succeeded"), *one("d2", 300, "succeeded", environment="staging")]
    with pytest.raises(Ambiguous, match="deployed to 2 environments: production, staging"):
        good(facts)
    assert (
        id_of(good(facts, FakeReleases(), FakePlatform([service("staging", "web", 1)]), environment_id="staging"))
        == "d2"
    )


def test_a_service_of_which_nothing_was_reported_is_said_to_be_none() -> None:
    with pytest.raises(ToolInputError, match="no deployment of a service 'nowhere'"):
        good(one("d1", 5), service="nowhere")


@pytest.mark.parametrize("seed", range(30))
def test_it_is_the_one_that_is_found_by_looking_at_every_minute(seed: int) -> None:
    """Computed another way: minute by minute, which runs, and whether an alarm rings."""
    random = Random(seed)
    begins = sorted(random.sample(range(40, 2000), 12), reverse=True)  # minutes ago
    ends = {begin: random.choice(["succeeded", "succeeded", "failed"]) for begin in begins}
    alarms = [(begin, max(0, begin - random.randint(1, 90))) for begin in random.sample(range(0, 2000), 6)]
    facts = [fact for begin in begins for fact in one(f"d{begin}", begin, ends[begin])]
    releases = FakeReleases(
        watching={"web": ("cpu",)},
        ringing=[("cpu", NOW - begun * MINUTE, NOW - ended * MINUTE) for begun, ended in alarms],
    )

    def is_good(begin: int) -> bool:
        done = begin - 1
        half_hour = range(done - 30, done + 1)
        replaced = any(other in range(done - 29, done + 1) for other in begins if other < begin)
        rings = any(ended <= minute <= begun for minute in half_hour for begun, ended in alarms)
        return ends[begin] == "succeeded" and done >= 30 and not replaced and not rings

    expected = next((f"d{begin}" for begin in reversed(begins) if is_good(begin)), None)
    looked_at = [begin for begin in reversed(begins) if ends[begin] == "succeeded"][:10]
    if expected is None or int(expected[1:]) in looked_at:
        assert id_of(good(facts, releases)) == expected


def test_times_are_taken_from_the_end_of_a_deployment() -> None:
    assert isinstance(NOW, datetime)
    facts = list(deployment("d1", NOW - 45 * MINUTE, {"deploy": 1200.0}))
    assert not good(facts).known, "it has run for 25 minutes only, however long ago it began"
