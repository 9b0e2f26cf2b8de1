"""How people say which environments: by name, by kind, in a state, all of them, some without others, by a reference."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, get_args

from copilot.domain import KIND_WORDS, Kind
from copilot.intents.called import JOINS, Called, Reached
from copilot.intents.frames import State, Target, Targets
from copilot.intents.lexicon import Lexicon
from copilot.intents.names import There
from copilot.intents.owned import Owners
from copilot.intents.rows import Row
from copilot.intents.tokens import Token
from copilot.text.nearness import squashed

_PARTICLES = frozenset({"up", "on", "off", "down"})
"""They say how something is, and they are part of a verb: "turn everything off"."""


class _Head(NamedTuple):
    """What stands before a noun or a name."""

    at: int
    every: bool
    """all, every, each, any."""
    article: str
    state: State | None


_EVERY = _Head(0, True, "", None)


class NounPhrases:
    """Those in one text, of what there is."""

    def __init__(self, tokens: Sequence[Token], lexicon: Lexicon, there: There) -> None:
        self._row = Row(tokens)
        self._called = Called(self._row, lexicon, there.kinds)
        self._owners = Owners(self._row, lexicon, there)
        self.lexicon = lexicon
        self.names: Mapping[str, Kind] = there.kinds
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
            plural = self._row.word(end - 1) in self._of_many | self.lexicon.kinds_in_plural
            if plural and all(one.by in {"kind", "all"} for one in targets.of):
                yield end, targets

    def without(self, at: int) -> list[tuple[int, tuple[Target, ...]]]:
        """What is left out: "except billing-dev", "but not prod", "but leave uat alone"."""
        for begin in self._row.after(at, self.lexicon.without):
            begin += self._row.word(begin) == ","
            found = {
                last: some.of
                for end, some in self._listed(begin)
                if some.state is None
                for last in (*self._row.after(end, self.lexicon.left_out), end)
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
        if self._row.word(at) == "both":
            yield from self._reference(at)
            at += 1
        yield from self._announced(at)
        yield from self._numbered(at)
        for end, first in self._once("single", at, self._single):
            yield end, first
            for join in JOINS:
                if self._row.are(end, join):
                    yield from self._joined(first, end + len(join))

    def _joined(self, first: Targets, at: int) -> Reached:
        for last, more in self._listed(at):
            if first.owner == more.owner and (first.state == more.state or not more.state):
                both = Targets(first.of + more.of, first.state, owner=first.owner)
                if any(one.said == "all" for one in more.of):
                    continue  # "dev, all but uat"
                yield last, both
                if all(target.by == "name" for target in both.of):
                    for noun in self._row.after(last, self.lexicon.nouns_of_many):
                        yield noun, both

    def _announced(self, at: int) -> Reached:
        """ "the following envs: uat and sandbox"."""
        for end in self._row.after(at, self.lexicon.announcing):
            for begin in (*self._row.after(end, self.lexicon.nouns_of_many), end):
                if self._row.word(begin) == ",":
                    yield from self._listed(begin + 1)

    def _numbered(self, at: int) -> Reached:
        """ "prs 482 and 517"."""
        lead = self._row.word(at).removesuffix("s")
        end = at
        of: tuple[Target, ...] = ()
        while squashed(lead + self._row.word(end + 1)) in self.names and self._row.word(end + 1).isdigit():
            of += (Target("name", f"{lead} {self._row.word(end + 1)}", self._row.text(end + 1, end + 2), True),)
            yield end + 2, Targets(of)
            end += 2
            if not self._row.are(end, ("and",)) and not self._row.are(end, (",",)):
                return

    def _single(self, at: int) -> Reached:
        yield from self._reference(at)
        yield from self._whichever(at)
        for head in self._heads(at):
            yield from self._of_kinds(at, head)
            if not head.every and not head.state:
                yield from self._called.named(at, head.at, head.article)
            if head.article not in self.lexicon.pointing:
                yield from self._everything(at, head)
        yield from self._of_an_owner(at)

    def _of_an_owner(self, at: int) -> Reached:
        """ "priya's dev environments", "all of the payments team's"."""
        for begin in dict.fromkeys([*self._row.after(at, self.lexicon.every), at]):
            for end, owner in self._owners.before(begin):
                for head in self._heads(end):
                    if head.article:
                        continue
                    for last, some in (*self._of_kinds(end, head), *self._everything(end, head)):
                        if some.owner is None and all(not one.one for one in some.of):
                            of = tuple(one._replace(said=self._row.text(at, last)) for one in some.of)
                            yield last, some._replace(of=of, owner=owner)

    # what stands before

    def _heads(self, at: int) -> Iterator[_Head]:
        """Each way to read what stands before, the longest first."""
        for after_every in [*self._row.after(at, self.lexicon.every), at]:
            article = self._row.word(after_every) if self._row.word(after_every) in self.lexicon.articles else ""
            begin = after_every + bool(article)
            for after_state, state in [*self.states(begin), (begin, None)]:
                yield _Head(after_state, after_every > at, article, state)

    def states(self, at: int) -> list[tuple[int, State]]:
        begins = dict.fromkeys((at + (self._row.word(at) in self.lexicon.still), at))
        return [
            (end, state)
            for begin in begins
            for state, ways in self.lexicon.states.items()
            for end in self._row.after(begin, ways)
        ]

    # what it may be

    def _reference(self, at: int) -> Reached:
        """ "it", "that environment", "the second one"."""
        ends = self._row.after(at, self.lexicon.pronouns)
        begin = at + (self._row.word(at) == "the")
        for end in self._row.after(begin, self.lexicon.ordinals):
            last = end + (self._row.word(end) in self.lexicon.noun_words or self._row.word(end) in {"one", "ones"})
            ends.append(last)
        for end in sorted(ends, reverse=True):
            said = self._row.text(at, end)
            several = (
                said in self.lexicon.plurals
                or said in self.lexicon.changed_by
                or said.endswith(("two", "three", "ones"))
            )
            yield end, Targets((Target("reference", said, said, not several),))

    def _everything(self, at: int, head: _Head) -> Reached:
        """ "all environments", "every env", "everything", "everything in dev", "whatever is idle"."""
        ends = self._row.after(head.at, self.lexicon.everything) if not head.every and not head.article else []
        for end in [*ends, *self._row.after(head.at, self.lexicon.nouns_of_many)]:
            yield from self._described(end, (Target("all", "", self._row.text(at, end), False),), head.state)
        for end in ends:
            yield from self._everything_that(at, end, head.state)
        for begin in self._row.after(at, self.lexicon.whichever):
            for end in self._row.after(begin, self.lexicon.behind):
                yield end, Targets((Target("all", "", self._row.text(at, end), False),), "idle")
        for begin in self._row.after(at, self.lexicon.whatever):
            for end, state in self.states(begin):
                yield from self._described(end, (Target("all", "", self._row.text(at, end), False),), state)
        if self._row.word(at) == "those":
            those = self._described(at + 1, (Target("all", "", "those", False),), None)
            yield from ((end, some) for end, some in those if some.of[0].by == "kind")
        for end in self._row.after(head.at, self.lexicon.nouns) if head.every else []:
            yield from self._described(end, (Target("all", "", self._row.text(at, end), False),), head.state)

    def _everything_that(self, at: int, begin: int, state: State | None) -> Reached:
        """ "everything idle", "everything preview"."""
        for end, found in self.states(begin):
            if self._row.word(end - 1) not in _PARTICLES:
                yield from self._described(end, (Target("all", "", self._row.text(at, begin), False),), found)
        for end, kinds, _ in self._called.kinds(begin):
            some = tuple(Target("kind", kind, self._row.text(begin, end), False) for kind in kinds)
            yield from self._described(end, some, state)

    def _whichever(self, at: int) -> Reached:
        """ "whichever dev environments are idle"."""
        for begin in self._row.after(at, self.lexicon.whichever):
            for end, some in (*self._of_kinds(begin, _EVERY._replace(at=begin)), *self._all(begin)):
                if some.state is None and self._row.word(end) in {"is", "are"}:
                    for last, state in self.states(end + 1):
                        yield from self._described(last, some.of, state)

    def _all(self, at: int) -> Reached:
        for end in self._row.after(at, self.lexicon.nouns_of_many):
            yield end, Targets((Target("all", "", self._row.text(at, end), False),))

    def _of_kinds(self, at: int, head: _Head) -> Reached:
        if head.article in self.lexicon.pointing:
            return
        for end, kinds, plural in self._called.kinds(head.at):
            many = tuple(Target("kind", kind, self._row.text(at, end), False) for kind in kinds)
            for last in self._row.after(end, self.lexicon.nouns_of_many):
                yield from self._described(last, many, head.state)
            if head.article == "the" and self._row.word(end) == "one" and len(kinds) == 1:
                yield end + 1, Targets((self._one_of(at, end, kinds[0]),), head.state)
            for last in self._row.after(end, self.lexicon.nouns):
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
        words = self._row.words[at:end]
        known = any(word in KIND_WORDS for word in words)
        said = [self.lexicon.kind_of.get(word, word) if not known else word for word in words]
        return Target("kind", kind, " ".join(said), True)

    def _described(self, at: int, of: tuple[Target, ...], state: State | None) -> Reached:
        """With what stands after: "that are idle", "in dev", "of production"."""
        whose = self._row.after(at, self.lexicon.which_are)
        if state is None:
            yield from self._in_a_state(at, whose, of)
        if of[0].by == "all":
            for begin in (*whose, at):
                yield from self._of_those(begin, state)
        for end in self._row.after(at, self.lexicon.there_are):
            yield from self._described(end, of, state)
        if not any(one.one for one in of):
            for end, owner in self._owners.behind(at):
                yield from (
                    (last, some._replace(owner=owner))
                    for last, some in self._described(end, of, state)
                    if some.owner is None
                )
        yield at, Targets(of, state)

    def _in_a_state(self, at: int, whose: Sequence[int], of: tuple[Target, ...]) -> Reached:
        for begin in whose:
            for end, found in self.states(begin):
                yield from self._described(end, of, found)
        for end in self._row.after(at, self.lexicon.behind):
            yield end, Targets(of, "idle")
        for end, found in self.states(at):
            if (
                found == "idle" or self._row.word(at) in self.lexicon.still
            ):  # else it may be of the verb: "keep them running"
                yield from self._described(end, of, found)

    def _of_those(self, at: int, state: State | None) -> Reached:
        """Of all there are, those "in dev", or "not in production"."""
        for end in self._row.after(at, self.lexicon.not_production):
            rest = [kind for kind in get_args(Kind) if kind != "production"]
            yield end, Targets(tuple(Target("kind", kind, self._row.text(at, end), False) for kind in rest), state)
        if self._row.word(at) in self.lexicon.inside:
            begin = at + 1 + (self._row.word(at + 1) in self.lexicon.articles)
            for end, kinds, _ in self._called.kinds(begin):
                end += self._row.word(end) in self.lexicon.noun_words
                inner = tuple(Target("kind", kind, self._row.text(begin, end), False) for kind in kinds)
                yield from self._described(end, inner, state)
