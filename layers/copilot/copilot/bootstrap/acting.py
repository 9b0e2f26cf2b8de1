"""The use cases of a Run at work, and of those who may let it go on, stop it or begin another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot.bootstrap.asking import Asking
from copilot.bootstrap.defaults import default

if TYPE_CHECKING:
    from copilot.running.advancing import Advance
    from copilot.running.approving import Approve
    from copilot.running.checking import Check
    from copilot.running.executing import Execute
    from copilot.triggers.interfering import Interfere
    from copilot.triggers.standing import Grant
    from copilot.triggers.using_runbooks import UseRunbooks


class Acting(Asking):
    @default
    def advance(self) -> Advance:
        from copilot.running.advancing import Advance

        config, able = self.configuration(), self.has_model()
        parts = (self.store, self.registry, self.policy, self.clock, config, self.functions, able)
        return Advance(*parts, known=lambda: self.inventory.known(), exclusions_for=self.exclusions_for)

    @default
    def execute(self) -> Execute:
        from copilot.running.executing import Execute

        parts = (self.store, self.registry, self.clock, self.reading, self.writing, self.runtime)
        return Execute(*parts, exclusions_for=self.exclusions_for)

    @default
    def check(self) -> Check:
        from copilot.running.checking import Check

        return Check(self.store, self.registry, self.clock, self.reading_back)

    @default
    def approve(self) -> Approve:
        from copilot.running.approving import Approve

        return Approve(self.store, self.policy, self.workflow, self.clock)

    @default
    def interfere(self) -> Interfere:
        from copilot.triggers.interfering import Interfere

        return Interfere(self.ingest, self.policy)

    @default
    def grant(self) -> Grant:
        """Standing approvals."""
        from copilot.triggers.standing import Grant

        parts = (self.store, self.schedules, self.policy, self.clock, self.configuration())
        return Grant(*parts, lambda: self.runbooks)

    @default
    def use_runbooks(self) -> UseRunbooks:
        from copilot.triggers.using_runbooks import UseRunbooks

        return UseRunbooks(self.runbooks, self.ingest, self.registry, self.configuration(), self.clock)
