"""A provider's prompt cache: beginnings of requests that were seen before."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from threading import Lock

from scripted_model.conversation import Block, Tokens


class PrefixCache:
    """Beginnings up to a breakpoint are kept. Those shorter than `minimum` tokens are not, as with the real ones."""

    def __init__(self, minimum: int, count: Callable[[str], int]) -> None:
        self._minimum = minimum
        self._count = count
        self._seen: set[str] = set()
        self._lock = Lock()

    def read(self, model: str, blocks: list[Block]) -> tuple[Tokens, set[str]]:
        """What of a request is cached, and the beginnings that are to be kept once it is answered."""
        digest, total, cached, reaches = hashlib.sha256(model.encode()), 0, 0, 0
        new: set[str] = set()
        with self._lock:
            last = max((index for index, block in enumerate(blocks) if block.ends_cache), default=-1)
            for index, block in enumerate(blocks):
                digest.update(len(block.text.encode()).to_bytes(8, "big") + block.text.encode())
                total += self._count(block.text)
                if index <= last and total >= self._minimum:
                    reaches = total if block.ends_cache else reaches
                    if digest.hexdigest() in self._seen:
                        cached = total
                    elif block.ends_cache:
                        new.add(digest.hexdigest())
        written = max(reaches - cached, 0)
        return Tokens(input=total - cached - written, cached=cached, cache_written=written), new

    def keep(self, new: set[str]) -> None:
        with self._lock:
            self._seen |= new
