"""How people say which environments: by name, by kind, in a state, all of them, some without others, by a reference.

A bare word is a name only where one is known, where something says that it is one, or where it looks like one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, get_args

from copilot.domain import KIND_WORDS, Kind
from copilot.intents.frames import State, Target, Targets
from copilot.intents.lexicon import Lexicon, Ways
from copilot.intents.tokens import Token
from copilot.text.nearness import squashed

LONGEST_NAME = 4
"""In words."""
_WORD = re.compile(r"[a-z0-9][a-z0-9_.-]*")
_TELLING = re.compile(r"[a-z0-9]+(?:[-_.]+[a-z0-9]+)+|[a-z][a-z0-9]*\d|[a-z]+-?\d[a-z0-9]*")
_JOINS = tuple(
    tuple(way.split())
    for way in (
        *(
            "as well as",
            "along with",
            "together with",
            ", and also",
            ", and",
            ", or",
            ", plus",
            ", also",
            ", then",
            ",",
        ),
        *("and also", "and then", "and", "or", "plus", "then", "also"),
    )
)
_PARTICLES = frozenset({"up", "on", "off", "down"})
"""They say how something is, and they are part of a verb: "turn everything off"."""
_SCHEDULE = re.compile(r"s[0-9a-f]{9}")
Reached = Iterator[tuple[int, Targets]]


class _Head(NamedTuple):
    """What stands before a noun or a name."""

    at: int
    every: bool
    """all, every, each, any."""
    article: str
    state: State | None


_EVERY = _Head(0, True, "", None)


class NounPhrases:
    """Those in one text. `names` are those that are known, without spaces, hyphens and underscores, with their kind."""

    def __init__(self, tokens: Sequence[Token], lexicon: Lexicon, names: Mapping[str, Kind]) -> None:
        self._words = tuple(token.word for token in tokens)
        self.lexicon = lexicon
        self.names = names
        self._of_many = frozenset(lexicon.lists["nouns_of_many"])
        self._read: dict[tuple[str, int], list[tuple[int, Targets]]] = {}

    def whole(self, at: int) -> list[tuple[int, Targets]]:
        """Lists of them, the longest first."""
        found: dict[int, Targets] = {}
        for end, targets in self._listed(at):
            found.setdefault(end, targets)
            for last, but in self.without(end):
                found.setdefault(last, targets._replace(but=but))
        return sorted(found.items(), reverse=True)

    def references(self, at: int) -> list[tuple[int, Targets]]:
        """What stands for something that was spoken of."""
        return list(self._reference(at))

    def many(self, at: int) -> Reached:
        """ "dev envs", "all idle environments": of some kind or of all, with the noun that says so."""
        for end, targets in self.whole(at):
            plural = self._word(end - 1) in self._of_many | self.lexicon.kinds_in_plural
            if plural and all(one.by in {"kind", "all"} for one in targets.of):
                yield end, targets

    def without(self, at: int) -> list[tuple[int, tuple[Target, ...]]]:
        """What is left out: "except billing-dev", "but not prod", "but leave uat alone"."""
        for begin in self._after(at, self.lexicon.without):
            begin += self._word(begin) == ","
            found = {
                last: some.of
                for end, some in self._listed(begin)
                if some.state is None
                for last in (*self._after(end, self.lexicon.left_out), end)
            }
            if found:
                return sorted(found.items(), reverse=True)
        return []

    def _listed(self, at: int) -> list[tuple[int, Targets]]:
        return self._once("listed", at, self._lists)

    def _once(self, what: str, at: int, read: Callable[[int], Reached]) -> list[tuple[int, Targets]]:
        """What begins here, one reading for each end: read once, however often it is asked for."""
        key = (what, at)
        if key not in self._read:
            found: dict[int, Targets] = {}
            for end, targets in read(at):
                found.setdefault(end, targets)
            self._read[key] = sorted(found.items(), reverse=True)
        return self._read[key]

    def _lists(self, at: int) -> Reached:
        if self._word(at) == "both":
            yield from self._reference(at)
            at += 1
        yield from self._announced(at)
        yield from self._numbered(at)
        for end, first in self._once("single", at, self._single):
            yield end, first
            for join in _JOINS:
                if self._are(end, join):
                    yield from self._joined(first, end + len(join))

    def _joined(self, first: Targets, at: int) -> Reached:
        for last, more in self._listed(at):
            if first.state == more.state or not more.state:
                both = Targets(first.of + more.of, first.state)
                if any(one.said == "all" for one in more.of):
                    continue  # "dev, all but uat"
                yield last, both
                if all(target.by == "name" for target in both.of):
                    for noun in self._after(last, self.lexicon.nouns_of_many):
                        yield noun, both

    def _announced(self, at: int) -> Reached:
        """ "the following envs: uat and sandbox"."""
        for end in self._after(at, self.lexicon.announcing):
            for begin in (*self._after(end, self.lexicon.nouns_of_many), end):
                if self._word(begin) == ",":
                    yield from self._listed(begin + 1)

    def _numbered(self, at: int) -> Reached:
        """ "prs 482 and 517"."""
        lead = self._word(at).removesuffix("s")
        end = at
        of: tuple[Target, ...] = ()
        while squashed(lead + self._word(end + 1)) in self.names and self._word(end + 1).isdigit():
            of += (Target("name", f"{lead} {self._word(end + 1)}", self._text(end + 1, end + 2), True),)
            yield end + 2, Targets(of)
            end += 2
            if not self._are(end, ("and",)) and not self._are(end, (",",)):
                return

    def _single(self, at: int) -> Reached:
        yield from self._reference(at)
        yield from self._whichever(at)
        for head in self._heads(at):
            yield from self._of_kinds(at, head)
            yield from self._named(at, head)
            if head.article not in self.lexicon.pointing:
                yield from self._everything(at, head)

    # what stands before

    def _heads(self, at: int) -> Iterator[_Head]:
        """Each way to read what stands before, the longest first."""
        for after_every in [*self._after(at, self.lexicon.every), at]:
            article = self._word(after_every) if self._word(after_every) in self.lexicon.articles else ""
            begin = after_every + bool(article)
            for after_state, state in [*self.states(begin), (begin, None)]:
                yield _Head(after_state, after_every > at, article, state)

    def states(self, at: int) -> list[tuple[int, State]]:
        begins = dict.fromkeys((at + (self._word(at) in self.lexicon.still), at))
        return [
            (end, state)
            for begin in begins
            for state, ways in self.lexicon.states.items()
            for end in self._after(begin, ways)
        ]

    # what it may be

    def _reference(self, at: int) -> Reached:
        """ "it", "that environment", "the second one"."""
        ends = self._after(at, self.lexicon.pronouns)
        begin = at + (self._word(at) == "the")
        for end in self._after(begin, self.lexicon.ordinals):
            last = end + (self._word(end) in self.lexicon.noun_words or self._word(end) in {"one", "ones"})
            ends.append(last)
        for end in sorted(ends, reverse=True):
            said = self._text(at, end)
            several = (
                said in self.lexicon.plurals
                or said in self.lexicon.changed_by
                or said.endswith(("two", "three", "ones"))
            )
            yield end, Targets((Target("reference", said, said, not several),))

    def _everything(self, at: int, head: _Head) -> Reached:
        """ "all environments", "every env", "everything", "everything in dev", "whatever is idle"."""
        ends = self._after(head.at, self.lexicon.everything) if not head.every and not head.article else []
        for end in [*ends, *self._after(head.at, self.lexicon.nouns_of_many)]:
            yield from self._described(end, (Target("all", "", self._text(at, end), False),), head.state)
        for end in ends:
            yield from self._everything_that(at, end, head.state)
        for begin in self._after(at, self.lexicon.whichever):
            for end in self._after(begin, self.lexicon.behind):
                yield end, Targets((Target("all", "", self._text(at, end), False),), "idle")
        for begin in self._after(at, self.lexicon.whatever):
            for end, state in self.states(begin):
                yield from self._described(end, (Target("all", "", self._text(at, end), False),), state)
        if self._word(at) == "those":
            those = self._described(at + 1, (Target("all", "", "those", False),), None)
            yield from ((end, some) for end, some in those if some.of[0].by == "kind")
        for end in self._after(head.at, self.lexicon.nouns) if head.every else []:
            yield from self._described(end, (Target("all", "", self._text(at, end), False),), head.state)

    def _everything_that(self, at: int, begin: int, state: State | None) -> Reached:
        """ "everything idle", "everything preview"."""
        for end, found in self.states(begin):
            if self._word(end - 1) not in _PARTICLES:
                yield from self._described(end, (Target("all", "", self._text(at, begin), False),), found)
        for end, kinds, _ in self._kinds(begin):
            some = tuple(Target("kind", kind, self._text(begin, end), False) for kind in kinds)
            yield from self._described(end, some, state)

    def _whichever(self, at: int) -> Reached:
        """ "whichever dev environments are idle"."""
        for begin in self._after(at, self.lexicon.whichever):
            for end, some in (*self._of_kinds(begin, _EVERY._replace(at=begin)), *self._all(begin)):
                if some.state is None and self._word(end) in {"is", "are"}:
                    for last, state in self.states(end + 1):
                        yield from self._described(last, some.of, state)

    def _all(self, at: int) -> Reached:
        for end in self._after(at, self.lexicon.nouns_of_many):
            yield end, Targets((Target("all", "", self._text(at, end), False),))

    def _of_kinds(self, at: int, head: _Head) -> Reached:
        if head.article in self.lexicon.pointing:
            return
        for end, kinds, plural in self._kinds(head.at):
            many = tuple(Target("kind", kind, self._text(at, end), False) for kind in kinds)
            for last in self._after(end, self.lexicon.nouns_of_many):
                yield from self._described(last, many, head.state)
            if head.article == "the" and self._word(end) == "one" and len(kinds) == 1:
                yield end + 1, Targets((self._one_of(at, end, kinds[0]),), head.state)
            for last in self._after(end, self.lexicon.nouns):
                if head.every:
                    yield from self._described(last, many, head.state)
                elif len(kinds) == 1:
                    yield from self._described(last, (self._one_of(at, last, kinds[0]),), head.state)
            if head.every or plural:
                yield from self._described(end, many, head.state)
            elif len(kinds) == 1:
                yield end, Targets((self._one_of(at, end, kinds[0]),), head.state)

    def _one_of(self, at: int, end: int, kind: Kind) -> Target:
        """The one of a kind. Of words that only people use the tools are told the kind."""
        words = self._words[at:end]
        known = any(word in KIND_WORDS for word in words)
        said = [self.lexicon.kind_of.get(word, word) if not known else word for word in words]
        return Target("kind", kind, " ".join(said), True)

    def _kinds(self, at: int) -> Iterator[tuple[int, tuple[Kind, ...], bool]]:
        """Kinds in a row, the most first, with whether the last says by itself that there are several."""
        for end in self._after(at, self.lexicon.not_production):
            yield end, tuple(kind for kind in get_args(Kind) if kind != "production"), False
        kind = self.lexicon.kind_of.get(self._word(at))
        if kind is None or (self._is_known(at, at + 1) and not self._after(at + 1, self.lexicon.nouns_of_many)):
            return  # what is called so is meant before a kind is
        for join in _JOINS:
            if self._are(at + 1, join):
                for end, more, plural in self._kinds(at + 1 + len(join)):
                    yield end, (kind, *more), plural
        yield at + 1, (kind,), self._word(at) in self.lexicon.kinds_in_plural

    def _named(self, at: int, head: _Head) -> Reached:
        if head.every or head.state:
            return
        if head.article in self.lexicon.pointing:
            # "that uat environment", of those that are known
            known = [end for end in self._names(head.at) if self._is_known(head.at, end)]
            yield from (
                (last, self._one(at, last, head.at)) for end in known for last in self._after(end, self.lexicon.nouns)
            )
            return
        yield from self._quoted(at, head.at)
        yield from self._of_a_kind(at, head.at)
        for end in self._names(head.at):
            if self._is_known(head.at, end) or _looks_like_a_name(self._text(head.at, end)):
                yield end, self._one(at, end, head.at)
            for last in self._after(end, self.lexicon.nouns):
                yield last, self._one(at, last, head.at)
            if head.article == "the" and self._word(end) == "one":
                yield end + 1, self._one(at, end, head.at)
        for begin in (*self._after(head.at, self.lexicon.nouns), *self._after(head.at, self.lexicon.nouns_of_many)):
            yield from self._called(at, begin)

    def _called(self, at: int, begin: int) -> Reached:
        """ "environment uat", "the cluster called uat", "env: uat"."""
        begin += self._word(begin) in self.lexicon.called
        yield from self._quoted(at, begin)
        if self._word(begin) == ",":
            known = [end for end in self._names(begin + 1) if self._is_known(begin + 1, end)]
            yield from ((end, self._one(at, end, begin + 1)) for end in known)
        kind = [begin + 1] if self._word(begin) in self.lexicon.kind_of else []
        for end in [*self._names(begin), *kind]:
            yield end, self._one(at, end, begin)

    def _quoted(self, at: int, begin: int) -> Reached:
        """ "\"uat\"", of those that are known."""
        for end in self._names(begin + 1) if self._word(begin) == '"' else []:
            if self._is_known(begin + 1, end) and self._word(end) == '"':
                yield end + 1, self._one(at, end, begin + 1)

    def _of_a_kind(self, at: int, begin: int) -> Reached:
        """ "the preview environment pr-482", where it is one."""
        for end, kinds, _ in self._kinds(begin):
            for noun in (*self._after(end, self.lexicon.nouns), *self._after(end, self.lexicon.nouns_of_many)):
                name = noun + (self._word(noun) in self.lexicon.called)
                for last in self._names(name):
                    if self.names.get(squashed(self._text(name, last))) in kinds:
                        yield last, self._one(at, last, name)

    def _one(self, at: int, end: int, begin: int) -> Targets:
        words = self._text(begin, end).split()
        while words[-1:] and words[-1] in self.lexicon.noun_words and len(words) > 1:
            words.pop()
        return Targets((Target("name", " ".join(words), self._text(at, end), True),))

    def _names(self, at: int) -> Iterator[int]:
        """Where a name that begins here may end, the longest first."""
        for end in range(min(at + LONGEST_NAME, len(self._words)), at, -1):
            if (
                self._is_known(at, end)
                or (
                    end == at + 2
                    and re.fullmatch(r"[a-z][a-z0-9_.-]* \d+", self._text(at, end))
                    and self._may_be_numbered(at)
                )
                or (end == at + 1 and self._may_be(at))
            ):
                yield end

    def _described(self, at: int, of: tuple[Target, ...], state: State | None) -> Reached:
        """With what stands after: "that are idle", "in dev", "of production"."""
        whose = self._after(at, self.lexicon.which_are)
        if state is None:
            yield from self._in_a_state(at, whose, of)
        if of[0].by == "all":
            for begin in (*whose, at):
                yield from self._of_those(begin, state)
        for end in self._after(at, self.lexicon.there_are):
            yield from self._described(end, of, state)
        yield at, Targets(of, state)

    def _in_a_state(self, at: int, whose: Sequence[int], of: tuple[Target, ...]) -> Reached:
        for begin in whose:
            for end, found in self.states(begin):
                yield from self._described(end, of, found)
        for end in self._after(at, self.lexicon.behind):
            yield end, Targets(of, "idle")
        for end, found in self.states(at):
            if (
                found == "idle" or self._word(at) in self.lexicon.still
            ):  # else it may be of the verb: "keep them running"
                yield from self._described(end, of, found)

    def _of_those(self, at: int, state: State | None) -> Reached:
        """Of all there are, those "in dev", or "not in production"."""
        for end in self._after(at, self.lexicon.not_production):
            rest = [kind for kind in get_args(Kind) if kind != "production"]
            yield end, Targets(tuple(Target("kind", kind, self._text(at, end), False) for kind in rest), state)
        if self._word(at) in self.lexicon.inside:
            begin = at + 1 + (self._word(at + 1) in self.lexicon.articles)
            for end, kinds, _ in self._kinds(begin):
                end += self._word(end) in self.lexicon.noun_words
                inner = tuple(Target("kind", kind, self._text(begin, end), False) for kind in kinds)
                yield from self._described(end, inner, state)

    # words

    def _word(self, at: int) -> str:
        return self._words[at] if at < len(self._words) else ""

    def _text(self, at: int, end: int) -> str:
        return " ".join(self._words[at:end])

    def _are(self, at: int, words: tuple[str, ...]) -> bool:
        return self._words[at : at + len(words)] == words

    def _after(self, at: int, ways: Ways) -> list[int]:
        """Where one of these ways to say something ends, the longest first."""
        return [at + len(way) for way in ways.get(self._word(at), ()) if self._are(at, way)]

    def _may_be(self, at: int) -> bool:
        word = self._word(at)
        return bool(_WORD.fullmatch(word)) and word not in self.lexicon.not_names and not _SCHEDULE.fullmatch(word)

    def _may_be_numbered(self, at: int) -> bool:
        return self._may_be(at) or self._word(at) in self.lexicon.kind_of

    def _is_known(self, at: int, end: int) -> bool:
        if not all(_WORD.fullmatch(word) for word in self._words[at:end]):
            return False  # a pause or a bracket is no part of a name
        return squashed(self._text(at, end)) in self.names


def _looks_like_a_name(text: str) -> bool:
    return bool(_TELLING.fullmatch(text) or re.fullmatch(r"[a-z][a-z0-9_.-]* \d+", text))
