"""What both model adapters need: asking again while it may help, within one deadline; a server's answer read; its
refusal in words.

Nothing a server says is repeated to a person or a log: an error of a model's server may quote the prompt, or the key.
What it says is only looked through for causes that are known here.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import NoReturn, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from copilot.errors import FatalError, RetryableError
from copilot.ports import Clock

ATTEMPTS = 3
FIRST_PAUSE = 0.5
"""Seconds before the second attempt, doubled for each one after, where the server does not say."""
CONNECT_SECONDS = 5.0
MAX_BYTES = 4_000_000

TRANSIENT = frozenset({408, 409, 429, 500, 502, 503, 504, 529})
UNFIT = frozenset({400, 422})
"""The request itself was refused, so a simpler one may be taken."""

_TOO_LONG = re.compile(
    r"too (long|large|many)|context[ _](length|window|size)|maximum context|exceed\w* .{0,40}context"
)
_NO_CREDIT = re.compile(r"insufficient_quota|credit balance|billing|payment")
_NO_MODEL = re.compile(
    r"model.{0,80}(not (be )?found|not exist|unknown|invalid)|(invalid|unknown|no such|provided) model|model_not_found"
)
_NEEDS_PROFILE = re.compile(r"on-demand throughput|inference profile")


class Answered(BaseModel):
    """What is read of a server's answer; what else is in it does not matter."""

    model_config = ConfigDict(frozen=True, extra="ignore")


Response = TypeVar("Response", bound=Answered)
T = TypeVar("T")


class Again(Exception):
    """An attempt failed as the next one may not. `after` is when the server wants it, in seconds."""

    def __init__(self, what: str, after: float | None = None) -> None:
        super().__init__(what)
        self.after = after


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
        for number in range(1, ATTEMPTS + 1):
            try:
                found = attempt(deadline)
                return found, (self.clock.now() - began).total_seconds()
            except Again as again:
                pause = FIRST_PAUSE * 2 ** (number - 1) if again.after is None else again.after
                if number == ATTEMPTS or not deadline.allows(pause):
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

    def read(self, kind: type[Response], body: bytes, content_type: str) -> Response:
        """The server's answer as what it has to be."""
        if not body.strip():
            raise Again("gave an empty answer")
        try:
            return kind.model_validate_json(body)
        except ValidationError as error:
            broken = error.errors(include_input=False, include_context=False)[0]["type"] == "json_invalid"
        if broken and "json" in content_type:
            raise Again("gave an answer that is not whole")
        found = "something that is not JSON" if broken else "JSON of another kind"
        raise self.fatal(
            f"answers with {found}, so it is not a server of {self.protocol}, or a page stands in front of it",
            "check model.provider and model.endpoint in the configuration",
        )

    def refused(self, status: int, retry_after: str | None, said: str) -> NoReturn:
        """An answer other than success. `said` is looked through, never repeated."""
        said = said[:4000].lower()
        if _NO_CREDIT.search(said) or status == 402:
            raise self.fatal(f"has no credit left for this key ({status})", "see to the account's billing")
        if status in TRANSIENT:
            raise Again(_BUSY.get(status, f"has a fault of its own ({status})"), self._seconds(retry_after))
        if status == 401:
            raise self.fatal(
                "refused the key (401)", "check that what model.key names in the configuration is a valid key"
            )
        if status == 403:
            raise self.fatal(
                "refused access (403)",
                "check that the key, or on Bedrock the role of the functions, may use this model (BedrockModelArns)",
            )
        if 300 <= status < 400:
            raise self.fatal(
                f"sends elsewhere ({status}), where the key is not taken", "check model.endpoint in the configuration"
            )
        if _TOO_LONG.search(said) or status == 413:
            raise self.fatal(
                f"cannot read a request this long ({status})",
                "name a model that reads more in the configuration, or ask for less at once",
            )
        if _NEEDS_PROFILE.search(said):
            raise self.fatal(
                f"is only had through an inference profile there ({status})",
                "put the profile's id into model.name in the configuration, as in eu.anthropic.claude-…",
            )
        if _NO_MODEL.search(said) or status == 404:
            raise self.fatal(f"is not there ({status})", "check model.name and model.endpoint in the configuration")
        raise self.fatal(
            f"refused the request ({status})",
            f"check in the configuration that model.endpoint speaks {self.protocol}, and that it has model.name",
        )

    def fatal(self, what: str, fix: str) -> FatalError:
        return FatalError(
            f"the model {self.model} at {self.where} {what}; nothing was done, and asking again will not help: {fix}"
        )

    def _seconds(self, retry_after: str | None) -> float | None:
        """Retry-after in seconds: it is a number of them, or a date (RFC 9110, 10.2.3)."""
        if not retry_after:
            return None
        try:
            return max(float(retry_after), 0.0)
        except ValueError:
            pass
        try:
            when = parsedate_to_datetime(retry_after)
        except ValueError:
            return None
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        return max((when - self.clock.now()).total_seconds(), 0.0)


_BUSY = {
    429: "takes no more requests for now (429)",
    503: "is not available for now (503)",
    529: "is overloaded (529)",
}


def keep_quiet(*loggers: str) -> None:
    """These libraries log whole requests at DEBUG, what they are signed with among it, and addresses at INFO."""
    for name in loggers:
        logging.getLogger(name).setLevel(logging.WARNING)
