"""What somebody sees of what is remembered for them."""

from __future__ import annotations

from typing import Any

from fake_copilot import FakeCopilot
from test_cli_asking import Command, command, copilot  # noqa: F401

ANA = {"id": "ana", "name": "Ana", "roles": ["reader"]}


def fact(subject: str, attribute: str, kind: str, value: str, **more: Any) -> dict[str, Any]:
    said = {"kind": kind, "value": value, "run": "r1", "author": ANA, "at": "2026-11-12T09:00:00Z"}
    return {"subject": subject, "attribute": attribute, "fact": said, "before": []} | more


WAS = {
    "value": "basket",
    "author": "ana",
    "at": "2026-11-10T09:00:00Z",
    "until": "2026-11-12T09:00:00Z",
    "ended": "superseded",
}
FACTS = {
    "own": [
        fact("checkout", "means", "alias", "storefront", before=[WAS]),
        fact("4f2a", "says", "note", "it is slow [red]on Mondays[/red]"),
        fact("till", "means", "alias", "x", fact=None),
        fact("changes of live", "excluded", "exclusion", "changes of live are off limits on Fridays (UTC)"),
        fact("stops of live", "tells", "companion", "stops of live are told to #ops"),
    ],
    "shared": [fact("shop", "means", "alias", "basket")],
}


def test_what_is_remembered_is_listed_with_how_to_have_it_forgotten(copilot: FakeCopilot, command: Command) -> None:
    copilot.says("GET", "/v1/facts", FACTS)
    shown = command("facts").out
    assert command("facts", "list").out == shown
    assert "checkout means storefront\n" in shown and "devops-copilot facts forget checkout\n" in shown
    assert "it is slow [red]on Mondays[/red]\n" in shown and "facts forget that it is slow" in shown
    assert "shop means basket, for everybody\n" in shown and "till" not in shown
    assert "\nchanges of live are off limits on Fridays (UTC)\n" in shown
    assert (
        "\nstops of live are told to #ops\n" in shown and "facts forget that stops of live are told to '#ops'" in shown
    )


def test_one_is_shown_with_what_it_was_before(copilot: FakeCopilot, command: Command) -> None:
    copilot.says("GET", "/v1/facts", FACTS)
    assert "basket, by ana from 10 Nov 2026" in command("facts", "show", "Checkout").out
    assert command("facts", "show", "till").out == "till: nothing any more\n"
    assert command("facts", "show", "shop").out.startswith("shop means basket, for everybody\n")
    refused = command("facts", "show", "nowhere")
    assert refused.code == 2 and "Nothing is remembered of nowhere" in refused.err


def test_nothing_is_said_to_be_nothing(copilot: FakeCopilot, command: Command) -> None:
    copilot.says("GET", "/v1/facts", {"own": [], "shared": []})
    assert command("facts").out == "Nothing is remembered of yours. Say it: devops-copilot ask remember that …\n"


def test_forgetting_is_a_run_and_says_what(copilot: FakeCopilot, command: Command) -> None:
    for words, text in (
        (["checkout"], "forget checkout"),
        (["that", "it is slow"], "forget that it is slow"),
        (["--all"], "forget me"),
    ):
        command("facts", "forget", *words, "--no-wait")
        assert copilot.asked("POST", "/v1/runs")[-1]["text"] == text
    for wrong in ([], ["checkout", "--all"]):
        ended = command("facts", "forget", *wrong)
        assert ended.code == 2 and "Say what is to be forgotten" in ended.err
    assert len(copilot.asked("POST", "/v1/runs")) == 3
