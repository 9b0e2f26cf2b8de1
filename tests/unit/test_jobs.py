"""What a pipeline's job may do: by its roles, by what its role says that it is, and by its own words, which narrow."""

from __future__ import annotations

import itertools
import json
from typing import Any, get_args

import pytest
from talk_world import Talk
from test_kept_back import LINE, asked
from test_withholding import SHOWN

from copilot.config.configuration import Configuration, KnownPerson
from copilot.domain import ACTS, About, Asked, Job, Kind, OutputClass, Person, ResourceRef, Target, Trigger, Way
from copilot.edges.run_views import view_run
from copilot.edges.withholding import Seer
from copilot.policy.decisions import Policy
from copilot.policy.entities import TenantAction
from copilot.policy.rights import rights_of
from copilot.tools.registry import Registry

REGISTRY = Registry()
POLICY = Policy(REGISTRY, "main", read_only=False)
ALL = ("reader", "developer", "operator", "approver")
KINDS: tuple[Kind, ...] = get_args(Kind)
JOBS: tuple[Job | None, ...] = (None, *get_args(Job))
STRICT = ("deny", "ask", "allow")


def ci(job: Job | None, *roles: str) -> Person:
    return Person(id="ci", name="CI", roles=roles or ("operator",), job=job)


def of(type: str, kind: Kind | None = None) -> Target:
    return Target(ref=ResourceRef(type=type, id="e"), name="e", kind=kind)


def outcome(job: Job | None, tool: str, target: Target, *roles: str) -> str:
    return POLICY.decide(ci(job, *roles), REGISTRY.find(tool), [target]).outcome


CHANGES: dict[Job | None, tuple[str, str, str, str]] = {
    None: ("allow", "allow", "allow", "ask"),
    "main": ("allow", "allow", "allow", "ask"),
    "branch": ("allow", "allow", "ask", "ask"),
    "pull_request": ("ask", "allow", "ask", "ask"),
    "fork": ("deny", "deny", "deny", "deny"),
}
"""What becomes of an operator's change to development, preview, staging, production."""


@pytest.mark.parametrize("job", JOBS)
def test_changes_by_what_the_job_is(job: Job | None) -> None:
    order: tuple[Kind, ...] = ("development", "preview", "staging", "production")
    assert tuple(outcome(job, "stop_environment", of("environment", kind)) for kind in order) == CHANGES[job]


@pytest.mark.parametrize(
    ("tool", "target"),
    [
        ("create_schedule", of("schedule", "development")),
        ("create_schedule", of("schedule", "staging")),
        ("save_runbook", of("runbook")),
        ("watch_and_do", of("watch")),
        ("notify", of("channel")),
        ("stop_environment", of("environment", None)),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_who_is_trusted_less_may_never_do_more(tool: str, target: Target) -> None:
    found = [STRICT.index(outcome(job, tool, target)) for job in JOBS]
    assert found == sorted(found, reverse=True) and found[-1] == STRICT.index("deny")


@pytest.mark.parametrize("way", get_args(Way))
def test_what_nobody_looked_at_leaves_the_organisation_once_somebody_did(way: str) -> None:
    there = of("channel").model_copy(update={"name": f"{way}:customers"})
    assert [outcome(job, "notify", there) for job in JOBS] == ["allow", "allow", "allow", "ask", "deny"]
    inside = there.model_copy(update={"name": "#platform"})
    assert outcome("pull_request", "notify", inside) == "allow"


def test_no_job_approves_nor_speaks_for_others() -> None:
    own: tuple[TenantAction, ...] = (
        "list_all_runs",
        "see_spend_of_others",
        "thaw",
        "export_of_others",
        "delete_of_others",
    )
    for job in JOBS:
        wanted = "allow" if job is None else "deny"
        assert POLICY.may_approve(ci(job, *ALL), [of("environment", "development")]).outcome == wanted
        assert {POLICY.may(ci(job, *ALL), action).outcome for action in own} == {wanted}


def test_a_standing_approval_of_its_schedule_lifts_nothing_from_a_job_that_is_trusted_less() -> None:
    stop, there = REGISTRY.find("stop_environment"), [of("environment", "staging")]
    found = [POLICY.decide(ci(job, "developer"), stop, there, named=["e"]).outcome for job in JOBS]
    assert found == ["allow", "allow", "ask", "ask", "deny"]


def test_what_outlives_a_job_of_a_branch_and_acts_later_is_looked_at_by_a_person() -> None:
    acts = of("watch").model_copy(update={"tags": {ACTS: "then"}})
    for tool, target in (("save_runbook", of("runbook")), ("watch_and_do", acts)):
        assert [outcome(job, tool, target) for job in JOBS] == ["allow", "allow", "ask", "ask", "deny"]
    assert outcome("branch", "start_watch", of("watch")) == "allow"


@pytest.mark.parametrize("job", JOBS)
def test_a_job_cancels_its_own_run_whatever_it_is(job: Job | None) -> None:
    assert POLICY.may(ci(job, "reader"), "cancel", own=True).outcome == "allow"
    assert POLICY.may(ci(job, "reader"), "cancel").outcome == "deny"


def test_a_fork_is_answered_with_status_of_what_is_no_production() -> None:
    for shows, kind in itertools.product(get_args(OutputClass), (*KINDS, None)):
        shown = POLICY.may_show(ci("fork"), About(shows=shows, kind=kind), "direct").outcome == "allow"
        assert shown == (shows == "status" and kind != "production")
    assert POLICY.may_show(ci("pull_request"), About(shows="logs", kind="production"), "direct").outcome == "allow"


def test_what_a_job_may_do_is_what_it_is_told() -> None:
    assert rights_of(ci("fork"), POLICY, REGISTRY).changes["development"] == "deny"
    assert rights_of(ci("main"), POLICY, REGISTRY).changes["development"] == "allow"


@pytest.mark.parametrize(("role", "own"), [*itertools.product(get_args(Job), (None, *get_args(Job)))])
def test_what_it_is_comes_from_its_role_and_its_own_words_only_narrow(role: Job, own: Job | None) -> None:
    arn = "arn:aws:sts::111122223333:assumed-role/ci"
    known = KnownPerson(id="ci", name="CI", principals=(f"{arn}/*",), roles=("operator",), job=role)
    config = Configuration(accounts=(), people=(known,))
    person = config.person(f"{arn}/github-1-1")
    assert person is not None and person.job == role
    now = Talk().clock.now()
    trigger = Trigger.asked(Asked(text="stop dev", kind="ci", job=own), "main", person, now)
    order = [None, *get_args(Job)]
    wanted = order[max(order.index(role), order.index(own))]
    assert trigger.person.job == wanted
    assert config.current(trigger.person).job == wanted
    # A role that is trusted less meanwhile holds for what was asked before.
    later = Configuration(accounts=(), people=(known.model_copy(update={"job": "fork"}),))
    assert later.current(trigger.person).job == "fork"


def test_a_fork_that_says_it_is_main_stops_nothing() -> None:
    world = Talk()
    config = world.process.use_cases.configuration()
    people = [one.model_copy(update={"job": "fork"}) if one.id == "ana" else one for one in config.people]
    world.process.config = config.model_copy(update={"people": tuple(people)})
    before = world.cloud
    view = world.say("stop basket")
    assert view["outcome"] == "denied" and world.cloud == before
    assert "forks-change-nothing" in json.dumps(view["steps"])


# --- where everybody reads who sees the repository -----------------------------------------------


def for_others(one: Any, into: Any, person: Person) -> dict[str, Any]:
    process = one.process
    seer = Seer(person, Policy(process.registry, "main", read_only=False), process.registry, into)
    return view_run(process.store, "main", one.run_id, process.clock.now(), seer=seer)


@pytest.mark.parametrize("into", ["channel", "named", "shared"])
def test_a_summary_holds_what_such_a_place_may_though_who_asked_has_all_of_it(into: str) -> None:
    one = asked("production", answer=SHOWN)
    asker = Person(id=one.view["person"], name="x", roles=ALL)
    assert LINE in json.dumps(one.view)
    view = for_others(one, into, asker)
    assert LINE not in json.dumps(view) and view["answer"] is None
    assert view["withheld"].startswith("Not shown here, where others read, is what tells of logs of production")
    assert view["outcome"] == "succeeded"


def test_what_a_job_says_that_it_is_narrows_what_it_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    one = asked("production", answer=SHOWN)
    asker = Person(id=one.view["person"], name="x", roles=ALL)
    store, run = one.process.store, one.process.store.run("main", one.run_id)
    as_a_fork = run.model_copy(
        update={"trigger": run.trigger.model_copy(update={"person": run.trigger.person.narrowed("fork")})}
    )
    record = store.load_run("main", one.run_id)
    monkeypatch.setattr(store, "load_run", lambda *of, **so: record._replace(run=as_a_fork))
    view = for_others(one, None, asker)
    assert LINE not in json.dumps(view) and view["answer"] is None
    assert "logs of production" in view["withheld"]
