"""The answer to a question that was asked back, and the request that it completes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from copilot.domain import OpenQuestion
from copilot.intents import slots
from copilot.intents.slots import Present
from copilot.text.nearness import squashed
from copilot.times.grammar import LOOKS_LIKE_WINDOW, completed

NUMBERS = {
    **dict.fromkeys(("1", "first", "one"), 0),
    **dict.fromkeys(("2", "second", "two"), 1),
    **dict.fromkeys(("3", "third", "three"), 2),
    **dict.fromkeys(("4", "fourth", "four"), 3),
    **dict.fromkeys(("5", "fifth", "five"), 4),
    "last": -1,
}
YES = frozenset("yes yep yeah yup y ok okay sure right correct exactly indeed".split())
DROPPED = frozenset(
    {"never mind", "nevermind", "forget it", "forget that", "cancel", "cancel that", "no", "nope", "nothing", "none",
     "leave it", "drop it", "no thanks", "none of them", "none of these", "neither", "neither of them", "no one",
     "ignore that", "skip it", "stop", "not now", "no thank you", "do nothing", "don't", "dont", "do not"}
)  # fmt: skip
ALL = frozenset({"all", "all of them", "them all", "every one", "everything"})
EVERY_DEVELOPMENT = re.compile(r"all (?:\w+ )?development environments")
_REFUSING = frozenset(
    "no nah naw nope not never don't dont abort cancel wait stop hold forget nothing none neither later undo "
    "nevermind leave drop skip ignore scratch nvm".split()
)
_ORDER = re.compile(r"\bstop (?!(?:it|that|this|now|please|there|asking|right|at once|immediately)\b)(?=\w)")
"""To stop something is no no."""
_LED = re.compile(r"^(?:(?:i mean|i meant|the|number|option)\b\.?|(?:no|nr)\b\.?(?=\s*\d)|#)\s*")


def is_dropped(said: str) -> bool:
    """Whether it says that the question needs no answer any more."""
    return _plain(said).replace(",", "") in DROPPED


def refuses(said: str) -> bool:
    """Whether what is no answer says no in some way: a yes that comes later is then to nothing."""
    return not _REFUSING.isdisjoint(re.findall(r"[a-z']+", _ORDER.sub("", said.lower())))


def is_bare(said: str) -> bool:
    """Whether it says something to a question alone: a yes, a no, a number."""
    return _plain(said) in YES | NUMBERS.keys() | {"no", "nope"}


def complete(question: OpenQuestion, said: str, present: Present) -> str | None:
    """The request with the answer in it; None where it answers nothing, is a request of its own, or only asks."""
    if said.rstrip().endswith("?"):
        return None
    choice = _all_of(_plain(said), question.choices) or _chosen(_plain(said), question.choices)
    if choice is None and is_time(question, present):
        choice = completed(question.lacks, said, present.now, present.time_zone)
    if not choice:
        return None
    if not question.lacks:
        return f"{question.request.rstrip(' .!?')} {choice}"
    return re.sub(rf"(?<!\w){re.escape(question.lacks)}(?!\w)", lambda _: choice, question.request, count=1)


def is_time(question: OpenQuestion, present: Present) -> bool:
    """Whether a time was asked about: without one, what is done then would be done now."""
    lacks = question.lacks.lower()
    return bool(LOOKS_LIKE_WINDOW.fullmatch(lacks)) or any(
        slots.is_time(slot, lacks, present, whole=False) for slot in ("recurs", "until")
    )


def guesses(question: OpenQuestion, said: str) -> Sequence[str]:
    """The request with an answer that is none of the choices: what was lacking may be said in words of one's own."""
    request, answer = question.request.rstrip(" .!?"), said.strip(" .!?")
    if said.rstrip().endswith("?"):
        return []
    if not question.lacks:
        return [f"{request} {answer}", f"{request} for {answer}", f"{request} until {answer}"]
    # "Which kinds are meant?" is answered by kinds alone.
    first = next(iter(question.choices), "")
    kinds = [first.replace("development", answer)] if EVERY_DEVELOPMENT.fullmatch(first) else []
    place = rf"(?<!\w){re.escape(question.lacks)}(?!\w)"
    return [re.sub(place, one.replace("\\", ""), request, count=1) for one in (*kinds, answer)]


def _all_of(said: str, choices: Sequence[str]) -> str | None:
    """Of names alone, or of kinds: a sentence that offers all it can do is another choice."""
    kinds = bool(choices) and EVERY_DEVELOPMENT.fullmatch(choices[0]) is not None
    if len(choices) < 2 or not all(choice and (kinds or " " not in choice) for choice in choices):
        return None
    number = {2: "two", 3: "three", 4: "four"}.get(len(choices), "")
    whole = said.removesuffix(" kinds") in {*ALL, f"all {number}", f"the {number}", f"all {number} of them"} or (
        said in {"both", "both of them"} and len(choices) == 2
    )
    return " and ".join(choices) if whole else None


def _chosen(said: str, choices: Sequence[str]) -> str | None:
    """By its number, its text, or a part of it that no other has."""
    if not choices:
        return None
    if len(choices) == 1:
        meant = said in YES or squashed(said) == squashed(choices[0]) or NUMBERS.get(said) == 0
        return choices[0] if meant else None
    bare = said
    while led := _LED.match(bare):
        bare = bare[led.end() :]
    exact = [choice for choice in choices if squashed(choice) in {squashed(said), squashed(bare)}]
    if len(exact) == 1:
        return exact[0]
    at = NUMBERS.get(bare.removesuffix(" one").strip())
    if at is not None and at < len(choices):
        return choices[at]
    bare = bare.removesuffix(" it")
    word = re.compile(rf"(?<![a-z0-9:]){re.escape(bare)}(?![a-z0-9:])")
    part = [choice for choice in choices if bare and word.search(choice.lower())]
    return part[0] if len(part) == 1 else None


def _plain(said: str) -> str:
    return " ".join(said.lower().strip(" .,;!?\"'“”").removesuffix("please").removesuffix("pls").split()).strip(" ,")
