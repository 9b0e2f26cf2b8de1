"""What the laptop's system was made from, and whether its files still say so: what was made there is not made anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from cli.laptop.cloud import Cloud, Environment, Place
from cli.laptop.faults import LaptopError
from copilot.config.configuration import Configuration

NOT_MADE = frozenset({"logs", "traffic", "load", "habit"})
"""What a monitor saw: measured at every `up`."""
AFRESH = "`make clean` removes the system with all it holds, and the next `up` makes it anew"


class MadeFrom(BaseModel):
    """The copilot's home, and of the sample cloud the environments by name, once it is made."""

    model_config = ConfigDict(frozen=True)

    account: str
    region: str
    environments: dict[str, Environment] | None = None


def read_made_from(state: Path) -> MadeFrom | None:
    """None where nothing was made, or by an earlier version."""
    try:
        return MadeFrom.model_validate_json(_record(state).read_text())
    except (FileNotFoundError, ValidationError):
        return None


def note(state: Path, configuration: Configuration, cloud: Cloud | None = None) -> None:
    """What is about to be made; with `cloud`, what was."""
    home = configuration.accounts[0]
    made = {one.name: one for one in cloud.environments} if cloud else None
    record = MadeFrom(account=home.id, region=home.regions[0], environments=made)
    _record(state).write_text(record.model_dump_json())


def check_home(configuration: Configuration, account: str, region: str) -> None:
    """Raises LaptopError where the system was made in another account or region than the configuration says."""
    home = configuration.accounts[0]
    if (home.id, home.regions[0]) != (account, region):
        raise LaptopError(
            "The copilot lives in the first account of samplefiles/config.yaml and that one's first region: now "
            f"{home.id} {home.regions[0]}. What is on this machine was made in {account} {region} and cannot move. "
            f"Nothing was changed. {AFRESH}; or put the file back."
        )


def check_cloud(made: MadeFrom, cloud: Cloud) -> None:
    """Raises LaptopError where the description of the cloud is another than what was made by it."""
    if made.environments is None:
        return
    now = {one.name: one for one in cloud.environments}
    names = sorted({*now, *made.environments})
    if changed := [name for name in names if _made(now.get(name)) != _made(made.environments.get(name))]:
        raise LaptopError(
            "samplefiles/cloud.yaml was changed since the sample cloud was made from it "
            f"({', '.join(changed)}). Nothing was changed. {AFRESH}; or put the file back."
        )


def warn_of_unseen(configuration: Configuration, cloud: Cloud, say: Callable[[str], None]) -> None:
    """Name the environments that the copilot will not find where its configuration lets it look."""
    looked_at = {(account.id, region) for account in configuration.accounts for region in account.regions}
    places: dict[tuple[str, str], list[str]] = {}
    for environment, place in _places(cloud):
        at = (place.account, place.region)
        if at not in looked_at and environment.name not in places.setdefault(at, []):
            places[at].append(environment.name)
    for (account, region), names in sorted(places.items()):
        say(
            f"Warning: samplefiles/config.yaml has no account {account} with region {region}, so the copilot does not "
            f"see what is there of {', '.join(names)}"
        )


def _places(cloud: Cloud) -> Iterator[tuple[Environment, Place]]:
    return ((environment, place) for environment in cloud.environments for place in environment.places)


def _made(environment: Environment | None) -> object:
    return _without_figures(environment.model_dump(mode="json")) if environment else None


def _without_figures(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_figures(inner) for key, inner in value.items() if key not in NOT_MADE}
    return [_without_figures(inner) for inner in value] if isinstance(value, list) else value


def _record(state: Path) -> Path:
    return state / "made-from.json"
