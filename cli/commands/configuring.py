"""`devops-copilot configure`: a configuration from a file, checked, into the parameter an installation reads."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import boto3
from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError

from cli.api.connection import laptop_here
from cli.display.page import Page
from cli.exits import Exit, Refused, Unreachable
from cli.laptop.clients import Clients
from cli.model_key import key_arn, key_of, store_key
from cli.wording import line
from cli.yaml_file import fitting, load
from copilot.bootstrap.unheard import unheard
from copilot.config.configuration import Configuration, checked

PARAMETER = "/devops-copilot/config"
"""The template's default for where the configuration is kept."""


class Place(NamedTuple):
    """Where an installation's parameters are. The laptop's stack lets the functions read the key already."""

    ssm: Any
    account: Callable[[], str]
    words: str
    parameter: str
    is_laptop: bool


def configure(args: argparse.Namespace) -> Exit:
    key = key_of(args.model_key_env) if args.model_key_env else None
    page = Page()
    if args.check and key is None:
        _say_valid(page, args.file, read_configuration(Path(args.file)))
        page.say("Nothing was written.")
        return Exit.SUCCEEDED
    try:
        place = place_here()
        arn = key_arn(place.ssm.meta.region_name, place.account()) if key else None
        configuration = read_configuration(Path(args.file), arn)
        _say_valid(page, args.file, configuration)
        if args.check:
            page.say("Nothing was written.")
            return Exit.SUCCEEDED
        if key:
            store_key(place.ssm, key)
            page.say(f"The key in {args.model_key_env} is kept, encrypted, as {arn}.")
        name = args.parameter or place.parameter
        written = place.ssm.put_parameter(
            Name=name,
            Value=configuration.model_dump_json(exclude_defaults=True),
            Type="String",
            Tier="Intelligent-Tiering",  # the standard tier ends at 4 KB
            Overwrite=True,
        )
    except (BotoCoreError, ClientError) as error:
        kind = Unreachable if is_away(error) else Refused
        raise kind(f"AWS did not take the configuration, and what was there stays: {line(error)}") from error
    version = f"version {written['Version']} of the SSM parameter {name} of {place.words}"
    page.say(f"Written as {version}. The functions read it within a minute.")
    if place.is_laptop:
        page.say("On this machine `up` after a `down` puts samplefiles/config.yaml back: configure again then.")
    if arn:
        page.say(f"Write key: {arn} under model in {args.file}, so that it is found the next time.")
        if not place.is_laptop:
            page.say(f"Deploy the stack with ModelKeyArn={arn}, so that the functions may read it.")
    return Exit.SUCCEEDED


def is_away(error: Exception) -> bool:
    """Whether AWS was not reached, or is itself failing; anything else is about what was asked, or who asked."""
    if isinstance(error, ClientError):
        return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)) >= 500
    return isinstance(error, HTTPClientError | ConnectionError)


def read_configuration(file: Path, model_key: str | None = None) -> Configuration:
    """Where the file does not say where the model's key is kept, it is kept in `model_key`.

    Raises Refused, naming the place of everything that is wrong, and the nearest that is right.
    """
    written = load(file)
    if model_key:
        written = written._replace(content=_with_key(file, written.content, model_key))
    return fitting(written, Configuration, "a configuration", "Nothing was written.", checked)


def _with_key(file: Path, written: Any, arn: str) -> Any:
    model = written.get("model") if isinstance(written, dict) else None
    if not isinstance(model, dict):
        raise Refused(f"{file} names no model, so no key is needed. Nothing was written.")
    if model.get("key", arn) != arn:
        raise Refused(f"{file} says under model that the key is kept elsewhere than in {arn}. Nothing was written.")
    return written | {"model": model | {"key": arn}}


def place_here() -> Place:
    laptop = laptop_here()
    if laptop:
        ssm = Clients(laptop.endpoint)("ssm", laptop.account, laptop.region)
        parameter = laptop.outputs.get("ConfigurationParameter", PARAMETER)
        account = laptop.account
        return Place(ssm, lambda: account, f"the laptop's AWS in {laptop.region}", parameter, True)
    ssm = boto3.client("ssm")
    words = f"your AWS account in {ssm.meta.region_name}"
    return Place(ssm, lambda: str(boto3.client("sts").get_caller_identity()["Account"]), words, PARAMETER, False)


def _say_valid(page: Page, file: str, configuration: Configuration) -> None:
    page.say(_valid(file, configuration))
    for said in unheard(configuration):
        page.say(said)


def _valid(file: str, configuration: Configuration) -> str:
    model = f", model {configuration.model.name}" if configuration.model else ""
    return f"{file} is valid: {len(configuration.accounts)} accounts, {len(configuration.people)} people{model}."
