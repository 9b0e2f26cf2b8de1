"""What somebody sees of their page in a terminal."""

from __future__ import annotations

import re
from typing import Any

from fake_copilot import FakeCopilot
from test_cli_asking import Command, command, copilot  # noqa: F401

AT, LATER, NEXT = "2026-03-02T09:00:00Z", "2026-03-02T18:00:00Z", "2026-03-03T07:00:00Z"
HOME: dict[str, Any] = {
    "person": "Olga",
    "at": AT,
    "zone": "UTC",
    "sees_all": True,
    "frozen": ["everything is frozen by Olga since 02 Mar 09:00 UTC: «\x1b[2Ja release»"],
    "runs": [
        {
            "id": "r1",
            "request": "stop\nall\x1b[2J",
            "by": "Dana",
            "since": AT,
            "state": "parked",
            "waits_for": ["Olga"],
        },
        {"id": "r2", "request": "which are idle?", "by": "Olga", "own": True, "since": AT, "state": "running"},
    ],
    "approvals": [{"id": "a1", "request": "stop all", "by": "Dana", "would": "stop environment: blue", "until": LATER}],
    "questions": [{"run_id": "r3", "request": "stop basket", "choices": ["stop basket-dev"]}],
    "schedules": [
        {
            "id": "s000000001",
            "title": "Stop all development environments every day at 18:00 UTC",
            "by": "Dana",
            "action": "stop",
            "at": LATER,
            "may": "ask",
            "stops": [{"environment": "red", "at": LATER, "until": NEXT}],
        },
        {"id": "s000000002", "title": "Stop red", "by": "Olga", "own": True, "paused": True, "may": "allow"},
    ],
    "kept": ["«blue»: kept until Tue"],
    "rights": ["You may look at everything."],
    "requests": ["How is red?"],
    "more": {"runs": 3, "schedules": 2},
}


def test_it_is_told_with_the_commands_that_do_what_is_pressed_elsewhere(copilot: FakeCopilot, command: Command) -> None:
    copilot.says("GET", "/v1/home", HOME)
    ended = command("home")
    assert ended.code == 0 and "\x1b" not in ended.out
    told = re.sub(r" +", " ", re.sub(r"\S*/devops-copilot", "devops-copilot", ended.out))
    for said in (
        "waits for an approval by Olga; asked by Dana",
        "is at work; asked by you",
        "devops-copilot runs show r2\n",
        "and 3 more: devops-copilot runs --all\n",
        "devops-copilot approve a1 or devops-copilot deny a1\n",
        "stop basket-dev",
        "pause it, by an approval devops-copilot ask 'pause schedule s000000001'\n",
        "devops-copilot ask 'keep red until tomorrow 07:00'\n",
        "resume it devops-copilot ask 'resume schedule s000000002'\n",
        "and 2 more: devops-copilot schedules\n",
        "devops-copilot ask 'How is red?'\n",
    ):
        assert said in told, told


def test_where_there_is_nothing_it_says_so(copilot: FakeCopilot, command: Command) -> None:
    copilot.says("GET", "/v1/home", {"person": "Olga", "at": AT, "zone": "UTC"})
    ended = command("home")
    assert ended.out.count("Nothing.\n") == 2 and "None of yours, and none for what is yours." in ended.out
    assert "Frozen" not in ended.out and "could say" not in ended.out
