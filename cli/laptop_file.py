"""What is written down about the system on this laptop: where it listens, what was deployed, who may speak to it."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict

SLACK_TOKENS, TEAMS_SECRETS = "/devops-copilot/slack-token/", "/devops-copilot/teams-secret/"
DISCORD_TOKENS = "/devops-copilot/discord-token/"
WEBHOOK_SECRETS = "/devops-copilot/webhook-secret/"
CODE_HOST_TOKENS, COMMENT_TOKENS = "/devops-copilot/code-host-token/", "/devops-copilot/comment-token/"
PAGER_KEYS = "/devops-copilot/pager-key/"


class LaptopUser(BaseModel):
    """The access key of one of the laptop's IAM users."""

    model_config = ConfigDict(frozen=True)

    access_key_id: str
    secret_access_key: str


class LaptopFile(BaseModel):
    """`outputs` are those of the stack, by name; `users` are by IAM user name; `slack_secret` is what this laptop's
    Slack signs with, `slack_token` how the tokens begin that it is spoken to with; `hook_secrets` are what web hooks
    are signed with, by code host. `teams_port` is where its Teams listens, if it does, and `teams_secret` what the bot
    has there. `discord_seed` is that of the key that this laptop's Discord signs with, in hex, and `discord_token` what
    the bot has there.
    """

    model_config = ConfigDict(frozen=True)

    port: int
    region: str
    account: str
    stack: str
    outputs: dict[str, str]
    users: dict[str, LaptopUser]
    slack_secret: str = ""
    slack_token: str = ""
    hook_secrets: dict[str, str] = {}
    teams_port: int = 0
    teams_secret: str = ""
    discord_seed: str = ""
    discord_token: str = ""

    def slack_token_of(self, workspace: str) -> str:
        """Of one workspace or organisation: each has a token of its own."""
        return f"{self.slack_token}-{workspace}"

    def slack_token_arn(self, workspace: str) -> str:
        """Where the functions find that."""
        return slack_token_arn(self.region, self.account, workspace)

    @property
    def endpoint(self) -> str:
        """Where every AWS call goes."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def api_id(self) -> str:
        return self.outputs["ApiId"]

    @property
    def api_url(self) -> str:
        """The address of the HTTP API that is signed and that the Host header names; the bytes go to `endpoint`."""
        return f"http://{self.api_id}.execute-api.localhost:{self.port}"


def slack_token_arn(region: str, account: str, workspace: str) -> str:
    return f"arn:aws:ssm:{region}:{account}:parameter{SLACK_TOKENS}{workspace}"


def parameter_arn(region: str, account: str, name: str) -> str:
    return f"arn:aws:ssm:{region}:{account}:parameter{name}"


def laptop_path(state: Path) -> Path:
    return state / "laptop.json"


def read_laptop_file(state: Path) -> LaptopFile | None:
    """What `up` wrote into the state folder; None where it never ran. It stays when the system is stopped."""
    try:
        return LaptopFile.model_validate_json(laptop_path(state).read_text())
    except FileNotFoundError:
        return None


def write_laptop_file(state: Path, laptop: LaptopFile) -> None:
    """Readable by its owner alone: it holds access keys."""
    new = state / "laptop.json.new"
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(laptop.model_dump_json(indent=2))
    new.replace(laptop_path(state))
