"""Where one of several is, as far as that tells it from the others."""

from __future__ import annotations

from collections.abc import Iterable

from copilot.domain import Resource
from copilot.text.outside import quoted


def where_of(one: Resource, among: Iterable[Resource], *, with_cluster: bool = True) -> str:
    """Its region, account and cluster, without those that they all have; "" of the only one."""
    places = [_place(other, with_cluster) for other in among]
    return " ".join(
        part for number, part in enumerate(_place(one, with_cluster)) if len({at[number] for at in places}) > 1
    )


def _place(one: Resource, with_cluster: bool) -> tuple[str, ...]:
    return (one.region, quoted(one.account), *([quoted(one.cluster or "")] if with_cluster else []))
