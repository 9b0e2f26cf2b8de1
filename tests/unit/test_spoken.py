"""What machines write in ways of their own, as people read it."""

from __future__ import annotations

import re

import pytest
from test_firing import Setting

from copilot.plans.templates import render_answer
from copilot.text.spoken import time_spoken, tool_spoken
from copilot.tools.registry import Registry


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-03-02T18:00:00.123456+00:00", "2026-03-02 18:00 UTC"),
        ("2026-03-02T18:00:00Z", "2026-03-02 18:00 UTC"),
        ("2026-03-02T18:00+01:00", "2026-03-02 18:00 +01:00"),
        ("2026-03-02T18:00:00", "2026-03-02 18:00"),
        *((text, text) for text in ("2026-03-02", "at 2026-03-02T18:00:00Z", "web", "", "T18:00")),
    ],
)
def test_a_time_is_read_to_the_minute(written: str, read: str) -> None:
    assert time_spoken(written) == read
    assert render_answer("since {x.at}", {"x": {"at": written or "-"}}) == f"since {read or '-'}"


def test_a_tool_is_words() -> None:
    assert tool_spoken("scale_resource@1") == tool_spoken("scale_resource") == "scale resource"


@pytest.mark.parametrize(
    "text",
    ["stop environment blu", "stop environment red", "what would happen if I stopped red?", "restart web in red"],
)
def test_no_answer_names_a_tool_as_machines_do(text: str) -> None:
    setting = Setting()
    setting.people = {"ana": ()}
    names = "|".join(name for name in Registry().names() if "_" in name)
    for person in ("ana", "dana"):
        answer = setting.ask(text, person)["answer"]
        assert not re.search(rf"\b({names})\b", answer), answer
