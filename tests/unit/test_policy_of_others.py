"""What holds whatever an installation's policies say: what Advance makes of allow, ask and deny depends on it."""

from __future__ import annotations

from fakes import Look, SwitchOff
from test_policy import DEVELOPER, REGISTRY, target

from copilot.policy.decisions import Policy


def policy(text: str) -> Policy:
    return Policy(REGISTRY, "main", read_only=False, text=text)


def test_a_write_that_is_forbidden_once_it_is_tainted_is_not_asked_for() -> None:
    forbidden = "forbid (principal, action, resource) when { context.tainted };"
    strict = policy(f"permit (principal, action, resource); {forbidden}")
    assert strict.decide(DEVELOPER, SwitchOff, [target("production")], tainted=True).outcome == "deny"
    assert strict.decide(DEVELOPER, SwitchOff, [target("production")]).outcome == "allow"


def test_a_read_is_allowed_or_denied_and_never_asked_for() -> None:
    """There is no preview of a read that a person could look at."""
    asking = policy("permit (principal, action, resource) when { context.approved };")
    assert asking.decide(DEVELOPER, Look, ()).outcome == "deny"
    assert asking.decide(DEVELOPER, SwitchOff, [target("development")]).outcome == "ask"


def test_whoever_cancels_or_resumes_or_approves_does_so_without_an_approval() -> None:
    asking = policy("permit (principal, action, resource) when { context.approved };")
    assert {asking.may(DEVELOPER, "cancel").outcome, asking.may(DEVELOPER, "resume").outcome} == {"deny"}
    assert asking.may_approve(DEVELOPER, [target("development")]).outcome == "deny"
