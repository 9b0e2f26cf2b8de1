"""Who owns what a schedule is about to stop is told before, once and directly, and keeps it by a button."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from chat_world import Chat, Message, user
from fakes import World
from fakes_platform import service
from test_firing import NOON, SIX, Setting

from copilot.adapters.memory_inventory import MemoryInventory
from copilot.answering.chat import telling
from copilot.answering.chat.stops import KEPT
from copilot.config.configuration import KnownPerson
from copilot.domain import (
    DAYS,
    Asked,
    Delivery,
    Kind,
    Known,
    KnownEnvironment,
    Plan,
    Schedule,
    ScheduleAction,
    Tally,
    Trigger,
    Window,
    keep_key,
    occasion_of,
    time_of,
)
from copilot.errors import NotFound, RetryableError
from copilot.triggers.announcing import SOONEST
from copilot.triggers.pressing import NOT_TOLD_YOU

WINDOW = Window(stop="18:00", days=DAYS, start="07:00", time_zone="UTC")
SEVEN = datetime(2026, 3, 3, 7, 0, tzinfo=UTC)
BEFORE = timedelta(minutes=15)
ON = {"ecs": Tally(up=1)}


def environment(name: str, owner: str = "olga", kind: Kind = "development", **more: Any) -> KnownEnvironment:
    return KnownEnvironment.model_validate(
        {"name": name, "kind": kind, "owner": owner, "seen_at": NOON, "tallies": ON} | more
    )


def schedule(number: int = 1, owner: str = "dana", window: Window = WINDOW, **more: Any) -> Schedule:
    nothing = Plan.model_validate({"steps": [], "answer": {"text": "x"}})
    given: dict[str, Any] = {"kinds": ("development",), "kind": "development", "created_at": NOON - timedelta(days=3)}
    given |= {"id": f"s{number:09}", "title": "x", "owner": owner, "times": window.times} | more
    return Schedule(runbooks=dict.fromkeys(given["times"], nothing), **given)


class Evening:
    """Noon: a chat, schedules, what the sweep saw; red and blue are there."""

    def __init__(self, *schedules: Schedule, known: Sequence[KnownEnvironment] = (environment("red"),)) -> None:
        self.setting = Setting()
        self.chat = Chat(World(), process=self.setting.runner())
        self.inventory = MemoryInventory()
        self.inventory.publish(lambda: Known(environments=tuple(known)))
        self.use_cases = self.chat.process.use_cases
        self.people(olga=("developer",))
        vars(self.use_cases).update(schedules=self.setting.schedules, inventory=self.inventory)
        for one in schedules:
            self.setting.schedules.put(one)

    def announce(self, before: timedelta = BEFORE, at: datetime = SIX) -> list[datetime]:
        self.setting.clock.at = at - before
        return self.use_cases.announce_stops()

    def told(self, by: timedelta = BEFORE) -> list[Message]:
        """All that is announced and shown so long before."""
        self.announce()
        self.show(by)
        return self.chat.chat.to("UBOSS")

    def show(self, by: timedelta = BEFORE) -> None:
        self.setting.clock.at = SIX - by
        self.chat.show(within=timedelta(hours=1))

    def people(self, **roles: tuple[str, ...] | None) -> None:
        """With these roles, or without these people."""
        config = self.chat.process.config
        kept = [
            one.model_copy(update={"roles": roles.get(one.id, one.roles)})
            for one in config.people
            if roles.get(one.id, ()) is not None
        ]
        self.chat.process.config = config.model_copy(update={"people": tuple(kept)})

    def keeps(self) -> dict[str, datetime]:
        return {one.environment: one.until for one in self.setting.schedules.keeps()}

    def press(self, by: str = "UBOSS", about: str = occasion_of(SIX)) -> None:
        self.chat.press("keep", about, by)


# --- who is told what --------------------------------------------------------------------------------


def test_an_owner_is_told_what_is_stopped_when_by_whom_and_until_when() -> None:
    (message,) = Evening(schedule()).told()
    first, line, how, more = message.text.splitlines()
    assert first == "What is yours will be stopped at Mon 02 Mar 2026 18:00 UTC:"
    assert line == "red, by a schedule of Dana, until Tue 03 Mar 2026 07:00 UTC"
    assert how == "Keep spares it this once, until Tue 03 Mar 2026 07:00 UTC at the latest."
    assert more == "More of the schedule: devops-copilot schedules show s000000001"
    assert message.buttons() == ["Keep"] and message.shown.brief == f"{first} {line}"
    assert message.where.place == "DUBOSS"


def test_times_are_those_of_the_owners_zone() -> None:
    evening = Evening(schedule())
    config = evening.chat.process.config
    moved = [one.model_copy(update={"time_zone": "Asia/Kolkata"}) for one in config.people]
    evening.chat.process.config = config.model_copy(update={"people": tuple(moved)})
    (message,) = evening.told()
    assert "23:30 IST" in message.text and "12:30 IST" in message.text


def test_what_is_never_started_again_is_said_to_be() -> None:
    (message,) = Evening(schedule(window=Window(stop="18:00", days=DAYS, time_zone="UTC"))).told()
    assert "red, by a schedule of Dana, and not started again" in message.text


def test_one_message_has_all_of_one_time_whichever_schedules_stop_it() -> None:
    named: dict[str, Any] = {"kinds": (), "environments": ("live",), "kind": "production"}
    known = [environment("red"), environment("live", kind="production"), environment("his", owner="omar")]
    evening = Evening(schedule(), schedule(2, owner="omar", **named), known=known)
    (message,) = evening.told()
    assert "red, by a schedule of Dana" in message.text and "live, by a schedule of Omar" in message.text
    assert "Keep spares them this once" in message.text and "More of the schedules:" in message.text
    assert [one.text.count("his, by") for one in evening.chat.chat.to("UOTHER")] == [1]


@pytest.mark.parametrize(
    "known",
    [
        environment("red", owner="zoe"),
        environment("red", owner=""),
        environment("red", kind="production"),
        environment("blue"),
        environment("red", opted_out="opted out by the tag schedule=off of 'web'"),
        environment("red", tallies={"ecs": Tally(down=2)}),
    ],
    ids=["of nobody known", "of nobody", "of no such kind", "left out", "opted out", "off"],
)
def test_of_what_is_not_stopped_or_nobodys_nothing_is_told(known: KnownEnvironment) -> None:
    assert not Evening(schedule(but=("blue",)), known=[known]).told()


def test_what_is_not_known_to_be_off_is_told() -> None:
    assert Evening(schedule(), known=[environment("red", tallies=None)]).told()


def test_who_made_the_schedule_needs_no_telling_even_where_another_stops_it_too() -> None:
    assert not Evening(schedule(owner="olga"), schedule(2)).told()


def test_nobody_is_told_of_a_schedule_whose_owner_may_nothing_or_is_gone() -> None:
    for roles in ((), None):
        evening = Evening(schedule())
        evening.people(dana=roles)
        assert not evening.told()


def test_who_may_not_be_shown_how_it_is_is_not_told() -> None:
    evening = Evening(schedule())
    evening.people(olga=())
    assert not evening.told()


def test_who_is_in_no_chat_keeps_no_other_from_being_told() -> None:
    evening = Evening(schedule(), known=[environment("red", owner="ben, olga")])
    config = evening.chat.process.config
    ben = KnownPerson(id="ben", name="Ben", principals=(), roles=("reader",))
    evening.chat.process.config = config.model_copy(update={"people": (ben, *config.people)})
    assert len(evening.told()) == 1


def test_one_who_cannot_be_told_keeps_no_other_from_it() -> None:
    evening = Evening(schedule(), known=[environment("red", owner="olga, omar")])
    evening.chat.chat.fails = lambda where: NotFound("no such user") if where.place == "DUBOSS" else None
    assert not evening.told() and len(evening.chat.chat.to("UOTHER")) == 1
    evening.chat.chat.fails = lambda where: None
    assert len(evening.told()) == 1 and len(evening.chat.chat.to("UOTHER")) == 1


def test_at_most_so_many_are_told_of_one_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "MOST_OWNERS_BEFORE", 1)
    evening = Evening(schedule(), known=[environment("red", owner="olga, omar")])
    assert len(evening.told()) + len(evening.chat.chat.to("UOTHER")) == 1


def test_of_many_the_first_are_named_and_the_others_counted() -> None:
    (message,) = Evening(schedule(), known=[environment(f"e{number:02}") for number in range(12)]).told()
    assert message.text.count("by a schedule of") == 10 and "\nand 2 more\n" in message.text


def test_nothing_from_outside_calls_or_links() -> None:
    evening = Evening(schedule(), known=[environment("red <!channel> https://evil.example")])
    evening.people(dana=("developer",))
    config = evening.chat.process.config
    named = [one.model_copy(update={"name": "Dana @here"}) if one.id == "dana" else one for one in config.people]
    evening.chat.process.config = config.model_copy(update={"people": tuple(named)})
    (message,) = evening.told()
    assert not any(bad in message.shown.model_dump_json() for bad in ("<!channel>", "@here", "https://evil"))


# --- when --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "waits"),
    [(44, 29), (30, 15), (15, 0), (4, 0)],
)
def test_it_waits_until_a_quarter_of_an_hour_before(before: int, waits: int) -> None:
    evening = Evening(schedule())
    assert evening.announce(timedelta(minutes=before)) == [SIX]
    ((delivery, after),) = evening.chat.queue.waiting
    assert (delivery.kind, time_of(delivery.run_id)) == ("stops", SIX)
    assert after == max(timedelta(minutes=waits), SOONEST)


@pytest.mark.parametrize("before", [timedelta(minutes=46), timedelta(0), timedelta(hours=-1)])
def test_what_is_far_off_or_was_is_not_announced(before: timedelta) -> None:
    assert not Evening(schedule()).announce(before)


def test_what_is_paused_or_stops_nothing_is_not_announced() -> None:
    asks = {"run": WINDOW.times["stop"]}
    evening = Evening(schedule(paused=True), schedule(2, times=asks, request="say hello"))
    assert not evening.announce() and not evening.chat.queue.waiting


def test_schedules_of_one_time_are_announced_once_whatever_their_zones() -> None:
    there = Window(stop="19:00", days=DAYS, time_zone="Europe/Paris")
    evening = Evening(schedule(), schedule(2, window=there))
    assert evening.announce() == [SIX] and len(evening.chat.queue.waiting) == 1
    evening.show()
    assert len(evening.chat.chat.to("UBOSS")) == 1


def test_without_a_chat_nothing_is_announced() -> None:
    evening = Evening(schedule())
    evening.chat.process.config = evening.chat.process.config.model_copy(update={"chat": None})
    assert not evening.announce()


def test_it_is_told_once_however_often_it_is_announced() -> None:
    evening = Evening(schedule())
    for before in (40, 25, 10):
        evening.announce(timedelta(minutes=before))
    evening.show()
    evening.show(timedelta(minutes=5))
    assert len(evening.chat.chat.to("UBOSS")) == 1
    evening.setting.clock.at = SIX + timedelta(days=1) - BEFORE
    evening.use_cases.announce_stops()
    evening.chat.show(within=timedelta(hours=1))
    assert len(evening.chat.chat.to("UBOSS")) == 2, "the next day is another occasion"


@pytest.mark.parametrize("change", ["deleted", "paused", "moved", "kept", "past"])
def test_it_is_found_out_anew_when_it_is_told(change: str) -> None:
    evening, by = Evening(schedule()), BEFORE
    evening.announce()
    schedules = evening.setting.schedules
    match change:
        case "deleted":
            schedules.remove("s000000001")
        case "paused":
            schedules.put(schedule(paused=True))
        case "moved":
            schedules.put(schedule(window=WINDOW.model_copy(update={"stop": "19:00"})))
        case "kept":
            evening.setting.ask("keep environment red until 20:00")
            assert evening.keeps()
        case "past":
            by = timedelta(0)
    evening.show(by)
    assert not evening.chat.chat.messages


def test_what_is_kept_until_before_then_only_is_told() -> None:
    evening = Evening(schedule())
    evening.setting.ask("keep environment red until 17:00")
    assert evening.keeps() and evening.told()


def test_what_could_not_be_told_at_last_is_noted() -> None:
    evening = Evening(schedule())
    evening.chat.chat.fails = lambda where: RetryableError("asked too often")
    evening.setting.clock.at = SIX - BEFORE
    with pytest.raises(RetryableError):
        evening.use_cases.deliver(Delivery(kind="stops", tenant="main", run_id=occasion_of(SIX)), last=True)
    (noted,) = evening.chat.deliveries.of_run(occasion_of(SIX))
    assert (noted.key, noted.state, noted.reason) == ("stops", "failed", "asked too often")


# --- Keep --------------------------------------------------------------------------------------------


def kept_by_button(evening: Evening) -> None:
    """Everything that the button does is done."""
    evening.press()
    evening.chat.work()


def test_keep_is_a_run_of_who_presses_that_keeps_what_they_were_told_until_it_would_be_started() -> None:
    known = [environment("red"), environment("blue"), environment("his", owner="omar")]
    evening = Evening(schedule(), known=known)
    assert evening.told()
    kept_by_button(evening)
    assert evening.keeps() == {"red": SEVEN, "blue": SEVEN}
    (run,) = evening.chat.runs
    assert (run.trigger.person.id, run.outcome) == ("olga", "succeeded")
    assert run.trigger.text == "Keep blue, red until Tue 03 Mar 2026 07:00 UTC"
    message, answer = evening.chat.chat.to("UBOSS")
    assert "red is kept until Tue 03 Mar 2026 07:00 UTC" in answer.text.replace("'", "")
    assert message.buttons() == [] and message.text.startswith("Not stopped at Mon 02 Mar 2026 18:00 UTC")
    assert "blue until Tue 03 Mar 2026 07:00 UTC" in message.text


def test_what_is_kept_so_is_not_stopped() -> None:
    evening = Evening()
    id = evening.setting.made("Stop all dev environments every day after 6pm")
    evening.setting.schedules.put(evening.setting.schedules.schedules()[0].model_copy(update={"owner": "dana"}))
    evening.setting.people["dana"] = ("developer",)
    assert evening.told()
    kept_by_button(evening)
    assert evening.setting.done(evening.setting.fired(id))["outcome"] == "succeeded"
    assert [one for one in evening.setting.on() if one.startswith(("red", "blue"))] == ["red/web"]


def test_what_is_never_started_again_is_kept_half_a_day() -> None:
    evening = Evening(schedule(window=Window(stop="18:00", days=DAYS, time_zone="UTC")))
    assert evening.told()
    kept_by_button(evening)
    assert evening.keeps() == {"red": SIX + KEPT}


def test_each_is_kept_until_its_own_schedule_starts_it() -> None:
    late = WINDOW.model_copy(update={"start": "09:00"})
    named: dict[str, Any] = {"kinds": (), "environments": ("blue",)}
    known = [environment("red"), environment("blue", kind="preview"), environment("aqua")]
    evening = Evening(schedule(), schedule(2, window=late, **named), known=known)
    evening.setting.platform.resources.append(service("aqua", "web", 1))
    assert evening.told()
    kept_by_button(evening)
    assert evening.keeps() == {"aqua": SEVEN, "red": SEVEN, "blue": SEVEN + timedelta(hours=2)}
    seven, nine = (f"Tue 03 Mar 2026 0{hour}:00 UTC" for hour in (7, 9))
    assert evening.chat.runs[0].trigger.text == f"Keep aqua, red until {seven}, and blue until {nine}"


def test_what_two_stop_is_off_until_the_first_of_them_starts_it() -> None:
    late, never = (WINDOW.model_copy(update={"start": start}) for start in ("09:00", None))
    evening = Evening(schedule(window=late), schedule(2), schedule(3, window=never))
    (message,) = evening.told()
    assert "red, by a schedule of Dana, until Tue 03 Mar 2026 07:00 UTC" in message.text


def test_pressed_twice_it_is_one_run_and_said_to_be() -> None:
    evening = Evening(schedule())
    assert evening.told()
    kept_by_button(evening)
    kept_by_button(evening)
    assert len(evening.chat.runs) == 1
    assert evening.chat.chat.alone("UBOSS") == ["You asked for that already. Nothing more was done."]


def test_pressed_after_the_stop_nothing_is_done_and_what_can_be_is_said() -> None:
    evening = Evening(schedule())
    assert evening.told()
    evening.setting.clock.at = SIX
    kept_by_button(evening)
    assert not evening.chat.runs and not evening.keeps()
    (said,) = evening.chat.chat.alone("UBOSS")
    assert "Mon 02 Mar 2026 18:00 UTC" in said and "ask me to start it" in said and "nothing was changed" in said


@pytest.mark.parametrize("about", [occasion_of(SIX), occasion_of(SEVEN), "stops-x", "r1"])
def test_pressed_by_another_nothing_is_done_and_they_alone_are_told(about: str) -> None:
    evening = Evening(schedule())
    assert evening.told()
    evening.press("UOTHER", about)
    evening.chat.work()
    assert not evening.chat.runs and not evening.chat.chat.to("UOTHER")
    assert evening.chat.chat.alone("UOTHER") == [NOT_TOLD_YOU]


def test_keep_has_the_rights_of_who_presses_and_what_was_not_done_is_not_said_to_be() -> None:
    evening = Evening(schedule())
    evening.people(olga=("reader",))
    assert evening.told()
    kept_by_button(evening)
    (run,) = evening.chat.runs
    assert run.outcome != "succeeded" and not evening.keeps()
    assert evening.chat.chat.to("UBOSS")[0].buttons() == ["Keep"]


def test_a_request_of_that_key_from_elsewhere_changes_no_message() -> None:
    evening = Evening(schedule())
    (message,) = evening.told()
    olga = next(one.person for one in evening.chat.process.config.people if one.id == "olga")
    asked = Asked(text="keep red until 20:00", dedupe_key=keep_key(occasion_of(SIX)), kind="api")
    where = evening.chat.chat.direct(user("UBOSS"))
    nothing = Plan.model_validate({"steps": [], "answer": {"text": "x"}})
    vars(evening.use_cases)["ingest"](Trigger.asked(asked, "main", olga, SIX - BEFORE, where), nothing)
    evening.chat.work()
    assert [run.outcome for run in evening.chat.runs] == ["succeeded"]
    assert message.buttons() == ["Keep"]


def test_times_of_what_is_told_are_of_the_minute() -> None:
    assert time_of(occasion_of(SIX)) == SIX
    actions: tuple[ScheduleAction, ...] = ("stop", "start")
    assert tuple(WINDOW.times) == actions
