"""`devops-copilot configure`: a configuration from a file, checked, into the parameter an installation reads."""

from __future__ import annotations

import argparse
from pathlib import Path

import boto3
import yaml
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import ValidationError

from cli.connection import laptop_here
from cli.display.page import Page
from cli.exits import Exit, Refused
from cli.laptop.clients import Clients
from cli.wording import line, problems
from copilot.config import Configuration

PARAMETER = "/devops-copilot/config"
"""The template's default for where the configuration is kept."""


def configure(args: argparse.Namespace) -> Exit:
    configuration = read_configuration(Path(args.file))
    page = Page()
    page.say(f"{args.file} is valid: {len(configuration.accounts)} accounts, {len(configuration.people)} people.")
    if args.check:
        page.say("Nothing was written.")
        return Exit.SUCCEEDED
    laptop = laptop_here()
    name = args.parameter or (laptop.outputs.get("ConfigurationParameter") if laptop else None) or PARAMETER
    try:
        if laptop:
            ssm = Clients(laptop.endpoint)("ssm", laptop.account, laptop.region)
        else:
            ssm = boto3.client("ssm")
        ssm.put_parameter(
            Name=name,
            Value=configuration.model_dump_json(exclude_defaults=True),
            Type="String",
            Tier="Intelligent-Tiering",  # the standard tier ends at 4 KB
            Overwrite=True,
        )
    except (BotoCoreError, ClientError) as error:
        raise Refused(f"The parameter {name} could not be written: {line(error)}") from error
    where = f"the laptop's AWS in {ssm.meta.region_name}" if laptop else f"your AWS account in {ssm.meta.region_name}"
    page.say(f"Written to the SSM parameter {name} of {where}.")
    return Exit.SUCCEEDED


def read_configuration(file: Path) -> Configuration:
    """Raises Refused, naming every field that is wrong."""
    try:
        return Configuration.model_validate(yaml.safe_load(file.read_text()))
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error.strerror}.") from error
    except yaml.YAMLError as error:
        raise Refused(f"{file} is not YAML: {line(error)}") from error
    except ValidationError as error:
        raise Refused(f"{file} is not a configuration. {problems(error)}. Nothing was written.") from error
