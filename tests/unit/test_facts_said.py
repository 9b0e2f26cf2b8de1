"""How people say what is to be remembered and forgotten, and what is about something else."""

from __future__ import annotations

import pytest

from copilot.planning.fact_words import LONGEST, FactSaid, SaidOfFacts, read

ALIAS = FactSaid("alias", "checkout", "storefront and basket")
TEAM = FactSaid("default", "team", "payments")
STAGING = FactSaid("default", "environment", "staging")
REGION = FactSaid("default", "region", "eu-west-1")


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("checkout means storefront and basket", ALIAS),
        ("remember that checkout means storefront and basket.", ALIAS),
        ("Remember: checkout means storefront and basket", ALIAS),
        ("please remember checkout stands for storefront and basket", ALIAS),
        ("when I say checkout I mean storefront and basket", ALIAS),
        ("When I say “checkout”, I mean storefront and basket!", ALIAS),
        ("by checkout I mean storefront and basket", ALIAS),
        ("I mean storefront and basket by checkout", ALIAS),
        ("from now on, checkout means storefront and basket", ALIAS),
        ("can you remember that checkout is short for storefront and basket?", ALIAS),
        ("btw, note that checkout means storefront and basket", ALIAS),
        ("my team is payments", TEAM),
        ("remember that my team is called payments", TEAM),
        ("I'm on the payments team", TEAM),
        ("I work in team payments", TEAM),
        ("don't forget that my team is the payments team", TEAM),
        ("my default environment is staging", STAGING),
        ("our usual env is staging", STAGING),
        ("I usually mean staging", STAGING),
        ("by default I mean staging", STAGING),
        ("use staging by default", None),
        ("staging is my default environment", STAGING),
        ("I usually mean eu-west-1", REGION),
        ("remember that the books database is slow", FactSaid("note", "", "the books database is slow")),
        ("keep in mind: we freeze in December", FactSaid("note", "", "we freeze in December")),
    ],
)
def test_what_is_to_be_remembered(text: str, fact: FactSaid | None) -> None:
    said = read(text)
    assert said is None if fact is None else said is not None
    assert said is None or (said.do, said.fact, said.shared) == ("remember", fact, False)
    assert said is None or said.loose == (text == "checkout means storefront and basket")


@pytest.mark.parametrize(
    "text",
    [
        "for everybody: checkout means storefront and basket",
        "For all of us, checkout means storefront and basket",
        "remember for everybody that checkout means storefront and basket",
        "checkout means storefront and basket, for everyone",
    ],
)
def test_what_is_to_be_so_for_everybody(text: str) -> None:
    assert read(text) == SaidOfFacts("remember", ALIAS, shared=True)


@pytest.mark.parametrize(
    "text",
    [
        "stop checkout",
        "what does checkout mean?",
        "what means storefront",
        "does checkout mean storefront?",
        "it means storefront",
        "remember to stop storefront",
        "don't forget to tell #ops",
        "note",
        "I know staging",
        "know staging",
        "I mean staging",
        "is my team payments?",
        "do you remember my team?",
        "forget",
        "what can you do?",
        "what do you know?",
        "stop it by default I mean",
        "x" * (LONGEST + 1),
        "remember that " + "x" * LONGEST,
    ],
)
def test_what_is_about_something_else(text: str) -> None:
    assert read(text) is None


def test_what_is_to_be_so_from_now_on_may_be_a_request() -> None:
    assert read("from now on stop storefront at 8") == SaidOfFacts(
        "remember", FactSaid("note", "", "stop storefront at 8"), loose=True
    )


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("what do you know about me?", ""),
        ("And what do you remember?", ""),
        ("what do you remember about me", ""),
        ("what do you remember about checkout?", "checkout"),
        ("what did I tell you to remember?", ""),
        ("show my facts", ""),
        ("tell me what you know about me", ""),
        ("which aliases are there?", ""),
    ],
)
def test_what_is_known_is_asked(text: str, about: str) -> None:
    assert read(text) == SaidOfFacts("show", about=about)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("forget that", SaidOfFacts("forget_last")),
        ("please forget what I just said", SaidOfFacts("forget_last")),
        ("forget me", SaidOfFacts("forget_me")),
        ("forget everything about me", SaidOfFacts("forget_me")),
        ("forget everything you know about me!", SaidOfFacts("forget_me")),
        ("forget what checkout means", SaidOfFacts("forget", FactSaid("alias", "checkout", ""))),
        (
            "forget what checkout means for everybody",
            SaidOfFacts("forget", FactSaid("alias", "checkout", ""), shared=True),
        ),
        ("forget that my team is payments", SaidOfFacts("forget", TEAM)),
        ("forget my default environment", SaidOfFacts("forget", FactSaid("default", "environment", ""))),
        ("forget that the database is slow", SaidOfFacts("forget", FactSaid("note", "", "the database is slow"))),
        ("forget checkout", SaidOfFacts("forget", about="checkout", loose=True)),
        ("forget it", SaidOfFacts("forget", about="it", loose=True)),
    ],
)
def test_what_is_to_be_forgotten(text: str, said: SaidOfFacts) -> None:
    assert read(text) == said


@pytest.mark.parametrize("lead", ["no, ", "No ", "actually ", "sorry, ", "no wait, ", "Correction: ", "oops – "])
def test_a_correction_may_begin_by_saying_so(lead: str) -> None:
    said = read(f"{lead}my team is payments")
    assert said is not None and (said.do, said.fact) == ("remember", TEAM)
    assert read(f"{lead}forget that") is None, "which may be said of a question"
