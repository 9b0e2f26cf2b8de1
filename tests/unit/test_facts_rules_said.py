"""How people say what is off limits, when, and who is to be told of what; and what sounds like it and is another."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from copilot.domain import Stretches
from copilot.planning.fact_words import read
from copilot.planning.rule_words import RuleSaid
from copilot.times.stretches import stretches_in, until_in

NOW = datetime(2026, 11, 12, 9, 0, tzinfo=UTC)
BERLIN = "Europe/Berlin"


def rule(text: str) -> RuleSaid:
    said = read(text)
    assert said is not None and said.do == "remember" and said.fact is not None and said.fact.rule is not None, text
    return said.fact.rule


@pytest.mark.parametrize(
    ("text", "what", "changes", "when", "effect"),
    [
        ("prod-eu is off limits", "prod-eu", "", "", "deny"),
        ("prod-eu is off-limits on Fridays.", "prod-eu", "", "on Fridays", "deny"),
        ("Remember that prod-eu is off limits on Fridays!", "prod-eu", "", "on Fridays", "deny"),
        ("please remember: live is out of bounds at weekends", "live", "", "at weekends", "deny"),
        ("from now on prod-eu is off limits at night", "prod-eu", "", "at night", "deny"),
        ("on Fridays prod-eu is off limits", "prod-eu", "", "on Fridays", "deny"),
        ("on Fridays, nobody touches prod-eu", "prod-eu", "", "on Fridays", "deny"),
        (
            "nobody touches staging between 9 and 12 on weekdays",
            "staging",
            "",
            "between 9 and 12 on weekdays",
            "deny",
        ),
        ("no one may deploy to live on Fridays", "live", "deploy", "on Fridays", "deny"),
        ("don't ever touch basket in production", "basket in production", "", "", "deny"),
        ("don't ever touch basket in production without asking me", "basket in production", "", "", "ask"),
        ("do not touch live without my approval", "live", "", "", "ask"),
        ("never stop billing-dev for me", "billing-dev", "stop", "", "deny"),
        ("please never restart books at night", "books", "restart", "at night", "deny"),
        ("don't stop storefront on Fridays", "storefront", "stop", "on Fridays", "deny"),
        ("no deployments to prod-eu on Fridays", "prod-eu", "deploy", "on Fridays", "deny"),
        ("no changes to live from 20 Dec to 2 Jan", "live", "", "from 20 Dec to 2 Jan", "deny"),
        ("live must not be touched at weekends", "live", "", "at weekends", "deny"),
        ("live is not to be changed in December", "live", "", "in December", "deny"),
        ("live is never to be deleted", "live", "delete", "", "deny"),
        ("hands off live during office hours", "live", "", "during office hours", "deny"),
        ("keep your hands off live", "live", "", "", "deny"),
        ("leave staging alone on Fridays", "staging", "", "on Fridays", "deny"),
        ("always ask me before you touch live", "live", "", "", "ask"),
        ("ask before deploying to live on Fridays", "live", "deploy", "on Fridays", "ask"),
        ("changes to live need an approval on weekends", "live", "", "on weekends", "ask"),
        ("live is off limits because we migrate", "live", "", "", "deny"),
        ("payments' environments are off limits", "payments' environments", "", "", "deny"),
        ("everything in production is off limits", "everything in production", "", "", "deny"),
        ("I don't want you to touch live", "live", "", "", "deny"),
    ],
)
def test_what_is_off_limits(text: str, what: str, changes: str, when: str, effect: Any) -> None:
    assert rule(text) == RuleSaid(what, tuple(changes.split()), when, effect)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "when", "corrects", "not_on"),
    [
        ("live is off limits on Mondays", "on Mondays", "", ""),
        ("live is off limits on Mondays, not Fridays", "on Mondays", "", "Fridays"),
        ("live is off limits on Mondays instead of on Fridays", "on Mondays", "", "on Fridays"),
        ("no, live is off limits on Mondays", "on Mondays", "last", ""),
        ("no, no-one touches live", "", "last", ""),
        ("no one touches live", "", "", ""),
        ("actually live is off limits on Mondays", "on Mondays", "last", ""),
        ("live is off limits only on Mondays", "on Mondays", "all", ""),
        ("live is only off limits at night", "at night", "all", ""),
        ("live is off limits only until Friday", "", "all", ""),
    ],
)
def test_what_is_said_to_be_so_in_the_place_of_what_was(text: str, when: str, corrects: Any, not_on: str) -> None:
    assert rule(text) == RuleSaid("live", (), when, corrects=corrects, not_on=not_on)


@pytest.mark.parametrize(
    ("text", "what", "changes", "tell", "before"),
    [
        ("tell #payments when you stop theirs", "theirs", "stop", "#payments", False),
        ("tell #payments whenever you stop storefront", "storefront", "stop", "#payments", False),
        ("always notify #payments before you restart checkout", "checkout", "restart", "#payments", True),
        ("before you restart checkout, always tell #payments", "checkout", "restart", "#payments", True),
        ("whenever you scale production tell @priya", "production", "scale", "@priya", False),
        ("Every time you deploy to live, let #ops know.", "live", "deploy", "#ops", False),
        ("when you stop storefront, tell #payments", "storefront", "stop", "#payments", False),
        ("if you stop books, tell #core", "books", "stop", "#core", False),
        ("tell #payments and #ops whenever you stop storefront", "storefront", "stop", "#payments #ops", False),
        ("notify #payments after you start storefront", "storefront", "start", "#payments", False),
        ("post to #ops whenever you delete books", "books", "delete", "#ops", False),
        ("tell #ops about every deployment to live", "live", "deploy", "#ops", False),
        ("ping #payments each time you touch storefront", "storefront", "", "#payments", False),
        ("remember that you tell #core whenever you restart books", "books", "restart", "#core", False),
        ("from now on tell #ops whenever you change anything in live", "anything in live", "", "#ops", False),
        ("always tell me when you stop basket", "basket", "stop", "me", False),
    ],
)
def test_who_is_to_be_told(text: str, what: str, changes: str, tell: str, before: bool) -> None:
    wanted = RuleSaid(what, tuple(changes.split()), tell=tuple(tell.split()), before=before)  # type: ignore[arg-type]
    assert rule(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "is prod-eu off limits?",
        "is live off limits on Fridays",
        "when is live off limits?",
        "why is live off limits",
        "which environments are off limits on Fridays?",
        "what is off limits?",
        "can I touch live?",
        "who touches staging?",
        "stop prod-eu on Fridays",
        "stop live until Friday",
        "restart basket every Friday",
        "don't stop storefront",
        "leave staging alone",
        "keep storefront running until 8",
        "never mind",
        "nobody",
        "it is off limits",
        "freeze live",
        "tell #payments that prod is down",
        "tell #payments that live is off limits",
        "tell #payments when storefront is stopped",
        "tell me when staging is healthy again",
        "tell #ops when errors of checkout exceed 2%",
        "watch checkout until 17:00 and tell me if errors exceed 2%",
        "stop staging and tell #ops",
        "notify #ops",
        "stop telling me lies",
        "ask dana before lunch",
        "prod-eu is off limits on the whole",
        "remember to tell #ops",
    ],
)
def test_what_sounds_like_it_and_is_another(text: str) -> None:
    said = read(text)
    assert said is None or said.fact is None or said.fact.rule is None


@pytest.mark.parametrize(
    ("text", "do", "kind", "until"),
    [
        ("live is off limits until Friday", "remember", "exclusion", "Friday"),
        ("until next week, live is off limits", "remember", "exclusion", "next week"),
        ("remember until 31 Dec that live is off limits", "remember", "exclusion", "31 Dec"),
        (
            "tell #ops whenever you stop live until the end of the month",
            "remember",
            "companion",
            "the end of the month",
        ),
        ("checkout means storefront until Friday", "remember", "alias", "Friday"),
        ("my team is payments until 1 March 2027", "remember", "default", "1 March 2027"),
        ("remember that books is slow until Monday", "remember", "note", "Monday"),
        ("live is off limits from Monday until Friday", "remember", "exclusion", ""),
        ("live is off limits from 9 until 12", "remember", "exclusion", ""),
        ("live is no longer off limits", "forget", "exclusion", ""),
        ("live is not off limits any more", "forget", "exclusion", ""),
        ("forget that live is off limits on Fridays", "forget", "exclusion", ""),
        ("forget the exclusion of live", "forget", "exclusion", ""),
        ("stop telling #payments when you stop theirs", "forget", "companion", ""),
        ("don't tell #payments any more", "forget", "companion", ""),
        ("forget to tell #payments", "forget", "companion", ""),
    ],
)
def test_until_when_it_is_so_and_what_is_so_no_more(text: str, do: str, kind: str, until: str) -> None:
    said = read(text)
    assert said is not None and said.fact is not None
    assert (said.do, said.fact.kind, said.fact.until) == (do, kind, until)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ""),
        ("always", ""),
        ("on fridays", "on Fridays (Europe/Berlin)"),
        ("every friday", "on Fridays (Europe/Berlin)"),
        ("on friday", "on Fridays (Europe/Berlin)"),
        ("on mondays and fridays", "on Mondays and Fridays (Europe/Berlin)"),
        ("from monday to friday", "on weekdays (Europe/Berlin)"),
        ("every weekday", "on weekdays (Europe/Berlin)"),
        ("at weekends", "on weekends (Europe/Berlin)"),
        ("over the weekend", "on weekends (Europe/Berlin)"),
        ("between 9 and 12 on weekdays", "on weekdays between 09:00 and 12:00 (Europe/Berlin)"),
        ("from 9 to 5", "between 09:00 and 17:00 (Europe/Berlin)"),
        ("from 9am to noon", "between 09:00 and 12:00 (Europe/Berlin)"),
        ("weekdays 9-12", "on weekdays between 09:00 and 12:00 (Europe/Berlin)"),
        ("between 22:00 and 06:00", "between 22:00 and 06:00 (Europe/Berlin)"),
        ("at night", "between 20:00 and 06:00 (Europe/Berlin)"),
        ("during office hours", "on weekdays between 09:00 and 17:00 (Europe/Berlin)"),
        ("on weekdays from 9 until 12 New York time", "on weekdays between 09:00 and 12:00 (America/New_York)"),
        ("from 20 Dec to 2 Jan", "from 20 Dec 2026 to 2 Jan 2027 (Europe/Berlin)"),
        ("in december", "from 1 Dec 2026 to 31 Dec 2026 (Europe/Berlin)"),
        ("on 24 December", "on 24 Dec 2026 (Europe/Berlin)"),
        ("tomorrow", "on 13 Nov 2026 (Europe/Berlin)"),
        ("on fridays in december", "on Fridays from 1 Dec 2026 to 31 Dec 2026 (Europe/Berlin)"),
        ("on fridays after 3", None),
        ("on fridays in december in january", None),
        ("whatever", None),
        ("on 31 February", None),
    ],
)
def test_when_it_is(text: str, words: str | None) -> None:
    found = stretches_in(text, NOW, BERLIN)
    assert (None if found is None else found.in_words) == words


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("friday", "2026-11-14T00:00:00+01:00"),
        ("tomorrow", "2026-11-14T00:00:00+01:00"),
        ("31 Dec", "2027-01-01T00:00:00+01:00"),
        ("2 January", "2027-01-03T00:00:00+01:00"),
        ("next week", "2026-11-16T00:00:00+01:00"),
        ("next monday", "2026-11-17T00:00:00+01:00"),
        ("the end of the month", "2026-12-01T00:00:00+01:00"),
        ("the end of the year", "2027-01-01T00:00:00+01:00"),
        ("monday 9am", "2026-11-16T09:00:00+01:00"),
        ("friday at 18:00", "2026-11-13T18:00:00+01:00"),
        ("12 Nov 2025", None),
        ("it is over", None),
        ("12:00", None),
    ],
)
def test_until_when(text: str, at: str | None) -> None:
    found = until_in(text, NOW, BERLIN)
    assert (None if found is None else found.isoformat()) == at


def covers(at: str, **parts: Any) -> bool:
    return Stretches(time_zone=BERLIN, **parts).covers(datetime.fromisoformat(at))


def test_it_goes_by_the_clock_on_the_wall_there_and_over_midnight() -> None:
    friday = {"days": ("FRI",)}
    assert covers("2026-11-12T23:00:00+00:00", **friday), "it is Friday in Berlin"
    assert not covers("2026-11-13T23:00:00+00:00", **friday)
    night = {"days": ("FRI",), "start": "22:00", "end": "06:00"}
    assert covers("2026-11-13T21:00:00+00:00", **night) and covers("2026-11-14T04:59:00+00:00", **night)
    assert not covers("2026-11-14T05:00:00+00:00", **night) and not covers("2026-11-13T04:00:00+00:00", **night)
    hours = {"start": "09:00", "end": "12:00"}
    assert covers("2026-07-01T07:00:00+00:00", **hours) and not covers("2026-01-15T07:00:00+00:00", **hours)
    dates = {"first": "2026-12-20", "last": "2026-12-21"}
    assert covers("2026-12-21T22:59:00+00:00", **dates) and not covers("2026-12-21T23:00:00+00:00", **dates)


@pytest.mark.parametrize(
    "parts", [{"start": "09:00"}, {"first": "2026-12-02", "last": "2026-12-01"}, {"time_zone": "Mars/Base"}]
)
def test_times_that_are_none(parts: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        Stretches.model_validate({"time_zone": BERLIN, **parts})
