"""What a tool is given when a person runs it here: the copilot's adapters over the person's own AWS credentials."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import ValidationError

from cli.commands.configuring import PARAMETER, read_configuration
from cli.exits import Refused
from cli.laptop.clients import Clients as LaptopClients
from cli.laptop_file import LaptopFile
from cli.wording import line
from copilot.bootstrap.clients import OwnClients, own_session
from copilot.bootstrap.in_process import ME
from copilot.bootstrap.records import Records
from copilot.config.configuration import Configuration
from copilot.config.faults import faults, in_a_line
from copilot.domain import Person


def own_clients(
    call_id: str, laptop: LaptopFile | None, file: str | None, *, may_write: bool, person: Person = ME
) -> OwnClients:
    """On the laptop with the credentials of each account's root, and with the records of the copilot there.

    The configuration is read when a tool first asks for it: from `file`, or else from the parameter of the laptop's or
    the person's own installation.
    """
    if laptop is None:
        return OwnClients(call_id, person, own_session(), partial(configuration, file, None), None, may_write)
    roots = Roots(LaptopClients(laptop.endpoint))
    of_tenant = partial(records, laptop, roots)
    return OwnClients(call_id, person, roots, partial(configuration, file, laptop), of_tenant, may_write)


@dataclass(frozen=True)
class Roots:
    """The laptop's AWS is read with the root of each account, which may do everything there."""

    clients: LaptopClients

    def open(self, account_id: str) -> None: ...

    def client(self, account_id: str, region: str, service: str) -> Any:
        return self.clients(service, account_id, region)


def records(laptop: LaptopFile, roots: Roots, tenant: str) -> Records:
    """Those of the copilot on the laptop."""
    client = partial(roots.client, laptop.account, laptop.region)
    base = f"{laptop.endpoint}/_aws/execute-api/{laptop.api_id}"
    return Records(tenant, laptop.outputs["Table"], laptop.outputs["Bucket"], client, lambda: base)


def configuration(file: str | None, laptop: LaptopFile | None) -> Configuration:
    """Raises Refused."""
    if file:
        return read_configuration(Path(file))
    name = laptop.outputs["ConfigurationParameter"] if laptop else PARAMETER
    try:
        kept = _ssm(laptop).get_parameter(Name=name)["Parameter"]["Value"]
    except (BotoCoreError, ClientError) as error:
        raise Refused(
            f"The configuration could not be read from the SSM parameter {name}: {line(error)}. "
            "--configuration FILE.yaml takes it from a file."
        ) from error
    try:
        return Configuration.model_validate_json(kept)
    except ValidationError as error:
        raise Refused(
            f"The configuration in the SSM parameter {name} cannot be used. {in_a_line(faults(error))}. "
            "--configuration FILE.yaml takes it from a file."
        ) from error


def _ssm(laptop: LaptopFile | None) -> Any:
    return LaptopClients(laptop.endpoint)("ssm", laptop.account, laptop.region) if laptop else boto3.client("ssm")
