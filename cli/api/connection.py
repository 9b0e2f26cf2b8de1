"""Where the copilot is, and as whom to speak to it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from botocore.credentials import Credentials
from botocore.exceptions import BotoCoreError, ClientError

from cli.exits import Refused, Unreachable
from cli.laptop_file import LaptopFile, read_laptop_file

URL_VARIABLE = "DEVOPS_COPILOT_URL"
FOLDER = ".devops-copilot"


@dataclass(frozen=True)
class Connection:
    """`url` is what is signed and what the Host header names; `reach` is where the bytes go, different on the laptop.

    `options` are the words that make another command speak to the same copilot as the same person, and `advice` is what
    to do where it does not answer. `person` speaks, of the laptop's `people`.
    """

    url: str
    reach: str
    region: str
    credentials: Credentials
    advice: str
    options: tuple[str, ...] = ()
    person: str | None = None
    people: tuple[str, ...] = ()

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    @property
    def is_laptop(self) -> bool:
        return self.url != self.reach

    def options_for(self, persons: Sequence[str]) -> tuple[str, ...]:
        """The same, spoken by one of these people: by another than now only if that is needed and can be chosen."""
        known = [person for person in persons if person in self.people]
        return ("--as", known[0]) if known and self.person not in known else self.options


def connect(url: str | None, person: str | None, environment: Mapping[str, str] = os.environ) -> Connection:
    """The address given wins, then the laptop's system here or in a folder above, then the environment variable.

    Raises Refused or Unreachable, saying what to do.
    """
    laptop = None if url else laptop_here()
    if laptop:
        return on_the_laptop(laptop, person)
    if person:
        raise Refused("--as chooses among the laptop's users; elsewhere you are who your AWS credentials say you are.")
    address = (url or environment.get(URL_VARIABLE, "")).rstrip("/")
    if not address:
        raise Unreachable(
            "There is no copilot here. Start one on this machine with `devops-copilot up`, or name a deployed one with "
            f"--url or {URL_VARIABLE} (the ApiUrl output of its stack)."
        )
    return _deployed(address, ("--url", url) if url else ())


def laptop_here() -> LaptopFile | None:
    """The laptop's system of this folder or one above. Raises Refused."""
    folder = state_folder()
    try:
        return read_laptop_file(folder)
    except ValueError as error:
        raise Refused(f"{folder / 'laptop.json'} cannot be read. `devops-copilot up` writes it anew.") from error


def state_folder(project: Path | None = None) -> Path:
    """The .devops-copilot folder here or in a folder above. Where there is none yet: the project's, if we are in it."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / FOLDER / "laptop.json").is_file():
            return folder / FOLDER
    return (project if project and here.is_relative_to(project) else here) / FOLDER


def on_the_laptop(laptop: LaptopFile, person: str | None = None) -> Connection:
    """The laptop's system, as one of its users. Raises Refused."""
    people = tuple(laptop.users)
    if person and person not in laptop.users:
        raise Refused(f"--as {person}: the laptop's users are {', '.join(people)}.")
    speaker = person or people[0]
    user = laptop.users[speaker]
    return Connection(
        url=laptop.api_url,
        reach=laptop.endpoint,
        region=laptop.region,
        credentials=Credentials(user.access_key_id, user.secret_access_key),
        advice="Start it again with `devops-copilot up`; everything it had is kept.",
        options=("--as", person) if person else (),
        person=speaker,
        people=people,
    )


def _deployed(url: str, options: tuple[str, ...]) -> Connection:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise Refused(
            f"{url} is no address of a copilot; it looks like https://abc123.execute-api.eu-west-1.amazonaws.com."
        )
    import botocore.session  # all of its clients and their documentation come with it, and the laptop needs none

    session = botocore.session.get_session()
    try:
        credentials = session.get_credentials()
        region = session.get_config_variable("region")
        if credentials is not None:
            credentials.get_frozen_credentials()  # which a role is assumed for, where they are a role's
    except (BotoCoreError, ClientError) as error:
        raise Refused(f"Your AWS credentials cannot be used: {error}") from error
    if credentials is None:
        raise Refused("There are no AWS credentials here; the copilot knows you by them. Sign in, or set AWS_PROFILE.")
    named = re.search(r"\.execute-api\.([a-z0-9-]+)\.amazonaws\.com", parts.netloc)
    return Connection(
        url=url,
        reach=_reach(parts),
        region=named.group(1) if named else region or "us-east-1",
        credentials=credentials,
        advice="Check the address, the network, and that its stack is deployed.",
        options=options,
    )


def _reach(parts: SplitResult) -> str:
    """A name below localhost is this machine, whether or not it is known by it (RFC 6761, section 6.3)."""
    if (parts.hostname or "").endswith(".localhost"):
        return f"{parts.scheme}://127.0.0.1" + (f":{parts.port}" if parts.port else "")
    return parts.geturl()
