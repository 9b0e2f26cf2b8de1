"""Whether an environment is idle."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fakes_platform import (
    NOW,
    FakeClients,
    FakePlatform,
    cluster,
    connections,
    cpu,
    database,
    group,
    instance,
    service,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from copilot.domain import Activity, Limits, Resource, Unreachable
from copilot.errors import ToolInputError
from copilot.tools.environments.looking import EnvironmentActivity, EnvironmentActivityInput, EnvironmentActivityOutput


def judged(platform: FakePlatform, **more: object) -> EnvironmentActivityOutput:
    input = EnvironmentActivityInput.model_validate({"environment_id": "dev", **more})
    return EnvironmentActivity(FakeClients(platform)).run(input)


def dev(figures: dict[str, Activity], *more: Resource) -> FakePlatform:
    resources = [service("dev", "web", 2), instance("dev", "batch"), database("dev", "db"), *more]
    return FakePlatform(resources, figures=figures)


def test_idle_with_the_figures_that_say_so() -> None:
    output = judged(dev({"web": cpu(2.1), "batch": cpu(0.4), "db": connections(0)}))
    assert output.idle
    assert output.reason == "most CPU 2.1% (web), no database connection in the last 6 h"
    assert output.summary == f"dev: idle, {output.reason}"


@pytest.mark.parametrize(
    ("figures", "reason"),
    [
        ({"web": cpu(5.1), "batch": cpu(0), "db": connections(0)}, "web reached 5.1% CPU in the last 6 h"),
        ({"web": cpu(1), "batch": cpu(88), "db": connections(0)}, "batch reached 88% CPU in the last 6 h"),
        ({"web": cpu(1), "batch": cpu(1), "db": connections(3)}, "db had 3 connections in the last 6 h"),
    ],
)
def test_anything_used_keeps_it_busy(figures: dict[str, Activity], reason: str) -> None:
    output = judged(dev(figures))
    assert (output.idle, output.reason, output.summary) == (False, reason, f"dev: not idle, {reason}")


def test_a_group_and_a_cluster_speak_for_their_members() -> None:
    pool = group("dev", "pool", 1, Limits(minimum=0, maximum=2))
    member = {"covered_by": "pool", "held": "covered by pool, which is changed as a whole"}
    more = [pool, instance("dev", "i-1", **member), cluster("dev", "aurora")]
    quiet = {"web": cpu(1), "batch": cpu(1), "db": connections(0), "pool": cpu(2), "aurora": connections(0)}
    assert judged(dev(quiet, *more)).idle, "that a member has no figures of its own does not matter"
    assert judged(dev(quiet | {"pool": cpu(60)}, *more)).reason == "pool reached 60% CPU in the last 6 h"
    assert judged(dev(quiet | {"aurora": connections(2)}, *more)).reason == "aurora had 2 connections in the last 6 h"


def test_exactly_the_limit_is_not_exceeded() -> None:
    assert judged(dev({"web": cpu(5.0), "batch": cpu(1), "db": connections(0)})).idle
    assert not judged(dev({"web": cpu(5.0), "batch": cpu(1), "db": connections(0)}), cpu_below=4.9).idle


def test_no_figures_is_not_idle() -> None:
    output = judged(dev({"web": cpu(1), "batch": cpu(1)}))
    assert not output.idle
    assert output.reason == "cannot tell: no figures for db in the last 6 h"


@pytest.mark.parametrize(("hours_ago", "idle"), [(6, True), (5, True), (4, False), (0.3, False)])
def test_idle_for_less_than_was_asked_for_is_not_idle_and_it_says_since_when_there_are_figures(
    hours_ago: float, idle: bool
) -> None:
    begun = NOW - timedelta(hours=hours_ago)
    output = judged(dev({"web": cpu(1, begun), "batch": cpu(1, NOW - timedelta(hours=6)), "db": connections(0)}))
    assert output.idle is idle
    if not idle:
        assert output.reason == f"cannot tell yet: figures for web since {begun:%Y-%m-%d %H:%M} UTC only"


def test_what_was_used_was_used_however_short_its_history() -> None:
    output = judged(dev({"web": cpu(60, NOW - timedelta(hours=1)), "batch": cpu(1), "db": connections(0)}))
    assert output.reason == "web reached 60% CPU in the last 6 h"


def test_already_stopped_is_not_idle() -> None:
    output = judged(FakePlatform([service("dev", "web", 0), database("dev", "db", "stopping")]))
    assert (output.idle, output.state, output.summary) == (False, "stopped", "dev: already stopped")


def test_what_is_stopped_has_no_say_in_what_still_runs() -> None:
    platform = FakePlatform([service("dev", "web", 1), database("dev", "db", "stopped")], figures={"web": cpu(1)})
    output = judged(platform)
    assert (output.idle, output.state) == (True, "partly running")


def test_nothing_but_what_must_be_left_alone_is_not_idle() -> None:
    platform = FakePlatform(
        [service("dev", "web", 0), instance("dev", "node", held="in an Auto Scaling group")], figures={"node": cpu(1)}
    )
    assert judged(platform).reason == "what still runs must be left alone: node"


def test_two_resources_of_one_name_are_both_looked_at() -> None:
    twins = [service("dev", "web", 1), service("dev", "web", 1, region="us-east-1")]

    class Apart(FakePlatform):
        def activity(self, resources, since):  # type: ignore[no-untyped-def]
            return {one.ref.id: cpu(50 if one.region == "us-east-1" else 1) for one in resources}

    assert not judged(Apart(twins)).idle
    assert not judged(Apart(twins[::-1])).idle


def test_the_period_asked_for_is_the_one_looked_at() -> None:
    platform = dev({})
    output = judged(platform, hours=48)
    assert platform.asked_since == NOW - timedelta(hours=48)
    assert "in the last 48 h" in output.reason


def test_where_it_lives_must_be_read_whole() -> None:
    class HalfRead(FakePlatform):
        def survey(self, environment=None):  # type: ignore[no-untyped-def]
            half = Unreachable(account="main (111111111111)", region="eu-west-1", reason="reading RDS: not authorized")
            return super().survey(environment).model_copy(update={"unreachable": (half,)})

    output = judged(HalfRead([service("dev", "web", 1)], figures={"web": cpu(0)}))
    assert not output.idle
    assert "cannot tell" in output.reason and "reading RDS: not authorized" in output.reason


def test_an_account_elsewhere_that_cannot_be_read_is_said_and_holds_nothing_up() -> None:
    platform = dev({"web": cpu(1), "batch": cpu(1), "db": connections(0)})
    platform.unreachable = [Unreachable(account="far (222222222222)", region="eu-west-1", reason="refused")]
    output = judged(platform)
    assert output.idle
    assert "far (222222222222)" in output.summary


def test_an_unknown_id_names_the_nearest() -> None:
    with pytest.raises(ToolInputError) as caught:
        EnvironmentActivity(FakeClients(dev({}))).run(EnvironmentActivityInput(environment_id="devv"))
    assert caught.value.nearest == ("dev",)


# An independent computation of the rule, over environments made at random: a list of (type, state, held, figure).
THINGS = st.lists(
    st.tuples(
        st.sampled_from(["service", "instance", "database"]),
        st.sampled_from(["running", "starting", "stopping", "stopped"]),
        st.booleans(),
        st.one_of(st.none(), st.floats(0, 12).map(lambda value: round(value, 2))),
    ),
    min_size=1,
    max_size=6,
)


def made(number: int, type: str, state: str, held: bool) -> Resource:
    name, reason = f"r{number}", "left alone" if held else ""
    if type == "service":
        wanted, running = {"running": (2, 2), "starting": (2, 1), "stopping": (0, 1), "stopped": (0, 0)}[state]
        return service("dev", name, wanted, running, held=reason)
    return (instance if type == "instance" else database)("dev", name, state, held=reason)


@settings(max_examples=300, deadline=None)
@given(things=THINGS, limit=st.floats(0.5, 11).map(lambda value: round(value, 2)))
def test_the_rule_agrees_with_an_independent_computation(
    things: list[tuple[str, str, bool, float | None]], limit: float
) -> None:
    resources = [made(number, type, state, held) for number, (type, state, held, _) in enumerate(things)]
    figures = {
        f"r{number}": connections(value) if type == "database" else cpu(value)
        for number, (type, _, _, value) in enumerate(things)
    }

    up = [thing for thing in things if thing[1] not in ("stopped", "stopping")]
    quiet = all(value is not None and value <= (0 if type == "database" else limit) for type, _, _, value in up)
    stoppable = any(not held for _, _, held, _ in up)

    assert judged(FakePlatform(resources, figures=figures), cpu_below=limit).idle == (quiet and stoppable)
