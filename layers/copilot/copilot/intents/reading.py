"""From words to a frame: every word is read exactly once, or the request is not understood."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, cast, get_args

from copilot.domain import TO_PERSON, Kind
from copilot.intents.called import LONGEST_NAME
from copilot.intents.figures import FILL, LOAD
from copilot.intents.filling import MINE
from copilot.intents.forms import forms_of
from copilot.intents.frames import COURTEOUS, Frame, ResourceTypes, Span, State, Target, Targets, WhereItIs
from copilot.intents.lexicon import Lexicon, Ways
from copilot.intents.names import There
from copilot.intents.owned import ME, Owners
from copilot.intents.phrases import Bound, Phrase, Value
from copilot.intents.resource_nouns import ResourceNouns
from copilot.intents.rows import Row
from copilot.intents.schedule_nouns import ScheduleNouns
from copilot.intents.slots import DEPLOYMENT, SERVICE, SINGLE, Pattern, Present, is_time, patterns
from copilot.intents.targets import NounPhrases
from copilot.intents.thing_names import ThingNames
from copilot.intents.tokens import PAUSES, Token
from copilot.text.nearness import squashed
from copilot.times.grammar import outside

Asides = tuple[Bound, ...]


CALLED = frozenset("word words text string phrase term pattern message".split())
"""What something that is looked for is called."""
FORM, DOWNLOAD = "form", "download"
"""In which form it is asked for, maybe in several; and the words that it is to be downloaded."""
EVERYWHERE = "everywhere"
"""What is said is of all there are."""
PREVIEWS = "previews"
"""Environments that are known to be previews, and no others."""
SAID_PREVIEWS = "said_previews"
"""Those that are called so, of which nothing else is known."""
ABOUT = frozenset({"many", EVERYWHERE, PREVIEWS, SAID_PREVIEWS})
"""Slots in which the environments stand that a request is about."""
TIMES = frozenset({"window", "until", "before", "recurs", "day"})
_NOT_SAID = Target("reference", "it", "", True)
UNSAID: Mapping[str, Value] = {
    EVERYWHERE: Targets((Target("all", "", "", False),)),
    "troubled": "troubled",
    "unused": "unused",
    "unconnected": "unconnected",
    "to_date": "month to date",
    "activity": True,
    "running_too": True,
    "spoken_service": WhereItIs(_NOT_SAID),
    "spoken_environment": Targets((_NOT_SAID,)),
    "balancers": ResourceTypes(("load balancer",)),
    "kubernetes": ResourceTypes(("EKS cluster", "node group")),
    "nodes": ResourceTypes(("node group",)),
    "just_one": "1",
    "one_before": "the one before",
    "within_a_day": "lately",
    "its_load": LOAD,
    "its_fill": FILL,
    "its_latency": "latency",
    "its_requests": "requests",
    "its_errors": "5xx",
    "its_throttles": "throttles",
    "its_depth": "queue depth",
    "its_age": "queue age",
    "its_space": "free storage",
    "its_connections": "connections",
    "its_free_memory": "free memory",
}
"""Slots that take no words, with what the phrase they stand in means by itself: where it names nothing, it may mean
what was spoken of.
"""
MESSAGE, QUOTED = "message", "quoted_message"
SAME = {
    "named_schedule": "schedule",
    "its_service": "service",
    "its_deployment": "deployment",
    "spoken_service": "service",
    "its_logger": "service",
    "spoken_environment": "targets",
    **dict.fromkeys(("warnings", "single_level", "levels", "stack_traces"), "level"),
    "just_one": "most_lines",
    "one_before": "revision",
    "within_a_day": "span",
    "topic": "sought",
    QUOTED: MESSAGE,
    "quoted": "sought",
    "known_owner": "owner",
    "rate": "period",
    "to_date": "stretch",
    "watched": "types",
    **dict.fromkeys(("balancers", "kubernetes", "nodes", "counting"), "types"),
    **dict.fromkeys(("counting_thing", "queue_thing", "machine_thing", "noted_machine"), "thing"),
    "known_service": "service",
    **dict.fromkeys(
        (
            *("its_load", "its_latency", "its_requests", "its_errors", "its_throttles", "its_depth", "its_age"),
            *("its_space", "its_connections", "its_free_memory", "its_fill"),
        ),
        "metric",
    ),
    **dict.fromkeys(("troubled", "unused", "unconnected"), "in_state"),
}
"""Slots that are read in another way, and hold the same."""
ITS = ("that service", "this service", "the same service", "the service", "its", "it")
NO_SOUGHT = frozenset(
    "and or then but if not without except in since from on at during over within last before after until till for "
    "with when while because please today yesterday tonight error errors exceptions warnings problems anything "
    "something everything".split()
)
"""What is looked for has none of these in it, where it does not stand in quotes: they may say more of the request."""
MOST_SOUGHT = 4
_IT = r"(?:it|they|that|this|there)"
_MORE_THAN_SAID = re.compile(
    r"\b(?:dry[ -]?run|simulat(?:e|es|ed|ion)|hypothetical(?:ly)?|rehears(?:e|al))\b"
    rf"|(?<=\S)[,\s]+(?:(?:but )?only )?(?:(?:if|unless|in case|provided)\b|(?:when(?:ever)?|once|as soon as) {_IT}\b)"
    r"|[,\s](?:and )?then \w"
    r"|\b(?:every|each) (?:\d+ )?(?:minutes?|hours?|days?|weeks?|months?|(?:mon|tues|wednes|thurs|fri|satur|sun)days?)"
    r"(?: at [\d:]+ ?(?:am|pm)?)?\W*$",
    re.IGNORECASE,
)
"""In what is to be told: that it is to be rehearsed, or told only if something is so, or again and again; or another
order behind it.
"""
NOBODY_TOLD = frozenset(
    "me us myself ourselves him her them it you slack email chat mail bin trash boss manager".split()
)
NOW = frozenset({"now", "immediately", "away"})


class Heard(NamedTuple):
    """One way to say an action, which asides it takes, and whether it may be no request."""

    action: str
    phrase: Phrase
    takes: tuple[str, ...]
    doubtful: bool = False


class Grammar(NamedTuple):
    """All that can be heard. `asides` are what may stand before, after and between the words of an action, by name;
    `met` says of a word which needs of phrases it meets.
    """

    lexicon: Lexicon
    phrases: Sequence[Heard]
    asides: dict[str, tuple[Phrase, ...]]
    patterns: dict[str, Pattern]
    met: dict[str, set[frozenset[str]]]


def grammar_of(lexicon: Lexicon, phrases: Sequence[Heard], asides: dict[str, tuple[Phrase, ...]]) -> Grammar:
    met: dict[str, set[frozenset[str]]] = {}
    for phrase in (*(heard.phrase for heard in phrases), *(phrase for ways in asides.values() for phrase in ways)):
        for need in phrase.needs:
            for word in need:
                met.setdefault(word, set()).add(need)
    return Grammar(lexicon, phrases, asides, dict(patterns()), met)


class Reading:
    """One text being read."""

    def __init__(
        self, grammar: Grammar, tokens: tuple[Token, ...], there: There, present: Present, whole: bool = False
    ) -> None:
        self.tokens = tokens
        self._grammar = grammar
        self._services = there.services
        self._there = there
        self._present = present
        self._whole = whole
        nouns = NounPhrases(tokens, grammar.lexicon, there)
        schedules = ScheduleNouns(tokens, grammar.lexicon, nouns)
        resources = ResourceNouns(tokens, grammar.lexicon)
        self._owners = owners = Owners(Row(tokens), grammar.lexicon, there)
        things = ThingNames(tokens, grammar.lexicon, there, resources)
        self._nouns_of: Mapping[str, Callable[[int], Iterable[tuple[int, Value]]]] = {
            "targets": nouns.whole,
            "many": nouns.many,
            PREVIEWS: lambda at: [(end, some) for end, some in nouns.whole(at) if self._are_previews(some)],
            SAID_PREVIEWS: lambda at: [(end, some) for end, some in nouns.whole(at) if self._may_be_previews(some)],
            "without": nouns.without,
            "state": nouns.states,
            "in_state": lambda at: [(end, state) for end, state in nouns.states(at) if state != "idle"],
            "types": resources.whole,
            "watched": resources.watched,
            "counting": resources.counting,
            "thing": things.whole,
            "counting_thing": things.counting,
            "queue_thing": things.queues,
            "machine_thing": things.machines,
            "noted_machine": things.noted_machines,
            "schedule": schedules.whole,
            "named_schedule": schedules.named,
            MESSAGE: self._message,
            QUOTED: self._quoted,
            "rest": lambda at: [(len(self.tokens), self._said(at, len(self.tokens)))],
            "hours_on": self._hours_on,
            "service": self._service,
            "known_service": self._known_service,
            DOWNLOAD: self._download,
            "its_service": self._its_service,
            "its_deployment": self._its_deployment,
            "owner": owners.named,
            "person": self._person,
            "told": self._told,
            "whoever": lambda at: [(end, None) for end, _ in owners.named(at)],
            "known_owner": owners.known,
            "its_logger": self._its_logger,
            "sought": self._sought,
            "quoted": self._quoted,
            "topic": self._sought,
            "outcome": lambda at: [
                (end, name) for name, ways in grammar.lexicon.outcomes.items() for end in self._ends(at, ways)
            ],
            "other_service": self._service,
            **dict.fromkeys(SINGLE, lambda at: [(end, one) for end, one in nouns.whole(at) if _is_single(one)]),
        }
        self._slots: dict[tuple[str, int], list[tuple[int, Value]]] = {}
        # Found out once for all phrases: that a text cannot be most of them is most of what there is to find out.
        self._met = set[frozenset[str]]().union(*(grammar.met.get(token.word, ()) for token in tokens))
        self._having: dict[str, list[Phrase]] = {}
        self._aside: dict[tuple[tuple[str, ...], int], list[tuple[int, Asides]]] = {}

    def frames(self) -> Iterator[Frame]:
        """Each way to read all of it."""
        taking: dict[tuple[str, ...], _Taking] = {}
        for heard in self._grammar.phrases:
            if not self._may_be(heard.phrase):
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
                                yield frame._replace(doubtful=heard.doubtful)

    def _may_be(self, phrase: Phrase) -> bool:
        return self._met.issuperset(phrase.needs)

    def _asides(self, name: str) -> list[Phrase]:
        """Those of this name that it has the words for."""
        if name not in self._having:
            self._having[name] = [phrase for phrase in self._grammar.asides[name] if self._may_be(phrase)]
        return self._having[name]

    def slot(self, name: str, at: int) -> list[tuple[int, Value]]:
        key = (name, at)
        if name in UNSAID:
            return [(at, UNSAID[name])]
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
                for phrase in self._asides(name):
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
        elif name == "request":
            for end in range(len(self.tokens), at, -1):
                yield end, self._said(at, end)
        elif name in TIMES:
            yield from self._times(name, at)
        else:
            pattern = self._grammar.patterns[name]
            for end in range(min(len(self.tokens), at + pattern.longest), at, -1):
                if pattern.form.fullmatch(said := self._said(at, end)):
                    yield end, said

    def _download(self, at: int) -> Iterator[tuple[int, Value]]:
        for words in self._grammar.lexicon.downloading:
            if tuple(token.word for token in self.tokens[at : at + len(words)]) == words:
                yield at + len(words), " ".join(words)

    def _known_service(self, at: int) -> Iterator[tuple[int, Value]]:
        """The longest that there is."""
        for end in range(min(len(self.tokens), at + LONGEST_NAME), at, -1):
            if name := self._services.get(squashed(self._said(at, end))):
                yield end, name
                return

    def _service(self, at: int) -> Iterator[tuple[int, Value]]:
        for end, name in self._known_service(at):
            yield end, name
            return
        word = self.tokens[at].word
        if SERVICE.fullmatch(word) and self._grammar.lexicon.may_be_name(word):
            yield at + 1, word

    def _its_service(self, at: int) -> Iterator[tuple[int, Value]]:
        for end in self._ends(at, self._grammar.lexicon.services_spoken_of):
            said = self._said(at, end)
            yield end, Target("reference", said, said, True)

    def _its_deployment(self, at: int) -> Iterator[tuple[int, Value]]:
        """ "it", "that deployment", "the second one", "deployment d3", "d3". "The last deployment" is the last of all,
        shown or not.
        """
        lexicon = self._grammar.lexicon
        named = at + (self.tokens[at].word in lexicon.deployment_words)
        if named < len(self.tokens) and DEPLOYMENT.fullmatch(id := self.tokens[named].word):
            yield named + 1, Target("name", id, self._said(at, named + 1), True)
        for end in self._ends(at, lexicon.deployments_spoken_of):
            said = self._said(at, end)
            yield end, Target("reference", said, said, True)
        begin = at + (self.tokens[at].word == "the")
        for end in self._ends(begin, lexicon.ordinals) if begin < len(self.tokens) else ():
            noun = self.tokens[end].word if end < len(self.tokens) else ""
            value = self._said(begin, end)
            if lexicon.picked(value) is None or value.endswith(("two", "three")):
                continue
            if noun == "one" or (noun in lexicon.deployment_words and value != "last"):
                yield end + 1, Target("reference", value, self._said(at, end + 1), True)
            if value != "last":
                yield end, Target("reference", value, self._said(at, end), True)

    def _person(self, at: int) -> Iterator[tuple[int, Value]]:
        """An owner that is known, or a word that may be somebody's name: no pronoun, and nothing else that there is."""
        word, lexicon = self.tokens[at].word, self._grammar.lexicon
        for end, said in self._owners.named(at):
            if end > at + 1 or (word not in lexicon.nobody_in_person and word not in lexicon.kind_of):
                yield end, said

    def _message(self, at: int) -> Iterator[tuple[int, Value]]:
        """All the rest, word for word. What may say more of the request than what is to be told, who plans decides:
        sent with the rest it would be told though it is not so, and the rest not done.
        """
        said = self._said(at, len(self.tokens))
        if not _MORE_THAN_SAID.search(said):
            yield len(self.tokens), said

    def _told(self, at: int) -> Iterator[tuple[int, Value]]:
        """A word that may be what somebody is called, who is told something."""
        for end, said in self._person(at):
            if end == at + 1 and said not in NOBODY_TOLD:
                yield end, said

    def _are_previews(self, targets: Targets) -> bool:
        """Whether each of them is one, by its kind or as one of that name is known."""
        return all(
            one.value == "preview" if one.by == "kind" else self._there.kinds.get(squashed(one.value)) == "preview"
            for one in targets.of
        )

    def _may_be_previews(self, targets: Targets) -> bool:
        """Whether each is named, and none is known to be something else."""
        kinds = self._there.kinds
        return all(one.by == "name" and kinds.get(squashed(one.value), "preview") == "preview" for one in targets.of)

    def _its_logger(self, at: int) -> Iterator[tuple[int, Value]]:
        for words in ITS:
            end = at + len(words.split())
            if self._said(at, end) == words:
                yield end, WhereItIs(Target("reference", "it", words, True))
                return

    def _quoted(self, at: int) -> Iterator[tuple[int, Value]]:
        """Something to look for that says by its quotes where it ends."""
        if self.tokens[at].word == '"' or self.tokens[at].word.startswith("'"):
            yield from self._sought(at)

    def _sought(self, at: int) -> Iterator[tuple[int, Value]]:
        """What stands in quotes, maybe with what it is called before them; else the fewest words first."""
        called = self.tokens[at].word in CALLED and at + 1 < len(self.tokens)
        quote = at + 1 if called else at
        if self.tokens[quote].word == '"' or self.tokens[quote].word.startswith("'"):
            for end in range(quote + 1, len(self.tokens) + 1):
                last = self.tokens[end - 1].word
                if last.endswith(('"', "'")) and (end - quote > 1 or len(last) > 2):
                    yield end, self._said(at, end)
                    return
            return
        for end in range(at + 1, min(len(self.tokens), at + MOST_SOUGHT) + 1):
            if self.tokens[end - 1].word in NO_SOUGHT | PAUSES or self.tokens[end - 1].word.startswith("#"):
                return
            yield end, self._said(at, end)

    def _ends(self, at: int, ways: Ways) -> list[int]:
        """Where one of these ways ends that begins here, the longest first."""
        found = ways.get(self.tokens[at].word, ())
        return [at + len(way) for way in found if way == tuple(token.word for token in self.tokens[at : at + len(way)])]

    def _hours_on(self, at: int) -> Iterator[tuple[int, Value]]:
        """The hours in which something is on, as the window in which it is not."""
        for end in range(len(self.tokens), at, -1):
            if window := outside(self._said(at, end), self._present.now, self._present.time_zone):
                yield end, window
                return

    def _times(self, name: str, at: int) -> Iterator[tuple[int, Value]]:
        """The longest that is a time."""
        for end in range(len(self.tokens), at, -1):
            if self.tokens[end - 1].word in COURTEOUS | PAUSES:
                continue
            if is_time(name, said := self._said(at, end), self._present, self._whole and end == len(self.tokens)):
                yield end, said
                if name != "recurs":  # "just once" is one, and so is "just once, stop"
                    return

    def _said(self, at: int, end: int) -> str:
        return " ".join(token.word for token in self.tokens[at:end]).replace(" ,", ",")

    def _frame(self, action: str, bound: Sequence[Bound]) -> Frame | None:
        """None where a slot was filled twice, but for a service that is named again, or what is left out was left out
        of nothing.
        """
        bound = [one._replace(slot="targets") if one.slot in ABOUT else one for one in bound]
        said: dict[str, Value] = {}
        channels: list[Value] = []
        forms = [str(one.value) for one in bound if one.slot == FORM and one.value]
        downloaded = any(one.slot == DOWNLOAD for one in bound)
        for one in bound:
            if one.slot == "channel":
                channels.append(re.sub("^@", TO_PERSON, str(one.value)))
            elif one.slot in {FORM, DOWNLOAD}:
                continue
            elif one.value is not None:
                slot = SAME.get(one.slot, one.slot)
                if slot in said and not (slot == "service" and said[slot] == one.value):
                    return None
                said[slot] = one.value
        if "window" in said and NOW & {
            self.tokens[at].word for one in bound if one.slot == "polite" for at in range(one.begin, one.end)
        }:
            return None
        if channels and MESSAGE not in said and any(token.word == "if" for token in self.tokens):
            return None  # others are told only if it is so, which no plan here waits for
        if wanted := forms_of(forms, downloaded):
            said["forms"] = wanted
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


def _is_single(targets: Targets) -> bool:
    """Whether it is one environment, called by its name or its kind."""
    return targets.one is not None and targets.one.by != "reference" and targets.state is None


def _without_kinds(targets: Targets) -> Targets:
    """Of everything but some kinds, the kinds that are left."""
    left_out = {one.value for one in targets.but if one.by == "kind"}
    if not left_out or any(one.by != "all" for one in targets.of):
        return targets
    said = " ".join(one.said for one in targets.of)
    rest = tuple(Target("kind", kind, said, False) for kind in get_args(Kind) if kind not in left_out)
    return targets._replace(of=rest, but=tuple(one for one in targets.but if one.by != "kind"))


def _settled(frame: Frame) -> Frame | None:
    """With what was said apart put together: of a time, and of the targets a state or what is left out."""
    said = dict(frame.said)
    if "hours_on" in said and "window" in said:
        return None
    _put_together(said)
    targets, state, without = said.get("targets"), said.pop("state", None), said.pop("without", None)
    if targets is None and without is None and state is not None:
        targets = Targets((Target("all", "", "", False),))
    if not isinstance(targets, Targets):
        return frame._replace(said=said) if without is None else None
    if (state and targets.state) or (without and targets.but):
        return None
    if targets.owner is not None and not _with_owner(said, targets.owner):
        return None
    whole = targets._replace(
        owner=None,
        state=cast("State | None", state) or targets.state,
        but=cast("tuple[Target, ...]", without) or targets.but,
    )
    if whole.but and all(one.by == "name" for one in whole.of):
        return None  # of what is named nothing is left out
    said["targets"] = _without_kinds(whole)
    return frame._replace(said=said)


def _with_owner(said: dict[str, Value], owner: str) -> bool:
    """Puts in whose they are; whether nobody else's was said."""
    slot, other = (MINE, "owner") if owner == ME else ("owner", MINE)
    was = said.setdefault(slot, owner or MINE)
    return other not in said and (was == owner or owner == ME)


def _put_together(said: dict[str, Value]) -> None:
    """ "every day" with "at 18:00", "tonight" with "until 23:00"."""
    recurs = said.pop("recurs", None)
    if hours := said.pop("hours_on", None):
        said["window"] = f"{hours} {recurs or ''}".strip()
    if recurs:
        said["window"] = f"{recurs} {said.get('window', '')}".strip()
    if before := said.pop("before", None):
        said["until"] = str(before).replace("before", "until", 1)
    if day := said.pop("day", None):
        said["until"] = f"{said.get('until', '')} {day}".strip()


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
