"""A run as a whole: what was asked, what came of it, what it changed."""

from __future__ import annotations

from datetime import UTC, datetime

from cli.api.views import EffectView, RunList, RunView
from cli.display.approval import show_decision, show_request
from cli.display.deliveries import show_undelivered
from cli.display.escalations import show_escalated
from cli.display.items import item_row, label, state, step_row
from cli.display.page import STYLES, Page
from cli.display.plan import show_plan
from cli.display.reasoning import show_reasoning
from cli.wording import command, duration, line, moment


def show_run(page: Page, run: RunView, options: tuple[str, ...] | None = ()) -> None:
    """Everything there is to see of one run, in the order of its plan."""
    page.say(f"Run {line(run.run_id)}", "bold")
    page.rows(
        [
            ("request", line(run.request)),
            ("asked by", f"{line(run.person)} at {moment(run.created_at)}, in conversation {line(run.conversation)}"),
            ("status", line(run.status) + (f", {line(run.outcome)}" if run.outcome else "")),
        ]
    )
    if run.plan and run.plan.steps:
        show_plan(page, run.plan)
    page.rows(
        (
            f"memory.{line(one.name)}",
            f"{line(one.what or one.name)}, read at {moment(one.read_at)} by {line(one.run_id)}",
        )
        for one in run.used_again
    )
    if run.learned:
        page.rows([("learned", f"planned as at {moment(run.learned.planned_at)}, in {line(run.learned.run_id)}")])
    if run.withheld and (run.answer or run.status != "answered"):
        page.prose(run.withheld)
    now = datetime.now(UTC)
    for step in run.steps:
        if step.status == "skipped":
            page.rows([step_row(run, step, "skipped", f"not run, because {line(step.reason)}")])
        page.rows(item_row(run, step, item, now) for item in step.items if state(item))
    _show_effects(page, run)
    show_reasoning(page, run)
    if run.approval and not run.waits_for_approval:
        show_decision(page, run.approval)
    show_escalated(page, run)
    show_undelivered(page, run)
    show_end(page, run, options)


def show_end(page: Page, run: RunView, options: tuple[str, ...] | None = ()) -> None:
    """What a run came to: its answer, or the approval it waits for."""
    if run.approval and run.waits_for_approval:
        show_request(page, run.approval, options)
    elif run.status == "answered":
        took = f" in {duration(run.seconds)}" if run.seconds is not None else ""
        outcome = line(run.outcome or "answered").replace("_", " ")
        page.say()
        page.say(f"Answer ({outcome}{took})", f"bold {STYLES.get(run.outcome or '', '')}")
        page.prose(run.answer or run.withheld or "There is none.")
    else:
        page.say()
        page.say(f"Still {line(run.status)}; look again with: {command('runs', 'show', run.run_id, *(options or ()))}")


def show_runs(page: Page, runs: RunList, *, whose: bool = False) -> None:
    """A line each; with `whose` also whose it is and in which conversation."""
    page.rows(
        (
            (
                moment(r.at),
                line(r.run_id),
                line(r.outcome or r.status),
                *([line(r.person), line(r.conversation)] if whose else []),
                line(r.request),
            )
            for r in runs.runs
        ),
        indent=0,
    )


def _about(run: RunView, effect: EffectView) -> str:
    """What the effect was on, as the call that made it is called."""
    for step in run.steps:
        for item in step.items:
            if (step.id, item.index) == (effect.step, effect.item):
                return label(run, step, item)
    return f"call {effect.item}"  # of a step that a later plan does without


def _show_effects(page: Page, run: RunView) -> None:
    if run.effects:
        page.say()
        page.say("Effects")
        page.rows(
            (
                line(effect.state),
                line(effect.step),
                line(effect.tool),
                _about(run, effect),
                f"started {moment(effect.started_at)}"
                + (f", attempt {effect.attempt}" if effect.attempt > 1 else "")
                + (f", {line(effect.reason)}" if effect.reason else ""),
            )
            for effect in run.effects
        )
