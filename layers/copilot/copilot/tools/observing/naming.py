"""Things by their names, wherever they are: a database, a queue, a load balancer whose environment nobody said."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from copilot.domain import Environment, Fixture, Fixtures, Resource, Unreachable
from copilot.errors import Ambiguous, ToolInputError
from copilot.ports import Platform
from copilot.text.listing import listed
from copilot.text.nearness import nearest, squashed
from copilot.text.outside import quoted
from copilot.tools.environments.inventory import might_be_elsewhere, unreachable
from copilot.tools.environments.names import called_so
from copilot.tools.observing.scope import Scope

LOOKED_THROUGH = 30
"""Environments in which is looked for what no sweep knows by name: each is some calls."""
NEAREST = 3


def scope_of_name(
    platform: Platform, said: str, types: Mapping[str, str], figure: str
) -> tuple[Scope, Fixtures | None]:
    """The environment in which something of these types is called so, and what stands beside there where that was
    looked through. Raises ToolInputError where nothing is, Ambiguous where it is in several environments.
    """
    survey = platform.survey()
    there = {one.name: one for one in survey.environments}
    found: list[Resource | Fixture] = [one for one in survey.resources if one.ref.type in types]
    names = [one.name for one in found]
    beside: dict[str, Fixtures] = {}
    hidden: list[Unreachable] = list(survey.unreachable)
    if fixed := [one for one in types if one in platform.fixture_types]:
        for environment in _likeliest(said, survey.environments):
            beside[environment] = platform.fixtures(environment, fixed)
            found += beside[environment].fixtures
            names += [one.name for one in beside[environment].fixtures]
            hidden += [one for one in beside[environment].unreachable if one not in hidden]
            if squashed(said) in map(squashed, names):
                break
    meant = called_so(said, found)
    environments = sorted({one.environment for one in meant})
    if not meant:
        near = nearest(said, sorted({*names}), NEAREST)
        hint = f"; nearest: {', '.join(map(quoted, near))}" if near else ""
        message = f"there is nothing called {quoted(said)} of which {figure} is measured{hint}"
        elsewhere = might_be_elsewhere(unreachable(hidden))
        raise ToolInputError(f"{message}{elsewhere}", near, ours=True, all=not hidden)
    if len(environments) > 1:
        named = listed(list(map(quoted, environments)))
        message = f"{quoted(said)} is in {len(environments)} environments: {named}; which one is meant?"
        raise Ambiguous(message, environments, ours=True)
    (environment,) = environments
    of = tuple(one for one in survey.resources if one.environment == environment)
    return Scope(environment, there[environment].kind, None, of, tuple(hidden)), beside.get(environment)


def _likeliest(said: str, environments: Collection[Environment]) -> Iterator[str]:
    """Names of environments, those first that a name begins with or ends on: mostly it is called after its own."""
    name = squashed(said)
    ordered = sorted(environments, key=lambda one: (squashed(one.name) not in name, one.name))
    yield from [one.name for one in ordered][:LOOKED_THROUGH]
