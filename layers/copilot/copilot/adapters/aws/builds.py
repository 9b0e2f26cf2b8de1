"""What CodeBuild says of a build that failed (API Reference: BatchGetBuilds, BuildPhase, PhaseContext)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from copilot.adapters.aws.resources.stoppable import LONGEST_EVENT
from copilot.domain.releases import FailedPhase

READS = frozenset({"codebuild:BatchGetBuilds"})
FAILED = frozenset({"FAILED", "FAULT", "TIMED_OUT", "CLIENT_ERROR"})


def failed_phases(codebuild: Any, id: str) -> Sequence[FailedPhase]:
    """`id` is `project:uuid`. Builds are kept for a year."""
    return [
        FailedPhase(phase=phase["phaseType"], status=phase["phaseStatus"], messages=tuple(_messages(phase)))
        for build in codebuild.batch_get_builds(ids=[id])["builds"]
        for phase in build.get("phases", ())
        if phase.get("phaseStatus") in FAILED
    ]


def _messages(phase: Any) -> list[str]:
    """Each as `STATUS_CODE: message`, without those that say neither."""
    told = [(one.get("statusCode", ""), one.get("message", "")) for one in phase.get("contexts", ())]
    return [": ".join(filter(None, each))[:LONGEST_EVENT] for each in told if any(each)]
