"""Facts are remembered and forgotten by tools that refuse what was changed since, and never keep two at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from some_clients import SomeClients

from copilot.adapters.memory_facts import MemoryFacts
from copilot.domain import EVERYBODY, Call, NothingToUndo, Person, Preview, scope_of
from copilot.errors import NotReady, ToolInputError
from copilot.tools.facts.keeping import FactOutput, ForgetFact, ForgetFactInput, RememberFact, RememberFactInput

NOON = datetime(2026, 11, 12, 12, tzinfo=UTC)
ANA = Person(id="ana", name="Ana", roles=("reader",))


class FixedClock:
    def now(self) -> datetime:
        return NOON


class Clients(SomeClients):
    def __init__(self, facts: MemoryFacts, call_id: str = "r1-s-0") -> None:
        self.facts, self.person, self.clock, self.call_id = facts, ANA, FixedClock(), call_id


def given(value: str = "storefront", **more: Any) -> RememberFactInput:
    return RememberFactInput.model_validate({"kind": "alias", "subject": "shop", "value": value} | more)


def remember(facts: MemoryFacts, value: str = "storefront", **more: Any) -> tuple[Preview, FactOutput]:
    tool, said = RememberFact(Clients(facts)), given(value, **more)
    preview = tool.preview(said)
    output = tool.run(said, preview)
    assert tool.verify(said, preview).outcome == "true"
    return preview, output


def called(facts: MemoryFacts, call: Any) -> FactOutput:
    assert isinstance(call, Call)
    tool: Any = {"remember_fact": RememberFact, "forget_fact": ForgetFact}[call.tool](Clients(facts, "r2-s-0"))
    taken = tool.Input.model_validate(call.arguments)
    done: FactOutput = tool.run(taken, tool.preview(taken))
    return done


def now(facts: MemoryFacts, scope: str = scope_of("ana")) -> list[str]:
    return [one.now.value for one in facts.facts(scope) if one.now]


def test_a_preview_shows_what_it_was_and_what_it_is_to_be() -> None:
    facts = MemoryFacts()
    preview, _ = remember(facts)
    assert (preview.changes[0].before, preview.changes[0].after) == ("nothing is remembered", "shop means storefront")
    preview, output = remember(facts, "storefront and basket")
    assert preview.changes[0].before == "shop means storefront"
    assert preview.changes[0].after == "shop means storefront, basket"
    assert output.summary == "remembered: shop means storefront, basket; before that shop means storefront"
    assert preview.targets[0].tags == {"owner": "ana"} and preview.targets[0].kind is None
    preview, _ = remember(facts, for_everybody=True)
    assert preview.targets[0].tags == {} and now(facts, EVERYBODY) == ["storefront"]


def test_what_is_taken_back_is_what_was_so_before() -> None:
    facts = MemoryFacts()
    first, _ = remember(facts)
    second, _ = remember(facts, "basket")
    called(facts, RememberFact.undo(given("basket"), second))
    assert now(facts) == ["storefront"]
    called(facts, RememberFact.undo(given(), first))
    assert now(facts) == []


def test_what_was_changed_since_is_not_taken_back() -> None:
    facts = MemoryFacts()
    first, _ = remember(facts)
    remember(facts, "basket")
    with pytest.raises(ToolInputError, match="changed since"):
        called(facts, RememberFact.undo(given(), first))
    forget = ForgetFact(Clients(facts))
    said = ForgetFactInput(subject="shop", attribute="means")
    gone = forget.preview(said)
    forget.run(said, gone)
    remember(facts, "books")
    with pytest.raises(ToolInputError, match="changed since"):
        called(facts, ForgetFact.undo(said, gone))
    assert now(facts) == ["books"]


def test_what_somebody_changed_after_the_look_is_not_overwritten() -> None:
    facts = MemoryFacts()
    tool = RememberFact(Clients(facts))
    preview = tool.preview(given())
    remember(facts, "basket")
    with pytest.raises(NotReady):
        RememberFact(Clients(facts, "r9-s-0")).run(given(), preview)
    assert now(facts) == ["basket"]


def test_again_after_it_died_it_is_made_once() -> None:
    facts = MemoryFacts()
    tool = RememberFact(Clients(facts))
    preview = tool.preview(given())
    assert tool.run(given(), preview) == tool.run(given(), preview)
    (kept,) = facts.facts(scope_of("ana"))
    assert kept.rev == 1 and kept.now is not None and kept.now.run == "r1"


def test_what_is_so_already_or_forgotten_already_is_left() -> None:
    facts = MemoryFacts()
    remember(facts)
    preview, output = remember(facts)
    assert preview.is_idle and output.summary == "remembered already: shop means storefront"
    assert isinstance(RememberFact.undo(given(), preview), NothingToUndo)
    forget, said = ForgetFact(Clients(facts)), ForgetFactInput(subject="shop", attribute="means")
    forget.run(said, forget.preview(said))
    again = forget.preview(said)
    assert again.is_idle and isinstance(ForgetFact.undo(said, again), NothingToUndo)
    assert forget.run(said, again).summary == "forgotten already"


def test_the_nearest_is_named_of_what_is_not_there() -> None:
    facts = MemoryFacts()
    remember(facts)
    with pytest.raises(ToolInputError, match="nothing is remembered of shopp; nearest: shop"):
        ForgetFact(Clients(facts)).preview(ForgetFactInput(subject="shopp", attribute="means"))


@pytest.mark.parametrize(
    "said",
    [
        given("password=Xk29fjq1Lw8Zp"),
        given("a\nb"),
        given("a\u202eb"),
        given("a#b", subject="x#y"),
        given(until=NOON - timedelta(hours=1)),
        given("x", kind="default", subject="weather"),
        given("not a region", kind="default", subject="region"),
        given("payments", kind="default", subject="team", for_everybody=True),
        given("a; drop b", kind="default", subject="environment"),
    ],
)
def test_what_is_no_fact_is_refused(said: RememberFactInput) -> None:
    facts = MemoryFacts()
    with pytest.raises(ToolInputError):
        RememberFact(Clients(facts)).preview(said)
    assert facts.facts(scope_of("ana")) == []


def test_it_counts_until_it_ends() -> None:
    facts = MemoryFacts()
    remember(facts, until=NOON + timedelta(days=1))
    (kept,) = facts.facts(scope_of("ana"))
    assert kept.current(NOON) and not kept.current(NOON + timedelta(days=2))
