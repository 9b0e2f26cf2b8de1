"""A Dockerfile judged by its linter and rewritten by sure rules."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from pydantic import Field

from copilot.domain import Attachment, Finding, Frozen, Made, Untrusted
from copilot.errors import Ambiguous, CopilotError
from copilot.text.listing import count
from copilot.text.outside import inert, quoted
from copilot.tools.dockerfiles.advice import further
from copilot.tools.dockerfiles.applying import (
    Change,
    as_read,
    hunks,
    improve,
    improve_linted,
    own_lines,
    reason_to_leave,
)
from copilot.tools.dockerfiles.ignoring import ignore_lines
from copilot.tools.dockerfiles.reading import read_dockerfile
from copilot.tools.tool import ReadTool

NAME = re.compile(r"(?i)(docker|container)file([._-].*)?|.*\.(docker|container)file")
LEVELS = {"error": "serious", "warning": "worth a look", "info": "slight", "style": "of style"}
LISTED = 50
DIFF_LINES = 300
REPORT = 16_000


class ImproveDockerfileInput(Frozen):
    files: tuple[Attachment, ...] = Field(
        min_length=1, max_length=4, description="the Dockerfile, with its manifests where they are at hand"
    )


class ChangeSummary(Frozen):
    title: Made = Field(description="what was changed")
    buys: Made = Field(description="what that is good for")
    hunk: Untrusted = Field(description="this change alone, as a unified diff")
    summary: Made = Field(description="one line about it")


class ImproveDockerfileOutput(Frozen):
    name: str = Field(description="the file's name")
    lint_problem: Made = Field(description='why hadolint could not be asked; "" where it was')
    findings: int | None = Field(description="how many findings hadolint has in the file as it came")
    findings_left: int | None = Field(description="how many it has in the new file")
    before: tuple[Finding, ...] = Field(description="hadolint's findings in the file as it came, at most 50")
    after: tuple[Finding, ...] = Field(description="hadolint's findings in the new file, at most 50")
    changes: tuple[ChangeSummary, ...] = Field(description="each change with what it buys, in order, at most 50")
    left_alone: Untrusted = Field(
        description='why the rules left the whole file alone; "" where they did not'
    )  # it may quote the file
    diff: Untrusted = Field(description="all changes together, as a unified diff")
    improved: Untrusted = Field(description="the new file")
    ignore: tuple[Made, ...] = Field(description="lines that a .dockerignore beside it should have")
    further: tuple[str, ...] = Field(
        description="what needs to be known first, a line each", json_schema_extra={"untrusted": True}
    )
    report: Untrusted = Field(description="all of it for a person, of several lines")
    summary: Made = Field(description="one line about it, with the numbers")


class ImproveDockerfile(ReadTool[ImproveDockerfileInput, ImproveDockerfileOutput]):
    name = "improve_dockerfile"
    summary = "Lint a Dockerfile and improve it by rules that keep what it does; shows the diff and the reasons."
    Input = ImproveDockerfileInput
    Output = ImproveDockerfileOutput
    shows = "configuration"
    of_environments = False
    lines = frozenset({"diff", "improved", "hunk"})
    laid_out = frozenset({"report"})

    def run(self, input: ImproveDockerfileInput) -> ImproveDockerfileOutput:
        file = _dockerfile(input.files)
        others = {other.name: other.text for other in input.files if other is not file}
        lint, problem = self.clients.dockerfile_linter.lint, ""
        before: Sequence[Finding] | None = None
        after: Sequence[Finding] | None = None
        changes: tuple[Change, ...] = ()
        try:
            before = lint(file.text)
            changes = improve_linted(file.text, others, before, lint)
            after = lint(changes[-1].after) if changes else before
        except CopilotError as error:
            # What cannot be linted again is not shown as cleaner than it was; what was never linted can be improved.
            problem = quoted(str(error))
            changes = improve(file.text, others) if before is None else ()
            after = before
        new = changes[-1].after if changes else file.text
        read = read_dockerfile(as_read(new))
        left_alone = reason_to_leave(read_dockerfile(as_read(file.text)))
        diff = hunks(file.text, new, file.name)
        ignore = ignore_lines(read, others)
        more = further(read, after or (), others, own_lines(file.text, new))[:LISTED]
        counts = f"{_counts(before, after, problem)}; {count(len(changes), 'change')}"
        summary = f"{quoted(file.name)}: {counts if file.text.strip() else 'the file is empty'}"
        return ImproveDockerfileOutput(
            name=file.name,
            lint_problem=problem,
            findings=None if before is None else len(before),
            findings_left=None if after is None else len(after),
            before=tuple(before or ())[:LISTED],
            after=tuple(after or ())[:LISTED],
            changes=tuple(_summary(change, file.name) for change in changes)[:LISTED],
            left_alone=left_alone,
            diff=diff,
            improved=new,
            ignore=ignore,
            further=more,
            report=_report(summary, left_alone, diff, changes, ignore, more, ".dockerignore" in others),
            summary=summary,
        )


def _dockerfile(files: Sequence[Attachment]) -> Attachment:
    """The one of them that is meant. Raises Ambiguous, with the names, where that is not clear."""
    named = [file for file in files if NAME.fullmatch(file.name)]
    if len(named) == 1 or len(files) == 1:
        return (named or list(files))[0]
    names = ", ".join(quoted(file.name) for file in files)
    if named:
        said = f"one Dockerfile at a time, please; these are several: {names}"
        raise Ambiguous(said, [file.name for file in named], ours=True)
    said = f"none of these is called Dockerfile, so it is not clear which is one: {names}"
    raise Ambiguous(said, [file.name for file in files], ours=True)


def _summary(change: Change, name: str) -> ChangeSummary:
    rule = change.rule
    return ChangeSummary(
        title=rule.title,
        buys=rule.buys,
        hunk=hunks(change.before, change.after, name),
        summary=f"{rule.title}: {rule.buys}",
    )


def _counts(before: Sequence[Finding] | None, after: Sequence[Finding] | None, problem: str) -> str:
    if before is None or after is None:
        return f"not linted, for {problem}"
    unchecked = f" (what was changed could not be linted again, so nothing was: {problem})" if problem else ""
    levels: Counter[str] = Counter(finding.level for finding in before)
    told = ", ".join(f"{levels[level]} {word}" for level, word in LEVELS.items() if levels[level])
    told = f" ({told})" if told else ""
    return f"{count(len(before), 'hadolint finding')} before{told}, {len(after)} after{unchecked}"


def _report(
    summary: str,
    left_alone: str,
    diff: str,
    changes: Iterable[Change],
    ignore: Sequence[str],
    more: Sequence[str],
    has_ignore: bool,
) -> str:
    parts = [inert(summary)]
    lines = diff.split("\n") if diff else []
    shown = [f"    {line}" for line in lines[:DIFF_LINES]]
    if len(lines) > DIFF_LINES:
        shown.append(f"and {len(lines) - DIFF_LINES} lines more of the diff")
    reasons = dict.fromkeys(f"- {change.rule.title}: {change.rule.buys}" for change in changes)
    if left_alone:
        parts.append(f"The rules left the file alone: {inert(left_alone)}.")
    elif not lines:
        parts.append("No rule has anything to change that would surely keep what it does.")
    else:
        parts += ["\n".join(shown), "\n".join(["What this buys:", *reasons])]
    if ignore:
        head = "Add to .dockerignore" if has_ignore else "A .dockerignore beside it should have"
        parts.append("\n".join([f"{head} (fewer needless rebuilds):", *(f"    {line}" for line in ignore)]))
    if more:
        head = "Left, because it takes knowledge the file does not hold; a person or a model could do it:"
        parts.append("\n".join([head, *(f"- {inert(line)}" for line in more)]))
    report = "\n\n".join(parts)
    return report if len(report) <= REPORT else f"{report[:REPORT]}\nand more; this is cut at {REPORT:,} characters"
