"""Asked, followed, approved and answered in a chat: real payloads and signatures, on the laptop's AWS."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import clouds
import httpx
import pytest
from conftest import ROOT, System
from gateway import Seen, kill_caller

from cli.laptop.chat import installed, keep_tokens
from cli.laptop.cloud import Environment
from cli.laptop.slack import Slack
from cli.laptop.slack.world import Channel, Message, State, User, View, Workspace
from copilot.config.chats import ChatSettings, ChatWorkspace
from copilot.config.configuration import Configuration

pytestmark = pytest.mark.laptop
HOME = "T0WORKSHOP"
BERLIN, NORDIC = "T0BERLIN", "E0NORDIC"
USERS = {
    "you": (f"slack:{HOME}/U0YOU",),
    "olga": (f"slack:{HOME}/U0OLGA", f"slack:{NORDIC}/U0KARI"),
    # In Berlin it is Dana who has the id that is Olga's at home.
    "dana": (f"slack:{HOME}/U0DANA", f"slack:{BERLIN}/U0OLGA", f"slack:{NORDIC}/U0LARS"),
}


def other_places() -> State:
    """A second workspace, and one of an organisation in all of which the copilot is installed."""
    places = (
        Workspace(id=BERLIN, name="Berlin", bot_user="U0COPILOT", bot_id="B0BERLIN"),
        Workspace(
            id="T0OSLO", name="Oslo", enterprise=NORDIC, org_wide=True, bot_user="U0NORDICBOT", bot_id="B0NORDIC"
        ),
    )
    users = (
        User(id="U0COPILOT", team=BERLIN, name="copilot", real_name="Copilot", is_bot=True),
        User(id="U0OLGA", team=BERLIN, name="dana.berlin", real_name="Dana in Berlin"),
        User(id="U0NORDICBOT", team="T0OSLO", name="copilot.nordic", real_name="Copilot", is_bot=True),
        User(id="U0KARI", team="T0OSLO", name="kari", real_name="Olga in Oslo"),
        User(id="U0LARS", team="T0OSLO", name="lars", real_name="Dana in Oslo"),
    )
    channel = Channel(id="C0FJORD", team="T0OSLO", name="fjord", members=["U0KARI", "U0LARS", "U0NORDICBOT"])
    return State(
        workspaces={one.id: one for one in places}, users={one.id: one for one in users}, channels={channel.id: channel}
    )


def configuration(system: System, *slacks: Slack) -> Configuration:
    workspaces = tuple(
        ChatWorkspace(
            id=id, name=home.name, token=system.laptop.slack_token_arn(id), endpoint=slack.api_url.rstrip("/")
        )
        for slack in slacks
        for id, home in installed(slack).items()
    )
    config = clouds.configuration()
    people = tuple(
        one.model_copy(update={"chat": USERS[one.id]} | named(one.id, system)) if one.id in USERS else one
        for one in config.people
    )
    return config.model_copy(update={"chat": ChatSettings(workspaces=workspaces), "people": people})


def owned_by_you(system: System) -> Environment:
    return clouds.of_kind(system.cloud, "development")[-1]


def named(person: str, system: System) -> dict[str, str]:
    """You are called as its owner is."""
    return {"name": owned_by_you(system).tags["owner"]} if person == "you" else {}


@pytest.fixture(scope="module")
def slack(system: System, abroad: Slack) -> Iterator[Slack]:
    """The copilot is installed in it before anything is asked: a function reads its configuration once a minute."""
    with Slack() as slack:
        join(system, slack)
        system.client("ssm").put_parameter(
            Name=system.laptop.outputs["ConfigurationParameter"],
            Value=configuration(system, slack, abroad).model_dump_json(),
            Type="String",
            Tier="Intelligent-Tiering",
            Overwrite=True,
        )
        yield slack


@pytest.fixture(scope="module")
def abroad(system: System) -> Iterator[Slack]:
    with Slack(state=other_places()) as slack:
        join(system, slack)
        yield slack


def join(system: System, slack: Slack) -> None:
    base = f"{system.laptop.endpoint}/_aws/execute-api/{system.laptop.outputs['ApiId']}/v1/chat/slack"
    keep_tokens(system.laptop, slack, system.client("ssm"))
    tokens = {id: system.laptop.slack_token_of(id) for id in installed(slack)}
    slack.connect(f"{base}/events", system.laptop.slack_secret, tokens)


def texts(message: Message) -> str:
    """All that can be read in it."""
    return json.dumps(message.blocks, ensure_ascii=False) + message.text


def answer(slack: Slack, channel: str, thread: str | None = None, seen_by: str | None = None, **more: Any) -> Message:
    """The message of the copilot that has the text in it."""
    said: str = more["with_text"]

    def found() -> Message | None:
        there = slack.messages(channel, thread, seen_by)
        return next((one for one in there if one.bot_id and said in texts(one)), None)

    try:
        return slack.wait_for(found, 90)  # type: ignore[no-any-return]
    except TimeoutError:
        there = [texts(one)[-400:] for one in slack.messages(channel, thread, seen_by)]
        raise AssertionError(f"nothing with {said!r} in {channel}: {there}") from None


def open_card(slack: Slack, channel: str) -> Message:
    """All of an approval that is not decided yet."""

    def found() -> Message | None:
        return next((one for one in slack.messages(channel) if "copilot.approve" in texts(one)), None)

    return slack.wait_for(found, 90)  # type: ignore[no-any-return]


def of_kind(system: System, kind: str) -> str:
    return str(clouds.of_kind(system.cloud, kind)[0].name)


def post(system: System, name: str, secret: str | None, method: str = "POST") -> httpx.Response:
    """One of events/ as Slack sends it, signed with a secret, and by no IAM user."""
    event: dict[str, Any] = json.loads((ROOT / f"events/ingest_chat_{name}.json").read_text())
    body = base64.b64decode(event["body"]) if event["isBase64Encoded"] else event["body"].encode()
    timestamp = str(int(time.time()))
    headers = {"content-type": event["headers"]["content-type"], "host": system.laptop.api_url.partition("//")[2]}
    if secret is not None:
        digest = hmac.new(secret.encode(), b"v0:%s:%s" % (timestamp.encode(), body), hashlib.sha256).hexdigest()
        headers |= {"x-slack-request-timestamp": timestamp, "x-slack-signature": f"v0={digest}"}
    return httpx.request(method, system.laptop.endpoint + event["rawPath"], content=body, headers=headers, timeout=60)


def test_what_is_not_signed_for_this_installation_is_refused(system: System, slack: Slack) -> None:
    for secret in (None, "forged", ""):
        for name in ("mention", "approve", "command", "url_verification"):
            assert post(system, name, secret).status_code == 401
    assert post(system, "mention", system.laptop.slack_secret, method="GET").status_code == 404
    assert slack.verify_urls()
    assert system.http("GET", "/v1/runs?all=1")[1] == {"runs": []}


def test_a_question_is_answered_in_a_direct_message(system: System, slack: Slack) -> None:
    said = slack.say("dana", "@dana", "which environments are there?")
    assert all(sent.taken for sent in said.sent)
    found = answer(slack, "@dana", said.message.ts, with_text="Environments (8)")
    assert found.thread_ts == said.message.ts and of_kind(system, "development") in texts(found)
    slack.again(said.sent[0])  # and nothing more comes of it
    time.sleep(1)
    assert len(system.http("GET", "/v1/runs?all=1")[1]["runs"]) == 1


def test_a_change_of_production_is_approved_in_the_chat_by_who_may(system: System, slack: Slack) -> None:
    name = of_kind(system, "production")
    before = system.sizes(name)
    said = slack.say("dana", "#dev", f"@copilot stop {name}")
    card = answer(slack, "@olga", with_text="Dana asks for an approval")
    assert f"production environment {name}" in texts(card) and "copilot.approve" in texts(card)
    brief = answer(slack, "#dev", said.message.ts, with_text="This needs an approval")
    assert name not in texts(brief)  # of production a channel is told no more than that
    slack.press("noah", brief, "copilot.deny")
    slack.wait_for(lambda: [one for one in slack.messages("#dev") if one.only_for == "U0NOAH"], 60)
    assert system.sizes(name) == before
    slack.press("olga", card, "copilot.approve")
    found = answer(slack, "@dana", with_text=f"You asked: stop {name}")
    assert f"{name}: stopped" in texts(found)
    assert not any(system.sizes(name).values())
    for place in ("@olga", "@you", "#dev"):
        copy = answer(slack, place, with_text="Approved by Olga")
        assert "copilot.approve" not in texts(copy) and "copilot.deny" not in texts(copy)
    answer(slack, "#dev", with_text="The answer is not for this channel", seen_by="dana")
    run = next(one for one in system.http("GET", "/v1/runs?all=1")[1]["runs"] if one["request"] == f"stop {name}")
    assert (run["person"], run["outcome"]) == ("dana", "succeeded")


def test_who_asks_in_another_workspace_is_answered_there_and_approved_where_the_approver_is(
    system: System, slack: Slack, abroad: Slack
) -> None:
    name = clouds.of_kind(system.cloud, "production")[-1].name
    was_on = any(system.sizes(name).values())
    asked = f"{'stop' if was_on else 'start'} {name}"
    said = abroad.say("dana.berlin", "@dana.berlin", asked)
    brief = answer(abroad, "@dana.berlin", said.message.ts, with_text="This needs an approval")
    assert brief.bot_id == "B0BERLIN"
    card = open_card(slack, "@olga")
    # Whoever has Olga's id there is not Olga: they see what they asked for, and cannot approve it.
    abroad.press("dana.berlin", brief, "copilot.show")
    own = answer(abroad, "@dana.berlin", with_text="Dana asks for an approval")
    abroad.press("dana.berlin", own, "copilot.approve")
    abroad.wait_for(lambda: [one for one in abroad.messages("@dana.berlin") if one.only_for == "U0OLGA"], 60)
    assert any(system.sizes(name).values()) == was_on
    slack.press("olga", card, "copilot.approve")
    answer(abroad, "@dana.berlin", said.message.ts, with_text=f"{name}: {'stopped' if was_on else 'started'}")
    assert any(system.sizes(name).values()) != was_on
    run = next(one for one in system.http("GET", "/v1/runs?all=1")[1]["runs"] if one["request"] == asked)
    assert (run["person"], run["outcome"]) == ("dana", "succeeded")
    abroad.wait_for(lambda: not any("copilot.approve" in texts(one) for one in abroad.messages("@kari")), 60)
    assert not [one for one in slack.messages("@dana") if asked in texts(one)]


def test_in_an_organisation_s_installation_it_is_asked_and_approved_in_any_workspace(
    system: System, slack: Slack, abroad: Slack
) -> None:
    name = clouds.of_kind(system.cloud, "production")[-1].name
    was_on = any(system.sizes(name).values())
    said = abroad.say("lars", "#fjord", f"@copilot.nordic {'stop' if was_on else 'start'} {name}")
    assert {one.payload["authorizations"][0]["team_id"] for one in said.sent} == {None}

    pressed = abroad.press("kari", open_card(abroad, "@kari"), "copilot.approve")
    assert (pressed.payload["team"], pressed.payload["enterprise"]["id"]) == (None, NORDIC)
    answer(abroad, "@lars", with_text=f"{name}: {'stopped' if was_on else 'started'}")
    answer(abroad, "#fjord", said.message.ts, with_text="The answer is not for this channel", seen_by="lars")
    slack.wait_for(lambda: not any("copilot.approve" in texts(one) for one in slack.messages("@olga")), 60)
    assert any(system.sizes(name).values()) != was_on


def test_a_message_to_a_channel_is_sent_there(system: System, slack: Slack) -> None:
    name = of_kind(system, "development")
    said = slack.say("dana", "@dana", f"stop {name} and tell #platform").message
    found = answer(slack, "#platform", with_text=name)
    assert found.bot_id == "B0COPILOT"

    def there() -> list[Message]:
        return slack.messages("@dana", said.ts)

    (progress,) = slack.wait_for(lambda: [one for one in there() if one.stream and one.stream.over], 90)
    assert f"Done: stop {name}" in texts(progress)
    slack.wait_for(lambda: any(not one.stream and f"{name}: stopped" in texts(one) for one in there()), 90)
    run = next(one for one in system.http("GET", "/v1/runs?all=1")[1]["runs"] if one["request"].startswith("stop"))
    shown = system.http("GET", f"/v1/runs/{run['run_id']}?sent=1")[1]["shown"]
    (sent,) = [one["sent"] for one in shown if one["key"] == "progress"]
    methods = [one.partition(" ")[0] for one in sent]
    assert methods[0] == "chat.startStream" and "chat.stopStream" in methods
    (told,) = [one for one in shown if one["key"].startswith("notify/")]
    assert (told["state"], told["where"]) == ("sent", "#platform") and told["sent"][0] in texts(found)


def test_an_owner_is_told_before_a_stop_and_keeps_it_by_the_button(system: System, slack: Slack) -> None:
    name = owned_by_you(system).name
    at = (datetime.now(UTC) + timedelta(minutes=14)).replace(second=0, microsecond=0)
    said = slack.say("dana", "@dana", f"stop {name} every day at {at:%H:%M} UTC")
    answer(slack, "@dana", said.message.ts, with_text="Every day at")
    due = json.dumps({"Records": [{"body": json.dumps({"due": True})}]})

    def told() -> Message | None:
        """It had another configuration at first, for a minute."""
        system.client("lambda").invoke(FunctionName=system.laptop.outputs["SweepFunction"], Payload=due)
        time.sleep(3)
        there = [one for one in slack.messages("@you") if "will be stopped at" in texts(one)]
        return there[0] if there else None

    message = slack.wait_for(told, 90)
    assert f"{name}, by a schedule of Dana" in texts(message)
    time.sleep(1)  # whom it was sent to is noted once it was
    slack.press("you", message, "copilot.keep")
    answer(slack, "@you", with_text=f"Not stopped at {at:%a %d %b %Y %H:%M}")
    assert sum("copilot.keep" in texts(one) for one in slack.messages("@you")) == 0
    assert any(system.sizes(name).values())


def test_home_shows_what_is_theirs_and_a_schedule_is_paused_there(system: System, slack: Slack) -> None:
    said = slack.say("dana", "@dana", f"stop {owned_by_you(system).name} every day at 04:00 UTC")
    answer(slack, "@dana", said.message.ts, with_text="Every day at")

    def home(words: str) -> View | None:
        view = slack.world.state.homes.get("U0DANA")
        return view if view is not None and words in json.dumps(view.view["blocks"]) else None

    slack.open_home("dana", "home")
    shown = slack.wait_for(lambda: home("copilot.pause"), 60)
    assert "You are Dana" in json.dumps(shown.view["blocks"])
    slack.press_in_view(shown, "copilot.pause")
    answer(slack, "@dana", with_text="paused")
    slack.wait_for(lambda: home("copilot.resume"), 60)
    status, told = system.http("GET", "/v1/home", person="dana")
    assert status == 200 and any(one["paused"] and one["own"] for one in told["schedules"])


def test_an_answer_that_got_lost_on_its_way_back_is_shown_again(system: System, slack: Slack) -> None:
    slack.lose_answers("chat.postMessage", 2)
    said = slack.say("you", "@you", "which environments are there?")

    def shown() -> bool:
        there = slack.messages("@you", said.message.ts)
        return sum(one.bot_id is not None and "Environments (8)" in texts(one) for one in there) >= 1

    slack.wait_for(shown, 90)


def test_deliver_killed_between_posting_and_recording_leaves_the_answer_there_and_goes_on(
    system: System, slack: Slack
) -> None:
    """Its process ends as it notes what it has posted, and the note never arrives."""
    system.client("lambda").update_function_configuration(
        FunctionName=system.laptop.outputs["DeliverFunction"],
        Timeout=10,  # how long its death goes unnoticed
    )
    first = slack.say("dana", "@dana", "which environments are there?", background=True).message.ts
    stood: list[int] = []

    def answers(thread: str) -> int:
        there = slack.messages("@dana", thread)
        return sum(one.bot_id is not None and "Environments (8)" in texts(one) for one in there)

    def strike(seen: Seen) -> bool:
        if stood or seen.operation != "PutItem" or "DELIVERY#" not in seen.body or '"answer"' not in seen.body:
            return False
        stood.append(answers(first))
        kill_caller(seen)
        return True

    system.gateway.cut = strike
    try:
        slack.wait_for(lambda: stood and answers(first) > stood[0], 90)
        second = slack.say("dana", "@dana", "which environments are there?").message.ts
        slack.wait_for(lambda: answers(second), 90)
    finally:
        system.gateway.cut = lambda seen: False
    assert stood[0] >= 1, "it was posted when its note was cut off"
    assert answers(first) == stood[0] + 1, "and once more, after which it is known to stand there"
    assert answers(second) == 1
