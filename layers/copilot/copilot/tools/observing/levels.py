"""How bad a line of a log says that it is: by a field of its JSON, by a word where such words stand, or by its form."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Literal

Level = Literal["error", "warning", "info", "debug"]

_NAMES: dict[str, Level] = {
    "emerg": "error",
    "emergency": "error",
    "alert": "error",
    "fatal": "error",
    "critical": "error",
    "crit": "error",
    "severe": "error",
    "panic": "error",
    "error": "error",
    "err": "error",
    "warning": "warning",
    "warn": "warning",
    "info": "info",
    "information": "info",
    "notice": "info",
    "debug": "debug",
    "trace": "debug",
    "verbose": "debug",
    "fine": "debug",
}
_FIELDS = ("level", "severity", "levelname", "log.level", "loglevel", "lvl", "@level")
_PINO = {60: "fatal", 50: "error", 40: "warn", 30: "info", 20: "debug", 10: "trace"}
"""Levels as numbers, as some loggers of JavaScript write them."""
_WORDS = "|".join(sorted(_NAMES, key=len, reverse=True))
_FIELD = re.compile(rf"(?i)\b(?:level|severity|lvl)=\"?({_WORDS})\b")
_SIGN = re.compile(
    rf"(?<![\w./-])(?:\[({_WORDS.upper()}|{_WORDS})\]|({_WORDS.upper()})(?![\w./-])|({_WORDS.title()}|{_WORDS}):)"
)
"""As loggers write it: in capitals, in brackets, or with a colon behind."""
_HEAD = 160
"""So far into a line it may stand; further on, a word is one of a sentence."""
_THROWN = re.compile(
    r"Traceback \(most recent call last\)|\b[A-Za-z_][\w.]*(?:Error|Exception)\b(?=:|$)|^panic: ", re.M
)
_ANSWERED = re.compile(r"\" (?:5\d\d) (?:\d|-)")
"""An access log: the status behind the request."""

SIGNS: dict[Level, tuple[str, ...]] = {
    "error": (
        *("error", "exception", "fatal", "critical", "crit", "severe", "panic", "traceback", "emerg", "alert"),
        *('"level":50', '"level": 50', '"level":60', '"level": 60', '" 5', "[err]", "level=err", "err:"),
    ),
    "warning": ("warn", '"level":40', '"level": 40'),
    "info": ("info", "notice", '"level":30', '"level": 30'),
    "debug": ("debug", "trace", "verbose", "fine", '"level":20', '"level": 20', '"level":10', '"level": 10'),
}
"""One of which a line has that is of the level: what is asked for before each is looked at."""


def level_of(text: str) -> Level | None:
    """None where it does not say."""
    head = text.lstrip()
    if head.startswith("{") and (found := _of_json(head)):
        return found
    line = head[:_HEAD].split("\n", 1)[0]
    if said := _FIELD.search(line):
        return _NAMES[said[1].lower()]
    if sign := _SIGN.search(line):
        return _NAMES[next(filter(None, sign.groups())).lower()]
    return "error" if _THROWN.search(head) or _ANSWERED.search(line) else None


def signs_of(levels: Iterable[Level]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(sign for level in levels for sign in SIGNS[level]))


def _of_json(text: str) -> Level | None:
    try:
        entry = json.loads(text)
    except ValueError:
        return None
    given = {str(name).lower(): value for name, value in entry.items()} if isinstance(entry, dict) else {}
    nested = given.get("log")
    if isinstance(nested, dict) and "level" in nested:
        given.setdefault("log.level", nested["level"])
    for name in _FIELDS:
        value = given.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            value = _PINO.get(value // 10 * 10)
        if isinstance(value, str) and value.lower() in _NAMES:
            return _NAMES[value.lower()]
    return None
