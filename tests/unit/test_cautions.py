"""What on the card of an approval deceives the eye is said."""

from __future__ import annotations

from datetime import UTC, datetime

from copilot.domain import Approval, ApprovalCall, Change, Person, Preview, ResourceRef, Target
from copilot.plans.cautions import MOST, cautions

AT = datetime(2026, 3, 2, tzinfo=UTC)


def approval(*names: str, text: str = "") -> Approval:
    calls = []
    for index, name in enumerate(names):
        ref = ResourceRef(type="environment", id=name)
        change = Change(ref=ref, name=name, action="stop", before="on", after=text or "off")
        preview = Preview(targets=(Target(ref=ref, name=name),), changes=(change,), state={})
        calls.append(
            ApprovalCall(step="stop", item=index, tool="stop@1", arguments={"environment_id": name}, preview=preview)
        )
    person = Person(id="ana", name="Ana")
    return Approval(
        id="a1",
        tenant="main",
        run_id="r1",
        request="stop it",
        calls=tuple(calls),
        requested_by=person,
        created_at=AT,
        expires_at=AT,
    )


def test_a_name_that_passes_for_another_is_named_letter_by_letter_once() -> None:
    assert cautions(approval("\u043erders-dev")) == [
        "look at the letters of \u043erders-dev: \u043e is CYRILLIC SMALL LETTER O"
    ]


def test_what_is_not_seen_is_said_to_be_there() -> None:
    (said,) = cautions(approval("orders-dev", text="all is well\u202e and more"))
    assert said == "in all is well[U+202E] and more stood what is not seen and is shown by its number: [U+202E]"


def test_ordinary_names_need_no_caution() -> None:
    assert cautions(approval("orders-dev", "M\u00fcller", text="Hello, everybody")) == []


def test_there_are_never_too_many_to_read() -> None:
    assert len(cautions(approval(*(f"\u043e{number}" for number in range(40))))) == MOST
