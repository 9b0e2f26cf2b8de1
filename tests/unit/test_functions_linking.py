"""The functions by the events of who is who in chats (events/)."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from chat_people import FakeChatPeople
from test_functions import ANN, Deployed

from copilot.config.chats import ChatSettings, ChatWorkspace
from copilot.config.configuration import Configuration
from copilot.domain import ChatLink, ChatPerson, ChatUser
from copilot.errors import FatalError

USER = ChatUser.at("slack:T024BE7LD/U2147483697")
KEY = "arn:aws:ssm:eu-west-1:111122223333:parameter/chat"
CHAT = ChatSettings(workspaces=(ChatWorkspace(id=USER.workspace, name="Home", token=KEY),))


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> Deployed:
    made = Deployed(monkeypatch)
    made.config = Configuration(accounts=(), people=(ANN,), chat=CHAT)
    made.more["chat_reader"] = FakeChatPeople({USER: ChatPerson(name="x")})
    return made


def test_a_code_links_its_person_who_sees_renews_and_removes_that(
    deployed: Deployed, capsys: pytest.CaptureFixture[str]
) -> None:
    assert deployed.call("ingest_api", "ingest_api_links") == (200, {"links": [], "configured": []})
    status, made = deployed.call("ingest_api", "ingest_api_link")
    assert (status, sorted(made)) == (200, ["code", "until"])
    told = capsys.readouterr()
    assert made["code"] not in told.out + told.err
    linked = deployed.use_cases().link.take(made["code"], USER, direct=True).model_dump(mode="json")
    assert deployed.call("ingest_api", "ingest_api_links")[1]["links"] == [linked]
    deployed.clock.at += timedelta(days=1)
    status, renewed = deployed.call("ingest_api", "ingest_api_link")
    assert (status, [one["until"] > linked["until"] for one in renewed["links"]]) == (200, [True])
    another = json.dumps({"platform": "slack", "another": True})
    assert "code" in deployed.call("ingest_api", "ingest_api_link", body=another)[1]
    assert deployed.call("ingest_api", "ingest_api_unlink")[1]["user"] == linked["user"]
    assert deployed.call("ingest_api", "ingest_api_unlink")[0] == 404
    assert deployed.chat_links.links() == []


@pytest.mark.parametrize("body", [{}, {"platform": "x"}, {"platform": "slack", "person": "ben"}])
def test_what_is_no_request_for_a_code_makes_none(deployed: Deployed, body: dict[str, str]) -> None:
    assert deployed.call("ingest_api", "ingest_api_link", body=json.dumps(body))[0] == 400
    assert deployed.chat_links.open_codes("ann", deployed.clock.at) == 0


def test_a_pipelines_session_gets_no_code(deployed: Deployed) -> None:
    arn = "arn:aws:sts::123456789012:assumed-role/ops"
    people = (ANN.model_copy(update={"principals": (f"{arn}/*",)}),)
    deployed.config = deployed.config.model_copy(update={"people": people})
    event = deployed.event("ingest_api_link")
    event["requestContext"]["authorizer"]["iam"]["userArn"] = f"{arn}/GitHubActions"
    status, said = deployed.call("ingest_api", event)
    assert status == 403
    assert "only a human being" in said["error"]["message"]


def test_the_clocks_message_takes_away_what_is_left_of_who_is_gone(deployed: Deployed) -> None:
    now = deployed.clock.at
    link = ChatLink(user=USER, person="gone", principal="arn:x", made_at=now, until=now + timedelta(days=9))
    for person in ("gone", "ann"):
        deployed.chat_links._links = {USER: link.model_copy(update={"person": person})}
        deployed.call("sweep", "sweep_due")
        assert len(deployed.chat_links.links()) == (person == "ann")


def test_without_a_chat_sweeps_go_on_and_nobody_is_asked_who_anybody_is(deployed: Deployed) -> None:
    deployed.config = Configuration(accounts=(), people=(ANN,))
    del deployed.more["chat_reader"]
    deployed.call("sweep", "sweep_due")
    assert deployed.call("ingest_api", "ingest_api_link")[0] == 409
    with pytest.raises(FatalError, match="reached in no chat"):
        deployed.use_cases().chat_reader.person(USER)
