"""The Teams of the laptop as it is at first: a tenant, its people and a team with its channels, from one YAML file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import yaml

from cli.laptop.teams.world import Channel, Person, World

SAMPLE = Path(__file__).parents[3] / "samplefiles" / "teams.yaml"
TENANT = "11111111-0000-4000-8000-000000000001"
TEAM = "19:team00laptop@thread.tacv2"
APP = "22222222-0000-4000-8000-000000000001"
KEYS = "/v1/.well-known/keys"
"""Where its keys are, as Microsoft has them."""


def read_sample(app: str, now: Callable[[], float], path: Path = SAMPLE) -> World:
    """Members are named by handle there, and "all" is everybody of the tenant who is no guest."""
    told = yaml.safe_load(path.read_text())
    people = {one["handle"]: Person(**{"tenant": TENANT, **one}) for one in told["people"]}
    own = [one.id for one in people.values() if one.tenant == TENANT and one.role == "user"]
    channels: dict[str, Channel] = {}
    for one in told["channels"]:
        members = [id for name in one["members"] for id in (own if name == "all" else [people[name].id])]
        channels[one["id"]] = Channel(one["id"], one["name"], members)
    return World(TENANT, app, TEAM, people, channels, now=now)
