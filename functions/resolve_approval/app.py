"""A person's decision on an approval, over HTTP."""

from typing import Any

from copilot import api, bootstrap
from copilot.errors import CopilotError
from copilot.observing import count, name_run, observed


@observed
def handler(event: dict[str, Any], context: Any) -> api.Response:
    try:
        config = bootstrap.configuration()
        person = api.caller(event, config)
        request = api.read_body(event, api.DecisionRequest)
        approval_id = str(event["pathParameters"]["id"])
        approval = bootstrap.approve()(config.tenant, approval_id, person, request.decision, request.reason)
    except CopilotError as error:
        return api.refusal(error)
    name_run(approval.run_id, bootstrap.store().run(config.tenant, approval.run_id).conversation)
    count("Approved" if approval.state == "approved" else "Denied")
    return api.answer(200, approval.model_dump(mode="json"))
