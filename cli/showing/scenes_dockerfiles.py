"""The scene with a file: what the copilot answers, judged by reading the file and asking hadolint itself."""

from __future__ import annotations

import re

from cli.showing.stage import Stage

REQUEST = "How can I optimize my Dockerfile?"


def dockerfile(stage: Stage, *paths: str) -> None:
    run = stage.ask(REQUEST, *paths)
    counts = re.search(r"(\d+) hadolint findings? before.*?, (\d+) after", run.answer or "")
    changed = stage.changes()
    stage.expect(run.outcome == "succeeded", "it was answered")
    stage.expect(
        counts is not None and int(counts[2]) < int(counts[1]), "the new file was linted again and has fewer findings"
    )
    stage.expect("    --- a/" in (run.answer or ""), "it is shown as a diff")
    stage.expect(not changed and not run.effects, "nothing was changed")
