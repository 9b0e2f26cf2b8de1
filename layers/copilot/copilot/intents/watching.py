"""Watching as people ask for it. Pure, and quick to import: it is asked of every request that is no other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from copilot.domain import OUTSIDE
from copilot.intents.slots import Present
from copilot.times.grammar import parse_until

LONGEST = 600
SPEAKS_OF_WATCHING = re.compile(
    r"\b(?:watch\w*|monitor\w*|observ\w+|track\w*|eye|tabs|tell\w*|ping|notify|alert|warn|message|inform|page|dm"
    r"|let|give|shout|say|post|when|once|as soon as)\b",
    re.IGNORECASE,
)
Kind = Literal["over", "under", "some", "well", "ill", "through", "stopped", "running", "idle", "alarm"]


class Condition(NamedTuple):
    """What is to come to be so of the `subject`, in the words of who asks. `number` and `unit` are what it is held
    against, where it is, "count" where that is what is counted; `daily` where that is over a day.
    """

    kind: Kind
    subject: str
    number: float = 0
    unit: str = ""
    daily: bool = False

    @property
    def in_words(self) -> str:
        """Words that are read as the same."""
        match self.kind:
            case "over" | "under":
                unit = {"money": "dollars", "count": ""}.get(self.unit, self.unit)
                amount = f"{self.number:g}{'' if unit in {'', '%'} else ' '}{unit}"
                be = "are" if re.search(r"(?<!')(?<!s)s$", re.split(r" (?:of|in|on) ", self.subject)[0]) else "is"
                return f"{self.subject} {be} {self.kind} {amount}{' today' if self.daily else ''}"
            case "some":
                return f"there are errors in {self.subject}"
            case "through":
                return f"the deployment of {self.subject} is through"
            case "alarm":
                return f"an alarm rings in {self.subject}"
        return f"{self.subject} is {({'well': 'healthy', 'ill': 'not healthy'}).get(self.kind, self.kind)}"

    @property
    def about(self) -> str:
        """The words of whose figure or state it is."""
        return re.split(r"(?i)^.+? (?:of|in|on|for) ", self.subject)[-1]


class End(NamedTuple):
    """When it ends, and the words that say so."""

    at: datetime
    words: str


class Said(NamedTuple):
    """`of` are the words of what is watched, "" where the condition alone says that, `tell` a channel, "" where it is
    whoever asks. `only` where it is told once. `action` are the words of what is to be done then, as they were said.
    `lasting` is for how many minutes it is to have been so by then.
    """

    do: Literal["start", "stop", "list"]
    of: str = ""
    condition: Condition | None = None
    until: End | None = None
    tell: str = ""
    only: bool = False
    action: str = ""
    lasting: int | None = None

    @property
    def to_do(self) -> str:
        """What is to be done then, with what is watched in the place of what points at it."""
        about = self.of or (self.condition.about if self.condition else "")
        return _POINTS.sub(about, self.action, count=1) if about else self.action


def read(text: str, present: Present) -> Said | None:
    """What is asked about watching; None for everything else."""
    plain = _LEAD.sub("", " ".join(text.replace("\u2019", "'").split())).rstrip(" .!?")
    plain = _THANKS.sub("", plain)
    plain = _IS_SHORT.sub(" is", _ARE_SHORT.sub(" are", plain))
    if not plain or len(plain) > LONGEST or not SPEAKS_OF_WATCHING.search(plain):
        return None
    if _LIST.fullmatch(_LIST_END.sub("", plain)):
        return Said("list")
    if (stop := _STOP.fullmatch(_ANY_MORE.sub("", plain))) is not None:
        return Said("stop", of=_bare(stop["of"] or ""))
    if text.rstrip(" .!").endswith("?") and not _COURTEOUS.search(text):
        return None
    plain, lasting = _lasting(plain)
    for rest, until in _apart(plain, present):
        for said in (*([] if _ALLOWS.match(text) else _done(rest, until)), *_told(rest, until)):
            return said._replace(lasting=lasting)
    return None


def waits_for_something(text: str) -> bool:
    """Whether it says that something is to be so first: then it is no order of now, nor of a time alone."""
    return _WAITS.search(text) is not None


def _any(*words: str) -> str:
    """A pattern of any of these words, each of which may have some with | between."""
    return f"(?:{'|'.join(words)})"


def _pattern(*parts: str) -> re.Pattern[str]:
    return re.compile("".join(parts), re.IGNORECASE)


# Who is told, and what begins a condition.

_CHANNEL = rf"(?:#[a-z0-9][\w-]*|{OUTSIDE})"
_WHO = rf"(?:{_CHANNEL}|me|us|the team|everyone|everybody)"
_CALLED = _any("shout|ping|heads[- ]?up|call|nudge|alert|message|note|line")
_TELL = _any(
    rf"(?:tell|ping|notify|alert|warn|message|inform|page|dm|text|remind|call) {_WHO}(?: (?:here|about it|at once))?",
    rf"let {_WHO} know(?: here| about it)?",
    rf"give {_WHO} (?:an? )?{_CALLED}",
    rf"(?:send|post|write|drop)(?: me| us)? (?:an? )?{_CALLED}(?: (?:to|in|into) {_CHANNEL})?",
    r"shout|say so|say something|raise the alarm|speak up|alert|ping|report back|come back to me",
)
_ONCE = r"(?:when|once|as soon as|the (?:moment|minute|second|instant)(?: that)?)"
_IF = rf"(?P<if>if|whenever|every time|each time|should|in case|in the event that|{_ONCE})"
_DOUBTFUL = frozenset({"if", "in case"})
_WATCH = _any(
    r"watch(?: over| out for)?|monitor|keep monitoring|observe|track|keep tabs on",
    r"keep (?:an? )?(?:close )?eye on|keep (?:a )?watch(?:ing)?(?: on| over)?",
)
_THEN = r"(?:\s*[,;:.–—-]+\s*(?:and |then |please )*|\s+(?:and|then)\s+(?:then |please |also )*)"
_FORMS: Sequence[re.Pattern[str]] = (
    _pattern(rf"{_WATCH} (?P<of>.+?){_THEN}(?P<tell>{_TELL}),? {_IF} (?P<cond>.+)"),
    _pattern(rf"{_WATCH} (?P<of>.+?){_THEN}{_IF} (?P<cond>.+?),? (?:then )?(?P<tell>{_TELL})"),
    _pattern(rf"{_WATCH} (?:for )?(?P<if>if|whether|that|when) (?P<cond>.+?)(?:{_THEN}(?P<tell>{_TELL}))?"),
    _pattern(rf"(?P<tell>{_TELL}),? {_IF} (?P<cond>.+)"),
    _pattern(rf"{_IF} (?P<cond>.+?),? (?:then |please )*(?P<tell>{_TELL})"),
    _pattern(rf"{_WATCH} (?P<of>.+?)(?:{_THEN}(?P<tell>{_TELL}))?"),
)
_CHANGE = _any(
    r"stop|start|restart|reboot|bounce|scale|roll|rollback|redeploy|deploy|delete|tear|shut|turn|kill|destroy|remove",
    r"promote|bring|spin|power|switch|take|put|wake|park|post|send|run|revert",
)
_DO = rf"(?P<action>{_CHANGE}\b.+?)"
_ACTIONS: Sequence[re.Pattern[str]] = (
    _pattern(rf"{_WATCH} (?P<of>.+?){_THEN}(?:{_TELL}{_THEN})?{_DO},? {_IF} (?P<cond>.+)"),
    _pattern(rf"{_WATCH} (?P<of>.+?){_THEN}{_IF} (?P<cond>.+?)(?:,| then|:)+ (?:{_TELL}{_THEN})?{_DO}"),
    _pattern(rf"(?:{_TELL}{_THEN})?{_DO},? {_ONCE} (?P<cond>.+)"),
    _pattern(rf"{_ONCE} (?P<cond>.+?)(?:,| then|:)* {_DO}"),
)
_AND_THEN = _pattern(rf"(?P<cond>.+?)(?:,? and then|, then|;? and(?: also| please)?) (?P<action>{_CHANGE}\b.+)")

# What is no condition: an end, a list, courtesies.

_NUMBERS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "ten": 10, "half an": 0.5}
_FOR_SO_LONG = _pattern(
    r"\b(?P<been>(?:is|are|been|stays?|remains?|was)(?: \S+){1,4}? )?",
    r"(?P<for>for (?:at least |more than |over |longer than )?",
    r"(?P<n>\d+(?:\.\d+)?|half an|an?|one|two|three|four|five|six|ten) ?(?P<unit>m|mins?|minutes?|h|hrs?|hours?)\b)",
)
_WAITS = _pattern(
    r"\b(?:once|when|as soon as|the moment) (?:\S+ ){1,6}?",
    r"(?:is|are|has|have|goes|gets|becomes|stops|starts|fails|finishes|recovers|exceeds?|drops?|falls)\b",
)
_LEAD = _pattern(
    r"^(?:(?:hey|hi|hello|ok|okay|please|pls|so|now|and|copilot|thanks|team|just|(?:can|could|would|will) you"
    r"|(?:i|we) (?:want|need|would like) you to|i'd like you to|you (?:can|should|may)|go and|kindly)\b[\s,:!.]*)+"
)
_ALLOWS = _pattern(r"\W*(?:\w+\W+)?(?:you|one|we) (?:can|may|could|might|should)\b")
"""Who only says what could be done asks for nothing."""
_THANKS = _pattern(r"(?:[ ,]+(?:please|pls|plz|thanks|thank you|thx|cheers))+$")
_COURTEOUS = _pattern(r"\b(?:can|could|would|will) you\b")
_IS_SHORT, _ARE_SHORT = _pattern(r"(?:(?<=\bit)|(?<=\bthat)|(?<=\bthere))'s\b"), _pattern(r"(?<=\bthey)'re\b")
_WATCHING = _any(r"watch(?:ing|ed)?|monitor(?:ing|ed)?|keeping an eye on|tracking|tracked")
_STOP = _pattern(
    r"(?:stop|quit|end|cancel|drop|remove|delete|finish|no longer|(?:do not|don't|dont|no need to)(?: have to)?) ",
    r"(?:watch(?:ing)?|monitor(?:ing)?|track(?:ing)?|keep(?:ing)? (?:an )?eye on|keep(?:ing)? tabs on|observ(?:e|ing)",
    r"|(?:the |my |that |this |all |all the |all my )?watch(?:es)?)(?: (?:on|of|for|over|about))?(?: (?P<of>.+))?",
)
_ANY_MORE = _pattern(r"(?:[ ,]+(?:any ?more|now|please|thanks|thank you|again|for me))+$")
_LIST = _pattern(
    r"(?:tell me )?(?:what|which things|what things|what all|what else|anything) ",
    r"(?:are you|do you|you are|is|are we|am i|is being|are being|have you been)(?: currently| still| all| being)* ",
    rf"{_WATCHING}|are you (?:currently |still )?{_WATCHING} (?:anything|something|for me)",
    r"|(?:(?:list|show|give|tell)(?: me)? )?(?:all |what |the |my |our |current |active |running |open )*watches",
    r"(?: (?:there are|are there|i have|we have|are on|are running))?",
    r"|(?:which|what|how many) watches (?:are there|do (?:i|we|you) have|are (?:on|running|active|open)|run)",
    r"|do (?:i|we|you) have (?:any )?watches|(?:are|is) there (?:any |a )?watch(?:es)?|is anything (?:being )?watched",
)
_LIST_END = _pattern(r"(?: (?:for me|for us|right now|now|at the moment|currently|here|at present|today))+$")
_UNTIL = _pattern(r"\b(?:until|till?|for(?: the)?(?: next)?|(?:with)?in(?: the next)?|(?:over|during) the next)\s+")
_LENGTH_ALONE = _pattern(r"(?:hour|day|minute|week)\b")
_MOST_WORDS = 7

# Conditions: a figure over or under a number; how something is.

_BESIDE = _pattern(r" (?:(?:up |down |out |in |back )?(?:to|by) .+|off|on|down|up)$")
_POINTS = _pattern(r"\b(?:it|them|that one|this one)\b")
_PRONOUN = _pattern(r"(?:its?|they|theirs?|that|this|them|these|those|that one|he|she)")
_NUMBER = r"(?P<cur>[$€] ?)?(?P<n>\d+(?:[.,]\d+)*)\s?(?P<k>k\b)?"
_UNIT = (
    r"(?P<unit>%|per ?cent|ms|milli ?sec(?:ond)?s?|s|secs?|seconds?|mins?|minutes?|[gmk]i?b|(?:giga|mega|kilo)bytes?"
    r"|dollars?|usd|eur|euros?|bucks?|\$|€|messages?|errors?|connections?|requests?|calls?|items?|jobs?)"
)
_BY_DAY = r"(?: (?P<day>today|a day|per day|this day|(?:in|over|within) (?:a|the last|the past) day|daily))?"
_FALLS = r"(?:drops?|falls?|sinks?|dips?|decreases?|shrinks?|declines?)"
_GETS = (
    r"(?:(?:is|are|was|were|be|gets?|goes|go|going|comes?|climbs?|rises?|grows?|jumps?|stays?|spikes?|increases?|moves?"
    rf"|{_FALLS})(?: ever| back| again| down| up| out)* ?)?"
)
_OVER = _any(
    r"over|above|beyond|past|(?:more|higher|greater|larger|bigger|longer|slower) than|at least|to more than|to over|to",
    r"exceeds?|passes|pass|crosses|cross|reach(?:es)?|hits?|tops?|surpass(?:es)?|breach(?:es)?|>=?",
)
_UNDER = _any(
    r"under|below|beneath|(?:less|fewer|lower|smaller|faster) than|at most|to under|to below|to less than|<=?",
)
_HAS = _any("has|have|gets?|logs?|shows?|returns?|throws?|serves?")
_WAYS: Sequence[tuple[Kind, str]] = (("under", _UNDER), ("over", _OVER))
_THRESHOLDS: Sequence[tuple[Kind, re.Pattern[str]]] = tuple(
    (kind, _pattern(form))
    for kind, way in _WAYS
    for form in (
        rf"there (?:is|are) {way} {_NUMBER}(?: ?(?P<unit>%|per ?cent))? (?P<s>.+?){_BY_DAY}",
        rf"(?P<x>.+?) {_HAS} {way} {_NUMBER}(?: ?(?P<unit>%|per ?cent))? (?P<s>[a-z][\w ]*?){_BY_DAY}",
        rf"(?P<s>.+?) {_GETS}{way} {_NUMBER} ?{_UNIT}?{_BY_DAY}",
    )
)
_IS = _any("is|are|has|have|gets?|was|will be")
_BE = _any("is|are|gets?|becomes?|looks?|turns?|goes|go|comes?|has gone|has become|has been|reports?")
_DONE = _any("through|done|finished|completed?|over|ready|out|live|rolled out|succeeded|ended")
_ENDS = _any("finishes|completes|ends|succeeds|goes through|gets through|lands")
_DEPLOY = r"(?:the |my |our |this |that |current |latest |running |new )*(?:deploy(?:ment)?|roll ?out|release)"
_WORK = r"(?:the |all )*(?:jobs?|work|builds?|batch(?:es)?)"
_RINGS = _any("rings?|goes off|go off|fires?|is ringing|is on|goes")
_NEW = r"(?:any |an? |some |new )*"
_LOGS = r"(?: the logs? of)?"
_PLACE = r"(?:the )?(?P<place>(?!\d)[\w.-]+)(?: env(?:ironment)?)?"
_PLACED = _pattern(rf"(?P<rest>.+) (?:in|on) {_PLACE}")
"""Behind what is so of it."""
_WELL = _any(
    r"healthy|ok|okay|fine|green|good|well|back|back up|back online|back to normal|up|up and running|online|recovered",
    r"stable|working|all right|alright",
)
_ILL = _any(
    r"unhealthy|not (?:healthy|ok|okay|fine|well|working)|down|red|broken|sick|ill|bad|worse|offline|degraded|failing",
    r"unwell|in trouble|unstable",
)
_SO: Sequence[tuple[Kind, re.Pattern[str]]] = (
    ("alarm", _pattern(rf"(?:any|an?|some|the) alarms? {_RINGS} (?:in|for|on|of|at) (?P<s>.+)")),
    ("alarm", _pattern(rf"(?P<s>.+?)(?:'s)? (?:has (?:an? |any )?alarms?|alarms? {_RINGS})")),
    ("alarm", _pattern(rf"there (?:is|are) {_NEW}alarms? (?:in|for|on|of) (?P<s>.+)")),
    ("some", _pattern(rf"there (?:is|are) {_NEW}errors? (?:in|on|of|for|from|at){_LOGS} (?P<s>.+)")),
    ("some", _pattern(rf"(?P<s>.+?) {_HAS} {_NEW}errors?")),
    (
        "some",
        _pattern(
            rf"{_NEW}errors? (?:shows? up|appears?|turns? up|comes? up|happens?|occurs?|(?:is|are) logged) ",
            rf"(?:in|on|for|of|from){_LOGS} (?P<s>.+)",
        ),
    ),
    ("idle", _pattern(rf"(?P<s>.+?) {_BE} (?:idle|unused|quiet|not used|done with its work)")),
    ("idle", _pattern(rf"{_WORK} (?:of|on|in) (?P<s>.+?) {_IS}(?: been| all)* {_DONE}")),
    ("idle", _pattern(rf"(?P<s>.+?)(?:'s)? {_WORK} {_IS}(?: been| all)* {_DONE}")),
    ("through", _pattern(rf"{_DEPLOY} (?:of|for|on|to|in) (?P<s>.+?) (?:{_IS}(?: been| gone)? {_DONE}|{_ENDS})")),
    (
        "through",
        _pattern(rf"(?P<s>.+?)(?:'s)? {_DEPLOY}(?: (?:in|on|to) {_PLACE})? (?:{_IS}(?: been| gone)? {_DONE}|{_ENDS})"),
    ),
    ("through", _pattern(r"(?P<s>.+?) (?:is|has been|gets) (?:fully )?(?:deployed|rolled out|released)")),
    ("stopped", _pattern(rf"(?P<s>.+?) {_IS}(?: been)? (?:stopped|off|shut down|turned off|switched off)")),
    ("stopped", _pattern(r"(?P<s>.+?) (?:stops|shuts down)")),
    ("running", _pattern(rf"(?P<s>.+?) {_IS}(?: been)? (?:running|started|on|turned on|switched on)")),
    ("running", _pattern(r"(?P<s>.+?) starts")),
    ("ill", _pattern(rf"(?P<s>.+?) {_BE} {_ILL}")),
    (
        "ill",
        _pattern(
            r"(?P<s>.+?) (?:breaks|fails|crashes|dies|falls over|has (?:a )?(?:problems?|issues?|trouble)",
            r"|stops working|isn't (?:healthy|ok|well|fine)|is not healthy any ?more)",
        ),
    ),
    ("ill", _pattern(r"(?:something|anything) (?:is|goes|gets) (?:wrong|bad|broken|off) (?:with|in|at|on) (?P<s>.+)")),
    ("well", _pattern(rf"(?P<s>.+?) {_BE} (?:fully |all |completely )*{_WELL}")),
    ("well", _pattern(r"(?P<s>.+?) (?:recovers|comes back|goes back)(?: up| online| to normal)?")),
)
_ERRORS = _pattern(rf"there (?:is|are) {_NEW}errors?")
_EMPTY = _pattern(r"(?P<s>.+?) (?:is|are|gets|runs|has been) (?:empty|drained|cleared|worked off)")
_AGAIN = _pattern(r"(?:[ ,]+(?:again|once more|now|please|by then|for good|at last|finally|thanks))+$")
_UNITS = {
    "%": "%", "percent": "%", "per cent": "%", "ms": "ms", "s": "s", "sec": "s", "second": "s", "min": "min",
    "minute": "min", "gb": "GB", "gib": "GB", "gigabyte": "GB", "mb": "MB", "mib": "MB", "megabyte": "MB", "kb": "KB",
    "kib": "KB", "kilobyte": "KB", "dollar": "money", "usd": "money", "eur": "euros", "euro": "euros", "buck": "money",
    "$": "money", "€": "euros",
}  # fmt: skip

_THINGS = frozenset({"message", "error", "connection", "request", "call", "item", "job"})


def _lasting(plain: str) -> tuple[str, int | None]:
    """The request without for how long it is to have been so, and that, in minutes."""
    found = _FOR_SO_LONG.search(plain)
    if found is None or (re.match(rf"{_WATCH}\b", plain, re.IGNORECASE) and not found["been"]):
        return plain, None
    number = found["n"].lower()
    amount = _NUMBERS.get(number) or float(number)
    minutes = round(amount * (60 if found["unit"].lower().startswith("h") else 1))
    return f"{plain[: found.start('for')].rstrip()}{plain[found.end('for') :]}", minutes


def _told(rest: str, until: End | None) -> Iterator[Said]:
    """What is to be told, of what."""
    for form in _FORMS:
        if (found := form.fullmatch(rest)) is None:
            continue
        groups = found.groupdict()
        of, given = _bare(groups.get("of") or ""), groups.get("cond") or ""
        channel = re.search(_CHANNEL, groups.get("tell") or "", re.IGNORECASE)
        tell = channel[0] if channel else ""
        if not given:
            yield Said("start", of=of, until=until, tell=tell)
            continue
        then = _AND_THEN.fullmatch(given)
        action = then["action"] if then else ""
        given = _bare(then["cond"] if then else given)
        condition = condition_in(given, of)
        said_if = (groups.get("if") or "").lower()
        surely = bool(of) or until is not None or bool(action) or said_if not in _DOUBTFUL or "tell" not in groups
        if condition is not None and (surely or not _asks_now(rest, given, condition)):
            only = re.fullmatch(_ONCE, said_if) is not None
            yield Said("start", of, condition, until, tell, only, action)


def _done(rest: str, until: End | None) -> Iterator[Said]:
    """What is to be done once something is so."""
    for form in _ACTIONS:
        if (found := form.fullmatch(rest)) is None:
            continue
        groups = found.groupdict()
        of, given, action = _bare(groups.get("of") or ""), _bare(found["cond"]), _bare(found["action"])
        condition = condition_in(given, of)
        if condition is not None and not of and (_PRONOUN.match(condition.subject) or _has_no_owner(condition)):
            condition = condition_in(given, _bare(_BESIDE.sub("", action.partition(" ")[2])))
        if condition is not None:
            yield Said("start", of, condition, until, only=True, action=action)


def _has_no_owner(condition: Condition) -> bool:
    """Whether it names a figure, and not whose."""
    return condition.kind in {"over", "under"} and not re.search(r"(?i)\b(?:of|in|on|for) \S|'s ", condition.subject)


def _asks_now(rest: str, given: str, condition: Condition) -> bool:
    """Whether it asks how something is: "tell me if staging is healthy"."""
    if condition.kind in {"over", "under"} or re.search(r"(?i)\bagain\b", given):
        return False
    return re.match(r"(?i)(?:tell|let) ", rest) is not None and re.search(r"(?i)\b(?:is|are|has)\b", given) is not None


def _apart(plain: str, present: Present) -> Iterator[tuple[str, End | None]]:
    """The request without the words of its end, and that; as a whole last."""
    for found in _UNTIL.finditer(plain):
        before, tail = plain[: found.start()].rstrip(" ,;"), plain[found.end() :]
        lead = "until" if re.match(r"(?i)(?:until|till?)\b", found[0]) else "for"
        for end in reversed([one.end() for one in re.finditer(r"\S+", tail)][:_MOST_WORDS]):
            words = tail[:end].rstrip(" ,;:.")
            words = f"{lead} 1 {words}" if lead == "for" and _LENGTH_ALONE.match(words) else f"{lead} {words}"
            at = parse_until(words, present.now, present.time_zone)
            if isinstance(at, datetime):
                sign = tail[end - 1] if tail[end - 1] in ",;:" else ""
                yield f"{before}{sign} {tail[end:].lstrip()}".strip(" ,;:"), End(at, words)
                break
    yield plain, None


def condition_in(given: str, of: str) -> Condition | None:
    """The condition in these words; `of` is what it is about where they do not say."""
    for kind, form in _THRESHOLDS:
        if (found := form.fullmatch(given)) is not None:
            return _threshold(kind, given, found.groupdict(), of)
    bare = _AGAIN.sub("", given)
    if of and _ERRORS.fullmatch(bare):
        return Condition("some", of)
    if (found := _EMPTY.fullmatch(bare)) is not None:
        return Condition("under", f"messages in {_about(found['s'], of)}", 1)
    for kind, form in _SO:
        if (found := form.fullmatch(bare)) is not None:
            place = found.groupdict().get("place")
            return Condition(kind, _about(found["s"], of) + (f" in {place}" if place else ""))
    if (placed := _PLACED.fullmatch(bare)) is not None:
        condition = condition_in(placed["rest"], of)
        if condition is not None and condition.kind in {"well", "ill", "through"}:
            return condition._replace(subject=f"{condition.subject} in {placed['place']}")
    return None


def _threshold(kind: Kind, given: str, found: dict[str, str | None], of: str) -> Condition:
    subject = f"{found['s']} of {found['x']}" if found.get("x") else str(found["s"])
    number = float(re.sub(r",(?=\d{3}\b)", "", str(found["n"])).replace(",", ".")) * (1000 if found["k"] else 1)
    if kind == "over" and re.search(rf"(?i)\b{_FALLS}(?: back| down| again)* to\b", given):
        kind = "under"
    unit = found.get("unit") or (found["cur"] or "").strip()
    return Condition(kind, _about(subject, of), number, _unit(unit), bool(found["day"]))


def _about(subject: str, of: str) -> str:
    """What a condition is about, where it only points at what is watched, or says which figure of that."""
    plain = _bare(subject)
    own = re.sub(r"(?i)^(?:the|its|their|our|my|any) (?=\S)", "", plain)
    if not of or _PRONOUN.fullmatch(plain):
        return of or own
    if of.lower() in own.lower() or re.search(r"(?i)\b(?:of|in|on|for) \S|'s ", own):
        return own
    return f"{own} of {of}"


def _unit(said: str) -> str:
    plain = said.lower().strip()
    if plain.rstrip("s") in _THINGS:
        return "count"
    return _UNITS.get(plain) or _UNITS.get(plain.rstrip("s"), "ms" if plain.startswith("milli") else "")


def _bare(text: str) -> str:
    return text.strip(" ,;:.!?\"'“”").strip()
