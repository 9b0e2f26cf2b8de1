"""What is to be watched is heard in people's words, with its end, who is told, and how often; and nothing else is."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest

from copilot.domain import Answer, Focus, Known, KnownEnvironment, Person, Plan, Reference, Revision, Step, Trigger
from copilot.intents import load_intents
from copilot.planning.hearing import Hear
from copilot.plans.check import check_plan
from copilot.policy.rights import Rights
from copilot.tools.registry import Registry

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ANA = Person(id="ana", name="Ana", roles=("developer",))
REGISTRY = Registry()
KNOWN = Known(
    environments=tuple(
        KnownEnvironment.model_validate({"name": name, "kind": kind, "seen_at": NOON})
        for name, kind in (
            ("blue-42", "development"), ("dev-7", "development"), ("staging-eu", "staging"), ("prod-eu", "production"),
        )
    ),
    services=("checkout", "orders", "web"),
    resources=("orders-db", "jobs"),
)  # fmt: skip


@cache
def hear() -> Hear:
    rights = Rights(looks=True, changes={}, approves=frozenset())
    return Hear(load_intents(), REGISTRY, lambda person: rights, lambda: KNOWN, channels=("#payments", "#oncall"))


GIVEN: Any = {"kind": "api", "tenant": "main", "conversation": "ana/x", "dedupe_key": "k", "received_at": NOON}


def heard(text: str) -> Revision | None:
    return hear()(Trigger(person=ANA, text=text, **GIVEN), Focus())


def plan(text: str) -> Plan:
    found = heard(text)
    assert found is not None, text
    if found.plan.steps:
        check_plan(found.plan, REGISTRY)
    return found.plan


def start(text: str) -> dict[str, Any]:
    """What `start_watch` is called with."""
    made = plan(text)
    assert made.steps, (text, made.say, made.ask)
    step = made.steps[-1]
    assert step.tool == "start_watch" and step.after == (made.steps[-2].id,), text
    assert made.answer is not None and str(made.answer.text).startswith("{start.summary}\n\nNow:\n")
    return dict(step.arguments)


METRIC, HEALTH, DETAILS = "metric_values", "cluster_health", "service_details"
SO = [
    ("watch checkout until 17:00 and tell me if errors exceed 2%", METRIC, "max_by(figures, &last).last > `2`"),
    ("keep an eye on checkout, ping me if its error rate is over 2%", METRIC, "max_by(figures, &last).last > `2`"),
    ("alert me when errors of checkout go above 2 percent", METRIC, "max_by(figures, &last).last > `2`"),
    ("if checkout's error rate rises above 2%, let me know", METRIC, "max_by(figures, &last).last > `2`"),
    ("monitor checkout and shout if more than 2% errors", "", ""),
    (
        "ping me if p95 of checkout goes over 300 ms in the next two hours",
        METRIC,
        "max_by(figures, &last).last > `0.3`",
    ),
    ("let me know when the latency of checkout drops below 1.5 s", METRIC, "min_by(figures, &last).last < `1.5`"),
    ("warn us if free storage of orders-db falls under 5 GB", METRIC, "min_by(figures, &last).last < `5368709120`"),
    ("tell me when the staging database's connections pass 80", METRIC, "max_by(figures, &last).last > `80`"),
    ("tell me when connections of the staging database go over 80", METRIC, "max_by(figures, &last).last > `80`"),
    ("notify me once the queue jobs is empty", METRIC, "min_by(figures, &last).last < `1`"),
    ("message me if requests of checkout go over 1,000", METRIC, "sum(figures[].total) > `1000`"),
    ("watch costs of dev: tell me when it passes 50 dollars today", "costs", "total > `50`"),
    ("tell me if blue-42 costs more than $20 today", "costs", "total > `20`"),
    ("alert me if there are more than 10 errors in checkout", "error_summary", "number > `10`"),
    ("watch checkout and tell me if there are errors", "error_summary", "number > `0`"),
    ("tell me when staging is healthy again", HEALTH, "healthy"),
    ("let me know as soon as staging recovers", HEALTH, "healthy"),
    ("give me a shout when prod-eu is back to normal", HEALTH, "healthy"),
    ("let me know if prod-eu goes down", HEALTH, "!healthy"),
    ("watch prod-eu for the next hour", HEALTH, "!healthy"),
    ("ping me if an alarm goes off in prod-eu", HEALTH, "length(alarms[?state == 'ALARM']) > `0`"),
    ("tell #payments when orders is back up", HEALTH, None),
    ("watch checkout", HEALTH, "length(services[?name == 'checkout' && running < wanted]) > `0`"),
    ("let me know when the deploy of checkout is through", DETAILS, None),
    ("tell me when checkout's rollout finishes", DETAILS, None),
    ("ping me once checkout is deployed", DETAILS, None),
    ("let me know as soon as blue-42 is running", "find_environment", "environment.state == 'running'"),
    ("tell me the moment dev-7 stops", "find_environment", "environment.state == 'stopped'"),
    ("tell me when dev-7 is stopped", "find_environment", "environment.state == 'stopped'"),
    ("let me know when dev-7 is stopped", "find_environment", "environment.state == 'stopped'"),
    ("tell me when dev-7 is idle", "environment_activity", "idle"),
]


@pytest.mark.parametrize(("text", "tool", "condition"), [one for one in SO if one[1]], ids=lambda one: str(one)[:60])
def test_what_is_to_come_to_be_so_is_a_condition_over_a_read(text: str, tool: str, condition: str | None) -> None:
    given = start(text)
    assert given["tool"] == tool
    assert condition is None or given["condition"] == condition


@pytest.mark.parametrize(
    ("words", "until"),
    [
        ("until 17:00", "2026-03-02T17:00:00+00:00"),
        ("till 5pm", "2026-03-02T17:00:00+00:00"),
        ("until tomorrow 9am", "2026-03-03T09:00:00+00:00"),
        ("for two hours", "2026-03-02T14:00:00+00:00"),
        ("for the next hour", "2026-03-02T13:00:00+00:00"),
        ("in the next 30 minutes", "2026-03-02T12:30:00+00:00"),
        ("over the next 3 days", "2026-03-05T12:00:00+00:00"),
    ],
)
def test_its_end_is_said_anywhere(words: str, until: str) -> None:
    asked = "tell me if errors exceed 2%"
    for text in (
        f"watch checkout {words} and {asked}",
        f"watch checkout and {asked} {words}",
        f"watch checkout {words}",
    ):
        assert start(text)["until"] == until
    assert "until" not in start(f"watch checkout and {asked}")


def test_when_is_once_and_if_is_each_time() -> None:
    for word in ("when", "once", "as soon as", "the moment"):
        assert start(f"tell me {word} cpu of orders-db is over 80%")["once"] is True
    for word in ("if", "whenever", "every time", "should", "in case"):
        assert start(f"tell me {word} cpu of orders-db is over 80%")["once"] is False


def test_a_channel_that_is_named_is_told_and_one_that_is_not_there_is_asked_about() -> None:
    assert start("tell #payments when orders is back up")["to"] == "#payments"
    assert "to" not in start("tell us when orders is back up")
    asked = plan("tell #paiments when orders is back up").ask
    assert asked is not None and "tell #payments when orders is back up" in asked.choices


@pytest.mark.parametrize("text", [
    "stop watching it", "stop watching", "please stop watching that", "don't watch it any more", "cancel the watch",
    "no need to keep an eye on it", "end my watch",
])  # fmt: skip
def test_the_only_one_is_stopped_without_a_name(text: str) -> None:
    (step,) = plan(text).steps
    assert (step.tool, step.arguments) == ("stop_watch", {"watch": ""})


def test_one_is_stopped_by_its_name_or_id_and_all_of_them_each() -> None:
    assert plan("stop watching checkout").steps[0].arguments == {"watch": "checkout"}
    assert plan("drop the watch on checkout").steps[0].arguments == {"watch": "checkout"}
    assert plan("Stop watching w0123abcde").steps[0].arguments == {"watch": "w0123abcde"}
    listed, stopped = plan("stop watching everything").steps
    assert listed.arguments == {"mine": True} and stopped.for_each is not None


@pytest.mark.parametrize("text", [
    "what are you watching?", "What are you watching for me?", "list my watches", "show watches", "my watches",
    "which watches are there?", "is anything being watched?", "are you watching anything", "do I have any watches?",
])  # fmt: skip
def test_what_is_watched_is_listed(text: str) -> None:
    assert [step.tool for step in plan(text).steps] == ["list_watches"]


DONE = [
    ("watch checkout and tell me if errors exceed 2% and then restart it", "restart checkout", "restart_service"),
    ("watch checkout and restart it if errors exceed 5%", "restart checkout", "restart_service"),
    ("watch checkout until 17:00, and if errors go over 5% then restart it", "restart checkout", "restart_service"),
    ("watch checkout; if its cpu goes over 80%, tell me and restart it", "restart checkout", "restart_service"),
    ("restart checkout as soon as staging is healthy", "restart checkout", "restart_service"),
    ("restart checkout when errors exceed 2%", "restart checkout", "restart_service"),
    ("stop dev-7 when its jobs are done", "stop dev-7", "stop_environment"),
    ("tell me when dev-7 is idle and stop it", "stop dev-7", "stop_environment"),
    ("once blue-42 is idle, stop it", "stop blue-42", "stop_environment"),
    ("switch dev-7 off as soon as it has been idle for 2 hours", "switch dev-7 off", "stop_environment"),
    ("as soon as dev-7 is idle shut it down", "shut dev-7 down", "stop_environment"),
    ("when the deployment of checkout is through, stop dev-7", "stop dev-7", "stop_environment"),
    ("tell #oncall when staging is healthy and then start dev-7", "start dev-7", "start_environment"),
    ("stop all dev environments once the deployment of checkout is through", "stop all dev environments",
     "stop_environment"),
    ("watch checkout and scale checkout in staging-eu to 3 if cpu goes over 80%", "scale checkout in staging-eu to 3",
     "scale_resource"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "request_", "tool"), DONE, ids=[one[0][:60] for one in DONE])
def test_what_is_to_be_done_then_is_planned_now_and_kept_with_the_watch(text: str, request_: str, tool: str) -> None:
    step = plan(text).steps[-1]
    assert step.tool == "watch_and_do" and step.arguments["once"] is True
    assert step.arguments["request"] == request_
    kept = Plan.model_validate_json(str(step.arguments["plan"]))
    assert kept.goal == request_ and tool in [one.tool.partition("@")[0] for one in kept.steps]
    check_plan(kept, REGISTRY)
    notes = step.arguments["notes"]
    assert isinstance(notes, list) and str(notes[0]).startswith("It is done the first time")


def test_its_end_and_who_is_told_are_heard_with_it() -> None:
    (*_, step) = plan("watch checkout until 17:00 and tell #payments if errors exceed 2% and then restart it").steps
    assert (step.tool, step.arguments["until"]) == ("watch_and_do", "2026-03-02T17:00:00+00:00")
    assert step.arguments["to"] == "#payments"


def test_for_how_long_it_is_to_have_been_idle_is_no_end() -> None:
    for words, hours in (("for 2 hrs", 2), ("for 90 minutes", 2), ("for half an hour", 1), ("for at least 4 hours", 4)):
        step = plan(f"when blue-42 has been idle {words} turn it off").steps[-1]
        read = step.arguments["arguments"]
        assert step.tool == "watch_and_do" and "until" not in step.arguments
        assert isinstance(read, dict) and read["hours"] == hours
    assert "until" in plan("watch blue-42 for two hours and stop it once it is idle").steps[-1].arguments


@pytest.mark.parametrize("text", [
    "restart checkout when its cpu is above 90% for 10 minutes", "tell me when staging is healthy for 20 minutes",
    "let me know if latency of checkout is over 400ms for 15 minutes",
])  # fmt: skip
def test_for_how_long_anything_else_was_so_is_not_taken_for_an_end(text: str) -> None:
    made = plan(text)
    assert not made.steps and "For how long something has been so" in str(made.say)


@pytest.mark.parametrize("text", [
    "once dev-7 is idle switch it off at 18:00", "when dev-7 is idle stop it at 6pm",
    "as soon as staging is healthy stop dev-7 tomorrow at 9",
])  # fmt: skip
def test_with_a_time_besides_it_is_not_done_at_that_time_whatever_is_so(text: str) -> None:
    found = heard(text)
    assert found is None or not {step.tool for step in found.plan.steps} & {"create_schedule", "schedule_request"}
    assert hear().apart(Trigger(person=ANA, text=text, **GIVEN)) is None


def test_right_after_a_watch_what_is_to_be_stopped_is_asked() -> None:
    one = Reference(type="environment", id="dev-7", name="dev-7", turn=1, ordinal=1, role="named")
    for intent in ("start_watch", "watch_and_do"):
        focus = Focus(turn=1, references=(one,), intent=intent)
        for text in ("stop it", "please cancel that", "turn that off", "no, stop this please"):
            found = hear()(Trigger(person=ANA, text=text, **GIVEN), focus)
            assert found is not None and found.plan.ask is not None, text
            assert found.plan.ask.choices == ("stop watching it", "stop dev-7") and not found.plan.steps
        stopped = hear()(Trigger(person=ANA, text="stop watching it", **GIVEN), focus)
        assert stopped is not None and stopped.plan.steps[0].tool == "stop_watch"


@pytest.mark.parametrize("text", [
    "tell me when staging is healthy and then start watching dev-7", "when staging is healthy, dance",
    "tell me when dev-7 is idle and then undo that", "stop dev-7 when you are done", "stop dev-7 when it rains",
])  # fmt: skip
def test_what_cannot_be_kept_is_not_done_then(text: str) -> None:
    found = heard(text)
    assert found is None or "watch_and_do" not in [step.tool for step in found.plan.steps]


def test_what_makes_schedules_is_not_kept_and_to_be_told_is_offered() -> None:
    asked = plan("tell me when staging is healthy and then stop dev-7 every evening at 7pm").ask
    assert asked is not None and asked.choices == ("tell me when staging is healthy",)
    assert "nothing that I can keep" in asked.question and "Nothing was done" in asked.question


def test_what_no_known_request_is_is_left_to_who_plans_it() -> None:
    text = "when staging is healthy, promote whatever passed the smoke checks"
    trigger = Trigger(person=ANA, text=text, **GIVEN)
    assert heard(text) is None
    watching = hear().watching(trigger, Focus())
    assert watching.left(text) == "promote whatever passed the smoke checks"
    step = Step(id="go", tool="restart_service", arguments={"environment_id": "dev-7", "service": "web"})
    by_model = Revision(plan=Plan(goal="x", steps=(step,), answer=Answer(text="{go.summary}")), model="m")
    made = watching.with_plan(text, by_model)
    assert made is not None and made.model == "m"
    check_plan(made.plan, REGISTRY)
    assert made.plan.steps[-1].tool == "watch_and_do"
    steered = by_model.model_copy(update={"read_untrusted": True})
    refused = watching.with_plan(text, steered)
    assert refused is not None and not refused.plan.steps and "nobody here wrote" in str(refused.plan.say)


def test_longer_than_a_week_is_a_question() -> None:
    asked = plan("watch checkout for 3 weeks").ask
    assert asked is not None and "7 days at most" in asked.question and asked.choices == ("for 7 days", "for 1 day")


def test_what_lacks_its_limit_or_unit_is_said() -> None:
    assert "From which value on" in str(plan("keep an eye on the staging database's connections").say)
    assert "300 what?" in str(plan("ping me if p95 of checkout goes over 300").say)


@pytest.mark.parametrize("text", [
    "tell me if staging is healthy", "let me know if checkout has errors", "tell me what is in dev-7",
    "watch the logs of checkout", "keep me posted on checkout", "tell #payments when you stop theirs",
    "tell me when checkout was last deployed", "when is dev-7 stopped?", "stop dev-7", "watch out",
    "is checkout being watched by somebody?", "how do I watch a service?", "tell me about checkout",
    "if staging is healthy stop dev-7", "tell me a joke when you are done",
])  # fmt: skip
def test_what_asks_for_something_else_starts_no_watch(text: str) -> None:
    found = heard(text)
    assert found is None or "start_watch" not in [step.tool for step in found.plan.steps]


def test_what_it_points_at_is_what_was_spoken_of() -> None:
    assert start("watch blue-42 and tell me when it's up")["what"] == "blue-42 is healthy"
    found = heard("tell me when it's healthy again")
    assert found is None or not found.plan.steps, "nothing was spoken of"


def test_of_what_is_no_watch_no_policy_is_asked() -> None:
    """It is heard for every request that is no known one."""

    def rights(person: Person) -> Rights:
        raise AssertionError("policy was asked")

    hear = Hear(load_intents(), REGISTRY, rights, lambda: KNOWN)
    assert hear(Trigger(person=ANA, text="tell me a story about the weather in spring", **GIVEN), Focus()) is None
