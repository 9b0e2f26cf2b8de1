"""What somebody sees who freezes, thaws and looks at what is frozen."""

from __future__ import annotations

from fake_copilot import FakeCopilot
from test_cli_asking import Command, command, copilot  # noqa: F401

FROZEN = {
    "scope": {"of": "environment", "name": "shop-live"},
    "reason": "payments are\x1b[2J down",
    "by": {"id": "olga", "name": "Olga", "roles": ["operator"]},
    "at": "2026-03-02T09:00:00Z",
}
ALL = FROZEN | {"scope": {"of": "all", "name": ""}}


def test_what_is_frozen_is_said_with_the_command_that_thaws_it(copilot: FakeCopilot, command: Command) -> None:
    copilot.says("GET", "/v1/freezes", {"freezes": [FROZEN, ALL]})
    ended = command("freezes")
    assert ended.out.startswith("environment shop-live\n")
    assert "Olga (olga)" in ended.out and "\x1b" not in ended.out
    assert "devops-copilot thaw environment shop-live\n" in ended.out
    assert "devops-copilot thaw all\n" in ended.out


def test_freezing_says_what_that_means_and_how_it_ends(copilot: FakeCopilot, command: Command) -> None:
    copilot.says("POST", "/v1/freezes", FROZEN)
    ended = command("freeze", "environment", "shop-live", "--reason", "payments are down")
    assert copilot.asked("POST", "/v1/freezes") == [
        {"scope": "environment", "name": "shop-live", "reason": "payments are down"}
    ]
    assert ended.out.startswith("Environment shop-live is frozen: ")
    assert ended.out.rstrip().endswith("devops-copilot thaw environment shop-live")


def test_thawing_says_that_what_was_kept_back_is_to_be_asked_anew(copilot: FakeCopilot, command: Command) -> None:
    copilot.says("POST", "/v1/freezes/thaw", ALL)
    assert "Everything is thawed: " in command("thaw", "all").out
    assert copilot.asked("POST", "/v1/freezes/thaw") == [{"scope": "all", "name": ""}]


def test_a_scope_without_its_name_is_asked_for_before_anything_is_sent(copilot: FakeCopilot, command: Command) -> None:
    for words in ("freeze account --reason x", "thaw person", "freeze all shop --reason x", "freeze all"):
        assert command(*words.split()).code == 2
    assert copilot.calls == []
