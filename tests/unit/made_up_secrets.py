"""Secrets that nobody issued, put together here so that no whole one stands in a file."""

from __future__ import annotations

from itertools import cycle, islice

PARTS = "9sYE4zgN7pWB1vaHmT85K2xd3jQ6"
HEX = "9e4d7b1a85c2f306"
UUID = "-".join((HEX[:8], HEX[8:12], HEX[1:5], HEX[3:7], HEX[:12]))


def letters(count: int, of: str = PARTS) -> str:
    """So many letters and digits, in no order that words have."""
    return "".join(islice(cycle(of), count))


def digits(count: int) -> str:
    return letters(count, "9174865203")


def pem(label: str, body: str = letters(64), ended: bool = True) -> str:
    """A block as keys and certificates stand in, of one line."""
    end = f"\n-----END {label}-----" if ended else ""
    return f"-----BEGIN {label}-----\n{body}{end}"
