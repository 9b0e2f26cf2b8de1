"""Events of the bus, schedules that came due, and what pipelines report.

An execution that ended is answered if nobody has, and the Conversation's next Turn starts; a firing becomes a Run, and
its owner is told where it did not go well; so does what a watch was to do once it came true; reports of deployments
come in batches from a queue and are kept.
"""

import json
from datetime import datetime
from typing import Any

from copilot.bootstrap import UseCases, with_use_cases
from copilot.domain import Run, conversation_of_schedule
from copilot.edges.observing import count, logger, name_run, observed

ENDS = {
    "ABORTED": "it was aborted",
    "TIMED_OUT": "it took longer than a run may",
    "FAILED": "it failed in a way that its steps could not catch",
}


@observed
@with_use_cases
def handler(event: dict[str, Any], context: Any, use_cases: UseCases) -> dict[str, Any] | None:
    if "Records" in event:
        return note_deployments(event["Records"], use_cases)
    ROUTES[event["detail-type"]](event["detail"], use_cases)
    return None


def note_deployments(messages: list[dict[str, Any]], use_cases: UseCases) -> dict[str, Any]:
    """Keep what a batch of the queue reports; says which messages are to come again."""
    noted = use_cases.note_deployments(messages)
    count("DeploymentFacts", noted.facts)
    for message, reason in noted.failed.items():
        count("DeploymentEventsFailed")
        logger().warning("an event was not kept", message_id=message, reason=reason)
    return {"batchItemFailures": [{"itemIdentifier": message} for message in noted.failed]}


def go_on(parked: dict[str, Any], use_cases: UseCases) -> None:
    """A Run that waits for a person holds up no other of its Conversation."""
    name_run(parked["run_id"], parked["conversation"])
    use_cases.ingest.start_next(parked["tenant"], parked["conversation"])
    run = use_cases.store.run(parked["tenant"], parked["run_id"])
    use_cases.tell_owner.of_run(run)
    if run.trigger.reaction is not None:
        use_cases.tell_reaction.of_run(run)


def end_execution(detail: dict[str, Any], use_cases: UseCases) -> None:
    given = json.loads(detail["input"])
    name_run(given["run_id"], given["conversation"])
    run = use_cases.store.run(given["tenant"], given["run_id"])
    if is_lost(run, detail):
        count("RunsLost")
        run = use_cases.reply(run.tenant, run.run_id, ENDS[detail["status"]])
    use_cases.show("answer", given)
    if run.approval_id is not None:
        use_cases.show_decided(run.tenant, run.run_id, run.approval_id)
    use_cases.show_owners(given)
    use_cases.ingest.start_next(run.tenant, run.conversation)
    # Last, so that a message which cannot be sent now keeps nobody waiting; the event comes again.
    use_cases.tell_owner.of_run(run)
    if run.trigger.reaction is not None:
        use_cases.tell_reaction.of_run(run)
    if run.trigger.schedule_id is not None and (paused := use_cases.look_after(run.trigger.schedule_id)) is not None:
        use_cases.tell_owner.of_pause(paused)
    use_cases.sweep_after(run)


def is_lost(run: Run, detail: dict[str, Any]) -> bool:
    """Whether this was the Run's last execution and it ended without an answer.

    Its last is the last that was noted, or a later one: it may have died before its start was noted.
    """
    run_id, _, number = detail["name"].rpartition("-")
    last = run_id == run.run_id and number.isdecimal() and int(number) >= run.execution
    return last and run.status != "answered" and detail["status"] in ENDS


def fire(detail: dict[str, Any], use_cases: UseCases) -> None:
    scheduled_at = datetime.fromisoformat(detail["scheduled_at"])
    firing = use_cases.fire(detail["schedule"], detail["action"], scheduled_at)
    if firing is None:
        return
    if firing.run_id is None:
        count("FiringsNotRun")
        logger().warning("a firing was not run", schedule=firing.schedule, action=firing.action, reason=firing.reason)
        if (paused := use_cases.look_after(firing.schedule)) is not None:
            count("SchedulesPaused")
            use_cases.tell_owner.of_pause(paused)
        else:
            use_cases.tell_owner.of_refusal(firing)
    else:
        count("Firings")
        name_run(firing.run_id, conversation_of_schedule(firing.schedule))


def begin_then(detail: dict[str, Any], use_cases: UseCases) -> None:
    if (run := use_cases.begin_then(detail["watch"])) is not None:
        name_run(run.run_id, run.conversation)


ROUTES = {
    "Watch came true": begin_then,
    "Schedule fired": fire,
    "Run parked": go_on,
    "Step Functions Execution Status Change": end_execution,
}
"""By what the event says it is; one that none is for fails, and stays with the dead letters."""
