"""Runbooks are kept, a version at a time, and withdrawn. What is kept stays as it is."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from copilot.domain import (
    TARGET,
    Call,
    Change,
    Frozen,
    Made,
    Permission,
    Preview,
    ResourceRef,
    Runbook,
    RunbookName,
    SavedRunbook,
    Target,
    Undo,
    Verification,
)
from copilot.errors import Conflict, NotReady, PlanError, ToolInputError
from copilot.runbooks.reading import MOST_BYTES, read_runbook
from copilot.runbooks.telling import steps_in_words, takes_in_words
from copilot.text.nearness import there_are
from copilot.text.outside import quoted_people
from copilot.tools.tool import UNCHANGED, WriteTool

NONE = "no runbook of this name"


class SaveRunbookInput(Frozen):
    name: RunbookName = Field(description="as its document has it", json_schema_extra=TARGET)
    document: str = Field(min_length=1, max_length=MOST_BYTES, description="the runbook, in YAML or JSON")


class WithdrawRunbookInput(Frozen):
    name: RunbookName = Field(description="the runbook's name", json_schema_extra=TARGET)
    version: int = Field(ge=1, description="which of its versions")
    withdrawn: bool = Field(default=True, description="false puts it back")


class RunbookOutput(Frozen):
    name: str = Field(description="the runbook's name")
    version: int = Field(description="its version")
    withdrawn: bool = Field(description="whether that is withdrawn: not run any more")
    summary: Made = Field(description="one line about it")


class SaveRunbook(WriteTool[SaveRunbookInput, RunbookOutput]):
    """Keeps the document as the next version of its name, whatever version stands in it. One that is as the newest is
    kept already.
    """

    name = "save_runbook"
    summary = "Save a runbook, a plan with parameters, as the next version of its name."
    Input = SaveRunbookInput
    Output = RunbookOutput
    of_environments = False
    resource = "Runbook"
    idempotent = True
    inverse = "withdraw_runbook"
    keeps = "document"

    def preview(self, input: SaveRunbookInput) -> Preview:
        runbook, kept = _read(input), self.clients.runbooks.versions(input.name)
        newest = next((one for one in reversed(kept) if not one.withdrawn), None)
        same = newest is not None and newest.runbook.content == runbook.content
        last = kept[-1].runbook.version if kept else 0
        change = Change(
            ref=_ref(input.name),
            name=input.name,
            action="skip" if same else "create",
            before=_told(newest) if newest else NONE,
            after=f"version {last + 1}: {steps_in_words(runbook)}; it takes {takes_in_words(runbook)}",
            reason=f"version {newest.runbook.version} is the same" if same and newest else "",
        )
        version = newest.runbook.version if same and newest else last + 1
        return Preview(targets=(_target(input.name),), changes=(change,), state={"version": version})

    def permissions(self, input: SaveRunbookInput, preview: Preview) -> tuple[Permission, ...]:
        return tuple(self.clients.runbooks.permissions())

    def run(self, input: SaveRunbookInput, preview: Preview) -> RunbookOutput:
        runbook = _read(input).model_copy(update={"version": _version(preview)})
        if preview.is_idle:
            return _output(runbook, f"{runbook.called}, is the same already; nothing was saved")
        saved = SavedRunbook(runbook=runbook, by=self.clients.person, at=self.clients.clock.now())
        try:
            self.clients.runbooks.put(saved)
        except Conflict:
            there = _kept(self.clients.runbooks.versions(input.name), runbook.version)
            if there is None or there.runbook != runbook or there.by.id != saved.by.id:
                raise NotReady(f"another version {runbook.version} of {input.name} was saved meanwhile") from None
        return _saved(runbook)

    def verify(self, input: SaveRunbookInput, prior: Preview) -> Verification:
        runbook = _read(input).model_copy(update={"version": _version(prior)})
        there = _kept(self.clients.runbooks.versions(input.name), runbook.version)
        is_so = there is not None and there.runbook == runbook and not there.withdrawn
        return Verification(
            outcome="true" if is_so else "false",
            reason="" if is_so else f"{runbook.called}, is not kept as it was to be",
            output=_saved(runbook).model_dump(mode="json"),
        )

    @classmethod
    def undo(cls, input: SaveRunbookInput, prior: Preview) -> Undo:
        """`withdraw_runbook` of the version; nothing where the newest was the same already."""
        if prior.is_idle:
            return UNCHANGED
        return Call(tool=cls.inverse, arguments={"name": input.name, "version": _version(prior)})


class WithdrawRunbook(WriteTool[WithdrawRunbookInput, RunbookOutput]):
    """A version that is withdrawn is neither run nor listed; what schedules made of it before goes on. Its number is
    not used again, so that it always means what it meant.
    """

    name = "withdraw_runbook"
    summary = "Withdraw a version of a runbook, so that it is run no more; or let it run again."
    Input = WithdrawRunbookInput
    Output = RunbookOutput
    of_environments = False
    resource = "Runbook"
    idempotent = True
    inverse = "withdraw_runbook"

    def preview(self, input: WithdrawRunbookInput) -> Preview:
        there = self._there(input)
        change = Change(
            ref=_ref(input.name),
            name=input.name,
            action="skip" if there.withdrawn == input.withdrawn else "delete" if input.withdrawn else "create",
            before=_told(there),
            after=f"version {input.version}{', withdrawn' if input.withdrawn else ''}",
            reason="it is so already" if there.withdrawn == input.withdrawn else "",
        )
        return Preview(
            targets=(_target(input.name),),
            changes=(change,),
            state={"version": input.version, "withdrawn": there.withdrawn},
        )

    def permissions(self, input: WithdrawRunbookInput, preview: Preview) -> tuple[Permission, ...]:
        return tuple(self.clients.runbooks.permissions())

    def run(self, input: WithdrawRunbookInput, preview: Preview) -> RunbookOutput:
        if not preview.is_idle:
            self.clients.runbooks.set_withdrawn(input.name, input.version, input.withdrawn)
        return self._output(self._there(input))

    def verify(self, input: WithdrawRunbookInput, prior: Preview) -> Verification:
        there = self._there(input)
        output = self._output(there)
        is_so = there.withdrawn == input.withdrawn
        return Verification(
            outcome="true" if is_so else "false", reason=output.summary, output=output.model_dump(mode="json")
        )

    @classmethod
    def undo(cls, input: WithdrawRunbookInput, prior: Preview) -> Undo:
        """The other way round."""
        if prior.is_idle:
            return UNCHANGED
        return Call(tool=cls.inverse, arguments=input.model_dump() | {"withdrawn": not input.withdrawn})

    def _there(self, input: WithdrawRunbookInput) -> SavedRunbook:
        kept = self.clients.runbooks.versions(input.name)
        there = _kept(kept, input.version)
        if there is None:
            names = [one.runbook.name for one in self.clients.runbooks.runbooks()]
            near = f"; its last is version {kept[-1].runbook.version}" if kept else there_are(input.name, names)
            raise ToolInputError(f"there is no runbook {input.name}, version {input.version}{near}", ours=True)
        return there

    def _output(self, there: SavedRunbook) -> RunbookOutput:
        newest = next((one for one in self.clients.runbooks.runbooks() if one.runbook.name == there.runbook.name), None)
        now = f"version {newest.runbook.version} is the newest now" if newest else "there is no version left to run"
        state = "withdrawn" if there.withdrawn else "there again"
        summary = f"runbook {there.runbook.called}, is {state}; {now}"
        return _output(there.runbook, summary, withdrawn=there.withdrawn)


def _read(input: SaveRunbookInput) -> Runbook:
    try:
        runbook = read_runbook(input.document)
    except PlanError as error:
        raise ToolInputError(f"the document is no runbook: {error}") from None
    if runbook.name != input.name:
        raise ToolInputError(f"the document is of runbook {runbook.name}, and not {input.name}", ours=True)
    return runbook


def _kept(versions: Sequence[SavedRunbook], version: int) -> SavedRunbook | None:
    return next((one for one in versions if one.runbook.version == version), None)


def _version(preview: Preview) -> int:
    assert isinstance(preview.state, dict) and isinstance(preview.state["version"], int)
    return preview.state["version"]


def _told(saved: SavedRunbook) -> str:
    state = ", withdrawn" if saved.withdrawn else ""
    return f"version {saved.runbook.version} by {quoted_people(saved.by.name)}{state}"


def _saved(runbook: Runbook) -> RunbookOutput:
    takes = takes_in_words(runbook)
    known = "" if runbook.version == 1 else " of a name that there was already"
    summary = f"saved as runbook {runbook.called}{known}: {steps_in_words(runbook)}. It takes {takes}"
    return _output(runbook, summary)


def _output(runbook: Runbook, summary: str, *, withdrawn: bool = False) -> RunbookOutput:
    return RunbookOutput(name=runbook.name, version=runbook.version, withdrawn=withdrawn, summary=summary)


def _ref(name: str) -> ResourceRef:
    return ResourceRef(type="runbook", id=name)


def _target(name: str) -> Target:
    return Target(ref=_ref(name), name=name)
