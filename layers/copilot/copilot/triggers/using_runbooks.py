"""A runbook is added, or run: each is a Run like any other, decided by policy for who asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from copilot.config.configuration import Configuration
from copilot.domain import MOST_TEXT, Asked, Person, Revision, Run, Trigger, digest
from copilot.errors import Conflict, PlanError, ToolInputError
from copilot.plans.runbook_check import check_runbook, runnable
from copilot.ports import Clock, Runbooks
from copilot.runbooks.finding import find_runbook, revision_of
from copilot.runbooks.reading import read_runbook
from copilot.runbooks.writing import plan_to_keep
from copilot.text.masking import mask_text
from copilot.tools.registry import Registry
from copilot.triggers.ingesting import Ingest

SECRET = "there is something in it that looks like a secret; a runbook keeps none"


@dataclass(frozen=True)
class UseRunbooks:
    runbooks: Runbooks
    ingest: Ingest
    registry: Registry
    config: Configuration
    clock: Clock

    def add(self, person: Person, document: str, dedupe_key: str | None) -> Run:
        """The Run that saves it as the next version of its name. Raises ToolInputError, a line for each fault."""
        try:
            runbook = read_runbook(document)
            check_runbook(runbook, self.registry)
            if mask_text(document) != document:
                raise PlanError([SECRET])
        except PlanError as error:
            raise ToolInputError("\n".join(["it may not run as it is. Nothing was saved.", *error.problems])) from None
        text = f"Save the runbook {runbook.name} ({digest(runbook.content)[:12]})"
        return self._ingest(person, text, Revision(plan=plan_to_keep(runbook, text)), "runbooks", dedupe_key)

    def run(
        self,
        person: Person,
        name: str,
        version: int | None,
        arguments: Mapping[str, JsonValue],
        conversation: str,
        dedupe_key: str | None,
    ) -> Run:
        """The Run that does what it says, under the rights of who asks.

        Raises NotFound; ToolInputError, naming the parameter; Conflict where its plan may not run any more.
        """
        saved = find_runbook(self.runbooks, name, version)
        try:
            plan = runnable(saved.runbook, arguments, self.registry)
        except PlanError as error:
            raise Conflict(f"{saved.runbook.called}, may not run any more: {error}. Nothing was done") from None
        return self._ingest(person, plan.goal, revision_of(saved, plan), conversation, dedupe_key)

    def _ingest(self, person: Person, text: str, first: Revision, conversation: str, key: str | None) -> Run:
        asked = Asked(text=text[:MOST_TEXT], conversation=conversation, dedupe_key=key)
        run, _ = self.ingest(Trigger.asked(asked, self.config.tenant, person, self.clock.now()), first)
        return run
