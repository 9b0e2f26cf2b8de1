"""Reading the value that stands at a place of a text: in quotes of any depth, bare, or a template."""

from __future__ import annotations

from typing import NamedTuple

from copilot.text.masking.lazily import compiled

# A quote of JSON within JSON has backslashes before it: none, one, three, seven.
QUOTE = r"\\{0,15}[\"'`]|&quot;|&#3[49];|%22"
LONGEST = 8192
"""Characters of a value."""
_TEMPLATE = (
    r"\$\{[^}\n]{0,300}\}|\$\([^)\n]{0,300}\)|\$\{\{[^\n]{0,300}?\}\}|\{\{[^\n]{0,300}?\}\}|<[^<>\n\"]{1,100}>"
    r"|#\{[^}\n\"]{0,100}\}#?|@Microsoft\.KeyVault\([^)\n]{0,300}\)|\([A-Za-z][A-Za-z ,'-]{0,60}\)|\[[A-Za-z ]{1,40}\]"
    r"|![A-Z][A-Za-z:]{1,20} [^\n\"]{0,200}|ENC[\[(][^\])\n\"]{0,400}[\])]"
)
# Ends of a bare value: blanks, quotes, escapes of them, a tag; a separator only where another pair or a blank follows.
_END = (
    r"\\{1,15}[nrt\"'`]|\\u00(?:26|22|27|3[cC])|%26|&(?:quot|amp|#3[49]);|</?[a-zA-Z]|\)\]|&&|\|\|"
    r"|[,;&|](?:\s|\Z|\\{0,15}[\"'][\w.-]{1,64}\\{0,15}[\"']?\s?[:=]|[\w.-]{1,64}(?:=|: ))|;[\w. -]{1,64}="
)
_ENOUGH = 256
_BARE = rf"(?:(?!{_END})[^\s\"'`]){{1,{_ENOUGH}}}"


class Value(NamedTuple):
    """From where to where in the text, quotes apart."""

    start: int
    end: int
    quoted: bool


def value_at(text: str, start: int, close: str | None = None, certain: bool = False) -> Value | None:
    """The value that begins there; None where there is none.

    `close` is the quote that ended the name, if one did: a value in less deep quotes is no value, but the end of what
    the name stands in. So may be any quote behind a name without one ("password: ", "x"), unless it is `certain`.
    """
    quote = compiled(rf"(?:[rbufRBUFN@$]{{1,2}}(?=[\"']))?({QUOTE})").match(text, start)
    if quote is None:
        return _bare(text, start)
    begun, mark = quote.end(), quote[1]
    if close and mark[-1] in "\"'`" and len(mark) < len(close) and close[-1] in "\"'`":
        return None
    if not close and not certain and compiled(r"[\s,:;}\])|]|\\{1,15}[nrt]|\Z").match(text, begun):
        return None
    if len(mark) == 1 and text.startswith(mark * 2, begun):
        end = text.find(mark * 3, begun + 2, begun + LONGEST)
        return Value(begun + 2, end, True) if end >= 0 else None
    end = _closing(text, begun, mark)
    return Value(begun, end, True) if end >= 0 else _bare(text, begun)


def within(text: str, start: int, end: int) -> int:
    """The end, or where before it a text ends in which this stands: at a quote behind which JSON goes on."""
    found = compiled(r"(?<!\\)\\*\"(?=\s*(?:[,:\]}]|\Z))").search(text, start, end)
    return found.start() if found else end


def _closing(text: str, begun: int, mark: str) -> int:
    """Where what such a quote opened ends; less than nothing, where nothing closes it."""
    limit = begun + LONGEST
    if mark[-1] not in "\"'`":
        return text.find(mark, begun, limit)
    depth = len(mark) - 1
    for found in compiled(rf"(?<!\\)\\*{mark[-1]}").finditer(text, begun, limit):
        backslashes = len(found[0]) - 1
        if backslashes < depth:  # what holds all this ends first
            return within(text, begun, found.start())
        if backslashes % (2 * depth + 2) == depth:
            end = found.end() - 1 - depth
            line = text.find("\n", begun, end)
            if line >= 0 and end - begun > 2048:
                return -1
            return end if mark[-1] == '"' else within(text, begun, end)
    return -1


def _bare(text: str, start: int) -> Value | None:
    template = compiled(_TEMPLATE).match(text, start) if text[start : start + 1] in tuple("$<({[#@!E") else None
    rest = compiled(_BARE).match(text, template.end() if template else start)
    end = rest.end() if rest else template.end() if template else start
    if template is None:
        while end > start and not text.endswith("...", start, end) and _ends_more(text[start:end]):
            end -= 1
    return Value(start, end, False) if end > start else None


def whole(text: str, value: Value) -> Value:
    """The value with what of it is further on: of a bare one only so much is read as says what it is."""
    if value.quoted or value.end - value.start < _ENOUGH - 8:
        return value
    rest = compiled(rf"(?:{_BARE}){{1,{LONGEST // _ENOUGH}}}").match(text, value.end)
    return Value(value.start, rest.end() if rest else value.end, False)


def _ends_more(value: str) -> bool:
    """Whether its last letter ends what it stands in, and is no part of it."""
    return value[-1] in ".,;:" or _closes_more(value)


def _closes_more(value: str) -> bool:
    """Whether its last bracket closes one that was opened before it."""
    opens = {")": "(", "]": "[", "}": "{"}.get(value[-1])
    return opens is not None and value.count(value[-1]) > value.count(opens)
