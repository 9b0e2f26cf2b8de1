"""What tools are built with: clients that can do what a call may do, on behalf of whose Run it is."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from copilot.bootstrap.parts import Parts
from copilot.config.configuration import Configuration
from copilot.domain import Decision, Payer, Permission, Person, Preview, Run, Target, Watch, channel_of
from copilot.ports import Clients, Platform

if TYPE_CHECKING:
    from copilot.running.excluding import ExclusionsFor
    from copilot.triggers.recalling import Recall


class ToolClients(Parts):
    def reading(self, run: Run, call_id: str) -> Clients:
        """Clients that read, with the read roles."""
        decided, keeps_back = partial(self._would_decide, run.trigger.person), partial(self._frozen, run)
        return self._clients(
            run,
            call_id,
            recalled=lambda: self.recall(),
            decided=decided,
            keeps_back=keeps_back,
            refuses=self.no_alias,
            sheets=lambda *asked: self.sheets(run.trigger.person)(*asked),
        )

    def reading_for_watch(self, person: Person, watch: Watch) -> Clients:
        """The same for a look by this person, which is always afresh."""
        from copilot.bootstrap.clients import AwsClients

        call_id = f"{watch.id}/{watch.revision}"
        decided = partial(self._would_decide, person)
        purse = self.purse(Payer(person=person.id, channel=channel_of(watch.where), run=watch.id))
        more: Any = {"decided": decided, "sheets": lambda *asked: self.sheets(person)(*asked)}
        return AwsClients(self.installation, self.configuration(), watch.id, call_id, person, purse, **more)

    def reading_back(self, run: Run, call_id: str) -> Clients:
        """The same for who checks what a call did."""
        return self._clients(run, call_id, knows_ledger=False)

    def writing(self, run: Run, call_id: str, permissions: Sequence[Permission]) -> Clients:
        """Clients that can do what the permissions name and nothing else, on behalf of the run's person."""
        return self._clients(run, call_id, permissions=tuple(permissions), refuses=self.no_alias)

    def _clients(self, run: Run, call_id: str, **more: Any) -> Clients:
        from copilot.bootstrap.clients import AwsClients

        person, asked_at = run.trigger.person, run.trigger.answer_to
        config, purse = self.configuration(), self.purse(Payer.of_run(run))
        recurring = "on a schedule" if run.trigger.schedule_id else ""
        more |= {"asked_at": asked_at, "recurring": recurring}
        return AwsClients(self.installation, config, run.run_id, call_id, person, purse, **more)

    def _would_decide(self, person: Person, tool: str, targets: Sequence[Target], **so: Any) -> Decision:
        return self.policy.decide(self.configuration().current(person), self.registry.find(tool), targets, **so)

    def _frozen(self, run: Run, preview: Preview) -> str:
        """Or what is off limits."""
        from copilot.running.excluding import kept_from
        from copilot.running.freezing import frozen_by

        person = run.trigger.person.id
        if frozen := frozen_by(self.store.freezes(run.tenant), person, preview):
            return frozen
        excluded = kept_from(self.exclusions_for(person), preview, self.clock.now())
        return excluded.reason if excluded else ""

    @property
    def exclusions_for(self) -> ExclusionsFor:
        from copilot.running.excluding import exclusions_in

        return exclusions_in(lambda: self.facts, self.clock)

    def no_alias(self, word: str, means: str) -> str:
        """Why the word may not stand for that; "" where it may."""
        from copilot.intents.aliases import why_no_alias

        return why_no_alias(word, means, self.inventory.known(), self.intents)

    def platform_of(self, config: Configuration) -> Platform:
        """Only to be read, with sessions of its own: a process that reads every account would keep clients of all."""
        from copilot.bootstrap.clients import platform_over

        return platform_over(config, self.installation.new_readers(config.accounts), None, self.clock)

    @cached_property
    def recall(self) -> Recall:
        from copilot.triggers.recalling import Recall

        return Recall(self.inventory, lambda: self.sweeps, self.store, self.configuration, self.clock)
