"""Clients for the accounts the copilot looks after, from roles assumed in them when first needed."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Literal, Protocol

from botocore.config import Config

from copilot.adapters.aws.arns import parse_arn
from copilot.adapters.aws.faults import translated
from copilot.adapters.aws.session_policies import session_policies
from copilot.config.configuration import Account
from copilot.domain import Permission, Person
from copilot.errors import FatalError, PermissionDenied
from copilot.ports import Clock

CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 3}, connect_timeout=5, read_timeout=20)
ONCE = CONFIG.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))
NEVER_TWICE = frozenset({"ec2:RebootInstances", "rds:RebootDBInstance"})
"""What the SDK must not try again by itself: after an answer that was lost nothing tells whether it was done."""
FOR_S3 = CONFIG.merge(Config(signature_version="s3v4", s3={"addressing_style": "virtual"}))
"""Links to objects must name the bucket's region and be signed for it, which is not the SDK's default everywhere."""
EXPIRES_EARLY = timedelta(minutes=5)


Role = Literal["write", "destroy"]


class Reader(Protocol):
    """What AWS is read with."""

    def open(self, account_id: str) -> None:
        """Make sure that the account can be read at all. Raises PermissionDenied, RetryableError, FatalError."""

    def client(self, account_id: str, region: str, service: str) -> Any:
        """A boto3 client for reading. Raises as `open` does."""


class Writer(Protocol):
    """What AWS is changed with."""

    def client(self, action: str, arn: str) -> Any:
        """A boto3 client of the action's service, that may do it to this resource.

        Raises PermissionDenied, RetryableError.
        """


def label(account: Account) -> str:
    """An account as a person reads it: its name and its id."""
    return f"{account.name} ({account.id})"


class ClientFactory:
    """Makes boto3 clients, all from one boto3 Session.

    That way each service's model is read and parsed once, whatever the number of accounts, which is most of what a
    client costs. Making a client is not thread safe, using one is: hence the lock.
    """

    def __init__(self, new_client: Callable[..., Any]) -> None:
        """`new_client` is the `client` method of a boto3 Session."""
        self._new_client = new_client
        self._lock = Lock()
        self._own: dict[tuple[str, str, bool], Any] = {}

    def own(self, service: str, region: str, *, once: bool = False) -> Any:
        """A client with the session's own credentials; the same one each time. `once` makes each call at most once."""
        with self._lock:
            if (service, region, once) not in self._own:
                config = FOR_S3 if service == "s3" else ONCE if once else CONFIG
                self._own[service, region, once] = self._new_client(service, region_name=region, config=config)
            return self._own[service, region, once]

    def assumed(self, service: str, region: str, credentials: dict[str, str], *, once: bool = False) -> Any:
        """A new client with the credentials of an assumed role; `once` makes each call at most once."""
        with self._lock:
            return self._new_client(service, region_name=region, config=ONCE if once else CONFIG, **credentials)


class RoleSession:
    """One role, assumed when first needed and again before it expires; its clients are kept. Thread safe.

    A `policy` cuts the role down for this session; a `person` becomes its SourceIdentity, which AWS records with each
    call.
    """

    def __init__(
        self,
        factory: ClientFactory,
        clock: Clock,
        role: str,
        session_name: str,
        region: str,
        policy: str | None = None,
        person: Person | None = None,
    ) -> None:
        self._factory = factory
        self._clock = clock
        self._region = region
        self._request = {"RoleArn": role, "RoleSessionName": _session_word(session_name)}
        if policy is not None:
            self._request["Policy"] = policy
        if person is not None:
            self._request["SourceIdentity"] = _session_word(person.id)
        self._lock = Lock()
        self._credentials: dict[str, str] = {}
        self._expires: datetime | None = None
        self._clients: dict[tuple[str, str, bool], Any] = {}

    def open(self) -> None:
        """Make sure the role is assumed. Raises PermissionDenied, RetryableError."""
        with self._lock:
            self._refresh()

    def client(self, service: str, region: str, *, once: bool = False) -> Any:
        """A boto3 client with the role's credentials, see `ClientFactory.assumed`. Raises as `open` does."""
        with self._lock:
            self._refresh()
            if (service, region, once) not in self._clients:
                made = self._factory.assumed(service, region, self._credentials, once=once)
                self._clients[service, region, once] = made
            return self._clients[service, region, once]

    def _refresh(self) -> None:
        if self._expires is not None and self._clock.now() < self._expires - EXPIRES_EARLY:
            return
        role = parse_arn(self._request["RoleArn"]).name
        try:
            with translated(f"assuming the role {role}"):
                given = self._factory.own("sts", self._region).assume_role(**self._request)["Credentials"]
        except PermissionDenied:
            # AWS does not tell a role that is missing from one that does not trust the caller.
            raise PermissionDenied(
                f"the role {role} cannot be assumed; is it deployed there, and does it trust this installation?"
            ) from None
        self._credentials = {
            "aws_access_key_id": given["AccessKeyId"],
            "aws_secret_access_key": given["SecretAccessKey"],
            "aws_session_token": given["SessionToken"],
        }
        self._expires = given["Expiration"]
        self._clients = {}


class ReadSessions:
    """Clients that read, for every account, from the account's read role."""

    def __init__(self, accounts: Iterable[Account], session_name: str, factory: ClientFactory, clock: Clock) -> None:
        self._roles = {
            account.id: RoleSession(factory, clock, account.read_role, session_name, account.regions[0])
            for account in accounts
        }

    def open(self, account_id: str) -> None:
        """Make sure the account's read role is assumed. Raises PermissionDenied, RetryableError, FatalError."""
        self._role(account_id).open()

    def client(self, account_id: str, region: str, service: str) -> Any:
        """A boto3 client for reading. Raises as `open` does."""
        return self._role(account_id).client(service, region)

    def _role(self, account_id: str) -> RoleSession:
        if account_id not in self._roles:
            raise FatalError(f"account {account_id} is not in the configuration", ours=True)
        return self._roles[account_id]


class WriteSessions:
    """Clients that change something: exactly the permissions granted to one call, on behalf of one person.

    Each account's permissions become the session policy of its write role, or of its destroy role as each says; of
    several sessions where they do not fit into one.
    """

    def __init__(
        self,
        accounts: Iterable[Account],
        permissions: Iterable[Permission],
        person: Person,
        session_name: str,
        factory: ClientFactory,
        clock: Clock,
        emulator: bool = False,
    ) -> None:
        self._accounts = {account.id: account for account in accounts}
        self._roles: dict[tuple[str, str], RoleSession] = {}
        asked = list(permissions)
        self._role_for = {(one.action, one.arn): one.role for one in asked}
        for account, name, granted in self._by_role(asked):
            for policy in session_policies(granted, emulator):
                role = RoleSession(
                    factory, clock, _role_of(account, name), session_name, account.regions[0], policy.document, person
                )
                self._roles.update({(one.action, one.arn): role for one in policy.permissions})

    def client(self, action: str, arn: str) -> Any:
        """A boto3 client of the action's service, from the session that may do it to this resource.

        Raises PermissionDenied for what was not granted or has no write role, RetryableError.
        """
        where = parse_arn(arn)
        if where.account in self._accounts:
            _role_of(self._accounts[where.account], self._role_for.get((action, arn), "write"))
        granted = self._roles.get((action, arn))
        if granted is None:
            raise PermissionDenied(
                f"{action} on {arn} is not among what this call was granted, so it was not done", ours=True
            )
        return granted.client(action.partition(":")[0], where.region, once=action in NEVER_TWICE)

    def _by_role(self, permissions: Iterable[Permission]) -> list[tuple[Account, Role, list[Permission]]]:
        found: dict[tuple[str, Role], list[Permission]] = defaultdict(list)
        for permission in permissions:
            found[parse_arn(permission.arn).account, permission.role].append(permission)
        # What no account can grant is left out here and refused when it is asked for, so that it spoils nothing else.
        known = [
            (self._accounts[id], name, granted) for (id, name), granted in sorted(found.items()) if id in self._accounts
        ]
        return [(account, name, granted) for account, name, granted in known if _has_role(account, name)]


def _has_role(account: Account, name: Role) -> bool:
    return (account.write_role if name == "write" else account.destroy_role) is not None


def _role_of(account: Account, name: Role) -> str:
    if name == "destroy":
        if account.destroy_role is None:
            raise PermissionDenied(
                f"nothing can be deleted in account {label(account)}: no role for it is deployed there. Deploy the "
                "template for managed accounts with Destroy: enabled, then name that role as destroy_role of this "
                "account in the configuration"
            )
        return account.destroy_role
    return write_role(account)


def write_role(account: Account) -> str:
    """The role it is changed with. Raises PermissionDenied where there is none, with how one is deployed."""
    if account.write_role is None:
        raise PermissionDenied(
            f"account {label(account)} can only be read: no write role is deployed in it, so nothing was changed. "
            "Deploy the template for managed accounts there with its write role, then name that role as write_role of "
            "this account in the configuration"
        )
    return account.write_role


def _session_word(text: str) -> str:
    """As STS takes session names and source identities: 2 to 64 of a few characters."""
    return re.sub(r"[^\w+=,.@-]", "-", text, flags=re.ASCII)[:64].ljust(2, "-")
