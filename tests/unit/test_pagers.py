"""PagerDuty and Opsgenie as the copilot tells them, over HTTP to services that refuse what the real ones refuse."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from pager_services import API_KEY, JSM, ROUTING_KEY, PagerServices, pager_services

from copilot.adapters.destinations.web import post
from copilot.adapters.pagers.configured import ConfiguredPagers
from copilot.adapters.pagers.posting import hand
from copilot.config.destinations import DestinationSettings
from copilot.domain import Escalation, Letter
from copilot.errors import CopilotError, FatalError, NotFound, NotReady, PermissionDenied, RetryableError

TOLD = Escalation(
    key="devops-copilot-a1-0", summary="Approval a1 waits", text="Dana asks.\nTo decide: …", details={"a": "b"}
)
OUTCOME = Escalation(key=TOLD.key, summary="Approval a1: Approved by Olga", text="Approved by Olga.")
KEYS = {"pagerduty": ROUTING_KEY, "opsgenie": API_KEY}


@pytest.fixture(scope="module")
def running() -> Iterator[PagerServices]:
    with pager_services() as services:
        yield services


@pytest.fixture
def services(running: PagerServices) -> PagerServices:
    for one in (running.pagerduty, running.opsgenie, running.answers, running.asked):
        one.clear()
    return running


class Letters:
    """ports.Destinations."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Letter, str]] = []

    def check(self, destination: str) -> None: ...

    def send(self, destination: str, letter: Letter, key: str) -> str:
        self.sent.append((destination, letter, key))
        return "mail"


def pagers(services: PagerServices, keys: dict[str, str] = KEYS, under: str = "") -> ConfiguredPagers:
    arn = "arn:aws:ssm:eu-west-1:111111111111:parameter/pagers/{}"
    settings = DestinationSettings.model_validate(
        {
            "sns": {"ops": {"arn": "arn:aws:sns:eu-west-1:111111111111:ops"}},
            "pagerduty": {"oncall": {"key": arn.format("pagerduty"), "endpoint": services.url, "severity": "critical"}},
            "opsgenie": {"oncall": {"key": arn.format("opsgenie"), "endpoint": services.url + under, "priority": "P1"}},
        }
    )
    letters = Letters()
    made = ConfiguredPagers(settings, lambda: letters, lambda arn, name: keys[arn.rpartition("/")[2]], loopback=True)
    vars(made)["letters"] = letters
    return made


@pytest.mark.parametrize("to", ["pagerduty:oncall", "opsgenie:oncall"])
def test_a_page_is_opened_once_under_its_key_and_resolved(services: PagerServices, to: str) -> None:
    tell, there = pagers(services), services.pagerduty if to.startswith("p") else services.opsgenie
    for _ in range(2):
        tell.open(to, TOLD)
    (page,) = there
    assert (page.key, page.times, page.open) == (TOLD.key, 2, True)
    for _ in range(2):
        tell.resolve(to, OUTCOME)
    assert [(one.open, "Approved by Olga" in one.closed_with) for one in there] == [(False, True)]


def test_what_pagerduty_is_told(services: PagerServices) -> None:
    sent = pagers(services).open("pagerduty:oncall", TOLD)
    (page,) = services.pagerduty
    assert page.told["payload"] == {
        "summary": TOLD.summary,
        "source": "devops-copilot",
        "severity": "critical",
        "custom_details": {"what": TOLD.text, "a": "b"},
    }
    assert json.loads(sent) == {name: one for name, one in page.told.items() if name != "routing_key"}
    assert ROUTING_KEY not in sent


def test_what_opsgenie_is_told_there_and_in_jira_service_management(services: PagerServices) -> None:
    sent = [pagers(services, under=under).open("opsgenie:oncall", TOLD) for under in ("", JSM, f"{JSM}/")]
    (page,) = services.opsgenie
    assert (page.told["message"], page.told["priority"], page.times) == (TOLD.summary, "P1", 3)
    assert [path for path, _, _ in services.asked] == ["/v2/alerts", f"{JSM}/v2/alerts", f"{JSM}/v2/alerts"]
    assert API_KEY not in str(sent)


def test_mail_and_topics_are_told_in_a_letter_and_the_outcome_in_another(services: PagerServices) -> None:
    tell = pagers(services)
    tell.open("sns:ops", TOLD)
    tell.resolve("sns:ops", OUTCOME)
    first, second = vars(tell)["letters"].sent
    assert (first[0], first[1].kind, first[1].text) == ("sns:ops", "approval.unanswered", TOLD.text)
    assert (second[1].kind, second[1].subject) == ("approval.decided", OUTCOME.summary) and first[2] != second[2]


@pytest.mark.parametrize("to", ["pagerduty:oncall", "opsgenie:oncall"])
def test_what_is_longer_than_they_take_is_cut_and_taken(services: PagerServices, to: str) -> None:
    long = Escalation(
        key="k" * 120, summary="s" * 2000, text="t" * 20_000, details={str(n): "d" * 1000 for n in range(9)}
    )
    pagers(services).open(to, long)
    pagers(services).resolve(to, long)
    (page,) = services.pagerduty + services.opsgenie
    assert not page.open
    assert len(page.told.get("message") or page.told["payload"]["summary"]) in {130, 1024}


def event(**more: Any) -> dict[str, Any]:
    payload = {"summary": "s", "source": "s", "severity": "info"} | more.pop("payload", {})
    return {"routing_key": ROUTING_KEY, "event_action": "trigger", "dedup_key": "k", "payload": payload} | more


@pytest.mark.parametrize(
    ("path", "at", "over"),
    [
        ("/v2/enqueue", event(payload={"summary": "s" * 1024}), event(payload={"summary": "s" * 1025})),
        ("/v2/enqueue", event(dedup_key="k" * 255), event(dedup_key="k" * 256)),
        ("/v2/enqueue", event(), event(routing_key=ROUTING_KEY[1:])),
        ("/v2/alerts", {"message": "m" * 130}, {"message": "m" * 131}),
        ("/v2/alerts", {"alias": "a" * 512}, {"alias": "a" * 513}),
        ("/v2/alerts", {"description": "d" * 15_000}, {"description": "d" * 15_001}),
        ("/v2/alerts", {"details": {"d": "d" * 7999}}, {"details": {"d": "d" * 8000}}),
        ("/v2/alerts/a/close?identifierType=alias", {"note": "n" * 25_000}, {"note": "n" * 25_001}),
    ],
)
def test_their_bounds_at_and_over(services: PagerServices, path: str, at: dict[str, Any], over: dict[str, Any]) -> None:
    given = {} if path == "/v2/enqueue" else {"message": "m", "alias": "a", "priority": "P3"}
    headers = {"Authorization": f"GenieKey {API_KEY}"}
    here = partial(post, loopback=True)
    hand("it", services.url + path, given | at, headers, here)
    with pytest.raises(FatalError, match="refuses what was sent"):
        hand("it", services.url + path, given | over, headers, here)


@pytest.mark.parametrize(
    ("status", "raised"),
    [
        (429, RetryableError),
        (500, RetryableError),
        (503, RetryableError),
        (401, PermissionDenied),
        (402, PermissionDenied),
        (403, PermissionDenied),
        (404, NotFound),
        (302, FatalError),
        (400, FatalError),
        (422, FatalError),
    ],
)
@pytest.mark.parametrize("to", ["pagerduty:oncall", "opsgenie:oncall"])
def test_each_refusal_says_what_it_is_and_never_the_key(
    services: PagerServices, to: str, status: int, raised: type[CopilotError]
) -> None:
    services.answers.append(status)
    with pytest.raises(raised) as refused:
        pagers(services).open(to, TOLD)
    said = str(refused.value)
    assert str(status) in said and ROUTING_KEY not in said and API_KEY not in said
    assert not services.pagerduty and not services.opsgenie and len(services.asked) == 1


def test_a_key_of_another_kind_is_never_sent(services: PagerServices) -> None:
    with pytest.raises(FatalError, match="32 characters"):
        pagers(services, {**KEYS, "pagerduty": API_KEY}).open("pagerduty:oncall", TOLD)
    assert services.asked == []


def test_a_service_that_is_not_there_took_nothing(services: PagerServices) -> None:
    away = PagerServices(url="http://127.0.0.1:9")
    with pytest.raises(NotReady, match="nothing was sent"):
        pagers(away).open("opsgenie:oncall", TOLD)


def test_a_destination_that_is_configured_no_more_is_named(services: PagerServices) -> None:
    with pytest.raises(NotFound, match="pagerduty:gone"):
        pagers(services).resolve("pagerduty:gone", OUTCOME)
