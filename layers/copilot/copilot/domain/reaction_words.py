"""A reaction's cause, and what came with it, in words; names that others chose are quoted."""

from __future__ import annotations

from collections.abc import Mapping

from copilot.domain.reactions import Begin, Open
from copilot.text.listing import count
from copilot.text.outside import quoted


def in_words(one: Open, account_names: Mapping[str, str]) -> str:
    """`alarm «checkout 5xx» (live, eu-west-1)`."""
    where = _place(f"{one.account}/{one.region}", account_names, ", ")
    return f"{one.kind.replace('_', ' ')} {quoted(one.title)} ({where})"


def and_more(begin: Begin, account_names: Mapping[str, str], by: str) -> str:
    """What else came of the cause by that time, or in the crowd it stands for; "" for nothing."""
    same, crowd = begin.open.count - 1, begin.gathered
    said = [f"It came {count(same, 'time')} more by {by}."] if same else []
    if crowd is not None and crowd.events:
        places = sorted(crowd.places.items(), key=lambda one: (-one[1], one[0]))
        where = ", ".join(f"{number} in {_place(place, account_names, ' ')}" for place, number in places)
        causes = count(len(crowd.causes), "other cause")
        said.append(f"With it came {crowd.events} more of {causes} by {by} ({where}); this run stands for all of them.")
    return " ".join(said)


def _place(place: str, account_names: Mapping[str, str], between: str) -> str:
    account, _, region = place.partition("/")
    return between.join(quoted(one) for one in (account_names.get(account, account), region) if one)
