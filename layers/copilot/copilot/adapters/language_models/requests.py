"""What both model adapters need: asking again while it may help, within one deadline; a server's reply read, and what
it says instead of an answer put into words.

Nothing a server says is repeated to a person or a log: an error of a model's server may quote the prompt, or the key.
What it says is only looked through for causes that are known: see faults.py.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from pydantic_core import from_json

from copilot.adapters.language_models.answers import Spoken, objects
from copilot.adapters.language_models.causes import Cause
from copilot.adapters.language_models.faults import Fault, fault_of, fault_of_a_page, fault_within
from copilot.errors import FatalError, RetryableError
from copilot.ports import Clock

ATTEMPTS = 3
FIRST_PAUSE = 0.5
"""Seconds before the second attempt, doubled for each one after, where the server does not say."""
CONNECT_SECONDS = 5.0
MAX_BYTES = 4_000_000

T = TypeVar("T")


class Again(Exception):
    """An attempt failed as the next one may not. `after` is when the server wants it, in seconds; `loading` is set
    where it will answer as soon as it has its model, so that it is asked until the deadline.
    """

    def __init__(self, what: str, after: float | None = None, loading: bool = False) -> None:
        super().__init__(what)
        self.after = after
        self.loading = loading


@dataclass(frozen=True)
class Reply:
    """What came over HTTP, whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Deadline:
    clock: Clock
    until: datetime

    @property
    def left(self) -> float:
        """Seconds; never less than a moment, for a timeout of 0 means something else to a socket."""
        return max((self.until - self.clock.now()).total_seconds(), 0.001)

    def allows(self, pause: float) -> bool:
        return self.clock.now() + timedelta(seconds=pause) < self.until

    def whole(self, chunks: Iterable[bytes]) -> bytes:
        """A body read to its end. A server that keeps sending something does not outlast the deadline."""
        body = bytearray()
        for chunk in chunks:
            body += chunk
            if not self.allows(0):
                raise Again("did not finish its answer in time")
            if len(body) > MAX_BYTES:
                raise FatalError(
                    f"a model's server answered with more than {MAX_BYTES:,} bytes; nothing was done with it"
                )
        return bytes(body)


@dataclass(frozen=True)
class ModelServer:
    """Which model is asked and where, in words for a person, and how long for: `timeout` seconds for one answer, all
    attempts and pauses included.
    """

    model: str
    where: str
    protocol: str
    timeout: float
    clock: Clock
    sleep: Callable[[float], None]

    def ask(self, attempt: Callable[[Deadline], T]) -> tuple[T, float]:
        """What an attempt gives, and the seconds it all took.

        Raises RetryableError when the attempts or the time are used up, FatalError as an attempt does.
        """
        began = self.clock.now()
        deadline = Deadline(self.clock, began + timedelta(seconds=self.timeout))
        for number in itertools.count(1):
            try:
                found = attempt(deadline)
                return found, (self.clock.now() - began).total_seconds()
            except Again as again:
                pause = again.after or FIRST_PAUSE * 2 ** min(number - 1, 5)
                if (number >= ATTEMPTS and not again.loading) or not deadline.allows(pause):
                    raise self._given_up(str(again), number, again.after) from None
            self.sleep(pause)
        raise AssertionError("unreachable")

    def _given_up(self, what: str, attempts: int, after: float | None) -> RetryableError:
        asked = "once" if attempts == 1 else f"{attempts} times"
        wanted = f", and wants to be asked again in {after:.0f} s" if after else ""
        return RetryableError(
            f"the model {self.model} at {self.where} {what} (asked {asked} within {self.timeout:g} s{wanted}); "
            "it gave no answer, and nothing was done; ask again later"
        )

    def read(self, reply: Reply, answer: str, of: Callable[[dict[str, Any]], Spoken | None]) -> Spoken | Fault:
        """What a reply says by `of`, which gives None for what is no answer; or the fault in the place of one.

        `answer` is the key of an answer in this protocol. Raises Again where the reply is empty or not whole,
        FatalError where it is none of this protocol.
        """
        if not 200 <= reply.status < 300:
            return fault_of(reply.status, reply.headers, reply.body, self.clock.now())
        body = _DONE.sub(b"", reply.body.removeprefix(b"\xef\xbb\xbf")).strip()
        if not body:
            raise Again("gave an empty answer")
        values = _values(body)
        for value in values:
            found = of(value)
            if found and (found.text.strip() or found.stop == "refusal"):
                return found
            if fault := fault_within(value, answer):
                return fault
            if found and len(values) == 1:
                return found
        return self._no_answer(reply, body, values, answer)

    def _no_answer(self, reply: Reply, body: bytes, values: list[dict[str, Any]], answer: str) -> Fault:
        """The fault of which a page tells that another server sent. Raises Again, FatalError otherwise."""
        if len(values) > 1:
            raise self.fatal(
                "sends its answer in pieces, though it was not asked to", "let model.endpoint name one that does not"
            )
        if values and answer in values[0]:
            raise Again("gave an empty answer, or broke it off")
        whole = _json(body) is not None
        if not whole and ("json" in reply.headers.get("content-type", "") or body.startswith(b"{")):
            raise Again("gave an answer that is not whole")
        if not whole and (fault := fault_of_a_page(body)):
            return fault
        found = "JSON of another kind" if whole else "something that is not JSON"
        raise self.fatal(
            f"answers with {found}, so it is not a server of {self.protocol}, or a page stands in front of it",
            "check model.provider and model.endpoint in the configuration",
        )

    def instead(self, fault: Fault) -> Spoken:
        """What comes of a fault: a refusal where the content was refused. Raises Again, FatalError otherwise."""
        cause, status = fault.cause, fault.status or "inside of a 200"
        if cause == "content":
            return Spoken("", "refusal")
        if cause == "busy":
            raise Again(_BUSY.get(fault.status, f"has a fault of its own ({status})"), fault.after)
        if cause == "loading":
            raise Again(f"is still being loaded ({status})", fault.after, loading=True)
        if cause is not None:
            what, fix = _CAUSES[cause]
            raise self.fatal(f"{what} ({status})", fix)
        if 300 <= fault.status < 400:
            raise self.fatal(
                f"sends elsewhere ({status}), where the key is not taken", "check model.endpoint in the configuration"
            )
        raise self.fatal(
            f"refused the request ({status})",
            f"check in the configuration that model.endpoint speaks {self.protocol}, and that it has model.name",
        )

    def fatal(self, what: str, fix: str) -> FatalError:
        return FatalError(
            f"the model {self.model} at {self.where} {what}; nothing was done, and asking again will not help: {fix}"
        )


_BUSY = {
    429: "takes no more requests for now (429)",
    503: "is not available for now (503)",
    529: "is overloaded (529)",
}
_CAUSES: Mapping[Cause, tuple[str, str]] = {
    "credit": (
        "has no credit left for this key, or all is used that the key may use",
        "see to the account's billing and limits with its provider",
    ),
    "closed": ("is closed to this account", "see to the account with its provider"),
    "key": ("refused the key", "check that what model.key names in the configuration is a valid key"),
    "region": (
        "is not to be had from this account's region or country",
        "name another region, endpoint or model in the configuration",
    ),
    "access": (
        "refused access",
        "check that the key, or on Bedrock the role of the functions, may use this model (BedrockModelArns)",
    ),
    "profile": (
        "is only had through an inference profile there",
        "put the profile's id into model.name in the configuration, as in eu.anthropic.claude-…",
    ),
    "model": ("is not there", "check model.name and model.endpoint in the configuration, and that the key may use it"),
    "long": (
        "cannot read a request this long",
        "name a model that reads more in the configuration, or ask for less at once",
    ),
    "output": (
        "gives no answer as long as was asked for",
        "set model.max_output_tokens in the configuration to the most that this model gives",
    ),
}
_DONE = re.compile(rb"\s*data:\s*\[DONE\]\s*\Z")


def _values(body: bytes) -> list[dict[str, Any]]:
    """The objects that a body is: one, a list of them, or the events of a stream."""
    value = _json(body)
    if value is None:
        return [event for line in body.splitlines() if line.startswith(b"data:") for event in objects(_json(line[5:]))]
    return objects(value)


def _json(text: bytes) -> Any:
    try:
        return from_json(text)
    except ValueError:
        return None
