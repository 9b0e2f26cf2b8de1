"""The use cases of what comes by itself: schedules, watches, events, sweeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from copilot.bootstrap.chatting import Chatting
from copilot.bootstrap.defaults import default
from copilot.domain import Payer

if TYPE_CHECKING:
    from copilot.answering.telling_owners import TellOwner
    from copilot.spending.paying import TellOfCaps
    from copilot.triggers.acting import BeginThen
    from copilot.triggers.announcing import AnnounceStops
    from copilot.triggers.firing import Fire
    from copilot.triggers.looking_after import LookAfter
    from copilot.triggers.noting_deployments import NoteDeployments
    from copilot.triggers.sweeping import AskForSweeps, Publish, SweepAfter, SweepPlace
    from copilot.triggers.watching import AskForLooks, Look


class ByItself(Chatting):
    @default
    def fire(self) -> Fire:
        from copilot.triggers.firing import Fire

        return Fire(self.schedules, self.ingest, self.registry, self.configuration(), self.clock)

    @default
    def announce_stops(self) -> AnnounceStops:
        from copilot.triggers.announcing import AnnounceStops

        return AnnounceStops(self.schedules, self.delivery_queue, self.configuration(), self.clock)

    @default
    def look_after(self) -> LookAfter:
        """A Schedule."""
        from copilot.triggers.looking_after import LookAfter

        return LookAfter(self.schedules, self.store, self.configuration(), self.clock)

    @default
    def tell_owner(self) -> TellOwner:
        """Of firings."""
        from copilot.answering.telling_owners import TellOwner

        parts = (self.schedules, self.store, self.notifier, self.configuration(), self.registry, self._may_tell)
        return TellOwner(*parts)

    @default
    def note_deployments(self) -> NoteDeployments:
        from copilot.triggers.noting_deployments import NoteDeployments

        return NoteDeployments(self.deployments)

    # what is watched

    @default
    def ask_for_looks(self) -> AskForLooks:
        """At what is watched."""
        from copilot.triggers.watching import AskForLooks

        return AskForLooks(self.watches, self.sweeps, self.clock)

    @default
    def look(self) -> Look:
        """At what is watched."""
        from copilot.triggers.watching import Look, TellWatcher

        config = self.configuration()
        tell = TellWatcher(
            self.policy,
            self.registry,
            config,
            self.delivery_queue,
            lambda: self.notifier,
            lambda: self.chat_reader,
            self.chat_users_of,
        )
        parts = (self.watches, self.policy, self.registry, self.reading_for_watch, self.inventory.known)
        return Look(*parts, tell, self.announce_true, config, self.clock)

    @default
    def begin_then(self) -> BeginThen:
        """What a watch was to do."""
        from copilot.triggers.acting import BeginThen

        return BeginThen(self.watches, self.ingest, self.registry, self.configuration(), self.clock)

    # what there is

    @default
    def ask_for_sweeps(self) -> AskForSweeps:
        from copilot.triggers.sweeping import AskForSweeps

        config = self.configuration()
        return AskForSweeps(self.inventory, self.sweeps, self.store, self.publish, config, self.clock)

    @default
    def sweep_place(self) -> SweepPlace:
        from copilot.triggers.sweeping import SweepPlace

        config = self.configuration()
        parts = (self.inventory, self.sweeps, self.platform_of, self.publish, config, self.clock)
        return SweepPlace(*parts, self.purse(Payer(run="sweep")))

    @default
    def tell_of_caps(self) -> TellOfCaps:
        from copilot.spending.paying import TellOfCaps

        return TellOfCaps(self.purse(Payer()), lambda: self.notifier, self.configuration().reports_to)

    @default
    def sweep_after(self) -> SweepAfter:
        """A Run."""
        from copilot.triggers.sweeping import SweepAfter

        return SweepAfter(self.store, self.sweeps, self.configuration())

    @default
    def publish(self) -> Publish:
        from copilot.triggers.sweeping import Publish

        config = self.configuration()
        return Publish(self.inventory, config, self.platform_of(config).types)
