"""A request as it stands within a question: "stopping uat", "uat were stopped", "a stop of uat" are "stop uat"."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

_BE = re.compile(r"^(.+?) (?:was|were|is|are|gets?|got|will be|would be|has been|had been) (.+)$")
_AND = re.compile(r"(?<= and )\w+")
_NOUN = re.compile(r"^(?:an? |the )?(\w+) (?:of|for) (.+)$")


def imperatives(request: str, verbs: Collection[str], irregular: Mapping[str, str]) -> Iterator[str]:
    """What it may be when it is asked for, the likeliest first. `verbs` are what requests begin with, `irregular` forms
    of them that no rule makes.
    """
    yield request
    first, _, rest = request.partition(" ")
    rest = _AND.sub(lambda found: irregular.get(found[0], found[0]), rest)
    for verb in _bases(first, irregular):
        if verb in verbs and rest:
            yield f"{verb} {rest}"
    if (noun := _NOUN.match(request)) and noun[1] in verbs:
        yield f"{noun[1]} {noun[2]}"
    if passive := _BE.match(request):
        yield f"we need {passive[1]} {passive[2]}"


def _bases(word: str, irregular: Mapping[str, str]) -> Iterator[str]:
    """What a verb in the past, or one that ends in -ing, may be a form of."""
    if word in irregular:
        yield irregular[word]
    for ending in ("ing", "ed"):
        if word.endswith(ending):
            stem = word.removesuffix(ending)
            yield from (stem, f"{stem}e")
            if stem[-2:-1] == stem[-1:]:
                yield stem[:-1]
