"""How people say what is off limits, and who is to be told of what is done. Pure.

What is asked is none of these, nor what is to be done, once or at its times.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from copilot.domain import OUTSIDE, ChangeSort

SPEAKS_OF_RULES = re.compile(
    r"(?i)limits|bounds|taboo|hands[- ]off|alone|untouchable|touch|never|ever\b|nobody|no[- ]?one|not\b"
    r"|n['\u2019]t\b|\bno\b|ask\b|before"
    r"|approv|sign[- ]?off|tell|notify|inform|let\b|ping|message|post|say\b|write"
)
"""What every one of them has in it."""
_VERBS: dict[str, tuple[ChangeSort, ...]] = {
    r"touch(?:es|ed|ing)?|chang(?:e|es|ed|ing)|modif(?:y|ies|ied|ying)|alter(?:s|ed|ing)?|mess(?:es|ed|ing)?"
    r" (?:around )?with"
    r"|do(?:es|ing)? anything (?:to|with)|(?:make|makes|making|made) (?:any )?changes (?:to|in|on)"
    r"|(?:touch|chang)(?:e|es|ed|ing)? (?:anything|something) (?:in|on|of)|work(?:s|ed|ing)? on": (),
    r"stop(?:s|ped|ping)?|shut(?:s|ting)? (?:down )?|turn(?:s|ed|ing)? off|switch(?:es|ed|ing)? off|power(?:s"
    r"|ed|ing)? (?:off|down)"
    r"|shut(?:s|ting)? down|t(?:ake|akes|aking|aken) down": ("stop",),
    r"start(?:s|ed|ing)?|turn(?:s|ed|ing)? on|switch(?:es|ed|ing)? on|boot(?:s|ed|ing)?": ("start",),
    r"restart(?:s|ed|ing)?|re-?boot(?:s|ed|ing)?|bounc(?:e|es|ed|ing)": ("restart",),
    r"(?:re)?scal(?:e|es|ed|ing)(?: (?:up|down|out|in))?|resiz(?:e|es|ed|ing)": ("scale",),
    r"(?:re)?deploy(?:s|ed|ing)?(?: (?:anything |something )?(?:to|in|into|on))?|releas(?:e|es|ed|ing)(?:"
    r" (?:anything )?(?:to|in|into))?"
    r"|roll(?:s|ed|ing)? back|promot(?:e|es|ed|ing)(?: (?:anything )?to)?|ship(?:s|ped|ping)?(?:"
    r" (?:anything )?to)?": ("deploy",),
    r"delet(?:e|es|ed|ing)|remov(?:e|es|ed|ing)|destroy(?:s|ed|ing)?|t(?:ear|ears|earing|orn) down": ("delete",),
}
_NOUNS: dict[str, tuple[ChangeSort, ...]] = {
    r"changes?|modifications?|work": (),
    r"stops?|stopping|shutdowns?": ("stop",),
    r"starts?|starting": ("start",),
    r"restarts?|reboots?|restarting|rebooting": ("restart",),
    r"scaling|resizing|resizes|changes of size": ("scale",),
    r"deploy(?:ment)?s?|deploying|releases?|releasing|roll-?outs?|rollbacks?": ("deploy",),
    r"deletions?|deleting|tear-?downs?": ("delete",),
}
_VERB = rf"(?P<verb>{'|'.join(_VERBS)})(?!\w)"
_NOUN = rf"(?P<noun>{'|'.join(_NOUNS)})(?!\w)"
_WHAT = r"(?P<what>[^,;:?!]{1,120}?)"
_REST = r"(?P<rest>.*)"
_OFF = (
    r"(?:strictly |absolutely |completely )?(?:off[- ]limits|out of bounds|taboo|no[- ]go|untouchable|hands[- ]off"
    r"|not to be touched|never to be touched)"
)
OFF_LIMITS = re.compile(_OFF, re.IGNORECASE)
_MUST_NOT = (
    r"(?:(?:must|may|should|shall|can|is|are)(?: not|n't|not| never)|(?:is|are) never to|(?:is|are) not to"
    r"|never gets?)"
    r"(?: to)?(?: ever)? be"
)
_MAY = r"(?:(?:may|should|must|shall|can|gets to|is allowed to|is to|are allowed to|are to)(?: ever)? )?"
_NEVER = (
    r"(?:never(?: ever)?|(?:don't|do not|don't you|you must not|you mustn't|you may not"
    r"|you shall not) ever|you (?:must|may|should|shall|can) never)"
)
_ASK = (
    r"(?:ask|check with|talk to|consult)(?: (?:me|us|somebody|someone|an approver|for (?:an )?approval"
    r"|for my ok|first))*"
)
_APPROVED = r"(?:an approval|approval|to be approved|(?:a )?sign[- ]?off|my (?:ok|okay|approval))"
_PATTERNS: tuple[tuple[Literal["deny", "ask"], str], ...] = (
    ("deny", rf"{_WHAT} (?:is|are|stays?|remains?) {_OFF}{_REST}"),
    ("deny", rf"{_WHAT} {_MUST_NOT} {_VERB}{_REST}"),
    ("deny", rf"(?:nobody|no[- ]one|none of us) {_MAY}(?:ever )?{_VERB} {_WHAT}{_REST}"),
    ("deny", rf"(?:i|we) (?:don't|do not|never) want (?:anybody|anyone|you) to (?:ever )?{_VERB} {_WHAT}{_REST}"),
    ("deny", rf"(?:please )?{_NEVER} {_VERB} {_WHAT}{_REST}"),
    ("deny", rf"no {_NOUN} (?:to|of|in|on|for|at|into) {_WHAT}{_REST}"),
    ("deny", rf"(?:keep (?:your |all |our )?)?hands off(?: of)? {_WHAT}{_REST}"),
    ("ask", rf"(?:please )?(?:always )?{_ASK} before (?:you |anybody |anyone )?{_VERB} {_WHAT}{_REST}"),
    ("ask", rf"(?:changes (?:to|of|in|on) )?{_WHAT} (?:always )?needs? {_APPROVED}{_REST}"),
)
NOT_A_NO = rf"no[- ]?one\b|no (?:{'|'.join(_NOUNS)}) (?:to|of|in|on|for|at|into)\b"
"""What begins with "no" and takes nothing back."""
_EXCLUSIONS = tuple((effect, re.compile(pattern, re.IGNORECASE | re.DOTALL)) for effect, pattern in _PATTERNS)
_ONLY_WITH_TIMES = tuple(
    re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        rf"(?:please )?(?:don't|do not|you must not|you may not|you shouldn't) {_VERB} {_WHAT}{_REST}",
        rf"(?:please )?(?:leave|keep) {_WHAT} (?:alone|untouched){_REST}",
    )
)
"""Without times, or somebody to ask, these are about what is spoken of."""
_FIRST = re.compile(
    r"(?P<when>(?:on|at|in|between|from|during|over|every|each) [^,]{2,60}?),? (?P<body>\S.*)", re.I | re.S
)
_UNLESS = re.compile(
    r",?\s*(?:without|unless|before) (?:(?:you )?(?:first )?(?:ask(?:ing|ed)?|check(?:ing|ed)?|talk(?:ing|ed)?"
    r"|consult(?:ing|ed)?)"
    r"(?: (?:with|to))?(?: (?:me|us|somebody|someone|anybody|an approver|for (?:an )?approval"
    r"|one of us))?(?: (?:first|before))?"
    r"|(?:an |my |our |somebody's |someone's )?(?:approval|permission|ok|okay|sign[- ]?off)"
    r"|(?:i|somebody|someone|an approver|it is|it's) (?:say|says|said|approve|approves|approved)(?: so| it)?)\b",
    re.IGNORECASE,
)
_FOR_ME = re.compile(r",?\s*\bfor (?:me|my (?:runs|requests))\b", re.IGNORECASE)
_NOT_DAYS = re.compile(
    r",?\s*(?:and )?(?:not|instead of|rather than|no longer|no more)"
    r"(?P<days>(?:(?: on| and|,)* (?:(?:mon|tues?|wednes|thurs?|fri|satur|sun)(?:day)?s?|weekdays?|weekends?))+)$",
    re.IGNORECASE,
)
_ONLY = re.compile(
    r"(?<![\w-])only (?=tell|notify|inform|ping|message|alert|off[- ]limits|on\b|at\b|in\b|between\b|from\b|during\b"
    r"|over\b|every\b|each\b|weekdays?\b|weekends?\b|overnight\b|by night\b|#|@)| only$",
    re.IGNORECASE,
)
"""Before what alone is so."""
_WHEN = re.compile(
    r"(?:^|\s|,)\s*(?=(?:on|at|in|between|from|during|over|every|each|always|ever|at all|any ?time|weekdays?"
    r"|weekends?|overnight|daily"
    r"|nightly|for good|for now|today|tonight|tomorrow|mon|tue|wed|thu|fri|sat|sun|again|under any|no matter"
    r"|whatever|all of|throughout|around|after|by night"
    r")\w*\b)",
    re.IGNORECASE,
)
_CHANNEL = rf"(?:#[\w-]{{1,80}}|@[\w.-]{{1,80}}|person:[\w.@-]{{1,80}}|{OUTSIDE}|me|us)"
_TOLD = rf"(?P<told>{_CHANNEL}(?:(?: and |, | & ){_CHANNEL}){{0,4}})"
_TELL = (
    r"(?:tell|notify|inform|ping|message|alert|let|write to|write in|post (?:it |this |that )?(?:to|in"
    r"|into)|say (?:so |it )?in|dm)"
)
_WHENEVER = r"(?:when(?:ever)?|every time|each time|any time|after|once|as soon as|if)"
_DOER = r"(?:you|i|we)(?:'ve|'re)?(?: (?:have|are|are about to|ever|just))*"
_LEAD = r"(?:please )?(?:you (?:are to |should |must |will )?)?(?:always )?"
_COMPANIONS: tuple[tuple[bool, re.Pattern[str]], ...] = tuple(
    (before, re.compile(pattern, re.IGNORECASE | re.DOTALL))
    for before, pattern in (
        (False, rf"{_LEAD}{_TELL} {_TOLD}(?: know| about it| so)? {_WHENEVER} (?:{_DOER} )?{_VERB} {_WHAT}"),
        (
            False,
            rf"{_WHENEVER} (?:{_DOER} )?{_VERB} {_WHAT},? (?:then )?(?:please )?(?:also )?(?:always )?{_TELL}"
            rf" {_TOLD}(?: know)?(?: about (?:it|that)| so| of (?:it|that))?",
        ),
        (
            False,
            rf"{_LEAD}{_TELL} {_TOLD}(?: know)? (?:of|about) (?:every|each|all|any) {_NOUN} (?:of|to|in|on) {_WHAT}",
        ),
        (False, rf"(?:please )?always {_TELL} {_TOLD}(?: know)? (?:of|about) {_NOUN} (?:of|to|in|on) {_WHAT}"),
        (True, rf"{_LEAD}{_TELL} {_TOLD}(?: know)? before (?:{_DOER} )?{_VERB} {_WHAT}"),
        (
            True,
            rf"before (?:{_DOER} )?{_VERB} {_WHAT},? (?:please )?(?:always )?{_TELL}"
            rf" {_TOLD}(?: know)?(?: about (?:it|that)| so)?",
        ),
    )
)
_BECAUSE = re.compile(r",? (?:because|since we|as we|while we|due to) [^,;]+$", re.IGNORECASE)
_UNTIL = re.compile(r"(?P<body>.+?),?\s+(?:until|till) (?P<until>[^,;:]{2,40})", re.IGNORECASE | re.DOTALL)
_UNTIL_FIRST = re.compile(r"(?:until|till) (?P<until>[^,;:]{2,40})[,:]\s+(?P<body>\S.*)", re.IGNORECASE | re.DOTALL)
_FROM = re.compile(r"\bfrom [^,]{1,25}$", re.IGNORECASE)
_SOME_TIME = datetime(2000, 1, 1, tzinfo=UTC)
"""Whether words are a time does not hang on what time it is."""
_STOP_TELLING = re.compile(
    rf"(?:please )?(?:(?:stop|no longer|no more) (?:tell|notify|inform|messag|ping|writ)(?:ing|ying|e|ify)?"
    rf"|(?:don't|do not) {_TELL}) {_TOLD}(?: (?:{_WHENEVER}|before|about|of|any ?more|any longer)\b.*)?",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"(?:is|are|was|were|does|do|did|may|can|could|should|must|will|would|who|what|when|where|why|which|how"
    r"|whether)\b(?! not\b)(?!n't)",
    re.IGNORECASE,
)
_PRONOUN = re.compile(
    r"(?:tell|notify|say|ask|#|@)|.*\bthat\b|(?:it|this|that|these|those|he|she|they|them|which|who|nothing|there)\b",
    re.I,
)
"""What nothing is called by that is off limits."""
_ENDED = re.compile(
    rf"{_WHAT} (?:is|are) (?:no longer|not|no more) (?:{_OFF})(?: any ?more| any longer| again)?"
    rf"|(?:{_WHAT.replace('<what>', '<again>')}) may be {_VERB} again",
    re.IGNORECASE,
)


class RuleSaid(NamedTuple):
    """As it was said: `what` names what is meant, `when` the times, "" for always, of `changes` of these sorts. An
    exclusion has an `effect`; a companion `tell`s these, `before` where that is asked for. It `corrects` what was said
    last of the same, or all of it; `not_on` are the days that it is taken back of.
    """

    what: str
    changes: tuple[ChangeSort, ...] = ()
    when: str = ""
    effect: Literal["deny", "ask"] = "deny"
    tell: tuple[str, ...] = ()
    before: bool = False
    corrects: Literal["", "last", "all"] = ""
    not_on: str = ""

    @property
    def kind(self) -> Literal["exclusion", "companion"]:
        return "companion" if self.tell else "exclusion"


def rule_in(said: str) -> RuleSaid | None:
    """What is off limits, or who is to be told of what, in a sentence without its end; None for another."""
    if not SPEAKS_OF_RULES.search(said):
        return None
    said = _BECAUSE.sub("", said)
    plain = _ONLY.sub("", said)
    found = next(_companions(plain), None) or next(_exclusions(plain), None)
    return found if found is None or plain == said else found._replace(corrects="all")


def until_of(said: str) -> tuple[str, str]:
    """A sentence without until when it is so, and the words for that; "" where it does not say."""
    for pattern in (_UNTIL, _UNTIL_FIRST):
        if (found := pattern.fullmatch(said)) and not _FROM.search(found["body"]) and _is_until(found["until"]):
            return found["body"].strip(), found["until"].strip()
    return said, ""


def _is_until(said: str) -> bool:
    from copilot.times.stretches import until_in

    return until_in(said, _SOME_TIME, "UTC") is not None


def _is_when(said: str) -> bool:
    from copilot.times.stretches import stretches_in

    return not said or stretches_in(said, _SOME_TIME, "UTC") is not None


def no_longer(said: str) -> str:
    """Of what a sentence says that it is not off limits any more; "" of none."""
    found = _ENDED.fullmatch(said)
    return (found["what"] or found["again"] or "").strip() if found else ""


def stops_telling(said: str) -> tuple[str, ...]:
    """Whom a sentence says that are not to be told any more."""
    found = _STOP_TELLING.fullmatch(said)
    if found is None or (
        said.lower().startswith("d")
        and not re.search(
            r"any ?more"
            r"|any longer",
            said,
            re.IGNORECASE,
        )
    ):
        return ()
    return tuple(re.findall(_CHANNEL, found["told"], re.IGNORECASE))


def _companions(said: str) -> Iterator[RuleSaid]:
    for before, pattern in _COMPANIONS:
        if (found := pattern.fullmatch(said)) and not re.search(
            r"\b(?:is|are|was|has|have"
            r"|exceeds?)\b",
            found["what"],
        ):
            told = re.findall(_CHANNEL, found["told"], re.IGNORECASE)
            yield RuleSaid(found["what"].strip(), _sorts(found), tell=tuple(told), before=before)


def _exclusions(said: str) -> Iterator[RuleSaid]:
    if _QUESTION.match(said):
        return
    if (first := _FIRST.fullmatch(said)) is not None:
        for found in _exclusions_of(first["body"]):
            if not found.when and _is_when(first["when"]):
                yield found._replace(when=first["when"])
    yield from _exclusions_of(said)


def _exclusions_of(said: str) -> Iterator[RuleSaid]:
    asked = _UNLESS.search(said)
    plain = _UNLESS.sub("", said) if asked else said
    taken_back = None if re.match(r"(?i)do not|don't", plain) else _NOT_DAYS.search(plain)
    plain = plain[: taken_back.start()] if taken_back else plain
    not_on = taken_back["days"].strip(" ,") if taken_back else ""
    plain = _FOR_ME.sub("", plain)
    for effect, pattern in _EXCLUSIONS:
        if found := pattern.fullmatch(plain):
            yield from (one._replace(not_on=not_on) for one in _split(found, "ask" if asked else effect))
    for pattern in _ONLY_WITH_TIMES:
        if found := pattern.fullmatch(plain):
            said_so = (one for one in _split(found, "ask" if asked else "deny") if one.when or asked)
            yield from (one._replace(not_on=not_on) for one in said_so)


def _split(found: re.Match[str], effect: Literal["deny", "ask"]) -> Iterator[RuleSaid]:
    """Each way to take the end for times, those that take most for them first."""
    whole = f"{found['what']}{found['rest']}" if found.start("rest") == found.end("what") else found["what"]
    after = "" if whole != found["what"] or not found["rest"] else found["rest"]
    if _PRONOUN.match(whole.strip()):
        return
    if after:
        if not _is_when(after.strip(" ,")):
            return
        yield RuleSaid(whole.strip(), _sorts(found), after.strip(" ,"), effect)
        return
    for place in _WHEN.finditer(whole):
        if whole[: place.start()].strip() and _is_when(whole[place.end() :].strip(" ,")):
            yield RuleSaid(whole[: place.start()].strip(" ,"), _sorts(found), whole[place.end() :].strip(" ,"), effect)
    yield RuleSaid(whole.strip(" ,"), _sorts(found), "", effect)


def _sorts(found: re.Match[str]) -> tuple[ChangeSort, ...]:
    there = found.groupdict()
    words = _VERBS if there.get("verb") else _NOUNS
    said = there.get("verb") or there.get("noun") or ""
    return next((sorts for ways, sorts in words.items() if said and re.fullmatch(ways, said, re.IGNORECASE)), ())
