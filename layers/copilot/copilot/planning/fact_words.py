"""Facts as people say them: what is to be remembered, what is to be forgotten, and what is known. Pure, and quick to
import: it is asked of every request.

A question is nothing to be remembered, and neither is what is to be done.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from copilot.domain import FactKind
from copilot.planning.rule_words import NOT_A_NO, RuleSaid, no_longer, rule_in, stops_telling, until_of

LONGEST = 600
_LEAD = re.compile(
    r"(?:(?:hey|hi|hello|ok|okay|so|please|pls|copilot|and|also|btw|by the way|fyi|for your information|well)\b"
    r"[ ,!:.-]*)+",
    re.IGNORECASE,
)
_CORRECTS = re.compile(
    rf"(?:(?!{NOT_A_NO})(?:no|nope|actually|sorry|wait|oops|correction|wrong|not quite)\b[ ,!:;.–-]+)+", re.IGNORECASE
)
"""Before what is so instead. Before "forget that" it says something to a question."""
_WILL_YOU = re.compile(r"(?:can|could|would|will) you (?:please |kindly |just )*", re.IGNORECASE)
_ALL_OF_US = r"(?:everybody|everyone|all of us|us all|the whole (?:team|company|organi[sz]ation)|all people here)"
_FOR_ALL = re.compile(rf"(?:for|to) {_ALL_OF_US}(?: here)?\s*[:,]?\s+", re.IGNORECASE)
_FOR_ALL_BEHIND = re.compile(rf",?\s+for {_ALL_OF_US}(?: here)?\s*$", re.IGNORECASE)
_REMEMBER = re.compile(
    r"(?P<verb>remember|memori[sz]e|note|keep in mind|bear in mind|do not forget|don't forget|make a note|take note"
    rf"|know)(?P<all> for {_ALL_OF_US})?(?P<that>\s*[:,]?\s+that\b\s*[:,]?|\s*:|\s*,)?\s+(?!to\s)(?P<body>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_WITH_THAT = frozenset("note know".split())
"""Verbs that, with nothing behind them, ask for something else."""
_FROM_NOW_ON = re.compile(
    r"(?:from now on|from here on|in (?:the )?future|henceforth|going forward)\s*[,:]?\s+(?:remember (?:that )?)?"
    r"(?P<body>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_Q = r"[\"“']?(?P<word>[^\"“”',;:?]{1,60}?)[\"”']?"
_V = r"(?P<means>[^;:?\n]{1,300})"
_ALIASES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?:when|if|whenever) (?:i|we) (?:say|write|type|speak of)\s+{_Q},?\s+(?:i|we|it|that) (?:means?"
        rf"|refers? to)"
        rf"\s+{_V}",
        rf"(?:by|with)\s+{_Q}\s+(?:i|we) mean\s+{_V}",
        r"(?:i|we) mean\s+(?P<means>[^;:?\n]{1,300}?)\s+(?:by|with|when (?:i|we) say)\s+[\"“']?"
        r"(?P<word>[^\"“”',;:?]{1,60}?)[\"”']?",
        rf"{_Q}\s+(?:means|stands for|is short for|refers to|is another (?:name|word) for|is what (?:i|we) call)"
        rf"\s+{_V}",
    )
)
_STATES = re.compile(r"\b(?:means|stands for|refers to)\b", re.IGNORECASE)
"""Things may do so that nobody wants remembered: alarms, errors."""
_NOBODYS = re.compile(r"(?:it|this|that|these|those|he|she|they|what|which|who|how|why|where|nothing|there)\b", re.I)
_NAME = r"[\"“']?(?P<value>[\w.@+-]+(?: [\w.@+-]+){0,3}?)[\"”']?"
_ELSE = r"(?:by default|unless (?:i|we) say otherwise)"
_DEFAULTS: Sequence[tuple[str, re.Pattern[str]]] = tuple(
    (subject, re.compile(pattern, re.IGNORECASE))
    for subject, pattern in (
        ("team", rf"my (?:own )?team is (?:called |named |the |team )?{_NAME}(?: team)?"),
        ("team", rf"(?:i am|i'm|i work) (?:on|in|for|with|part of|a member of|a part of) (?:the )?{_NAME} team"),
        ("team", rf"(?:i am|i'm|i work) (?:on|in|for|with|part of|a member of|a part of) (?:the )?team {_NAME}"),
        ("<own>", rf"(?:my|our|the) (?:default|usual) (?P<subject>environment|env|region) is (?:the )?{_NAME}"),
        (
            "<own>",
            rf"(?:my|our|the) (?P<subject>environment|env|region) is {_NAME} (?:by default|unless i say otherwise)",
        ),
        (
            "",
            rf"(?:i|we) (?:usually|normally|mostly|always|generally) (?:mean|work (?:in|on|with)|use)"
            rf" (?:the )?{_NAME}",
        ),
        ("", rf"{_ELSE},? (?:i|we) (?:mean|work (?:in|on|with)|use) (?:the )?{_NAME}"),
        ("", rf"(?:i|we) (?:mean|use) {_NAME} {_ELSE}"),
        ("", rf"(?:use )?{_NAME} is (?:my|our|the) default(?P<subject> environment| env| region)?"),
    )
)
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d{1,2}")
_SHOW = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"what (?:do|can) you (?:still )?(?:know|have) (?:about|of|on) (?:me|us|me and my team|everybody|everyone)",
        r"what (?:do|can) you (?:still )?remember(?: (?:about|of|on) (?P<about>.{1,60}))?",
        r"what (?:have i|did i|have we|did we) (?:told|tell|asked|ask) you (?:to remember|about (?:me|us|myself))",
        r"what have (?:i|we) told you(?: so far)?",
        r"(?:show|list|tell)(?: me| us)? (?:what you (?:still )?(?:remember|know about (?:me|us))"
        r"|(?:all )?(?:the |my |our |your )?(?:facts|notes|aliases)"
        r"(?: (?:there are|you (?:have|know|remember|keep)))?)",
        r"(?:which|what) (?:facts|notes|aliases) (?:do you (?:have|know|remember|keep)|are there)"
        r"(?: (?:about|of) (?:me|us))?",
    )
)
_UNTIL = re.compile(r"\b(?:until|till)\b", re.IGNORECASE)
_UNTIL_BEHIND = re.compile(
    r"(?P<verb>remember|note|keep in mind|bear in mind)\s+(?P<until>(?:until"
    r"|till) [^,:]{2,40}?)(?P<that>\s+that|\s*[:,])"
    r"\s+(?P<body>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_RULES = re.compile(
    r"(?:the )?(?:exclusion|rule)s? (?:of|for|about|on) (?P<excluded>.{1,80})"
    r"|(?:to tell|about telling|telling|to notify|notifying) (?P<told>[#@]?[\w.:@-]{1,80})(?: .*)?",
    re.IGNORECASE,
)
_YOU_LEARNED = (
    r"you (?:have |had |'ve )?(?:ever |already |so far )?learn(?:ed|t)(?: so far)?(?: (?:from|about|of|for) .{1,40})?"
)
_SHOW_LEARNED = re.compile(
    rf"(?:what|which (?:plans|requests)) (?:have|did) you (?:ever |already )?learn(?:ed|t)?(?: so far)?"
    rf"(?: (?:from|about|of|for) (?:me|us|my requests))?|(?:show|list|tell)(?: me)? (?:what {_YOU_LEARNED}"
    rf"|(?:all )?(?:my |the |your )?learned plans)",
    re.IGNORECASE,
)
_LEARNED = re.compile(
    rf"(?:everything|all|whatever|what|the plans|all the plans)(?: that)? {_YOU_LEARNED}"
    r"|(?:all )?(?:of )?(?:my |the |your )?learned plans|what was learned(?: .{1,40})?",
    re.IGNORECASE,
)
_FORGET = re.compile(r"forget(?: about)?\s+(?P<what>\S.*)", re.IGNORECASE | re.DOTALL)
_LAST = re.compile(r"that(?: again)?|what (?:i|we) (?:just )?(?:said|told you)", re.IGNORECASE)
_ME = re.compile(
    r"me|(?:everything|all|whatever|what)(?: that)? you (?:still )?(?:know|remember|have)(?: (?:about|of|on) me)?"
    r"|(?:everything|all) (?:about|of) me|(?:all )?my facts|all (?:that|of that) about me",
    re.IGNORECASE,
)
_MEANING = re.compile(
    r"what\s+[\"“']?(?P<word>.{1,60}?)[\"”']?\s+(?:means|stands for)"
    r"|(?:the )?alias(?: for)?\s+[\"“']?(?P<alias>.{1,60}?)[\"”']?",
    re.IGNORECASE,
)
_MINE = re.compile(r"(?:my|our|the) (?:default |usual )?(?P<subject>team|environment|env|region)", re.IGNORECASE)
_THAT = re.compile(r"(?:the note )?that\s*[:,]?\s+(?P<body>\S.*)", re.IGNORECASE | re.DOTALL)


class FactSaid(NamedTuple):
    """A fact as it was said; of a default whose subject is "" it has to be seen what the value is. `until` says until
    when it is so. An exclusion and a companion have a `rule`; where they are to be forgotten, of some other
    words, `subject` is what they are of.
    """

    kind: FactKind
    subject: str
    value: str
    until: str = ""
    rule: RuleSaid | None = None


class SaidOfFacts(NamedTuple):
    """`do`: remember the fact, forget it, forget the last one, all that are the asker's own, or what was learned for
    them, the one that is about `about`; or show those about that, all where it is "", or what was learned. `shared` is
    for everybody. It is `loose` where the words may be a request as well: what is to be so from now on, or only says
    that something is so.
    """

    do: Literal["remember", "forget", "forget_last", "forget_me", "forget_learned", "show", "show_learned"]
    fact: FactSaid | None = None
    about: str = ""
    shared: bool = False
    loose: bool = False


def read(text: str) -> SaidOfFacts | None:
    """What a text says of facts; None where it is about something else."""
    if len(text) > LONGEST:
        return None
    said, asked = " ".join(text.split()), text.rstrip().endswith("?")
    said = _LEAD.sub("", said, count=1) if _LEAD.match(said) else said
    if will := _WILL_YOU.match(said):
        said, asked = said[will.end() :], False
    said = said.rstrip(" .!?").removesuffix(" please").rstrip(" ,")
    shared = False
    for pattern in (_FOR_ALL, _FOR_ALL_BEHIND):
        if found := (pattern.match(said) if pattern is _FOR_ALL else pattern.search(said)):
            said, shared = said[: found.start()] + said[found.end() :], True
    if _SHOW_LEARNED.fullmatch(said):
        return SaidOfFacts("show_learned")
    if any(found := pattern.fullmatch(said) for pattern in _SHOW):
        assert found is not None
        about = (found.groupdict().get("about") or "").casefold()
        return SaidOfFacts("show", about="" if about in {"me", "us", "everybody", "everyone"} else about)
    if forgotten := _FORGET.fullmatch(said):
        return _forgotten(forgotten["what"], shared)
    if asked:
        return None
    corrects = _CORRECTS.match(said)
    return _correcting(_remembered(said[corrects.end() :], shared)) if corrects else _remembered(said, shared)


def _correcting(said: SaidOfFacts | None) -> SaidOfFacts | None:
    """In the place of what was said last of the same."""
    if said is None or said.fact is None or said.fact.rule is None or said.fact.rule.corrects:
        return said
    return said._replace(fact=said.fact._replace(rule=said.fact.rule._replace(corrects="last")))


def _remembered(said: str, shared: bool) -> SaidOfFacts | None:
    if _UNTIL.search(said) is None:
        return _always_remembered(said, shared)
    whole, until = until_of(_UNTIL_BEHIND.sub(r"\g<verb>\g<that> \g<body> \g<until>", said))
    found = _always_remembered(whole, shared)
    if not until or found is None or found.fact is None:
        return found if not until else None
    # What a note says stands as it was said.
    value = f"{found.fact.value} until {until}" if found.fact.kind == "note" else found.fact.value
    return found._replace(fact=found.fact._replace(value=value, until=until))


def _always_remembered(said: str, shared: bool) -> SaidOfFacts | None:
    shared = shared or (
        re.search(rf"(?i)\bfor {_ALL_OF_US}\b", said[:80]) is not None and bool(_REMEMBER.fullmatch(said))
    )
    if (found := _REMEMBER.fullmatch(said)) and (found["that"] or found["verb"].lower() not in _WITH_THAT):
        body, shared = found["body"].strip(), shared or found["all"] is not None
        return SaidOfFacts("remember", _fact(body) or FactSaid("note", "", body), shared=shared)
    if found := _FROM_NOW_ON.fullmatch(said):
        body = found["body"].strip()
        fact = _fact(body)
        return SaidOfFacts("remember", fact or FactSaid("note", "", body), shared=shared, loose=fact is None)
    if what := no_longer(said):
        return SaidOfFacts("forget", FactSaid("exclusion", what, said), shared=shared)
    if told := stops_telling(said):
        return SaidOfFacts("forget", FactSaid("companion", " ".join(told), said), shared=shared)
    fact = _fact(said)
    loose = fact is not None and fact.kind == "alias" and _STATES.search(said) is not None
    return None if fact is None else SaidOfFacts("remember", fact, shared=shared, loose=loose and not shared)


def _forgotten(what: str, shared: bool) -> SaidOfFacts | None:
    if _LAST.fullmatch(what):
        return SaidOfFacts("forget_last")
    if _LEARNED.fullmatch(what):
        return SaidOfFacts("forget_learned")
    if _ME.fullmatch(what):
        return SaidOfFacts("forget_me")
    if found := _MEANING.fullmatch(what):
        return SaidOfFacts("forget", FactSaid("alias", found["word"] or found["alias"], ""), shared=shared)
    if found := _MINE.fullmatch(what):
        return SaidOfFacts("forget", FactSaid("default", _subject(found["subject"]), ""), shared=shared)
    if found := _RULES.fullmatch(what):
        kind: FactKind = "exclusion" if found["excluded"] else "companion"
        return SaidOfFacts("forget", FactSaid(kind, found["excluded"] or found["told"], what), shared=shared)
    if found := _THAT.fullmatch(what):
        body = found["body"].strip()
        return SaidOfFacts("forget", _fact(body) or FactSaid("note", "", body), shared=shared)
    return SaidOfFacts("forget", about=what.casefold(), shared=shared, loose=True)


def _fact(said: str) -> FactSaid | None:
    """What is no note."""
    return next(_facts(said), None)


def _facts(said: str) -> Iterator[FactSaid]:
    if (rule := rule_in(said)) is not None:
        yield FactSaid(rule.kind, "", said, rule=rule)
    for subject, pattern in _DEFAULTS:
        if found := pattern.fullmatch(said):
            value = found["value"]
            own = (found.groupdict().get("subject") or "").strip()
            if subject == "team":
                yield FactSaid("default", "team", value)
            else:
                of = _subject(own) if own else "region" if _REGION.fullmatch(value) else "environment"
                yield FactSaid("default", of, value)
    for pattern in _ALIASES:
        if (found := pattern.fullmatch(said)) and not _NOBODYS.match(found["word"]):
            yield FactSaid("alias", found["word"].strip(), found["means"].strip())


def _subject(said: str) -> str:
    return "environment" if said.lower() == "env" else said.lower()
