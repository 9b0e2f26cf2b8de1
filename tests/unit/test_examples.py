"""Examples speak of what is there in the cloud of whoever is shown them, or of nothing by name."""

from __future__ import annotations

from datetime import UTC, datetime

from copilot.domain import NOTHING_KNOWN, Kind, Known, KnownEnvironment
from copilot.intents import examples_of, load_intents
from copilot.intents.examples import EXAMPLE_NAMES, EXAMPLE_SERVICES

INTENTS = load_intents()
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
INVENTED = (*EXAMPLE_NAMES, *EXAMPLE_SERVICES)


def known(*services: str, **environments: Kind) -> Known:
    there = tuple(KnownEnvironment(name=name, kind=kind, seen_at=NOW) for name, kind in environments.items())
    return Known(environments=there, services=services, seen_at=NOW)


def shown(there: Known) -> list[str]:
    return [text for one in INTENTS.actions for text in examples_of(INTENTS.actions, there, one.action)]


def test_names_in_examples_are_of_environments_and_services_that_exist() -> None:
    found = shown(known("trolley", "shopwindow", harbour="development", quay="production"))
    assert not [text for text in found for name in INVENTED if name in text]
    assert "Which image does trolley run?" in found and "What does harbour cost?" in found


def test_a_service_is_shown_in_no_environment_as_it_may_run_in_another() -> None:
    found = shown(known("trolley", harbour="development"))
    assert not [text for text in found if "trolley" in text and "harbour" in text]


def test_where_nothing_is_known_no_name_is_shown() -> None:
    found = shown(NOTHING_KNOWN)
    assert found and not [text for text in found for name in INVENTED if name in text]


def test_a_kind_of_which_there_is_none_is_in_no_example() -> None:
    found = shown(known("trolley", harbour="development"))
    assert not [text for text in found for word in ("staging", "preview", "production") if word in text]
    assert "Which dev environments are there?" in found


def test_a_name_that_is_in_another_stays_whole() -> None:
    found = shown(known("orders", "checkout-web", checkout="development"))
    assert "Which image does orders run?" in found and "What does checkout cost?" in found
