"""Linked, asked, followed, approved in part, answered and undone in Microsoft Teams, on the laptop's AWS.

Each module has an emulator of its own; what is asked in a channel of production is told there in no more than that.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import clouds
import pytest
from conftest import System

from cli.laptop.chat import keep_teams_secret, teams_workspace
from cli.laptop.teams import TENANT, Message, Teams
from copilot.config.chats import ChatSettings

pytestmark = pytest.mark.laptop
AT_MOST = 90
"""Seconds that anything may take to be shown."""


@pytest.fixture(scope="module")
def teams(system: System) -> Iterator[Teams]:
    """The copilot is in it before anything is asked: a function reads its configuration once a minute."""
    with Teams(port=system.laptop.teams_port, secret=system.laptop.teams_secret) as teams:
        teams.messages_url = f"{system.laptop.endpoint}/_aws/execute-api/{system.laptop.api_id}/v1/chat/teams/messages"
        keep_teams_secret(system.laptop, system.client("ssm"))
        config = clouds.configuration()
        people = tuple(
            one.model_copy(update={"chat": (f"teams:{TENANT}/{teams.world.people[one.id].id}",)})
            if one.id in {"olga", "dana"}
            else one
            for one in config.people
        )
        chat = ChatSettings(workspaces=(teams_workspace(teams, system.laptop),))
        system.client("ssm").put_parameter(
            Name=system.laptop.outputs["ConfigurationParameter"],
            Value=config.model_copy(update={"chat": chat, "people": people}).model_dump_json(),
            Type="String",
            Tier="Intelligent-Tiering",
            Overwrite=True,
        )
        yield teams


def found(teams: Teams, place: str, text: str, thread: str | None = None) -> Message:
    return teams.found(place, text, thread, AT_MOST)


def changed(teams: Teams, message: Message, text: str) -> None:
    """The same message, once it shows that."""
    try:
        teams.wait_for(lambda: text in message.text, AT_MOST)
    except TimeoutError:
        raise AssertionError(f"no {text!r} in {message.text}") from None


def test_what_no_connector_sent_is_refused(system: System, teams: Teams) -> None:
    payload = {"type": "message", "channelId": "msteams", "serviceUrl": teams.service_url}
    now = teams.world.now()
    forged = Teams()
    try:
        for token in (
            forged.key.token(teams.world.app, teams.service_url, now),
            teams.key.token("another-app", teams.service_url, now),
            teams.key.token(teams.world.app, teams.service_url, now - 7200),
        ):
            assert teams.send(payload, token).status == 401
    finally:
        forged.close()
    elsewhere = teams.key.token(teams.world.app, "http://127.0.0.1:1/teams/", now)
    assert teams.send(payload, elsewhere).status == 403
    assert teams.send(payload).status == 403  # of no tenant
    assert system.http("GET", "/v1/runs?all=1")[1] == {"runs": []}


def test_somebody_becomes_themselves_by_a_code_in_their_personal_chat(system: System, teams: Teams) -> None:
    teams.say("you", "@you", "which environments are there?")
    found(teams, "@you", "The copilot does not know who you are")
    status, made = system.http("POST", "/v1/chat/links", {"platform": "teams"}, "you")
    assert status == 200, made
    teams.say("you", "@you", made["code"])
    found(teams, "@you", "You are You here from now on")
    said = teams.say("you", "@you", "which environments are there?")
    answer = found(teams, "@you", "Environments (8)")
    assert clouds.of_kind(system.cloud, "development")[0].name in answer.text
    assert teams.again(said.sent).taken  # and nothing more comes of it
    time.sleep(1)
    assert len(system.http("GET", "/v1/runs?all=1")[1]["runs"]) == 1


def test_it_is_asked_in_a_channel_approved_in_part_shown_to_all_and_undone(system: System, teams: Teams) -> None:
    first, second = (clouds.of_kind(system.cloud, kind)[0].name for kind in ("staging", "production"))
    before = {name: system.sizes(name) for name in (first, second)}
    said = teams.say("dana", "#dev", f"@copilot stop {first} and {second}")
    thread = said.message.thread
    card = found(teams, "@olga", "Dana asks for an approval")
    assert first in card.text and second in card.text and "copilot.approve" in card.actions()
    own = found(teams, "@you", "Dana asks for an approval")  # an approver too, by the link
    brief = found(teams, "#dev", "This needs an approval", thread)
    assert first not in brief.text and set(brief.actions()) == {"copilot.show", "copilot.deny"}

    noticed = teams.press("noah", brief, "copilot.deny")
    assert noticed.taken and "Heard" in noticed.answer["value"]
    found(teams, "@noah", "The copilot does not know who you are")
    assert teams.press("dana", brief, "copilot.show").taken
    shown = found(teams, "@dana", "Dana asks for an approval")
    assert {name: system.sizes(name) for name in before} == before

    (ticks,) = card.inputs().values()
    (title,) = [one["title"] for one in ticks["choices"] if second in one["title"]]
    pressed = teams.press("olga", card, "copilot.narrow", [title])
    for copy in (card, own, shown, brief):
        changed(teams, copy, "Approved by Olga")
        assert copy.changed and not {"copilot.approve", "copilot.narrow", "copilot.deny"} & copy.actions().keys()
    answer = found(teams, "@dana", f"You asked: stop {first}")
    assert f"{first}: stopped" in answer.text
    found(teams, "#dev", "The answer is not for this channel: I sent it to you directly.", thread)
    assert not any(system.sizes(first).values()) and system.sizes(second) == before[second]
    progress = found(teams, "#dev", "Done", thread)
    assert progress.changed  # one activity, that was updated
    teams.again(pressed)

    teams.press("dana", answer, "copilot.undo")
    teams.wait_for(lambda: [one for one in teams.messages("@dana") if f"{first}: started" in one.text], AT_MOST)
    assert system.sizes(first) == before[first]
    runs = system.http("GET", "/v1/runs?all=1")[1]["runs"]
    assert [one["outcome"] for one in runs if one["person"] == "dana"] == ["succeeded", "succeeded"]
    view = system.http("GET", f"/v1/runs/{runs[0]['run_id']}?sent=1")[1]
    assert any("conversations" in sent for one in view["shown"] for sent in one["sent"])
    assert teams.connector.secret not in json.dumps(view)


def test_a_file_sent_in_a_personal_chat_is_read(system: System, teams: Teams) -> None:
    teams.say("dana", "@dana", "", files=[("build.bin", b"\xff\xfe"), ("notes.bmp", b"BM")])
    found(teams, "@dana", "Not read:")
    teams.say("dana", "@dana", "improve this Dockerfile", files=[("Dockerfile", b"FROM python:3.13\n" + b"RUN ls\n")])
    found(teams, "@dana", "Dockerfile")
