"""How people say which part of a configuration."""

from __future__ import annotations

import re

_KINDS = {
    r"(?:ssm )?(?:parameters?|params?)": "parameter",
    r"secrets?(?: names?)?": "secret",
    r"(?:environment |env )?(?:variables?|vars?)": "variable",
}
_ANY = r"config(?:uration)?s?|settings?"
_ONE = "|".join((*_KINDS, _ANY))
SETTINGS = rf"(?:names? of (?:the )?)?(?:{_ONE})(?:(?: and |, )(?:the )?(?:{_ONE}))*"


def kinds_of(said: str) -> list[str]:
    """None where all of it is meant."""
    words = re.split(r" and |, ", re.sub(r"\b(?:the|names? of) ", "", said))
    if any(re.fullmatch(_ANY, word) for word in words):
        return []
    return [kind for ways, kind in _KINDS.items() if any(re.fullmatch(ways, word) for word in words)]
