"""Watching: a read is repeated without a Run, as one of its owner's with the rights they have then, and they are told
when what they wait for has come to be so.

What is to be told is noted with what was seen before it is told, and the note goes once it was. After a crash between
the two it is told again, under the same key: whoever sends messages knows by that what was sent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import JsonValue, ValidationError

from copilot.config.configuration import Configuration
from copilot.domain import (
    BLIND_AFTER,
    MOST_TEXT,
    PRIVATE,
    STRICTER,
    TO_PERSON,
    About,
    ChatPlace,
    ChatUser,
    Delivery,
    Kind,
    Known,
    Person,
    ResourceRef,
    Target,
    ToTell,
    Trigger,
    Watch,
    way_of,
)
from copilot.errors import CopilotError, FatalError, NotFound, PermissionDenied
from copilot.plans import references
from copilot.policy.decisions import Policy
from copilot.policy.showing import may_be_told, where_to
from copilot.ports import ChatReader, Clients, Clock, DeliveryQueue, Notifier, Sweeps, Watches
from copilot.text.masking import mask, mask_text
from copilot.text.outside import inert, quoted
from copilot.times.windows import moment
from copilot.tools.registry import Registry
from copilot.tools.tool import AnyTool, ReadTool

SOONEST = timedelta(seconds=1)
"""What is shown in a chat waits so long at least: whoever looks has no right but to the queue of what comes later."""
MOST_SEEN, LONGEST_LINE = 10, 400
DIRECTLY = ChatPlace(name="", direct=True)
NOTIFY = "notify"


@dataclass(frozen=True)
class AskForLooks:
    """Has those watches looked at whose turn it is, each by itself: one that hangs keeps no other waiting."""

    watches: Watches
    sweeps: Sweeps
    clock: Clock

    def __call__(self) -> list[str]:
        """Their ids. Raises RetryableError."""
        now = self.clock.now()
        due = [one.id for one in self.watches.watches() if one.is_due(now)]
        self.sweeps.ask_to_look(due)
        return due


@dataclass(frozen=True)
class TellWatcher:
    """`chat_reader` gives the chat, where there is one, `users_of` who a person is there, by id; `notifier` what sends
    messages where there is none.
    """

    policy: Policy
    registry: Registry
    config: Configuration
    queue: DeliveryQueue
    notifier: Callable[[], Notifier]
    chat_reader: Callable[[], ChatReader]
    users_of: Callable[[str], tuple[ChatUser, ...]]

    def __call__(self, watch: Watch, telling: ToTell) -> str:
        """Where it was told, "" where nobody could be. Raises RetryableError."""
        person = person_of(watch, self.config)
        key = f"watch/{watch.id}/{telling.number}"
        name = next((one.name for one in self.config.people if one.id == person.id), person.id)
        text = f"For {inert(name)}: {telling.text}"
        if watch.tell:
            kept_from = self._kept_from(person, watch.tell, telling.about)
            if not kept_from:
                return self._send(watch.tell, text, key)
            text += f"\n{watch.tell} was not told: {inert(kept_from)}."
        elif self._is_for_the_place(watch, person, telling.about):
            return self._show(Delivery(kind="report", tenant=self.config.tenant, where=watch.where, text=text, key=key))
        return self._directly(person, telling.about, text, key)

    def _directly(self, person: Person, about: About, text: str, key: str) -> str:
        if where_to(self.policy, person, about, DIRECTLY) != "here":
            return ""
        if self.config.chat is None:
            return self._send(f"{TO_PERSON}{person.id}", text, key)
        if users := self.users_of(person.id):
            return self._show(Delivery(kind="report", tenant=self.config.tenant, to=users[0], text=text, key=key))
        channel = self.config.reports_to
        return self._send(channel, text, key) if channel and not self._kept_from(person, channel, about) else ""

    def _kept_from(self, person: Person, channel: str, about: About) -> str:
        """Why policy does not let this person have a channel told of that; "" where it does."""
        target = Target(ref=ResourceRef(type="channel", id=channel), name=channel)
        decided = self.policy.decide(person, self.registry.find(NOTIFY), [target])
        if decided.outcome != "allow":
            return decided.reason
        told = may_be_told(self.policy, self.config, person, channel, about)
        reader = f"{channel} is" if way_of(channel) else "channels are"
        return "" if told else f"it tells of {about.in_words}, which {reader} not told without an approval"

    def _is_for_the_place(self, watch: Watch, person: Person, about: About) -> bool:
        if watch.where is None or watch.where.person or self.config.chat is None:
            return False
        try:
            place = self.chat_reader().place(watch.where)
        except (NotFound, PermissionDenied):  # it is not there any more, or the copilot is not in it
            return False
        return not place.archived and where_to(self.policy, person, about, place) == "here"

    def _send(self, channel: str, text: str, key: str) -> str:
        if self.config.chat is None and not way_of(channel):
            return self.notifier().send(channel, text, key)
        return self._show(Delivery(kind="report", tenant=self.config.tenant, channel=channel, text=text, key=key))

    def _show(self, delivery: Delivery) -> str:
        self.queue.put([delivery], after=SOONEST)
        return "the chat"


@dataclass(frozen=True)
class Look:
    """`reading` gives the clients of a read by this person, for this watch; `begin` has what a watch, by id, was to do
    begun: it is told so at each look until that was.
    """

    watches: Watches
    policy: Policy
    registry: Registry
    reading: Callable[[Person, Watch], Clients]
    known: Callable[[], Known]
    tell: TellWatcher
    begin: Callable[[str], None]
    config: Configuration
    clock: Clock

    def __call__(self, watch_id: str) -> Watch | None:
        """The watch as it was left; None where there was none, or somebody else looked meanwhile. Raises
        RetryableError where what was seen could not be told, which is told later then.
        """
        watch = self.watches.watch(watch_id)
        if watch is None:
            return None
        if watch.to_tell is None and not watch.ended:
            looked = self._looked(watch)
            if not self.watches.change(watch, looked):
                return None
            watch = looked
        if watch.begins:
            self.begin(watch.id)
        if watch.to_tell is not None:
            self.tell(watch, watch.to_tell)
            told = watch.was_told()
            if watch.begins or not watch.ended:
                return told if self.watches.change(watch, told) else None
        if watch.ended and not watch.begins:
            self.watches.change(watch, None)
        return watch

    def _looked(self, watch: Watch) -> Watch:
        now, person = self.clock.now(), person_of(watch, self.config)
        if now >= watch.until:
            return watch.over("late", self._ended(watch), NOTHING)
        try:
            tool = self.registry.find(watch.tool)
        except NotFound as error:
            return watch.over("refused", self._given_up(watch, str(error)), NOTHING)
        if (decided := self.policy.decide(person, tool, ())).outcome != "allow":
            return watch.over("refused", self._given_up(watch, decided.reason), NOTHING)
        try:
            output = self._read(tool, watch, person, now)
            about = self._about(tool, output)
            is_so = references.evaluate(watch.condition, output)
        except CopilotError as error:
            return watch.saw_nothing(self._blind(watch, mask_text(str(error))), OF_ANY, now)
        if not isinstance(is_so, bool):
            return watch.saw_nothing(self._blind(watch, "what it is about has no value at the moment"), OF_ANY, now)
        return watch.saw(is_so, self._crossed(watch, output, now), about, now)

    def _read(self, tool: AnyTool, watch: Watch, person: Person, now: datetime) -> JsonValue:
        made = tool(self.reading(person, watch))
        assert isinstance(made, ReadTool)
        try:
            found = made.run(tool.Input.model_validate(watch.looks_at(now)))
            kept = tool.Output.model_validate(found.model_dump(mode="json")).model_dump(mode="json")
        except ValidationError as error:
            raise FatalError(f"{tool.name} takes or gives something else by now", ours=True) from error
        return mask(kept, tool.links)

    def _about(self, tool: AnyTool, output: JsonValue) -> About:
        """Of the strictest kind it names; else of that of the environment it is of, as it was swept last; else of the
        strictest there is.
        """
        shows = "logs" if tool.logs else tool.shows
        if not tool.of_environments:
            return About(shows=shows, kind=None)
        kinds = _kinds_in(output)
        if not kinds and isinstance(output, dict):
            named = output.get("environment_id")
            kinds = [one.kind for one in self.known().environments if one.name == named]
        return About(shows=shows, kind=max(kinds, key=STRICTER.index, default=STRICTER[-1]))

    def _crossed(self, watch: Watch, output: JsonValue, now: datetime) -> str:
        seen = "\n".join(f"- {inert(line)[:LONGEST_LINE]}" for line in _lines(watch.seen, output))
        rest = (
            self._ends(watch, now)
            if watch.once
            else f"I go on watching until {self._time(watch, watch.until)}, and tell when it has come to be so again. "
            f"“Stop watching {watch.id}” ends that."
        )
        return f"{self._what(watch)}: it is so, as of {self._time(watch, now)}.\n{seen}\n{rest}"

    def _ends(self, watch: Watch, now: datetime) -> str:
        if watch.then is None:
            return "That ends this watch."
        run = trigger_of(watch, self.config, now).run_id
        return f"That ends this watch, and {quoted(watch.then.request)} is begun now, as run {run}."

    def _blind(self, watch: Watch, reason: str) -> str:
        return (
            f"{self._what(watch)}: whether it is so I cannot see any more. The last {BLIND_AFTER} looks failed, the "
            f"last one with: {inert(quoted(reason))[:LONGEST_LINE]}. I go on looking until "
            f"{self._time(watch, watch.until)}; “stop watching {watch.id}” ends that."
        )

    def _ended(self, watch: Watch) -> str:
        """Nothing where nobody waits for it: the end was not asked for, or it has been so."""
        if watch.was_so or not (watch.end_was_asked or watch.once):
            return ""
        never = "at no look was it so" if watch.looked_at and not watch.unseen else "I did not see it to be so"
        return f"{self._what(watch)}: watched until {self._time(watch, watch.until)} as asked, and {never}."

    def _given_up(self, watch: Watch, reason: str) -> str:
        return f"{self._what(watch)}: not watched any more: {inert(quoted(reason))[:LONGEST_LINE]}."

    def _what(self, watch: Watch) -> str:
        return f"“{inert(watch.what)}”"

    def _time(self, watch: Watch, at: datetime) -> str:
        return moment(at.astimezone(ZoneInfo(watch.time_zone)))


NOTHING = About(shows=PRIVATE[0], kind=None)
"""That a watch ended, of which nothing is said but how it was called."""
OF_ANY = About(shows=PRIVATE[-1], kind=STRICTER[-1])
"""What an error may tell of."""


def person_of(watch: Watch, config: Configuration) -> Person:
    """Its owner, with the roles they have now."""
    return config.current(Person(id=watch.owner, name=watch.owner))


def trigger_of(watch: Watch, config: Configuration, at: datetime) -> Trigger:
    """Of the Run that does what was to be done then, answered where the watch was asked for."""
    assert watch.then is not None
    text, key = f"{watch.then.request}, once {watch.what}"[:MOST_TEXT], f"watch/{watch.id}"
    return Trigger.of_event(text, config.tenant, person_of(watch, config), at, dedupe_key=key, answer_to=watch.where)


def _kinds_in(value: JsonValue) -> list[Kind]:
    if isinstance(value, list):
        return [kind for one in value for kind in _kinds_in(one)]
    if not isinstance(value, dict):
        return []
    own = [kind for kind in STRICTER if kind == value.get("kind")]
    return [*own, *(kind for one in value.values() for kind in _kinds_in(one))]


def _lines(seen: str, output: JsonValue) -> list[str]:
    try:
        found = references.evaluate(seen, output)
    except CopilotError:
        return []
    lines = [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, str) and one]
    more = [f"and {len(lines) - MOST_SEEN} more"] if len(lines) > MOST_SEEN else []
    return [*lines[:MOST_SEEN], *more]
