"""`devops-copilot spend` on a page: the total, its parts, what is left of the caps and what is nearly used up."""

from __future__ import annotations

from typing import Any

import pytest
from fake_copilot import FakeCopilot
from test_cli_asking import Command, command, copilot  # noqa: F401

from cli.main import main

SHEET: dict[str, Any] = {
    "since": "2026-11-01",
    "until": "2026-11-30",
    "time_zone": "UTC",
    "by": "person",
    "dollars": 3.75,
    "calls": 41,
    "lines": [
        {"name": "ann", "dollars": 2.5, "calls": 30},
        {"name": "others", "dollars": 1.25, "calls": 11},
    ],
    "caps": [
        {
            "setting": "caps.person.models.day_dollars",
            "words": "the $2.00 a day for models of person ann",
            "used": "$1.70",
            "left": "$0.30",
            "percent": 85,
            "until": "Tue 1 Dec 00:00 UTC",
        }
    ],
    "withheld": "who spent what is shown to operators and approvers",
}


def test_a_day_that_is_none_is_said_with_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["spend", "--since", "yesterday"])
    assert "a day is written as 2026-11-30, which 'yesterday' is not" in capsys.readouterr().err


def test_it_is_laid_out_with_what_is_left(copilot: FakeCopilot, command: Command) -> None:
    copilot.says("GET", "/v1/spend?by=person&since=2026-11-01", SHEET)
    shown = command("spend", "--by", "person", "--since", "2026-11-01")
    assert shown.code == 0
    for said in (
        "From 1 Nov 2026 to 30 Nov 2026 (UTC): $3.75 in 41 paid calls.",
        "ann     $2.50  30 paid calls",
        "85% !  $1.70 of the $2.00 a day for models of person ann  until Tue 1 Dec 00:00 UTC",
        "Who spent what is shown to operators and approvers.",
    ):
        assert said in shown.out


def test_of_nothing_it_says_so(copilot: FakeCopilot, command: Command) -> None:
    nothing = SHEET | {"dollars": 0, "calls": 0, "lines": [], "caps": [], "withheld": "", "since": "2026-11-30"}
    copilot.says("GET", "/v1/spend?by=kind", nothing)
    shown = command("spend")
    assert shown.out.startswith("On 30 Nov 2026 (UTC): $0.00 in 0 paid calls.") and "caps" not in shown.out
