"""The system deployed to the laptop's AWS as to a real one: its stack, the roles in the accounts, its people."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError
from pydantic import ValidationError

from cli.laptop.clients import Clients
from cli.laptop.discord.signing import public_key_of
from cli.laptop.discord.world import SERVER
from cli.laptop.outside import prepare
from cli.laptop.packaging import packaged
from cli.laptop.server import Server, free_port
from cli.laptop.stacks import bring_up
from cli.laptop.teams.sample import APP, KEYS, TENANT
from cli.laptop_file import (
    CODE_HOST_TOKENS,
    COMMENT_TOKENS,
    DISCORD_TOKENS,
    PAGER_KEYS,
    TEAMS_SECRETS,
    LaptopFile,
    LaptopUser,
    parameter_arn,
    slack_token_arn,
)
from cli.model_key import key_arn
from copilot.config.configuration import Configuration

STACK = "devops-copilot"
ROLES = "devops-copilot-roles"
TEMPLATE = "template.yaml"
PACKS = {
    "logs": ("LogGroups", "/ecs/*,/aws/lambda/*,/aws/codebuild/*"),
    "parameters": ("ParameterPaths", "app/*"),
    "trail": ("Trail", "enabled"),
    "cost": ("Cost", "enabled"),
    "restart": ("Restart", "enabled"),
    "scale": ("Scale", "enabled"),
    "deploy": ("Deploy", "enabled"),
}
"""How the template of the roles is told of each: where the sample cloud has its logs and parameters."""
CODE = "devops-copilot-code"
SLACK_SECRET = "/devops-copilot/slack-signing-secret"
HOOK_SECRET = "/devops-copilot/{}-hook-secret"
CONCURRENCY = max(2, min(os.cpu_count() or 1, 20))
"""Items of a wave at a time: each needs a process, and each process a second of a core to start."""


def deploy(
    project: Path,
    server: Server,
    clients: Clients,
    configuration: Configuration,
    known: LaptopFile | None,
    say: Callable[[str], None],
) -> LaptopFile:
    """Bring everything to what the working tree and the configuration say. The first account is the copilot's home.

    `known` is what an earlier deployment left: users keep their keys. Raises LaptopError.
    """
    home, region = configuration.accounts[0].id, configuration.accounts[0].regions[0]
    say("Deploying the roles the copilot assumes in each account")
    roles = (project / "samplefiles" / "managed-account.yaml").read_text()
    for account in configuration.accounts:
        bring_up(
            clients("cloudformation", account.id, account.regions[0]),
            ROLES,
            roles,
            # Neither SourceIdentity nor the tags of EC2, ECS and RDS are condition keys there.
            {"CopilotAccount": home, "CopilotStack": STACK, "Writes": "enabled", "RequireSourceIdentity": "false"}
            | {"Destroy": "enabled" if account.destroy_role else "disabled", "RequireKindTag": "false"}
            | {PACKS[pack][0]: PACKS[pack][1] for pack in account.packs},
        )
    say("Deploying template.yaml")
    ssm = clients("ssm", home, region)
    slack_secret = (known and known.slack_secret) or secrets.token_hex(16)
    slack_token = (known and known.slack_token) or f"xoxb-laptop-{secrets.token_hex(16)}"
    ssm.put_parameter(Name=SLACK_SECRET, Value=slack_secret, Type="SecureString", Overwrite=True)
    teams_port = (known and known.teams_port) or free_port(0)
    teams_secret = (known and known.teams_secret) or secrets.token_hex(16)
    discord_seed = (known and known.discord_seed) or secrets.token_hex(32)
    discord_token = (known and known.discord_token) or f"discord-laptop-{secrets.token_hex(16)}"
    hook_secrets = (known and known.hook_secrets) or _hook_secrets()
    for host, secret in hook_secrets.items():
        ssm.put_parameter(Name=HOOK_SECRET.format(host), Value=secret, Type="SecureString", Overwrite=True)
    upload = _uploading(clients, home, region)
    template = packaged(project, upload)
    outputs = bring_up(
        clients("cloudformation", home, region),
        STACK,
        template,
        {
            "Runtime": "provided.al2023",
            "MapConcurrency": str(CONCURRENCY),
            # Also where no model is configured: `configure` may bring one, with its key, to a system that is up.
            "ModelKeyArn": (configuration.model and configuration.model.key) or key_arn(region, home),
            "SlackSigningSecretArn": f"arn:aws:ssm:{region}:{home}:parameter{SLACK_SECRET}",
            # Which workspaces there are is seen when the Slack of the laptop is there.
            "ChatTokenArns": ",".join(
                (
                    slack_token_arn(region, home, "*"),
                    parameter_arn(region, home, f"{TEAMS_SECRETS}*"),
                    parameter_arn(region, home, f"{DISCORD_TOKENS}*"),
                )
            ),
            "TeamsAppId": APP,
            "TeamsTenants": TENANT,
            "TeamsKeys": f"http://127.0.0.1:{teams_port}{KEYS}",
            "DiscordPublicKey": public_key_of(discord_seed),
            "DiscordServers": SERVER,
            "CodeHostTokenArns": parameter_arn(region, home, f"{CODE_HOST_TOKENS}*"),
            "CommentTokenArns": parameter_arn(region, home, f"{COMMENT_TOKENS}*"),
            "PagerKeyArns": parameter_arn(region, home, f"{PAGER_KEYS}*"),
            **{
                f"{host.capitalize()}HookSecretArn": parameter_arn(region, home, HOOK_SECRET.format(host))
                for host in hook_secrets
            },
            **prepare(clients, configuration),
        },
        url=f"{server.endpoint}/{upload(TEMPLATE, template.encode()).removeprefix('s3://')}",
    )
    parameter = outputs["ConfigurationParameter"]
    if _is_another(ssm, parameter, configuration):
        say("Putting its own configuration back, in place of another; `configure` gives it that again")
    ssm.put_parameter(
        Name=parameter,
        Value=configuration.model_dump_json(),
        Type="String",
        Tier="Intelligent-Tiering",
        Overwrite=True,
    )
    say("Making the IAM users who may speak to it")
    invoke = f"arn:aws:execute-api:{region}:{home}:{outputs['ApiId']}/*"
    users = {
        name: _user(clients, home, region, name, invoke, known.users.get(name) if known else None)
        for name in _user_names(configuration, home)
    }
    return LaptopFile(
        port=server.port,
        region=region,
        account=home,
        stack=STACK,
        outputs=outputs,
        users=users,
        slack_secret=slack_secret,
        slack_token=slack_token,
        hook_secrets=hook_secrets,
        teams_port=teams_port,
        teams_secret=teams_secret,
        discord_seed=discord_seed,
        discord_token=discord_token,
    )


def _hook_secrets() -> dict[str, str]:
    """As each code host has them."""
    return {
        "github": secrets.token_hex(16),
        "gitlab": f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}",
    }


def _is_another(ssm: Any, parameter: str, configuration: Configuration) -> bool:
    """Whether a configuration is kept there that says something else."""
    try:
        kept = ssm.get_parameter(Name=parameter)["Parameter"]["Value"]
        return Configuration.model_validate_json(kept) != configuration
    except ssm.exceptions.ParameterNotFound:
        return False
    except ValidationError:
        return True


def _uploading(clients: Clients, account: str, region: str) -> Callable[[str, bytes], str]:
    s3 = clients("s3", account, region)
    try:
        s3.create_bucket(Bucket=CODE, CreateBucketConfiguration={"LocationConstraint": region})
    except ClientError as error:
        if error.response["Error"]["Code"] != "BucketAlreadyOwnedByYou":
            raise

    def upload(key: str, content: bytes) -> str:
        s3.put_object(Bucket=CODE, Key=key, Body=content)
        return f"s3://{CODE}/{key}"

    return upload


def _user_names(configuration: Configuration, account: str) -> list[str]:
    prefix = f"arn:aws:iam::{account}:user/"
    principals = [principal for person in configuration.people for principal in person.principals]
    return [principal.removeprefix(prefix) for principal in principals if principal.startswith(prefix)]


def _user(clients: Clients, account: str, region: str, name: str, invoke: str, known: LaptopUser | None) -> LaptopUser:
    """An IAM user who may call the API and do nothing else."""
    iam = clients("iam", account, region)
    with contextlib.suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_user(UserName=name)
    statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": invoke}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName=name, PolicyName="copilot", PolicyDocument=document)
    keys = [key["AccessKeyId"] for key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]]
    if known and known.access_key_id in keys:
        return known
    for key in keys:  # their secrets are lost
        iam.delete_access_key(UserName=name, AccessKeyId=key)
    made = iam.create_access_key(UserName=name)["AccessKey"]
    return LaptopUser(access_key_id=made["AccessKeyId"], secret_access_key=made["SecretAccessKey"])
