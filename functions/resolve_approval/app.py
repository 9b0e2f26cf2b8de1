"""A person's decision on an approval, and on what a schedule may do without one, over HTTP."""

from typing import Any

from copilot.bootstrap import UseCases, with_use_cases
from copilot.domain import Person
from copilot.edges import http
from copilot.edges.observing import count, name_run, observed
from copilot.errors import CopilotError


@observed
@with_use_cases
def handler(event: dict[str, Any], context: Any, use_cases: UseCases) -> http.Response:
    person = None
    try:
        config = use_cases.configuration()
        person = http.caller(event, config)
        answer = ROUTES[event["routeKey"]](event, config.tenant, person, use_cases)
    except CopilotError as error:
        answer = http.refusal(error)
    return http.noted(answer, use_cases.configuration_note(in_full=person is not None))


def decide(event: dict[str, Any], tenant: str, person: Person, use_cases: UseCases) -> http.Response:
    request = http.read_body(event, http.DecisionRequest)
    approval_id = str(event["pathParameters"]["id"])
    approval = use_cases.approve(tenant, approval_id, person, request.decision, request.reason, request.leave_out)
    run = use_cases.store.run(tenant, approval.run_id)
    name_run(run.run_id, run.conversation)
    use_cases.show_decided(tenant, run.run_id, approval.id)
    count("Approved" if approval.state == "approved" else "Denied")
    return http.answer(200, approval.model_dump(mode="json"))


def grant(event: dict[str, Any], tenant: str, person: Person, use_cases: UseCases) -> http.Response:
    request = http.read_body(event, http.GrantRequest)
    asked = request.most, request.days, request.reason
    if request.reaction is not None:
        granted = use_cases.grant.to_reaction(person, request.reaction, *asked)
    else:
        granted = use_cases.grant(person, request.schedule or "", *asked)
    count("StandingGranted")
    return http.answer(200, granted.model_dump(mode="json"))


def revoke(event: dict[str, Any], tenant: str, person: Person, use_cases: UseCases) -> http.Response:
    revoked = use_cases.grant.revoke(person, str(event["pathParameters"]["id"]))
    count("StandingRevoked")
    return http.answer(200, revoked.model_dump(mode="json"))


ROUTES = {
    "POST /v1/approvals/{id}": decide,
    "POST /v1/standing": grant,
    "POST /v1/standing/{id}/revoke": revoke,
}
