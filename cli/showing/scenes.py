"""The requests of the demo, each with what has to be true afterwards, in the answer and in the cloud."""

from __future__ import annotations

import re
from collections.abc import Callable

from cli.api.views import RunView
from cli.commands.outbox import Message
from cli.showing.readback import Cloud, Difference
from cli.showing.stage import Stage

CHANNEL = "#platform"


def questions(stage: Stage) -> None:
    """One and, in the same conversation, one that means something only after it."""
    asked = {
        "production": stage.ask("How is the production cluster?"),
        "staging": stage.ask("What about the staging cluster?"),
    }
    changed = stage.changes()
    for kind, run in asked.items():
        stage.expect(
            run.outcome == "succeeded" and _tells_tasks(run.answer or "", kind, stage.cloud),
            f"the tasks it tells of in {kind} are those that run there",
        )
    stage.expect(not changed, "nothing was changed")


def idle(stage: Stage, sent: Callable[[], list[Message]]) -> None:
    before = sent()
    run = stage.ask(f"Stop all idle dev environments and tell {CHANNEL}")
    changed = stage.changes()
    told = [message for message in sent() if message not in before]
    stopped = _stopped_by(run)
    stage.expect(run.outcome == "succeeded" and bool(stopped), "it was done")
    stage.expect(
        _turned_off(changed) == stopped, f"what it says it stopped is what is off now: {', '.join(sorted(stopped))}"
    )
    stage.expect(
        [message.channel for message in told] == [CHANNEL] and all(name in told[0].text for name in stopped),
        f"one message was sent to {CHANNEL}, and names them all",
    )
    for message in told:
        stage.quote(f"{message.channel}: {message.text}")


def denied(stage: Stage) -> None:
    run = stage.ask("Stop the production environment")
    run = stage.decide(run, "deny")
    changed = stage.changes()
    stage.expect(run.outcome == "denied" and not run.effects, "it was denied, and no effect was begun")
    stage.expect(not changed, "nothing was changed")


def approved_and_back(stage: Stage) -> None:
    whole = stage.cloud
    asking = stage.ask("Stop the production environment")
    run = stage.decide(asking, "approve")
    changed = stage.changes()
    stage.expect(run.outcome == "succeeded", "it was done")
    stage.expect(
        _arns(changed) == _approved(asking) and _all_off(changed), "what was approved is off now, and nothing else"
    )
    run = stage.decide(stage.ask("Start it again"), "approve")
    stage.changes()
    stage.expect(run.outcome == "succeeded", "it was done")
    stage.expect(stage.is_as(whole), "everything runs as it did before, in exactly the same numbers")


def _tells_tasks(answer: str, kind: str, cloud: Cloud) -> bool:
    """Whether it speaks of the environment of that kind, and says of each of its services how many tasks run."""
    seen = [one for one in cloud.values() if one.tags.get("kind") == kind]
    services = [(one.name.rpartition("/")[2], one.on) for one in seen if one.kind == "service"]
    told = re.findall(r"^- (\S+)(?: in [^:]+)?: (\d+) of \d+ running$", answer, re.MULTILINE)
    names = {one.environment for one in seen}
    return (
        any(answer.startswith(f"{name} ({kind}): ") for name in names)
        and sorted((name, int(on)) for name, on in told) == sorted(services)
        and f"{sum(on for _, on in services)} of " in answer.partition("\n")[0]
    )


def _stopped_by(run: RunView) -> set[str]:
    """The environments the run's ledger says it stopped."""
    done = {(effect.step, effect.item) for effect in run.effects if effect.state == "done"}
    return {
        str(item.arguments.get("environment_id"))
        for step in run.steps
        for item in step.items
        if step.tool.partition("@")[0] == "stop_environment" and (step.id, item.index) in done
    }


def _turned_off(changed: list[Difference]) -> set[str]:
    """The environments of what changed, if all of that was on and is off now."""
    return {one.resource.environment for one in changed} if _all_off(changed) else set()


def _all_off(changed: list[Difference]) -> bool:
    return all(one.before and one.before.on and one.after and not one.after.on for one in changed)


def _arns(changed: list[Difference]) -> set[str]:
    return {one.resource.arn for one in changed}


def _approved(run: RunView) -> set[str]:
    """The resources an approval said would be stopped."""
    calls = run.approval.calls if run.approval else ()
    return {change.ref.id for call in calls for change in call.preview.changes if change.direction == "stop"}
