"""What is kept of a person or a conversation is deleted: said before, then some at a time, and read again."""

from typing import Any

from copilot.bootstrap import UseCases, with_use_cases
from copilot.domain import Whose
from copilot.edges import http
from copilot.edges.observing import count, logger, observed
from copilot.errors import CopilotError


@observed
@with_use_cases
def handler(event: dict[str, Any], context: Any, use_cases: UseCases) -> http.Response:
    person = None
    try:
        person = http.caller(event, use_cases.configuration())
        request = http.read_body(event, http.DeletionRequest)
        whose = Whose.named(person.id, request.person, request.conversation)
        asked = use_cases.delete_kept if request.confirmed else use_cases.delete_kept.find
        found = asked(person, whose)
        if request.confirmed:
            count("Deletions")
            logger().info("deleted what was kept", by=person.id, left=found.goes)
        told = {"of": whose.in_words, "goes": found.goes, "stays": found.stays, "open": found.open}
        answer = http.answer(200, told)
    except CopilotError as error:
        answer = http.refusal(error)
    return http.noted(answer, use_cases.configuration_note(in_full=person is not None))
