"""`devops-copilot outbox`: the messages the copilot has sent on the laptop, read back from its bucket."""

from __future__ import annotations

import argparse
import json
from datetime import datetime

from botocore.exceptions import BotoCoreError, ClientError

from cli.api.connection import laptop_here
from cli.api.documents import View, read
from cli.commands.staying import print_json
from cli.display.page import Page
from cli.exits import Exit, Unreachable
from cli.laptop.clients import Clients
from cli.laptop_file import LaptopFile
from cli.wording import line, moment


class Message(View):
    channel: str
    text: str
    at: datetime
    person: str = ""


def outbox(args: argparse.Namespace) -> Exit:
    laptop = laptop_here()
    if laptop is None:
        raise Unreachable(
            "There is no laptop system here, and only it has an outbox. Start it with `devops-copilot up`."
        )
    try:
        sent = messages(laptop)
    except (BotoCoreError, ClientError) as error:
        raise Unreachable(
            f"The outbox cannot be read: {line(error)}. Start the system with `devops-copilot up`."
        ) from error
    if args.json:
        print_json([message.model_dump(mode="json") for message in sent])
    elif sent:
        Page().rows(((moment(m.at), line(m.channel), line(m.person), m.text) for m in sent), indent=0)
    else:
        Page().say("Nothing has been sent.")
    return Exit.SUCCEEDED


def messages(laptop: LaptopFile) -> list[Message]:
    """Every message, oldest first. Raises botocore's errors."""
    s3, bucket = Clients(laptop.endpoint)("s3", laptop.account, laptop.region), laptop.outputs["Bucket"]
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="outbox/")
    keys = [entry["Key"] for page in pages for entry in page.get("Contents", [])]
    found = (s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys)
    return sorted((read(Message, json.loads(body)) for body in found), key=lambda message: message.at)
