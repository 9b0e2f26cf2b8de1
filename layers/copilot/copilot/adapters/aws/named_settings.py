"""Parameters of Systems Manager and secrets of Secrets Manager, by the paths at which an environment has them.

Names, types, versions and times come from DescribeParameters and ListSecrets, which hold no values. Of a String or a
StringList the value is got to be compared, one by one (GetParameter without decryption), and sealed at once. A
SecureString is never got: without kms:Decrypt it says nothing. No value of a secret can be asked for at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from copilot.adapters.aws.faults import translated
from copilot.adapters.aws.packs import require
from copilot.adapters.aws.resources.stoppable import Client
from copilot.adapters.aws.sessions import Reader, label
from copilot.config.configuration import Account
from copilot.domain import Pack, Sealed, Setting, Settings, Unreachable
from copilot.errors import CopilotError, PermissionDenied, RetryableError, ToolInputError
from copilot.text.listing import count

READS = frozenset({"ssm:DescribeParameters", "ssm:GetParameter", "secretsmanager:ListSecrets"})
PACK: Pack = "parameters"
MOST = 200
"""Of one environment in one place: parameters, and as many secrets."""
SECURE = "SecureString"
CURRENT = "AWSCURRENT"
BREAKS = "/-_."


class Looked(NamedTuple):
    """Where and for what is looked."""

    account: Account
    region: str
    environment: str
    paths: Sequence[str]
    tag: str
    values: bool


def named(reader: Reader, at: Looked) -> Settings:
    """What could not be read there is told with it."""
    where: Any = {"account": label(at.account), "region": at.region}
    try:
        require(at.account, PACK)
    except PermissionDenied as off:
        return Settings((), (Unreachable(**where, reason=str(off), types=("parameter", "secret")),))
    found: list[Setting] = []
    unread: list[Unreachable] = []
    notes: list[str] = []
    for read, noun in ((_parameters, "parameter"), (_secrets, "secret")):
        try:
            with translated(f"reading {noun}s"):
                some = list(read(reader, at, notes))
        except CopilotError as error:
            passing = isinstance(error, RetryableError)
            unread.append(Unreachable(**where, reason=str(error), types=(noun,), passing=passing))
            continue
        if len(some) > MOST:
            unread.append(Unreachable(**where, reason=f"only {count(MOST, noun)} are looked at", types=(noun,)))
        found += some[:MOST]
    return Settings(tuple(found), tuple(unread), tuple(notes))


def _parameters(reader: Reader, at: Looked, notes: list[str]) -> Iterator[Setting]:
    ssm = reader.client(at.account.id, at.region, "ssm")
    refused = 0
    for one, name in _described(ssm, at):
        value = None
        if at.values and one["Type"] != SECURE:
            try:
                value = _value(ssm, one["Name"])
            except PermissionDenied:
                refused += 1
        version = str(one["Version"])
        yield Setting(
            kind="parameter",
            path=one["Name"],
            name=name,
            type=one["Type"],
            version=version,
            changed=one.get("LastModifiedDate"),
            value=value,
            same_as=f"{at.account.id}/{at.region}/{one['Name']}:{version}",
            account=label(at.account),
            region=at.region,
        )
    if refused:
        notes.append(f"{count(refused, 'parameter')} of {label(at.account)} may not be read, and so not be compared")


def _described(ssm: Client, at: Looked) -> Iterator[tuple[Any, str]]:
    """Each with its name without the path, once."""
    seen: set[str] = set()
    for path in at.paths:
        wanted: Any = [{"Key": "Path", "Option": "Recursive", "Values": [f"/{path}"]}]
        for page in ssm.get_paginator("describe_parameters").paginate(ParameterFilters=wanted):
            for one in page["Parameters"]:
                name = _under(path, one["Name"])
                if name and one["Name"] not in seen and len(seen) <= MOST:
                    seen.add(one["Name"])
                    yield one, name


def _value(ssm: Client, name: str) -> Sealed | None:
    """None of one that is gone. An error says nothing of what it held."""
    try:
        with translated("reading a parameter"):
            return Sealed(ssm.get_parameter(Name=name)["Parameter"]["Value"])
    except ToolInputError:
        return None


def _secrets(reader: Reader, at: Looked, notes: list[str]) -> Iterator[Setting]:
    """Those at the paths, and those that bear the tag of the environment."""
    client = reader.client(at.account.id, at.region, "secretsmanager")
    wanted: list[list[dict[str, Any]]] = [
        [{"Key": "name", "Values": [f"{lead}{path}"]}] for path in at.paths for lead in ("", "/")
    ]
    wanted.append([{"Key": "tag-value", "Values": [at.environment]}])
    seen: set[str] = set()
    for filters in wanted:
        for page in client.get_paginator("list_secrets").paginate(Filters=filters):
            for one in page["SecretList"]:
                name = _name_of(one, at)
                if name and one["ARN"] not in seen and len(seen) <= MOST:
                    seen.add(one["ARN"])
                    version = _current(one)
                    yield Setting(
                        kind="secret",
                        path=one["Name"],
                        name=name,
                        type="secret",
                        version=version,
                        changed=one.get("LastChangedDate"),
                        same_as=f"{one['ARN']}:{version}" if version else "",
                        account=label(at.account),
                        region=at.region,
                    )


def _name_of(secret: Any, at: Looked) -> str:
    """Without what names the environment; "" of what is not of it."""
    for path in at.paths:
        if name := _under(path, secret["Name"]):
            return name
    tags = {tag["Key"]: tag["Value"] for tag in secret.get("Tags", [])}
    if tags.get(at.tag) != at.environment:
        return ""
    rest = str(secret["Name"]).removeprefix(at.environment)
    return rest.lstrip(BREAKS) if rest[:1] in BREAKS and rest.lstrip(BREAKS) else str(secret["Name"])


def _current(secret: Any) -> str:
    """The id of the version that is in force; "" where it is not told."""
    versions = secret.get("SecretVersionsToStages") or {}
    return next((str(id) for id, stages in versions.items() if CURRENT in stages), "")


def _under(path: str, name: str) -> str:
    """What follows the path in the name; "" of what is not below it."""
    whole, path = name.lstrip("/"), f"{path.strip('/')}/"
    return whole.removeprefix(path) if whole.startswith(path) else ""
