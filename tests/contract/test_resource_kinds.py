"""What every kind of resource that AWS has promises, and that the template of the roles holds it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, get_args

import pytest
import test_aws_power
import test_aws_stopping
from aws_accounts import DEV, REGION, Cloud, account, simulated
from managed_account import PACKS, TEMPLATE, action_of, allowed, given_by

from copilot.adapters import aws
from copilot.adapters.aws import fixtures, resources
from copilot.adapters.aws.fixtures import fixture_kinds, tagged
from copilot.adapters.aws.resources import kinds
from copilot.adapters.aws.resources.stoppable import Stoppable
from copilot.adapters.aws.session_policies import TAGGING
from copilot.adapters.aws.sessions import ReadSessions
from copilot.domain import Change, Resource, ResourceRef, Tier, WritePack

MODULES = {
    found.name: module
    for found in iter_modules(aws.__path__, f"{aws.__name__}.")
    if hasattr(module := import_module(found.name), "READS")
}
BESIDE_KINDS = {name: module.READS for name, module in MODULES.items() if not hasattr(module, "PACK")}
"""What modules of the adapter read that are no kinds, by module; each declares it as READS, and the pack as PACK where
one has to be on for it.
"""
BESIDE_KINDS |= {tagged.__name__: tagged.READS, **{one.type: one.reads for one in fixture_kinds().values()}}
"""Those of what is only looked at too, by type."""
KINDS = list(kinds().values())
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.type.name)


STOP_START: tuple[dict[str, Any], ...] = (
    {"action": "stop"},
    {"action": "start"},
    {"action": "scale", "size": 0},
    {"action": "scale", "size": 1},
)
OF_PACK: dict[WritePack, tuple[dict[str, Any], ...]] = {
    "restart": ({"action": "restart"},),
    "scale": ({"action": "resize", "size": 2},),
}
"""What a pack is for."""


def written(kind: Stoppable, asked: Sequence[dict[str, Any]] = STOP_START) -> set[str]:
    """The actions that these changes of one need, with something it uses besides."""
    ref = ResourceRef(type=kind.type.name, id="arn:aws:any:eu-west-1:111111111111:one/of-it")
    changes = [Change(ref=ref, name="one", before="", after="", uses=("arn:aws:any:::used",), **one) for one in asked]
    return {permission.action for change in changes for permission in kind.permissions(change)}


@each_kind
def test_the_read_role_allows_what_a_kind_says_it_reads(kind: Stoppable) -> None:
    missing = sorted(kind.reads - allowed("ReadRole").actions)
    assert not missing, f"{kind.type.name} reads with {missing}: add these to ReadRole in samplefiles/{TEMPLATE.name}"


@pytest.mark.parametrize("module", BESIDE_KINDS)
def test_the_read_role_allows_what_a_module_says_it_reads(module: str) -> None:
    missing = sorted(BESIDE_KINDS[module] - allowed("ReadRole").actions)
    assert not missing, f"{module} reads with {missing}: add these to ReadRole in samplefiles/{TEMPLATE.name}"


@pytest.mark.parametrize("pack", PACKS)
def test_a_pack_allows_what_its_modules_read_and_nothing_else(pack: str) -> None:
    needed = {action for one in MODULES.values() if getattr(one, "PACK", None) == pack for action in one.READS}
    assert needed - allowed("ReadRole").actions == given_by(pack) or not needed, (
        f"{pack} in samplefiles/{TEMPLATE.name}"
    )


@pytest.mark.parametrize("pack", OF_PACK)
def test_a_pack_allows_the_changes_it_is_for_and_nothing_else(pack: WritePack) -> None:
    needed = {action for kind in KINDS for action in written(kind, OF_PACK[pack])}
    assert needed == given_by(pack), f"{pack} in samplefiles/{TEMPLATE.name}"


@each_kind
def test_the_write_role_allows_what_stopping_and_starting_a_kind_needs(kind: Stoppable) -> None:
    missing = sorted(written(kind) - allowed("WriteRole").actions)
    assert not missing, f"{kind.type.name} writes with {missing}: add these to WriteRole in samplefiles/{TEMPLATE.name}"


@each_kind
def test_of_tags_the_write_role_may_write_its_own_alone(kind: Stoppable) -> None:
    tagging = {action for action in written(kind) if TAGGING.search(action)}
    loose = sorted(tagging - allowed("WriteRole").own_tags_only)
    assert tagging, f"{kind.type.name} notes nowhere what it stopped"
    assert not loose, f"{loose}: allow these only with aws:TagKeys of the copilot's own in samplefiles/{TEMPLATE.name}"


def test_without_its_pack_nothing_is_rebooted() -> None:
    assert not {"ec2:RebootInstances", "rds:RebootDBInstance"} & allowed("WriteRole").actions


def test_the_roles_allow_nothing_that_nobody_says_is_needed() -> None:
    read = frozenset[str]().union(*(kind.reads for kind in KINDS), *BESIDE_KINDS.values())
    write = {action for kind in KINDS for action in written(kind)}
    assert allowed("ReadRole").actions - read == set(), "no kind's `reads`, and no module's READS, has these"
    assert allowed("WriteRole").actions - write == set(), "no kind's `permissions` names these"


@each_kind
def test_a_kind_is_part_of_one_that_there_is(kind: Stoppable) -> None:
    assert kind.part_of in {"", *kinds()} - {kind.type.name}


def made() -> Iterator[tuple[Cloud, Resource]]:
    """One of each, in an account of its own, by those that test stopping and starting it."""
    for param in (*test_aws_power.MAKERS, *test_aws_stopping.MAKERS):
        make: Any = param.values[0]
        with simulated() as cloud:
            yield cloud, make(cloud)


def test_every_kind_is_stopped_and_started_on_a_simulated_aws() -> None:
    missing = sorted(kinds().keys() - {one.ref.type for _, one in made()})
    assert not missing, f"add {missing} to MAKERS of test_aws_power.py, or of test_aws_stopping.py if it has limits"


def test_whatever_a_kind_reads_it_says_it_reads() -> None:
    for cloud, one in made():
        kind, sessions = kinds()[one.ref.type], ReadSessions((account(),), "run-1", cloud.factory(), cloud.clock)
        cloud.requests.clear()
        for environment in (None, one.environment):
            assert list(kind.survey(partial(sessions.client, DEV, REGION), cloud.place(account(), environment)))
        list(kind.sizes([one], partial(sessions.client, DEV, REGION), REGION))
        with suppress(NotImplementedError):  # moto has not all of these; what is asked for is noted nevertheless
            list(kind.events(one, partial(sessions.client, DEV, REGION)))
        asked = {action_of(name) for name, _ in cloud.requests if not name.startswith("STS.")}
        assert asked and asked <= kind.reads, f"{kind.type.name}: its `reads` lacks {sorted(asked - kind.reads)}"


def test_no_two_kinds_have_one_name_or_one_noun() -> None:
    assert len({kind.type.noun for kind in KINDS}) == len(KINDS)
    assert len({type(kind) for kind in KINDS}) == len(KINDS)


def test_a_module_that_declares_a_kind_is_found() -> None:
    """Wherever one is made: a kind whose module nobody lists would be left alone without a word."""
    folder = Path(*resources.__path__)
    declaring = {path.stem for path in folder.glob("*.py") if "\nKIND = " in path.read_text()}
    assert declaring == {type(kind).__module__.rpartition(".")[2] for kind in KINDS}
    made = {path.stem for path in folder.glob("*.py") if "type = ResourceType(" in path.read_text()}
    assert made == declaring, "a module declares a type and has no KIND"


def test_a_module_that_declares_what_is_only_looked_at_is_found() -> None:
    declaring = {path.stem for path in Path(*fixtures.__path__).glob("*.py") if "(FixtureKind):" in path.read_text()}
    assert declaring == {type(kind).__module__.rpartition(".")[2] for kind in fixture_kinds().values()}
    nouns = [*(kind.type.noun for kind in KINDS), *(kind.noun for kind in fixture_kinds().values())]
    assert len(set(nouns)) == len(nouns)


def test_nothing_that_is_only_looked_at_can_be_changed() -> None:
    """The write role knows nothing of their services: there is no call by which one could be stopped."""
    services = {action.partition(":")[0] for action in allowed("WriteRole").actions}
    assert not services & {"lambda", "dynamodb", "elasticache", "eks", "elasticloadbalancing", "sqs"}


def test_what_uses_comes_before_what_it_uses() -> None:
    assert [kind.type.tier for kind in KINDS] == sorted((kind.type.tier for kind in KINDS), key=get_args(Tier).index)
