"""The requests that README names, each in five other wordings: all of them understood as they are meant."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from test_heard import INTENTS, PRESENT, _comparable, _told

from copilot.domain import FactName, Kind, Known, KnownEnvironment, Recurrence, Scope
from copilot.intents.actions import read_yaml
from copilot.intents.destinations import spoken
from copilot.intents.gating import read as gating
from copilot.intents.on_schedule import apart
from copilot.intents.watching import read as watching
from copilot.planning import fact_words
from copilot.planning.freezing_words import read
from copilot.times.windows import describe

README = Path(__file__).parents[2] / "README.md"
WORDINGS = read_yaml(Path(__file__).with_name("readme_wordings.yaml"))
FEWEST = 5
DESTINATIONS = ("mail:finance", "mail:platform-team", "sns:oncall", "webhook:status-page")
KINDS: dict[str, Kind] = {
    "orchard-live": "production",
    "orchard-rehearsal": "staging",
    "basket-dev": "development",
    "herbarium-dev": "development",
    "invoices-dev": "development",
    "preview-1412": "preview",
}
KNOWN = Known(
    environments=tuple(KnownEnvironment(name=name, kind=kind, seen_at=PRESENT.now) for name, kind in KINDS.items()),
    seen_at=PRESENT.now,
    services=("storefront", "basket", "seed-catalogue"),
)


def requests_of_readme() -> list[str]:
    """The left column of its table of requests; what is in brackets may be said or left out."""
    table = README.read_text().partition("| say | what happens |")[2].partition("\n\n")[0]
    said = [row.split("|")[1] for row in table.splitlines()[2:]]
    each = [one.strip() for row in said for one in re.sub(r"\(.*?\)", "", row).split(";")]
    return [
        " ".join(form.split())
        for one in each
        for form in dict.fromkeys((re.sub(r"\[.*?\]", "", one), re.sub(r"[\[\]]", "", one)))
    ]


def test_every_request_of_readme_is_there_in_five_other_wordings() -> None:
    others = {entry["request"]: {*entry["others"]} for entry in WORDINGS}
    assert sorted(others) == sorted(requests_of_readme())
    assert {request: len(said) for request, said in others.items() if len(said) < FEWEST} == {}


@pytest.mark.parametrize("entry", [one for one in WORDINGS if "frame" in one], ids=lambda entry: entry["request"])
def test_a_request_of_readme_is_understood_however_it_is_worded(entry: dict[str, Any]) -> None:
    wanted = _comparable(entry["frame"])
    for said in (entry["request"], *entry["others"]):
        text = spoken(said, DESTINATIONS)
        if (when := entry.get("when")) is not None:
            of = apart(text, PRESENT)
            assert of is not None and isinstance(of.when, Recurrence) and describe({"run": of.when}) == when, text
            text = of.request
        frame = next(INTENTS.frames(text, PRESENT, KNOWN), None)
        assert frame is not None and not frame.corrected and _comparable(_told(frame)) == wanted, text


@pytest.mark.parametrize("entry", [one for one in WORDINGS if "freezing" in one], ids=lambda entry: entry["request"])
def test_what_is_frozen_at_once_is_understood_however_it_is_worded(entry: dict[str, Any]) -> None:
    """It has a reading of its own, which every request has before it is planned."""
    there = {name: [Scope(of="environment", name=name)] for name in KINDS}
    for text in (entry["request"], *entry["others"]):
        said = read(text, there)
        assert said is not None, text
        found = {"do": said.do, "scopes": [one.in_words for one in said.scopes], "reason": said.reason}
        assert found == entry["freezing"], text


@pytest.mark.parametrize("entry", [one for one in WORDINGS if "remembered" in one], ids=lambda entry: entry["request"])
def test_what_is_to_be_remembered_is_understood_however_it_is_worded(entry: dict[str, Any]) -> None:
    """It has a reading of its own, too."""
    for text in (entry["request"], *entry["others"]):
        said = fact_words.read(text)
        assert said is not None, text
        found: dict[str, Any] = {"do": said.do}
        if said.fact is not None and (rule := said.fact.rule) is not None:
            of = {
                "what": rule.what.lower(),
                "changes": [*rule.changes],
                "when": rule.when.lower(),
                "tell": [*rule.tell],
            }
            found |= {"kind": said.fact.kind} | {name: value for name, value in of.items() if value}
        elif said.fact is not None:
            name = FactName.of(said.fact.kind, said.fact.subject, said.fact.value)
            found |= {"kind": said.fact.kind, "subject": name.subject, "value": said.fact.value}
        assert found == entry["remembered"], text


@pytest.mark.parametrize("entry", [one for one in WORDINGS if "watching" in one], ids=lambda entry: entry["request"])
def test_what_is_watched_is_understood_however_it_is_worded(entry: dict[str, Any]) -> None:
    """It has a reading of its own, of what is no other request."""
    for text in (entry["request"], *entry["others"]):
        assert next(INTENTS.frames(text, PRESENT, KNOWN), None) is None, text
        said = watching(text, PRESENT)
        assert said is not None, text
        found: dict[str, Any] = {"do": said.do}
        if (condition := said.condition) is not None:
            found |= condition._asdict() | {"ends": said.until is not None, "only": said.only}
            del found["daily"]
        elif said.of:
            found["of"] = said.of
        assert found == entry["watching"], text


@pytest.mark.parametrize("entry", [one for one in WORDINGS if "gating" in one], ids=lambda entry: entry["request"])
def test_what_is_held_against_bounds_is_understood_however_it_is_worded(entry: dict[str, Any]) -> None:
    """It has a reading of its own, before all others."""
    for text in (entry["request"], *entry["others"]):
        gate = gating(text, KNOWN.services, [*KINDS])
        assert gate is not None and not gate.unread, text
        found = [
            {name: value for name, value in bound.condition._asdict().items() if name != "daily"}
            | {"opposite": bound.opposite, "minutes": bound.minutes}
            for bound in gate.bounds
        ]
        assert found == entry["gating"], (text, found)
