"""What a reaction begins upon an event: whose it is, in which Conversation, and once for one key."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from copilot.domain import AnswerTo, Person, Trigger, is_in_chat, is_of_schedule

BOT = Person(id="on-alarm", name="On alarm", roles=("reader",))
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CHANNEL = AnswerTo(platform="slack", workspace="T1", place="C0123", thread="1699.12")


def reacted(name: str = "on-alarm", key: str = "k", **given: Any) -> Trigger:
    return Trigger.of_reaction(name, "What is wrong?", "main", BOT, NOON, dedupe_key=key, **given)


def test_it_is_an_events_and_says_which_reaction_began_it() -> None:
    found = reacted()
    assert (found.kind, found.reaction, found.person, found.by_person) == ("event", "on-alarm", BOT, False)


def test_all_else_is_no_reactions() -> None:
    watch = Trigger.of_event("Stop it", "main", BOT, NOON, dedupe_key="k")
    firing = Trigger.of_schedule("s1", "As it says", "main", BOT, NOON, kind="schedule", dedupe_key="k")
    assert (watch.reaction, firing.reaction) == (None, None)


def test_its_conversation_is_its_own_or_that_of_the_place_where_it_answers() -> None:
    own = reacted()
    assert own.conversation not in {reacted("on-failure").conversation, reacted(key="other").conversation}
    assert own.conversation == reacted().conversation
    assert not own.conversation.startswith(f"{BOT.id}/")
    assert not is_in_chat(own.conversation) and not is_of_schedule(own.conversation) and own.schedule_id is None
    assert reacted(answer_to=CHANNEL).conversation == "slack:T1/C0123/1699.12"


def test_one_key_is_one_run_whatever_was_said_and_whenever() -> None:
    later = Trigger.of_reaction("on-alarm", "Again", "main", BOT, NOON + timedelta(hours=1), dedupe_key="k")
    assert (later.run_id, later.request_digest) == (reacted().run_id, reacted().request_digest)
    assert reacted(key="other").run_id != reacted().run_id


def test_what_was_kept_before_there_were_reactions_is_read_as_none_of_theirs() -> None:
    kept = reacted().model_dump(mode="json", exclude={"reaction"})
    assert Trigger.model_validate(kept).reaction is None
