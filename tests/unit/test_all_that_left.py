"""`runs show --sent`: nothing leaves of a run for a chat that is not in it."""

from __future__ import annotations

from typing import Any

import pytest
import test_reaching as reaching
from chat_world import CHANNEL, Chat
from fakes import World
from fakes_platform import FakeNotifier
from test_firing import Setting
from test_runs import one
from test_stops_told import Evening, kept_by_button, schedule

from copilot.adapters.queued_notifier import QueuedNotifier
from copilot.answering.telling_owners import TellOwner
from copilot.bootstrap.in_process import InProcess
from copilot.domain import AnswerTo, Delivery, Person
from copilot.edges.delivery_views import view_left
from copilot.edges.withholding import Seer
from copilot.errors import CopilotError, HalfDone, NotReady, RetryableError
from copilot.ports import Deliveries

LIVE: dict[str, Any] = {"kinds": {"a": "production", "b": "production"}}
DIRECT = AnswerTo(platform="slack", workspace="T0HOME", place="DUASKER", thread="7.1")
BOTH = Person(id="ops", name="Ops", roles=("operator", "approver"))


def left(process: InProcess, run_id: str, deliveries: Deliveries) -> list[dict[str, Any]]:
    parts = process.use_cases
    seer = Seer(BOTH, parts.policy, parts.registry)
    found: Any = view_left(deliveries, process.store, "main", run_id, seer)
    return list(found)


def all_of(chat: Chat) -> list[str]:
    """What left of all its runs."""
    views = [view for run in chat.runs for view in left(chat.process, run.run_id, chat.deliveries)]
    return [line for view in views for line in view["sent"]]


def posted(chat: Chat) -> list[str]:
    """What stands in the chat."""
    return [shown.model_dump_json() for one in chat.chat.messages for shown in (*one.before, one.shown)]


def test_all_that_stands_in_the_chat_left_for_a_run() -> None:
    chat = Chat(World(lights={"a": True, "b": True}, owners={"a": "olga"}, **LIVE))
    chat.say("all lights off", where=DIRECT)
    chat.say("all lights off again", where=DIRECT)
    chat.work()
    approval = chat.runs[0].approval_id or ""
    chat.press("show", approval, by="UOTHER")
    chat.press("approve", approval, by="UASKER")
    chat.press("narrow", approval)
    chat.press("approve", approval, chosen=("off.0",))
    chat.press("approve", approval)
    chat.press("approve", approval)
    chat.go_on()
    chat.press("freeze", chat.runs[0].run_id)
    chat.show()
    assert len(posted(chat)) > 12
    assert sorted(all_of(chat)) == sorted(posted(chat))


def test_that_the_answer_is_elsewhere_left_too() -> None:
    chat = Chat(World(lights={"a": True}, kinds={"a": "production"}), one("look", "a"))
    chat.say("all lights off", where=CHANNEL.model_copy(update={"thread": "7.1"}))
    chat.work()
    assert chat.chat.alone("UASKER") and sorted(all_of(chat)) == sorted(posted(chat))


def test_who_may_do_nothing_is_told_so_once_however_often_it_comes() -> None:
    chat = Chat(World(lights={"a": True}, **LIVE))
    chat.say("all lights off", where=DIRECT)
    chat.work()
    chat.press("approve", chat.runs[0].approval_id or "", by="UWHO")
    ((delivery, _),) = [one for one in chat.queue.waiting if one[0].kind == "notice"]
    for _ in range(3):
        assert chat.process.use_cases.deliver(delivery) == ""
    assert len(chat.chat.alone("UWHO")) == 1
    (told,) = [view for view in left(chat.process, chat.runs[0].run_id, chat.deliveries) if "notice/" in view["key"]]
    assert "You are no longer of this workspace." in told["sent"][0]
    assert told["key"].startswith(f"notice/{chat.runs[0].approval_id}/")


def test_what_one_person_could_not_be_told_is_noted_with_the_run() -> None:
    chat = Chat(World())
    chat.say("all lights off", where=DIRECT)
    chat.say("all lights off again", where=DIRECT)
    chat.chat.fails = lambda where: RetryableError("away")
    ((delivery, _),) = [one for one in chat.queue.waiting if one[0].kind == "notice"]
    with pytest.raises(RetryableError):
        chat.process.use_cases.deliver(delivery, last=True)
    (noted,) = chat.deliveries.of_run(chat.runs[1].run_id)
    assert (noted.key, noted.state, noted.reason) == (f"notice/{delivery.key}", "failed", "away")
    chat.chat.fails = lambda where: None
    chat.process.use_cases.deliver(delivery)
    assert len(chat.chat.alone("UASKER")) == 1


def test_what_is_of_no_run_is_kept_nowhere() -> None:
    chat = Chat(World())
    for press in ("approve", "keep"):
        chat.press(press, "a0unknown")
    chat.show()
    assert len(chat.chat.alone("UBOSS")) == 2
    assert not chat.deliveries.of_run("") and not chat.deliveries.of_run("a0unknown")


def test_what_the_owner_of_its_schedule_was_told_left_too() -> None:
    setting, chat = Setting(), Chat(World())
    chat.chat.channels = {"#ops": CHANNEL}
    firing = setting.fired(setting.made("list environments every day at 18:00"), "run")
    assert firing.run_id is not None
    setting.done(firing)
    config = setting.config.model_copy(update={"reports_to": "#ops"})
    tell = TellOwner(setting.schedules, setting.store, QueuedNotifier(chat.queue, "main"), config)
    tell.of_run(setting.store.run("main", firing.run_id))
    chat.show()
    (view,) = left(setting.runner(), firing.run_id, chat.deliveries)
    assert view["key"] == "report" and view["sent"] == posted(chat)


def test_what_became_of_the_message_that_had_it_kept_left_too() -> None:
    evening = Evening(schedule())
    assert evening.told()
    kept_by_button(evening)
    (run,) = evening.chat.runs
    views = left(evening.chat.process, run.run_id, evening.chat.deliveries)
    lines = [line for view in views for line in view["sent"]]
    assert sorted(lines) == sorted(posted(evening.chat))


class Fails(FakeNotifier):
    def __init__(self, error: CopilotError) -> None:
        super().__init__(channels=("#platform",))
        self.error = error

    def send(self, channel: str, text: str, key: str) -> str:
        raise self.error


def messages(world: reaching.World) -> list[dict[str, Any]]:
    world.run(reaching.STOP, reaching.tell("#platform"))
    (run,) = world.process.store.recent_runs("main")
    return left(world.process, run.run_id, Chat(World()).deliveries)


def test_the_messages_of_its_tools_are_as_they_were_handed_over() -> None:
    world = reaching.World()
    (view,) = messages(world)
    ((channel, text),) = world.notifier.sent.values()
    assert (view["key"], view["state"], view["where"], view["sent"]) == ("notify/tell/0", "sent", channel, [text])


@pytest.mark.parametrize("error", [RetryableError("no answer", ours=True), HalfDone("1 of 2 parts", ours=True)])
def test_a_message_that_may_have_left_says_that_it_may(error: CopilotError) -> None:
    (view,) = messages(reaching.World(Fails(error)))
    assert view["state"] == "unknown" and str(error) in view["reason"] and view["sent"] == ["Stopped dev."]


def test_a_message_that_surely_did_not_leave_is_none_that_did() -> None:
    world = reaching.World(Fails(NotReady("Slack takes nothing", ours=True)))
    assert messages(world) == []


def test_a_notice_stands_in_its_channel_behind_what_is_there() -> None:
    notice = Delivery(kind="notice", tenant="main", run_id="r", where=CHANNEL, key="a/b", text="x")
    other = Delivery(kind="progress", tenant="main", run_id="r", conversation="slack:T0HOME/C0DEV/1.0")
    assert notice.group == other.group
