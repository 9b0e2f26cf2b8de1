"""Who may do what, by the default policies."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from fakes import TOOLS, SwitchOff

from copilot.domain import Kind, Person, ResourceRef, Target
from copilot.errors import FatalError
from copilot.policy.decisions import Policy
from copilot.tools.registry import Entry, Registry

READER, DEVELOPER, OPERATOR, APPROVER = (
    Person(id=role, name=role, roles=(role,)) for role in ("reader", "developer", "operator", "approver")
)
NOBODY = Person(id="nobody", name="nobody")


class Wreck(SwitchOff):
    name = "wreck"
    effect = "destroy"


REGISTRY = Registry([*TOOLS, Wreck])
POLICY = Policy(REGISTRY, "main", read_only=False)


def target(kind: Kind | None) -> Target:
    return Target(ref=ResourceRef(type="environment", id="e"), name="e", kind=kind)


def outcome(person: Person, tool: str, kind: Kind | None) -> str:
    return POLICY.decide(person, REGISTRY.find(tool), [target(kind)]).outcome


@pytest.mark.parametrize(
    ("person", "kind", "expected"),
    [
        (DEVELOPER, "development", "allow"),
        (DEVELOPER, "preview", "allow"),
        (DEVELOPER, "staging", "ask"),
        (DEVELOPER, "production", "ask"),
        (DEVELOPER, None, "ask"),
        (OPERATOR, "staging", "allow"),
        (OPERATOR, "production", "ask"),
        (READER, "development", "deny"),
        (APPROVER, "development", "deny"),
        (NOBODY, "development", "deny"),
    ],
)
def test_writes_by_role_and_kind(person: Person, kind: Kind | None, expected: str) -> None:
    assert outcome(person, "switch_off", kind) == expected


@pytest.mark.parametrize(("person", "expected"), [(OPERATOR, "ask"), (DEVELOPER, "deny"), (READER, "deny")])
def test_destroying_always_asks(person: Person, expected: str) -> None:
    assert outcome(person, "wreck", "preview") == expected
    assert outcome(person, "delete_environment", "preview") == expected


@pytest.mark.parametrize("kind", ["development", "staging", "production", None])
def test_no_environment_but_a_preview_is_destroyed_whoever_approves(kind: Kind | None) -> None:
    for person in (READER, DEVELOPER, OPERATOR, Person(id="all", name="all", roles=("operator", "approver"))):
        assert outcome(person, "wreck", kind) == outcome(person, "delete_environment", kind) == "deny"


@pytest.mark.parametrize(
    ("person", "expected"), [(READER, "deny"), (DEVELOPER, "ask"), (OPERATOR, "ask"), (APPROVER, "deny")]
)
def test_what_may_not_be_shown_where_it_goes_is_sent_with_an_approval_alone(person: Person, expected: str) -> None:
    notify = Registry().find("notify")
    channel = Target(ref=ResourceRef(type="channel", id="#team"), name="#team")
    policy = Policy(Registry(), "main", read_only=False)
    assert policy.decide(person, notify, [channel], private=True).outcome == expected
    # No standing approval has seen what it tells.
    assert policy.decide(person, notify, [channel], private=True, named=["#team"]).outcome == expected
    assert policy.decide(person, notify, [channel]).outcome == ("allow" if expected == "ask" else "deny")
    assert Policy(Registry(), "main", read_only=True).decide(person, notify, [channel], private=True).outcome == "deny"


@pytest.mark.parametrize(
    ("person", "expected"), [(READER, "allow"), (OPERATOR, "allow"), (APPROVER, "deny"), (NOBODY, "deny")]
)
def test_reads_need_a_role(person: Person, expected: str) -> None:
    assert POLICY.decide(person, REGISTRY.find("look"), ()).outcome == expected


def test_the_strictest_target_decides() -> None:
    for kinds in itertools.permutations(["development", "production", "preview"]):
        decision = POLICY.decide(DEVELOPER, SwitchOff, [target(kind) for kind in kinds])  # type: ignore[arg-type]
        assert decision.outcome == "ask"
        assert "production environment e" in decision.reason


def test_a_write_on_nothing_is_denied() -> None:
    assert POLICY.decide(OPERATOR, SwitchOff, []).outcome == "deny"


def test_read_only_forbids_every_write_also_an_approved_one() -> None:
    policy = Policy(REGISTRY, "main", read_only=True)
    for kind in ("development", "production"):
        decision = policy.decide(OPERATOR, SwitchOff, [target(kind)])
        assert (decision.outcome, decision.policies) == ("deny", ("read-only",))


def test_what_may_only_be_asked_changes_nothing_and_never_widens_an_installation_that_only_reads() -> None:
    for read_only in (False, True):
        policy = Policy(REGISTRY, "main", read_only)
        for asked in (False, True):
            decision = policy.decide(OPERATOR, SwitchOff, [target("development")], read_only=asked)
            assert decision.outcome == ("deny" if read_only or asked else "allow")
            standing = policy.decide(OPERATOR, SwitchOff, [target("staging")], read_only=asked, named=["e"])
            assert (standing.outcome == "deny") is (read_only or asked)


def test_approving_is_a_right_of_its_own() -> None:
    assert POLICY.may_approve(APPROVER, [target("production")]).outcome == "allow"
    assert POLICY.may_approve(OPERATOR, [target("production")]).outcome == "deny"


def test_an_approver_is_asked_about_every_target() -> None:
    """Many at once, as many of one id as there are, and one that may not be approved among them."""
    only_development = 'permit (principal, action == Action::"approve", resource is Environment) when '
    policy = Policy(REGISTRY, "main", False, text=only_development + '{ resource.kind == "development" };')
    refs = [ResourceRef(type="environment", id=str(number)) for number in range(9)]
    named = [target("development").model_copy(update={"ref": ref}) for ref in refs]
    assert policy.may_approve(APPROVER, named * 2).outcome == "allow"
    for place in (0, 4, 9):
        several = [*named[:place], target("production"), *named[place:]]
        assert policy.may_approve(APPROVER, several).reason.endswith("on production Environment e")
    # The same one, looked at twice, of another kind each time: the stricter look counts.
    assert policy.may_approve(APPROVER, [target("development"), target("production")]).outcome == "deny"
    assert policy.may_approve(APPROVER, [target("production"), target("development")]).outcome == "deny"


@pytest.mark.parametrize(
    ("person", "expected"),
    [(READER, "deny"), (DEVELOPER, "deny"), (OPERATOR, "allow"), (APPROVER, "allow"), (NOBODY, "deny")],
)
def test_the_runs_of_everybody_are_listed_for_operators_and_approvers(person: Person, expected: str) -> None:
    assert POLICY.may(person, "list_all_runs").outcome == expected


@pytest.mark.parametrize(
    "text",
    [
        'permit (principal, action == Action::"fly", resource);',
        "permit (principal, action, resource) when { resource.size > 1 };",
    ],
)
def test_policies_that_do_not_fit_the_schema_are_refused_when_loaded(text: str) -> None:
    with pytest.raises(FatalError, match="do not fit the schema"):
        Policy(REGISTRY, "main", read_only=False, text=text)


def test_a_policy_that_errs_is_a_denial() -> None:
    erring = """
    permit (principal, action, resource);
    forbid (principal, action, resource) when { 9223372036854775807 + (if context.approved then 1 else 1) > 0 };
    """
    policy = Policy(REGISTRY, "main", read_only=False, text=erring)
    assert policy.decide(OPERATOR, SwitchOff, [target("development")]).outcome == "deny"


@pytest.mark.parametrize("type", ["light", "channel", "tenant", "role", ""])
def test_a_target_of_another_type_than_the_tools_is_denied(type: str) -> None:
    other = Target(ref=ResourceRef(type=type, id="e"), name="e", kind="development")
    assert POLICY.decide(OPERATOR, SwitchOff, [other]).outcome == "deny"


@pytest.mark.parametrize("type", ["light", "tenant", "role", ""])
def test_a_target_of_no_type_there_is_cannot_be_approved(type: str) -> None:
    other = Target(ref=ResourceRef(type=type, id="e"), name="e", kind="development")
    assert POLICY.may_approve(APPROVER, [other]).outcome == "deny"


@pytest.mark.parametrize(("effect", "resource"), [("fly", "Environment"), ("write", "Spaceship")])
def test_a_tool_of_no_effect_there_is_or_on_nothing_there_is_is_refused_when_loaded(effect: Any, resource: Any) -> None:
    with pytest.raises(FatalError, match=r"do not fit the schema.*(fly|Spaceship)"):
        Policy(Registry(entries={"odd@1": Entry("any:Odd", effect, resource)}), "main", read_only=False)
