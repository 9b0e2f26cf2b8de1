"""A reading of a request as one of the plans of what it asks for: the first that it fits, filled with what was said."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import cast

from copilot.domain import Focus, Kind
from copilot.errors import ToolInputError
from copilot.intents.actions import Action, Intent, slots_in
from copilot.intents.figures import Values, for_its_type
from copilot.intents.filling import IDLE, MINE, NOW, Match, filled_with, leaves_out, texts_in
from copilot.intents.forms import given_in
from copilot.intents.frames import Frame, Schedules, Target, Targets, WhereItIs
from copilot.intents.lexicon import Lexicon
from copilot.intents.reading import MESSAGE, QUOTED
from copilot.intents.referring import Unclear, meant_by
from copilot.intents.slots import SOME_TIME, NoTime, Present, values_of
from copilot.intents.tokens import tokens_of

QUOTES = " \t'\"`\u2018\u2019\u201c\u201d\u00ab\u00bb"


class Fitting:
    """Of readings that were found, whatever read them."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon

    def first(
        self,
        text: str,
        action: Action,
        frame: Frame,
        features: frozenset[str],
        kept: Values,
        focus: Focus,
        present: Present,
    ) -> Match | None:
        """The first of its plans that is for this, and leaves nothing out of what was said. `kept` is what the last
        request was about, and this one as well.
        """
        targets = frame.said.get("targets")
        everything = [one for one in targets.of if one.by == "all"] if isinstance(targets, Targets) else []
        channels = [str(one) for one in listed_of(frame.said.get("channels"))]
        forms = [str(one) for one in listed_of(frame.said.get("forms"))]
        known = not action.whole_kinds and any(intent.hears == features for intent in action.plans)
        if isinstance(targets, Targets) and targets.of[0].by == "kind" and "one" in features and not known:
            # Of what is only looked at, a kind is all of it, however many it has.
            if action.changes:
                return None
            several = targets._replace(of=(targets.of[0]._replace(one=False),))
            frame = frame._replace(said={**frame.said, "targets": several})
            features = (features - {"one"}) | {"several"}
        for intent in action.plans:
            if (
                intent.hears != features
                or (everything and not intent.everything)
                or (channels and not (intent.tell or intent.tells))
            ):
                continue
            if forms and not given_in(intent, forms):
                continue
            values = self._values(text, intent, frame, focus, present, action.changes)
            remembered = [
                *self._referred(frame, focus),
                *texts_in([kept[name] for name in kept.keys() - values.keys()]),
            ]
            if intent.asks:
                choices = [_with_words(choice, text, frame) for choice in intent.choices]
                raise Unclear(f"{intent.asks} Nothing was done.", text if intent.instead else "", choices)
            whole = for_its_type(kept | values) | ({"told": [*channels]} if intent.tells else {})
            if not leaves_out(intent, whole):
                found = filled_with(text, intent, whole, channels, forms, action.changes)
                schedules = frame.said.get("schedule")
                more = {
                    "all_schedules": isinstance(schedules, Schedules) and schedules.all,
                    "lacks": _lacking(text, frame, intent),
                    "is_follow_up": frame.action != action.action,
                    "everything": everything[0].said if everything and MINE not in features else "",
                    "state": self._state_in(everything[0].said, targets) if everything else "",
                    "mine": MINE in features and "owner" not in found.slots,
                    "channels": tuple(channels),
                }
                return found.model_copy(update=more | {"remembered": tuple(remembered), "as_one": _as_one(targets)})
        return None

    def _values(self, text: str, intent: Intent, frame: Frame, focus: Focus, present: Present, exact: bool) -> Values:
        """What an intent is filled with from this request. Raises Unclear, with the words that have no one meaning."""
        values: Values = {NOW: True} if intent.recalls and self._is_of_now(text, frame) else {}
        if "time_zone" in slots_in(intent.plan):
            values["time_zone"] = present.time_zone
        for slot, held in frame.said.items():
            if slot not in {"channels", "forms"}:
                values |= self._value(text, frame, slot, held, focus, present, exact)
        return values

    def _value(
        self, text: str, frame: Frame, slot: str, held: object, focus: Focus, present: Present, exact: bool
    ) -> Values:
        """Raises Unclear, with the words of the request that have no one meaning."""
        if slot == MESSAGE:
            return {MESSAGE: message_in(text, frame)}
        if slot == "sought":  # as it was written
            about = said_of(text, frame, {"topic"})
            held = one_of(about) if about else _sought(said_of(text, frame, {slot, "quoted"}))
        try:
            return values_of(slot, held, focus, present, self.lexicon, exact=exact)
        except (Unclear, NoTime):
            raise
        except ToolInputError as unclear:
            raise Unclear(str(unclear), said_of(text, frame, {slot}), unclear.nearest) from None

    def _state_in(self, said: str, targets: object) -> str:
        """The state that is said within these words; one that is said behind them stays where it is."""
        state = targets.state if isinstance(targets, Targets) else None
        if state is None:
            return ""
        ways = sorted(self.lexicon.state_words[state], key=len, reverse=True)
        return next((way for way in ways if re.search(rf"(?<!\w){re.escape(way)}(?!\w)", said)), "")

    def _is_of_now(self, text: str, frame: Frame) -> bool:
        """Whether what there is now is asked for. What may be a kind ("live") is one where it says which are meant."""
        for span in frame.spans:
            said = tuple(token.word for token in tokens_of(text[span.begin : span.end], self.lexicon.spelled))
            for at, word in enumerate(said):
                ways = self.lexicon.afresh.get(word, ())
                if word in self.lexicon.kind_of and span.role in {"targets", "without"}:
                    continue
                if any(said[at : at + len(way)] == way for way in ways):
                    return True
        return False

    def _referred(self, frame: Frame, focus: Focus) -> list[str]:
        """What references stand for."""
        schedules, targets = frame.said.get("schedule"), frame.said.get("targets")
        if isinstance(schedules, Schedules) and schedules.reference is not None:
            return meant_by(schedules.reference, focus, self.lexicon, "schedule")
        service = frame.said.get("service")
        services = meant_by(service, focus, self.lexicon, "service") if isinstance(service, Target) else []
        if isinstance(service, WhereItIs):
            services += texts_in(values_of("service", service, focus, SOME_TIME, self.lexicon, exact=False))
        deployment = frame.said.get("deployment")
        if isinstance(deployment, Target) and deployment.by == "reference":
            services += meant_by(deployment, focus, self.lexicon, "deployment")
        all_of = [*targets.of, *targets.but] if isinstance(targets, Targets) else []
        return services + [
            name
            for one in all_of
            if one.by == "reference"
            for name in meant_by(one, focus, self.lexicon, "environment")
        ]


def features_of(said: Mapping[str, object]) -> frozenset[str]:
    """What `hears` of an intent is held against."""
    found = {slot for slot in ("window", "until", "ago", "age", MINE) if slot in said}
    found |= {MINE} if "owner" in said else set()
    targets = said.get("targets")
    if isinstance(targets, Targets):
        found.add("one" if targets.one else "several")
        if targets.state == IDLE or (targets.state and targets.one):
            found.add(str(targets.state))
    if isinstance(schedules := said.get("schedule"), Schedules):
        found.add("one" if schedules.one else "several")
        found |= {"of"} if schedules.of is not None or schedules.all else set()
    return frozenset(found)


def _with_words(choice: str, text: str, frame: Frame) -> str:
    """With the words that were said of each {slot}."""
    return re.sub(r"\{(\w+)\}", lambda slot: said_of(text, frame, {slot[1], f"named_{slot[1]}"}), choice)


def _as_one(targets: object) -> tuple[tuple[str, Kind], ...]:
    if not isinstance(targets, Targets) or targets.one:
        return ()
    return tuple((one.said, cast("Kind", one.value)) for one in targets.of if one.by == "kind" and one.one)


def said_of(text: str, frame: Frame, roles: Collection[str]) -> str:
    """The words that a slot was read from."""
    said = [text[span.begin : span.end].strip(" ,") for span in frame.spans if span.role in roles]
    return said[-1] if said else ""


_CALLED = re.compile(
    rf"(?i)(?:the |a )?(?:exact )?(?:(?:word|text|string|phrase|term|pattern|message)s? +(?=[{QUOTES}])"
    r"|(?:word|text|phrase|term)s? +)(?P<it>.+)"
)
"""A word that only says that what comes is looked for. Before a quote it may be one that programs say as well, as in
"string index out of range".
"""


def one_of(topic: str) -> str:
    """What stands in a line about it: of a plural the one, which the plural has within it."""
    sought = _sought(topic)
    quoted = sought != topic
    return sought if quoted or len(sought) < 5 or not re.search(r"[a-z]{2}(?<![siu])s$", sought) else sought[:-1]


def _sought(said: str) -> str:
    """What is looked for, as it was written."""
    called = _CALLED.fullmatch(said)
    return (called["it"] if called else said).strip(QUOTES)


def _lacking(text: str, frame: Frame, intent: Intent) -> str | None:
    """In place of what an answer would come; see Match."""
    schedules = frame.said.get("schedule")
    if isinstance(schedules, Schedules) and schedules.of is not None:
        return said_of(text, frame, {"schedule", "named_schedule"})
    return "" if intent.answered_after else None


_THANKS = re.compile(r"(?i)(?:[\s,]+(?:please|pls|thanks|thank you|thx))+[\s.!]*$")


def message_in(text: str, frame: Frame) -> str:
    """What is to be sent, word for word: to the end of the text where it is not quoted, without a courtesy there."""
    span = next(one for one in frame.spans if one.role in {MESSAGE, QUOTED})
    if span.role == QUOTED:
        return text[span.begin : span.end].strip(QUOTES)
    return _THANKS.sub("", text[span.begin :]).strip()


def listed_of(value: object) -> Sequence[object]:
    return value if isinstance(value, tuple) else ()
