"""The Teams of the laptop, as far as nothing else tries it: its page, and what it refuses of whoever acts in it."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import urlopen

import pytest

from cli.laptop.teams import Message, Teams
from copilot.adapters.teams import cards
from copilot.domain import Button, Buttons, Choice, Choices, Columns, Heading, Shown, ShownStep, Steps, Words

APPROVE = Button(action="approve", about="a-1", label="Approve <b>", weight="primary")
EVERYTHING = Shown(
    brief="b",
    parts=(
        Heading(text="Title"),
        Words(text="<script>alert(1)</script>"),
        Columns(text="a   b"),
        Steps(title="At work", steps=(ShownStep(id="a", title="stop", mark="done"),)),
        Choices(label="Leave out", choices=(Choice(value="x", label="x"),), button=APPROVE),
        Buttons(buttons=(APPROVE,)),
    ),
)


@pytest.fixture
def teams() -> Iterator[Teams]:
    with Teams() as one:
        yield one


def read(teams: Teams, place: str) -> str:
    with urlopen(f"{teams.url}/page?place={quote(place)}", timeout=5) as reply:
        assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
        return str(reply.read().decode())


def test_its_page_shows_what_stands_in_a_conversation_and_nothing_of_it_acts(teams: Teams) -> None:
    said = teams.say("you", "#dev", "@copilot <img src=x onerror=alert(1)>").message
    for activity in cards.messages(EVERYTHING):
        teams.world.said(teams.world.new_id(), said.conversation, said.thread, None, activity)
    page = read(teams, "#dev")
    assert "&lt;script&gt;" in page and "Approve &lt;b&gt;" in page and "&lt;img" in page
    assert "<script" not in page and "<img" not in page and "@copilot" in page
    assert "You Yourself" in page and read(teams, "@you").count("said") == 1  # that of the style


def test_there_is_no_page_of_what_is_not_there(teams: Teams) -> None:
    for place in ("#nowhere", "@nobody", ""):
        with pytest.raises(HTTPError):
            read(teams, place)


def test_a_button_that_is_not_there_cannot_be_pressed(teams: Teams) -> None:
    (activity,) = cards.messages(EVERYTHING)
    message = Message("1", teams.world.conversation("@you"), None, None, activity)
    with pytest.raises(KeyError):
        teams.press("you", message, "copilot.deny")
    with pytest.raises(KeyError):
        teams.press("you", message, "copilot.approve", ["something else"])
