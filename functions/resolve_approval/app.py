"""A person's decision on an approval, over HTTP."""

from typing import Any

from copilot import api, bootstrap
from copilot.errors import CopilotError
from copilot.model import Person
from copilot.observing import count, name_run, observed


@observed
def handler(event: dict[str, Any], context: Any) -> api.Response:
    person = None
    try:
        config = bootstrap.configuration()
        person = api.caller(event, config)
        answer = decide(event, config.tenant, person)
    except CopilotError as error:
        answer = api.refusal(error)
    return api.noted(answer, bootstrap.configuration_note(in_full=person is not None))


def decide(event: dict[str, Any], tenant: str, person: Person) -> api.Response:
    request = api.read_body(event, api.DecisionRequest)
    approval_id = str(event["pathParameters"]["id"])
    approval = bootstrap.approve()(tenant, approval_id, person, request.decision, request.reason)
    name_run(approval.run_id, bootstrap.store().run(tenant, approval.run_id).conversation)
    count("Approved" if approval.state == "approved" else "Denied")
    return api.answer(200, approval.model_dump(mode="json"))
