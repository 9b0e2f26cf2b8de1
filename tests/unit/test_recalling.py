"""Lists and finding from what was last swept: when they are, what they say of it, and when the cloud is read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from fakes_platform import database, instance, service
from inventory_cases import HERE, NOW, THERE, after
from recalling_cases import CONFIG, FAR, MAIN, Swept, dev, ids

from copilot.config.configuration import Configuration
from copilot.domain import AsSwept, JournalEntry, KnownEnvironment, Plan, Unreachable
from copilot.errors import PermissionDenied, ToolInputError
from copilot.tools.environments.looking import (
    FindEnvironment,
    FindEnvironmentInput,
    ListEnvironments,
    ListEnvironmentsInput,
)

FLEET = (
    service("shop-dev", "web", 2, account=MAIN),
    database("shop-dev", "orders", state="stopped", account=MAIN),
    instance("shop-dev", "batch", account=MAIN),
    instance("shop-dev", "batch", state="stopped", account=MAIN),
    service("shop-dev", "web", 0, account=FAR, region="us-east-1"),
    service("pay-dev", "api", 0, account=MAIN),
    service("live-1", "web", 3, account=FAR, region="us-east-1"),
)


def fleet() -> Swept:
    world = Swept(*FLEET)
    world.platform.kinds["live-1"] = "production"
    world.platform.owners["shop-dev"] = "ann"
    world.sweep()
    return world


def tool(world: Swept, kind: Any = ListEnvironments) -> Any:
    return kind(world._clients(None, "call", None))


def test_a_list_is_what_was_swept_and_says_of_when() -> None:
    world = fleet()
    assert world.told("Which dev environments are there?") == (
        "Environments (2):\n"
        "- pay-dev: development, stopped, 1 service\n"
        "- shop-dev: development, partly running, 2 services, 2 instances, 1 database, owner ann\n\n"
        "Environments as of 09:02 UTC."
    )
    assert world.looked == 0


def test_a_summary_is_the_same_of_the_inventory_and_of_the_cloud() -> None:
    world = fleet()
    swept = tool(world).run(ListEnvironmentsInput())
    read = tool(world).run(ListEnvironmentsInput(now=True))
    assert swept.environments == read.environments
    assert (swept.as_of, read.as_of) == ("Environments as of 09:02 UTC.", "")


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (4, "Environments as of 09:02 UTC."),
        (13, "Environments as of 09:02 UTC, 13 minutes ago."),
        (30, "Environments as of 09:02 UTC, 30 minutes ago."),
        (
            31,
            "Environments as of 09:02 UTC, 31 minutes ago. They are being read again; say “now” to wait for that.",
        ),
        (
            16 * 60,
            "Environments as of 2 March 09:02 UTC, 16 hours ago. "
            "They are being read again; say “now” to wait for that.",
        ),
    ],
)
def test_what_is_older_says_so_and_has_it_swept(minutes: int, said: str) -> None:
    world = fleet()
    assert world.told("list environments", later=minutes).endswith(f"\n\n{said}")
    assert (world.sweeps.looks, world.looked) == ("again" in said, 0)


def test_it_is_asked_for_once_while_it_may_be_under_way() -> None:
    world = fleet()
    world.ask("list environments", later=60)
    for minutes in (1, 3):
        assert "being read again" in world.told("list environments", later=minutes)
    assert world.sweeps.looks == 1
    world.ask("list environments", later=1)
    assert world.sweeps.looks == 2


def test_where_no_sweep_can_be_asked_for_that_is_not_said(monkeypatch: pytest.MonkeyPatch) -> None:
    world = fleet()

    def refuse() -> None:
        raise PermissionDenied("no")

    monkeypatch.setattr(world.sweeps, "ask_whose_turn", refuse)
    assert world.told("list environments", later=60).endswith("as of 09:02 UTC, 1 hour ago.")


@pytest.mark.parametrize(
    "request_",
    [
        "which dev environments are running right now?",
        "Which dev environments are currently running?",
        "list dev environments now",
        "list dev envs at the moment",
        "which dev environments are there at the moment?",
        "list dev environments afresh",
        "list dev environments live",
        "which environments are running now?",
        "how are the dev environments doing right now?",
    ],
)
def test_what_is_asked_of_now_is_read_now(request_: str) -> None:
    world = fleet()
    answer = world.told(request_)
    assert (world.looked, "as of" in answer) == (1, False)


@pytest.mark.parametrize(
    "request_",
    [
        "which environments are running?",
        "list live environments",
        "which of the live environments are running?",
        "which environments do we have?",
        "list the dev environments please",
    ],
)
def test_what_is_not_asked_of_now_is_not(request_: str) -> None:
    world = fleet()
    assert "as of 09:02" in world.told(request_)
    assert world.looked == 0


def test_that_there_is_none_is_never_said_of_an_old_list() -> None:
    world = fleet()
    world.platform.resources += [dev("pr-1"), dev("new-dev")]
    world.platform.kinds["pr-1"] = "preview"
    assert "pr-1: preview" in world.told("which preview environments are there?")
    assert world.looked == 1
    assert ids(tool(world).run(ListEnvironmentsInput(names=("new-dev",))).environments) == ["new-dev"]
    assert tool(world, FindEnvironment).run(FindEnvironmentInput(name="new-dev")).environment.id == "new-dev"
    with pytest.raises(ToolInputError, match="there is no environment 'nowhere'"):
        tool(world, FindEnvironment).run(FindEnvironmentInput(name="nowhere"))


def test_what_is_left_out_by_a_name_that_is_not_known_is_read() -> None:
    world = fleet()
    world.platform.resources.append(dev("new-dev"))
    listed = tool(world).run(ListEnvironmentsInput(kinds=("development",), but=("new-dev",)))
    assert (ids(listed.environments), listed.as_of) == (["pay-dev", "shop-dev"], "")


def test_one_is_found_by_what_was_swept() -> None:
    world = fleet()
    found = tool(world, FindEnvironment).run(FindEnvironmentInput(name="shop dev"))
    assert (found.environment.id, found.as_of, world.looked) == ("shop-dev", "Environments as of 09:02 UTC.", 0)


def test_one_of_several_that_may_be_meant_is_asked_of_the_cloud() -> None:
    world = fleet()
    world.platform.resources = [one for one in world.platform.resources if one.environment != "pay-dev"]
    assert tool(world, FindEnvironment).run(FindEnvironmentInput(name="dev")).environment.id == "shop-dev"


def test_what_could_not_be_read_stays_named_with_what_was_seen_there() -> None:
    world = fleet()
    reason = "AccessDenied"
    world.platform.unreachable = [Unreachable(account=FAR, region="us-east-1", reason=reason)]
    world.sweep()
    answer = world.told("list environments")
    assert "- live-1: production, running, 1 service" in answer
    assert (
        "Could not be read:\n- far (222222222222) in us-east-1 could not be read; what is known of it is as of "
        "09:02 UTC: AccessDenied\n\nEnvironments as of 09:03 UTC."
    ) in answer
    assert world.looked == 0


def test_a_place_that_never_could_be_read_is_named() -> None:
    world = Swept(dev())
    world.platform.unreachable = [Unreachable(account=FAR, region="us-east-1", reason="AccessDenied")]
    world.inventory.forget(THERE)
    world.sweep()
    assert "- far (222222222222) in us-east-1 could not be read: AccessDenied" in world.told("list environments")


def test_where_nothing_could_be_read_anywhere_the_cloud_is_asked() -> None:
    world = Swept(dev())
    world.platform.unreachable = [
        Unreachable(account=account, region=region, reason="no")
        for account, region in ((MAIN, "eu-west-1"), (FAR, "us-east-1"))
    ]
    world.sweep()
    assert world.process.use_cases.recall() is None


def test_until_every_place_was_swept_the_cloud_is_read() -> None:
    world = fleet()
    world.inventory.forget(THERE)
    world.process.use_cases.publish()
    assert "as of" not in world.told("list environments")


@pytest.mark.parametrize("accounts", [CONFIG.accounts[:1], (*CONFIG.accounts, CONFIG.accounts[0])])
def test_where_other_places_are_configured_than_were_swept_the_cloud_is_read(accounts: Any) -> None:
    world = fleet()
    if len(accounts) > 2:
        accounts = (*CONFIG.accounts, CONFIG.accounts[0].model_copy(update={"id": "333333333333"}))
    world.process.config = Configuration(accounts=accounts, people=world.process.config.people)
    assert world.process.use_cases.recall() is None


def test_what_was_kept_before_states_were_is_not_told_from() -> None:
    world = fleet()
    known = world.inventory.known()
    bare = KnownEnvironment(name="old-dev", kind="development", seen_at=NOW)
    world.inventory.publish(lambda: known.model_copy(update={"environments": (*known.environments, bare)}))
    assert world.process.use_cases.recall() is None


def test_what_a_run_stopped_is_never_listed_as_running() -> None:
    world = fleet()
    assert "shop-dev: stopped" in world.told("stop shop-dev")
    for minutes in (0, 5, 300):
        answer = world.told("list environments", later=minutes)
        assert "shop-dev: development, stopped" in answer and "as of" not in answer
    world.sweep()
    answer = world.told("list environments")
    assert "shop-dev: development, stopped" in answer and "as of" in answer


def _changed(world: Swept, state: str, at: float, run: str = "r1", answered: float | None = None) -> None:
    kept: list[tuple[Any, float, Any]] = [
        ("effect", at, {"step": "s", "item": 0, "state": state, "targets": ["shop-dev"]})
    ]
    kept += [] if answered is None else [("answer", answered, {})]
    for kind, minutes, data in kept:
        entry = JournalEntry(
            at=after(minutes), id=f"{run}-{kind}-{state}", kind=kind, run_id=run, person="ann", data=data
        )
        world.store._keep("main", [entry])


@pytest.mark.parametrize(
    ("state", "at", "answered", "read"),
    [
        ("done", 2.1, None, True),
        ("unknown", 2.1, None, True),
        ("done", 1.6, None, True),  # what was read half a minute later may not have shown it yet
        ("done", 1.4, None, False),
        ("done", 1.6, 1.9, False),  # but what was read after it had been verified and answered did
        ("done", 1.6, 2.1, True),
        ("started", 1, None, True),  # it may be at work still
        ("started", -12, None, True),
        ("started", -14, None, False),
        ("failed_clean", 2.1, None, False),
    ],
)
def test_it_is_read_again_where_the_copilot_may_have_changed_it_since(
    state: str, at: float, answered: float | None, read: bool
) -> None:
    """Swept two minutes after nine."""
    world = fleet()
    assert world.clock.now() == after(2)
    _changed(world, state, at, answered=answered)
    assert (world.process.use_cases.recall() is None) == read


def test_what_began_and_ended_has_ended() -> None:
    world = fleet()
    for state in ("started", "done"):
        _changed(world, state, 1, answered=1.5)
    assert world.process.use_cases.recall() is not None


def test_what_another_copilot_changed_is_not_looked_for() -> None:
    world = fleet()
    entry = JournalEntry(
        at=after(3), id="x", kind="effect", run_id="r", person="a", data={"state": "done", "targets": ["shop-dev"]}
    )
    world.store._keep("other", [entry])
    assert world.process.use_cases.recall() is not None


def test_of_a_place_that_was_swept_later_than_another_only_what_came_after_it_counts() -> None:
    world = fleet()
    world.clock.at = after(20)
    world.sweep(HERE)
    _changed(world, "done", 10)
    assert world.process.use_cases.recall() is None, "a part of it is in the other place"
    world.sweep(THERE)
    found = world.process.use_cases.recall()
    assert isinstance(found, AsSwept) and found.at == after(21)


def test_the_oldest_place_says_how_old_it_is() -> None:
    world = fleet()
    world.clock.at += timedelta(minutes=10)
    world.sweep(HERE)
    assert "as of 09:02 UTC" in world.told("list environments")


# --- the age is told, whoever made the plan -----------------------------------------------------------


def planned(answer: str, *steps_: dict[str, Any]) -> Plan:
    return Plan.model_validate({"goal": "test", "steps": steps_, "answer": {"text": answer}})


FOUND = {"id": "find", "tool": "find_environment", "arguments": {"name": "shop-dev"}}
LISTED = {"id": "envs", "tool": "list_environments", "arguments": {}}
EACH = {
    "id": "each",
    "tool": "find_environment",
    "for_each": {"$ref": "envs.environments[].name"},
    "arguments": {"name": {"$item": "@"}},
}
AGE = "Environments as of 09:02 UTC."


@pytest.mark.parametrize(
    ("plan", "told"),
    [
        (planned("It is {find.environment.state}.", FOUND), f"It is partly running.\n\n{AGE}"),
        (planned("{envs.as_of} It is {find.environment.state}.", LISTED, FOUND), f"{AGE} It is partly running."),
        (planned("{length(each)}", LISTED, EACH), f"3\n\n{AGE}"),
        (planned("Done.", LISTED), "Done."),
    ],
    ids=["told", "told-already", "each", "not-shown"],
)
def test_what_is_shown_of_what_was_swept_is_told_with_its_age(plan: Plan, told: str) -> None:
    assert fleet().told(plan) == told


def test_what_was_only_found_by_its_name_is_not_told_to_be_old() -> None:
    world = fleet()
    assert "as of" not in world.told("how is shop-dev?")
    assert world.looked == 0
