"""What became of a Run, in a word."""

from __future__ import annotations

from typing import Literal

Outcome = Literal[
    "succeeded",
    "partial",
    "failed",
    "denied",
    "expired",
    "cancelled",
    "not_understood",
    "declined",
    "asked",
    "aborted",
]
