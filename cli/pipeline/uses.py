"""What this job has asked for before: so that what did not come to an end is asked for once, and what did, anew."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cli.pipeline.job import Job


class Uses:
    """In a file of the machine that the job runs on. Where that is lost, the same request is the same run."""

    def __init__(self, job: Job, environment: Mapping[str, str]) -> None:
        self.folder = Path(environment.get("RUNNER_TEMP") or tempfile.gettempdir())
        name = hashlib.sha256(json.dumps([job.platform, *job.identity]).encode()).hexdigest()[:20]
        self._path = self.folder / f"devops-copilot-{name}.json"

    def ended(self, request: str) -> int:
        """How often this was asked for and answered."""
        found = self._read().get("ended", {})
        return int(found.get(request, 0)) if isinstance(found, dict) else 0

    def end(self, request: str) -> None:
        kept = self._read()
        kept["ended"] = kept.get("ended", {}) | {request: self.ended(request) + 1}
        self._write(kept | {"run_id": ""})

    @property
    def run_id(self) -> str:
        """The one under way; "" where none is."""
        return str(self._read().get("run_id", ""))

    def begin(self, run_id: str) -> None:
        self._write(self._read() | {"run_id": run_id})

    def _read(self) -> dict[str, Any]:
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return kept if isinstance(kept, dict) else {}

    def _write(self, kept: Mapping[str, Any]) -> None:
        self._path.touch(mode=0o600)
        self._path.write_text(json.dumps(kept), encoding="utf-8")
