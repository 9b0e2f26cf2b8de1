"""Libraries that speak HTTP and would tell the log what they said: addresses at INFO, what is signed with at DEBUG.

An address can be a secret by itself: the token of an interaction of Discord's stands in one, and what a file of Teams'
is read with.
"""

from __future__ import annotations

import logging


def keep_quiet(*loggers: str) -> None:
    for name in loggers:
        logging.getLogger(name).setLevel(logging.WARNING)
