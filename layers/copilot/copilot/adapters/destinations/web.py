"""A request to an address outside that goes nowhere else: to no private address, along with no redirect, and for ten
seconds at most.

The address that was looked at is the one that is connected to, so that a name which means another one a moment later
leads nowhere. http goes to this machine alone, where that is a laptop.
"""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from ipaddress import IPv4Address, IPv6Address, ip_address
from socket import IPPROTO_TCP, SHUT_RDWR, SOCK_STREAM, create_connection, getaddrinfo, socket
from threading import Timer
from typing import NamedTuple
from urllib.parse import urlsplit

from copilot.config.places import LOOPBACK
from copilot.errors import FatalError, NotReady, RetryableError

SECONDS = 10
LARGEST_REPLY = 10_000
"""Bytes that are read of an answer, which says nothing that counts."""
_NAT64 = IPv6Address("64:ff9b::")

Resolve = Callable[[str, int], list[str]]


class Reply(NamedTuple):
    status: int
    body: bytes


def post(
    what: str,
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    loopback: bool = False,
    resolve: Resolve | None = None,
    seconds: float = SECONDS,
    trusted: ssl.SSLContext | None = None,
) -> Reply:
    """What was answered, whatever its status. `what` is being done, in words; `resolve` gives the addresses of a host.
    With `loopback` http to this machine is let through.

    Raises FatalError where the address may not be asked or proves to be another's; NotReady where nothing was sent yet,
    RetryableError where it was, and no answer came.
    """
    try:
        parts = urlsplit(url)
        host, secure = parts.hostname or "", parts.scheme == "https"
        local = loopback and not secure and host in LOOPBACK
        if not secure and not local:
            raise FatalError(f"{what}: its address is not https", ours=True)
        port = parts.port or (443 if secure else 80)
        addresses = (resolve or _resolved)(host, port)
    except OSError:
        raise NotReady(f"{what}: {host} has no address at the moment, and nothing was sent", ours=True) from None
    except ValueError:  # of a port that is none, or of a name that no host has
        raise FatalError(f"{what}: its address is none, and nothing was sent: correct it", ours=True) from None
    if not local and not all(map(is_public, addresses)):
        raise FatalError(f"{what}: {host} is at an address inside a network, and nothing is sent there", ours=True)
    with _connected(what, addresses, port, seconds) as plain, _ended(plain, seconds):
        sock = _secured(what, plain, host, trusted) if secure else plain
        connection = http.client.HTTPConnection(parts.netloc, timeout=seconds)
        connection.sock = sock
        try:
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            try:
                connection.request("POST", path, body, {**headers, "Host": parts.netloc, "Connection": "close"})
            except (ValueError, http.client.InvalidURL):  # looked at before the first byte of it is sent
                said = "its address or its key has signs in it that no request may have, and nothing was sent"
                raise FatalError(f"{what}: {said}", ours=True) from None
            answer = connection.getresponse()
            return Reply(answer.status, answer.read(LARGEST_REPLY))
        except (OSError, http.client.HTTPException, ValueError):
            raise RetryableError(f"{what}: it did not answer within {seconds:g} s", ours=True) from None
        finally:
            connection.close()


def is_public(address: str) -> bool:
    """Whether it is one of the internet's; of an address that holds another in it, whether that is."""
    found = ip_address(address.partition("%")[0])
    return all(map(_is_of_the_internet, _meant(found)))


def _is_of_the_internet(address: IPv4Address | IPv6Address) -> bool:
    inside = isinstance(address, IPv6Address) and address.is_site_local  # which `is_global` lets through
    return address.is_global and not (inside or address.is_multicast or address.is_reserved)


def _meant(address: IPv4Address | IPv6Address) -> Iterator[IPv4Address | IPv6Address]:
    if not isinstance(address, IPv6Address):
        yield address
        return
    inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if int(address) >> 32 == int(_NAT64) >> 32:
        inner.append(IPv4Address(int(address) & 0xFFFFFFFF))
    held = [one for one in inner if one is not None]
    yield from held or [address]


def _resolved(host: str, port: int) -> list[str]:
    return [str(one[4][0]) for one in getaddrinfo(host, port, type=SOCK_STREAM, proto=IPPROTO_TCP)]


def _connected(what: str, addresses: list[str], port: int, seconds: float) -> socket:
    for address in addresses:
        with suppress(OSError):
            plain = create_connection((address, port), timeout=seconds / len(addresses))
            plain.settimeout(seconds)
            return plain
    raise NotReady(f"{what}: it could not be reached, and nothing was sent", ours=True)


@contextmanager
def _ended(sock: socket, seconds: float) -> Iterator[None]:
    """Whatever trickles in: after so many seconds it is over."""
    same = sock.dup()  # TLS takes the connection away from `sock`, which then ends nothing

    def end() -> None:
        with suppress(OSError):
            same.shutdown(SHUT_RDWR)

    timer = Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        same.close()


def _secured(what: str, plain: socket, host: str, trusted: ssl.SSLContext | None) -> ssl.SSLSocket:
    try:
        return (trusted or ssl.create_default_context()).wrap_socket(plain, server_hostname=host)
    except ssl.SSLCertVerificationError:
        raise FatalError(f"{what}: {host} does not prove that it is {host}, and nothing was sent", ours=True) from None
    except OSError:
        raise NotReady(f"{what}: no secure connection could be made, and nothing was sent", ours=True) from None
