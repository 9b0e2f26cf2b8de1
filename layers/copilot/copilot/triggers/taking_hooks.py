"""What code hosts tell: how pipelines and deployments went, which is kept; and comments, which are asked by people.

Everything may come again. Facts are a set; a comment is a Run by the comment's own number, and none once it is old.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from pydantic import JsonValue

from copilot.config.configuration import Configuration, Repository
from copilot.domain import MOST_TEXT, Asked, Commented, Delivery, Hook, Person, Trigger, digest
from copilot.domain.deployments import DeploymentFact
from copilot.domain.occurrences import FAILED_DEPLOYMENT, FAILED_PIPELINE
from copilot.errors import Conflict, NotFound, PermissionDenied, ToolInputError
from copilot.ports import Clock, CodeHosts, DeliveryQueue, Deployments
from copilot.triggers.commenting import comment_of
from copilot.triggers.pipelines import github, gitlab
from copilot.triggers.pipelines.hook import Read
from copilot.triggers.pressing import Ingest

FRESH = timedelta(hours=1)
"""So old a comment may be when it comes in: one that is older was sent again by somebody."""
COMMENTS = frozenset({"issue_comment", "Note Hook"})
_READ: Mapping[str, Read] = github.EVENTS | gitlab.EVENTS
_SAID_BESIDE = {
    "workflow_run": "workflow_run",
    "workflow_job": "workflow_job",
    "deployment": "deployment",
    "deployment_status": "deployment_status",
    "issue_comment": "comment",
}
"""What the payload of each event of GitHub's holds. Its name stands in a header that nobody signed."""
_KINDS = {"Pipeline Hook": "pipeline", "Job Hook": "build", "Deployment Hook": "deployment", "Note Hook": "note"}
"""What the payload of each of GitLab's says it is."""
DEPLOYMENT = "deployment/"
"""What the id of a deployment begins with that is the host's own, and none of a pipeline's runs."""
GREETING = "Ask me what you want to know, such as: /copilot why did the last deployment fail?"
NOT_IN_PUBLIC = (
    "Others may read along here, so I say nothing of what runs, whoever asks. Ask me in the chat, or with "
    "`devops-copilot ask`."
)
TOO_LONG = "That has {length:,} characters, and I read at most {most:,}. Nothing was done: say it shorter."
Taken = Literal["facts", "comment", "nothing", "not ours"]


@dataclass(frozen=True)
class TakeHook:
    """`hosts` gives what reads the code hosts; `hand_on` hands an event on to what reactions answer to."""

    deployments: Deployments
    ingest: Ingest
    queue: DeliveryQueue
    hosts: Callable[[], CodeHosts]
    config: Configuration
    clock: Clock
    hand_on: Callable[[dict[str, JsonValue]], None]

    def __call__(self, hook: Hook) -> Taken:
        """What it was. Raises RetryableError where it is to come again, ToolInputError for what no host sends, and
        whatever is wrong with the copilot itself.
        """
        with _as_it_says():
            if not _is_what_it_says(hook):
                raise ValueError
            comment = comment_of(hook) if hook.event in COMMENTS else None
        if hook.event in COMMENTS:
            return self._asked(comment, hook) if comment else "nothing"
        return self._told(hook)

    def _told(self, hook: Hook) -> Taken:
        with _as_it_says():
            id = _repository_of(hook)
        host = self.config.code_host(hook.platform)
        repository = host.repository(id) if host else None
        if repository is None or repository.service is None:
            return "not ours"
        with _as_it_says():
            facts: list[DeploymentFact] = list(_READ[hook.event](hook.payload, repository))
        if facts:
            self.deployments.record(facts)
        for event in failures_in(facts, repository):
            self.hand_on(event)
        return "facts" if facts else "nothing"

    # what people ask

    def _asked(self, comment: Commented, hook: Hook) -> Taken:
        """Of nobody but whom the configuration names and the host says may write there: nobody else hears anything."""
        host, person = self.config.code_host(hook.platform), self.config.person_on_code_host(comment.user)
        if host is None or host.repository(int(comment.where.place)) is None or host.comment_token is None:
            return "not ours"
        if person is None or not person.roles or not -FRESH <= hook.received_at - comment.at <= FRESH:
            return "nothing"
        try:
            if not self.hosts().may_write(comment):
                return "nothing"
            place = self.hosts().place(comment.where)
        except (NotFound, PermissionDenied):
            return "nothing"
        if place.shared:
            self._say(comment, NOT_IN_PUBLIC)
        elif not comment.text:
            self._say(comment, GREETING)
        elif len(comment.text) > MOST_TEXT:
            self._say(comment, TOO_LONG.format(length=len(comment.text), most=MOST_TEXT))
        else:
            self._ask(comment, person)
        return "comment"

    def _ask(self, comment: Commented, person: Person) -> None:
        asked = Asked(text=comment.text, dedupe_key=comment.key, kind="chat")
        now, where = self.clock.now(), comment.where
        trigger = Trigger.asked(asked, self.config.tenant, person, now, where, comment.user)
        try:
            self.ingest(trigger.model_copy(update={"read_only": True}))
        except Conflict:  # it was taken with other words before
            return

    def _say(self, comment: Commented, text: str) -> None:
        told = Delivery(kind="remark", tenant=self.config.tenant, where=comment.where, text=text, key=comment.key)
        self.queue.put([told])


def failures_in(facts: Iterable[DeploymentFact], repository: Repository) -> Iterator[dict[str, JsonValue]]:
    """An event as EventBridge would have it for each deployment that failed as a whole, the same each time."""
    for fact in facts:
        if fact.stage is None and not fact.part and fact.status == "failed":
            of_platform = fact.deployment.startswith(DEPLOYMENT)
            yield {
                "id": digest([fact.source, repository.id, fact.deployment]),
                "source": f"copilot.{fact.source}",
                "detail-type": FAILED_DEPLOYMENT if of_platform else FAILED_PIPELINE,
                "time": fact.at.isoformat(),
                "detail": {
                    "repository": repository.name,
                    "service": fact.service,
                    "environment": fact.environment,
                    "deployment": fact.deployment,
                    "version": fact.version,
                    "by": fact.by,
                },
            }


@contextmanager
def _as_it_says() -> Iterator[None]:
    """What is read in it of a payload is what a host sends, or ToolInputError is raised, with none of it."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise ToolInputError(f"not the event it says it is: {type(error).__name__}", ours=True) from None


def _is_what_it_says(hook: Hook) -> bool:
    if hook.platform == "gitlab":
        return bool(hook.payload.get("object_kind") == _KINDS.get(hook.event, ""))
    of_status = hook.event in {"deployment", "deployment_status"}
    if of_status and ("deployment_status" in hook.payload) != (hook.event == "deployment_status"):
        return False
    return _SAID_BESIDE.get(hook.event, "") in hook.payload


def _repository_of(hook: Hook) -> int:
    if hook.platform == "github":
        return int(hook.payload["repository"]["id"])
    project = hook.payload.get("project")
    return int(project["id"] if project else hook.payload["project_id"])
