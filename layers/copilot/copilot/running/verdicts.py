"""What is to be done about what came back: the Verdict on an output, and on an error."""

from __future__ import annotations

from typing import Literal

from pydantic import JsonValue

from copilot.domain import MOST_CHOICES, Run, Verdict
from copilot.errors import Ambiguous, CopilotError, NoData, NotReady, PermissionDenied, RetryableError, ToolInputError
from copilot.plans import references
from copilot.plans.kept_back import as_read, told
from copilot.plans.marks import marked_paths
from copilot.plans.tool_types import types_of
from copilot.text.masking import mask_text
from copilot.text.outside import OPEN, looks_like_a_name
from copilot.tools.tool import AnyTool

BETWEEN_STATES = 15  # seconds; what is between two states (a database that starts) takes minutes


MOST_PATHS = 20


def marked_in(tool: AnyTool, output: JsonValue) -> tuple[str, ...]:
    """The fields of the tool's output in which text is that neither our code nor the asker wrote; "", all of it, where
    they are many: what goes through the machine is small.
    """
    paths = marked_paths(told(output), types_of(tool).output)
    return paths if len(paths) <= MOST_PATHS else ("",)


def verdict_of_output(
    tool: AnyTool, expect: str | None, output: JsonValue, otherwise: Literal["replan", "abort"] = "abort"
) -> Verdict:
    """Whether the output is as the step expects; if not, `otherwise`, with what it says of itself."""
    try:
        as_expected = expect is None or references.evaluate(expect, output) is True
    except NoData as error:
        return Verdict(kind="no_data", reason=str(error)[:400])
    if as_expected:
        return Verdict(kind="pass")
    shown = as_read(tool, output)
    said = shown.get("summary") if isinstance(shown, dict) else None
    marked = said is not None and bool({"summary", ""} & set(marked_in(tool, output)))
    return Verdict(kind=otherwise, reason=f"{said or 'the output is'} (expected: {expect})"[:400], marked=marked)


def verdict_of_error(error: CopilotError) -> Verdict:
    """What is to be done about a tool's error: the error's class says it."""
    reason = mask_text(str(error))
    marked = is_marked(error)
    if isinstance(error, NotReady):
        return Verdict(kind="retry", reason=reason[:400], seconds=BETWEEN_STATES, patient=True, marked=marked)
    if isinstance(error, RetryableError):
        return Verdict(kind="retry", reason=reason[:400], marked=marked)
    if isinstance(error, Ambiguous):
        marked = marked or not all(map(looks_like_a_name, error.nearest))
        choices = tuple(mask_text(one) for one in error.nearest[:MOST_CHOICES])
        return Verdict(kind="abort", reason=reason[:400], marked=marked, choices=choices)
    if isinstance(error, ToolInputError):
        nearest = mask_text(", ".join(error.nearest))
        near = f" (nearest: {nearest})" if error.nearest and error.nearest[0] not in reason else ""
        return Verdict(kind="repair", reason=(reason + near)[:400], marked=marked)
    if isinstance(error, PermissionDenied):
        whose = "" if error.ours else "the cloud refused it: "
        return Verdict(kind="abort", reason=f"{whose}{reason}"[:400], marked=marked)
    return Verdict(kind="abort", reason=reason[:400], marked=marked)


def is_marked(error: CopilotError) -> bool:
    """Whether words that are not the copilot's stand in what an error says."""
    near = error.nearest if isinstance(error, ToolInputError) else ()
    return not error.ours or OPEN in str(error) or not all(map(looks_like_a_name, near))


def cancelled(run: Run) -> Verdict:
    return Verdict(kind="abort", reason=f"cancelled by {run.cancelled_by}")
