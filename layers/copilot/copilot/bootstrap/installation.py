"""What this process is told by its environment, and what it keeps of that for its life."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from functools import cache, cached_property, lru_cache, partial
from typing import TYPE_CHECKING, Any

from copilot.adapters.system_clock import SystemClock
from copilot.bootstrap.defaults import Defaults, default
from copilot.bootstrap.records import Records
from copilot.config.chats import ChatSettings, ChatWorkspace
from copilot.config.configuration import Account, CodeHost, Configuration, ModelSettings
from copilot.config.destinations import DestinationSettings
from copilot.domain import CODE_HOSTS, PLATFORMS, CodeHostName, PlatformName
from copilot.edges.observing import count, logger
from copilot.errors import FatalError
from copilot.ports import ChatSender, Clock, Destinations, LanguageModel, Pagers, VersionedText

if TYPE_CHECKING:
    from copilot.adapters.aws.sessions import ClientFactory, ReadSessions
    from copilot.adapters.code_hosts.hosts import Host
    from copilot.config.last_good import InForce, LastGood

CONFIGURATION_SECONDS = 60
KEY_SECONDS = 300


class Installation(Defaults):
    """One for each process. Everything is read, made and imported when it is first asked for."""

    _found: InForce | None = None
    """What the last reading of the configuration found."""

    @default
    def told(self) -> Mapping[str, str]:
        return os.environ

    @cached_property
    def clock(self) -> Clock:
        return SystemClock()

    def seconds(self) -> float:
        """Since any fixed moment, for what is read again after a time."""
        return time.monotonic()

    @property
    def region(self) -> str:
        return self.told["AWS_REGION"]

    @property
    def is_emulated(self) -> bool:
        return "AWS_ENDPOINT_URL" in self.told

    # AWS

    @cached_property
    def factory(self) -> ClientFactory:
        import boto3

        from copilot.adapters.aws.sessions import ClientFactory

        return ClientFactory(boto3.Session().client)

    def own_client(self, service: str) -> Any:
        """A boto3 client with the function's own role."""
        return self.factory.own(service, self.region)

    @cached_property
    def readers(self) -> Callable[[tuple[Account, ...]], ReadSessions]:
        """For accounts, shared by all calls of this process: what a role may read does not depend on who asks."""
        return cache(self.new_readers)

    def new_readers(self, accounts: tuple[Account, ...]) -> ReadSessions:
        from copilot.adapters.aws.sessions import ReadSessions

        return ReadSessions(accounts, "devops-copilot", self.factory, self.clock)

    # what the copilot keeps

    @cached_property
    def records(self) -> Callable[[str], Records]:
        """For a tenant."""
        return cache(self._records)

    def _records(self, tenant: str) -> Records:
        return Records(
            tenant, self.told["TABLE"], self.told["BUCKET"], self.own_client, lambda: self.links_base, self.clock
        )

    @property
    def links_base(self) -> str:
        """The address of the HTTP API; on the laptop's AWS the form of it that needs no name to be resolved."""
        url = self.told["API_URL"]
        if not self.is_emulated:
            return url
        api_id = url.partition("://")[2].partition(".")[0]
        return f"{self.told['AWS_ENDPOINT_URL']}/_aws/execute-api/{api_id}"

    # the configuration

    @cached_property
    def kept_configuration(self) -> VersionedText:
        from copilot.adapters.aws.parameters import Parameter

        return Parameter(self.told["CONFIG_PARAMETER"], self.own_client("ssm"))

    def configuration(self) -> Configuration:
        """The one in force, read again after a minute; the last good one, where what is kept cannot be used.

        Raises as `LastGood` does.
        """
        return self._in_force(self._period(CONFIGURATION_SECONDS)).configuration

    def configuration_note(self, *, in_full: bool) -> str:
        """What was wrong with it when it was last read, "" where nothing was; in full with what it holds."""
        if self._found is None:
            return ""
        return self._found.problem if in_full else self._found.brief

    @cached_property
    def _in_force(self) -> Callable[[int], InForce]:
        return lru_cache(maxsize=1)(self._read_configuration)

    def _read_configuration(self, period: int) -> InForce:
        self._found = found = self._last_good()
        if found.problem:
            count("ConfigurationNotUsed")
            logger().warning("the configuration is not used as it is kept", problem=found.problem)
        return found

    @cached_property
    def _last_good(self) -> LastGood:
        from copilot.config.last_good import LastGood

        return LastGood(self.kept_configuration)

    # language models

    def language_model(self, settings: ModelSettings, name: str) -> LanguageModel:
        """The model of this name. Only what calls it imports what speaks to it. Raises as `read_key` does."""
        key = self._model_key(settings.key, self._period(KEY_SECONDS)) if settings.key else None
        return self._language_model(settings, name, key)

    @cached_property
    def _model_key(self) -> Callable[[str, int], str]:
        return lru_cache(maxsize=2)(self._read_model_key)  # a key that was replaced is not kept for long

    def _read_model_key(self, arn: str, period: int) -> str:
        from copilot.adapters.aws.keys import read_key

        return read_key(arn, "the model's key", self.factory.own)

    @cached_property
    def _language_model(self) -> Callable[[ModelSettings, str, str | None], LanguageModel]:
        return lru_cache(maxsize=6)(self._make_language_model)

    def _make_language_model(self, settings: ModelSettings, name: str, key: str | None) -> LanguageModel:
        if settings.provider == "openai_compatible":
            from copilot.adapters.language_models.openai_compatible import OpenAiCompatible, completions_client

            return OpenAiCompatible(completions_client(settings, key), settings, name, self.clock)
        from copilot.adapters.language_models.anthropic_messages import AnthropicMessages, messages_client

        return AnthropicMessages(messages_client(settings, key), settings, name, self.clock)

    # chat

    def chat(self, settings: ChatSettings, platform: PlatformName) -> ChatSender:
        """Whoever asks for it alone imports what speaks to it. Raises FatalError where none of its workspaces is
        configured; reading a token raises as `read_key` does.
        """
        return self._chat(settings, platform, self._period(KEY_SECONDS))

    @cached_property
    def _chat(self) -> Callable[[ChatSettings, PlatformName, int], ChatSender]:
        return lru_cache(maxsize=3)(self._make_chat)  # a token that was replaced is not kept for long

    def _make_chat(self, settings: ChatSettings, platform: PlatformName, period: int) -> ChatSender:
        from copilot.adapters.aws.keys import read_key

        def token(workspace: ChatWorkspace) -> str:
            return read_key(workspace.token, f"the token for {workspace.name}", self.factory.own)

        there = settings.on(platform)
        if there and platform == "slack":
            from copilot.adapters.slack.client import SlackClient

            return SlackClient(ChatSettings(workspaces=there), token, self.clock)
        if there and platform == "teams":
            from copilot.adapters.teams.client import TeamsClient

            return TeamsClient(ChatSettings(workspaces=there), token, self.clock)
        if there and platform == "discord":
            from copilot.adapters.discord.client import DiscordClient

            return DiscordClient(ChatSettings(workspaces=there), token, self.clock)
        raise FatalError(f"the copilot is in no workspace of {PLATFORMS[platform]}; see `chat` in the configuration")

    # outside the chat

    def destinations(self, settings: DestinationSettings) -> Destinations:
        """What sends by a way alone imports it. Reading a secret raises as `read_key` does."""
        from copilot.adapters.aws.keys import read_key
        from copilot.adapters.destinations.configured import ConfiguredDestinations

        def key(arn: str, name: str) -> str:
            return read_key(arn, name, self.factory.own)

        client = partial(self.factory.own, once=True)
        parts = (settings, client, key, self.clock, lambda: self.links_base)
        return ConfiguredDestinations(*parts, loopback=self.is_emulated)

    def pagers(self, settings: DestinationSettings, destinations: Callable[[], Destinations]) -> Pagers:
        """Reading a key raises as `read_key` does."""
        from copilot.adapters.aws.keys import read_key
        from copilot.adapters.pagers.configured import ConfiguredPagers

        def key(arn: str, name: str) -> str:
            return read_key(arn, name, self.factory.own)

        return ConfiguredPagers(settings, destinations, key, loopback=self.is_emulated)

    # code hosts

    def code_host(self, settings: CodeHost, *, comments: bool = False) -> Host | None:
        """With the token that reads, or the one that comments; None where none is named. Raises as `read_key` does."""
        arn = settings.comment_token if comments else settings.token
        made = partial(self._code_host, settings.platform, settings.endpoint)
        return made(arn, self._period(KEY_SECONDS)) if arn else None

    @cached_property
    def _code_host(self) -> Callable[[CodeHostName, str | None, str, int], Host]:
        return lru_cache(maxsize=4)(self._make_code_host)

    def _make_code_host(self, platform: CodeHostName, endpoint: str | None, arn: str, period: int) -> Host:
        from copilot.adapters.aws.keys import read_key
        from copilot.adapters.code_hosts.hosts import host_of

        return host_of(platform, endpoint, read_key(arn, f"the token for {CODE_HOSTS[platform]}", self.factory.own))

    def _period(self, seconds: int) -> int:
        """Which of the stretches of so many seconds this is."""
        return int(self.seconds() // seconds)
