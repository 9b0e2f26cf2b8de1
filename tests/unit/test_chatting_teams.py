"""Asked, answered, approved and narrowed in Teams: its own payloads and limits, in this process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fakes import World
from teams_world import InTeams
from test_runs import OFF_ALL

from cli.laptop.teams.world import Message
from copilot.errors import RetryableError

LIVE: dict[str, Any] = {"kinds": {"a": "production", "b": "production", "c": "production"}}
DECIDED = {"copilot.approve", "copilot.narrow", "copilot.deny"}


@pytest.fixture
def made() -> Iterator[list[InTeams]]:
    some: list[InTeams] = []
    yield some
    for one in some:
        one.teams.close()


def chat_in(made: list[InTeams], world: World | None = None, plan: dict[str, Any] = OFF_ALL) -> InTeams:
    chat = InTeams(world or World(lights={"a": True}), plan)
    made.append(chat)
    return chat


def parked(made: list[InTeams], *lights: str) -> InTeams:
    """All lights off is asked for in a channel, and waits for an approval."""
    chat = chat_in(made, World(lights=dict.fromkeys(lights, True), **LIVE))
    chat.said = chat.teams.say("dana", "#dev", "@copilot all lights off")
    chat.take()
    return chat


def with_button(chat: InTeams, place: str, verb: str) -> Message:
    """The last message there that has it."""
    return next(one for one in reversed(chat.teams.messages(place)) if one.by is None and verb in one.actions())


def test_a_mention_is_answered_in_its_reply_chain_and_a_personal_message_in_its_chat(made: list[InTeams]) -> None:
    chat = chat_in(made)
    said = chat.teams.say("dana", "#dev", "@copilot which lights are on?").message
    assert chat.teams.say("dana", "#dev", "and what do we eat?").sent.taken  # not for us
    chat.take()
    assert chat.read("#dev", said.thread)[-1] == "Off: a."
    chat.teams.say("dana", "@dana", "which lights are on?")
    chat.take()
    assert chat.read("@dana")[-1] == "Off: none."
    places = [run.trigger.answer_to for run in chat.runs]
    assert {(one.thread, one.person) for one in places if one} == {(said.thread, False), (None, True)}


def test_what_is_sent_again_is_acknowledged_and_nothing_more_comes_of_it(made: list[InTeams]) -> None:
    chat = parked(made, "a", "b")
    pressed = chat.teams.press("olga", with_button(chat, "@olga", "copilot.deny"), "copilot.deny")
    chat.take()
    id = chat.runs[0].approval_id or ""
    chat.go_on()
    said = chat.teams.send(chat.said.sent.payload)
    before = [(one.id, one.activity) for one in chat.teams.world.messages]
    for sent in (pressed, pressed, said):
        assert chat.teams.again(sent).taken
    chat.take()
    assert len(chat.runs) == 1 and chat.process.store.approval("main", id).state == "denied"
    assert [(one.id, one.activity) for one in chat.teams.world.messages] == before


def test_who_is_nobody_is_told_so_in_their_own_chat_and_nothing_in_the_channel(made: list[InTeams]) -> None:
    chat = chat_in(made)
    for who in ("you", "gast", "ada"):
        chat.teams.say(who, "#shared" if who == "ada" else "#with-guests", "@copilot a secret of mine")
    chat.take()
    assert "does not know who you are" in chat.read("@you")[0] and "#with-guests" in chat.read("@you")[0]
    assert "does nothing for guests" in chat.read("@gast")[0]
    assert chat.read("#with-guests") == chat.read("#shared") == [] and chat.runs == []


def test_where_guests_or_others_read_along_nothing_is_done(made: list[InTeams]) -> None:
    chat = chat_in(made)
    for place in ("#with-guests", "#shared"):
        chat.teams.say("dana", place, "@copilot all lights off")
        chat.take()
    assert chat.runs == [] and all("Ask me directly" in text for text in chat.read("@dana"))


def test_a_code_is_taken_in_a_personal_chat_and_refused_where_others_may_read_it(made: list[InTeams]) -> None:
    chat = chat_in(made)
    arn = "arn:aws:iam::111111111111:user/olga"
    config = chat.process.config
    people = [
        one.model_copy(update={"chat": (), "principals": (arn,)} if one.id == "olga" else {}) for one in config.people
    ]
    chat.process.config = config.model_copy(update={"people": tuple(people)})
    vars(chat.process.use_cases).pop("link", None)
    olga = people[1].person
    code = chat.process.use_cases.link.make_code(olga, arn, "teams").code  # type: ignore[union-attr]
    chat.teams.say("olga", "#dev", f"@copilot {code}")
    chat.take()
    assert "taken in a direct message only" in chat.read("@olga")[-1]
    code = chat.process.use_cases.link.make_code(olga, arn, "teams").code  # type: ignore[union-attr]
    chat.teams.say("olga", "@olga", code)
    chat.take()
    assert "You are Olga here from now on" in chat.read("@olga")[-1]
    chat.teams.say("olga", "@olga", "which lights are on?")
    chat.take()
    assert [run.trigger.person.id for run in chat.runs] == ["olga"]


def test_who_adds_the_copilot_is_greeted_once(made: list[InTeams]) -> None:
    chat = chat_in(made)
    for who in ("dana", "dana", "you"):
        chat.teams.add(who)
    chat.take()
    assert [text[:27] for text in chat.read("@dana")] == ["Ask me in your own words, s"] and chat.read("@you") == []


def test_an_approval_is_shown_and_narrowed_and_every_copy_shows_what_became_of_it(made: list[InTeams]) -> None:
    chat = parked(made, "a", "b", "c")
    card, brief = with_button(chat, "@olga", "copilot.narrow"), with_button(chat, "#dev", "copilot.show")
    assert "production" not in brief.text and set(brief.actions()) == {"copilot.show", "copilot.deny"}
    chat.teams.press("dana", brief, "copilot.show")
    chat.take()
    own = with_button(chat, "@dana", "copilot.approve")
    (ticks,) = card.inputs().values()
    titles = [one["title"] for one in ticks["choices"]]
    assert len(titles) == 3

    chat.teams.press("olga", card, "copilot.approve", titles[:1])
    chat.take()
    assert "Something is ticked to be left out" in chat.read("@olga")[-1]
    answered = chat.teams.press("olga", card, "copilot.narrow", titles[1:])
    assert answered.answer["type"] == "application/vnd.microsoft.activity.message"
    chat.take()
    approval = chat.process.store.approval("main", chat.runs[0].approval_id or "")
    assert (approval.state, [one.target for one in approval.left_out]) == ("approved", ["b", "c"])
    for copy in (card, brief, own):
        assert "Approved by Olga" in copy.text and not DECIDED & copy.actions().keys() and copy.changed
    chat.go_on()
    assert chat.process.store.run("main", chat.runs[0].run_id).status == "answered"


def test_an_approval_with_a_hundred_calls_is_shown_within_the_limits(made: list[InTeams]) -> None:
    """The judge of the laptop's Teams refuses what is too large."""
    lights = [f"light-{number:03}" for number in range(100)]
    chat = chat_in(made, World(lights=dict.fromkeys(lights, True), kinds=dict.fromkeys(lights, "production")))
    chat.teams.say("dana", "#dev", "@copilot all lights off")
    chat.take()
    cards = [one for one in chat.teams.messages("@olga") if one.by is None]
    assert (
        len(cards) > 1
        and {"copilot.approve", "copilot.deny"} <= with_button(chat, "@olga", "copilot.approve").actions().keys()
    )
    (ticks,) = with_button(chat, "@olga", "copilot.narrow").inputs().values()
    assert len(ticks["choices"]) == 100
    chat.teams.press("olga", with_button(chat, "@olga", "copilot.deny"), "copilot.deny")
    chat.take()
    assert all("Denied by Olga" in one.text for one in cards) and not any(one.actions() for one in cards)


def test_what_teams_takes_no_more_of_comes_again(made: list[InTeams]) -> None:
    chat = chat_in(made)
    chat.teams.say("dana", "@dana", "which lights are on?")
    chat.teams.fail(429, "TooManyRequests", retry_after=1, of="POST")
    with pytest.raises(RetryableError):
        chat.take()


def test_a_file_is_read_along(made: list[InTeams]) -> None:
    chat = chat_in(made)
    chat.teams.say("dana", "@dana", "what is wrong?", files=[("Dockerfile", b"FROM scratch"), ("x.png", b"\x89")])
    chat.take()
    (run,) = chat.runs
    assert [(one.name, one.text) for one in run.trigger.attachments] == [("Dockerfile", "FROM scratch")]
    assert any("Not read: x.png (only text files are read). The rest was." in text for text in chat.read("@dana"))
