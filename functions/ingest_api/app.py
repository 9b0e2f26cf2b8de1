"""Runs and schedules over HTTP: start, look, list, cancel, resume; and a look at approvals."""

from datetime import UTC, datetime
from typing import Any, Literal
from uuid import uuid4

from copilot import api, bootstrap, viewing, viewing_approvals, viewing_schedules
from copilot.errors import CopilotError, NotAllowed
from copilot.model import Person, Trigger
from copilot.observing import count, name_run, observed


@observed
def handler(event: dict[str, Any], context: Any) -> api.Response:
    person = None
    try:
        person = api.caller(event, bootstrap.configuration())
        answer = ROUTES[event["routeKey"]](event, person)
    except CopilotError as error:
        answer = api.refusal(error)
    return api.noted(answer, bootstrap.configuration_note(in_full=person is not None))


def start_run(event: dict[str, Any], person: Person) -> api.Response:
    request = api.read_body(event, api.RunRequest, api.LARGEST_RUN_BODY)
    trigger = Trigger(
        kind=request.kind,
        tenant=tenant(),
        person=person,
        text=request.text,
        # Of its own for each person: what is remembered in it is theirs.
        conversation=conversation(person, request.conversation),
        dedupe_key=request.dedupe_key or uuid4().hex,
        received_at=datetime.now(UTC),
        attachments=request.attachments,
    )
    run, new = bootstrap.ingest()(trigger)
    name_run(run.run_id, run.conversation)
    count("Runs" if new else "RepeatedTriggers")
    status = {"run_id": run.run_id, "status": run.status, "conversation": request.conversation, "repeated": not new}
    return api.answer(202, status)


def show_run(event: dict[str, Any], person: Person) -> api.Response:
    shown = viewing.view_run(bootstrap.store(), tenant(), path_id(event), datetime.now(UTC))
    if (event.get("queryStringParameters") or {}).get("reasoning"):
        shown |= viewing.view_reasoning(bootstrap.store(), tenant(), path_id(event))
    return api.answer(200, shown)


def list_runs(event: dict[str, Any], person: Person) -> api.Response:
    asked = event.get("queryStringParameters") or {}
    if asked.get("all"):
        if bootstrap.policy().may(person, "list_all_runs").outcome != "allow":
            roles = ", ".join(person.roles)
            raise NotAllowed(
                f"the runs of everybody are not yours to list: policy lets no {roles} do that. Those of your own "
                "conversations are listed without asking for all"
            )
        return api.answer(200, {"runs": viewing.view_all_runs(bootstrap.store(), tenant())})
    name = asked.get("conversation", "default")
    return api.answer(200, {"runs": viewing.view_runs(bootstrap.store(), tenant(), conversation(person, name))})


def cancel_run(event: dict[str, Any], person: Person) -> api.Response:
    allow(person, "cancel")
    run = bootstrap.ingest().cancel(tenant(), path_id(event), person)
    return api.answer(202, {"run_id": run.run_id, "status": run.status})


def resume_run(event: dict[str, Any], person: Person) -> api.Response:
    allow(person, "resume")
    run = bootstrap.ingest().resume(tenant(), path_id(event))
    return api.answer(202, {"run_id": run.run_id, "status": run.status})


def show_approval(event: dict[str, Any], person: Person) -> api.Response:
    return api.answer(200, viewing.view_approval(bootstrap.store(), tenant(), path_id(event), datetime.now(UTC)))


def list_approvals(event: dict[str, Any], person: Person) -> api.Response:
    after = (event.get("queryStringParameters") or {}).get("after", "")
    store, policy, now = bootstrap.store(), bootstrap.policy(), datetime.now(UTC)
    return api.answer(200, viewing_approvals.view_approvals(store, policy, tenant(), person, now, after))


def allow(person: Person, action: Literal["cancel", "resume"]) -> None:
    decision = bootstrap.policy().may(person, action)
    if decision.outcome != "allow":
        raise NotAllowed(f"{decision.reason}; nothing was done")


def list_schedules(event: dict[str, Any], person: Person) -> api.Response:
    shown = viewing_schedules.view_schedules(bootstrap.schedules(), bootstrap.store(), tenant(), datetime.now(UTC))
    return api.answer(200, shown)


def show_schedule(event: dict[str, Any], person: Person) -> api.Response:
    schedules, store, now = bootstrap.schedules(), bootstrap.store(), datetime.now(UTC)
    return api.answer(200, viewing_schedules.view_schedule(schedules, store, tenant(), path_id(event), now))


def run_schedule(event: dict[str, Any], person: Person) -> api.Response:
    request = api.read_body(event, api.RunScheduleRequest)
    run = bootstrap.fire().now(path_id(event), request.action, person, request.dedupe_key or uuid4().hex)
    name_run(run.run_id, run.conversation)
    count("Runs")
    return api.answer(202, {"run_id": run.run_id, "status": run.status, "conversation": run.conversation})


def tenant() -> str:
    return bootstrap.configuration().tenant


def conversation(person: Person, name: str) -> str:
    return f"{person.id}/{name}"


def path_id(event: dict[str, Any]) -> str:
    return str(event["pathParameters"]["id"])


ROUTES = {
    "POST /v1/runs": start_run,
    "GET /v1/runs": list_runs,
    "GET /v1/runs/{id}": show_run,
    "POST /v1/runs/{id}/cancel": cancel_run,
    "POST /v1/runs/{id}/resume": resume_run,
    "GET /v1/approvals": list_approvals,
    "GET /v1/approvals/{id}": show_approval,
    "GET /v1/schedules": list_schedules,
    "GET /v1/schedules/{id}": show_schedule,
    "POST /v1/schedules/{id}/run": run_schedule,
}
