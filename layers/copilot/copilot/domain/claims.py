"""What a Run does about an effect of another one: each is taken back, or made where it was not, by one Run."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from copilot.domain.frozen import Frozen
from copilot.domain.leases import Lease, Taking
from copilot.domain.plans import StepId
from copilot.domain.targets import ResourceRef

CLAIMED = timedelta(days=30)
"""So long it is kept which Run did: longer than an Approval grants an undo, and than a Run may be retried."""


class EffectPlace(Frozen):
    """Where the ledger has an effect, or would have one that was not made."""

    run_id: str
    step: StepId
    item: int


class Claim(Frozen):
    """That the effect `of` another Run is taken back, or is made where that Run did not."""

    how: Literal["undo", "retry"]
    of: EffectPlace

    @property
    def ref(self) -> ResourceRef:
        return ResourceRef(type=self.how, id=f"{self.of.run_id}/{self.of.step}/{self.of.item}")

    def taken(self, seen: Lease | None, run_id: str, now: datetime) -> Taking:
        """As a lease that this Run never gives back; `seen` is the one there was, of whichever Run."""
        return Taking.of(self.ref, seen, run_id, now + CLAIMED)
