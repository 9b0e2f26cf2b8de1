"""The laptop's copilot in the laptop's Slack: its configuration says where that is, and who is who there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from botocore.exceptions import BotoCoreError, ClientError

from cli.laptop.clients import Clients
from cli.laptop.faults import LaptopError
from cli.laptop.laptop_file import LaptopFile
from cli.laptop.slack import Slack
from cli.wording import line
from copilot.config.configuration import ChatSettings, ChatWorkspace, Configuration

EVENTS_PATH = "/v1/chat/slack/events"


def in_chat(configuration: Configuration, slack: Slack, token_arn: str) -> Configuration:
    """With this Slack in it. People are who has the same handle in a workspace that the copilot is in."""
    homes = [one for one in slack.world.state.workspaces.values() if one.bot_user]
    chat = ChatSettings(
        workspaces=tuple(
            ChatWorkspace(id=one.id, name=one.name, token=token_arn, endpoint=slack.api_url) for one in homes
        )
    )
    address = {
        user.name: f"slack:{user.team}/{user.id}"
        for user in slack.world.state.users.values()
        if user.team in {one.id for one in homes} and not user.is_bot
    }
    people = [
        known.model_copy(update={"chat": (address[known.id],) if known.id in address else ()})
        for known in configuration.people
    ]
    return configuration.model_copy(update={"chat": chat, "people": tuple(people)})


def meet(laptop: LaptopFile, slack: Slack) -> None:
    """This Slack tells the laptop's copilot what happens, signed as it is expected there."""
    homes = [one.id for one in slack.world.state.workspaces.values() if one.bot_user]
    slack.connect(laptop.api_url + EVENTS_PATH, laptop.slack_secret, dict.fromkeys(homes, laptop.slack_token))


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
        write(in_chat(before, slack, laptop.slack_token_arn))
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
