"""Words that people gave a meaning of their own: which may have one, and a request with what they mean in their place.

A word stands for names that there are, and for nothing else; it never takes one of these, nor a word that requests are
made of. What was put in its place is not looked at again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from copilot.domain import KIND_WORDS, MOST_TEXT, Known
from copilot.text.nearness import squashed, there_are
from copilot.text.outside import looks_like_a_name, quoted

if TYPE_CHECKING:
    from copilot.intents.matching import Intents

MOST_WORDS = 4
_WORD = re.compile(r"[\w][\w.&+'-]*(?: [\w.&+'-]+)*")
_BETWEEN = re.compile(r"\s*,\s*(?:and\s+)?|\s+and\s+|\s*&\s*", re.IGNORECASE)
_AROUND = re.compile(
    r"(?:(?:all|the|our|my)\s+)*(?P<name>.*?)(?:\s+(?:environments?|envs?|services?))?", re.IGNORECASE | re.DOTALL
)
_QUOTED = r"\"[^\"]*\"|“[^”]*”|«[^»]*»|`[^`]*`"
_CALLED = re.compile(r"\b(?:called|named|word|term|phrase)\s+$", re.IGNORECASE)
_ARTICLE = r"(?:(?:the|our|my)\s+)?"


def why_no_alias(word: str, means: str, known: Known, intents: Intents) -> str:
    """Why the word may not stand for that, in words; "" where it may."""
    if not _WORD.fullmatch(word) or len(word.split()) > MOST_WORDS:
        return f"{quoted(word)} is no word that can stand for another: letters and digits, at most {MOST_WORDS} words"
    if (taken := shadowed(word, known, intents)) or squashed(word) in map(squashed, names_in(means)):
        return f"{quoted(word)} {taken or 'means itself'}, and keeps meaning that"
    return no_names(means, known, intents)


def no_names(means: str, known: Known, intents: Intents) -> str:
    """What of a meaning is no name that there is, in words; "" where all of it is."""
    there = _names(known)
    for name in names_in(means):
        if known.seen_at is None and looks_like_a_name(name) and not intents.has_word(name.lower()):
            continue  # before anything was swept nobody knows the names
        if squashed(name) not in there and name.lower() not in KIND_WORDS:
            near = there_are(name, [one.name for one in known.environments])
            return f"a word can mean names that there are, of environments, services: {quoted(name)} is none{near}"
    return "" if names_in(means) else f"{quoted(means)} names nothing"


def shadowed(word: str, known: Known, intents: Intents) -> str:
    """What a word is already, in words; "" for nothing."""
    if what := _names(known).get(squashed(word)):
        return f"is {what}"
    if word.lower() in KIND_WORDS:
        return f"is a kind of environment ({KIND_WORDS[word.lower()]})"
    if all(intents.has_word(one) for one in word.lower().split()):
        return "is a word that requests are made of"
    return ""


def names_in(means: str) -> list[str]:
    """The names that a meaning is made of."""
    parts = [_AROUND.fullmatch(part.strip(" .")) for part in _BETWEEN.split(means)]
    return [found["name"] for found in parts if found is not None and found["name"]]


def replaced(text: str, meanings: Mapping[str, str]) -> tuple[str, Sequence[str]]:
    """The text with meanings in the place of words, and which words that were. What stands in quotes is as it was
    said, and so is what something is to be called.
    """
    if not meanings:
        return text, ()
    ways = "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in sorted(meanings, key=len, reverse=True))
    pattern = re.compile(rf"{_QUOTED}|(?<![\w#@/.:-]){_ARTICLE}(?P<word>{ways})(?![\w-]|[./:@]\w)", re.IGNORECASE)
    used: dict[str, None] = {}

    def meaning(found: re.Match[str]) -> str:
        if found["word"] is None or _CALLED.search(text[: found.start()]):
            return found[0]
        word = " ".join(found["word"].casefold().split())
        used[word] = None
        return meanings[word]

    said = pattern.sub(meaning, text)
    return (text, ()) if len(said) > MOST_TEXT else (said, tuple(used))


def _names(known: Known) -> Mapping[str, str]:
    """What there is by name, squashed, and what that is."""
    return dict(_named(known))


def _named(known: Known) -> Iterator[tuple[str, str]]:
    owners: Iterable[str] = {one.owner for one in known.environments if one.owner}
    groups: Sequence[tuple[str, Iterable[str]]] = (
        ("an account", {place.account for place in known.places}),
        ("an owner", owners),
        ("a resource", known.resources),
        ("a service", known.services),
        ("an environment", [one.name for one in known.environments]),
    )
    for what, names in groups:
        for name in names:
            yield squashed(name), what
