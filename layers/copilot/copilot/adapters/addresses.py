"""Addresses that came with a message, of which no more is asked than the platform's own hosts have."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import SplitResult, urlsplit

from copilot.config.places import LOOPBACK


def is_local(endpoint: SplitResult) -> bool:
    """Whether the platform is one of this machine."""
    return endpoint.hostname in LOOPBACK


def is_theirs(url: str, endpoint: SplitResult, is_host: Callable[[str], bool]) -> bool:
    """Whether it is of their hosts, by HTTPS; where their endpoint is of this machine, of that alone."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if "@" in parts.netloc or any(sign <= " " or sign in "\\\x7f" for sign in url):
        return False
    if is_local(endpoint):
        return parts[:2] == endpoint[:2]
    return parts.scheme == "https" and port in {None, 443} and is_host(host)
