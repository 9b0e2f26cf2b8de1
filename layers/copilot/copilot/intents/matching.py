"""From a request to a plan, where it is a known one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from copilot.domain import NOTHING_KNOWN, Focus, Known, Plan
from copilot.intents.actions import Action, Intent
from copilot.intents.correcting import Correcting, corrections, put_right, with_names
from copilot.intents.courtesies import Bare, asked_for, bare, with_courtesies
from copilot.intents.filling import (
    IDLE,
    WOULD,
    Match,
    only_foreseen,
)
from copilot.intents.fitting import Fitting, features_of, listed_of, said_of
from copilot.intents.forms import given_in, not_given
from copilot.intents.frames import Frame, NamedThing, Target, Targets
from copilot.intents.going_on import goes_on, in_its_terms, kept_of
from copilot.intents.hinting import Hinting, Hints
from copilot.intents.lexicon import Lexicon
from copilot.intents.loose import is_loose, mine_in
from copilot.intents.names import There, there_is
from copilot.intents.owned import no_such
from copilot.intents.placing import Beside, Placed, beside, placed
from copilot.intents.reading import Grammar, Reading
from copilot.intents.referring import NoneSpokenOf, Unclear
from copilot.intents.slots import SOME_TIME, Present, values_of
from copilot.intents.tokens import Token, tokens_of
from copilot.intents.unable import CannotBeDone, Unable, cannot_be_done, grammar_of_unable
from copilot.intents.wording import imperatives
from copilot.text.nearness import squashed
from copilot.times.words import SPOKEN

MOST_WORDS = 60
"""In a known request; a longer text is a letter, and for a model."""
MOST_BARE = 2
"""Of each way to put words right, so many ways are tried to leave off what stands around it."""
_ASKED = re.compile("(?i)(?:what|which)")
"""Another question, as in "also, which are idle?"."""
COMPARED = "compared"
"""The action that the last request is asked again by, of another time, beside itself."""
OfResults = Callable[[str, str, Mapping[str, object], Focus, Sequence[str]], Plan | None]
"""What a request comes to that is about the last answer: the action, its words, its slots, and the figures that a chart
of that would be of. None where it has no such thing. Raises Unclear.
"""
DRY_RUN = "dry run: "
"""Before a request, says the same."""


def of_none(action: str, text: str, said: Mapping[str, object], focus: Focus, figures: Sequence[str]) -> Plan | None:
    """Where nothing is kept of what was answered."""
    return None


class _Asking(NamedTuple):
    """What a text is read by; `asks`: it ends as a question does."""

    grammar: Grammar
    known: Known
    present: Present
    asks: bool


class Intents:
    """`vocabulary` are the words that its phrases are made of."""

    def __init__(
        self,
        lexicon: Lexicon,
        actions: Sequence[Action],
        grammar: Grammar,
        vocabulary: frozenset[str],
        unable: Sequence[Unable] = (),
    ) -> None:
        self.lexicon = lexicon
        self._fitting = Fitting(lexicon)
        self.actions = tuple(actions)
        self._grammar = grammar
        self._unable = tuple(unable)
        self._vocabulary = vocabulary
        self._there: tuple[Known, There] | None = None

    @cached_property
    def _correcting(self) -> Correcting:
        """Of the words of all phrases; names of environments are not among them."""
        return Correcting(self._vocabulary | self.lexicon.all_words | SPOKEN)

    def has_word(self, word: str) -> bool:
        """Whether its phrases are made of it, among others."""
        return word in self._vocabulary or word in self.lexicon.all_words or word in SPOKEN

    @cached_property
    def _grammar_of_unable(self) -> Grammar:
        return grammar_of_unable(self._unable, self.lexicon, self._grammar)

    @cached_property
    def intents(self) -> tuple[Intent, ...]:
        return tuple(intent for action in self.actions for intent in action.plans if not intent.asks)

    def match(
        self,
        text: str,
        focus: Focus,
        present: Present = SOME_TIME,
        known: Known = NOTHING_KNOWN,
        over: OfResults = of_none,
    ) -> Match | None:
        """What a known request comes to; None for every other. `over` plans what is about the last answer.

        Raises ToolInputError, with the question to ask, where a pronoun stands for nothing or for several things, or
        a time is not understood.
        """
        return self._match(text, focus, present, known, self._grammar, over)

    def _match(
        self,
        text: str,
        focus: Focus,
        present: Present,
        known: Known,
        grammar: Grammar,
        over: OfResults = of_none,
    ) -> Match | None:
        otherwise: NoneSpokenOf | None = None
        for frame in self._frames(text, present, known, grammar):
            try:
                match = self._planned(text, frame, focus, present, known, over)
            except NoneSpokenOf as unclear:  # "resume it" may mean a schedule as well as an environment
                otherwise = otherwise or unclear
                continue
            if match is not None:
                more = {
                    "corrected": (*frame.corrected, *match.corrected),
                    "meant": match.meant or put_right(text, frame),
                    "doubtful": frame.doubtful,
                }
                return match.model_copy(update=more)
        if otherwise is not None:
            raise otherwise
        return None

    def frames(self, text: str, present: Present = SOME_TIME, known: Known = NOTHING_KNOWN) -> Iterator[Frame]:
        """Each way to read a request whole, the likeliest first; none where it is not understood."""
        return self._frames(text, present, known, self._grammar)

    def _frames(self, text: str, present: Present, known: Known, grammar: Grammar) -> Iterator[Frame]:
        tokens = tokens_of(text, self.lexicon.spelled)
        if not tokens or len(tokens) > MOST_WORDS:
            return
        there, asks = self._there_is(known), text.rstrip(" .!").endswith("?")
        of_no_such: list[Frame] = []
        asking = _Asking(grammar, known, present, asks)
        for read, is_as_said in ((self._read(tokens, asking), True), (self._put_right(tokens, asking), False)):
            found = False
            nearly: list[Frame] = []
            for frame in read:
                if is_as_said and frame.corrected and not _of_no_such(frame, there):
                    nearly.append(frame)  # what a name is near to is meant only where nothing is that is called so
                elif not _of_no_such(frame, there):
                    found = True
                    yield frame
                elif not frame.corrected:
                    of_no_such.append(frame)
            yield from nearly
            if found or nearly:
                return
        yield from of_no_such or self._read(tokens, asking, whole=True)

    def _there_is(self, known: Known) -> There:
        """Made once for all that is asked while no more is known."""
        if self._there is None or self._there[0] is not known:
            self._there = (known, there_is(known))
        return self._there[1]

    def _read(
        self, tokens: tuple[Token, ...], asking: _Asking, whole: bool = False, said: tuple[Token, ...] | None = None
    ) -> Iterator[Frame]:
        """What may be no order is none where it asks; a question what something would do has that within it. Of words
        that were put right, `said` are those that were: a word that is only near to a courtesy may say something.
        """
        rests = list(islice(bare(tokens, asking.grammar.asides), MOST_BARE if said else None))
        rests = [one for one in rests if said is None or _without(tokens, one) == _without(said, one)]
        for rest in rests:
            if rest.asks:  # in the words that it is asked in without
                for frame in self._read_whole(rest.tokens, asking._replace(asks=True), whole):
                    if not self._action(frame.action).changes:
                        yield with_courtesies(frame, tokens, rest)
        yield from self._read_whole(tokens, asking, whole)
        for rest in rests:
            if not rest.asks:
                for frame in self._read_whole(rest.tokens, asking, whole):
                    yield with_courtesies(frame, tokens, rest)

    def _read_whole(self, tokens: tuple[Token, ...], asking: _Asking, whole: bool) -> Iterator[Frame]:
        there = self._there_is(asking.known)
        for frame in Reading(asking.grammar, tokens, there, asking.present, whole).frames():
            foresees = self._action(frame.action).foresees
            if not (asking.asks and frame.doubtful) and (
                not foresees or self._within(frame, asking.present, asking.known)
            ):
                yield with_names(frame, there)

    def _put_right(self, tokens: tuple[Token, ...], asking: _Asking) -> Iterator[Frame]:
        there = self._there_is(asking.known)
        for meant in self._correcting.corrected(tokens, {**there.services, **there.names, **there.things}):
            for frame in self._read(meant, asking, said=tokens):
                yield frame._replace(corrected=(*corrections(tokens, meant, frame), *frame.corrected))

    def orders(self, text: str) -> list[str]:
        """What a text may say as an order: it itself, and it without the courtesies around it, fewer of these first. A
        question is none, and is one where it only asks whether it could be done.
        """
        tokens = tokens_of(text, self.lexicon.spelled)
        if not tokens or len(tokens) > MOST_WORDS:
            return []
        rests = [tokens, *(one.tokens for one in bare(tokens, self._grammar.asides) if not one.asks)]
        asks = text.rstrip(" .!").endswith("?")
        ways = [without for rest in rests for without in asked_for(rest, self._grammar.asides)]
        ways += [] if asks else rests
        ways.sort(key=len, reverse=True)
        return list(dict.fromkeys(text[way[0].begin : way[-1].end] for way in ways))

    def placed(self, text: str, known: Known) -> Placed:
        """What can be said of a request that is not understood."""
        return placed(text, tokens_of(text, self.lexicon.spelled)[:MOST_WORDS], self.lexicon, known)

    def hints(self, text: str, focus: Focus, present: Present, known: Known) -> Hints:
        """What can be told of a request that is not understood, to whoever plans it."""
        tokens = tokens_of(text, self.lexicon.spelled)[:MOST_WORDS]
        return Hinting(tokens, self.lexicon, known, focus, present).hints()

    def cannot_be_done(self, text: str, present: Present, known: Known) -> CannotBeDone | None:
        """What to say of a request for something that nothing here does; None for every other."""
        tokens = tokens_of(text, self.lexicon.spelled)
        if not tokens or len(tokens) > MOST_WORDS:
            return None
        return cannot_be_done(text, tokens, self._unable, self._grammar_of_unable, there_is(known), present)

    def without_reason(self, text: str, present: Present, known: Known) -> Beside | None:
        """The request without what stands beside it as its reason; None where nothing does."""

        def is_known(request: str) -> bool:
            frame = next(self.frames(request, present, known), None)
            return frame is not None and not frame.corrected and not self._action(frame.action).says

        return beside(text, tokens_of(text, self.lexicon.spelled)[:MOST_WORDS], self.lexicon, known, is_known)

    def _within(self, frame: Frame, present: Present, known: Known) -> str:
        """The request for a change that a question what it would do has within it; "" where there is none."""
        for request in imperatives(str(frame.said["request"]), self._verbs, self.lexicon.verbs):
            inner = next(self._frames(request, present, known, self._without_questions), None)
            if inner is not None and self._action(inner.action).changes:
                return request
        return ""

    @cached_property
    def _without_questions(self) -> Grammar:
        """What a request within another is read by: nobody asks what asking would do, and there is no end to it."""
        heard = [one for one in self._grammar.phrases if not self._action(one.action).foresees]
        return self._grammar._replace(phrases=heard)

    @cached_property
    def _verbs(self) -> frozenset[str]:
        """What a request for a change may begin with."""
        changing = {action.action for action in self.actions if action.changes}
        begins = [heard.phrase.first for heard in self._grammar.phrases if heard.action in changing]
        return frozenset().union(*(words for words in begins if words is not None))

    def _foreseen(self, text: str, frame: Frame, focus: Focus, present: Present, known: Known) -> Match | None:
        """What the request within comes to, of which nothing is to be done: nor of what is asked back of it."""
        request = self._within(frame, present, known)
        try:
            inner = self._match(request, focus, present, known, self._without_questions)
        except Unclear as unclear:
            if unclear.lacks != request:
                raise
            raise Unclear(str(unclear), text, [f"{DRY_RUN}{choice}" for choice in unclear.nearest]) from None
        if inner is None or inner.plan is None:
            return None
        return only_foreseen(inner, text).model_copy(update={"meant": f"{DRY_RUN}{inner.meant}"})

    def _planned(
        self, text: str, frame: Frame, focus: Focus, present: Present, known: Known, over: OfResults
    ) -> Match | None:
        action = self._action(frame.action)
        if self._is_of_another(frame, focus) and not action.changes:
            return None
        if action.foresees:
            return self._foreseen(text, frame, focus, present, known)
        if action.changes and is_loose(text, frame):
            return None
        if action.says:
            span = frame.said.get("span")
            when = values_of("span", span, focus, present, self.lexicon, exact=False) if span else {}
            return Match(intent=action.action, slots=when)
        if action.plans:
            return self._of_its_plans(text, action, frame, focus, present, known)
        return self._following(text, action, frame, focus, present, over)

    def _following(
        self, text: str, action: Action, frame: Frame, focus: Focus, present: Present, over: OfResults
    ) -> Match | None:
        """The last request again; of what that gives no files of, files of what it answered."""
        if action.of_results:
            return self._of_results(text, action, frame, focus, present, over)
        again = self._again(text, frame, focus, present)
        if "forms" in frame.said and (again is None or again.plan is None):
            return self._of_results(text, action, frame, focus, present, over) or again
        return again

    def _of_its_plans(
        self, text: str, action: Action, frame: Frame, focus: Focus, present: Present, known: Known
    ) -> Match | None:
        if (owner := frame.said.get("owner")) is not None:
            if says := no_such(str(owner), known):
                return Match(intent=action.action, says=says)
            if action.changes and not any(one.owner for one in known.environments):
                return None  # it may be anything that "of" it is
        mine = mine_in(text, frame) if action.changes else frozenset()
        return self._fitting.first(text, action, frame, features_of(frame.said) | mine, {}, focus, present)

    def _of_results(
        self, text: str, action: Action, frame: Frame, focus: Focus, present: Present, over: OfResults
    ) -> Match | None:
        """What is about the last answer: beside the last request of another time, or a plan of the caller's."""
        if action.action == COMPARED:
            now = self._again(text, frame, focus, present)
            last = self._again(text, frame._replace(said={}), focus, present)
            return now and last and now.model_copy(update={"intent": COMPARED, "beside": last.plan})
        asked = next((one for one in self.intents if one.name == focus.intent), None)
        sections = asked.report.get("sections", ()) if asked else ()
        charts = [one["chart"] for one in sections if "chart" in one]
        figures = tuple(str(figure) for chart in charts for figure in chart.get("y", ()))
        plan = over(action.action, text, frame.said, focus, figures)
        channels = tuple(str(one) for one in listed_of(frame.said.get("channels")))
        return Match(intent=action.action, plan=plan, channels=channels, over=True) if plan else None

    def _again(self, text: str, frame: Frame, focus: Focus, present: Present) -> Match | None:
        """The last request with what is said anew in place of what it was filled with; None where it has none of it."""
        name = focus.intent or ""
        last = next((intent for intent in self.intents if intent.name == name.removeprefix(WOULD)), None)
        if last is None or _ASKED.match(said_of(text, frame, {"targets"})):
            return None
        forms = [str(one) for one in listed_of(frame.said.get("forms"))]
        if forms and not given_in(last, forms):
            return Match(intent=last.name, says=not_given(last))
        said_anew = {slot: held for slot, held in frame.said.items() if slot not in {"forms", "channels"}}
        if not goes_on(said_anew, focus, last):
            return None
        again = next(one for one in self.actions if last in one.plans)
        frame = in_its_terms(frame, again, focus)
        about, said = frame.said.get("targets"), features_of(frame.said)
        anew = {"one", "several", *({IDLE} if isinstance(about, Targets) and about.state else ())} if about else set()
        features = said | (last.hears - anew)
        kept = kept_of(frame, focus)
        found = self._fitting.first(text, again, frame, features, kept, focus, present)
        if found and forms:
            found = found.model_copy(update={"over": True})
        return only_foreseen(found, text) if found and name.startswith(WOULD) else found

    def _is_of_another(self, frame: Frame, focus: Focus) -> bool:
        """Whether what would be a deployment is none that was shown ("why did it fail?" may be about anything); or an
        environment by its place in a list is a deployment by that.
        """
        deployment, targets = frame.said.get("deployment"), frame.said.get("targets")
        if isinstance(deployment, Target):
            if deployment.by == "reference":
                return not focus.spoken_of("deployment")
            shown = {one.id.casefold() for one in focus.references if one.type == "deployment"}
            return deployment.said == deployment.value and deployment.value not in shown
        of = targets.of if isinstance(targets, Targets) else ()
        by_place = any(one.by == "reference" and self.lexicon.picked(one.value) is not None for one in of)
        return by_place and bool(focus.list_of("deployment"))

    def _action(self, name: str) -> Action:
        return next(one for one in self.actions if one.action == name)


def _of_no_such(frame: Frame, there: There) -> bool:
    """Whether it is about a name that is not known: a word that is written wrong may have been taken for one."""
    deployment = frame.said.get("deployment")
    if isinstance(deployment, Target) and deployment.by == "name" and deployment.said == deployment.value:
        return True
    service = frame.said.get("service")
    if there.services and isinstance(service, str) and squashed(service) not in there.services:
        return True
    thing = frame.said.get("thing")
    if isinstance(thing, NamedThing) and not thing.types and squashed(thing.name) not in there.things:
        return True
    targets = frame.said.get("targets")
    if not there.names or not isinstance(targets, Targets):
        return False
    return any(one.by == "name" and squashed(one.value) not in there.names for one in (*targets.of, *targets.but))


def _without(tokens: tuple[Token, ...], rest: Bare) -> tuple[tuple[Token, ...], tuple[Token, ...]]:
    """What stands around the rest."""
    return tokens[: rest.begin], tokens[rest.end :]
