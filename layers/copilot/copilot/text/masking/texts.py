"""Secrets in text, made unreadable."""

from __future__ import annotations

from collections.abc import Iterator

from copilot.text.masking.lazily import compiled
from copilot.text.masking.pairs import pairs
from copilot.text.masking.spans import Span, hidden
from copilot.text.masking.values import MASK

_SHORTEST = 6
"""Of a name and its value: pwd=x."""
ROUNDS = 5
"""What was hidden may have stood between a name and its value: until nothing is found any more, and never for long."""
# What is in every text in which these modules find something. They are imported when it is seen.
_OF_TOKENS = r"[A-Za-z0-9_.~%$:/+={}!-]{20}"
_OF_LINKS = ("://", "sig", "code", "key", "jdbc:", "@tcp(", "@unix(", ":5432:", ":5433:", ":6432:", ":*:")
_OF_KEYS = tuple(
    "BEGIN END PRIVATE Private-Lines: LS0t kty RSAKeyValue MII MIG MIH MHc MGs MC4 MFE b3Bl UHVU /u3+7Q".split()
)
_OF_HEADERS = ("authorization", "bearer", "basic", "cookie", "_auth", '"auth')
_OF_COMMANDS = tuple(
    """
    login mysql mariadb mongo sshpass keychain -cli ldap zip 7z sqlcmd bcp psexec signtool ssh-keygen doctl
    openssl passwd pass: rabbitmqctl vault unseal twine secret config put-parameter from-literal snmp-server
    com2sec auth add-mask requirepass masterauth identified sudo curl wget -user smbclient user: machine
    securestring .auth( cqlsh ipmitool freerdp winrs lftp
    """.split()
)


_QUOTES = str.maketrans(
    dict.fromkeys(
        "\u00ab\u00bb\u2039\u203a\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u201b\u300c\u300d\u300e\u300f", "'"
    )
)
"""Quotation marks of any tongue, read as the one that means nothing in JSON: so does our own way to quote text."""


def mask_text(text: str) -> str:
    """The same text with [masked] for every secret in it. JSON stays JSON; masking twice changes nothing."""
    if len(text) < _SHORTEST:
        return text
    masked, before = text, ""
    for _ in range(ROUNDS):
        if masked == before:
            break
        plain = masked if masked.isascii() else masked.translate(_QUOTES)
        before, spans = masked, list(_spans(plain, _lowered(plain)))
        masked = hidden(masked, spans) if spans else masked
    return masked if masked == text or not _broken(text, masked) else _anew(text)


def _broken(text: str, masked: str) -> bool:
    """Whether it was JSON and is none any more."""
    return text.lstrip()[:1] in ("{", "[", '"') and _is_json(text) and not _is_json(masked)


def _is_json(text: str) -> bool:
    import json

    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _anew(text: str) -> str:
    """JSON masked by its values: where it is so twisted that as a text it broke."""
    import json

    from copilot.text.masking.json_values import mask

    anew = json.dumps(mask(json.loads(text)), ensure_ascii=False)
    return anew if anew == text else mask_text(anew)


def _spans(text: str, lowered: str) -> Iterator[Span]:
    yield from pairs(text, lowered)
    if compiled(_OF_TOKENS).search(text):
        from copilot.text.masking.tokens import tokens

        yield from tokens(text)
    if any(hint in lowered for hint in _OF_LINKS):
        from copilot.text.masking.links import links

        yield from links(text, lowered)
    if any(hint in text for hint in _OF_KEYS):
        from copilot.text.masking.keys import keys

        yield from keys(text)
    if any(hint in lowered for hint in _OF_HEADERS):
        from copilot.text.masking.headers import headers

        yield from headers(text, lowered)
    if any(hint in lowered for hint in _OF_COMMANDS):
        from copilot.text.masking.commands import commands

        yield from commands(text, lowered)
    if "Secret" in text or "SecureString" in text:
        from copilot.text.masking.manifests import manifests

        yield from manifests(text)


def _lowered(text: str) -> str:
    """In small letters, of the same length: there is one letter that becomes two."""
    lowered = text.lower()
    return lowered if len(lowered) == len(text) else text.replace("\u0130", "I").lower()


def is_secret(text: str) -> bool:
    """Whether there is a secret in it, or was before it was masked."""
    return MASK in text or mask_text(text) != text
