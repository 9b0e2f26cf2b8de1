"""ports.Purse where nobody counts: of who asks with an AWS of their own."""

from __future__ import annotations

from copilot.domain import Held, Payer, SpendKind, Sum


class Uncounted:
    def begin(self, kind: SpendKind, dollars: float, calls: int = 1) -> Held:
        return Held(kind, Sum(), Payer(), ())

    def settle(self, held: Held, dollars: float) -> None: ...
