"""Session policies: what one assumed role may do, cut down to exactly the permissions a call was granted."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple

from copilot.adapters.aws.arns import parse_arn
from copilot.domain import Permission
from copilot.errors import PermissionDenied

LONGEST = 2048
"""Characters of JSON that sts:AssumeRole takes as a session policy."""

PATTERNS = frozenset("*?$")
"""What IAM reads as a wildcard or a variable inside an ARN."""

WITHOUT_RESOURCE = frozenset({"ecs:RegisterTaskDefinition"})
"""What AWS authorises against no resource (Service Authorization Reference): a policy that names one allows nothing.
The role's own conditions and what else the session may do are what holds these."""

FAMILY = re.compile(r"arn:[\w-]+:ecs:[\w-]+:\d{12}:task-definition/[\w-]+")
"""All revisions of one, where no number is given: that of one that is to be made is not known before."""

TAGGING = re.compile(r":\w*(?:Tag|Untag)")
"""What the actions have in common that put tags and take them away: ec2:CreateTags, ecs:UntagResource."""


class SessionPolicy(NamedTuple):
    """A policy document, and the permissions it was made for."""

    document: str
    permissions: frozenset[Permission]


def session_policies(permissions: Iterable[Permission], emulator: bool = False) -> list[SessionPolicy]:
    """As few policies as fit, in a stable order; together they allow these permissions and nothing else.

    Raises PermissionDenied for a permission that names a pattern instead of one resource.
    """
    policies: list[SessionPolicy] = []
    chunk: list[Permission] = []
    # By resource: all that the calls on one resource need ends up in one session.
    ordered = sorted(set(permissions), key=lambda one: (one.beside or one.arn, one.arn, one.action))
    for _, group in groupby(ordered, key=lambda one: one.beside or one.arn):
        needed = list(group)
        for permission in needed:
            if PATTERNS & {*permission.arn, *permission.action}:
                what = f"{permission.action} on {permission.arn}"
                raise PermissionDenied(f"{what}: a call may name single resources only", ours=True)
        if chunk and len(_document([*chunk, *needed], emulator)) > LONGEST:
            policies.append(SessionPolicy(_document(chunk, emulator), frozenset(chunk)))
            chunk = []
        chunk += needed
    return [*policies, SessionPolicy(_document(chunk, emulator), frozenset(chunk))] if chunk else policies


def _document(permissions: Iterable[Permission], emulator: bool) -> str:
    """Resources that allow the same actions share a statement, so a statement never allows more than was asked."""
    actions: dict[str, set[str]] = defaultdict(set)
    for permission in permissions:
        actions[_emulated(permission) if emulator else _resource(permission)].add(permission.action)
    resources: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for arn in sorted(actions):
        resources[tuple(sorted(actions[arn]))].append(arn)
    statements = [{"Effect": "Allow", "Action": [*some], "Resource": arns} for some, arns in sorted(resources.items())]
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, separators=(",", ":"))


def _resource(permission: Permission) -> str:
    if permission.action in WITHOUT_RESOURCE:
        return "*"
    return f"{permission.arn}:*" if FAMILY.fullmatch(permission.arn) else permission.arn


def _emulated(permission: Permission) -> str:
    """The one concession to the laptop: MiniStack authorises some calls against another resource than AWS does.

    Calls on a service of ECS against its cluster, a group against its name alone, changes of tags against "*", and
    schedules as if all were in the default group. Never used on AWS.
    """
    if TAGGING.search(permission.action):
        return "*"
    arn = parse_arn(permission.arn)
    if arn.service == "autoscaling":
        name = arn.resource.partition(":autoScalingGroupName/")[2]
        return f"arn:aws:autoscaling:{arn.region}:{arn.account}:autoScalingGroup:*:autoScalingGroupName/{name}"
    if permission.action in {"ecs:UpdateService", "ecs:DescribeServices", "ecs:DeleteService"}:
        return f"arn:aws:ecs:{arn.region}:{arn.account}:cluster/{arn.resource.split('/')[1]}"
    if permission.action.startswith("scheduler:"):
        group_and_name = parse_arn(permission.arn).resource.removeprefix("schedule/")
        return permission.arn.replace(group_and_name, f"default/{group_and_name.partition('/')[2]}")
    return _resource(permission)
