"""What somebody sees who has a chat know who they are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from fake_copilot import FakeCopilot
from test_cli_asking import Command, command, copilot  # noqa: F401

LINK = {
    "user": {"platform": "slack", "workspace": "T024BE7LD", "user": "U2147483697"},
    "person": "ana",
    "principal": "arn:aws:iam::111122223333:user/ana",
    "made_at": "2026-03-02T09:00:00Z",
    "until": "2026-04-01T09:00:00Z",
}
ADDRESS = "slack:T024BE7LD/U2147483697"


def test_a_code_is_shown_with_what_to_do_with_it(copilot: FakeCopilot, command: Command) -> None:
    until = (datetime.now(UTC) + timedelta(minutes=10)).isoformat()
    copilot.says("POST", "/v1/chat/links", {"code": "7KQ2-M9XW-PT4D", "until": until})
    ended = command("link", "slack")
    assert ended.out.startswith("link 7KQ2-M9XW-PT4D\nSend this line to the copilot in a direct message by ")
    assert "give it to nobody" in ended.out
    assert copilot.asked("POST", "/v1/chat/links") == [{"platform": "slack"}]
    assert command("link", "discord").out.startswith("/copilot request:link 7KQ2-M9XW-PT4D\n")
    command("link", "slack", "--another")
    assert copilot.asked("POST", "/v1/chat/links")[-1] == {"platform": "slack", "another": True}


def test_who_is_linked_already_sees_until_when_that_is_good_now(copilot: FakeCopilot, command: Command) -> None:
    copilot.says("POST", "/v1/chat/links", {"links": [LINK]})
    ended = command("link", "slack")
    assert ended.out.startswith(f"{ADDRESS} is you until 01 Apr 2026")
    assert "devops-copilot link slack --another" in ended.out
    assert "direct message" not in ended.out


def test_links_are_shown_with_the_commands_that_renew_and_remove_them(copilot: FakeCopilot, command: Command) -> None:
    copilot.says("GET", "/v1/chat/links", {"links": [LINK], "configured": ["slack:T024BE7LD/U9"]})
    ended = command("link", "list")
    assert "slack:T024BE7LD/U9  by the copilot's configuration" in ended.out
    assert f"devops-copilot link remove {ADDRESS}\n" in ended.out
    assert command("link").out == ended.out


def test_who_is_nobody_yet_is_told_how_to_be_somebody(copilot: FakeCopilot, command: Command) -> None:
    copilot.says("GET", "/v1/chat/links", {"links": []})
    shown = command("link").out
    assert shown.startswith("You are nobody in any chat. ")
    assert shown.endswith("devops-copilot link slack\n")


def test_a_user_is_a_person_no_more(copilot: FakeCopilot, command: Command) -> None:
    copilot.says("POST", "/v1/chat/links/unlink", LINK)
    assert command("link", "remove", ADDRESS).out.startswith(f"{ADDRESS} is you no more")
    assert copilot.asked("POST", "/v1/chat/links/unlink") == [{"user": ADDRESS}]
