"""Whether deployments have become slower, and in which stage."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import Field

from copilot.domain import (
    Frozen,
    Made,
    ServiceName,
)
from copilot.text.durations import spoken
from copilot.text.listing import count, listed
from copilot.text.outside import quoted
from copilot.tools.deployments.period import SERVICE, WEEK, day_of, days, known_of, read
from copilot.tools.deployments.slowness import (
    LEAST_BEFORE,
    LEAST_NOW,
    LEAST_PERCENT,
    LEAST_SECONDS,
    LEAST_USUAL,
    REST,
    Slowness,
    compare,
)
from copilot.tools.tool import HOURS, ReadTool


class SlowStage(Frozen):
    service: ServiceName = Field(description="the service")
    stage: Made = Field(description="the stage that takes longer, or: the rest (what belongs to no stage)")
    environments: tuple[str, ...] = Field(description="where this week's deployments went")
    before_seconds: float = Field(description="median of what the slower ones would have taken before")
    now_seconds: float = Field(description="median of this week's, since it set in")
    change_seconds: float = Field(description="how much more that is")
    change_percent: float | None = Field(description="the same in percent; none where it took no time before")
    before_samples: int = Field(description="deployments of the weeks before that it is compared with")
    now_samples: int = Field(description="deployments of this week, since it set in")
    week_seconds: float = Field(description="median of all of this week's")
    week_samples: int = Field(description="all of this week's")
    since: datetime = Field(description="when the first of the slower deployments began")
    longer_seconds: float = Field(description="by how much these deployments typically take longer, begin to end")
    share_percent: float = Field(description="how much of that this stage explains, at most 100")
    summary: Made = Field(description="one line about it, with the numbers")


class DeploymentSlowdownInput(Frozen):
    service: ServiceName | None = Field(default=None, min_length=1, max_length=200, description=SERVICE)
    weeks_before: int = Field(default=4, ge=1, le=12, description="with how many weeks before this one it is compared")


class DeploymentSlowdownOutput(Frozen):
    verdict: Made = Field(description="slower, not slower, or too little data")
    cause: SlowStage | None = Field(description="what costs most of the time; none if nothing is slower")
    runners_up: tuple[SlowStage, ...] = Field(description="what else is slower, at most 3")
    compared: int = Field(description="how many services were compared")
    basis: Made = Field(description="what was compared with what, and what counts as slower")
    notes: tuple[Made, ...] = Field(description="what was left out")
    summary: Made = Field(description="the answer in a line or two, with the numbers")


class DeploymentSlowdown(ReadTool[DeploymentSlowdownInput, DeploymentSlowdownOutput]):
    """This week is the last seven days.

    It set in where the series of what a stage took splits best into two parts with a median each, the later one higher.
    The stage is slower where the median of this week's from there on is at least 20% and 5 s higher, and where so many
    of them are above nine tenths of those before that chance would give it once in ten thousand. Needs 5 deployments
    that succeeded this week (since it set in) and 12 before.
    """

    name = "deployment_slowdown"
    summary = "Find what makes deployments slower this week: service, stage, change in numbers, since when."
    Input = DeploymentSlowdownInput
    Output = DeploymentSlowdownOutput
    lasts = HOURS

    def run(self, input: DeploymentSlowdownInput) -> DeploymentSlowdownOutput:
        now = self.clients.clock.now()
        turn = now - WEEK
        since = turn - input.weeks_before * WEEK
        service, found, _, complete = read(self.clients.deployments, since, now, input.service)
        comparison = compare(found, turn)
        slow = [_slow_stage(one) for one in comparison.slower]
        verdict = "slower" if slow else "not slower" if comparison.compared else "too little data"
        this_week = sum(one.started_at >= turn for one in found)
        basis = (
            f"Compared: {count(this_week, 'deployment')} of this week ({days(turn, now)}) with "
            f"{len(found) - this_week} of the {count(input.weeks_before, 'week')} before ({days(since, turn)}), UTC; "
            f"of these, the ones that succeeded, where the same environment had {LEAST_USUAL} before. "
            f"Slower means that the median of a stage rose by at least {LEAST_PERCENT}% and {LEAST_SECONDS} s, "
            f"and not by chance (1 in 10,000)."
        )
        known = known_of(self.clients.deployments, found, since, now, service)
        notes = [] if known.whole or not found else [f"{known.words[:1].upper()}{known.words[1:]}."]
        if comparison.compared and comparison.too_few:
            notes.append(
                f"Not compared, with fewer than {LEAST_NOW} that succeeded this week or {LEAST_BEFORE} before: "
                f"{listed(list(map(quoted, comparison.too_few)))}."
            )
        notes += [] if complete else ["There are more deployments than can be read at once: the oldest are left out."]
        return DeploymentSlowdownOutput(
            verdict=verdict,
            cause=slow[0] if slow else None,
            runners_up=tuple(slow[1 : 1 + RUNNERS_UP_AT_MOST]),
            compared=len(comparison.compared),
            basis=basis,
            notes=tuple(notes),
            summary=_answer(verdict, slow, service, comparison.compared, this_week),
        )


def _answer(verdict: str, slow: Sequence[SlowStage], service: str | None, compared: Sequence[str], now: int) -> str:
    of = f" of {quoted(service)}" if service else ""
    if verdict == "too little data":
        return (
            f"There is too little data to say whether deployments{of} are slower: {count(now, 'deployment')} this "
            f"week, whatever came of them. Of one service at least {LEAST_NOW} have to have succeeded this week, and "
            f"{LEAST_BEFORE} in the weeks before."
        )
    if verdict == "not slower":
        where = "" if service else f" ({count(len(compared), 'service')} compared)"
        return f"No stage of deployments{of} is slower this week than in the weeks before{where}."
    cause = slow[0]
    what = f"{quoted(cause.service)} {f'lose time in {cause.stage}' if cause.stage != REST else 'take longer'}"
    others = f" {count(len(slow) - 1, 'other stage')} slower as well." if slow[1:] else " Nothing else is slower."
    return (
        f"Deployments of {what}: {_change(cause)}. That is {cause.share_percent:.0f}% of the "
        f"{spoken(cause.longer_seconds)} by which these deployments take longer from begin to end.{others}"
    )


def _slow_stage(one: Slowness) -> SlowStage:
    stage = SlowStage(
        service=one.service,
        stage=one.stage,
        environments=one.environments,
        before_seconds=round(one.before, 1),
        now_seconds=round(one.now, 1),
        change_seconds=round(one.change, 1),
        change_percent=round(100 * one.change / one.before, 1) if one.before else None,
        before_samples=one.before_samples,
        now_samples=one.now_samples,
        week_seconds=round(one.week, 1),
        week_samples=one.week_samples,
        since=one.since,
        longer_seconds=round(max(one.longer, one.change), 1),
        share_percent=round(100 * one.share, 1),
        summary="",
    )
    where = f" to {listed(list(map(quoted, one.environments)))}" if one.environments else ""
    line = f"{quoted(one.service)}, {one.stage}{where}: {_change(stage)}"
    return stage.model_copy(update={"summary": line})


def _change(one: SlowStage) -> str:
    percent = f", {one.change_percent:+.0f}%" if one.change_percent is not None else ""
    return (
        f"{spoken(one.now_seconds)} since {day_of(one.since)} (median of {one.now_samples} this week) against "
        f"{spoken(one.before_seconds)} in the weeks before (median of {one.before_samples}), "
        f"{spoken(one.change_seconds)} more{percent}; this week as a whole {spoken(one.week_seconds)} (median of "
        f"{one.week_samples})"
    )


RUNNERS_UP_AT_MOST = 3
