"""How much an Approval is for, in a line: changes by what they are of, by kind, and by account. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import get_args

from copilot.domain import ApprovalCall, Kind, Target
from copilot.text.listing import count

_KINDS = tuple(reversed(get_args(Kind)))
"""What is most to be looked at first."""


def counted(calls: Sequence[ApprovalCall], accounts: Mapping[str, str]) -> str:
    """`12 changes in 3 environments: 2 production, 1 staging; accounts shop (…1111) 8, 222222222222 4`.

    `accounts` are their names by id: the ids are in the ARNs of what is changed.
    """
    parts = _each(calls)
    changed = Counter(change.ref.account for call in calls for change in call.preview.wanted if change.ref.account)
    if changed:
        told = [f"{_account(id, accounts.get(id, ''))} {number}" for id, number in changed.most_common()]
        parts.append(f"{'account' if len(told) == 1 else 'accounts'} {', '.join(told)}")
    return "; ".join(parts)


def in_kinds(calls: Sequence[ApprovalCall]) -> str:
    """The same without where that is, so that nothing is named."""
    return "; ".join(_each(calls))


def _each(calls: Sequence[ApprovalCall]) -> list[str]:
    by_type: dict[str, list[ApprovalCall]] = {}
    for call in calls:
        for type in dict.fromkeys(target.ref.type for target in call.preview.targets):
            by_type.setdefault(type, []).append(call)
    return [_of(type, some) for type, some in by_type.items()]


def _of(type: str, calls: Sequence[ApprovalCall]) -> str:
    """`7 changes in 1 production environment`, `1 message to 1 channel`; no kind counts as policy counts it."""
    every = (target for call in calls for target in call.preview.targets)
    targets: dict[str, Target] = {target.ref.id: target for target in every if target.ref.type == type}
    changes = sum(len(call.preview.wanted) for call in calls)
    if type == "channel":
        return f"{count(changes, 'message')} to {count(len(targets), type)}"
    kinds = Counter[str](target.kind or "production" for target in targets.values())
    among = f"{count(changes, 'change')} {'in' if type == 'environment' else 'of'}"
    if len(kinds) == 1:
        return f"{among} {count(len(targets), f'{next(iter(kinds))} {type}')}"
    told = ", ".join(f"{kinds[kind]} {kind}" for kind in _KINDS if kinds[kind])
    return f"{among} {count(len(targets), type)}: {told}"


def _account(id: str, name: str) -> str:
    return f"{name} (\u2026{id[-4:]})" if name and name != id else id
