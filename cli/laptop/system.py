"""The laptop's system as a whole: up and down."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import ValidationError

from cli.exits import Refused
from cli.laptop import server as servers
from cli.laptop.clients import Clients
from cli.laptop.cloud import Cloud, read_cloud
from cli.laptop.deploy import deploy
from cli.laptop.deployments import DeploymentSample, keep_current, put_last_lines, read_deployments
from cli.laptop.faults import LaptopError
from cli.laptop.known_before import note_since_when
from cli.laptop.made_from import check_cloud, check_home, note, read_made_from, warn_of_unseen
from cli.laptop.measuring import measure
from cli.laptop.seeding import seed
from cli.laptop.warming import warming
from cli.laptop_file import LaptopFile, read_laptop_file, write_laptop_file
from cli.wording import line
from cli.yaml_file import fitting, load
from copilot.config.configuration import Configuration, checked

Say = Callable[[str], None]


def up(
    project: Path,
    state: Path,
    say: Say,
    configuration: Configuration | None = None,
    cloud: Cloud | None = None,
    environment: Mapping[str, str] | None = None,
    deployments: DeploymentSample | None = None,
    *,
    warm: bool = False,
) -> LaptopFile:
    """The system, running: made from nothing the first time, later as it was left, with today's code.

    Everything it has is kept in the `state` folder. Configuration, cloud and deployments are the samples unless given;
    `environment` is added to that of the server and its functions when the server starts. With `warm` every function
    has a process when this returns, started meanwhile. Raises LaptopError, and Refused for a file that is wrong.
    """
    project, state = project.resolve(), state.resolve()
    configuration = configuration or read_configuration(project / "samplefiles" / "config.yaml")
    cloud = cloud or read_cloud(project / "samplefiles" / "cloud.yaml")
    deployments = deployments or read_deployments(project / "samplefiles" / "deployments.yaml")
    with _alone(state), _in_words():
        known, made = _laptop_file(state), read_made_from(state)
        if home := made or known:
            check_home(configuration, home.account, home.region)
        if made:
            check_cloud(made, cloud)
        warn_of_unseen(configuration, cloud, say)
        server = servers.running(state)
        if server is None:
            say("Starting the local AWS")
            own = configuration.accounts[0]
            # Whoever opens a link has signed nothing: then it is the copilot's account that is asked.
            told = {"MINISTACK_ACCOUNT_ID": own.id} | dict(environment or {})
            server = servers.start(state, project, own.regions[0], told)
        clients = Clients(server.endpoint)
        if made is None:
            note(state, configuration)
        laptop = deploy(project, server, clients, configuration, known, say)
        with warming(clients, laptop, say) if warm else nullcontext():
            if made and made.environments is not None:
                measure(clients, cloud, datetime.now(UTC))
            else:
                seed(clients, cloud, datetime.now(UTC), say)
                note_since_when(clients, laptop, configuration.tenant, cloud, datetime.now(UTC))
                note(state, configuration, cloud)
            write_laptop_file(state, laptop)
            look_around(clients, laptop, [(one.id, region) for one in configuration.accounts for region in one.regions])
            today = datetime.now(UTC).date()
            keep_current(clients, laptop, configuration.tenant, deployments, state, today, say)
            put_last_lines(clients, cloud, deployments, today)
    return laptop


def look_around(clients: Clients, laptop: LaptopFile, places: Iterable[tuple[str, str]]) -> None:
    """Have the copilot learn what there is now in these accounts and regions: of what it did not change itself it would
    know in a quarter of an hour.
    """
    queue = clients("sqs", laptop.account, laptop.region)
    for account, region in places:
        message = json.dumps({"account": account, "region": region, "attempt": 1})
        queue.send_message(QueueUrl=laptop.outputs["Sweeps"], MessageBody=message)


def down(state: Path, say: Say) -> bool:
    """Stop it and keep all it has. False if it was not running. Raises LaptopError."""
    state = state.resolve()
    if servers.running(state) is None:
        return False
    with _alone(state):
        say("Stopping the local AWS and keeping what it holds")
        return servers.stop(state)


def read_configuration(path: Path) -> Configuration:
    """Raises Refused, naming the line of everything that is wrong."""
    configuration = fitting(load(path), Configuration, "a configuration", "Nothing was done.", checked)
    if not configuration.accounts:
        raise Refused(f"{path} names no account, and the first one is where the copilot lives. Nothing was done.")
    return configuration


def _laptop_file(state: Path) -> LaptopFile | None:
    """One that cannot be read is written anew."""
    try:
        return read_laptop_file(state)
    except ValidationError:
        return None


@contextmanager
def _in_words() -> Iterator[None]:
    """What the local AWS refuses is said, and nothing more."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise LaptopError(
            f"The local AWS did not do something: {line(error)}. What was made stays, and `up` goes on from there; "
            "`make clean` removes all of it."
        ) from error


@contextmanager
def _alone(state: Path) -> Iterator[None]:
    """Two at work on one folder would lose what it holds."""
    state.mkdir(parents=True, exist_ok=True)
    with (state / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LaptopError(f"Another command is busy with the system in {state}. Nothing was done") from error
        yield
