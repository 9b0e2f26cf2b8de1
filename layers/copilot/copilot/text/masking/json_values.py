"""Secrets in JSON values, made unreadable: under names that say secret, beside them, and in any text."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import JsonValue

from copilot.text.masking.lazily import compiled
from copilot.text.masking.names import TELLING, TOLD, Kind, holds_secrets, is_header, is_secret_name, kind_of
from copilot.text.masking.texts import ROUNDS, mask_text
from copilot.text.masking.values import MASK, Sure, is_odd, is_random, is_secret

_JWK = frozenset({"d", "p", "q", "dp", "dq", "qi", "k"})


def mask(value: JsonValue, links: frozenset[str] = frozenset()) -> JsonValue:
    """The same JSON value with every secret in it replaced by [masked].

    `links` are names of fields that hold links the copilot made to be opened: a masked link opens nothing.
    """
    for _ in range(ROUNDS):
        before, value = value, _masked(value, links)
        if value == before:
            break
    return value


def _masked(value: JsonValue, links: frozenset[str]) -> JsonValue:
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, list):
        return _list(value, links)
    if isinstance(value, dict):
        return _object(value, links)
    return value


def _object(value: dict[str, JsonValue], links: frozenset[str]) -> dict[str, JsonValue]:
    told = _told(value)
    if "kty" in value:
        told |= dict.fromkeys(_JWK, Kind.SECRET)
    if value.get("kind") == "Secret":  # of Kubernetes
        value = {key: _held(inner, links) if key in ("data", "stringData") else inner for key, inner in value.items()}
    return {
        mask_text(key): inner if key in links else _member(key, inner, told.get(key) or kind_of(key), links)
        for key, inner in value.items()
    }


def _held(value: JsonValue, links: frozenset[str]) -> JsonValue:
    """What a Secret holds, which is secret under any name."""
    if not isinstance(value, dict):
        return value
    return {key: _secret(inner, Kind.PASSWORD, links) for key, inner in value.items()}


def _told(value: dict[str, JsonValue]) -> dict[str, Kind]:
    """What the object says of its members: {"name": "DB_PASSWORD", "value": ...}, {"Type": "SecureString"}."""
    kinds = [
        kind_of(inner.rpartition("/")[2])
        for key, inner in value.items()
        if isinstance(inner, str) and key.lower() in TELLING
    ]
    if value.get("Type") == "SecureString":
        kinds.append(Kind.PASSWORD)
    found = next((kind for kind in kinds if kind not in (None, Kind.WEAK)), None)
    return {key: found for key in value if key.lower() in TOLD} if found else {}


def _member(key: str, value: JsonValue, kind: Kind | None, links: frozenset[str]) -> JsonValue:
    if kind is not None and kind != Kind.WEAK:
        return _secret(value, kind, links)
    if isinstance(value, str) and (kind == Kind.WEAK or is_header(key)):
        before = f"{key}: "
        masked = mask_text(before + value)
        return masked.removeprefix(before) if masked.startswith(before) else mask_text(value)
    if isinstance(value, list | dict) and holds_secrets(key):
        return _doubtful(value, links)
    return _masked(value, links)


def _secret(value: JsonValue, kind: Kind, links: frozenset[str]) -> JsonValue:
    """What stands under a name that says secret. Flags are no secrets; a list or an object may be of names."""
    if isinstance(value, str):
        return MASK if is_secret(value, kind, Sure.DATA) else mask_text(value)
    if isinstance(value, int | float):
        return MASK if is_secret(str(value).strip("-"), kind, Sure.DATA) else value
    if isinstance(value, list):
        return [_secret(inner, kind, links) for inner in value]
    if isinstance(value, dict):
        return _doubtful(value, links)
    return value


def _doubtful(value: JsonValue, links: frozenset[str]) -> JsonValue:
    """What stands below a name of several secrets: names and kinds of them as well, which are left."""
    if isinstance(value, str):
        return MASK if is_odd(value) or is_random(value) else mask_text(value)
    if isinstance(value, list):
        return [_doubtful(inner, links) for inner in value]
    if isinstance(value, dict):
        masked = _object(value, links)
        for key, inner in value.items():
            if key not in links and masked.get(mask_text(key)) != MASK:
                masked[mask_text(key)] = _doubtful(inner, links) if kind_of(key) is None else masked[mask_text(key)]
        return masked
    return value


def _list(value: list[JsonValue], links: frozenset[str]) -> list[JsonValue]:
    """A list may be of arguments (--password, x), of a name and its value, or of the lines of a key."""
    if any(isinstance(inner, str) and "PRIVATE KEY" in inner for inner in value):
        return list(_lines(value, links))
    masked = _arguments(value, links)
    for at in range(1, len(value)):
        name, inner = value[at - 1], value[at]
        if not isinstance(name, str) or not isinstance(inner, str):
            continue
        if (
            name.startswith("-")
            and "=" not in name
            and is_secret_name(name)
            and not inner.startswith("-")
            and not compiled("[A-Za-z_]{1,12}=.").match(inner)
        ):
            masked[at] = _secret(inner, kind_of(name) or Kind.SECRET, links)
        elif len(value) == 2 and (is_secret_name(name) or is_header(name)):
            found = _member(name, inner, None, links) if is_header(name) else _doubtful(inner, links)
            masked[at] = found
    return masked


def _arguments(value: list[JsonValue], links: frozenset[str]) -> list[JsonValue]:
    """A command's arguments are looked at together: ["mysql", "-px"]."""
    masked = [_masked(inner, links) for inner in value]
    if len(value) < 2 or not all(isinstance(inner, str) and len(inner) < 2000 for inner in value):
        return masked
    from copilot.text.masking.commands import commands

    texts = [str(inner) for inner in value]
    line = '"' + '", "'.join(texts) + '"'
    for start, end, _ in commands(line, line.lower()):
        at = 1
        for place, text in enumerate(texts):
            if at <= start and end <= at + len(text) and masked[place] == text:
                masked[place] = text[: start - at] + MASK + text[end - at :]
            at += len(text) + 4
    return masked


def _lines(value: list[JsonValue], links: frozenset[str]) -> Iterable[JsonValue]:
    from copilot.text.masking.keys import ends_key, is_key_line

    inside = False
    for inner in value:
        inside = inside or (isinstance(inner, str) and is_key_line(inner))
        yield MASK if inside and isinstance(inner, str) and inner else _masked(inner, links)
        inside = inside and not (isinstance(inner, str) and ends_key(inner))
