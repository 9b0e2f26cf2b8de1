"""Somebody's page: what runs, what waits for them, what comes by itself, what they may do; on it and said in a chat."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from chat_world import CHANNEL, HOME, Chat, text_of, user
from fakes import World
from memory_schedules import MemorySchedules
from slack_events import said_by
from test_stops_told import Evening, environment, schedule

from copilot.adapters.discord import components
from copilot.adapters.slack import blocks
from copilot.adapters.teams import cards
from copilot.answering.chat.at_home import BURST
from copilot.answering.chat.following import NOT_YOURS
from copilot.answering.chat.home import in_lines, shown
from copilot.domain import ABOUT_HOME, Button, ChatPerson, Focus, Known, KnownEnvironment, Person, Shown
from copilot.edges.run_views import view_run
from copilot.edges.withholding import Seer
from copilot.planning.putting_off import NOT_LATER

LIVE: dict[str, Any] = {"kinds": {"a": "production", "b": "production"}}
OPS = {"olga": ("developer", "operator", "approver")}


class AtHome(Evening):
    """What is said is heard; Olga owns red."""

    def __init__(self, *schedules: Any, known: Sequence[KnownEnvironment] = (environment("red"),)) -> None:
        super().__init__(*schedules, known=known)
        self.chat = Chat(World(), plan=None, process=self.setting.runner())
        self.use_cases = self.chat.process.use_cases
        self.people(olga=("developer",))
        vars(self.use_cases).update(schedules=self.setting.schedules, inventory=self.inventory)

    def open(self, by: str = "UBOSS") -> str:
        self.chat.open_home(by)
        self.chat.show()
        return text_of(self.chat.home(by).parts)

    def published(self, by: str = "UBOSS") -> int:
        return len(self.chat.chat.homes.get(user(by), []))


def buttons(page: Shown) -> list[Button]:
    return [one for part in page.parts if part.kind == "buttons" for one in part.buttons]


def labels(page: Shown) -> list[str]:
    return [one.label for one in buttons(page)]


def section(text: str, title: str) -> str:
    """What stands under a heading."""
    titles = ["Frozen", "What runs", "Waits for you", "Schedules", "What you may do", "What you could say"]
    lines = text.splitlines()
    rest = lines[lines.index(title) + 1 :]
    end = next((n for n, line in enumerate(rest) if line in titles), len(rest))
    return "\n".join(rest[:end])


def parked(**roles: tuple[str, ...]) -> Chat:
    """Dana asks for what Olga may approve; nobody decides."""
    chat = Chat(World(lights={"a": True, "b": True}, **LIVE))
    vars(chat.process.use_cases).update(schedules=MemorySchedules())
    chat.say("all lights off")
    chat.work()
    config = chat.process.config
    chat.process.config = config.model_copy(
        update={
            "people": tuple(one.model_copy(update={"roles": roles.get(one.id, one.roles)}) for one in config.people)
        }
    )
    return chat


def opened(chat: Chat, by: str) -> str:
    chat.open_home(by)
    chat.show()
    return text_of(chat.home(by).parts)


# --- what it shows ---------------------------------------------------------------------------------


def test_it_shows_what_runs_and_what_waits_for_whom_with_buttons_for_who_may_decide() -> None:
    chat = parked()
    asker, decides = opened(chat, "UASKER"), opened(chat, "UBOSS")
    assert "“all lights off”\nwaits for an approval by Olga, Omar until" in section(asker, "What runs")
    assert "asked by you" in section(asker, "What runs")
    assert section(asker, "Waits for you") == "Nothing."
    assert "Dana asks: “all lights off”\nswitch off: production" in section(decides, "Waits for you")
    assert labels(chat.home("UBOSS")) == ["Show everything", "Approve", "Deny"]
    assert labels(chat.home("UASKER")) == []


def test_runs_of_others_are_for_who_may_list_all() -> None:
    chat = parked(olga=("approver",), omar=("reader",))
    assert "asked by Dana" in section(opened(chat, "UBOSS"), "What runs")
    assert section(opened(chat, "UOTHER"), "What runs") == "Nothing."
    assert section(opened(chat, "UOTHER"), "Waits for you") == "Nothing."


def test_who_has_no_role_is_shown_nothing_of_it() -> None:
    chat = parked(omar=())
    text = opened(chat, "UOTHER")
    assert text.startswith("Omar has no role in this copilot's configuration.")
    assert "lights" not in text and labels(chat.home("UOTHER")) == []


def test_schedules_are_theirs_and_those_for_what_is_theirs_with_what_they_may_do() -> None:
    production = schedule(3, owner="dana", kinds=("production",), kind="production")
    at_home = AtHome(schedule(1), schedule(2, owner="olga", kinds=("staging",), kind="staging"), production)
    told = section(at_home.open(), "Schedules").splitlines()
    assert told[1::2] == ["yours, next stops 18:00", "of Dana, next stops 18:00"]
    there = buttons(at_home.chat.home("UBOSS"))
    assert [(one.action, one.label) for one in there] == [
        ("pause", "Pause"),
        ("keep", "Keep mine this once"),
        ("pause", "Pause"),
    ]
    assert "It waits for an approval first." in there[0].asks and "approval" not in there[2].asks
    at_home.people(olga=("reader",))
    at_home.setting.clock.at += BURST
    at_home.open()
    assert labels(at_home.chat.home("UBOSS")) == ["Keep mine this once"]


def test_what_is_frozen_stands_there_first() -> None:
    at_home = AtHome(schedule())
    at_home.people(olga=("operator", "approver"))
    olga = at_home.chat.process.config.current(Person(id="olga", name="Olga"))
    at_home.use_cases.freezing.freeze(olga, "all", "", "a release")
    at_home.open()
    text = text_of(at_home.chat.home("UBOSS").parts)
    assert "everything is frozen by Olga since" in section(text, "Frozen")


def test_a_question_that_is_open_stands_there_until_it_is_answered() -> None:
    at_home = AtHome(known=[environment("red"), environment("redder")])
    at_home.chat.say("stop rd", by="UBOSS")
    at_home.chat.work()
    assert "I asked you back about “stop rd”" in section(at_home.open(), "Waits for you")
    at_home.setting.clock.at += timedelta(hours=5)
    assert section(at_home.open(), "Waits for you") == "Nothing."


def test_of_each_list_a_few_are_shown_and_the_others_counted() -> None:
    at_home = AtHome(*(schedule(number, owner="olga") for number in range(1, 9)))
    text = section(at_home.open(), "Schedules")
    assert "and 3 more: devops-copilot schedules" in text and labels(at_home.chat.home("UBOSS")).count("Pause") == 5


@pytest.mark.parametrize("roles", [("reader",), ("developer",), ("operator", "approver"), ("approver",)])
def test_each_of_its_three_requests_is_heard_and_may_be_asked_for(roles: tuple[str, ...]) -> None:
    known = [environment("red"), environment("orchard-live", kind="production", owner="dana")]
    at_home = AtHome(known=known)
    at_home.people(olga=roles)
    person = at_home.chat.process.config.current(Person(id="olga", name="Olga"))
    requests = at_home.use_cases.home(person).requests
    hear, there = at_home.use_cases.hear, Known(environments=tuple(known))
    rights = hear.rights_of(person)
    assert len(requests) == (3 if rights.looks else 0)
    for request in requests:
        now = at_home.setting.clock.now()
        present = hear.present(_asked(at_home, request, person))
        match = hear.intents.match(request, Focus(), present, there)
        assert match is not None and now is not None
        frame = next(hear.intents.frames(request, present, there))
        action = next(one for one in hear.intents.actions if one.action == frame.action)
        assert not action.changes or any(outcome != "deny" for outcome in rights.changes.values())
        revision = hear(_asked(at_home, request, person), Focus())
        assert revision is not None and revision.plan.steps
        assert any(one.name in request for one in known) or not action.changes


def _asked(at_home: AtHome, text: str, person: Person) -> Any:
    from copilot.domain import Asked, Trigger

    asked = Asked(text=text, dedupe_key=text)
    return Trigger.asked(asked, "main", person, at_home.setting.clock.now())


def test_what_it_says_can_be_said_is_heard() -> None:
    paused = schedule(2, owner="olga", paused=True)
    at_home = AtHome(schedule(), paused)
    person = at_home.chat.process.config.current(Person(id="olga", name="Olga"))
    lines = [line for line in in_lines(at_home.use_cases.home(person)).splitlines() if ". Say " in line]
    said = [one for line in lines for one in re.findall("“([^”]+)”", line.partition(". Say ")[2])]
    assert said == ["resume schedule s000000002", "pause schedule s000000001", "keep red until tomorrow 07:00"]
    for text in said:
        revision = at_home.use_cases.hear(_asked(at_home, text, person), Focus())
        assert revision is not None and [step.tool for step in revision.plan.steps][-1] in {
            "resume_schedule",
            "pause_schedule",
            "keep_environment",
        }


@pytest.mark.parametrize("words", ["every morning at 8 show me my day", "tomorrow at 8 tell me what waits for me"])
def test_it_is_put_on_no_schedule_and_that_is_said(words: str) -> None:
    at_home = AtHome()
    person = at_home.chat.process.config.current(Person(id="olga", name="Olga"))
    revision = at_home.use_cases.hear(_asked(at_home, words, person), Focus())
    assert revision is not None and revision.plan.say == NOT_LATER


@pytest.mark.parametrize("messages", [blocks.messages, cards.messages, components.messages])
def test_every_platform_lays_out_all_that_can_be_pressed(messages: Callable[[Shown], Sequence[Any]]) -> None:
    at_home = AtHome(*(schedule(number, owner="olga") for number in range(1, 9)))
    page = shown(at_home.use_cases.home(Person(id="olga", name="Olga")))
    told = json.dumps([*messages(page)])
    pauses = [one.about for one in buttons(page) if one.action == "pause"]
    assert len(pauses) == 5 and all(about in told for about in pauses) and "Keep mine this once" in told


def test_nothing_from_outside_calls_or_links() -> None:
    hostile = "<!channel> https://evil.example \u202egnp"
    known = [environment("red"), environment(hostile, kind="preview")]
    at_home = AtHome(schedule(kinds=("development", "preview")), known=known)
    at_home.chat.say(f"stop {hostile}", by="UBOSS")
    at_home.open()
    text = at_home.chat.home("UBOSS").model_dump_json()
    assert "\u202e" not in text and "https://evil" not in text


def test_who_looks_at_a_run_that_said_it_does_not_see_what_it_said() -> None:
    at_home = AtHome(schedule(owner="olga"))
    at_home.chat.say("home", by="UBOSS", where=at_home.chat.chat.direct(user("UBOSS")))
    at_home.chat.work()
    (run,) = at_home.chat.runs
    store, now = at_home.chat.process.store, at_home.setting.clock.now()

    def seen(id: str, *roles: str) -> Any:
        seer = Seer(Person(id=id, name=id, roles=roles), at_home.use_cases.policy, at_home.use_cases.registry)
        return view_run(store, "main", run.run_id, now, seer=seer)["answer"]

    assert run.about == ABOUT_HOME and seen("dana", "developer") is None
    assert "Schedules:" in seen("olga", "developer") and "Schedules:" in seen("omar", "operator")


def test_a_question_to_another_in_the_same_thread_is_not_theirs() -> None:
    at_home = AtHome(known=[environment("red"), environment("redder")])
    at_home.people(dana=("developer",))
    for by in ("UBOSS", "UASKER"):
        at_home.chat.say("stop rd", by=by, where=replace_thread("7.1"))
        at_home.chat.work()
    assert section(at_home.open(), "Waits for you") == "Nothing."
    assert "I asked you back" in section(at_home.open("UASKER"), "Waits for you")


def test_what_no_run_waits_for_any_more_waits_for_nobody() -> None:
    chat = parked()
    store, (run,) = chat.process.store, chat.runs
    went_on = run.model_copy(update={"wave": run.wave + 1, "advanced": None})
    store.save_wave(went_on, [], None, [])
    assert section(opened(chat, "UBOSS"), "Waits for you") == "Nothing."


def test_who_has_several_users_sees_the_same_as_each() -> None:
    at_home = AtHome(schedule(owner="olga"))
    config = at_home.chat.process.config
    olga = config.known("olga")
    assert olga is not None
    two = olga.model_copy(update={"chat": (*olga.chat, user("UOLGA2").address)})
    others = tuple(one for one in config.people if one.id != "olga")
    at_home.chat.process.config = config.model_copy(update={"people": (*others, two)})
    at_home.chat.chat.people[user("UOLGA2")] = ChatPerson(name="olga too")
    assert at_home.open("UOLGA2") == at_home.open()
    at_home.chat.press_at_home("pause", "s000000001", "UOLGA2")
    at_home.chat.work()
    assert at_home.chat.chat.to("UOLGA2") and "paused" in text_of(at_home.chat.home("UOLGA2").parts)


# --- when it is shown ------------------------------------------------------------------------------


def test_a_burst_of_opens_is_one_page_and_a_later_one_another() -> None:
    at_home = AtHome()
    for _ in range(4):
        at_home.chat.open_home("UBOSS")
    at_home.chat.show()
    at_home.open()
    assert at_home.published() == 1
    at_home.setting.clock.at += BURST
    at_home.open()
    assert at_home.published() == 2


def test_a_delivery_that_comes_again_shows_nothing_again() -> None:
    at_home = AtHome()
    for _ in range(2):
        at_home.chat.open_home("UBOSS", key="Ev1")
        at_home.chat.show()
    assert at_home.published() == 1


def test_what_was_changed_meanwhile_is_shown_all_the_same() -> None:
    at_home = AtHome()
    at_home.open()
    at_home.setting.clock.at += BURST
    at_home.chat.chat.moved.add(user("UBOSS"))
    at_home.open()
    assert at_home.published() == 2


@pytest.mark.parametrize(
    ("by", "who"),
    [
        ("UNOBODY", ChatPerson(name="x")),
        ("UGUEST", ChatPerson(name="x", guest=True)),
        ("UELSE", ChatPerson(name="x", external=True)),
        ("UBOT", ChatPerson(name="x", bot=True)),
    ],
)
def test_who_is_nobody_sees_why_and_nothing_else(by: str, who: ChatPerson) -> None:
    chat = parked()
    chat.chat.people[user(by)] = who
    text = opened(chat, by)
    (part,) = chat.home(by).parts
    assert part.kind == "words" and "lights" not in text and "schedule" not in text
    assert (by != "UNOBODY") or "devops-copilot link slack" in text


def test_one_of_another_organisation_is_nobody_whoever_they_are_here() -> None:
    chat = parked()
    chat.open_home("UBOSS", external=True)
    chat.show()
    assert "lights" not in text_of(chat.home("UBOSS").parts)


# --- what is pressed there -------------------------------------------------------------------------


def test_pause_is_a_run_of_who_presses_answered_directly_and_the_page_shows_it() -> None:
    at_home = AtHome(schedule(owner="olga"))
    at_home.open()
    (pause,) = [one for one in buttons(at_home.chat.home("UBOSS")) if one.action == "pause"]
    at_home.chat.press_at_home(pause.action, pause.about, "UBOSS")
    at_home.chat.show()
    assert "“pause schedule s000000001”\nis " in section(text_of(at_home.chat.home("UBOSS").parts), "What runs")
    at_home.chat.work()
    (run,) = at_home.chat.runs
    assert (run.trigger.text, run.trigger.person.id, run.outcome) == ("pause schedule s000000001", "olga", "succeeded")
    assert at_home.setting.schedules.schedules()[0].paused
    (answer,) = [one for one in at_home.chat.chat.messages if one.text and "paused" in one.text]
    assert answer.where.place == "DUBOSS"
    assert "paused" in section(text_of(at_home.chat.home("UBOSS").parts), "Schedules")
    assert "Resume" in labels(at_home.chat.home("UBOSS"))


def test_who_is_somebody_else_by_then_is_not_shown_what_it_came_to() -> None:
    at_home = AtHome(schedule(owner="olga"))
    at_home.open()
    at_home.chat.press_at_home("pause", "s000000001", "UBOSS")
    at_home.chat.show()
    config, before = at_home.chat.process.config, at_home.published()
    people = tuple(one.model_copy(update={"chat": ()}) for one in config.people)
    at_home.chat.process.config = config.model_copy(update={"people": people})
    at_home.chat.work()
    assert at_home.setting.schedules.schedules()[0].paused and at_home.published() == before


def test_a_press_that_comes_again_is_one_run() -> None:
    at_home = AtHome(schedule(owner="olga"))
    for _ in range(2):
        at_home.chat.press_at_home("pause", "s000000001", "UBOSS", key="Pr1")
    assert len(at_home.chat.runs) == 1


def test_keep_spares_what_the_page_showed_and_nobody_else_can_press_it() -> None:
    at_home = AtHome(schedule(), known=[environment("red"), environment("blue", owner="zoe")])
    at_home.people(omar=("developer",))
    at_home.open()
    (keep,) = [one for one in buttons(at_home.chat.home("UBOSS")) if one.action == "keep"]
    assert "red" in keep.asks and "blue" not in keep.asks
    at_home.chat.press_at_home("keep", keep.about, "UOTHER")
    at_home.chat.work()
    assert not at_home.keeps()
    at_home.chat.press_at_home("keep", keep.about, "UBOSS")
    at_home.chat.work()
    assert list(at_home.keeps()) == ["red"]
    text = section(text_of(at_home.chat.home("UBOSS").parts), "Schedules")
    assert "«red»: kept until" in text or "red: kept until" in text
    assert "Keep mine this once" not in labels(at_home.chat.home("UBOSS"))


def test_one_keep_spares_all_that_is_stopped_at_one_time_whichever_schedules_stop_it() -> None:
    named: dict[str, Any] = {"kinds": (), "environments": ("live",), "kind": "production"}
    known = [environment("red"), environment("live", kind="production")]
    at_home = AtHome(schedule(), schedule(2, owner="omar", **named), known=known)
    at_home.open()
    (keep,) = [one for one in buttons(at_home.chat.home("UBOSS")) if one.action == "keep"]
    assert "red, live" in keep.asks
    at_home.chat.press_at_home("keep", keep.about, "UBOSS")
    at_home.chat.work()
    assert [run.trigger.text.partition(" until")[0] for run in at_home.chat.process.store.recent_runs("main")] == [
        "Keep live, red"
    ]


def test_approve_there_decides_what_was_shown_directly_and_the_page_shows_it() -> None:
    chat = parked()
    opened(chat, "UBOSS")
    approve = next(one for one in buttons(chat.home("UBOSS")) if one.action == "approve")
    chat.press_at_home("approve", approve.about, "UBOSS")
    chat.show()
    assert chat.process.store.approval("main", approve.about).decided_by == "olga"
    assert section(text_of(chat.home("UBOSS").parts), "Waits for you") == "Nothing."


def test_what_nobody_may_press_is_said_to_them_directly_and_changes_nothing() -> None:
    chat = parked()
    opened(chat, "UBOSS")
    approve = next(one for one in buttons(chat.home("UBOSS")) if one.action == "approve")
    chat.press_at_home("approve", approve.about, "UASKER")
    chat.show()
    assert chat.process.store.approval("main", approve.about).decided_by is None
    assert chat.chat.to("UASKER")[-1].text


# --- what is said ----------------------------------------------------------------------------------


ASKED = ["home", "what's going on?", "what waits for me?", "show me my day", "what's on my plate?"]
ASKED += ["anything waiting on me?", "what needs my approval?", "what's pending?", "list approvals"]


@pytest.mark.parametrize("words", ASKED)
def test_asked_for_in_words_it_is_answered_with_the_same_and_directly_where_others_read(words: str) -> None:
    at_home = AtHome(schedule(owner="olga"))
    at_home.open()
    at_home.chat.say(words, by="UBOSS", where=replace_thread("7.1"))
    at_home.chat.work()
    answer = at_home.chat.chat.to("UBOSS")[-1]
    assert answer.buttons()[-1] == "Pause" and "Schedules" in answer.text
    assert all("Schedules" not in one.text for one in at_home.chat.chat.messages if one.where.place == CHANNEL.place)


def replace_thread(thread: str) -> Any:
    return CHANNEL.model_copy(update={"thread": thread})


def test_pressed_in_the_answer_it_is_asked_for_there() -> None:
    at_home = AtHome(schedule(owner="olga"))
    at_home.chat.say("home", by="UBOSS", where=at_home.chat.chat.direct(user("UBOSS")))
    at_home.chat.work()
    at_home.chat.press("pause", "s000000001", "UBOSS")
    at_home.chat.work()
    assert at_home.setting.schedules.schedules()[0].paused and not at_home.published()


def test_kept_in_a_message_nothing_is_shown_at_a_home_that_nobody_opened() -> None:
    at_home = AtHome(schedule())
    at_home.chat.say("home", by="UBOSS", where=at_home.chat.chat.direct(user("UBOSS")))
    at_home.chat.work()
    (keep,) = [one for one in buttons(at_home.chat.chat.to("UBOSS")[-1].shown) if one.action == "keep"]
    at_home.chat.press(keep.action, keep.about, "UBOSS")
    at_home.chat.work()
    assert list(at_home.keeps()) == ["red"] and at_home.published() == 0


def test_a_press_that_changed_nothing_there_shows_nothing_anew() -> None:
    at_home = AtHome()
    at_home.open()
    at_home.chat.press_at_home("keep", "stops-1", "UBOSS")
    at_home.chat.show()
    assert at_home.published() == 1 and "This is for whom it was sent to" in at_home.chat.chat.to("UBOSS")[-1].text


# --- from what Slack sends -------------------------------------------------------------------------


def of_olga(payload: dict[str, Any]) -> None:
    """As Slack sends it of Olga, in the workspace that there is here."""
    if "event" in payload:
        payload.update(team_id=HOME)
        payload["authorizations"][0]["team_id"] = HOME
        payload["event"]["user"] = "UBOSS"
    else:
        payload["team"]["id"] = payload["user"]["team_id"] = HOME
        payload["user"]["id"] = "UBOSS"


def test_what_slack_sends_of_a_home_is_taken_once_however_often_it_comes() -> None:
    at_home = AtHome(schedule(owner="olga"))
    take = at_home.use_cases.take_chat
    for name in ("home_tab", "home_tab", "home_pressed", "home_pressed"):
        event = said_by(name, of_olga)
        assert event is not None
        take(event)
    at_home.chat.work()
    assert [run.trigger.text for run in at_home.chat.process.store.recent_runs("main")] == ["pause schedule s000000001"]
    assert at_home.setting.schedules.schedules()[0].paused
    assert "Resume" in labels(at_home.chat.home("UBOSS")) and at_home.published() <= 3


def test_opening_the_messages_tab_shows_no_home() -> None:
    at_home = AtHome()
    event = said_by("home_opened", of_olga)
    assert event is not None
    at_home.use_cases.take_chat(event)
    at_home.chat.show()
    assert at_home.published() == 0


def test_whom_policy_lets_have_nothing_of_it_is_told_that_alone() -> None:
    at_home = AtHome(schedule(owner="olga"))
    vars(at_home.use_cases).update(where_to=lambda person, about, place: "nowhere")
    assert at_home.open() == NOT_YOURS


def test_what_asks_for_it_does_not_stand_on_it_as_something_that_runs() -> None:
    at_home = AtHome()
    at_home.chat.say("what's happening?", by="UBOSS")
    (run,) = at_home.chat.runs
    person = at_home.chat.process.config.current(Person(id="olga", name="Olga"))
    shown = [
        [one.id for one in at_home.use_cases.home(person, key).runs] for key in ("", "other", run.trigger.dedupe_key)
    ]
    assert shown == [[run.run_id], [run.run_id], []]
