"""What somebody is to be told is sent as it was said; what is to be found out for them is asked."""

from __future__ import annotations

from typing import Any

import pytest
from fakes_platform import FakeNotifier
from test_firing import Setting
from test_heard import INTENTS, KNOWN, REGISTRY, planned
from test_hearing import PRESENT

from copilot.domain import Focus
from copilot.plans.check import check_plan


def sent(text: str) -> tuple[list[Any], Any] | None:
    revision = planned(text)
    if revision is None or not revision.plan.steps:
        return None
    (step,) = revision.plan.steps
    assert step.tool == "notify"
    check_plan(revision.plan, REGISTRY)
    assert isinstance(step.for_each, list)
    return step.for_each, step.arguments["text"]


@pytest.mark.parametrize(
    ("text", "told", "message"),
    [
        ("tell @olga that uat is up again", ["person:olga"], "uat is up again"),
        ("let #payments know that checkout is back", ["#payments"], "checkout is back"),
        ("Tell #payments that Checkout is BACK!", ["#payments"], "Checkout is BACK!"),
        ("please tell #ops that sandbox is idle", ["#ops"], "sandbox is idle"),
        ("notify #ops that uat was stopped, thanks", ["#ops"], "uat was stopped"),
        ("tell #a and #b that we are done.", ["#a", "#b"], "we are done."),
        ("tell #ops that if it is slow, {olga} knows why", ["#ops"], "if it is slow, {olga} knows why"),
        ("tell #ops “We are back.”", ["#ops"], "We are back."),
        ('post "we are back" in #ops', ["#ops"], "we are back"),
    ],
)
def test_it_is_sent_word_for_word(text: str, told: list[str], message: str) -> None:
    assert sent(text) == (told, message)


@pytest.mark.parametrize(
    "text",
    [
        "tell #ops whether uat is idle",
        "tell #ops how uat is doing",
        "tell #ops which environments are idle",
        "tell #ops the status of uat",
    ],
)
def test_what_is_asked_is_found_out(text: str) -> None:
    match = INTENTS.match(text, Focus(), PRESENT, KNOWN)
    assert match is not None and match.plan is not None and match.plan.steps[0].tool != "notify"


@pytest.mark.parametrize(
    "text", ["tell me that uat is idle", "tell #ops that checkout is back?", "stop uat and let #ops know that"]
)
def test_what_is_no_message_is_none(text: str) -> None:
    match = INTENTS.match(text, Focus(), PRESENT, KNOWN)
    assert match is None or match.intent != "tell_words"


def test_what_is_sent_is_what_was_said() -> None:
    setting, sent = Setting(), FakeNotifier()
    clients = setting.clients

    def given(*args: Any, **more: Any) -> Any:
        found: Any = clients(*args, **more)
        found.notifier = sent
        return found

    setting.clients = given  # type: ignore[method-assign]
    view = setting.ask("tell #ops that {x.y} and *red* are back, says olga")
    assert view["answer"] == "Sent as you said it: told #ops."
    assert list(sent.sent.values()) == [("#ops", "{x.y} and *red* are back, says olga")]


@pytest.mark.parametrize(
    "end",
    ["--dry-run", "(dry run)", "as a dry run", "dry run only", "as a simulation", "dry-run please", "(just simulate)"],
)
def test_what_is_only_to_be_rehearsed_is_not_sent(end: str) -> None:
    revision = planned(f"tell #ops that we are back {end}")
    assert revision is None or not any(step.tool == "notify" for step in revision.plan.steps)
