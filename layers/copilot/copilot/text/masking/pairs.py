"""Names that say secret, and the value that stands behind them, in what people, programs and shells write."""

from __future__ import annotations

from collections.abc import Iterator

from copilot.text.masking.lazily import compiled
from copilot.text.masking.names import Kind, holds_secrets, kind_of
from copilot.text.masking.reading import QUOTE, Value, value_at, whole, within
from copilot.text.masking.spans import Span
from copilot.text.masking.values import Sure, default_of, is_code, is_odd, is_random, is_secret, is_told

# Looked for in small letters; around each the whole name is read.
_STEMS = (
    r"pass|pwd|secret|token|key|cred|psk|phrase|pw(?![a-z])|jwt|salt|pepper|cookie|mnemonic|kennwort|heslo|senha|contrase"
    r"|wachtwoord|bundle_|signature|authident|(?:hub|lab)-oauth|honeycomb-team|art-api|masterauth"
)
_COLOUR = r"(?:\x1b|\\{1,15}u001[bB])\[[\d;]{0,8}m"
_SEPARATOR = (
    rf"(?P<close>{QUOTE})?(?:{_COLOUR}|[\])]|\*\*|\?|!| (?:for|FOR) [\w@.'%-]{{1,60}}"
    r"| ?\[[^\]\n\"']{0,30}\]| ?\([^()\n\"']{0,30}\)| \d{1,2}(?=:)| As \w{1,20}){0,2}"
    r"[ \t]*(?P<sep>=>|[:?]=|<-|={1,3}|\+=|:(?!:|//)|:{2,3}(?=[ \t])|%3[AaDd])"
    rf"(?:\*\*|{_COLOUR})?[ \t]*(?:\*\*|{_COLOUR})?"
    r"(?:&[\w-]+[ \t]+(?!=)|!!\w+[ \t]+|\s{1,20}string\(\d+\) )?"
)
_HEREDOC = r"<<[-~]?[\"']?(\w{1,40})[\"']?[ \t]*\n([^\n].*?)\n[ \t]*\1(?!\w)"
_ANNOTATION = r"[&A-Za-z_][\w.\[\]<>', |&]{0,60}?[ \t]*=[ \t]*(?=[rbuf]?[\"'])"
_PROSE = r"[,;.]?[ \t]+(?!(?:and|or)?[ \t]*[\w.-]+[=:])[A-Za-z][a-z']*[.,;!?]?(?:[ \t\r\n\"\\]|\Z)"


def pairs(text: str, lowered: str) -> Iterator[Span]:
    """Where in the text values of such names are. `lowered` is the text in small letters, of the same length."""
    stems, at = compiled(_STEMS), 0
    while found := stems.search(lowered, at):
        start, at = _name(text, found.start(), found.end(), at)
        spans = list(_of_name(text, start, at))
        yield from spans
        at = max([at, *(span.end for span in spans if span.start >= at)])


def _name(text: str, start: int, end: int, least: int) -> tuple[int, int]:
    """From where to where the name goes that this is a part of; not before `least`."""
    stem, least = start, max(least, start - 64)
    while start > least and (text[start - 1].isalnum() or text[start - 1] in "_-."):
        start -= 1
    if start < stem and text[start - 1 : start] == "\\" and text[start] in "nrtbf":
        start += 1
    elif text[start - 1 : start] in ("[", ";") and (colour := compiled(r"\d{1,2}m").match(text, start, stem)):
        start = colour.end()
    rest = compiled(r"[\w-]{0,64}(?:\.\w[\w-]{0,40}){0,3}").match(text, end)
    end = rest.end() if rest else end
    while text[end - 1] == "-":
        end -= 1
    return start, end


def _of_name(text: str, start: int, end: int) -> Iterator[Span]:
    name = text[start:end].strip("-._")
    kind = _kind(text, start, name)
    if kind is None:
        if text[start - 1 : start] != "/" and holds_secrets(name):
            yield from _several(text, end)
        return
    if compiled(r"(?:arn:[^\s\"'<>]{0,200}|checksum/)\Z").search(text, max(start - 200, 0), start):
        return
    separator = compiled(_SEPARATOR).match(text, end)
    if separator is None:
        from copilot.text.masking.loosely import without_separator

        if kind_of(name) is not None:
            yield from without_separator(text, start, end, kind)
        return
    close, sep, at = separator["close"], separator["sep"], separator.end()
    if _is_of_tests(text, name, at, sep) or _is_elsewhere(text, start, sep):
        return
    if text[start - 2 : start] == "${" and sep in (":", ":=", "="):
        yield from _default(text, start - 2, kind)
        return
    if sep == ":" and (annotated := compiled(_ANNOTATION).match(text, at)):
        at, sep = annotated.end(), "="
    yield from _value(text, start, at, kind, close, sep)


def _kind(text: str, start: int, name: str) -> Kind | None:
    kind = kind_of(name) or _spaced(text, start, name)
    if kind is None and text[start : start + 2] in ("-D", "-P"):  # of Java, CMake, Gradle
        return kind_of(name[1:])
    return kind


def _is_of_tests(text: str, name: str, at: int, sep: str) -> bool:
    """pass: 12, pass: GET /carts"""
    if name.lower() != "pass" or sep != ":":
        return False
    return name == "PASS" or compiled(r"\d+\b(?!\w)|[A-Za-z]+ +[\w/]").match(text, at) is not None


def _is_elsewhere(text: str, start: int, sep: str) -> bool:
    """Whether what stands before a name says that what follows is not its value."""
    if text[start - 3 : start] == "://" or ":param" in text[max(start - 20, 0) : start]:
        return True  # the user of a link, which is looked at as such, or a function's argument that is told of
    # What a shell puts there, $(pwd):/app, or one of ciphers, !PSK:!RC4
    return text[start - 2 : start] == "$(" or (text[start - 1 : start] in ("$", "!", "+") and sep == ":")


def _spaced(text: str, start: int, name: str) -> Kind | None:
    """Of a name in words: api key, Secret Access Key, pass phrase."""
    if name.lower() not in ("key", "phrase"):
        return None
    before = compiled(r"(\w{2,20}) \Z").search(text, max(start - 21, 0), start)
    kind = kind_of(f"{before[1]} {name}") if before else None
    return None if kind == Kind.WEAK else kind


def _value(text: str, start: int, at: int, kind: Kind, close: str | None, sep: str) -> Iterator[Span]:
    """What stands behind a name and what separates it from its value."""
    if close and (number := compiled(r"-?\d[\d.]*(?=\s*(?:[,}\]]|\\{1,15}n|\\{0,15}\"|\Z))").match(text, at)):
        if is_secret(number[0].strip("-."), kind, Sure.DATA):
            yield Span(*number.span(), close)
        return
    if text[at : at + 1] in ("[", "{") and close:
        yield from _members(text, at, kind, close)
        return
    if sep == ":" and not close and text[at : at + 1] in ("", "\n", "\r", "|", ">"):
        yield from _below(text, start, at, kind)
        return
    if sep == "=" and (heredoc := compiled(_HEREDOC, 16).match(text, at, at + 2048)):
        if is_secret(heredoc[2], kind, Sure.GIVEN):
            yield Span(*heredoc.span(2))
        return
    yield from _on_the_line(text, start, at, kind, close, sep)


def _on_the_line(text: str, start: int, at: int, kind: Kind, close: str | None, sep: str) -> Iterator[Span]:
    """A value that stands right behind the name, and in a plan of Terraform's what it becomes."""
    value = _one_value(text, at, close, sep)
    if value is None:
        return
    if _is_hidden(text, start, value, kind, close, sep):
        value = whole(text, value)
        yield Span(value.start, value.end)
        if value.quoted and (changed := compiled(r"[\"'] -> (?=[\"'])").match(text, value.end)):
            yield from _value(text, start, changed.end(), kind, close, sep)
    elif not value.quoted and is_code(text[value.start : value.end]):
        yield from _fallbacks(text, value.end, kind)


def _one_value(text: str, at: int, close: str | None, sep: str) -> Value | None:
    """What stands there; in braces or as the default of a variable, what is within. None for a command's output."""
    braced = compiled(r"\{([^{}\s:\"'][^{}\n:\"']{0,200})\}(?=[;\"'\s]|\Z)").match(text, at) if sep == "=" else None
    value = Value(braced.start(1), within(text, *braced.span(1)), True) if braced else value_at(text, at, close)
    if value is None or (sep == "=" and text[at - 1] + text[at] == "=`" and " " in text[value.start : value.end]):
        return None
    inner = default_of(text[value.start : value.end])
    return Value(value.start + inner[0], value.start + inner[1], True) if inner else value


def _fallbacks(text: str, at: int, kind: Kind) -> Iterator[Span]:
    """What code takes where there is no other: getenv("TOKEN", "x"), process.env.TOKEN || "x"."""
    line = compiled(r"[^\n]{0,200}").match(text, at)
    end = line.end() if line else at
    for found in compiled(rf"(?:\|\||\?\?|\bor|,)[ \t]*(?={QUOTE})").finditer(text, at, end):
        value = value_at(text, found.end())
        if value and value.quoted and is_told(text[value.start : value.end], kind):
            yield Span(value.start, value.end)


def _is_hidden(text: str, start: int, value: Value, kind: Kind, close: str | None, sep: str) -> bool:
    found = text[value.start : value.end]
    if value.quoted:
        return is_secret(found, kind, Sure.DATA if close else Sure.GIVEN)
    if text[value.end : value.end + 1] in ("<", "[") and found.isidentifier():
        return False  # a type: Option<String>
    if text.startswith(found, start):
        return False  # creds: creds
    if len(found) < (3 if kind == Kind.PASSWORD else 4):
        return False
    if sep in ("==", "==="):
        return is_odd(found)
    if sep != ":":
        env = text[start : start + 3].isupper() and "_" in text[start : start + 40].split("=")[0]
        code = text[value.start - 1] == " " and found.isalpha() and kind == Kind.TOKEN  # token = other
        return not code and is_secret(found, kind, Sure.GIVEN, env)
    if compiled(_PROSE).match(text, value.end):
        return is_secret(found, kind, Sure.SAID) and is_odd(found)
    return is_secret(found, kind, Sure.SAID)


def _default(text: str, at: int, kind: Kind) -> Iterator[Span]:
    """In ${NAME:-default}, of which the name says secret."""
    found = compiled(r"\$\{[\w.]+(?::?[-=]|:(?![?+=-]))(\\{0,15}[\"'])?([^}\n\"'\\]{1,300})(?(1)\1)\}").match(text, at)
    if found and is_secret(found[2], kind, Sure.GIVEN):
        yield Span(*found.span(2))


def _below(text: str, start: int, at: int, kind: Kind) -> Iterator[Span]:
    """The lines below a name, further in than its own: a block of YAML, or one value alone."""
    block = compiled(r"[|>][+-]?\d?[+-]?[ \t]*(?:#[^\n]*)?\r?\n").match(text, at)
    begun = block.end() if block else at
    line = text.rfind("\n", 0, start) + 1
    indent = len(text[line:start]) - len(text[line:start].lstrip(" \t-"))
    lines = compiled(rf"(?:[ \t]*\r?\n|[ \t]{{{indent + 1},}}\S[^\n]*(?:\n|\Z)){{1,200}}").match(text, begun)
    if lines is None or not (value := lines[0].strip()):
        return
    first = begun + lines[0].index(value)
    if block is None and (default := compiled(r"(?:^|\n)[ \t]*[Dd]efault:[ \t]*(?=\S)").search(lines[0])):
        # A parameter of a template that says secret, and what it is where nothing is given.
        yield from _value(text, start, begun + default.end(), kind, None, "=")
        return
    if (block or compiled(r"\S+").fullmatch(value)) and not value.endswith(":") and is_secret(value, kind, Sure.GIVEN):
        yield Span(first, first + len(value))


def _members(text: str, at: int, kind: Kind | None, close: str) -> Iterator[Span]:
    """The texts in a list or an object of JSON behind a name that says secret. Names stand there as well."""
    end = text.find("]" if text[at] == "[" else "}", at, at + 8192)
    deeper = compiled(r"[\[{]").search(text, at + 1, max(end, at + 1))
    end = deeper.start() if deeper else end
    opens = compiled(rf"[\[,]\s*({QUOTE})" if text[at] == "[" else rf":\s*({QUOTE})")
    while 0 <= at < end and (found := opens.search(text, at, end)):
        value = value_at(text, found.start(1), certain=True)
        if value is None or len(found[1]) != len(close):
            return
        inner = text[value.start : value.end]
        if (kind == Kind.PASSWORD and text[found.start()] != ":") or is_odd(inner) or is_random(inner):
            yield Span(value.start, value.end)
        at = max(value.end, found.end())


def _several(text: str, end: int) -> Iterator[Span]:
    found = compiled(rf"({QUOTE})\s*:\s*(?=[\[{{])").match(text, end)
    if found:
        yield from _members(text, found.end(), None, found[1])
