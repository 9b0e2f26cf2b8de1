"""From words to a frame: every word is read exactly once, or the request is not understood."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, cast, get_args

from copilot.domain import Kind
from copilot.intents.frames import Frame, Span, State, Target, Targets
from copilot.intents.lexicon import Lexicon
from copilot.intents.phrases import Bound, Phrase, Value
from copilot.intents.schedule_nouns import ScheduleNouns
from copilot.intents.slots import SERVICE, Pattern, Present, is_time, patterns
from copilot.intents.targets import NounPhrases
from copilot.intents.tokens import Token

Asides = tuple[Bound, ...]


SAME = {"named_schedule": "schedule"}
"""Slots that are read in another way, and hold the same."""
NOW = frozenset({"now", "immediately", "away"})


class Heard(NamedTuple):
    """One way to say an action, and which asides it takes."""

    action: str
    phrase: Phrase
    takes: tuple[str, ...]


class Grammar(NamedTuple):
    """All that can be heard. `asides` are what may stand before, after and between the words of an action, by name."""

    lexicon: Lexicon
    phrases: Sequence[Heard]
    asides: dict[str, tuple[Phrase, ...]]
    patterns: dict[str, Pattern]


def grammar_of(lexicon: Lexicon, phrases: Sequence[Heard], asides: dict[str, tuple[Phrase, ...]]) -> Grammar:
    return Grammar(lexicon, phrases, asides, dict(patterns()))


class Reading:
    """One text being read. `names` are those of environments that are known, squashed."""

    def __init__(
        self, grammar: Grammar, tokens: tuple[Token, ...], names: frozenset[str], present: Present, whole: bool = False
    ) -> None:
        self.tokens = tokens
        self._grammar = grammar
        self._present = present
        self._whole = whole
        nouns = NounPhrases(tokens, grammar.lexicon, names)
        schedules = ScheduleNouns(tokens, grammar.lexicon, nouns)
        self._nouns_of: Mapping[str, Callable[[int], Sequence[tuple[int, Value]]]] = {
            "targets": nouns.whole,
            "many": lambda at: list(nouns.many(at)),
            "without": nouns.without,
            "state": nouns.states,
            "schedule": schedules.whole,
            "named_schedule": schedules.named,
        }
        self._slots: dict[tuple[str, int], list[tuple[int, Value]]] = {}
        self._aside: dict[tuple[tuple[str, ...], int], list[tuple[int, Asides]]] = {}

    def frames(self) -> Iterator[Frame]:
        """Each way to read all of it."""
        words = {token.word for token in self.tokens}
        taking: dict[tuple[str, ...], _Taking] = {}
        for heard in self._grammar.phrases:
            if any(need.isdisjoint(words) for need in heard.phrase.needs):
                continue
            reading = taking.setdefault(heard.takes, _Taking(self, heard.takes))
            # "Tell #ops: stop uat" is what #ops is told.
            first = tuple(name for name in heard.takes if name != "tell")
            for begin, before in self.aside(first, 0):
                if begin == len(self.tokens):
                    continue
                if heard.phrase.first is not None and self.tokens[begin].word not in heard.phrase.first:
                    continue
                for end, bound in heard.phrase.part(reading, begin):
                    for last, after in reading.aside(end):
                        if last == len(self.tokens):
                            frame = self._frame(heard.action, (*before, *bound, *after))
                            if frame is not None:
                                yield frame

    def slot(self, name: str, at: int) -> list[tuple[int, Value]]:
        key = (name, at)
        if key not in self._slots:
            self._slots[key] = list(self._held(name, at)) if at < len(self.tokens) else []
        return self._slots[key]

    def aside(self, takes: tuple[str, ...], at: int) -> list[tuple[int, Asides]]:
        """From here on, as far as asides go, the longest first; and none at all."""
        key = (takes, at)
        if key not in self._aside:
            self._aside[key] = [(at, ())]  # while it is being found out
            found: dict[int, Asides] = {at: ()}
            for name in (*takes, "polite", *(("leading",) if at == 0 else ())):
                for phrase in self._grammar.asides[name]:
                    if at >= len(self.tokens) or (
                        phrase.first is not None and self.tokens[at].word not in phrase.first
                    ):
                        continue
                    for end, bound in phrase.part(_Plain(self), at):
                        span = Bound(name, None, at, end)
                        for last, more in self.aside(takes, end):
                            found.setdefault(last, (span, *bound, *more))
            self._aside[key] = sorted(found.items(), reverse=True)
        return self._aside[key]

    def _held(self, name: str, at: int) -> Iterator[tuple[int, Value]]:
        if name in self._nouns_of:
            yield from self._nouns_of[name](at)
        elif name == "rest":
            yield len(self.tokens), self._said(at, len(self.tokens))
        elif name == "request":
            for end in range(len(self.tokens), at, -1):
                yield end, self._said(at, end)
        elif name in {"window", "until", "recurs"}:
            yield from self._times(name, at)
        elif name == "service":
            word = self.tokens[at].word
            if SERVICE.fullmatch(word) and word not in self._grammar.lexicon.not_names:
                yield at + 1, word
        else:
            pattern = self._grammar.patterns[name]
            for end in range(min(len(self.tokens), at + pattern.longest), at, -1):
                if pattern.form.fullmatch(said := self._said(at, end)):
                    yield end, said

    def _times(self, name: str, at: int) -> Iterator[tuple[int, Value]]:
        """The longest that is a time."""
        for end in range(len(self.tokens), at, -1):
            if is_time(name, said := self._said(at, end), self._present, self._whole and end == len(self.tokens)):
                yield end, said
                return

    def _said(self, at: int, end: int) -> str:
        return " ".join(token.word for token in self.tokens[at:end]).replace(" ,", ",")

    def _frame(self, action: str, bound: Sequence[Bound]) -> Frame | None:
        """None where a slot was filled twice, or what is left out was left out of nothing."""
        bound = [one._replace(slot="targets") if one.slot == "many" else one for one in bound]
        said: dict[str, Value] = {}
        channels: list[Value] = []
        for one in bound:
            if one.slot == "channel":
                channels.append(one.value)
            elif one.value is not None:
                if SAME.get(one.slot, one.slot) in said:
                    return None
                said[SAME.get(one.slot, one.slot)] = one.value
        if "window" in said and NOW & {
            self.tokens[at].word for one in bound if one.slot == "polite" for at in range(one.begin, one.end)
        }:
            return None
        if channels:
            said["channels"] = tuple(dict.fromkeys(map(str, channels)))
        return _settled(Frame(action, said, self._spans(action, bound)))

    def _spans(self, action: str, bound: Sequence[Bound]) -> tuple[Span, ...]:
        """What no slot nor aside covers are the words of the action."""
        roles = [action] * len(self.tokens)
        for one in bound:
            for at in range(one.begin, one.end):
                roles[at] = one.slot
        spans: list[Span] = []
        for token, role in zip(self.tokens, roles, strict=True):
            if spans and spans[-1].role == role:
                spans[-1] = spans[-1]._replace(end=token.end)
            else:
                spans.append(Span(role, token.begin, token.end))
        return tuple(spans)


def _without_kinds(targets: Targets) -> Targets:
    """Of everything but some kinds, the kinds that are left."""
    left_out = {one.value for one in targets.but if one.by == "kind"}
    if not left_out or any(one.by != "all" for one in targets.of):
        return targets
    said = " ".join(one.said for one in targets.of)
    rest = tuple(Target("kind", kind, said, False) for kind in get_args(Kind) if kind not in left_out)
    return targets._replace(of=rest, but=tuple(one for one in targets.but if one.by != "kind"))


def _settled(frame: Frame) -> Frame | None:
    """With what was said apart from the targets, a state or what is left out, put to them."""
    said = dict(frame.said)
    if recurs := said.pop("recurs", None):
        said["window"] = f"{recurs} {said.get('window', '')}".strip()
    targets, state, without = said.get("targets"), said.pop("state", None), said.pop("without", None)
    if state is None and without is None:
        if isinstance(targets, Targets):
            said["targets"] = _without_kinds(targets)
        return frame._replace(said=said)
    if targets is None and without is None:
        targets = Targets((Target("all", "", "", False),))
    if not isinstance(targets, Targets) or (state and targets.state) or (without and targets.but):
        return None
    whole = targets._replace(
        state=cast("State | None", state) or targets.state, but=cast("tuple[Target, ...]", without) or targets.but
    )
    said["targets"] = _without_kinds(whole)
    return frame._replace(said=said)


class _Taking:
    """A reading for an action that takes these asides."""

    def __init__(self, reading: Reading, takes: tuple[str, ...]) -> None:
        self._reading = reading
        self._takes = takes
        self.tokens = reading.tokens
        self.slot = reading.slot

    def aside(self, at: int) -> list[tuple[int, Asides]]:
        return self._reading.aside(self._takes, at)


class _Plain:
    """A reading in which nothing stands aside, within an aside."""

    def __init__(self, reading: Reading) -> None:
        self.tokens = reading.tokens
        self.slot = reading.slot

    def aside(self, at: int) -> list[tuple[int, Asides]]:
        return [(at, ())]
