"""How people speak of destinations outside the chat: "email the report to finance", "post it to the webhook
status-page", "the oncall topic". A request with each as it is written: mail:finance, webhook:status-page, sns:oncall.

Names that the configuration has are heard so; others where nothing else can be meant, and addresses: they are then none
of them, and asked about. What stands in quotes is as it was said. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from copilot.domain import MOST_TEXT, Way, way_of

_QUOTED = r"\"[^\"]*\"|“[^”]*”|«[^»]*»|`[^`]*`"
_THE = r"(?:(?:the|our)\s+)?"
_TO = r"(?:to|with|into|in|on)"
_MAIL = r"(?:e-?mail|mail)"
_ADDRESS = r"[a-z0-9][a-z0-9._-]*@[a-z0-9-]+(?:\.[a-z0-9-]+)+"
_NO_NAME = "me us it him her them myself everybody everyone all the a an that this my to by in on and or with of for"
_NAME = rf"(?!(?:{_NO_NAME.replace(' ', '|')})\b)[a-z][a-z0-9_-]{{1,39}}"
_ENDS = r"(?![\w@/:-]|\.\w)"
_LIST = rf"{_MAIL}(?:ing)?\s+(?:list|group)"
_NOUNS: dict[Way, str] = {"mail": _LIST, "sns": r"(?:sns\s+)?topic|sns", "webhook": r"web\s?-?hook"}
"""What each is called, before its name and after it."""
MOST_WORDS = 40
"""Of what is to be sent."""


def spoken(text: str, there: Sequence[str]) -> str:
    """`there` are those who may be told, of which the destinations count."""
    destinations = tuple(one for one in there if way_of(one))
    written = {_plain(one): one for one in destinations}
    said = text
    for way, pattern, instead in _rules(destinations):
        said = _put(said, way, pattern, instead, written)
    return text if len(said) > MOST_TEXT else said


@lru_cache(maxsize=8)
def _rules(destinations: tuple[str, ...]) -> tuple[tuple[Way, re.Pattern[str], str], ...]:
    return tuple(
        (way, re.compile(rf"{_QUOTED}|(?<![\w#@/:-]){pattern}", re.IGNORECASE), instead)
        for way, pattern, instead in _made(destinations)
    )


def _made(destinations: Sequence[str]) -> Iterator[tuple[Way, str, str]]:
    """What is said, with the name in it, and what it is in its place; the way is that of the name."""
    for way, noun in _NOUNS.items():
        if names := _names(way, destinations):
            yield way, rf"{_THE}(?:{noun})\s+(?:(?:called|named)\s+)?{names}", "{name}"
            yield way, rf"{_THE}{names}\s+(?:{noun})\b", "{name}"
    whom = _names("mail", destinations, _ADDRESS)
    yield "mail", rf"by\s+{_MAIL}\s+to\s+{whom}", "to {name}"
    yield "mail", rf"to\s+{whom}\s+by\s+{_MAIL}\b", "to {name}"
    a_mail = rf"(?:an?\s+)?{_MAIL}"
    yield "mail", rf"(?:send|write)\s+(?:{a_mail}\s+to\s+{whom})\s+(?:with|containing)\b", "send {name}"
    yield "mail", rf"(?:send|write)\s+(?:{a_mail}\s+to\s+{whom})", "tell {name}"
    yield "mail", rf"(?:send|write)\s+{whom}\s+{a_mail}\s+(?:with|containing)\b", "send {name}"
    yield "mail", rf"{_MAIL}\s+{whom}", "tell {name}"
    word, apart = rf"(?!{_MAIL}\b)[^\s.;!?]++", r"[^\S\n]++"  # gives nothing back, or blanks would be tried for hours
    what = rf"{apart}(?P<what>{word}(?:{apart}{word}){{0,{MOST_WORDS - 1}}}?){apart}"
    wants = r"(?:(?:i|we)\s+(?:want|need|would\s+like)(?:\s+to\s+have)?|have|get)"
    yield "mail", rf"{wants}{what}{_MAIL}ed\s+to\s+{whom}", "send {what} to {name}"
    yield "mail", rf"{_MAIL}{what}to\s+{whom}", "send {what} to {name}"
    if listed := _names("mail", destinations):
        yield "mail", rf"send{what}to\s+{listed}", "send {what} to {name}"
    yield "mail", rf"{_TO}\s+(?P<name>{_ADDRESS}){_ENDS}", "to {name}"
    # By how it is said it is a destination, though none is called so: it is asked about.
    yield (
        "mail",
        rf"{_MAIL}{what}to\s+{_THE}(?P<name>{_NAME})(?:\s+(?:team|list|group))?(?=\W*$)",
        "send {what} to {name}",
    )
    for way in ("sns", "webhook"):
        noun = _NOUNS[way]
        yield (
            way,
            rf"(?P<lead>tell|{_TO})\s+{_THE}(?:{noun})\s+(?:(?:called|named)\s+)?(?P<name>{_NAME})",
            "{lead} {name}",
        )
        yield way, rf"(?P<lead>tell|{_TO})\s+{_THE}(?P<name>{_NAME})\s+(?:{noun})\b", "{lead} {name}"


def _names(way: Way, destinations: Sequence[str], *more: str) -> str:
    """A pattern of the names that go this way, as people write them; "" where there are none."""
    names = [one.partition(":")[2] for one in destinations if way_of(one) == way]
    ways = [re.sub(r"[_-]", "[-_ ]", re.escape(name).replace(r"\-", "-")) for name in sorted(names, key=len)[::-1]]
    every = "|".join([*ways, *more])
    called = r"team|people|folks|list|group" if way == "mail" else r"team|people|folks"
    return rf"{_THE}(?P<name>{every})(?:\s+(?:{called}))?{_ENDS}" if every else ""


def _put(text: str, way: Way, pattern: re.Pattern[str], instead: str, written: Mapping[str, str]) -> str:
    def named(found: re.Match[str]) -> str:
        said = found.groupdict()
        if said["name"] is None:
            return found[0]
        name = f"{way}:{said['name'].lower()}"
        return instead.format(name=written.get(_plain(name), name), what=said.get("what"), lead=said.get("lead"))

    return pattern.sub(named, text)


def _plain(destination: str) -> str:
    return re.sub(r"[\s_-]", "-", destination)
