"""What `runs show` says of chats: what could not be shown there, and what to do; with --sent what left."""

from __future__ import annotations

import json
from typing import Any

import fake_copilot as fake
import pytest
from fake_copilot import FakeCopilot
from test_cli_asking import Command, command, copilot  # noqa: F401
from test_cli_display import shown

PATH = "/v1/runs/r1?sent=1"
LEFT = 'chat.postMessage {"channel": "C0DEV", "text": "a\\u00e9  b\\u202e"}' + " " * 3


def kept(key: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "state": "sent", "where": "slack:T0/C0DEV", "at": fake.at(-1), "reason": ""} | more


def failed(key: str, reason: str = "no such channel") -> dict[str, Any]:
    return kept(key, state="failed", where=None, reason=reason)


def told(run: dict[str, Any], *deliveries: dict[str, Any]) -> str:
    return " ".join(shown(run | {"shown": list(deliveries)}).split())


def test_where_all_was_shown_nothing_is_said_of_it() -> None:
    assert told(fake.run(), kept("progress"), kept("answer")) == told(fake.run())


def test_whom_an_approval_was_told_to_outside_the_chats_is_said_and_whom_it_was_not() -> None:
    of = "a7/1/pagerduty:oncall"
    text = told(
        fake.run(),
        kept(f"escalation/{of}"),
        failed("escalation/a7/1/mail:oncall", "not verified"),
        kept("escalation/a7/2/sns:oncall", state="unknown", reason="it did not answer"),
        kept(f"resolution/{of}"),
        failed("resolution/a7/2/sns:oncall", "refused"),
    )
    assert "Approval a7: escalated to pagerduty:oncall at " in text and "Not shown" not in text
    assert "Approval a7: not escalated to mail:oncall: not verified" in text
    assert "Approval a7: perhaps escalated to sns:oncall: it did not answer" in text
    assert "pagerduty:oncall was told at " in text and "what became of approval a7" in text
    assert "sns:oncall does not know what became of approval a7: refused" in text


def test_an_answer_that_nobody_there_has_is_said_before_it() -> None:
    text = told(fake.run(), kept("progress"), failed("answer", "the bot is not in it."))
    assert "Not shown in a chat: the answer (the bot is not in it). Nobody there has the answer: it is here." in text
    assert text.index("Nobody there") < text.index("All is well.")


def test_approvers_who_cannot_be_reached_are_named_together_with_what_to_do() -> None:
    run = fake.run("parked", approval=fake.approval())
    text = told(run, failed("approval/a7/slack:T0/UBOSS"), failed("approval/a7/slack:T0/UOTHER/again"))
    assert "Not shown in a chat: approval a7 to slack:T0/UBOSS, slack:T0/UOTHER (no such channel)." in text
    assert "Tell somebody who may approve it; they can with: devops-copilot approve a7 " in text
    decided = fake.run(approval=fake.approval("approved"))
    assert "Tell somebody" not in told(decided, failed("approval/a7/slack:T0/UBOSS"))


def test_what_was_shown_in_the_end_did_not_fail() -> None:
    one = "approval/a7/slack:T0/UBOSS"
    assert "Not shown" not in told(fake.run(), failed(one), kept(f"{one}/again"))


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("progress", "how far it is"),
        ("approval/a7", "approval a7"),
        ("approval/a7/here", "approval a7 where it was asked for"),
        ("approval/a7/nobody", "that nobody was told of approval a7"),
        ("decided/a7", "what became of approval a7"),
        ("show/a7", "all of approval a7"),
        ("answer/elsewhere", "that the answer is elsewhere"),
        ("answer/usage.png", "the answer usage.png"),
        ("notice/1f", "what one person alone was told"),
        ("notice/a7/1f", "what one person alone was told"),
        ("report", "what the owner of its schedule was told"),
        ("owner/olga", "what the owner was told to olga"),
        ("something/else", "something/else"),
        ("{part}", "{part}"),
    ],
)
def test_each_thing_that_is_shown_has_its_words(key: str, words: str) -> None:
    assert f"Not shown in a chat: {words} (why is not known)." in told(fake.run(), failed(key, ""))


def test_what_left_is_printed_byte_for_byte_under_where_and_when(copilot: FakeCopilot, command: Command) -> None:
    long = f'chat.update {{"text": "{"x" * 20_000}"}}'
    deliveries = [kept("answer", sent=[LEFT, long]), failed("approval/a7/slack:T0/UBOSS") | {"sent": []}]
    copilot.says("GET", PATH, fake.run(shown=deliveries))
    ended = command("runs", "show", "r1", "--sent")
    lines = ended.out.split("\n")
    assert ended.code == 0 and lines[0].startswith("the answer, slack:T0/C0DEV, ")
    assert lines[1:3] == [LEFT, long]
    assert lines[3].startswith("approval a7, slack:T0/UBOSS, ") and lines[4] == "not shown: no such channel"


def test_a_message_that_may_have_left_says_so(copilot: FakeCopilot, command: Command) -> None:
    unknown = kept("notify/tell/0", state="unknown", where="#ops", reason="no answer", sent=["All is off."])
    copilot.says("GET", PATH, fake.run(shown=[unknown]))
    lines = command("runs", "show", "r1", "--sent").out.split("\n")
    assert lines[0].startswith("the message of step tell, #ops, ")
    assert lines[1:3] == ["may have been sent, or not: no answer", "All is off."]


def test_nothing_that_left_moves_the_terminal(copilot: FakeCopilot, command: Command) -> None:
    copilot.says("GET", PATH, fake.run(shown=[kept("answer", sent=["\x1b[2J\u202e"])]))
    assert "\\x1b[2J\\u202e" in command("runs", "show", "r1", "--sent").out


def test_what_is_not_for_who_looks_is_said_to_be_left_out(copilot: FakeCopilot, command: Command) -> None:
    copilot.says("GET", PATH, fake.run(shown=[kept("answer")], withheld="Not shown to you is what tells of logs."))
    out = command("runs", "show", "r1", "--sent").out
    assert "Not shown to you is what tells of logs." in out and "What left is not shown to you." in out


def test_a_run_of_which_nothing_was_shown_says_so(copilot: FakeCopilot, command: Command) -> None:
    copilot.says("GET", PATH, fake.run(shown=[]))
    assert command("runs", "show", "r1", "--sent").out == "Nothing of this run was shown in a chat.\n"


def test_as_json_it_is_the_whole_run_with_what_left(copilot: FakeCopilot, command: Command) -> None:
    copilot.says("GET", "/v1/runs/r1?reasoning=1&sent=1", fake.run(shown=[kept("answer", sent=[LEFT])]))
    assert json.loads(command("runs", "show", "r1", "--sent", "--json").out)["shown"][0]["sent"] == [LEFT]
