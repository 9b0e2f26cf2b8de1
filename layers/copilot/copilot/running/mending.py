"""A read whose argument is nearly a name: put right where exactly one is near and there is no doubt. Pure."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from copilot.domain import Arguments, Mend
from copilot.errors import ToolInputError
from copilot.text.outside import looks_like_a_name

NO_DOUBT = 0.8
"""How alike the two have to be, of 1; `staging` and `stagng` are 0.92."""


def mend_of(arguments: Arguments, error: ToolInputError) -> Mend | None:
    """What the argument that the error speaks of has to be; None where that is not clear."""
    if not error.all or len(error.nearest) != 1 or not looks_like_a_name(error.nearest[0]):
        return None
    (meant,) = error.nearest
    said = [(name, value) for name, value in arguments.items() if isinstance(value, str) and repr(value) in str(error)]
    if len(said) != 1 or _likeness(said[0][1], meant) < NO_DOUBT or _digits(said[0][1]) != _digits(meant):
        return None
    ((argument, value),) = said
    return Mend(argument=argument, said=value, meant=meant)


def _digits(text: str) -> str:
    """Of two numbers neither is nearly the other."""
    return "".join(filter(str.isdigit, text))


def _likeness(said: str, meant: str) -> float:
    """Of all that was said, or of one word of it: people say "the stagng cluster"."""
    return max(SequenceMatcher(None, _bare(part), _bare(meant)).ratio() for part in [said, *said.split()])


def _bare(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())
