"""HTTP at the edge: what a body must hold, who is calling, and our errors as answers."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import Field, JsonValue, StringConstraints, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from copilot.config.configuration import Configuration
from copilot.domain import (
    MOST_DAYS,
    MOST_TARGETS,
    Asked,
    ChatAddress,
    ConversationName,
    DedupeKey,
    Frozen,
    FrozenScope,
    Person,
    PlatformName,
    ScheduleId,
)
from copilot.domain.misfits import misfit
from copilot.domain.reactions import ReactionName
from copilot.edges.repeating import both_requests, told
from copilot.errors import (
    Conflict,
    CopilotError,
    Expired,
    NotAllowed,
    NotFound,
    NotReady,
    OtherRequest,
    PermissionDenied,
    PlanError,
    RetryableError,
    ToolInputError,
)

LARGEST_BODY = 16_384
LARGEST_RUN_BODY = 655_360  # attachments of 100 KB, each of whose bytes JSON may spell in six
LARGEST_RUNBOOK = 32_768
LARGEST_RUNBOOK_BODY = 6 * LARGEST_RUNBOOK + 1_024
BodyT = TypeVar("BodyT", bound=Frozen)
Response = dict[str, Any]


class RunRequest(Asked):
    """POST /v1/runs."""

    kind: Literal["api", "ci"] = "api"


class DecisionRequest(Frozen):
    """POST /v1/approvals/{id}."""

    decision: Literal["approve", "deny"]
    reason: Annotated[str, Field(max_length=300)] = ""
    leave_out: Annotated[tuple[Annotated[str, Field(min_length=1, max_length=256)], ...], Field(max_length=100)] = ()


class FreezeRequest(Frozen):
    """POST /v1/freezes. `name` is that of the account, environment or person, by name or id; `unseen` takes that of an
    environment as it is written where none of that name was seen yet.
    """

    scope: FrozenScope
    name: Annotated[str, Field(max_length=256)] = ""
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
    unseen: bool = False


class ThawRequest(Frozen):
    """POST /v1/freezes/thaw."""

    scope: FrozenScope
    name: Annotated[str, Field(max_length=256)] = ""


class GrantRequest(Frozen):
    """POST /v1/standing: a standing approval for a schedule's firings, or for a reaction, of at most so many targets
    each time, for so many days.
    """

    schedule: ScheduleId | None = None
    reaction: ReactionName | None = None
    most: Annotated[int, Field(ge=1, le=MOST_TARGETS)]
    days: Annotated[int, Field(ge=1, le=MOST_DAYS)] = 30
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)] = ""

    @model_validator(mode="after")
    def _is_for_one(self) -> Self:
        if (self.schedule is None) == (self.reaction is None):
            raise PydanticCustomError("standing", "it is for a schedule or for a reaction, one of both")
        return self


class TestReactionsRequest(Frozen):
    """POST /v1/reactions/test: what this event would start, and nothing is; `own` as if it came by a rule of one's
    own.
    """

    event: dict[str, JsonValue]
    own: bool = False


class RunScheduleRequest(Frozen):
    """POST /v1/schedules/{id}/run: what a firing would do, at once and under the caller's rights."""

    action: Literal["stop", "start"] = "stop"
    dedupe_key: DedupeKey | None = None


class AddRunbookRequest(Frozen):
    """POST /v1/runbooks. `document` is the runbook in YAML or JSON."""

    document: Annotated[str, Field(min_length=1, max_length=LARGEST_RUNBOOK)]
    dedupe_key: DedupeKey | None = None


class RunRunbookRequest(Frozen):
    """POST /v1/runbooks/{id}/run. Without a version it is the newest."""

    arguments: Annotated[dict[str, JsonValue], Field(max_length=50)] = {}
    version: Annotated[int, Field(ge=1)] | None = None
    conversation: ConversationName = "default"
    dedupe_key: DedupeKey | None = None


class LinkRequest(Frozen):
    """POST /v1/chat/links: a code for the caller; where they are linked already their links are renewed instead, unless
    `another` user is to be linked.
    """

    platform: PlatformName
    another: bool = False


class UnlinkRequest(Frozen):
    """POST /v1/chat/links/unlink."""

    user: ChatAddress


class DeletionRequest(Frozen):
    """POST /v1/kept/delete: what is kept of a person, the caller where none is named, or of a conversation; without
    `confirmed` it is only said what that is.
    """

    person: Annotated[str, Field(min_length=1, max_length=300)] | None = None
    conversation: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    confirmed: bool = False


class BadRequest(CopilotError):
    """A request that cannot be read; `field` names the part of it."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class UnknownCaller(NotAllowed):
    """The configuration has nobody, or nobody with a role, behind the identity that calls: no policy was asked."""


def read_body(event: dict[str, Any], model: type[BodyT], largest: int = LARGEST_BODY) -> BodyT:
    """The body as its type. `largest` is in characters. Raises BadRequest, naming the field."""
    text = event.get("body") or ""
    if event.get("isBase64Encoded"):
        raise BadRequest("the body must be JSON text in UTF-8")
    if len(text) > largest:
        raise BadRequest(f"the body has {len(text)} characters; at most {largest} are read")
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or None
        raise BadRequest(misfit(first) if field else "the body is not a JSON object", field) from None


def caller(event: dict[str, Any], config: Configuration) -> Person:
    """The Person behind the request's verified IAM identity; never what the body says. Raises UnknownCaller."""
    arn = principal(event)
    person = config.person(arn)
    if person is None:
        raise UnknownCaller(
            f"the principal {arn} is not a person of this copilot's configuration; an administrator can add it"
        )
    if not person.roles:
        raise UnknownCaller(f"{person.name} has no role in this copilot's configuration; an administrator can give one")
    return person


def principal(event: dict[str, Any]) -> str:
    """The ARN of the request's verified IAM identity."""
    return str(event["requestContext"]["authorizer"]["iam"]["userArn"])


def answer(status: int, body: Any) -> Response:
    return {"statusCode": status, "headers": {"content-type": "application/json"}, "body": json.dumps(body)}


def noted(response: Response, note: str) -> Response:
    """The answer with something that who asks is to know besides, whatever they asked; as it is where that is ""."""
    return response | {"body": json.dumps(json.loads(response["body"]) | {"notes": [note]})} if note else response


def page(status: int, text: str) -> Response:
    """A few words for a person with a browser."""
    return {"statusCode": status, "headers": OPEN_HEADERS | {"content-type": "text/plain; charset=utf-8"}, "body": text}


def lead_to(location: str) -> Response:
    """On to another address, which nobody is to keep or to tell."""
    return {"statusCode": 302, "headers": OPEN_HEADERS | {"location": location}, "body": ""}


OPEN_HEADERS = {"cache-control": "no-store", "referrer-policy": "no-referrer", "x-robots-tag": "noindex"}
"""Of what anybody may ask for: the address is a secret of whoever was given it."""


STATUSES: dict[type[CopilotError], int] = {
    CopilotError: 500,
    BadRequest: 400,
    ToolInputError: 400,
    NotAllowed: 403,
    NotFound: 404,
    Conflict: 409,
    PlanError: 409,  # a plan that is kept and may not run any more
    Expired: 410,
    PermissionDenied: 502,  # the cloud's refusal, of the copilot
    RetryableError: 503,
    NotReady: 503,
}
"""By class, for those derived from it too."""


def refusal(error: CopilotError) -> Response:
    """An error as an answer a person can act on."""
    if isinstance(error, OtherRequest):
        return answer(409, {"error": {"message": told(error), "field": "dedupe_key"} | both_requests(error)})
    status = next(STATUSES[one] for one in type(error).__mro__ if one in STATUSES)
    field = error.field if isinstance(error, BadRequest) else "caller" if isinstance(error, UnknownCaller) else None
    return answer(status, {"error": {"message": str(error), "field": field}})
