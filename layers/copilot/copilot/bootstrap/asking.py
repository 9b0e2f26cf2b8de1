"""The use cases of a request: from its Trigger to its plan, and from what came of that to the answer."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from copilot.bootstrap.defaults import default
from copilot.bootstrap.tool_clients import ToolClients
from copilot.domain import PRIVATE, About, Focus, Known, Payer, PendingApproval, Person, Run, Trigger, digest

if TYPE_CHECKING:
    from copilot.answering.home import MakeHome
    from copilot.answering.home import Rights as HomeRights
    from copilot.answering.learning import Learn
    from copilot.answering.opening import OpenReport
    from copilot.answering.replying import Reply
    from copilot.language_model.consulting import Consult
    from copilot.planning.asking_runbooks import AskForRunbook
    from copilot.planning.doing_again import DoAgain
    from copilot.planning.drafting import Draft
    from copilot.planning.facts_in_words import FactsInWords
    from copilot.planning.freezing_in_words import FreezeInWords
    from copilot.planning.hearing import Hear
    from copilot.planning.learned import LearnedPlans
    from copilot.planning.make_plan import MakePlan
    from copilot.planning.retrying import Retry
    from copilot.planning.saving import SaveRunbook
    from copilot.planning.undoing import Undo
    from copilot.planning.waiting import Waiting
    from copilot.plans.kept_back import MayRead
    from copilot.policy.rights import Rights
    from copilot.spending.paying import Paying
    from copilot.triggers.at_once import AtOnce
    from copilot.triggers.freezing import Freezing
    from copilot.triggers.ingesting import Ingest


class Asking(ToolClients):
    @default
    def ingest(self) -> Ingest:
        from copilot.triggers.ingesting import Ingest

        return Ingest(self.store, self.workflow, self.clock, self.at_once)

    @default
    def at_once(self) -> AtOnce:
        from copilot.triggers.at_once import AtOnce

        return AtOnce(self.store, lambda: self.freeze_in_words)

    @default
    def freeze_in_words(self) -> FreezeInWords:
        from copilot.planning.freezing_in_words import FreezeInWords

        return FreezeInWords(self.store, self.freezing, self.configuration(), self.inventory.known, self.clock)

    @default
    def freezing(self) -> Freezing:
        from copilot.triggers.freezing import Freezing

        config = self.configuration()
        return Freezing(self.store, self.policy, self.clock, config, self.inventory.known)

    # a plan

    @default
    def make_plan(self) -> MakePlan:
        from copilot.planning.make_plan import MakePlan

        parts = (self.hear, self.draft, self.facts_in_words, self.learned_plans)
        return MakePlan(self.store, self.registry, *parts, lambda where: self.configuration().service_at(where))

    @default
    def hear(self) -> Hear:
        from copilot.planning.hearing import Hear

        config = self.configuration()
        return Hear(
            self.intents,
            self.registry,
            self._rights_of,
            self.inventory.known,
            config.zone_of,
            config.most_at_once,
            config.owned_as,
            config.may_be_told,
            lambda trigger: self.undo(trigger),
            self.ask_for_runbook,
            lambda trigger, said: self.save_runbook(trigger, said),
            config.reports_to,
            lambda trigger: self.retry(trigger),
            lambda trigger: self.waiting(trigger),
            lambda trigger, since, until: self.do_again(trigger, since, until),
            self._may_tell,
            config.limits,
            self._home_in_lines,
        )

    @default
    def home(self) -> MakeHome:
        from copilot.answering.chat.stops import ComingStops
        from copilot.answering.home import MakeHome

        config, known = self.configuration(), cache(self.inventory.known)
        coming = cache(lambda at: ComingStops(self.schedules, self.inventory, config)(at))
        return MakeHome(self.store, self.schedules, known, coming, self._home_rights, config, self.clock)

    def _home_in_lines(self, trigger: Trigger) -> str:
        from copilot.answering.chat.home import in_lines

        return in_lines(self.home(trigger.person, trigger.dedupe_key))

    def _home_rights(self, person: Person) -> HomeRights:
        from copilot.answering.home import Rights as HomeRights
        from copilot.planning.about_itself import about, three
        from copilot.policy.rights import rights_of

        policy, rights, known = self.policy, rights_of(person, self.policy, self.registry), self.inventory.known()

        def decides(one: PendingApproval) -> bool:
            targets = [target for call in one.calls for target in call.targets]
            return policy.may_approve(person, targets, own=one.requested_by.id == person.id).outcome == "allow"

        return HomeRights(
            sees_all=policy.may(person, "list_all_runs").outcome == "allow",
            decides=decides,
            pauses=lambda schedule: rights.schedules[schedule.kind],
            rights=about("rights", person, rights, self.intents, known).split("\n"),
            requests=three(rights, self.intents, _theirs_first(known, self.configuration().owned_as(person))),
        )

    def _purse_of(self, run: Run) -> Paying:
        return self.purse(Payer.of_run(run))

    def _spent(self, run: Run) -> str:
        """Which caps this Run came near to."""
        return "\n".join(self._purse_of(run).told())

    @default
    def draft(self) -> Draft | None:
        consult = self.consult
        if consult is None:
            return None
        from copilot.answering.grounding import unfounded_numbers
        from copilot.planning.drafting import Draft

        config = self.configuration()
        parts = (self.tool_index, self.clock, config, unfounded_numbers, self._may_read)
        return Draft(consult, self.store, self.registry, *parts)

    @default
    def consult(self) -> Consult | None:
        if not self.has_model():
            return None
        from copilot.language_model.consulting import Consult
        from copilot.language_model.prices import dollars

        config = self.configuration()
        most_out = config.model.max_output_tokens if config.model else None
        parts = (self.store, self.clock, config.budgets, self.model_for, dollars)
        return Consult(*parts, self._purse_of, most_out)

    @default
    def learned_plans(self) -> LearnedPlans:
        from copilot.planning.learned import LearnedPlans
        from copilot.planning.request_shapes import Vocabulary

        config = self.configuration()

        def vocabulary() -> Vocabulary:
            people = [one.id for one in config.people]
            return Vocabulary(self.intents.lexicon, self.inventory.known(), config.may_be_told, people)

        parts = (lambda: self.learned, vocabulary, self.planned_under, self.registry, self.clock)
        return LearnedPlans(*parts, self.store.turns)

    def planned_under(self) -> str:
        """The digest of all that a plan is made under, besides its request."""
        from copilot.language_model.prompting import prompts_digest

        tools = self.registry.versions()
        return digest([tools, self.policy.digest, prompts_digest(), self.configuration().model_dump(mode="json")])

    @default
    def facts_in_words(self) -> FactsInWords:
        from copilot.planning.facts_in_words import FactsInWords
        from copilot.planning.known_facts import KnownFacts

        zone_of = self.configuration().zone_of
        known = KnownFacts(lambda: self.facts, self.clock, self.intents, self.inventory.known, zone_of)
        return FactsInWords(known, self.intents, self.store.turns, lambda person: self.learned.all(person))

    @default
    def waiting(self) -> Waiting:
        from copilot.planning.waiting import Waiting

        return Waiting(self.store, self.clock, self.configuration().zone_of)

    @default
    def ask_for_runbook(self) -> AskForRunbook:
        from copilot.planning.asking_runbooks import AskForRunbook

        return AskForRunbook(lambda: self.runbooks, self.registry, self.configuration().may_be_told)

    @default
    def save_runbook(self) -> SaveRunbook:
        from copilot.planning.saving import SaveRunbook

        return SaveRunbook(self.store, self.registry, self._may_tell)

    @default
    def undo(self) -> Undo:
        from copilot.planning.undoing import Undo

        return Undo(self.store, self.registry, self.clock, self.history)

    @default
    def retry(self) -> Retry:
        from copilot.planning.retrying import Retry

        return Retry(self.store, self.registry, self.clock, lambda trigger: self.undo(trigger))

    @default
    def do_again(self) -> DoAgain:
        from copilot.planning.doing_again import DoAgain

        zone_of = self.configuration().zone_of
        return DoAgain(self.store, self.registry, self.history, lambda trigger: self.hear(trigger, Focus()), zone_of)

    def _rights_of(self, person: Person) -> Rights:
        """As they are now, whoever asked earlier."""
        from copilot.policy.rights import rights_of

        return rights_of(self.configuration().current(person), self.policy, self.registry)

    # an answer

    @default
    def reply(self) -> Reply:
        from copilot.answering.replying import Reply

        parts = (self.store, self.registry, self.clock)
        return Reply(*parts, may_read=self._may_read, zone_of=self._zone_of, learn=self.learn)

    @default
    def reply_composed(self) -> Reply:
        """The same with a model at hand, for answers that a template cannot give."""
        from copilot.answering.composing import Compose
        from copilot.answering.replying import Reply

        parts = (Compose(self.consult), self._may_read, self._zone_of, self.learn, self._spent)
        return Reply(self.store, self.registry, self.clock, *parts)

    @default
    def learn(self) -> Learn:
        from copilot.answering.learning import Learn

        return Learn(lambda: self.learned, self.store, self.registry, self.clock)

    @default
    def open_report(self) -> OpenReport:
        from copilot.answering.opening import OpenReport

        records = self.installation.records(self.configuration().tenant)
        return OpenReport(records.report_links, records.sign, self.clock)

    def _zone_of(self, person: str) -> str:
        """Read from the configuration only where times are told."""
        return self.configuration().zone_of(person)

    def _may_read(self, person: Person) -> MayRead:
        """By their roles now. For what is status policy is not asked: without it there is nothing to plan with, and
        whoever answers with nothing else need not read the policies.
        """

        @cache
        def may(about: About) -> bool:
            now = self.configuration().current(person)
            return about.shows == PRIVATE[0] or self.policy.may_show(now, about, "provider").outcome == "allow"

        return may

    def _may_tell(self, person: Person, channel: str, about: About) -> bool:
        """Whether this person may have what tells of this sent there, unasked, by the roles there are now."""
        from copilot.policy.showing import may_be_told

        return may_be_told(self.policy, self.configuration(), person, channel, about)


def _theirs_first(known: Known, names: Sequence[str]) -> Known:
    """What is known, what this person owns before what others do."""
    there = sorted(known.environments, key=lambda one: one.owner not in names)
    return known.model_copy(update={"environments": tuple(there)})
