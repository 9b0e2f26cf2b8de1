"""Whether an AWS principal is one human being. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

_SESSION = re.compile(r"arn:aws[a-z-]*:sts::\d{12}:assumed-role/([^/]+)/(.+)")
_BY_MACHINES = re.compile(
    r"i-[0-9a-f]{8,}|[0-9a-f]{32}|[0-9]+|githubactions.*|gitlab.*|awscodebuild-.*|botocore-session-.*"
    r"|aws-(?:go-)?sdk-.*|eks-.*|atlantis.*|jenkins.*|terraform.*",
    re.IGNORECASE,
)
"""Sessions as instances, tasks, pipelines and SDKs call theirs where nobody names them otherwise."""


def about_human(principal: str, listed: Sequence[str]) -> str:
    """Why it is not known to be one human being, in words; "" where it is: an IAM user, somebody who signed in through
    IAM Identity Center (their session is called by their name there), or a session that is `listed` as it stands, and
    is not what a function, an instance or a pipeline has.
    """
    found = _SESSION.fullmatch(principal)
    if found is None:
        return ""
    role, session = found.groups()
    if role.startswith("AWSReservedSSO_"):
        return ""
    if role.startswith("AWSServiceRoleFor"):
        return f"{role} is a role of AWS itself"
    # A function's session has the function's name, and its role was mostly named after it.
    if _BY_MACHINES.fullmatch(session) or role.lower().startswith(session.lower()):
        return f"the session {session} of role {role} is called as a pipeline's, an instance's or a function's is"
    if principal not in listed:
        return f"whoever may have the role {role} comes as this person, not one human being alone"
    return ""
