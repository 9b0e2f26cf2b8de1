"""Freezing and thawing as people ask for it. Pure, and quick to import: it is asked of every request.

What is frozen is named to its last word, or nothing is: behind the names may stand a reason, which is data, and nothing
else. A question, a condition, a time and a no are no order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from copilot.domain import SPEAKS_OF_FREEZING, FrozenScope, Scope

There = Mapping[str, Sequence[Scope]]
"""What can be frozen, by each of the ways it is called, in lower case."""
LONGEST = 600

_ALL = re.compile(
    r"everything|anything|everyone|everybody|(?:it |them )?all(?: of it| of them)?|all the things|the whole thing"
    r"|(?:all|every) (?:the )?(?:environments?|accounts?|systems?)|all (?:the )?changes"
)
_TYPES: Mapping[str, FrozenScope] = {
    "account": "account",
    "environment": "environment",
    "env": "environment",
    "person": "person",
    "user": "person",
    "colleague": "person",
}
_TYPE = rf"(?:{'|'.join(_TYPES)})"
_TYPED = re.compile(rf"(?:the )?(?P<new>new )?(?:aws )?(?P<type>{_TYPE}) (?:called |named )?(?P<name>\S+(?: \S+)?)")
_TYPED_BEHIND = re.compile(rf"(?:the )?(?P<new>new )?(?P<name>\S+(?: \S+)?) (?:aws )?(?P<type>{_TYPE})")
_LEAD = re.compile(
    r"(?:(?:hey|hi|hello|ok|okay|so|alright|all right|please|pls|plz|now|quick|quickly|copilot|team|just|yes)\b"
    r"[ ,!:.-]*)+"
)
_WILL_YOU = re.compile(r"(?:can|could|would|will) you (?:please |kindly |just |now |quickly )*")
_I_WANT = re.compile(
    r"(?:(?:i|we) (?:need|want|have|would like|must)(?: you)?(?: to)?|let us|let's|you (?:can|may|should)"
    r"|go (?:on )?and|please) (?:please |now )?"
)
_A_FREEZE = r"(?:an? |the )?(?:total |full |complete )?(?:change |code |deployment |deploy )?freeze"
_CHANGES = r"(?:(?:all |any |the )*changes? (?:to |in |of |on |by |from )(?:the )?)?"
_ON = r"(?: (?:on|of|for|in|over|from|to)\b)?"
_ORDERS: Sequence[tuple[Literal["freeze", "thaw"], re.Pattern[str]]] = (
    ("freeze", re.compile(rf"freeze\b ?{_CHANGES}(?P<rest>.*)")),
    ("freeze", re.compile(rf"(?:put|start|begin|declare|impose|set|call|place) {_A_FREEZE}\b{_ON} ?(?P<rest>.*)")),
    ("thaw", re.compile(r"(?:thaw|unfreeze|un-freeze|defrost)\b ?(?P<rest>.*)")),
    (
        "thaw",
        re.compile(
            rf"(?:lift|end|remove|release|stop|take off|drop|clear|cancel|undo) {_A_FREEZE}s?\b{_ON} ?(?P<rest>.*)"
        ),
    ),
    ("thaw", re.compile(rf"{_A_FREEZE}{_ON}(?P<rest>.*?) (?:is|can be) (?:over|ended|done|lifted)")),
)
_FROZEN = re.compile(
    r"(?:(?:i|we) (?:want|need|would like) )?(?P<rest>.+?) (?:(?:needs|need|has|have) to be |must be )?"
    r"(?P<done>frozen|thawed|unfrozen)"
)
_CUT = re.compile(
    r"\s*[,;:.!]\s+|\s+[-\u2013\u2014]+\s+|\s+(?=(?:because|since|due to|as|while|during|for|until|till"
    r"|so that|so|reason)\b)|\s*[.!]+$"
)
"""Where the names may end."""
_BECAUSE = re.compile(r"(?:because(?: of)?|since|due to|as|for|so that|so|(?:the )?reason(?: is|:)?)\b[: ]*")
_IN_A_HURRY = re.compile(
    r"(?:\s*\b(?:now|right now|immediately|at once|right away|asap|please|pls|thanks|thank you|again)\b[!.]*)+$"
)
_NUMBER = r"(?:\d+|an?|one|two|three|four|five|six|eight|ten|twelve|half an)"
_LATER = re.compile(
    r"(?:tomorrow|tonight|later|soon|at \d|at (?:noon|midnight)|(?:on |every |each |next |this )?"
    r"(?:mon|tues?|wednes|thurs?|fri|satur|sun)day|next |every |this (?:evening|afternoon|weekend)"
    rf"|from \S+ (?:on|to|until)|in {_NUMBER} |after |before |when |once |starting )"
)
ENDS = re.compile(rf"(?:until|till|for (?:the (?:next|rest) )?{_NUMBER}? ?(?:of |minutes?|hours?|days?|weeks?))\b")
"""What a reason begins with that says when it is to end."""
_CONDITION = re.compile(
    r"\b(?:if|unless|when|whether|should|not|never|don't|dont|do not|say|said|says|tell|told|ask|asked|notify"
    r"|would happen)\b"
)
_INCIDENT = re.compile(
    r"(?:(?:we|i|there|it|they|incident|emergency|urgent|outage|alert|attention|sev ?\d|p\d|security"
    r"|major|an?|the|our)\b[^?]*?)"
)
_SENTENCES = re.compile(r"[,;:.!]\s+|\s[-\u2013\u2014]+\s")
_QUESTION = re.compile(r"\b(?:is|are|was|were|why|what|who|which|when|how|has|have|did|does|do|can|could|should|or)\b")
_SCHEDULES = re.compile(r"\bschedules?\b|\bwindows?\b|\bs[0-9a-f]{9}\b")
_VERB = re.compile(
    r"(?:then |and )*(?:stop|start|restart|scale|tell|notify|list|show|roll|deploy|delete|send|thaw|freeze)\b"
)
_ASKED = (
    r"(?:got |do we have )?(?:anything|something|anybody|anyone|somebody|someone)(?: still| currently| now)* frozen",
    r"(?:is|are) (?:there )?(?:anything|something|everything|any of it|anyone|anybody|somebody|someone|we|things"
    r"|it all|all)(?: still| currently| now)* frozen",
    r"(?:is|are) there (?:still |currently )?(?:an?y? |some )?(?:change )?freezes?"
    r"(?: on| active| now| in force| in place)?",
    r"(?:what|who)(?: is| are|'s|s)?(?: all)?(?: currently| still)? frozen",
    rf"(?:which|what) (?:{_TYPE}s?|people|freezes)(?: is| are)?"
    r"(?: there| frozen| active| in force| in place| do we have)?",
    r"(?:show|list|give|tell)(?: me)?(?: all)?(?: of)?(?: the| our)?(?: current| active)? freezes?",
    r"(?:show|list)(?: me)?(?: all)? (?:what|that) is frozen",
    r"(?:any |current |active |all )*freezes|freeze status|status of the freezes?",
)
_ASKED_OF_ALL = re.compile(rf"(?:{'|'.join(_ASKED)})(?: (?:right )?now| at the moment| today| currently)?")
_ASKED_OF = re.compile(
    r"(?:(?:why|since when|when|how long) )?(?:is|are|was|were|has|have) (?P<of>.+?)"
    r"(?: been)?(?: still| currently| now)? frozen"
    r"|who (?:has |had )?(?:froze|frozen) (?P<froze>.+)"
)


class Said(NamedTuple):
    """`scopes` are those that are meant; () of a thaw that names none. `reason` is "" where none was given.

    Where some words are `unclear`, or it is to be `later`, nothing is meant by it; `choices` are requests that may be.
    """

    do: Literal["freeze", "thaw", "show"]
    scopes: tuple[Scope, ...] = ()
    reason: str = ""
    later: bool = False
    unclear: str = ""
    choices: tuple[str, ...] = ()


class _Order(NamedTuple):
    do: Literal["freeze", "thaw"]
    rest: str
    later: bool
    reason: str = ""


def read(text: str, there: There) -> Said | None:
    """What is asked for, of what is `there`; None of what is about something else."""
    if len(text) > LONGEST or not SPEAKS_OF_FREEZING.search(text):
        return None
    said = " ".join(text.replace("\u2019", "'").split())
    if (found := _asked(_without(_LEAD, said).lower().rstrip("?!. "), there)) is not None:
        return found
    order = next(_orders(said, said.endswith("?")), None)
    return None if order is None else _meant(order, there)


def _asked(plain: str, there: There) -> Said | None:
    if _ASKED_OF_ALL.fullmatch(plain):
        return Said("show")
    about = _ASKED_OF.fullmatch(plain)
    named = _scopes(about["of"] or about["froze"], there) if about else None
    return Said("show", tuple(named[0])) if named and len(named) == 1 else None


def _orders(said: str, asks: bool) -> Iterator[_Order]:
    """The order that it is, as far as its verb goes; before that may stand why, in a sentence of its own."""
    for begin, end in [(0, 0), *(match.span() for match in _SENTENCES.finditer(said))]:
        before = _without(_LEAD, said[:begin])
        if before and (not _INCIDENT.fullmatch(before.lower()) or _CONDITION.search(before.lower())):
            continue
        if (order := _order(said[end:], asks)) is not None:
            yield order._replace(reason=before.strip())
            return


def _order(said: str, asks: bool) -> _Order | None:
    body = _without(_LEAD, said.rstrip("? "))
    later = _LATER.match(body.lower()) is not None
    body = body.partition(" ")[2] if later else body
    asked = _without(_WILL_YOU, body)
    if asks and asked == body:
        return None
    for one in dict.fromkeys((_without(_I_WANT, asked), asked)):
        lower = one.lower().rstrip("!. ")
        for do, pattern in _ORDERS:
            if (found := pattern.fullmatch(lower)) is not None:
                return _Order(do, one[found.start("rest") : found.end("rest")].strip(), later)
        done = _FROZEN.fullmatch(lower)
        if done is not None and not _QUESTION.search(done["rest"]):
            return _Order("freeze" if done["done"] == "frozen" else "thaw", one[: done.end("rest")], later)
    return None


def _without(lead: re.Pattern[str], said: str) -> str:
    """What is left of it without what leads up to that."""
    found = lead.match(said.lower())
    return said[found.end() :] if found else said


def _meant(order: _Order, there: There) -> Said | None:
    rest = _IN_A_HURRY.sub("", order.rest).strip(" ,")
    named = rest.lower().partition(" because ")[0]
    if _CONDITION.search(named) or _SCHEDULES.search(named) or named.startswith("and "):
        return None
    if order.later:
        return Said(order.do, later=True)
    if not rest.strip(" .!"):
        return Said(order.do, () if order.do == "thaw" else (Scope(of="all"),), order.reason)
    cuts = _cuts(rest)
    for head, tail in cuts:
        if (found := _scopes(_IN_A_HURRY.sub("", head), there)) is not None:
            return _with(order, found, head, tail, there)
    unclear = cuts[-1][0]
    words = unclear.lower().split()
    if any(_LATER.match(f"{' '.join(words[at:])} ") for at in range(1, len(words))):
        return Said(order.do, later=True)
    return Said(order.do, unclear=next((one for one in _names(unclear) if not _scope(one, there)), unclear))


def _cuts(rest: str) -> list[tuple[str, str]]:
    """The names that there may be, the longest first, each with what follows."""
    cuts = [(rest[: cut.start()], rest[cut.end() :].strip()) for cut in _CUT.finditer(rest)]
    return [(head, tail) for head, tail in [(rest, ""), *reversed(cuts)] if head.strip()]


def _with(order: _Order, found: list[list[Scope]], head: str, tail: str, there: There) -> Said:
    """The names found, and what stands behind them: a reason, or something that would be left out."""
    if _LATER.match(tail.lower()):
        return Said(order.do, later=True)
    if _VERB.match(tail.lower()):
        return Said(order.do, unclear=tail, choices=(f"{order.do} {head}",))
    reason = (tail if ENDS.match(tail.lower()) else _without(_BECAUSE, tail)).strip(" .!") or order.reason
    if any(len(some) > 1 for some in found):
        why = f", {reason}" if reason else ""
        ways = [f"{order.do} {one.of} {_called(one, there)}{why}" for one in found[0]]
        return Said(order.do, unclear=head, choices=tuple(ways) if len(found) == 1 else ())
    return Said(order.do, tuple(dict.fromkeys(some[0] for some in found)), reason)


def _scopes(said: str, there: There) -> list[list[Scope]] | None:
    """What each of the names stands for; None where one of them stands for nothing."""
    found = [_scope(one, there) for one in _names(said)]
    return found if found and all(found) else None


def _names(said: str) -> list[str]:
    return [one for one in re.split(r"\s*,\s*(?:and\s+)?|\s+and\s+|\s*&\s*", said.strip().casefold()) if one]


def _scope(said: str, there: There) -> list[Scope]:
    if _ALL.fullmatch(said):
        return [Scope(of="all")]
    if said in there:
        return list(there[said])
    for pattern in (_TYPED, _TYPED_BEHIND):
        if typed := pattern.fullmatch(said):
            of, name = _TYPES[typed["type"]], typed["name"]
            if some := [one for one in there.get(name, ()) if one.of == of]:
                return some
            if typed["new"] and of == "environment" and " " not in name:
                return [Scope(of=of, name=name)]
    return list(there.get(said.removeprefix("the "), ()))


def _called(scope: Scope, there: There) -> str:
    """The shortest of the ways it is called that nothing else of its type is."""
    ways = [way for way, some in there.items() if [one for one in some if one.of == scope.of] == [scope]]
    return min(ways, key=lambda way: (" " in way, len(way)), default=scope.name)
