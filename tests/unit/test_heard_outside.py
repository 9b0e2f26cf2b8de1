"""Requests that something be sent outside the chat, by name and by address; and what a model may name of that."""

from __future__ import annotations

import pytest
from fakes import hearing
from test_heard import INTENTS, KNOWN, REGISTRY
from test_hearing import trigger

from copilot.domain import Focus, Plan, Step, is_told
from copilot.intents.destinations import spoken
from copilot.plans.check import check_plan
from copilot.plans.grounds import ungrounded
from copilot.times.steps import steps_in_words

THERE = ("#platform", "mail:finance", "mail:platform-team", "mail:site_ops", "sns:oncall", "webhook:status-page")
HEAR = hearing(INTENTS, REGISTRY, known=lambda: KNOWN, channels=THERE)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("mail the platform team that it is late", "tell mail:platform-team that it is late"),
        ("email the usage report to finance", "send the usage report to mail:finance"),
        ("Email finance the usage report and tell #platform", "tell mail:finance the usage report and tell #platform"),
        ("stop uat and e-mail site ops", "stop uat and tell mail:site_ops"),
        ("post it to the webhook status-page", "post it to webhook:status-page"),
        ("post it to our status page web hook", "post it to webhook:status-page"),
        ("tell the oncall topic that all is well", "tell sns:oncall that all is well"),
        ("tell sns oncall and the mailing list finance", "tell sns:oncall and mail:finance"),
        ("send the costs to finance by mail", "send the costs to mail:finance"),
        ("we need the usage report mailed to the finance team", "send the usage report to mail:finance"),
        ("email the usage report to Mallory@evil.example", "send the usage report to mail:mallory@evil.example"),
        ("send it to mallory@evil.example", "send it to mail:mallory@evil.example"),
        ("email the usage report to the finance list", "send the usage report to mail:finance"),
        ("email the usage report to financ", "send the usage report to mail:financ"),
        ("mail the usage report to the accounting team", "send the usage report to mail:accounting"),
        ("tell the oncal topic that all is well", "tell sns:oncal that all is well"),
        ("post the usage report to the webhook stat", "post the usage report to webhook:stat"),
        ("send the usage report to finance", "send the usage report to mail:finance"),
        ("every friday at 4 send the costs to the finance group", "every friday at 4 send the costs to mail:finance"),
    ],
)
def test_a_destination_is_heard_as_people_speak_of_it(said: str, meant: str) -> None:
    assert spoken(said, THERE) == meant and spoken(meant, THERE) == meant


@pytest.mark.parametrize(
    "said",
    [
        'say "email finance now" in #platform',
        "which finance environments are idle",
        "tell #platform that finance is late",
        "tell @dana that the mail is down",
        "email me the usage report",
        "stop webhook-dev",
        "restart oncall in staging",
        "is the topic alive",
        "email the usage report to me",
        "mail it to everybody",
        "what does the deploy topic say",
    ],
)
def test_what_only_has_such_words_in_it_stays_as_it_is(said: str) -> None:
    assert spoken(said, THERE) == said and spoken(said, ()) == said


@pytest.mark.parametrize("said", ["have{}x", "mail{}to x", "we need{}it mailed", "have a{}have a", "email x{}to{}to"])
def test_blanks_without_an_end_are_read_at_once(said: str) -> None:
    """Each more of them made it eight times as long: with thousands no request came to an end."""
    request = said.format("\t" * 1900, " " * 1900)
    assert spoken(request, THERE) == request


def test_who_is_no_destination_is_asked_about_with_the_nearest_and_nothing_is_done() -> None:
    for said, near in (
        ("mail:finanse", "mail:finance"),
        ("mallory@evil.example", "mail:"),
        ("webhook:stat", "webhook:"),
    ):
        revision = HEAR(trigger(f"send the usage report to {said}"), Focus())
        assert revision is not None and revision.plan.ask is not None and not revision.plan.steps, said
        assert f"{said} to be told" in revision.plan.ask.question and near in str(revision.plan.ask.choices)
        assert "#platform" not in str(revision.plan.ask.choices)
    nobody = hearing(INTENTS, REGISTRY, known=lambda: KNOWN)(trigger("tell mail:finance that all is well"), Focus())
    assert nobody is not None and nobody.plan.ask is not None and "names none" in nobody.plan.ask.question


@pytest.mark.parametrize(
    ("said", "whole"),
    [
        ("email the usage report to finance", True),
        ("email the costs of yesterday to finance", True),
        ("email the deployment statistics to finance", True),
        ("email finance how uat is", True),
        ("stop uat and email finance", False),
        ("post the usage report to the webhook status-page", False),
    ],
)
def test_what_is_only_looked_up_is_mailed_whole(said: str, whole: bool) -> None:
    revision = HEAR(trigger(said), Focus())
    assert revision is not None and revision.plan.answer is not None
    check_plan(revision.plan, REGISTRY)
    told = str(revision.plan.steps[-1].arguments["text"])
    answer = str(revision.plan.answer.text).partition("\n\nAnd {tell")[0]
    assert (told == str({"$text": f"{answer}\n".replace("unreachable[].summary", "unreachable[].account")})) == whole


@pytest.mark.parametrize(
    ("request_", "destination", "may"),
    [
        ("when it is done mail finance what it came to", "mail:finance", True),
        ("e-mail the platform team", "mail:platform-team", True),
        ("post that to the status page webhook", "webhook:status-page", True),
        ("publish it to the topic oncall", "sns:oncall", True),
        ("tell #finance what it came to", "mail:finance", False),
        ("tell finance what it came to", "mail:finance", False),
        ("mail finance what it came to", "webhook:finance", False),
        ("mail it to the people who pay", "mail:finance", False),
    ],
)
def test_a_model_names_no_destination_that_the_request_does_not(request_: str, destination: str, may: bool) -> None:
    step = Step(id="tell", tool="notify", arguments={"channel": destination, "text": "x"})
    assert (not ungrounded(Plan(goal="g", steps=(step,), say=None).steps, REGISTRY, [request_])) == may


@pytest.mark.parametrize(
    ("name", "there", "told"),
    [
        ("#a", (), True),
        ("#a", ("mail:x",), True),
        ("#a", ("#b", "mail:x"), False),
        ("#b", ("#b",), True),
        ("mail:x", (), False),
        ("mail:x", ("#b",), False),
        ("mail:x", ("mail:x",), True),
        ("person:dana", ("#b",), True),
    ],
)
def test_any_channel_is_told_where_none_is_listed_and_no_destination_is(
    name: str, there: tuple[str, ...], told: bool
) -> None:
    assert is_told(name, there) == told


@pytest.mark.parametrize(
    "message",
    [
        "staging is down if it is down",
        "prod is frozen, but only if it is",
        "uat goes away and then stop uat",
        "staging is down every 5 minutes",
        "uat is idle once it is",
        "staging is slow unless it is not",
        "it is over each Friday at 16:00",
    ],
)
@pytest.mark.parametrize("whom", ["the oncall topic", "#platform", "the platform team"])
def test_what_says_more_than_what_is_to_be_told_is_not_sent_as_it_stands(whom: str, message: str) -> None:
    """It was told at once, though nothing was down, and what stood behind it was not done."""
    revision = HEAR(trigger(f"tell {whom} that {message}"), Focus())
    assert revision is None or not any(one.tool == "notify" for one in revision.plan.steps)


@pytest.mark.parametrize("message", ["the release is off until Monday", "every deployment waits", "when in doubt, ask"])
def test_what_only_has_such_words_in_it_is_sent(message: str) -> None:
    revision = HEAR(trigger(f"tell the oncall topic that {message}"), Focus())
    assert revision is not None and revision.plan.steps[-1].arguments["text"] == message


TO_BOTH = "for each of «#platform», sns:oncall: notify (channel each, text «all is well»)"


@pytest.mark.parametrize(
    ("whom", "line"),
    [
        ("the oncall topic", "notify (channel sns:oncall, text «all is well»)"),
        ("#platform and the oncall topic", TO_BOTH),
    ],
)
def test_what_a_schedule_tells_says_whom(whom: str, line: str) -> None:
    revision = HEAR(trigger(f"tomorrow at 7am tell {whom} that all is well"), Focus())
    assert revision is not None
    assert steps_in_words(Plan.model_validate_json(str(revision.plan.steps[-1].arguments["plan"]))) == [line]
