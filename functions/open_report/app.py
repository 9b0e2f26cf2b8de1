"""The one route that anybody may call: a short link to a report leads on to the file, while the link is good."""

from typing import Any

from copilot.bootstrap import UseCases, with_use_cases
from copilot.edges import http
from copilot.edges.observing import count, observed
from copilot.errors import CopilotError, Expired, NotFound


@observed
@with_use_cases
def handler(event: dict[str, Any], context: Any, use_cases: UseCases) -> http.Response:
    try:
        location = use_cases.open_report(str(event["pathParameters"]["token"]))
    except NotFound:
        return http.page(404, "There is no report at this address. Copy the whole link, or ask for the report again.")
    except Expired as error:
        return http.page(410, f"{error} Ask for the report again, and you get new links.")
    except CopilotError:
        return http.page(503, "The report cannot be opened just now. Try again in a minute.")
    count("ReportsOpened")
    return http.lead_to(location)
