"""What use cases are made of: the adapters of an installation, or whatever else is given in their place.

Each is imported when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, cast

from copilot.bootstrap.defaults import Defaults, default
from copilot.bootstrap.installation import Installation
from copilot.config.configuration import Configuration
from copilot.domain import CODE_HOSTS, PLATFORMS, Payer, Person, Purpose, Retention, Runtime
from copilot.errors import CopilotError, FatalError
from copilot.ports import (
    ChatLinks,
    ChatReader,
    ChatWriter,
    Clock,
    CodeHosts,
    Deliveries,
    DeliveryQueue,
    Deployments,
    Destinations,
    Facts,
    History,
    Homes,
    Inventory,
    LanguageModel,
    Learned,
    Notifier,
    Pagers,
    Runbooks,
    Schedules,
    Spending,
    Store,
    Sweeps,
    Watches,
    Workflow,
)
from copilot.tools.registry import Registry

if TYPE_CHECKING:
    from copilot.intents import Intents
    from copilot.language_model.retrieval import ToolIndex
    from copilot.policy.decisions import Policy
    from copilot.spending.paying import Paying
    from copilot.spending.sheets import Sheets


class Parts(Defaults):
    """What goes by the configuration is made anew each time, since another may be in force by then."""

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
    def intents(self) -> Intents:
        from copilot.intents import load_intents

        return load_intents()

    # what is kept

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

    @default
    def deliveries(self) -> Deliveries:
        return self.installation.records(self.configuration().tenant).deliveries

    @default
    def inventory(self) -> Inventory:
        return self.installation.records(self.configuration().tenant).inventory

    @default
    def spending(self) -> Spending:
        """What the copilot itself costs."""
        return self.installation.records(self.configuration().tenant).spending(self.retention)

    def purse(self, payer: Payer) -> Paying:
        """What is paid out of on somebody's behalf, within the caps of the configuration."""
        from zoneinfo import ZoneInfo

        from copilot.spending.paying import Paying

        config = self.configuration()
        return Paying(lambda: self.spending, config.caps, ZoneInfo(config.time_zone), self.clock, payer)

    def sheets(self, person: Person) -> Sheets:
        """What was spent, as far as this person may see it, with the roles they have now."""
        from zoneinfo import ZoneInfo

        from copilot.spending.sheets import Sheets

        config = self.configuration()

        def sees_others() -> bool:
            return self.policy.may(config.current(person), "see_spend_of_others").outcome == "allow"

        return Sheets(self.spending, config.caps, ZoneInfo(config.time_zone), self.clock, person, sees_others)

    # where things are handed on

    @default
    def sweeps(self) -> Sweeps:
        from copilot.adapters.aws.sweeps import SweepQueue

        return SweepQueue(self.installation.told["SWEEPS"], self.installation.own_client("sqs"))

    @default
    def delivery_queue(self) -> DeliveryQueue:
        """Nothing is put anywhere where neither a chat is deployed nor code hosts are heard."""
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
        """Of every chat that is configured, and of comments as far as they are messages."""
        from copilot.adapters.chats import ByPlatform

        settings = self.configuration().chat
        return ByPlatform(self.chat_on, settings.workspaces[0].platform if settings else "")

    def chat_on(self, platform: str) -> ChatWriter:
        """Raises FatalError where that is not configured."""
        if platform in CODE_HOSTS:
            return self.comments
        settings, known = self.configuration().chat, [one for one in PLATFORMS if one == platform]
        if settings is None or not known:
            raise FatalError("this copilot is reached in no chat: its configuration has no `chat`")
        return self.installation.chat(settings, known[0])

    @default
    def homes(self) -> Homes:
        """Slack alone has such. Raises FatalError where it is not configured."""
        from copilot.adapters.slack.client import SlackClient

        chat = self.chat_on("slack")
        assert isinstance(chat, SlackClient)
        return chat

    @default
    def chat_reader(self) -> ChatReader:
        """As `chat_writer`, without what posts."""
        from copilot.adapters.chats import OnlyReads

        return OnlyReads(self.chat_writer)

    @default
    def code_hosts(self) -> CodeHosts:
        from copilot.adapters.code_hosts.comments import CodeHostReader

        return CodeHostReader(self.configuration().code_hosts, self.installation.code_host)

    @default
    def comments(self) -> ChatWriter:
        """As far as a comment is a message."""
        from copilot.adapters.code_hosts.comments import CodeHostReader, Comments

        host = partial(self.installation.code_host, comments=True)
        return Comments(CodeHostReader(self.configuration().code_hosts, host))

    @default
    def notifier(self) -> Notifier:
        """Of firings: into the chat, where there is one, else the outbox with the function's own right to it. What is
        outside is sent by what shows things in chats.
        """
        from copilot.adapters.outside_notifier import EachItsWay
        from copilot.adapters.queued_notifier import QueuedNotifier

        tenant, in_chat = self.configuration().tenant, self.configuration().chat is not None

        def queued() -> Notifier:
            return QueuedNotifier(self.delivery_queue, tenant)

        return EachItsWay(queued if in_chat else lambda: self.installation.records(tenant).outbox(), queued)

    @default
    def destinations(self) -> Destinations:
        """Outside the chat."""
        return self.installation.destinations(self.configuration().destinations)

    @default
    def pagers(self) -> Pagers:
        """Where an approval is told that nobody answered."""
        return self.installation.pagers(self.configuration().destinations, lambda: self.destinations)

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

    # language models

    def has_model(self) -> bool:
        """Whether one can be asked for plans and answers."""
        return self.configuration().model is not None

    def model_for(self, purpose: Purpose) -> LanguageModel | None:
        """The model for this; None where none is configured for it. Raises as `Installation.language_model` does."""
        settings = self.configuration().model
        name = settings.named(purpose) if settings else None
        return self.installation.language_model(settings, name) if settings and name is not None else None

    @cached_property
    def tool_index(self) -> ToolIndex:
        from copilot.language_model.retrieval import ToolIndex

        return ToolIndex(self.registry)
