"""From a request to a plan, where it is a known one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from importlib.resources import files
from typing import Any

from pydantic import JsonValue

from copilot.domain import NOTHING_KNOWN, Focus, Frozen, Known, Plan
from copilot.errors import ToolInputError
from copilot.intents.actions import Action, Intent, read_yaml, slots_in
from copilot.intents.correcting import Correcting, corrections, put_right, with_names
from copilot.intents.frames import Correction, Frame, Span, Targets
from copilot.intents.lexicon import Lexicon, words_in
from copilot.intents.names import squashed
from copilot.intents.phrases import compile_phrase
from copilot.intents.placing import Placed, placed
from copilot.intents.reading import Grammar, Heard, Reading, grammar_of
from copilot.intents.slots import SOME_TIME, NoTime, Present, Unclear, Values, meant_by, values_of
from copilot.intents.tokens import Token, tokens_of
from copilot.runbooks.filling import defaults, filled

OF_TARGETS = frozenset({"environment", "kinds", "names", "but", "state"})
"""What a plan is filled with from the targets."""
OF_PERIOD = frozenset({"weeks", "since", "until"})
IDLE = "idle"
NOW = "now"


class Match(Frozen):
    """The intent that a request is, what its slots were filled with, and its plan; an action that needs none has no
    plan, and is its own intent.

    `remembered` are the texts among the slots that the person did not say but the Conversation had spoken of.
    `everything` are the words by which it is for all there are, `state` the state that is said within them.
    `corrected`: words that were not as they should be, and `meant` the request with them put right.
    """

    intent: str
    slots: dict[str, JsonValue] = {}
    plan: Plan | None = None
    is_follow_up: bool = False
    everything: str = ""
    state: str = ""
    wants_file: str = ""
    about: str = ""
    remembered: tuple[str, ...] = ()
    corrected: tuple[Correction, ...] = ()
    meant: str = ""


class Intents:
    def __init__(self, lexicon: Lexicon, actions: Sequence[Action], grammar: Grammar) -> None:
        self.lexicon = lexicon
        self.actions = tuple(actions)
        self._grammar = grammar

    @cached_property
    def _correcting(self) -> Correcting:
        """Of the words of all phrases; names of environments are not among them."""
        said = [phrase for action in self.actions for phrase in action.phrases]
        return Correcting(words_in(said) | self.lexicon.all_words)

    @cached_property
    def intents(self) -> tuple[Intent, ...]:
        return tuple(intent for action in self.actions for intent in action.plans if not intent.asks)

    def match(
        self, text: str, focus: Focus, present: Present = SOME_TIME, known: Known = NOTHING_KNOWN
    ) -> Match | None:
        """What a known request comes to; None for every other.

        Raises ToolInputError, with the question to ask, where a pronoun stands for nothing or for several things, or
        a time is not understood.
        """
        for frame in self.frames(text, present, known):
            if match := self._planned(text, frame, focus, present):
                return match.model_copy(update={"corrected": frame.corrected, "meant": put_right(text, frame)})
        return None

    def frames(self, text: str, present: Present = SOME_TIME, known: Known = NOTHING_KNOWN) -> Iterator[Frame]:
        """Each way to read a request whole, the likeliest first; none where it is not understood."""
        tokens = tokens_of(text, self.lexicon.spelled)
        if not tokens or len(tokens) > MOST_WORDS:
            return
        names = {squashed(one.name): one.name for one in known.environments}
        all_names = names if known.seen_at else {}  # of a few that were spoken of, none is the one that is meant
        doubtful: list[Frame] = []
        found = False
        for read in self._readings(tokens, names, present):
            frame = with_names(read, all_names)
            if self._of_no_such(frame, all_names):
                doubtful.append(frame)
                continue
            found = True
            yield frame
        if found:
            return
        for corrected in self._correcting.corrected(tokens, all_names):
            for read in self._readings(corrected, names, present):
                frame = with_names(read, all_names)
                if not self._of_no_such(frame, all_names):
                    found = True
                    yield frame._replace(corrected=(*corrections(tokens, corrected, frame), *frame.corrected))
        if not found:
            yield from doubtful
        if not found and not doubtful:
            yield from self._readings(tokens, names, present, whole=True)

    def _readings(
        self, tokens: tuple[Token, ...], names: Mapping[str, str], present: Present, whole: bool = False
    ) -> Iterator[Frame]:
        reading = Reading(self._grammar, tokens, frozenset(names), present, whole)
        return reading.frames()

    @staticmethod
    def _of_no_such(frame: Frame, names: Mapping[str, str]) -> bool:
        """Whether it is about a name that is not known: a word that is written wrong may have been taken for one."""
        targets = frame.said.get("targets")
        if not names or not isinstance(targets, Targets):
            return False
        return any(one.by == "name" and squashed(one.value) not in names for one in (*targets.of, *targets.but))

    def placed(self, text: str, known: Known) -> Placed:
        """What can be said of a request that is not understood."""
        return placed(text, tokens_of(text, self.lexicon.spelled)[:MOST_WORDS], self.lexicon, known)

    def _planned(self, text: str, frame: Frame, focus: Focus, present: Present) -> Match | None:
        action = self._action(frame.action)
        if action.says:
            return Match(intent=action.action)
        if action.plans:
            return self._fitting(text, action, frame, _features(frame.said), {}, focus, present)
        last = next((intent for intent in self.intents if intent.name == focus.intent), None)
        if last is None or not _goes_on(frame.said, focus, last):
            return None
        again = next(one for one in self.actions if last in one.plans)
        if "ago" in again.takes and "period" in frame.said:
            said = {"ago" if slot == "period" else slot: held for slot, held in frame.said.items()}
            frame = frame._replace(said=said)
        about = "targets" in frame.said
        features = _features(frame.said) | (last.hears - ({"one", "several"} if about else frozenset()))
        other = (OF_TARGETS if about else frozenset()) | (OF_PERIOD if "ago" in frame.said else frozenset())
        kept = {name: value for name, value in focus.slots.items() if name not in other}
        return self._fitting(text, again, frame, features, kept, focus, present)

    def _value(self, text: str, frame: Frame, slot: str, held: object, focus: Focus, present: Present) -> Values:
        """Raises Unclear, with the words of the request that have no one meaning."""
        try:
            return values_of(slot, held, focus, present, self.lexicon)
        except (Unclear, NoTime):
            raise
        except ToolInputError as unclear:
            said = [text[span.begin : span.end].strip(" ,") for span in frame.spans if span.role == slot]
            raise Unclear(str(unclear), said[-1] if said else "", unclear.nearest) from None

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

    def _referred(self, targets: object, focus: Focus) -> list[str]:
        """What references stand for."""
        if not isinstance(targets, Targets):
            return []
        all_of = [*targets.of, *targets.but]
        return [name for one in all_of if one.by == "reference" for name in meant_by(one, focus, self.lexicon)]

    def _action(self, name: str) -> Action:
        return next(one for one in self.actions if one.action == name)

    def _fitting(
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
        channels = [str(one) for one in _listed(frame.said.get("channels"))]
        known = any(intent.hears == features for intent in action.plans)
        if isinstance(targets, Targets) and targets.of[0].by == "kind" and "one" in features and not known:
            # Of what is only looked at, a kind is all of it, however many it has.
            if action.changes:
                return None
            several = targets._replace(of=(targets.of[0]._replace(one=False),))
            frame = frame._replace(said={**frame.said, "targets": several})
            features = (features - {"one"}) | {"several"}
        if action.changes and frame.action == action.action and _is_loose(text, frame):
            return None
        for intent in action.plans:
            if intent.hears != features or (everything and not intent.everything) or (channels and not intent.tell):
                continue
            values: Values = {NOW: True} if intent.recalls and self._is_of_now(text, frame) else {}
            for slot, held in frame.said.items():
                if slot != "channels":
                    values |= self._value(text, frame, slot, held, focus, present)
            remembered = [
                *self._referred(targets, focus),
                *_texts([kept[name] for name in kept.keys() - values.keys()]),
            ]
            if intent.asks:
                raise Unclear(f"{intent.asks} Nothing was done.", "", intent.choices)
            if not _leaves_out(intent, kept | values):
                found = _filled(text, intent, kept | values, channels)
                more = {
                    "is_follow_up": frame.action != action.action,
                    "everything": everything[0].said if everything else "",
                    "state": self._state_in(everything[0].said, targets) if everything else "",
                }
                return found.model_copy(update=more | {"remembered": tuple(remembered)})
        return None


MOST_WORDS = 60
"""In a known request; a longer text is a letter, and for a model."""


def load_intents() -> Intents:
    """The intents of this package."""
    folder = files("copilot").joinpath("intents")
    lexicon = Lexicon.model_validate(read_yaml(folder.joinpath("words.yaml")))
    documents = [file for file in sorted(folder.iterdir(), key=lambda f: f.name) if file.name.endswith(".yaml")]
    actions = [
        Action.model_validate(entry)
        for document in documents
        if document.name != "words.yaml"
        for entry in read_yaml(document)
    ]
    return intents_of(lexicon, actions)


def intents_of(lexicon: Lexicon, actions: Sequence[Action]) -> Intents:
    """Raises ValueError or KeyError for a phrase that is none."""
    heard = [
        Heard(action.action, compile_phrase(phrase, lexicon.synonyms), action.takes)
        for action in actions
        for phrase in action.phrases
    ]
    asides = {
        name: tuple(compile_phrase(phrase, lexicon.synonyms) for phrase in phrases)
        for name, phrases in lexicon.asides.items()
    }
    return Intents(lexicon, actions, grammar_of(lexicon, heard, asides))


def _features(said: Mapping[str, object]) -> frozenset[str]:
    """What `hears` of an intent is held against."""
    found = {slot for slot in ("window", "until", "ago") if slot in said}
    targets = said.get("targets")
    if isinstance(targets, Targets):
        found.add("one" if targets.one else "several")
        if targets.state == IDLE or (targets.state and targets.one):
            found.add(str(targets.state))
    return frozenset(found)


def _is_loose(text: str, frame: Frame) -> bool:
    """Whether a change would be of what the words leave open: one or another, any, those of somebody; or only a
    question whether it is so.
    """
    targets = frame.said.get("targets")
    state = isinstance(targets, Targets) and targets.state is not None
    words = {word for one in frame.spans if one.role in {"targets", "without"} for word in _words_of(text, one)}
    if words & {"or", "my", "your", "their"} or ("any" in words and not state):
        return True
    return text.rstrip(" .!").endswith("?") and not _COURTESY.search(text)


_COURTESY = re.compile(
    r"\b(?:you|u|please|pls|plz|plse|kindly|someone|somebody|thanks|thx|thank|possible|mind|ask)\b", re.I
)


def _words_of(text: str, span: Span) -> list[str]:
    return re.findall(r"[a-z]+", text[span.begin : span.end].lower())


def _goes_on(said: Mapping[str, object], focus: Focus, last: Intent) -> bool:
    """Whether the last request has what is to be another one now."""
    if "targets" in said:
        return bool(last.hears & {"one", "several"})
    timed = {"days", "weeks", "since"} & focus.slots.keys()
    return ("service" in said and "service" in focus.slots) or ("period" in said and bool(timed))


def _listed(value: object) -> Sequence[object]:
    return value if isinstance(value, tuple) else ()


def _leaves_out(intent: Intent, values: Values) -> bool:
    """Whether the plan would do without something that was said: that would be another request."""
    used = slots_in(intent.plan)
    heard = {"state": IDLE if IDLE in intent.hears else None}
    return any(
        value not in (None, [], heard.get(slot)) and slot not in used and slot not in {"time_zone", "end", NOW}
        for slot, value in values.items()
    )


def _texts(value: JsonValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)


def _filled(text: str, intent: Intent, values: Values, channels: Sequence[str]) -> Match:
    slots = defaults(intent.plan) | values
    if IDLE in intent.hears:
        slots["state"] = None  # the plan itself looks which are
    plan = filled(intent.plan, slots)
    if slots.get(NOW):
        plan = _of_now(plan, intent.recalls)
    if channels:
        plan = _telling(plan, intent.tell, channels)
    return Match(
        intent=intent.name,
        slots=slots,
        plan=Plan.model_validate(plan | {"goal": text}),
        wants_file=intent.wants_file,
        about="envs.environments[].id" if intent.about and values.get("names") else intent.about,
    )


def _of_now(plan: dict[str, Any], recalls: str) -> dict[str, Any]:
    """The plan with the step that may recall what there was told to look."""
    steps = [
        step | {"arguments": step["arguments"] | {NOW: True}} if step["id"] == recalls else step
        for step in plan["steps"]
    ]
    return plan | {"steps": steps}


def _telling(plan: dict[str, Any], text: str, channels: Sequence[str]) -> dict[str, Any]:
    """The plan, and at its end each channel is told."""
    ids = ["tell", *(f"tell{number}" for number in range(2, len(channels) + 1))]
    steps = [
        {"id": id, "tool": "notify", "arguments": {"channel": channel, "text": {"$text": text}}}
        for id, channel in zip(ids, channels, strict=True)
    ]
    said = "\n".join(f"And {{{id}.summary}}." for id in ids)
    answer = f"{plan['answer']['text'].rstrip()}\n\n{said}\n"
    return plan | {"steps": [*plan["steps"], *steps], "answer": {"text": answer}}
