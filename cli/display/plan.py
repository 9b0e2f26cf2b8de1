"""A plan as numbered steps: what is called with what, and in which order."""

from __future__ import annotations

from cli.display.page import Page
from cli.wording import arguments, line, value
from copilot.domain import Arguments, Plan, Step


def show_plan(page: Page, plan: Plan) -> None:
    page.say()
    page.say(f"Plan: {line(plan.goal)}", "bold")
    page.rows(
        (str(number), step.id, line(step.tool), "\n".join(_details(step)))
        for number, step in enumerate(plan.steps, start=1)
    )
    if plan.then is not None:
        page.rows(
            [("then", line(f"look at {', '.join(plan.then.using)}" + f": {plan.then.why}" * bool(plan.then.why)))]
        )
    page.say()


def _details(step: Step) -> list[str]:
    """What the step says. An argument that is null or empty says nothing: the tool goes by what it always does."""
    said: Arguments = {name: part for name, part in step.arguments.items() if part not in (None, [], "")}
    details = [arguments(said)] if said else []
    if step.for_each is not None:
        details.append(f"for each of {value(step.for_each)}")
    if step.when:
        details.append(f"when {line(step.when)}")
    if step.after:
        details.append(f"after {', '.join(step.after)}")
    if step.expect:
        details.append(f"expect {line(step.expect)}")
    return details
