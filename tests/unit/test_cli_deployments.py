"""The sample's deployments: the same each time, one thing slower, reported out of order and partly twice."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import fake_copilot as fake
import pytest
from fakes_platform import NOW
from test_cli_demo import FULL, stage
from test_tools_deployments import slowdown

from cli.laptop.cloud import read_cloud
from cli.laptop.deployments import MadeDeployment, events, history, read_deployments
from cli.showing.scenes_deployments import set_in
from cli.showing.scenes_deployments import slowdown as scene
from copilot.domain.deployments import merged
from copilot.triggers.deployment_events import facts_of

SAMPLE = read_deployments(Path(__file__).parents[2] / "samplefiles/deployments.yaml")
DAYS = [NOW.date() + timedelta(days=days) for days in range(0, 400, 57)]
TODAY = DAYS[0]


def reported(made: list[MadeDeployment]) -> list[dict[str, Any]]:
    envelope = {"detail-type": "Deployment", "source": "sample", "account": "000000000000"}
    return [envelope | {"detail": event} for event in events(SAMPLE, made)]


def test_the_same_day_gives_the_same_history_and_another_day_another() -> None:
    assert history(SAMPLE, TODAY) == history(SAMPLE, TODAY)
    assert history(SAMPLE, TODAY) != history(SAMPLE, TODAY + timedelta(days=1))


@pytest.mark.parametrize("today", DAYS)
def test_on_every_day_it_is_several_hundred_in_five_weeks_with_one_cause_that_is_found(today: date) -> None:
    made = history(SAMPLE, today)
    assert 300 < len(made) < 900
    starts = [one.whole.start.date() for one in made]
    assert min(starts) > today - timedelta(weeks=5) and max(starts) < today
    facts = [fact for event in reported(made) for fact in facts_of(event)]
    moved = NOW - datetime.combine(today, time(hour=NOW.hour, minute=NOW.minute), NOW.tzinfo)
    output = slowdown(fact.model_copy(update={"at": fact.at + moved}) for fact in facts)
    assert SAMPLE.slower and output.cause
    assert (output.cause.service, output.cause.stage) == (SAMPLE.slower.service, SAMPLE.slower.stage)
    assert output.runners_up == ()
    day = output.cause.since - moved
    assert f"{day:%A} {day.day} {day:%B}" == set_in(SAMPLE, today)


def test_some_come_twice_and_out_of_order_and_together_they_say_what_happened() -> None:
    made = history(SAMPLE, TODAY)
    some = reported(made)
    counted = Counter(json.dumps(event) for event in some)
    assert set(counted.values()) == {1, 2}
    times = [event["detail"]["time"] for event in some]
    assert times != sorted(times)
    found = {one.id: one for one in merged(fact for event in some for fact in facts_of(event))}
    assert len(found) == len(made)
    for one in made:
        assert found[one.id].outcome == one.status
        assert found[one.id].seconds == pytest.approx((one.whole.end - one.whole.start).total_seconds())


def test_what_they_brought_who_began_them_and_why_they_failed_is_reported() -> None:
    facts = [fact for event in reported(history(SAMPLE, TODAY)) for fact in facts_of(event)]
    found = merged(facts)
    assert all(one.by in SAMPLE.begun_by and one.version for one in found)
    failures = [one for one in found if one.outcome == "failed"]
    assert failures and all(one.failures[0].reason == SAMPLE.reasons[str(one.reached)] for one in failures)
    for pipeline in SAMPLE.services:
        of = {"service": pipeline.service, "environment": pipeline.environment, "outcome": "succeeded"}
        good = [one for one in found if all(getattr(one, name) == value for name, value in of.items())]
        assert tuple(one.version for one in good[-len(pipeline.versions) :]) == pipeline.versions


def test_what_broke_in_its_build_says_which_build_it_was_where_it_failed_and_nowhere_else() -> None:
    (broken,) = (one for one in SAMPLE.broken if one.stage == "build")
    made = history(SAMPLE, TODAY)
    of = [
        one for one in made if (one.pipeline.service, one.pipeline.environment) == (broken.service, broken.environment)
    ]
    (at,) = (at for at, one in enumerate(made) if one is of[-1])
    made[at] = replace(of[-1], build="arn:aws:codebuild:eu-west-1:000000000000:build/it:1")
    facts = [fact for event in reported(made) for fact in facts_of(event) if fact.build]
    assert {(fact.deployment, fact.stage, fact.status, fact.build) for fact in facts} == {
        (of[-1].id, "build", "failed", made[at].build)
    }


CLOUD = read_cloud(Path(__file__).parents[2] / "samplefiles/cloud.yaml")


def test_the_revisions_that_are_reported_are_there_and_bring_the_versions_that_are_reported() -> None:
    images = {
        f"{cluster.name}-{service.name}:{number}": revision.version
        for environment in CLOUD.environments
        for place in environment.places
        for cluster in place.clusters
        for service in cluster.services
        for number, revision in enumerate((*service.before, service), start=1)
    }
    told = {one.revision: one.version for one in history(SAMPLE, TODAY) if one.revision}
    assert len(told) == 6 and told == {revision: images[revision] for revision in told}


# --- the scene -------------------------------------------------------------------------------------


def answers(cause: str, day: str, begun: int, failed: int) -> list[dict[str, Any]]:
    first = f"Deployments of {cause}: 3 min since {day} (median of 9 this week) ..."
    return [fake.run(answer=first), fake.run(answer=f"x: {begun} begun (1 a week); 2 succeeded, {failed} failed")]


def right() -> tuple[str, str, int, int]:
    slower = SAMPLE.slower
    assert slower
    own = [one.status for one in history(SAMPLE, TODAY) if one.pipeline.service == slower.service]
    return f"{slower.service} lose time in {slower.stage}", set_in(SAMPLE, TODAY), len(own), own.count("failed")


def test_the_scene_is_as_it_should_be_with_the_one_cause_and_its_day() -> None:
    on, _, _ = stage(answers(*right()), [FULL])
    scene(on, SAMPLE, TODAY)
    assert on.wrong == []


@pytest.mark.parametrize(
    "wrong",
    [
        lambda cause, day, begun, failed: ("another lose time in build", day, begun, failed),
        lambda cause, day, begun, failed: (cause, "Monday 1 June", begun, failed),
        lambda cause, day, begun, failed: (cause, day, begun + 1, failed),
        lambda cause, day, begun, failed: (cause, day, begun, failed + 1),
    ],
)
def test_the_scene_is_not_with_another(wrong: Any) -> None:
    on, _, _ = stage(answers(*wrong(*right())), [FULL])
    scene(on, SAMPLE, TODAY)
    assert len(on.wrong) == 1
