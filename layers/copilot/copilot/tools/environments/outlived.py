"""Whether a preview environment may be deleted at all: what it is, since when, and since when it is down. Pure.

What was swept only refuses. Of what is not known, nothing is taken to be so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from copilot.domain import Deletion, Environment, KnownEnvironment, Resource, Survey
from copilot.text.outside import quoted
from copilot.tools.environments.inventory import unreachable
from copilot.tools.environments.outcomes import state_in_words

WATCHED = timedelta(days=7)
"""So long every sweep has to have seen it as a preview."""
AT_REST = timedelta(hours=72)
"""So long all of it has to be down, unless a person says otherwise."""


def no_preview(environment: Environment, survey: Survey) -> str:
    """Why it is not known to be a preview, from a fresh read; "" where it is."""
    if environment.kind != "preview":
        return f"it is {environment.kind} ({environment.kind_reason}), and only previews are deleted"
    if hidden := unreachable(survey.unreachable):
        return f"more of it may be where nothing could be read: {'; '.join(place.summary for place in hidden)}"
    return ""


def not_watched(known: KnownEnvironment | None, resources: Sequence[Resource]) -> str:
    """Why it was not seen as a preview for long enough, and since when that counts; "" where it was."""
    rule = f"a preview is deleted once every sweep saw it as one for {WATCHED.days} days"
    if known is None:
        return f"no sweep has seen it yet, and {rule}"
    if known.kind != "preview":
        return f"the last sweep saw it as {known.kind}, and {rule}"
    if known.kind_since is None or known.as_of is None:
        return f"it is not known since when it was seen as a preview, and {rule}"
    elsewhere = sorted(
        {f"{one.account} in {one.region}" for one in resources}
        - {f"{account} in {region}" for account in known.accounts for region in known.regions}
    )
    if elsewhere:
        return f"no sweep has seen what it has in {' and '.join(map(quoted, elsewhere))}, and {rule}"
    if known.as_of - known.kind_since < WATCHED:
        since, until = moment(known.kind_since), moment(known.kind_since + WATCHED)
        seen = f"seen as one since {since}, last at {moment(known.as_of)}"
        return f"{rule}: it was {seen}, so not before the first sweep after {until}"
    return ""


def not_at_rest(resources: Sequence[Resource], deletions: Mapping[str, Deletion], now: datetime) -> Iterator[str]:
    """For each that is not known to have been down for long enough, how it is."""
    for one in resources:
        if one.state != "stopped":
            yield f"{quoted(one.name)} is {state_in_words(one)}"
            continue
        since = max((at for at in (one.saved_at, deletions[one.ref.id].down_since) if at), default=None)
        if since is None:
            yield f"{quoted(one.name)} is stopped, and nothing says since when"
        elif now - since < AT_REST:
            yield f"{quoted(one.name)} is stopped only since {moment(since)}"


def moment(at: datetime) -> str:
    at = at.astimezone(UTC)
    return f"{at.day} {at:%b %Y %H:%M} UTC"
