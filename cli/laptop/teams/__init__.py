"""Teams on this machine, for who has no tenant, and the tests: it judges what is sent to it as Teams does."""

from cli.laptop.teams.sample import APP, TEAM, TENANT
from cli.laptop.teams.teams import SECRET, Teams
from cli.laptop.teams.world import Message, Person

__all__ = ["APP", "SECRET", "TEAM", "TENANT", "Message", "Person", "Teams"]
