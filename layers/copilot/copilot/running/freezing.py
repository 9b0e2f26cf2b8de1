"""What a freeze keeps from beginning."""

from __future__ import annotations

from collections.abc import Iterable

from copilot.domain import Freeze, Preview


def frozen_by(freezes: Iterable[Freeze], person: str, preview: Preview, *, granted: bool = False) -> str:
    """Why what the preview shows may not begin on behalf of this person; "" where nothing keeps it from that.

    What an Approval `granted` is taken back under any freeze but the person's own.
    """
    covering = (freeze for freeze in freezes if freeze.scope.covers(person, preview))
    return next((freeze.told for freeze in covering if not granted or freeze.scope.of == "person"), "")
