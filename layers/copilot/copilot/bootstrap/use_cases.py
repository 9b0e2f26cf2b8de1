"""Every use case, made of the adapters of an installation, or of whatever else is given in their place.

Each adapter and use case is imported when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, cached_property, partial, wraps
from typing import TYPE_CHECKING, Any, Literal, cast

from copilot.bootstrap.defaults import Defaults, default
from copilot.bootstrap.installation import Installation
from copilot.config.configuration import Configuration
from copilot.domain import (
    PRIVATE,
    About,
    Approval,
    ChatPlace,
    ChatUser,
    Decision,
    Delivery,
    Focus,
    OpenQuestion,
    Permission,
    Person,
    Preview,
    Purpose,
    Retention,
    Run,
    Runtime,
    Target,
    Trigger,
    Watch,
    digest,
    is_in_chat,
)
from copilot.errors import CopilotError, FatalError
from copilot.ports import (
    ChatLinks,
    ChatReader,
    ChatWriter,
    Clients,
    Clock,
    Deliveries,
    DeliveryQueue,
    Deployments,
    Facts,
    History,
    Inventory,
    JournalArchive,
    JournalRows,
    KeptOf,
    LanguageModel,
    Learned,
    Notifier,
    Platform,
    Runbooks,
    Schedules,
    Store,
    Sweeps,
    Watches,
    Workflow,
)
from copilot.tools.registry import Registry

if TYPE_CHECKING:
    from copilot.answering.chat.delivering import Deliver
    from copilot.answering.chat.following import Picture
    from copilot.answering.learning import Learn
    from copilot.answering.opening import OpenReport
    from copilot.answering.replying import Reply
    from copilot.answering.telling_owners import TellOwner
    from copilot.intents import Intents
    from copilot.language_model.consulting import Consult
    from copilot.language_model.retrieval import ToolIndex
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
    from copilot.policy.decisions import Policy
    from copilot.policy.rights import Rights
    from copilot.policy.showing import Place as Shown
    from copilot.running.advancing import Advance
    from copilot.running.approving import Approve
    from copilot.running.checking import Check
    from copilot.running.excluding import ExclusionsFor
    from copilot.running.executing import Execute
    from copilot.triggers.acting import BeginThen
    from copilot.triggers.announcing import AnnounceStops
    from copilot.triggers.archiving import ArchiveJournal, LookAtArchive
    from copilot.triggers.at_once import AtOnce
    from copilot.triggers.chatting import TakeChat
    from copilot.triggers.deleting import DeleteKept, OfWhom
    from copilot.triggers.firing import Fire
    from copilot.triggers.freezing import Freezing
    from copilot.triggers.gone import LetGo
    from copilot.triggers.ingesting import Ingest
    from copilot.triggers.interfering import Interfere
    from copilot.triggers.linking import Link
    from copilot.triggers.looking_after import LookAfter
    from copilot.triggers.noting_deployments import NoteDeployments
    from copilot.triggers.recalling import Recall
    from copilot.triggers.standing import Grant
    from copilot.triggers.sweeping import AskForSweeps, Publish, SweepAfter, SweepPlace
    from copilot.triggers.using_runbooks import UseRunbooks
    from copilot.triggers.watching import AskForLooks, Look


class UseCases(Defaults):
    """What goes by the configuration is made anew each time, since another may be in force by then."""

    # the request and its answer

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
    def make_plan(self) -> MakePlan:
        from copilot.planning.make_plan import MakePlan

        parts = (self.hear, self.draft, self.facts_in_words, self.learned_plans)
        return MakePlan(self.store, self.registry, *parts)

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
    def learn(self) -> Learn:
        from copilot.answering.learning import Learn

        return Learn(lambda: self.learned, self.store, self.registry, self.clock)

    @default
    def facts_in_words(self) -> FactsInWords:
        from copilot.planning.facts_in_words import FactsInWords
        from copilot.planning.known_facts import KnownFacts

        zone_of = self.configuration().zone_of
        known = KnownFacts(lambda: self.facts, self.clock, self.intents, self.inventory.known, zone_of)
        return FactsInWords(known, self.intents, self.store.turns, lambda person: self.learned.all(person))

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
        )

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

        parts = (Compose(self.consult), self._may_read, self._zone_of, self.learn)
        return Reply(self.store, self.registry, self.clock, *parts)

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

    @default
    def open_report(self) -> OpenReport:
        from copilot.answering.opening import OpenReport

        records = self.installation.records(self.configuration().tenant)
        return OpenReport(records.report_links, records.sign, self.clock)

    # the run

    @default
    def advance(self) -> Advance:
        from copilot.running.advancing import Advance

        config, able = self.configuration(), self.has_model()
        parts = (self.store, self.registry, self.policy, self.clock, config, self.functions, able)
        return Advance(*parts, known=lambda: self.inventory.known(), exclusions_for=self.exclusions_for)

    @property
    def exclusions_for(self) -> ExclusionsFor:
        from copilot.running.excluding import exclusions_in

        return exclusions_in(lambda: self.facts, self.clock)

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

        return Grant(self.store, self.schedules, self.policy, self.clock, self.configuration())

    @default
    def freezing(self) -> Freezing:
        from copilot.triggers.freezing import Freezing

        config = self.configuration()
        return Freezing(self.store, self.policy, self.clock, config, self.inventory.known)

    @default
    def use_runbooks(self) -> UseRunbooks:
        from copilot.triggers.using_runbooks import UseRunbooks

        return UseRunbooks(self.runbooks, self.ingest, self.registry, self.configuration(), self.clock)

    # who chat users are

    @default
    def link(self) -> Link:
        from secrets import token_bytes

        from copilot.triggers.linking import Link

        return Link(self.chat_links, lambda: self.chat_reader, self.configuration(), self.clock, token_bytes)

    @default
    def gone(self) -> LetGo:
        """People who are."""
        from copilot.triggers.gone import LetGo

        return LetGo(self.chat_links, self.store, lambda: self.chat_reader, self.configuration(), self.clock)

    # what comes by itself

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

    # the journal

    @default
    def archive_journal(self) -> ArchiveJournal:
        from copilot.triggers.archiving import ArchiveJournal

        config = self.configuration()
        return ArchiveJournal(*self._journal, config.retention, config.tenant, self.clock)

    @default
    def look_at_archive(self) -> LookAtArchive:
        from copilot.triggers.archiving import LookAtArchive

        return LookAtArchive(*self._journal, self.configuration().retention, self.clock)

    @property
    def _journal(self) -> tuple[JournalRows, JournalArchive]:
        records = self.installation.records(self.configuration().tenant)
        return records.journal_rows, records.journal_archive(self.installation.told["ARCHIVE"])

    # what is kept of a person

    @default
    def of_whom(self) -> OfWhom:
        from copilot.triggers.deleting import OfWhom

        return OfWhom(self.kept_of, self.policy)

    @default
    def kept_of(self) -> KeptOf:
        return self.installation.records(self.configuration().tenant).kept_of

    @default
    def delete_kept(self) -> DeleteKept:
        from copilot.triggers.deleting import DeleteKept

        parts = (self.store, self.watches, self.chat_links, lambda: self.schedules)
        return DeleteKept(self.of_whom, *parts, self.configuration(), self.clock)

    # what there is

    @default
    def sweep_place(self) -> SweepPlace:
        from copilot.triggers.sweeping import SweepPlace

        config = self.configuration()
        return SweepPlace(self.inventory, self.sweeps, self.platform_of, self.publish, config, self.clock)

    @default
    def ask_for_sweeps(self) -> AskForSweeps:
        from copilot.triggers.sweeping import AskForSweeps

        config = self.configuration()
        return AskForSweeps(self.inventory, self.sweeps, self.store, self.publish, config, self.clock)

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

    @cached_property
    def recall(self) -> Recall:
        from copilot.triggers.recalling import Recall

        return Recall(self.inventory, lambda: self.sweeps, self.store, self.configuration, self.clock)

    # what they are made of

    @cached_property
    def installation(self) -> Installation:
        return Installation()

    @default
    def clock(self) -> Clock:
        return self.installation.clock

    @cached_property
    def registry(self) -> Registry:
        return Registry()

    def configuration(self) -> Configuration:
        """The one in force. Raises as `Installation.configuration` does."""
        return self.installation.configuration()

    def configuration_note(self, *, in_full: bool) -> str:
        """As `Installation.configuration_note`."""
        return self.installation.configuration_note(in_full=in_full)

    @default
    def policy(self) -> Policy:
        config = self.configuration()
        return self.policies(config.tenant, config.read_only)

    @cached_property
    def policies(self) -> Callable[[str, bool], Policy]:
        """By tenant, and whether the installation may only read."""
        from copilot.policy.decisions import Policy

        return cache(lambda tenant, read_only: Policy(self.registry, tenant, read_only))

    @cached_property
    def store(self) -> Store:
        from copilot.adapters.dynamodb.store import DynamoStore

        here = self.installation
        kept = here.told["TABLE"], here.told["BUCKET"], here.own_client("dynamodb"), here.own_client("s3")
        return DynamoStore(*kept, lambda: self.retention, lambda: self.clock.now())

    @default
    def retention(self) -> Retention:
        """Of the configuration; where none can be read things are kept all the same, for as long as by default."""
        try:
            return self.configuration().retention
        except CopilotError:
            return Retention()

    @default
    def schedules(self) -> Schedules:
        """The tenant's, to be read, and firings of theirs to be recorded."""
        return self.installation.records(self.configuration().tenant).schedules()

    @default
    def runbooks(self) -> Runbooks:
        """The tenant's, to be read."""
        return self.installation.records(self.configuration().tenant).runbooks()

    @default
    def facts(self) -> Facts:
        """The tenant's, to be read."""
        return self.installation.records(self.configuration().tenant).facts()

    @default
    def learned(self) -> Learned:
        """The tenant's learned plans."""
        return self.installation.records(self.configuration().tenant).learned

    def no_alias(self, word: str, means: str) -> str:
        """Why the word may not stand for that; "" where it may."""
        from copilot.intents.aliases import why_no_alias

        return why_no_alias(word, means, self.inventory.known(), self.intents)

    @default
    def watches(self) -> Watches:
        """The tenant's, to be read, and to be noted how they stand."""
        return self.installation.records(self.configuration().tenant).watches()

    @default
    def deployments(self) -> Deployments:
        return self.installation.records(self.configuration().tenant).deployments

    @default
    def history(self) -> History:
        return self.installation.records(self.configuration().tenant).effects

    @default
    def chat_links(self) -> ChatLinks:
        return self.installation.records(self.configuration().tenant).chat_links

    # chats

    @default
    def take_chat(self) -> TakeChat:
        from copilot.triggers.chatting import TakeChat

        return TakeChat(
            self.ingest,
            self.approve,
            self.freezing.freeze,
            self.store.approval,
            self.deliveries,
            self.delivery_queue,
            self.chat_reader,
            self.configuration(),
            self.clock,
            self.link,
            self.gone,
            self._may_see,
            self.store,
            self._answers,
        )

    def _answers(self, question: OpenQuestion, trigger: Trigger) -> bool:
        """What it takes is imported where a question is open."""
        from copilot.planning.hearing import answers

        return answers(question, trigger.text, self.hear.present(trigger))

    def _may_see(self, person: Person, approval: Approval) -> bool:
        """Who asked for it, and who may decide it: they answer for what they approve."""
        targets = [target for call in approval.calls for target in call.preview.targets]
        own = person.id == approval.requested_by.id
        return own or self.policy.may_approve(person, targets).outcome == "allow"

    @default
    def deliver(self) -> Deliver:
        from copilot.adapters.chats import Paced
        from copilot.answering.chat.delivering import Deliver
        from copilot.answering.chat.stops import ComingStops

        config, chat = self.configuration(), Paced(self.chat_writer, self.pause)
        return Deliver(
            self.store,
            self.deliveries,
            self.delivery_queue,
            chat,
            config,
            self.clock,
            self.where_to,
            self.chat_users_of,
            self.installation.links_base,
            self.picture,
            self.registry,
            lambda at: ComingStops(self.schedules, self.inventory, config)(at),
            chat.rest,
        )

    def show(self, kind: Literal["progress", "answer", "approval"], of: Mapping[str, Any], **more: Any) -> None:
        """Have it shown where it is asked for in a chat; an approval wherever it is asked for. `of` has the tenant, the
        Conversation and the id of a Run, as the machine hands them on.
        """
        if (kind == "approval" or is_in_chat(of["conversation"])) and self.configuration().chat is not None:
            which = {name: of[name] for name in ("tenant", "conversation", "run_id")}
            self.delivery_queue.put([Delivery.model_validate({"kind": kind, **which, **more})])

    def show_owners(self, of: Mapping[str, Any]) -> None:
        """Have those told who own what a Run changed, wherever it was asked for. `of` has its tenant and id. Nothing
        of one that changed nothing: that is most of them.
        """
        if self.configuration().chat is None:
            return
        tenant, run_id = of["tenant"], of["run_id"]
        if any(entry.did_something for entry in self.store.effects(tenant, run_id)):
            self.delivery_queue.put([Delivery(kind="owners", tenant=tenant, run_id=run_id)])

    def picture(self, url: str) -> Picture | None:
        from copilot.answering.chat.following import Picture

        found = self.installation.records(self.configuration().tenant).picture(url)
        return None if found is None else Picture(*found)

    def show_decided(self, run: Run, approval_id: str) -> None:
        """Have every copy of an approval show what became of it."""
        if self.configuration().chat is not None:
            one = Delivery(kind="decided", tenant=run.tenant, run_id=run.run_id, approval_id=approval_id, key="decided")
            self.delivery_queue.put([one])

    def pause(self, seconds: float) -> None:
        from time import sleep

        sleep(seconds)

    def chat_users_of(self, person_id: str) -> tuple[ChatUser, ...]:
        """Who this person is in the chats of the configuration, by that and by links that are good."""
        config, now = self.configuration(), self.clock.now()
        known = config.known(person_id)
        users = [ChatUser.at(address) for address in (known.chat if known else ())]
        users += [link.user for link in self.chat_links.links_of(person_id) if link.until > now]
        there = {one.id for one in config.chat.workspaces} if config.chat else set[str]()
        return tuple(one for one in dict.fromkeys(users) if one.workspace in there)

    def where_to(self, person: Person, about: About, place: ChatPlace) -> Shown:
        """Where policy lets what tells of this stand, for this person, with the roles they have now."""
        from copilot.policy.showing import where_to

        return where_to(self.policy, self.configuration().current(person), about, place)

    def _may_tell(self, person: Person, channel: str, about: About) -> bool:
        """Whether this person may have what tells of this sent there, unasked, by the roles there are now."""
        from copilot.policy.showing import may_be_told

        return may_be_told(self.policy, self.configuration().current, person, channel, about)

    @default
    def deliveries(self) -> Deliveries:
        return self.installation.records(self.configuration().tenant).deliveries

    @default
    def delivery_queue(self) -> DeliveryQueue:
        """Nothing is put anywhere where no chat is deployed."""
        told = self.installation.told
        here, later = told.get("DELIVERIES", ""), told.get("DELIVERIES_LATER", "")
        if not here and not later:
            from copilot.adapters.memory_chat import MemoryQueue

            return MemoryQueue()
        from copilot.adapters.aws.deliveries import DeliveryQueues

        sqs = self.installation.own_client("sqs")
        return DeliveryQueues(here, later, told.get("CHAT_DEAD_LETTERS", ""), sqs, self.clock)

    @default
    def chat_writer(self) -> ChatWriter:
        """Raises FatalError where no chat is configured."""
        settings = self.configuration().chat
        if settings is None:
            raise FatalError("this copilot is reached in no chat: its configuration has no `chat`")
        return self.installation.slack(settings)

    @default
    def chat_reader(self) -> ChatReader:
        """As `chat_writer`, without what posts."""
        from copilot.adapters.chats import OnlyReads

        return OnlyReads(self.chat_writer)

    @default
    def inventory(self) -> Inventory:
        return self.installation.records(self.configuration().tenant).inventory

    @default
    def sweeps(self) -> Sweeps:
        from copilot.adapters.aws.sweeps import SweepQueue

        return SweepQueue(self.installation.told["SWEEPS"], self.installation.own_client("sqs"))

    @default
    def notifier(self) -> Notifier:
        """Of firings: into the chat, where there is one, else the outbox with the function's own right to it."""
        tenant = self.configuration().tenant
        if self.configuration().chat is None:
            return self.installation.records(tenant).outbox()
        from copilot.adapters.queued_notifier import QueuedNotifier

        return QueuedNotifier(self.delivery_queue, tenant)

    @default
    def workflow(self) -> Workflow:
        from copilot.adapters.aws.stepfunctions import Machine

        return Machine(self.installation.told.get("MACHINE_ARN", ""), self.installation.own_client("stepfunctions"))

    @default
    def functions(self) -> Mapping[str, str]:
        """Which function the machine invokes for an item: by runtime, and for its check."""
        told = self.installation.told
        return {
            "read": told["EXECUTE_READ"],
            "write": told["EXECUTE_WRITE"],
            "render": told["EXECUTE_RENDER"],
            "send": told["EXECUTE_SEND"],
            "check": told["CHECK_STEP"],
        }

    @default
    def runtime(self) -> Runtime | None:
        """What this function runs; None for all."""
        return cast(Runtime, self.installation.told["RUNTIME"])

    def announce_parked(self, tenant: str, conversation: str, run_id: str) -> None:
        from copilot.adapters.aws.events import announce_parked

        announce_parked(self.installation.own_client("events"), tenant, conversation, run_id)

    def announce_true(self, watch_id: str) -> None:
        from copilot.adapters.aws.events import announce_true

        announce_true(self.installation.own_client("events"), watch_id)

    # what tools are built with

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
        )

    def reading_for_watch(self, person: Person, watch: Watch) -> Clients:
        """The same for a look by this person, which is always afresh."""
        from copilot.bootstrap.clients import AwsClients

        call_id = f"{watch.id}/{watch.revision}"
        decided = partial(self._would_decide, person)
        return AwsClients(self.installation, self.configuration(), watch.id, call_id, person, decided=decided)

    def reading_back(self, run: Run, call_id: str) -> Clients:
        """The same for who checks what a call did."""
        return self._clients(run, call_id, knows_ledger=False)

    def writing(self, run: Run, call_id: str, permissions: Sequence[Permission]) -> Clients:
        """Clients that can do what the permissions name and nothing else, on behalf of the run's person."""
        return self._clients(run, call_id, permissions=tuple(permissions), refuses=self.no_alias)

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

    def _clients(self, run: Run, call_id: str, **more: Any) -> Clients:
        from copilot.bootstrap.clients import AwsClients

        person, asked_at = run.trigger.person, run.trigger.answer_to
        config = self.configuration()
        return AwsClients(self.installation, config, run.run_id, call_id, person, asked_at=asked_at, **more)

    def platform_of(self, config: Configuration) -> Platform:
        """Only to be read, with sessions of its own: a process that reads every account would keep clients of all."""
        from copilot.bootstrap.clients import platform_over

        return platform_over(config, self.installation.new_readers(config.accounts), None, self.clock)

    # language models

    def has_model(self) -> bool:
        """Whether one can be asked for plans and answers."""
        return self.configuration().model is not None

    def model_for(self, purpose: Purpose) -> LanguageModel | None:
        """The model for this; None where none is configured for it. Raises as `Installation.language_model` does."""
        settings = self.configuration().model
        name = settings.named(purpose) if settings else None
        return self.installation.language_model(settings, name) if settings and name is not None else None

    @default
    def consult(self) -> Consult | None:
        if not self.has_model():
            return None
        from copilot.language_model.consulting import Consult
        from copilot.language_model.prices import dollars

        return Consult(self.store, self.clock, self.configuration().budgets, self.model_for, dollars)

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

    @cached_property
    def tool_index(self) -> ToolIndex:
        from copilot.language_model.retrieval import ToolIndex

        return ToolIndex(self.registry)

    @default
    def intents(self) -> Intents:
        return _intents()


@cache
def _intents() -> Intents:
    """A part of the copilot, and so the same for all."""
    from copilot.intents import load_intents

    return load_intents()


@cache
def deployed() -> UseCases:
    """Those of this process, over the installation that its environment tells of."""
    return UseCases()


def with_use_cases(handler: Callable[[Any, Any, UseCases], Any]) -> Callable[..., Any]:
    """A Lambda handler that is given this process's use cases, unless whoever calls it hands in others."""

    @wraps(handler)
    def handle(event: Any, context: Any, use_cases: UseCases | None = None) -> Any:
        return handler(event, context, use_cases or deployed())

    return handle
