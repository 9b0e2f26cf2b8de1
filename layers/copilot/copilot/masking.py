"""Secrets in text, made unreadable before anything is stored, logged or shown.

The shapes are the documented prefixes of the tokens' issuers, and `name=value` pairs whose name says secret.
"""

from __future__ import annotations

import re

from pydantic import JsonValue

MASK = "[masked]"
_TOKENS = re.compile(
    r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"  # AWS access key ids
    r"|\bgh[pousr]_[A-Za-z0-9]{20,}\b|\bgithub_pat_[A-Za-z0-9_]{20,}\b|\bglpat-[A-Za-z0-9_-]{20,}\b"
    r"|\bxox[abeoprs]-[A-Za-z0-9-]{10,}|\bsk-[A-Za-z0-9_-]{20,}"
    r"|\beyJ[A-Za-z0-9_-]{10,4000}+\.[A-Za-z0-9_-]{10,4000}+\.[A-Za-z0-9_-]{10,}"  # JSON web tokens
    r"|-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
)
# A name that ends in such a word holds a secret; one that goes on ("token-api") is the name of something else.
_SECRET_NAME = r"[\w-]*(?:password|passwd|secret|token|api[_-]?key|access[_-]?key|credentials?)"
_NAME = re.compile(rf"(?i)^{_SECRET_NAME}$")
# A name is looked at once, from where it begins, so that long words cost no more than their length. A version
# (tokenizers==0.15.0) and a mere reference to a variable (TOKEN=$TOKEN) are no secrets.
_NAMED = re.compile(
    rf"(?i)((?<![\w-]){_SECRET_NAME}"
    r"[\"']?\s*+[=:](?!=\d+\.)\s*[\"']?)(?!\$(?:\w+|\{\w+\})(?:[\s\"',;&]|\Z))([^\s\"',;&]{4,})"
)
_URL = re.compile(r"(?i)(\b[a-z][a-z0-9+.-]{0,20}://[^\s:/@]+:)([^\s@/]+)(@)")
_BEARER = re.compile(r"(?i)(\b(?:bearer|basic)\s+)[A-Za-z0-9+/._~-]{8,}=*")


def mask(value: JsonValue, links: frozenset[str] = frozenset()) -> JsonValue:
    """The same JSON value with every secret in its text replaced by [masked].

    `links` are names of fields that hold links the copilot made to be opened: a masked link opens nothing.
    """
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, list):
        return [mask(inner, links) for inner in value]
    if isinstance(value, dict):
        return {
            key: inner
            if key in links
            else MASK
            if isinstance(inner, str) and is_secret_name(key)
            else mask(inner, links)
            for key, inner in value.items()
        }
    return value


def is_secret_name(name: str) -> bool:
    """Whether `mask` hides the text under a key of this name."""
    return _NAME.match(name) is not None


def mask_text(text: str) -> str:
    text = _URL.sub(rf"\1{MASK}\3", _TOKENS.sub(MASK, text))
    return _NAMED.sub(rf"\1{MASK}", _BEARER.sub(rf"\1{MASK}", text))
