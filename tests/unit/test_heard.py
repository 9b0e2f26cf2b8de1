"""Requests as people write them, from two authors who had seen README alone: understood as meant, and never half.

The requests, the near misses and those by hand are frozen; what they are held against is `expected`. Of those of the
second author, who wrote when the first one's were understood, 77.7 % were understood when they first came. What stands
here is half of them; the other half was kept apart, to see whether what was learned of these is true of others.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, cast, get_args

import pytest
from fakes import hearing
from heard_near_misses import near_misses
from heard_requests import utterances

from copilot.domain import DAYS, Focus, Kind, Known, KnownEnvironment, Person, Revision, Trigger, Window
from copilot.intents import Present, load_intents
from copilot.intents.frames import Frame, Schedules, Target, Targets
from copilot.times.grammar import parse_window
from copilot.tools.registry import Registry

PRESENT = Present(datetime(2026, 3, 2, 12, tzinfo=UTC), "UTC")
INTENTS = load_intents()
REGISTRY = Registry()
BY_HAND = Path(__file__).with_name("heard_by_hand.jsonl")
KINDS: dict[str, Kind] = {
    "orders-dev": "development",
    "checkout-dev": "development",
    "search-dev": "development",
    "billing-dev": "development",
    "pr-482": "preview",
    "pr-517": "preview",
    "uat": "staging",
    "staging-eu": "staging",
    "prod-eu": "production",
    "prod-us": "production",
    "blue-42": "development",
    "sandbox": "development",
}
SCHEDULES = ("s0123abcde", "s9876fedcb")
KNOWN = Known(
    environments=tuple(KnownEnvironment(name=name, kind=kind, seen_at=PRESENT.now) for name, kind in KINDS.items()),
    seen_at=PRESENT.now,
    services=("checkout", "search", "payments", "ledger", "web-front"),
)
HEAR = hearing(INTENTS, REGISTRY, known=lambda: KNOWN)
FROZEN = "c44d81382246ceab160bc5084fb6a8b1983ee06bca9b7bd7fee1e5ae59ab9c27"
LEAST = 0.95
AGAIN = Path(__file__).with_name("heard_again_requests.jsonl")
NEAR_AGAIN = Path(__file__).with_name("heard_again_near_misses.jsonl")
FROZEN_AGAIN = "25c9f2dd6e81178e49fa55ddbacb26b526e20a8f0951a5e605a3a6ff46f5af01"
LEAST_AGAIN = 0.97
SINCE = {"scale checkout in prod-us to 5 tasks": ["scale_resource"]}
"""Of what was frozen as what there is no tool for, what there has come to be one for since."""
ONE_WORD = dict.fromkeys(("those", "these", "they", "all of them", "them all"), "them") | {"that one": "that"}


def test_the_requests_are_those_that_were_frozen() -> None:
    said = [json.dumps(one, sort_keys=True) for one in [*utterances(), *near_misses()]]
    assert hashlib.sha256("\n".join([*said, BY_HAND.read_text()]).encode()).hexdigest() == FROZEN


def test_those_of_the_second_author_are_those_that_were_frozen() -> None:
    assert hashlib.sha256(AGAIN.read_bytes() + NEAR_AGAIN.read_bytes()).hexdigest() == FROZEN_AGAIN


# --- what was meant, and what is heard -------------------------------------------------------------


class Heard(NamedTuple):
    frame: dict[str, Any]
    corrected: bool


@cache
def heard(text: str) -> Heard | None:
    found = next(INTENTS.frames(text, PRESENT, KNOWN), None)
    if found is None:
        return None
    told = _told(found)
    if told["action"] == "resources":  # for which the authors had no word but that of lists
        told["action"] = "list"
    return Heard(_comparable(told), bool(found.corrected))


def _told(frame: Frame) -> dict[str, Any]:
    """A frame as the author writes one."""
    said = frame.said
    told: dict[str, Any] = {"action": {"cost": "idle_cost"}.get(frame.action, frame.action)}
    if isinstance(targets := said.get("targets"), Targets):
        told["targets"] = _targets(targets)
        if told["action"] == "list" and targets.state == "idle":
            told["action"] = "idle"
    told |= {"service": said["service"]} if "service" in said else {}
    if isinstance(schedules := said.get("schedule"), Schedules):
        told |= {"schedule": schedules.ids[0]} if len(schedules.ids) == 1 else {}
        told |= {"targets": _targets(schedules.of)} if schedules.of else {}
        told |= {"targets": _named((schedules.reference,))} if schedules.reference else {}
    if "channels" in said:
        told["tell"] = said["channels"]
    if "window" in said:
        told |= {"action": "schedule", "when": _when(str(said["window"]))}
    if "until" in said:
        told["when"] = {"how": "until"}
    if said.keys() & {"period", "days", "weeks", "ago"}:
        told["when"] = {"how": "period"}
    return told


def _targets(targets: Targets) -> dict[str, Any]:
    told = _named(targets.of)
    if targets.state:
        told["state"] = targets.state
    return told | ({"except": _named(targets.but)} if targets.but else {})


def _named(targets: tuple[Target, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in targets:
        if one.by == "all":
            found["all"] = True
        elif one.by == "reference":
            found["reference"] = one.value
        else:
            found.setdefault({"name": "names", "kind": "kinds"}[one.by], []).append(one.value)
    return found


def _when(said: str) -> dict[str, Any]:
    window = parse_window(said, PRESENT.now, PRESENT.time_zone)
    if not isinstance(window, Window):
        return {"how": "unclear"}
    if window.on is not None:
        return {"how": "once"}
    return {"how": "every", "stop": window.stop, "start": window.start, "days": window.days}


def _comparable(frame: Mapping[str, Any]) -> dict[str, Any]:
    """Without order, and without what either side may leave out."""
    found = {key: value for key, value in frame.items() if value and key not in {"asks", "targets", "when"}}
    found["tell"] = sorted(frame.get("tell") or ())
    reads = frame["action"] in {"list", "idle", "idle_cost", "usage"}
    targets = {
        key: value
        for key, value in (frame.get("targets") or {}).items()
        if value and key != "one" and not (reads and key == "all")
    }
    left_out = (targets.get("except") or {}).get("kinds")
    if targets.get("all") and left_out:  # everything but some kinds is the other kinds
        rest = {key: value for key, value in targets["except"].items() if key != "kinds"}
        targets = {key: value for key, value in targets.items() if key not in {"all", "except"}}
        targets |= {"kinds": [kind for kind in get_args(Kind) if kind not in left_out]}
        targets |= {"except": rest} if rest else {}
    if frame["action"] in {"idle", "idle_cost"}:
        targets.pop("state", None)
    if reference := targets.get("reference"):
        plain = reference.removeprefix("the ").removesuffix(" one")
        noun = reference.startswith(("the ", "this ", "that ")) and plain == reference.removeprefix("the ")
        thing = noun and " " in reference and plain not in ORDINALS
        targets["reference"] = ONE_WORD.get(reference, "it" if thing else plain)
    found["targets"] = _sorted(targets)
    when = frame.get("when") or {}
    how = {"for": "until"}.get(when.get("how", ""), when.get("how", ""))
    found["when"] = how if how != "every" else (when.get("stop"), when.get("start"), tuple(when.get("days") or DAYS))
    if frame["action"] == "slowdown":
        found["when"] = ""  # always of the last seven days, which the answer says
    return found


ORDINALS = frozenset("first second third last two".split())


def _sorted(targets: Mapping[str, Any]) -> dict[str, Any]:
    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return _sorted(value)
        return sorted("".join(filter(str.isalnum, one)) for one in value) if isinstance(value, list) else value

    return {key: plain(value) for key, value in targets.items() if value}


@cache
def planned(text: str) -> Revision | None:
    trigger = Trigger(
        kind="api",
        tenant="main",
        person=Person(id="ana", name="Ana", roles=("developer",)),
        text=text,
        conversation="ana/x",
        dedupe_key="x",
        received_at=PRESENT.now,
    )
    return HEAR(trigger, Focus())


def effects(text: str) -> list[str]:
    """The tools of its plan that change something; of a name or a schedule that is not there, none does."""
    revision = planned(text)
    steps = revision.plan.steps if revision else ()
    found = next(INTENTS.frames(text, PRESENT, KNOWN), None)
    targets = found.said.get("targets") if found else None
    named = (*targets.of, *targets.but) if isinstance(targets, Targets) else ()
    if any(one.by == "name" and one.value not in KINDS for one in named):
        return []
    schedules = found.said.get("schedule") if found else None
    if isinstance(schedules, Schedules) and not {*schedules.ids} <= {*SCHEDULES}:
        return []
    return [step.tool for step in steps if REGISTRY.find(step.tool).effect != "read"]


# --- the requests ----------------------------------------------------------------------------------


def test_nineteen_of_twenty_are_understood_as_they_were_meant() -> None:
    wrong = []
    for one in utterances():
        found = heard(one["text"])
        right = found is not None and found.frame == _comparable(one["frame"])
        if one["source"] in {"typo-name", "typo-verb"} and "schedule" not in one["frame"]:
            right = right and found is not None and found.corrected
        if not right:
            wrong.append((one["frame"]["action"], one["text"]))
    assert len(wrong) <= len(utterances()) * (1 - LEAST), wrong


def test_of_the_second_author_as_many() -> None:
    wrong = []
    for one in lines_of(AGAIN):
        found = heard(one["text"])
        if found is None or found.frame != _comparable(one["frame"]):
            wrong.append((one["frame"]["action"], one["text"]))
    assert len(wrong) <= len(list(lines_of(AGAIN))) * (1 - LEAST_AGAIN), wrong


def test_none_changes_anything_but_what_was_meant() -> None:
    """What is understood in another way than it was meant may be answered or asked about, but does nothing."""
    misread = [
        (one["text"], done)
        for one in [*utterances(), *lines_of(AGAIN)]
        if ((found := heard(one["text"])) is not None and found.frame != _comparable(one["frame"]))
        and (done := effects(one["text"]))
    ]
    assert misread == []


def test_a_verb_or_a_name_that_was_put_right_is_asked_about() -> None:
    doubtful = [one["text"] for one in utterances() if one["source"] in {"typo-name", "typo-verb"}]
    assert [text for text in doubtful if effects(text)] == []


SINCE_HEARD = frozenset(
    {"destroy pr-482", "I want pr-482 deleted", "Tear the preview environments down", "Wipe pr-517"}
    | {"keep an eye on pr-482", "keep an eye on prod-us", "keep an eye on uat until 23:00"}
)
"""Near misses of a time in which nothing could be deleted and nothing watched: previews can be deleted, with an
approval (see heard_deleting.yaml), and what can be read can be watched.
"""


@pytest.mark.parametrize("kind", sorted({one["kind"] for one in near_misses()}))
def test_no_near_miss_has_an_effect(kind: str) -> None:
    of_kind = [one["text"] for one in near_misses() if one["kind"] == kind and one["text"] not in SINCE_HEARD]
    assert len(of_kind) >= 20
    done = {text: done for text in of_kind if (done := effects(text))}
    assert done == {text: tools for text, tools in DONE_SINCE.items() if text in of_kind}


DONE_SINCE = {
    "rollback checkout on sandbox": ["roll_back_service"],
    "start search-dev when blue-42 is down": ["watch_and_do"],
    "start uat when search-dev is down": ["watch_and_do"],
    "when sandbox fails start billing-dev": ["watch_and_do"],
}
"""What the authors took for more than can be done, and what is done for it since."""


def test_no_near_miss_of_the_second_author_has_an_effect() -> None:
    said = [one["text"] for one in lines_of(NEAR_AGAIN) if one["text"] not in SINCE_HEARD]
    assert {text: done for text in said if (done := effects(text))} == SINCE


def outcome(text: str) -> str:
    """What it comes to without a model: a name that may mean several is asked about once it is looked for."""
    revision = planned(text)
    if revision is None:
        return "not understood"
    found = next(INTENTS.frames(text, PRESENT, KNOWN), None)
    targets = found.said.get("targets") if found else None
    several = isinstance(targets, Targets) and any(
        one.by == "kind" and one.one and list(KINDS.values()).count(cast("Kind", one.value)) > 1
        for one in (targets.of if effects(text) else ())
    )
    return "asked about" if revision.plan.ask or several else "understood"


def lines_of(file: Path) -> Iterator[dict[str, Any]]:
    for line in file.read_text().splitlines():
        yield json.loads(line)


def by_hand() -> Iterator[dict[str, Any]]:
    return lines_of(BY_HAND)


def test_of_those_written_by_hand_none_is_misread_with_an_effect() -> None:
    for one in by_hand():
        done = effects(one["text"])
        if one["verdict"] == "not_understood":
            assert done == [], one
        elif done:
            found = heard(one["text"])
            assert found is not None and found.frame == _comparable(one["frame"]), one
