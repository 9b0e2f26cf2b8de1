"""A configuration that cannot be used takes nothing down: the last good one stays in force, and that is said."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from copilot.config.configuration import Configuration
from copilot.config.last_good import MOST_BACK, LastGood
from copilot.errors import FatalError, RetryableError
from copilot.ports import KeptText

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DANA = {"id": "dana", "name": "Dana", "principals": [], "roles": ["operater"]}
NO_JSON, NO_ROLE = "tenant: main", json.dumps({"accounts": [], "people": [DANA]})
NO_KEY = '{"accounts": [], "people": [], "read_onyl": true}'


def good(minutes: int) -> str:
    """One that is told from others by its approval_minutes."""
    return json.dumps({"accounts": [], "people": [], "approval_minutes": minutes})


class FakeText:
    """ports.VersionedText: texts as they were written, one version each; those before `first` are gone."""

    def __init__(self, *texts: str) -> None:
        self.texts, self.first, self.read = list(texts), 1, list[int]()
        self.fails = self.versions_fail = False

    def current(self) -> KeptText:
        if self.fails:
            raise RetryableError("reading the parameter: it is busy")
        return self._at(len(self.texts))

    def version(self, number: int) -> KeptText | None:
        self.read.append(number)
        if self.versions_fail:
            raise RetryableError("reading a version: it is busy")
        return self._at(number) if number >= self.first else None

    def _at(self, number: int) -> KeptText:
        return KeptText(number, self.texts[number - 1], NOW + timedelta(minutes=number))


def minutes(configuration: Configuration) -> int:
    return configuration.approval_minutes


def test_what_is_kept_is_in_force() -> None:
    text = FakeText(good(1))
    last_good = LastGood(text)
    found = last_good()
    assert (minutes(found.configuration), found.problem, found.brief) == (1, "", "")
    text.texts.append(good(2))
    assert minutes(last_good().configuration) == 2 and text.read == []


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (NO_JSON, "the whole: it is no JSON; `devops-copilot configure FILE` writes it as it has to be"),
        (NO_ROLE, "people.0.roles.0: 'operater' is no role; nearest: operator"),
        (NO_KEY, "read_onyl: 'read_onyl' is no key here; nearest: read_only"),
        ("", "the whole: it is no JSON"),
        ("[]", "the whole: it is to have keys of its own"),
    ],
)
@pytest.mark.parametrize("worker", ["that has read the one before", "that has only begun"])
def test_of_what_cannot_be_used_the_version_before_stays_in_force_and_says_so(worker: str, bad: str, why: str) -> None:
    text = FakeText(good(1), good(2))
    last_good = LastGood(text)
    if worker == "that has read the one before":
        last_good()
    text.texts.append(bad)
    found = last_good()
    assert minutes(found.configuration) == 2
    assert found.problem.startswith(
        f"Version 3 of the configuration, written 2026-03-02 09:03 UTC, cannot be used ({why}"
    )
    assert found.problem.endswith("). Version 2, written 2026-03-02 09:02 UTC, stays in force until it can.")
    assert "operater" not in found.brief and "Version 2" in found.brief


def test_workers_agree_on_the_newest_that_can_be_used_whenever_they_began() -> None:
    text = FakeText(good(1))
    old = LastGood(text)
    old()
    text.texts += [good(2), NO_KEY, NO_JSON]  # within a minute, in which nobody looked
    assert minutes(old().configuration) == minutes(LastGood(text)().configuration) == 2


def test_what_is_put_right_is_in_force_and_nothing_is_said_of_it() -> None:
    text = FakeText(good(1), NO_JSON)
    last_good = LastGood(text)
    assert last_good().problem
    text.texts.append(good(3))
    found = last_good()
    assert (minutes(found.configuration), found.problem, found.brief) == (3, "", "")


def test_versions_are_looked_through_once_and_not_for_ever() -> None:
    text = FakeText(good(1), *[NO_JSON] * (MOST_BACK + 2))
    last_good = LastGood(text)
    for _ in range(2):
        with pytest.raises(FatalError, match="no version before it can"):
            last_good()
    assert len(text.read) == MOST_BACK
    text.texts += [good(9), NO_JSON, NO_JSON]
    text.read.clear()
    for _ in range(3):
        assert minutes(last_good().configuration) == 9
    assert len(text.read) == 2


def test_versions_that_are_gone_end_the_search() -> None:
    text = FakeText(good(1), NO_JSON, NO_JSON)
    text.first = 2
    with pytest.raises(FatalError):
        LastGood(text)()


def test_a_search_that_failed_is_made_again() -> None:
    text = FakeText(good(1))
    begun, at_work = LastGood(text), LastGood(text)
    at_work()
    text.texts += [good(2), NO_JSON]
    text.versions_fail = True
    with pytest.raises(RetryableError):
        begun()
    assert minutes(at_work().configuration) == 1
    text.versions_fail = False
    assert minutes(begun().configuration) == minutes(at_work().configuration) == 2


def test_what_an_earlier_copilot_took_is_in_force_where_there_is_nothing_better() -> None:
    found = LastGood(FakeText(NO_ROLE))()
    assert found.configuration.people[0].roles == ("operater",)
    assert "has faults (people.0.roles.0: 'operater' is no role" in found.problem
    assert "in force all the same" in found.problem and "operater" not in found.brief


def test_what_cannot_be_read_now_is_in_force_as_it_was_read_last() -> None:
    text = FakeText(good(1))
    last_good = LastGood(text)
    text.fails = True
    with pytest.raises(RetryableError):
        last_good()
    text.fails = False
    last_good()
    text.fails = True
    found = last_good()
    assert minutes(found.configuration) == 1
    assert found.problem == (
        "The configuration cannot be read at the moment: reading the parameter: it is busy. "
        "Version 1, written 2026-03-02 09:01 UTC, stays in force until it can."
    )


def test_a_parameter_that_was_made_anew_counts_its_versions_anew() -> None:
    text = FakeText(*[good(n) for n in range(1, 8)])
    last_good = LastGood(text)
    last_good()
    text.texts = [NO_JSON]
    assert minutes(last_good().configuration) == 7
    text.texts = [NO_JSON, good(50)]
    found: Any = last_good()
    assert (minutes(found.configuration), found.problem) == (50, "")
