"""The last release of a service that is known to have been good."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from copilot.domain import DeploymentId, EnvironmentId, Frozen, Made, ServiceName
from copilot.domain.deployments import Deployment
from copilot.errors import Ambiguous
from copilot.text.durations import spoken
from copilot.text.listing import count, listed
from copilot.text.outside import quoted
from copilot.times.zones import moment, zone_of
from copilot.tools.by_hand import FOR_COMMANDS, TOOL_RUN, ByHand, aws, tool_run
from copilot.tools.deployments.finding import BACK, Reported, reported
from copilot.tools.deployments.judging import LOOKED_AT, AlarmHistory, Judging
from copilot.tools.deployments.telling import line, named
from copilot.tools.tool import ReadTool

HISTORY = "cloudwatch describe-alarm-history"
NOT_LOOKED_AT = (
    "its logs and figures: good means here that it was completed, ran 30 minutes and no alarm on it rang in them",
    "whether its tasks were stopped or changed by hand in that time",
)


class GoodVersionInput(Frozen):
    service: ServiceName = Field(min_length=1, max_length=200, description="the service")
    environment_id: EnvironmentId | None = Field(default=None, max_length=256, description="else where it is deployed")
    time_zone: str = Field(default="UTC", max_length=64, description="an IANA name")


class GoodVersionOutput(Frozen):
    service: ServiceName = Field(description="the service")
    environment_id: EnvironmentId | None = Field(description="where it was deployed to")
    known: bool = Field(description="whether one is known to be good")
    deployment: DeploymentId = Field(description="the id of the last one that is; empty where none is")
    version: str = Field(description="its version, as far as that was reported")
    revision: str = Field(description="the definition it runs by, as far as that was reported")
    ran_seconds: float | None = Field(description="how long it ran until the next one, or until now")
    summary: Made = Field(description="which it is and why, or that none is known to be")
    passed_over: tuple[Made, ...] = Field(description="newer ones, and why each is not known to be good")
    notes: tuple[Made, ...] = Field(description="what to know about it")
    not_looked_at: tuple[Made, ...] = Field(description="what was not looked at")
    by_hand: AlarmHistory | None = Field(default=None, description=FOR_COMMANDS)


class GoodVersion(ReadTool[GoodVersionInput, GoodVersionOutput]):
    """Good is what was completed, ran 30 minutes, and had none of its alarms ring in these. What cannot be known of one
    makes it none: it is said, and the one before is looked at.
    """

    name = "good_version"
    summary = "Find which version of a service was good: it ran without an alarm, and can be rolled back to."
    Input = GoodVersionInput
    Output = GoodVersionOutput
    shown_by = (f"aws {HISTORY}", TOOL_RUN)

    @classmethod
    def by_hand(cls, input: GoodVersionInput, output: GoodVersionOutput) -> Sequence[ByHand]:
        """Whether its alarms rang; what was deployed when the copilot alone knows."""
        looked = output.by_hand
        times = {"start_date": looked.since, "end_date": looked.until} if looked else {}
        return [
            *(
                aws(one, HISTORY, alarm_name=name, history_item_type="StateUpdate", **times)
                for one in (looked.alarms if looked else ())
                for name in one.names
            ),
            tool_run(cls.name, input),
        ]

    def run(self, input: GoodVersionInput) -> GoodVersionOutput:
        zone = zone_of(input.time_zone)
        now = self.clients.clock.now()
        found = reported(self.clients.deployments, now, input.service, input.environment_id)
        environment = _environment(found, input)
        completed = [one for one in found.deployments if one.outcome == "succeeded"]
        judging = Judging(self.clients, input.service, environment, found, now)
        passed: list[str] = []
        for one in completed[:LOOKED_AT]:
            judged = judging.judged(one)
            if judged.why_not:
                passed.append(f"{line(one, zone)}: {judged.why_not}")
                continue
            newer = f"; {count(len(passed), 'newer one')} not known to be" if passed else ""
            done = moment(one.ended_at or one.started_at, zone)
            ran = spoken(judged.ran.total_seconds())
            return self._output(
                input,
                environment,
                found,
                passed,
                good=one,
                ran_seconds=judged.ran.total_seconds(),
                summary=(
                    f"{named(one)} is the last release known to be good: completed {done}, ran {ran} "
                    f"from then, {judged.quiet} ({quoted(one.id)}){newer}"
                ),
                notes=() if judged.watching else (NO_ALARM,),
                alarms=judged.alarms,
            )
        of = f"{quoted(found.service or input.service)}{f' in {quoted(environment)}' if environment else ''}"
        why = "none was completed" if not completed else f"of the last {len(passed)} that were completed, none is"
        summary = f"No release of {of} of the last {BACK.days} days is known to be good: {why}."
        return self._output(input, environment, found, passed, good=None, ran_seconds=None, summary=summary, notes=())

    def _output(
        self,
        input: GoodVersionInput,
        environment: str,
        found: Reported,
        passed: Sequence[str],
        *,
        good: Deployment | None,
        ran_seconds: float | None,
        summary: str,
        notes: Sequence[str],
        alarms: AlarmHistory | None = None,
    ) -> GoodVersionOutput:
        more = [] if found.complete else ["There are more deployments than can be read: the oldest are left out."]
        return GoodVersionOutput(
            service=found.service or input.service,
            environment_id=environment or None,
            known=good is not None,
            deployment=good.id if good else "",
            version=good.version if good else "",
            revision=good.revision if good else "",
            ran_seconds=ran_seconds,
            summary=summary,
            passed_over=tuple(passed),
            notes=(*notes, *more),
            not_looked_at=NOT_LOOKED_AT,
            by_hand=alarms,
        )


NO_ALARM = "No alarm watches this service, so that none rang says nothing: only that it ran is known."


def _environment(found: Reported, input: GoodVersionInput) -> str:
    """Raises Ambiguous where it is deployed to several and none was given."""
    there = sorted({one.environment for one in found.deployments if one.environment})
    if len(there) > 1:
        names = listed(list(map(quoted, there)))
        message = f"{quoted(input.service)} is deployed to {len(there)} environments: {names}; which one is meant?"
        raise Ambiguous(message, there, ours=True)
    return there[0] if there else input.environment_id or ""
