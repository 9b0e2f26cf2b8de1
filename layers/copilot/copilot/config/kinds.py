"""Which environments resources make up, and of which kind each is: the rule for whatever platform they are on.

Where a kind is in doubt it is production.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from copilot.config.configuration import Configuration
from copilot.domain import KIND_WORDS, Environment, Kind, Resource
from copilot.text.outside import quoted


def environments(resources: Iterable[Resource], config: Configuration) -> tuple[Environment, ...]:
    """The environments these resources make up, by name."""
    found: dict[str, list[Resource]] = defaultdict(list)
    for resource in resources:
        found[resource.environment].append(resource)
    return tuple(_environment(name, found[name], config) for name in sorted(found))


def kind_of(resources: Sequence[Resource], config: Configuration) -> tuple[Kind, str]:
    """The kind of an environment made of these resources, and why.

    Each resource counts with the kind configured for its account, or else with its own kind tag. No kind, an unknown
    one or two different ones: production.
    """
    configured = {account.id: account for account in config.accounts if account.kind}
    kinds: set[Kind] = set()
    reasons: list[str] = []
    for resource in resources:
        account = configured.get(resource.ref.account)
        tag = resource.tags.get(config.tags.kind)
        if account is not None and account.kind is not None:
            kinds.add(account.kind)
            reasons.append(f"account {account.name} is {account.kind}")
        elif tag is None:
            return "production", f"{quoted(resource.name)} has no {config.tags.kind} tag"
        elif tag.strip().lower() not in KIND_WORDS:
            return "production", f"{quoted(resource.name)} has an unknown {config.tags.kind} tag"
        else:
            kinds.add(KIND_WORDS[tag.strip().lower()])
            reasons.append(f"tagged {tag}")
    if len(kinds) != 1:
        return "production", f"its resources say {' and '.join(sorted(kinds))}" if kinds else "it has no resources"
    return kinds.pop(), ", ".join(dict.fromkeys(reasons))


def _environment(name: str, resources: Sequence[Resource], config: Configuration) -> Environment:
    kind, reason = kind_of(resources, config)
    owners = {resource.tags.get(config.tags.owner, "") for resource in resources} - {""}
    return Environment(
        name=name,
        kind=kind,
        kind_reason=reason,
        owner=", ".join(sorted(owners)) or None,
        opted_out=_opted_out(resources, config.tags.schedule),
    )


def _opted_out(resources: Sequence[Resource], tag: str) -> str:
    """Why no schedule may touch what these make up: one of them is enough, for the rest may depend on it."""
    off = [quoted(resource.name) for resource in resources if resource.tags.get(tag, "").strip().lower() == "off"]
    return f"opted out by the tag {tag}=off of {', '.join(off[:3])}" if off else ""
