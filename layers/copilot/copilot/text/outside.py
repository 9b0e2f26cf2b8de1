"""Text from outside, as it may stand in ours: what looks like a name, how others are quoted, what can do nothing.

Outside is whatever neither our code nor the asker's own words made: names and tags of resources, reasons of monitors,
errors of services, lines of files, what was said before by others.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

OPEN, CLOSE = "\u00ab", "\u00bb"
"""What stands between these in a sentence of ours was not written by us."""
LONGEST_NAME = 128
_NAME = re.compile(rf"[A-Za-z0-9._/:-]{{1,{LONGEST_NAME}}}")
_MAILBOX = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_CALLED = re.compile(
    r"[A-Z\u00c0-\u00de][A-Za-z\u00df-\u00ff'.-]*(?: [A-Z\u00c0-\u00de][A-Za-z\u00df-\u00ff'.-]+){1,2}"
)
"""What people are called: two or three words that begin with capitals."""
_MOST_PEOPLE = 5
"""In a row, with a comma between them: an environment has the owners of all that is in it."""
_REASONS = ("Threshold Crossed: ", "Insufficient Data: ", "Unchecked: ")
_REASON = re.compile(r"[A-Za-z0-9 :;,.()\[\]/>*+-]{1,400}")
_MONITOR = frozenset(
    "ALARM Breaching Crossed Data E Ignore Initial Insufficient Missing NonBreaching OK Threshold Unchecked alarm and "
    "as been creation datapoint datapoints equal evaluated for from greater has have in last less lower minimum "
    "missing most no not of or out outside period periods range received recent than the threshold thresholds to "
    "transition treated unknown upper was were".split()
)
"""All the words of the reasons that CloudWatch gives for a state (StateReason; seen in its guide, November 2026)."""
_ADDRESS = re.compile(r"(?i)//|^(?:www\.|mailto:|tel:|javascript:|data:)")
_WORDS = re.compile(
    r"(?<!\d)[A-Z]?[a-z]{1,2}(?![a-z\d])|[A-Z]?[a-z]{3,}|(?<!\d)[A-Z]{1,2}(?![a-zA-Z\d])|[A-Z]{3,}(?![a-z])"
)
"""Of one or two letters only where they are not among digits, as in a digest."""
_ORDERS = frozenset(
    "add approve ask call change create delete disable disregard enable execute forget go ignore let make notify obey "
    "pause please post reboot remember remove restart resume run say scale send set shut start stop switch tell turn "
    "wake you".split()
)
"""What an order begins with. A name that begins so, and goes on as a sentence does, is none."""
_SPEAKING = frozenset(
    "a about above again all also an and any are as assistant at back be been before but by call can could did "
    "disregard do does done dont every everything for forget from have he help here how if ignore immediately in "
    "instead instruction instructions into is it its just let me must my never new not notify now obey of off on only "
    "or order orders our out override please previous prior remember request rule rules said shall she should so stop "
    "system tell that the their them then there these they this those to up urgent use user was we what when which who "
    "will with without would yes you your "
    "alle alles bitte das dem den der die ein eine ignoriere ignorieren nicht oder regeln sie und von "
    "avec des est ignore ignorez les pas pour regles sans tous tout toutes une veuillez vous "
    "con favor ignora ignorar las los para por reglas sin todas todos "
    "che gli ignorare non per regole tutte tutti "
    "aan alstublieft een het negeer niet regels van".split()
)
"""Words that sentences are made of, and names hardly ever (of English, German, French, Spanish, Italian and Dutch):
three of them in one name are no name."""
_HIDDEN = re.compile("|".join(sorted(word for word in _SPEAKING | _ORDERS if len(word) > 3)))
_MOST_SPEAKING, _MOST_IN_A_ROW, _LONG = 2, 8, 18

# Control characters but line break and tab, and what changes the direction of text or is not seen in it (Unicode Cc
# and Cf, without the two joiners that scripts and emoji are written with).
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
_SCHEME = re.compile(r"(?i)\b([a-z][a-z0-9+.-]{0,20}):(//)([^\s/?#\"'<>|]*)")
_CALLING = re.compile(r"(?i)\b(mailto|tel|javascript|data):(?=\S)")
_DOMAIN = re.compile(
    r"(?i)(?:(?<![\w.@/\[\]-])|(?<=//))(www\.[\w.-]+|(?:[a-z0-9-]+\.)+[a-z]{2,24}(?=(?::\d+)?(?:/|[?#]\S)))"
)
_MENTION = re.compile(r"@(?=\w)")
_TAG = re.compile(r"<([!@#/a-zA-Z][^<>]*)>")
_CODE = re.compile(r"`(?!(?:true|false|null|-?\d+(?:\.\d+)?)`)[^`\n]+`")
_TAG_BEGINS = re.compile(r"<(?=[!@#/a-zA-Z])")
_LINKED = re.compile(r"\[([^\[\]\n]*)\]\(([^()\s]*)\)")
_EMPHASIS = re.compile(
    r"(?<![^\s:(\[{\"'*_~])(\*{1,3}|_{1,3}|~{1,2})(?=\S)((?:(?!\1)[^\n])+?)(?<=\S)\1(?=[\s)\]}\"'.,;:!?*_~]|$)"
)
_STRONG = re.compile(r"\*\*(?=[^\s*])([^\n]+?)(?<=[^\s*])\*\*")
# What JMESPath writes numbers and truth in stays as it is: the reasons of unmet expectations quote it.
_TICK = re.compile(r"(`(?:true|false|null|-?\d+(?:\.\d+)?)`)|`")
_BEGINS = re.compile(r"^(?:#{1,6}(?:\s+|(?=\w))|[>|*+-]+\s+(?=[^\W\d_]|[#>|*+-]))+")

# Letters of other scripts that are drawn as plain ones are: those that Unicode's confusables (UTS #39, version 16) give
# for the letters of names.
_DRAWN_ALIKE = {
    letter: plain
    for others, plains in (
        ("аеорсухіјѕһԁԛԝ", "aeopcyxijshdqw"),
        ("АВЕКМНОРСТУХІЈЅԌԚԜ", "ABEKMHOPCTYXIJSGQW"),
        ("αορνικυχ", "aopvikux"),
        ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX"),
        ("սոօհց", "unohg"),
        ("ıɑɡɩʋ", "iagiv"),
    )
    for letter, plain in zip(others, plains, strict=True)
}


def looks_like_a_name(text: str) -> bool:
    """Letters, digits and . _ / : - alone, at most 128 of them, no address, and no words in a row as a sentence has."""
    if not _NAME.fullmatch(text) or _ADDRESS.search(text):
        return False
    words = [part for word in _WORDS.findall(text) for part in _apart(word.lower())]
    speaking = sum(word in _SPEAKING for word in words)
    begins_as_order = bool(words) and words[0] in _ORDERS
    if speaking > _MOST_SPEAKING or (begins_as_order and sum(word in _SPEAKING for word in words[1:]) > 0):
        return False
    row = most = 0
    for part in re.split(r"[._/:-]+", text):
        row = row + 1 if part.isalpha() and len(part) > 1 else 0
        most = max(most, row)
    return most <= _MOST_IN_A_ROW


def looks_like_people(text: str) -> bool:
    """A name, a mailbox, or what people are called (Jane Doe); or a few of them with commas between."""
    people = text.split(", ")
    if len(people) == 1 and looks_like_a_name(text):
        return True
    speaks = any(word.lower() in _SPEAKING | _ORDERS for word in re.findall(r"[^\W\d_]+", text))
    return not speaks and len(text) <= LONGEST_NAME and len(people) <= _MOST_PEOPLE and all(map(_is_called, people))


def _is_called(text: str) -> bool:
    return looks_like_a_name(text) or bool(_MAILBOX.fullmatch(text) or _CALLED.fullmatch(text))


def says_what_monitors_say(text: str) -> bool:
    """Whether it is a reason as CloudWatch makes them, maybe after a name: of its own few words, numbers and dates, so
    that nobody else can have said anything in it.
    """
    name, _, said = text.partition(": ") if not text.startswith(_REASONS) else ("", "", text)
    words = re.findall(r"[A-Za-z]+", said)
    fits = said.startswith(_REASONS) and _REASON.fullmatch(said) is not None and all(one in _MONITOR for one in words)
    return fits and (not name or looks_like_a_name(name))


def _apart(word: str) -> list[str]:
    """A word; or the words that it is run together from, as far as they are known, where it is very long."""
    return _HIDDEN.findall(word) if len(word) > _LONG else [word]


def quoted(name: str) -> str:
    """A name from outside as it stands in a sentence of ours: itself where it looks like one, else in « »."""
    return name if looks_like_a_name(name) else f"{OPEN}{name.replace(OPEN, '‹').replace(CLOSE, '›')}{CLOSE}"


def quoted_people(names: str) -> str:
    """The same for an owner."""
    return names if looks_like_people(names) else quoted(names)


def unquoted(text: str) -> str:
    """A sentence of ours without the names from outside in it that do not look like names."""
    return re.sub(f"{OPEN}[^{CLOSE}]*{CLOSE}", " ", text)


def plain(text: str) -> str:
    """Text in which nothing is hidden: a control character or direction override is shown by name, [U+202E]."""
    return _UNSEEN.sub(lambda match: f"[U+{ord(match[0]):04X}]", text)


def hidden(text: str) -> list[str]:
    """The control characters and direction overrides in it, as `plain` shows them."""
    return list(dict.fromkeys(f"[U+{ord(sign):04X}]" for sign in _UNSEEN.findall(text)))


def inert(text: str) -> str:
    """Text from outside on one line that does nothing where it is shown: no link, mention, formatting or line of it.

    An address stays readable, https[:]//host[.]example/path; @here becomes (at)here. Again, it changes nothing.
    """
    return _BEGINS.sub("", _inert_within(" ".join(plain(text).split()))).strip()


def _inert_within(text: str) -> str:
    if looks_like_a_name(text):
        return _DOMAIN.sub(lambda match: _without_dots(match[0]), text)
    before = None
    while text != before:  # what is taken away may bring together what was apart; each round leaves less of it
        before, text = text, _calmed(text)
    return text


def _calmed(text: str) -> str:
    text = _LINKED.sub(r"\1 (\2)", text)
    text = _SCHEME.sub(lambda match: f"{match[1]}[:]{match[2]}{_without_dots(match[3])}", text)
    text = _CALLING.sub(r"\1[:]", text)
    text = _DOMAIN.sub(lambda match: _without_dots(match[0]), text)
    text = _TAG_BEGINS.sub("\u2039", _TAG.sub("\u2039\\1\u203a", text))
    text = _MENTION.sub("(at)", text)
    text = _TICK.sub(lambda match: match[1] or "'", text)
    while (plainer := _EMPHASIS.sub(r"\2", _STRONG.sub(r"\1", text))) != text:  # one in another
        text = plainer
    return text


def unformatted(text: str) -> str:
    """What a model worded after reading text from outside, on its lines: as `inert`, but lists stay lists."""
    return "\n".join(_list_sign(line) + inert(line[len(_list_sign(line)) :]) for line in plain(text).split("\n"))


def inert_lines(text: str) -> str:
    """Lines from outside, each as `inert` has it and set in, so that none of them looks like one of ours."""
    return indented(calm_lines(text))


def calm_lines(text: str) -> str:
    """The same where they stand: they may look like ours, and can do nothing."""
    return "\n".join(_inert_within(line.rstrip()) for line in plain(text).split("\n"))


def _list_sign(line: str) -> str:
    found = re.match(r"\s*(?:[-*] |\d+[.)] )?", line)
    return found[0] if found else ""


def indented(text: str) -> str:
    """Lines that are shown as they are, set in by four."""
    return "\n".join(f"    {line}".rstrip() for line in text.split("\n"))


def _without_dots(host: str) -> str:
    return re.sub(r"(?<!\[)\.(?!\])", "[.]", host)


def look_alikes(text: str) -> list[str]:
    """The letters in it that are easily taken for others, each in words; [] where there are none.

    A letter counts where its word has plain letters too, or where all letters of its word are drawn as plain ones.
    """
    found: dict[str, None] = {}
    for word in re.findall(r"[^\W_]+", text):
        strange = [letter for letter in word if ord(letter) > 127 and letter.isalnum()]
        mixed = any(ord(letter) < 128 and letter.isalpha() for letter in word)
        for letter in strange:
            as_plain = _plain_letter(letter)
            other_script = not unicodedata.name(letter, "").startswith("LATIN")
            if (mixed and (as_plain or other_script)) or (as_plain and all(map(_plain_letter, strange))):
                found[f"{letter} is {unicodedata.name(letter, 'a letter without a name')}"] = None
    return list(found)


def spoken_parts(text: str) -> Iterator[str]:
    """What in a text could lead or call somebody: addresses and mentions, as they are written."""
    for pattern in (_SCHEME, _CALLING, _DOMAIN, _TAG):
        for match in pattern.finditer(text):
            yield match[0]
    for match in re.finditer(r"[\w.+-]*@[\w.-]+", text):
        yield match[0]


def formatted_parts(text: str) -> Iterator[str]:
    """What in a text is drawn otherwise than it is written."""
    for pattern in (_EMPHASIS, _STRONG, _CODE, _LINKED):
        for match in pattern.finditer(text):
            yield match[0]


def as_drawn(text: str) -> str:
    """The text in lower case, its letters those that they look like, its dashes all the same."""
    if text.isascii():
        return text.lower()
    letters = (_DRAWN_ALIKE.get(letter, letter) for letter in unicodedata.normalize("NFKC", text))
    return "".join("-" if unicodedata.category(letter) == "Pd" else letter for letter in letters).lower()


def _plain_letter(letter: str) -> str:
    """The plain letter or digit that it is drawn as; "" for one that looks like none."""
    if letter in _DRAWN_ALIKE:
        return _DRAWN_ALIKE[letter]
    same = unicodedata.normalize("NFKC", letter)
    return same if same.isascii() and same.isalnum() else ""
