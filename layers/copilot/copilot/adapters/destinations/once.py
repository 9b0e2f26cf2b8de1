"""One call to AWS that sends something: whether it left is said by how it failed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ProxyConnectionError

from copilot.adapters.aws.faults import translated
from copilot.errors import NotReady

_TOO_MANY = frozenset("Throttling ThrottlingException ThrottledException TooManyRequestsException Throttled".split())


@contextmanager
def sent_once(doing: str) -> Iterator[None]:
    """As `translated`; NotReady where AWS was not reached, or says that it is too much at a time: nothing left."""
    with translated(doing):
        try:
            yield
        except (EndpointConnectionError, ConnectTimeoutError, ProxyConnectionError):
            raise NotReady(f"{doing}: AWS was not reached, and nothing was sent", ours=True) from None
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            if code in _TOO_MANY or error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 429:
                raise NotReady(f"{doing}: AWS takes no more at the moment, and nothing was sent", ours=True) from None
            raise
