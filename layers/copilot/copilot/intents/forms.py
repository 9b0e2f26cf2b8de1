"""The forms in which what was found is asked for: "as a pdf", "a chart of", "to download"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from copilot.intents.actions import Intent

WORDS: Mapping[str, tuple[str, ...]] = {
    "pdf": ("pdf",),
    "pdfs": ("pdf",),
    "csv": ("csv",),
    "csvs": ("csv",),
    "spreadsheet": ("csv",),
    "excel": ("csv",),
    "xls": ("csv",),
    "xlsx": ("csv",),
    "html": ("html",),
    "webpage": ("html",),
    "web page": ("html",),
    "png": ("png",),
    "picture": ("png",),
    "image": ("png",),
    "chart": ("png",),
    "charts": ("png",),
    "graph": ("png",),
    "graphs": ("png",),
    "plot": ("png",),
    "curve": ("png",),
    "diagram": ("png",),
    "draw": ("png",),
    "visualise": ("png",),
    "visualize": ("png",),
    "table": ("html", "csv"),
}
"""What people call a form, and which they mean."""
PATTERN = "|".join(sorted(WORDS, key=len, reverse=True))
FORM_WORDS = frozenset(said.split()[0] for said in WORDS)
DOWNLOADED = "csv"
"""What whoever wants to download something, and says no more, is given."""
FILES = "As files"
STEP, TOOL, RENDERS = "file", "render_report", "render_"


def forms_of(said: Sequence[str], downloaded: bool) -> tuple[str, ...]:
    """Each once, in the order in which they were said. A table that is to be downloaded is no page."""
    forms = dict.fromkeys(form for word in said for form in WORDS[word])
    if downloaded and DOWNLOADED in forms and "table" in said:
        forms.pop("html", None)
    return tuple(forms) or ((DOWNLOADED,) if downloaded else ())


def given_in(intent: Intent, forms: Sequence[str]) -> bool:
    """Whether what its plan finds is there in these forms: a picture is of charts. One that renders makes all files."""
    if any(str(step["tool"]).startswith(RENDERS) for step in intent.plan.get("steps", ())):
        return True
    sections = intent.report.get("sections", ())
    return bool(sections) and ("png" not in forms or any("chart" in one for one in sections))


def not_given(last: Intent) -> str:
    """Why what it found is not given in a form, and what can be."""
    if last.report:
        return "The last answer has nothing to draw; as a PDF, a web page or CSV it can be had."
    return (
        "Of the last answer there is no file; lists of environments, resources, schedules, deployments and changes, "
        "and usage, costs, errors and figures of monitors can be had as one."
    )


def with_files(plan: dict[str, Any], report: Mapping[str, Any], forms: Sequence[str]) -> dict[str, Any]:
    """The plan, and after it what it found as files, with their links at the end of the answer."""
    step = {"id": STEP, "tool": TOOL, "arguments": {**report, "forms": list(forms)}}
    said = f"{FILES}, for whoever has the links, {{{STEP}.expires}}:\n- {{{STEP}.files[].line}}"
    answer = f"{plan['answer']['text'].rstrip()}\n\n{said}\n"
    return plan | {"steps": [*plan["steps"], step], "answer": {"text": answer}}


def with_links(told: str) -> str:
    """What a channel is told, with the links."""
    return f"{told}\n- {{{STEP}.files[].line}}"
