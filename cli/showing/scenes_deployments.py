"""The demo asks why deployments are slow; what has to be in the answer is in the sample's description."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from cli.laptop.deployments import DeploymentSample, history
from cli.showing.stage import Stage


def slowdown(stage: Stage, sample: DeploymentSample, today: date) -> None:
    """Asks, and holds the answer against the one cause that the sample has, and how often it was deployed."""
    assert sample.slower
    run = stage.ask("Why is my deployment time high this week?")
    said, slower = run.answer or "", sample.slower
    stage.expect(run.outcome == "succeeded", "it was answered")
    stage.expect(
        said.startswith(f"Deployments of {slower.service} lose time in {slower.stage}:"),
        f"it names {slower.service} and {slower.stage}, as the sample has it",
    )
    day = set_in(sample, today)
    stage.expect(f"since {day} " in said, f"it says since when: {day}")
    run = stage.ask(f"How often do we deploy {slower.service}?")
    known = [one for one in history(sample, today) if one.pipeline.service == slower.service]
    failed = sum(one.status == "failed" for one in known)
    counted = f"{len(known)} begun"
    stage.expect(counted in (run.answer or "") and f"{failed} failed" in (run.answer or ""), f"{counted}, as reported")


def reported(sample: DeploymentSample, today: date) -> Callable[[datetime, datetime], int]:
    """Counts what the sample's pipelines began in a time."""
    known = history(sample, today)
    return lambda since, until: sum(since <= one.whole.start < until for one in known)


def set_in(sample: DeploymentSample, today: date) -> str:
    """The day on which the first slow deployment that succeeded was begun, as `Tuesday 3 March`."""
    slower = sample.slower
    assert slower
    first = today - timedelta(days=slower.days_ago)
    started = [
        one.whole.start.date()
        for one in history(sample, today)
        if one.pipeline.service == slower.service and one.status == "succeeded"
    ]
    day = min(day for day in started if day >= first)
    return f"{day:%A} {day.day} {day:%B}"
