"""The shape of a request: its words, with what may be another the next time lifted out of them. Pure.

Every word counts that is no slot, as does every mark between them: two requests have one shape only where they differ
in nothing but names of what there is, kinds, channels, people, numbers and times.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from copilot.domain import CHANNEL, OUTSIDE, Kind, Known, digest, is_told
from copilot.intents.lexicon import Lexicon
from copilot.plans.lifting import NUMBER, UNITS, Said

RULES = 1
"""Counts the ways in which shapes were made."""
LEAST_WORDS, MOST_WORDS = 4, 60
_PART = re.compile(r"[,;!?()\[\]{}<>\"“”`]|[^\s,;!?()\[\]{}<>\"“”`]+")
_NUMBER = re.compile(r"(\$?)(\d+(?:\.\d+)?)(%?)")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")
_CHANNEL = re.compile(rf"{CHANNEL}|{OUTSIDE}")
_PLAIN_NAME = re.compile(r"\w[\w.@+-]*")
"""A name that means nothing else wherever in a plan it is put."""
_OWNER = re.compile(r"(?i)(.+?)(['\u2019]s)")
_ENDS = frozenset({".", "!"})
_COURTESY = frozenset("please pls kindly thanks".split())
_KEEPS_CASE = re.compile(r"[\"“”`:]|(?<!\w)['\u2018]")
"""In what is written with these somebody's words may stand, that are passed on as they are."""


class Piece(NamedTuple):
    """A word or a mark of a request; `said` is what it is where another may stand in its place."""

    word: str
    said: Said | None = None
    mark: str = ""
    production: bool = False

    @property
    def shown(self) -> str:
        """What it is, where it is a slot."""
        return self.word if self.said is None else f"<{self.said.of}>{self.mark}"


class Shape(NamedTuple):
    pieces: Sequence[Piece]

    @property
    def digest(self) -> str:
        told = [[one.word] if one.said is None else [one.said.of, one.mark] for one in self.pieces]
        return digest([RULES, told])[:40]

    def words(self, lifted: Sequence[bool]) -> str:
        """With what a slot is in the place of what it was, where others may stand there."""
        which = iter(lifted)
        return " ".join(one.shown if one.said is not None and next(which) else one.word for one in self.pieces)

    @property
    def slots(self) -> list[Piece]:
        return [one for one in self.pieces if one.said is not None]

    def said(self) -> Iterator[Said]:
        return (one.said for one in self.pieces if one.said is not None)


class Vocabulary(NamedTuple):
    """What words may be slots. `channels` are those there are, none where any may be one; `people` their ids."""

    lexicon: Lexicon
    known: Known
    channels: Collection[str] = ()
    people: Collection[str] = ()

    @property
    def names(self) -> Mapping[str, tuple[str, str]]:
        """By the word in small letters: what it names, and how that is written; "" where it may be two things."""
        found: dict[str, tuple[str, str]] = {}
        of: dict[str, Sequence[str]] = {
            "environment": [one.name for one in self.known.environments],
            "service": self.known.services,
            "resource": self.known.resources,
        }
        for type, names in of.items():
            for name in names:
                word = name.casefold()
                if word in found and found[word][1] != name:
                    found[word] = ("", "")
                elif word in found:
                    found[word] = (f"{found[word][0]} or {type}", name)
                else:
                    found[word] = (type, name)
        return found


def shape_of(text: str, vocabulary: Vocabulary) -> Shape:
    keeps_case = bool(_KEEPS_CASE.search(text))
    words = [word for part in _PART.findall(text) for word in _words(part)]
    while words and words[-1] in _ENDS:
        words.pop()
    words = [one for one in words if one.casefold() not in _COURTESY] if not keeps_case else words
    names = vocabulary.names
    kinds: dict[str, Kind] = {one.name: one.kind for one in vocabulary.known.environments}
    pieces: list[Piece] = []
    for at, word in enumerate(words):
        before, after = (words[one].casefold() if 0 <= one < len(words) else "" for one in (at - 1, at + 1))
        piece = _slot(word, before, after, vocabulary, names)
        if piece is not None and piece.said is not None and piece.said.of == "kind":
            piece = piece._replace(production=piece.said.value == "production")
        elif piece is not None and piece.said is not None:
            piece = piece._replace(production=kinds.get(piece.said.value) == "production")
        pieces.append(piece or Piece(word if keeps_case and at else _plain(word, before)))
    return Shape(pieces)


def _words(part: str) -> Iterator[str]:
    """A word, and apart from it what it ends in."""
    ends = len(part) - len(part.rstrip(".:"))
    part, end = (part[:-ends], part[-ends:]) if ends and len(part) > ends else (part, "")
    if owner := _OWNER.fullmatch(part):
        yield from (owner[1], "'s")
    else:
        yield part
    yield from end


def _plain(word: str, before: str) -> str:
    """In small letters; a unit of time behind a number in one way."""
    word = word.casefold().replace("\u2019", "'")
    return UNITS.get(word, word) if _NUMBER.fullmatch(before) else word


def _slot(
    word: str, before: str, after: str, vocabulary: Vocabulary, names: Mapping[str, tuple[str, str]]
) -> Piece | None:
    low = word.casefold()
    if number := _NUMBER.fullmatch(word):
        return Piece(low, Said(NUMBER, number[2], (number[2],), before, after), f"{number[1]}{number[3]}")
    if _DATE.fullmatch(word):
        return Piece(low, Said("date", word, (word,), before, after))
    if _TIME.fullmatch(word):
        return Piece(low, Said("time", word, (word,), before, after))
    if _CHANNEL.fullmatch(low) and is_told(low, vocabulary.channels):
        return Piece(low, Said("channel", low, (low,), before, after))
    if low.startswith("@") and low[1:] in vocabulary.people:
        return Piece(low, Said("person", low[1:], (low[1:],), before, after))
    kind, named = vocabulary.lexicon.kind_of.get(low), names.get(low)
    if kind is not None:
        if named is not None:
            return None
        many = vocabulary.lexicon.kinds_in_plural
        ways = tuple(one for one in vocabulary.lexicon.kind_words[kind] if one not in many)
        return Piece(low, Said("kind", kind, ways, before, after), "s" if low in many else "")
    if named is not None and named[0] and _PLAIN_NAME.fullmatch(named[1]) and vocabulary.lexicon.may_be_name(low):
        return Piece(low, Said(named[0], named[1], (named[1],), before, after))
    return None


# --- what stands by itself ----------------------------------------------------------------------

_OF_BEFORE = frozenset(
    "it itself this these those them they theirs he him his she hers same again also too instead likewise similarly "
    "another other others else ones rest remaining either neither such former latter previous previously earlier "
    "before anymore here aforementioned third fourth fifth sixth seventh eighth ninth tenth 1st 2nd 3rd 4th 5th 6th "
    "7th 8th 9th 10th yes no nope ok okay".split()
)
"""Words that may mean what was spoken of before."""
_BEGINNINGS_OF_A_PART = frozenset(
    "and or but nor so then for in on at of to from by with without within over under except excluding including "
    "about between during since until not never only just what's how's more fewer less most least sorted grouped "
    "ordered because while where whose".split()
)
"""What begins with these completes something else; "for each" and the like begin a whole."""
_WHOLE_BEGINNINGS = frozenset({"for each", "for every", "for all", "in all", "in every", "in each", "of all"})
_THINGS = frozenset(
    "service services environment environments env envs cluster clusters system stack box database databases db dbs "
    "instance instances machine machines server servers vm vms queue queues schedule schedules deployment deployments "
    "deploy release releases run runs alarm alarms function functions lambda table tables bucket buckets channel "
    "thread team region account accounts balancer preview previews result results list report chart table answer "
    "message file image version runbook watch approval error errors".split()
)
_POINTS_AT_ONE = frozenset("the that this which each every any last next other".split())
_TELLS_WHICH = frozenset("of in with that which whose where for from on at called named".split())
_BEFORE_WHAT_IS_SO = frozenset("sure say says saying know assume given provided so ensure check verify".split())
_NOT_AFTER_THAT = frozenset(
    "way one ones time day too again thing case environment service and or in of to on at for "
    "from with , ; . ? !".split()
) | {""}
"""Behind these "that" says nothing more of what stands before it: it is a pronoun."""
_SPANS = frozenset({*UNITS, "quarter", "quarters", "night", "weekend"})
_MOMENTS = frozenset(
    "today tonight tomorrow yesterday noon midnight midday morning afternoon evening weekend night until till since "
    "ago o'clock monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays "
    "fridays saturdays sundays mon tue tues wed thu thur thurs fri sat sun january february march april june july "
    "august september october november december jan feb mar apr jun jul aug sep sept oct nov dec am pm a.m p.m "
    "during mtd qtd ytd eod eow eom eoy".split()
)
_MOMENT = re.compile(
    r"\d{1,2}(?:[:.]\d\d)?\s?[ap]\.?m|\d{1,2}(?:st|nd|rd|th)|\d{1,2}:\d\d|\d{1,2}[/.]\d{1,2}(?:[/.]\d{2,4})?"
)
_FROM_NOW = frozenset("from until till by".split())
_BEFORE_A_MONTH = frozenset("in of during for last this next".split())
_CALENDAR = frozenset("day days week weeks month months quarter quarters year years".split())
_BEFORE_A_SPAN = frozenset(
    "a an per each every by of two three four five six seven eight nine ten twelve few several many more".split()
)
"""Before a day or a week these make it one of any, not one of the calendar's."""


def stands_alone(shape: Shape) -> bool:
    """Whether it means the same whatever was spoken of before: no pronoun, no ordinal, nothing that completes
    something else, and no "the service" which does not say which.
    """
    words = [one.word.casefold() for one in shape.pieces]
    plain = [one for one in shape.pieces if re.search(r"\w", one.word)]
    if not LEAST_WORDS <= len(plain) <= MOST_WORDS or shape.pieces[0].said is not None:
        return False
    if words[0] in _BEGINNINGS_OF_A_PART and " ".join(words[:2]) not in _WHOLE_BEGINNINGS:
        return False
    if words[:2] in (["what", "about"], ["how", "about"], ["what", "if"]):
        return False
    return not any(_may_mean_another(shape, words, at) for at in range(len(words)))


def _may_mean_another(shape: Shape, words: Sequence[str], at: int) -> bool:
    word, next, before = words[at], _at(words, at + 1), _at(words, at - 1)
    if shape.pieces[at].said is not None:
        return False
    if word == "that":
        return not (_is_slot(shape, at - 1) or before in _THINGS | _BEFORE_WHAT_IS_SO) or next in _NOT_AFTER_THAT
    if word == "there":
        return next not in {"is", "are"} and before not in {"is", "are"}
    if word in {"its", "their"} or (word == "ones" and before == "which"):
        return not any(shape.pieces[one].said is not None or words[one] in _THINGS for one in range(at))
    if word == "one":
        return next == "" or before in _POINTS_AT_ONE
    if word == "both":
        return not _is_slot(shape, at + 1)
    if word in {"first", "second"} or (word == "last" and next not in _SPANS and not _NUMBER.fullmatch(next)):
        return True
    if word == "more" or word == "fewer" or word == "less":
        return next != "than"
    if word == "the" and next in _THINGS and not _is_slot(shape, at + 1):
        return _at(words, at + 2) not in _TELLS_WHICH and not _is_slot(shape, at + 2)
    return word in _OF_BEFORE


def is_anchored(shape: Shape) -> bool:
    """Whether it says of what it is: by a name, a kind, or of all there is."""
    words = " ".join(one.word.casefold() for one in shape.pieces)
    named = any(said.of == "kind" or "environment" in said.of for said in shape.said())
    everywhere = re.search(r"\b(?:all|every|each|any) (?:\w+ )?(?:environments?|envs?)\b|\b(?:every|any)where\b", words)
    return named or everywhere is not None


def moments(shape: Shape) -> list[Piece]:
    """What in it is one thing today and another tomorrow, or would be if it were not said to the letter."""
    words = [one.word.casefold() for one in shape.pieces]
    return [piece for at, piece in enumerate(shape.pieces) if _is_moment(piece, words, at)]


def _is_moment(piece: Piece, words: Sequence[str], at: int) -> bool:
    word = words[at]
    if piece.said is not None:
        return piece.said.of in {"date", "time"}
    if word == "now":
        return _at(words, at - 1) in _FROM_NOW
    if word == "may":
        return _at(words, at - 1) in _BEFORE_A_MONTH
    if word in _CALENDAR:
        return not (_NUMBER.fullmatch(_at(words, at - 1)) or _at(words, at - 1) in _BEFORE_A_SPAN)
    if word == "date":
        return _at(words, at - 1) == "to"
    return word in _MOMENTS or _MOMENT.fullmatch(word) is not None


def _at(words: Sequence[str], at: int) -> str:
    return words[at] if 0 <= at < len(words) else ""


def _is_slot(shape: Shape, at: int) -> bool:
    return 0 <= at < len(shape.pieces) and shape.pieces[at].said is not None
