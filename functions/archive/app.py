"""The journal into its archive, once a day when the clock asks for it; and over HTTP, whether that is whole."""

from dataclasses import asdict
from typing import Any

from copilot.bootstrap import UseCases, with_use_cases
from copilot.edges import http
from copilot.edges.observing import count, logger, observed
from copilot.errors import Conflict, CopilotError, NotAllowed


@observed
@with_use_cases
def handler(event: dict[str, Any], context: Any, use_cases: UseCases) -> http.Response | None:
    """What the clock asked for and failed comes again, and is left with the dead letters, which ring."""
    if "routeKey" in event:
        return look(event, use_cases)
    try:
        archived = use_cases.archive_journal()
    except Conflict as error:  # whoever is at work does it
        logger().info(str(error))
        return None
    except CopilotError as error:
        count("JournalNotArchived")
        logger().error("the journal was not archived", reason=str(error))
        raise
    logger().info("archived the journal", objects=len(archived), entries=sum(head.entries for head in archived))
    return None


def look(event: dict[str, Any], use_cases: UseCases) -> http.Response:
    person = None
    try:
        person = http.caller(event, use_cases.configuration())
        decision = use_cases.policy.may(person, "list_all_runs")
        if decision.outcome != "allow":
            raise NotAllowed(f"the archive of the journal is not yours to look at: {decision.reason}")
        number = str((event.get("queryStringParameters") or {}).get("number", "1"))
        if not number.isdecimal() or not int(number):
            raise http.BadRequest("a number of an object of the archive is asked for", "number")
        looked = use_cases.look_at_archive(int(number))
        told = asdict(looked) | {
            "parts": [head.model_dump(mode="json") for head in looked.parts],
            "waiting": {day.isoformat(): entries for day, entries in looked.waiting.items()},
        }
        answer = http.answer(200, told)
    except CopilotError as error:
        answer = http.refusal(error)
    return http.noted(answer, use_cases.configuration_note(in_full=person is not None))
