"""Tell the owner of a Schedule what nobody sees who does not ask: a firing that was not run, failed, or waits; what one
found out, where that is what it is for and no channel is named in it; and that the Schedule was paused.

Where to is `reports_to` of the configuration; where that is not set, listing the Schedule is all there is. Of one
firing there is one message, however often its events come: all have the same key, and a Notifier sends once under a
key. So of a firing that waited for an approval nothing more is said.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from copilot.config.configuration import Configuration
from copilot.domain import NOT_KNOWN, Approval, Firing, Run, Schedule, firing_key, told_key
from copilot.errors import NotFound
from copilot.plans.telling import MayTell, only_status
from copilot.ports import Approvals, Notifier, Schedules
from copilot.text.listing import first_line
from copilot.text.outside import inert
from copilot.times.titles import title_of
from copilot.times.windows import moment
from copilot.tools.registry import Registry

LONGEST_ANSWER = 600
LONGEST_REPORT = 3000


@dataclass(frozen=True)
class TellOwner:
    """`may_tell` says whether what tells of something may be sent there for a person, by the roles they have now."""

    schedules: Schedules
    store: Approvals
    notifier: Notifier
    config: Configuration
    registry: Registry = field(default_factory=Registry)
    may_tell: MayTell = only_status

    def of_pause(self, schedule: Schedule) -> None:
        """That the copilot paused it, and why: its owner, or those who may approve where it has none. Raises as the
        Notifier does.
        """
        if self.config.reports_to is None or not schedule.paused_because or schedule.paused_at is None:
            return
        known = self.config.known(schedule.owner)
        to = schedule.owner
        if known is None or not known.roles:
            to = ", ".join(one.id for one in self.config.people if "approver" in one.roles) or "whoever may approve"
        self._tell(
            f"paused/{schedule.id}/{schedule.paused_at.isoformat()}",
            to,
            f"the schedule {schedule.id} ({inert(title_of(schedule))}) is paused: {inert(schedule.paused_because)}. "
            "Nothing of it is done until it is resumed: "
            f"`devops-copilot schedules show {schedule.id}` has its firings, "
            f"`devops-copilot schedules resume {schedule.id}` resumes it, "
            f"`devops-copilot schedules delete {schedule.id}` deletes it.",
        )

    def of_refusal(self, firing: Firing) -> None:
        """That a firing did not become a Run, and why. Nothing of one that did. Raises as the Notifier does."""
        if self.config.reports_to is None or firing.run_id is not None:
            return
        schedule = self.schedules.schedule(firing.schedule)
        owner = schedule.owner if schedule else "its owner"
        what = f"the schedule {firing.schedule}" + (f" ({inert(title_of(schedule))})" if schedule else "")
        zone = schedule.time_zone if schedule else self.config.time_zone
        self._tell(
            firing_key(firing.schedule, firing.action, firing.scheduled_at),
            owner,
            f"{what} came due at {self._time(firing.scheduled_at, zone)} and was not run: {inert(firing.reason)}. "
            f"`devops-copilot schedules show {firing.schedule}` has its firings, "
            f"`devops-copilot schedules run-now {firing.schedule}` does it now.",
        )

    def of_run(self, run: Run) -> None:
        """That a firing's Run waits for an approval, or ended otherwise than it was meant to; nothing of any other."""
        if self.config.reports_to is None or run.trigger.kind != "schedule":
            return
        if run.status == "parked" and run.approval_id:
            self._tell_of(run, self._waiting(self.store.approval(run.tenant, run.approval_id), run))
        elif run.outcome not in {None, "succeeded"}:
            outcome = (run.outcome or "").replace("_", " ")
            self._tell_of(run, f"ended {outcome}{self._first_line(run)}")
        elif run.outcome == "succeeded" and self._reports(run) and self._may_be_told(run):
            said = (run.answer or "").strip()
            more = f"\n… `devops-copilot runs show {run.run_id}` has all of it." if len(said) > LONGEST_REPORT else ""
            self._tell_of(run, f"came to this:\n{said[:LONGEST_REPORT]}{more}")

    def _first_line(self, run: Run) -> str:
        """Of its answer, where a channel may have that; and where all of it is."""
        if not self._may_be_told(run):
            return (
                ". What its answer tells of is nothing that policy lets be told here: "
                f"`devops-copilot runs show {run.run_id}` has it."
            )
        said = first_line(run.answer or "")[:LONGEST_ANSWER].rstrip(".")
        return f": {said}. `devops-copilot runs show {run.run_id}` has all of it."

    def _may_be_told(self, run: Run) -> bool:
        assert self.config.reports_to is not None
        return self.may_tell(run.trigger.person, self.config.reports_to, run.about or NOT_KNOWN)

    def _reports(self, run: Run) -> bool:
        """Whether its answer is to be told: that of a request in which nobody else is."""
        schedule = self.schedules.schedule(run.trigger.schedule_id or "")
        plan = schedule.runbooks.get("run") if schedule is not None else None
        if plan is None:
            return False
        try:
            return all(self.registry.entry(step.tool).resource != "Channel" for step in plan.steps)
        except NotFound:
            return False

    def _waiting(self, approval: Approval, run: Run) -> str:
        zone = self.config.zone_of(run.trigger.person.id)
        by = f" by {', '.join(approval.approvers)}" if approval.approvers else ""
        return (
            f"waits for an approval{by}, until {self._time(approval.expires_at, zone)}; until then, what needs it is "
            f"not done. `devops-copilot runs show {run.run_id}` shows what it is and says later what became of it, "
            f"`devops-copilot approve {approval.id}` approves it, `devops-copilot deny {approval.id}` refuses it."
        )

    def _tell_of(self, run: Run, what: str) -> None:
        zone = self.config.zone_of(run.trigger.person.id)
        due = f'"{inert(run.trigger.text)}", which came due at {self._time(run.trigger.received_at, zone)},'
        self._tell(run.trigger.dedupe_key, run.trigger.person.id, f"{due} {what}")

    def _tell(self, key: str, owner: str, text: str) -> None:
        known = self.config.known(owner)
        assert self.config.reports_to is not None
        name = known.name if known else owner
        self.notifier.send(self.config.reports_to, f"For {name}: {text}", told_key(key))

    def _time(self, at: datetime, zone: str) -> str:
        return moment(at.astimezone(ZoneInfo(zone)))
