"""Lines of logs as they are handed on: without secrets, cut, and laid out for people."""

from __future__ import annotations

from copilot.domain import LogCost
from copilot.text.masking import mask_text

LOOKED_AT = 10_000
"""Lines that may be of a level are looked at for whether they are; of no more than these."""
LONGEST = 1_000
"""Of one line of a log, in characters."""
SHOWN = 240
SHOWN_LINES = 3
"""Of one that is itself of many lines."""
GIGABYTE, MEGABYTE, KILOBYTE = 2**30, 2**20, 2**10


def handed_on(text: str) -> str:
    """Masked before it is cut: half a secret looks like none."""
    text = mask_text(text.strip())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def laid_out(prefix: str, text: str) -> str:
    """One event on a line, or on a few, the others counted: of a stack trace the first and the last ones."""
    lines = [line for line in text.split("\n") if line.strip()] or [""]
    if len(lines) > SHOWN_LINES:
        left = len(lines) - SHOWN_LINES + 1
        lines = [lines[0], f"… {left} lines", *lines[-(SHOWN_LINES - 2) :]]
    cut = [line if len(line) <= SHOWN else f"{line[: SHOWN - 1]}…" for line in lines]
    return "\n".join([f"{prefix} {cut[0]}", *(f"    {line.strip()}" for line in cut[1:])])


def size_words(size: int) -> str:
    """`3 KB`, `1.2 GB`."""
    for unit, name in ((GIGABYTE, "GB"), (MEGABYTE, "MB"), (KILOBYTE, "KB")):
        if size >= unit:
            return f"{size / unit:.3g} {name}"
    return f"{size} bytes"


def cost_words(cost: LogCost, instead: str = "") -> str:
    """What it costs, in a sentence; `instead` is why it was read for nothing."""
    if not cost.size and not cost.is_charged:
        return "So little was logged in that time that it costs nothing to look through it."
    much = f"{size_words(cost.size)} were logged in that time"
    if not cost.is_charged:
        return f"{much}, which costs nothing to look through."
    if instead:
        return f"{much}; it was read for nothing, as far as that goes, and not searched at a price: {instead}."
    return f"{much}, about {money(cost.dollars)} to look through."


def money(dollars: float) -> str:
    """In US dollars; of less than a cent so much as says something."""
    return f"{dollars:.2f} USD" if dollars >= 0.01 else f"{dollars:.4f} USD"
