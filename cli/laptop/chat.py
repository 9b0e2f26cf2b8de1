"""The laptop's copilot in the laptop's Slack: its configuration says where that is, and who is who there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from cli.laptop.clients import Clients
from cli.laptop.discord import SERVER, Discord
from cli.laptop.faults import LaptopError
from cli.laptop.slack import Slack
from cli.laptop.slack.world import Workspace
from cli.laptop.teams import APP, TEAM, TENANT, Teams
from cli.laptop_file import DISCORD_TOKENS, SLACK_TOKENS, TEAMS_SECRETS, LaptopFile, parameter_arn
from cli.wording import line
from copilot.config.chats import ChatSettings, ChatWorkspace
from copilot.config.configuration import Configuration

EVENTS_PATH = "/v1/chat/slack/events"


def in_chat(configuration: Configuration, slack: Slack, laptop: LaptopFile) -> Configuration:
    """With this Slack in it. People are who has the same handle in the workspaces that the copilot is in."""
    homes = installed(slack)
    chat = ChatSettings(
        workspaces=tuple(
            ChatWorkspace(id=id, name=home.name, token=laptop.slack_token_arn(id), endpoint=slack.api_url)
            for id, home in homes.items()
        )
    )
    known_as = {home.id: id for id, home in homes.items()}
    addresses: dict[str, tuple[str, ...]] = {}
    for user in slack.world.state.users.values():
        if user.team in known_as and not user.is_bot:
            address = f"slack:{known_as[user.team]}/{user.id}"
            addresses[user.name] = (*addresses.get(user.name, ()), address)
    people = [known.model_copy(update={"chat": addresses.get(known.id, ())}) for known in configuration.people]
    return configuration.model_copy(update={"chat": chat, "people": tuple(people)})


def installed(slack: Slack) -> dict[str, Workspace]:
    """The workspaces in which the copilot is, by what it knows them as."""
    return {one.installation: one for one in slack.world.state.workspaces.values() if one.bot_user}


def keep_tokens(laptop: LaptopFile, slack: Slack, ssm: Any) -> None:
    """That of each workspace by itself, where the functions find it. `ssm` is a boto3 client. Raises as that does."""
    for id in installed(slack):
        name = f"{SLACK_TOKENS}{id}"
        ssm.put_parameter(Name=name, Value=laptop.slack_token_of(id), Type="SecureString", Overwrite=True)


def teams_workspace(teams: Teams, laptop: LaptopFile) -> ChatWorkspace:
    """As the configuration has this Teams."""
    token = parameter_arn(laptop.region, laptop.account, f"{TEAMS_SECRETS}{TENANT}")
    return ChatWorkspace(
        platform="teams", id=TENANT, name="Workshop", token=token, app=APP, team=TEAM, endpoint=teams.endpoint
    )


def keep_teams_secret(laptop: LaptopFile, ssm: Any) -> None:
    """That of the bot, where the functions find it. `ssm` is a boto3 client. Raises as that does."""
    name = f"{TEAMS_SECRETS}{TENANT}"
    ssm.put_parameter(Name=name, Value=laptop.teams_secret, Type="SecureString", Overwrite=True)


def discord_workspace(discord: Discord, laptop: LaptopFile) -> ChatWorkspace:
    """The one server of the laptop's Discord."""
    token = parameter_arn(laptop.region, laptop.account, f"{DISCORD_TOKENS}{SERVER}")
    name = discord.world.guilds[SERVER].name
    return ChatWorkspace(
        platform="discord", id=SERVER, app=discord.app, name=name, token=token, endpoint=discord.api_url
    )


def keep_discord_token(laptop: LaptopFile, ssm: Any) -> None:
    """Where the functions find it."""
    name = f"{DISCORD_TOKENS}{SERVER}"
    ssm.put_parameter(Name=name, Value=laptop.discord_token, Type="SecureString", Overwrite=True)


def meet(laptop: LaptopFile, slack: Slack) -> None:
    """This Slack tells the laptop's copilot what happens, signed as it is expected there."""
    tokens = {id: laptop.slack_token_of(id) for id in installed(slack)}
    slack.connect(laptop.api_url + EVENTS_PATH, laptop.slack_secret, tokens)


@contextmanager
def connected(laptop: LaptopFile, slack: Slack) -> Iterator[None]:
    """Meanwhile the copilot is in this Slack; afterwards it is in none. Raises LaptopError."""
    ssm = Clients(laptop.endpoint)("ssm", laptop.account, laptop.region)
    name = laptop.outputs["ConfigurationParameter"]

    def read() -> Configuration:
        return Configuration.model_validate_json(ssm.get_parameter(Name=name)["Parameter"]["Value"])

    def write(configuration: Configuration) -> None:
        value = configuration.model_dump_json(exclude_defaults=True)
        ssm.put_parameter(Name=name, Value=value, Type="String", Tier="Intelligent-Tiering", Overwrite=True)

    try:
        before = read()
        if before.chat and not all(one.endpoint for one in before.chat.workspaces):
            raise LaptopError(
                "The configuration names a workspace of the real Slack, and one copilot is not in both. Nothing was "
                "done; take `chat` out of it and `configure` again to talk with it here."
            )
        keep_tokens(laptop, slack, ssm)
        write(in_chat(before, slack, laptop))
    except (BotoCoreError, ClientError) as error:
        raise LaptopError(
            f"The laptop's AWS does not answer: {line(error)}. Start it with `devops-copilot up`, then try again."
        ) from error
    meet(laptop, slack)
    try:
        yield
    finally:
        with suppress(BotoCoreError, ClientError):  # stopped meanwhile, `up` puts its own configuration back
            write(in_none(read()))


def in_none(configuration: Configuration) -> Configuration:
    people = tuple(one.model_copy(update={"chat": ()}) for one in configuration.people)
    return configuration.model_copy(update={"chat": None, "people": people})
