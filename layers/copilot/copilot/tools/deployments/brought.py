"""Which revisions are meant by what was reported: by versions that deployments brought, or by one of these itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from copilot.domain.deployments import Deployment
from copilot.errors import ToolInputError
from copilot.ports import Deployments
from copilot.text.listing import listed
from copilot.text.outside import quoted
from copilot.tools.deployments.finding import BACK, by_id, reported

REVISION = re.compile(r"[A-Za-z0-9_-]+:\d+")
VERSION = re.compile(r"(?=.*\d)[A-Za-z0-9][\w.+-]*")
VERSIONS_AT_MOST = 5


class Meant(NamedTuple):
    """Two revisions, each by its name; `before` is "" where it is the one before by its number."""

    service: str
    environment: str | None
    before: str
    after: str
    why: str


def revision_of(one: Deployment) -> str:
    """Without what stands before the name in an ARN; "" where none was reported."""
    name = one.revision.rpartition("/")[2]
    return name if REVISION.fullmatch(name) else ""


def changed_by(deployments: Deployments, now: datetime, id: str) -> Meant:
    """What a deployment brought, and what was completed before it. Raises ToolInputError where no revision of it was
    reported, and as by_id does.
    """
    one = by_id(deployments, now, id)
    earlier = [
        other
        for other in reported(deployments, now, one.service, one.environment or None).deployments
        if other.outcome == "succeeded" and other.started_at < one.started_at
    ]
    after = revision_of(one)
    if not after:
        raise ToolInputError(
            f"with deployment {quoted(one.id)} of {quoted(one.service)} no revision of a task definition was reported, "
            f"so that nothing of it can be compared{_brought(one, earlier)}",
            ours=True,
        )
    before = next((found for other in earlier if (found := revision_of(other)) not in {"", after}), "")
    why = "the one before by its number" if not before else "what was completed before it"
    return Meant(
        one.service,
        one.environment or None,
        before,
        after,
        f"The later one is what deployment {quoted(one.id)} brought, the earlier one {why}.",
    )


def with_versions(
    deployments: Deployments, now: datetime, service: str, environment: str | None, versions: Sequence[str]
) -> tuple[str | None, list[str]]:
    """The environment to which all of these were deployed, and the revisions that brought them, in order. Where they
    were deployed to several it is None, and the first one's revisions are given. Raises ToolInputError where one was
    not reported with its revision.
    """
    found = [one for one in reported(deployments, now, service, environment).deployments if revision_of(one)]
    bringing = [[one for one in found if plain_version(one.version) == plain_version(said)] for said in versions]
    for said, some in zip(versions, bringing, strict=True):
        if not some:
            there = list(dict.fromkeys(quoted(one.version) for one in found if one.version))[:VERSIONS_AT_MOST]
            raise ToolInputError(
                f"no deployment of {quoted(service)} that brought {quoted(said)} was reported with its revision in the "
                f"last {BACK.days} days" + (f"; there are {listed(there)}" if there else ""),
                ours=True,
            )
    everywhere = set.intersection(*({one.environment for one in some} for some in bringing))
    place = everywhere.pop() if len(everywhere) == 1 else None
    chosen = [next((one for one in some if one.environment == place), some[0]) for some in bringing]
    return environment or place or None, [revision_of(one) for one in chosen]


def _brought(one: Deployment, earlier: Sequence[Deployment]) -> str:
    last = next((other.version for other in earlier if other.version), "")
    if not one.version:
        return ""
    return f"; it brought {quoted(one.version)}" + (f" after {quoted(last)}" if last else "")


def plain_version(version: str) -> str:
    return version.casefold().removeprefix("v")
