"""A remark after an answer says one thing of the last request in another way: its time, its kind, its figure."""

from __future__ import annotations

from typing import Any

import pytest
from test_heard import PRESENT
from test_heard_figures import heard

from copilot.domain import Focus, Reference
from copilot.intents import Match

DAY = "2026-03-01T00:00:00+00:00"
TODAY = "2026-03-02T00:00:00+00:00"
NOW = PRESENT.now.isoformat()
YESTERDAY = {"since": DAY, "until": TODAY}
WEEK = {"since": "2026-02-23T12:00:00+00:00", "until": NOW}


def after(first: str) -> Focus:
    match = heard(first)
    assert match is not None, first
    place = match.slots.get("environment")
    spoken = (Reference(type="environment", id=str(place), turn=1),) if place else ()
    return Focus(turn=1, intent=match.intent, slots=match.slots, references=spoken)


def then(first: str, remark: str) -> Match | None:
    return heard(remark, after(first))


DATABASE = "cpu of the orders database in prod-eu"
LOGS = "search the logs of checkout in uat for timeout"
ERRORS = "errors of checkout today"
DEPLOYED = "list the failed deployments of checkout this week"
COST = "what did uat cost last month?"


@pytest.mark.parametrize(
    ("first", "remark", "changed"),
    [
        (DATABASE, "and yesterday?", YESTERDAY),
        (DATABASE, "same for last week", WEEK),
        (DATABASE, "over the last 2 hours?", {"since": "2026-03-02T10:00:00+00:00", "until": NOW}),
        (DATABASE, "what about since 9", {"since": "2026-03-02T09:00:00+00:00", "until": NOW}),
        (DATABASE, "and the connections?", {"metric": "connections"}),
        (DATABASE, "what about the p99?", {"statistic": "p99"}),
        (DATABASE, "and memory?", {"metric": "free_memory"}),
        (DATABASE, "and the stock database?", {"name": "stock"}),
        (DATABASE, "and its caches?", {"name": None, "types": ["cache"]}),
        (DATABASE, "and the queues?", {"name": None, "types": ["queue"], "metric": "queue_depth"}),
        (DATABASE, "and in staging-eu?", {"environment": "staging-eu"}),
        (DATABASE, "how about the load balancers", {"name": None, "types": ["load balancer"], "metric": "requests"}),
        ("connections on orders-db", "yesterday?", YESTERDAY),
        ("connections on orders-db", "and the mail queue?",
         {"name": "mail", "types": ["queue"], "metric": "queue_depth"}),
        ("connections on orders-db yesterday", "and the day before?",
         {"since": "2026-02-28T00:00:00+00:00", "until": DAY}),
        (LOGS, "and yesterday?", YESTERDAY),
        (LOGS, "and for 'connection refused'?", {"words": ["connection refused"]}),
        (LOGS, "only errors", {"levels": ["error"]}),
        (LOGS, "just the warnings please", {"levels": ["warning"]}),
        (LOGS, "and payments?", {"service": "payments"}),
        (LOGS, "same in prod-eu", {"environment": "prod-eu"}),
        (ERRORS, "and yesterday?", YESTERDAY),
        (ERRORS, "the last 7 days?", WEEK),
        (DEPLOYED, "and last week?", WEEK),
        (DEPLOYED, "and the successful ones?", {"outcome": "succeeded"}),
        (COST, "and yesterday?", {"days": 1, "end": TODAY}),
        (COST, "and the month before?", {"days": 30, "end": "2026-02-01T00:00:00+00:00"}),
        ("what is in uat", "and its load balancers?", {"types": ["load balancer"]}),
        ("what is in uat", "only the queues", {"types": ["queue"]}),
        ("what is in uat", "databases?", {"types": ["database"]}),
        (DATABASE, "max?", {"statistic": "maximum"}),
        (DATABASE, "show me that for yesterday", YESTERDAY),
        (DATABASE, "and for staging-eu since yesterday?", {"environment": "staging-eu", "since": DAY, "until": NOW}),
        (LOGS, "with 'connection refused'", {"words": ["connection refused"]}),
        (LOGS, "and the last 50?", {"most": 50}),
        ("search the logs of uat for timeout", "only checkout", {"service": "checkout"}),
        (DEPLOYED, "only cancelled", {"outcome": "cancelled"}),
        (DEPLOYED, "and the running ones?", {"outcome": "under way"}),
        (DEPLOYED, "the last 5", {"most": 5}),
    ],
)  # fmt: skip
def test_what_a_remark_says_is_put_in_place_of_what_was_said(first: str, remark: str, changed: dict[str, Any]) -> None:
    before, found = heard(first), then(first, remark)
    assert before is not None and found is not None and found.intent == before.intent
    expected = dict(before.slots) | changed
    assert {slot: found.slots.get(slot) for slot in expected} == expected


def test_after_one_thing_by_its_name_its_other_things_are_those_of_where_it_was_found() -> None:
    place = Reference(type="environment", id="uat", turn=1)
    focus = after("connections on orders-db").model_copy(update={"references": (place,)})
    found = heard("and the queues?", focus)
    assert found is not None and found.slots["environment_id"] == "uat" and found.slots["types"] == ["queue"]


@pytest.mark.parametrize("remark", ["and its load balancers?", "what about the queues", "and the databases?"])
def test_of_an_environment_that_was_asked_about_otherwise_its_things_are_shown(remark: str) -> None:
    found = then("how is uat?", remark)
    assert found is not None and found.intent == "environment_resources"
    assert found.slots["environment"] == "uat" and found.slots["types"]


def test_those_in_another_state_are_listed_and_not_asked_whether_they_are_idle() -> None:
    found = then("list the idle environments", "and the stopped ones?")
    assert found is not None and found.intent == "list_environments" and found.slots["state"] == "stopped"


@pytest.mark.parametrize(
    ("first", "remark"),
    [
        ("how is uat?", "and yesterday?"),  # how it was is not known
        (ERRORS, "and the p99?"),
        (ERRORS, "only the databases"),
        (COST, "and for 'timeout'?"),
        (DATABASE, "only errors"),
        (DATABASE, "and the failed ones?"),
        (LOGS, "and the day after tomorrow"),
        ("how many messages are in the mails queue", "and the oldest?"),
        ("compare the configuration of uat and prod-eu", "only the secrets"),
        (DATABASE, "and sunday?"),  # no service is called so
        (DATABASE, "and on 2026-02-28?"),
    ],
)
def test_what_the_last_request_has_not_is_not_put_in(first: str, remark: str) -> None:
    assert then(first, remark) is None


def test_a_whole_request_is_none_that_goes_on() -> None:
    found = then("connections on orders-db yesterday", "cpu in uat")
    assert found is not None and found.slots["name"] is None and found.slots["since"] is None


def test_a_change_is_not_repeated_by_such_a_remark() -> None:
    found = then("stop uat", "and the databases?")
    assert found is not None and found.intent == "environment_resources"
    assert then("stop uat", "and since 9?") is None


def test_alone_it_is_no_request() -> None:
    assert heard("and yesterday?") is None and heard("the last 2 hours?") is None and heard("only errors") is None
