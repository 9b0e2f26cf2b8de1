"""What is shown, as messages of Discord: within its limits, judged by the laptop's Discord, and nothing is markup."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.laptop.discord.judging import pinged, problems
from cli.laptop.discord.people import every
from copilot.adapters.discord import components
from copilot.adapters.discord.components import Message, escaped, fenced, messages, one_message
from copilot.domain import (
    Action,
    Button,
    Buttons,
    Choice,
    Choices,
    Columns,
    Heading,
    Links,
    Part,
    Shown,
    ShownLink,
    ShownStep,
    Steps,
    Words,
)
from copilot.edges.chat.discord.custom_ids import CustomId, read_custom_id

EVIL = (
    "<@123> <@&4> <#5> </go:6> <a:x:7> <t:8:R> @everyone @here **b** _i_ ~~s~~ `c` ||x|| "
    "[a](https://e.vil) https://e.vil"
)


def shown(*parts: Part) -> Shown:
    return Shown(brief="brief", parts=parts)


def button(action: Action = "approve", label: str = "Approve", **more: Any) -> Button:
    return Button(action=action, about="a-4kq7", label=label, **more)


def choices(count: int) -> Choices:
    some = tuple(Choice(value=f"s.{at}", label=f"Stop {at}") for at in range(count))
    return Choices(label="Leave out", choices=some, button=button("narrow", "Approve without what is ticked"))


def check(found: Message) -> None:
    assert [*problems(found, 0)] == [] and pinged(found) == []
    assert found["allowed_mentions"] == {"parse": []} and found["flags"] == 1 << 15 | 1 << 2


def read(found: Message) -> str:
    return "\n".join(one["content"] for one in every(found["components"]) if one["type"] == 10)


def ids(found: Message) -> list[str]:
    return [one["custom_id"] for one in every(found["components"]) if "custom_id" in one]


def test_no_sign_of_markdown_is_one() -> None:
    text = escaped(EVIL)
    assert not re.search(r"<[@#/at]", text) and not re.search(r"(?<!\\)[*_~`|\[\]<>]", text)
    assert "@everyone" not in text and "@here" not in text and not re.search(r"\w://", text)
    assert escaped("# a\n- b\n-# c\n+ d\n 12. e\n3) f\n> g") == "\\# a\n\\- b\n\\-# c\n\\+ d\n 12\\. e\n3\\) f\n\\> g"
    assert escaped("a-b c#d 1.5") == "a-b c#d 1.5"
    assert escaped("\\*").count("\\") == 3


def test_what_is_taken_apart_reads_as_it_did() -> None:
    assert re.sub(r"\\([^a-z0-9\s])", r"\1", escaped(EVIL)).replace("\u200b", "") == EVIL


def test_nothing_ends_what_stands_in_columns() -> None:
    inner = fenced("a ``` b\n```\n````").removeprefix("```\n").removesuffix("\n```")
    assert "``" not in inner and inner.replace("\u200b", "") == "a ``` b\n```\n````"


def test_what_is_hidden_is_named() -> None:
    assert escaped("a\u202eb") == "a\\[U+202E\\]b" and "U+200B" in escaped("@\u200beveryone")


def test_the_kinds_of_parts_have_their_forms() -> None:
    (found,) = messages(
        shown(
            Heading(text="Dana asks"),
            Words(text="one\ntwo"),
            Words(text="beside\nit", small=True),
            Columns(text="a  b"),
            Steps(title="At work", steps=(ShownStep(id="a", title="Look", mark="done", details="2 of 2"),)),
            Links(links=(ShownLink(label="The chart", url="https://api.example/r/x"),)),
            Buttons(buttons=(button(weight="primary"), button("deny", "Deny", weight="danger"))),
        )
    )
    check(found)
    (card,) = found["components"]
    assert card["type"] == 17
    texts = [one["content"] for one in card["components"] if one["type"] == 10]
    assert texts == [
        "### Dana asks",
        "one\ntwo",
        "-# beside\n-# it",
        "```\na  b\n```",
        "**At work**",
        "✓ done  Look — 2 of 2",
    ]
    link, row = card["components"][-2:]
    assert link["components"][0] == {"type": 2, "style": 5, "label": "The chart", "url": "https://api.example/r/x"}
    assert [(one["label"], one["style"], one["custom_id"]) for one in row["components"]] == [
        ("Approve", 3, "copilot.approve:a-4kq7"),
        ("Deny", 4, "copilot.deny:a-4kq7"),
    ]


def test_a_line_is_drawn_before_the_next_thing() -> None:
    small = Words(text="b", small=True)
    (found,) = messages(shown(Words(text="a"), small, Words(text="c"), small, small, Heading(text="d")))
    check(found)
    assert [one["type"] for one in found["components"][0]["components"]] == [10, 10, 14, 10, 10, 10, 10]


def test_what_does_the_same_stands_once() -> None:
    twice = Buttons(buttons=(button("keep", "Keep"), button("keep", "Keep it"), button("undo", "Undo")))
    (found,) = messages(
        shown(twice, Words(text="x"), Buttons(buttons=(button("undo", "Undo"), button("keep", "Keep"))))
    )
    check(found)
    assert ids(found) == ["copilot.keep:a-4kq7", "copilot.undo:a-4kq7"]


def test_what_asks_stands_beside_what_it_asks() -> None:
    (found,) = messages(
        shown(Buttons(buttons=(button("undo", "Undo", asks="Back *as it was*."), button("retry", "Retry"))))
    )
    check(found)
    section, row = found["components"]
    assert section["components"][0]["content"] == "Back \\*as it was\\*."
    assert section["accessory"]["custom_id"] == "copilot.undo?:a-4kq7" and len(row["components"]) == 1


def test_where_some_can_be_left_out_approving_asks_too() -> None:
    (found,) = messages(shown(choices(3), Buttons(buttons=(button(), button("deny", "Deny")))))
    check(found)
    assert ids(found) == ["copilot.narrow?:a-4kq7", "copilot.approve?:a-4kq7", "copilot.deny:a-4kq7"]
    assert "nothing is left out" in read(found)
    (without,) = messages(shown(Buttons(buttons=(button(), button("deny", "Deny")))))
    assert ids(without) == ["copilot.approve:a-4kq7", "copilot.deny:a-4kq7"]


def test_what_a_button_is_called_is_read_again() -> None:
    for asks in ("", "Really?"):
        (found,) = messages(shown(Buttons(buttons=(button(asks=asks),))))
        assert [*map(read_custom_id, ids(found))] == [CustomId("approve", "a-4kq7", bool(asks))]
    about = "x" * 80
    (longest,) = messages(shown(Buttons(buttons=(Button(action="approve", about=about, label="A", asks="?"),))))
    assert len(ids(longest)[0]) <= 100 and read_custom_id(ids(longest)[0]) == CustomId("approve", about, True)


@pytest.mark.parametrize(
    ("count", "listed", "more"), [(24, 24, ""), (25, 25, ""), (26, 25, "1 more"), (90, 25, "65 more")]
)
def test_choices_beyond_the_most_are_counted(count: int, listed: int, more: str) -> None:
    (found,) = messages(shown(choices(count)))
    check(found)
    (select,) = (one for one in every(found["components"]) if one["type"] == 3)
    assert len(select["options"]) == select["max_values"] == listed
    assert (more in read(found)) if more else ("more" not in read(found))


@pytest.mark.parametrize("count", [5, 6, 30])
def test_a_row_has_five_buttons(count: int) -> None:
    actions: tuple[Action, ...] = ("approve",)
    some = tuple(Button(action=actions[0], about=f"a-{at}", label="A") for at in range(count))
    found = messages(shown(Buttons(buttons=some)))
    for one in found:
        check(one)
    assert sum(len(ids(one)) for one in found) == count


@pytest.mark.parametrize(("room", "count"), [(0, 1), (1, 2)])
def test_a_message_is_full_at_four_thousand_characters_and_no_more(room: int, count: int) -> None:
    parts = [Words(text="x" * 1900), Words(text="x" * 1900), Words(text="x" * (200 + room))]
    found = messages(shown(*parts))
    assert len(found) == count
    for one in found:
        check(one)


@pytest.mark.parametrize(("texts", "count"), [(39, 1), (40, 2)])
def test_a_message_is_full_at_forty_components_and_no_more(texts: int, count: int) -> None:
    """One is kept for what may hold the others."""
    found = messages(shown(*[Words(text="x")] * texts))
    assert len(found) == count
    for one in found:
        check(one)


def test_what_is_cut_says_so_and_keeps_what_can_be_pressed() -> None:
    long = shown(
        Heading(text="H"), *[Words(text="y" * 1500)] * 9, choices(9), Buttons(buttons=(button(), button("deny", "D")))
    )
    whole = one_message(long)
    check(whole)
    assert "runs show" in read(whole) and len(ids(whole)) == 3
    assert sum(len(ids(one)) for one in messages(long)) == 3
    assert "runs show" not in read(one_message(shown(Words(text="y" * 1500))))


def test_what_is_nothing_to_read_says_what_it_is() -> None:
    for nothing in (shown(), shown(Words(text="")), Shown(brief="", parts=())):
        check(one_message(nothing))
    assert read(one_message(shown())) == "brief"


_TEXT = st.text(st.sampled_from("ab <>@#*_~`|[]:/\\.-+)1é😀\n\u202e") | st.characters(), max_size=4500)
_LINK = st.builds(ShownLink, label=_TEXT, url=st.just("https://x.y/z") | _TEXT)
_BUTTON = st.builds(
    Button,
    action=st.sampled_from(["approve", "deny", "undo"]),
    about=st.from_regex(r"[\w./:-]{1,80}", fullmatch=True),
    label=_TEXT,
    asks=_TEXT,
)
_PART = st.one_of(
    st.builds(Words, text=_TEXT, small=st.booleans()),
    st.builds(Heading, text=_TEXT),
    st.builds(Columns, text=_TEXT),
    st.builds(
        Links, links=st.lists(st.builds(ShownLink, label=_TEXT, url=st.just("https://x.y/z") | _TEXT), max_size=7)
    ),
    st.builds(Buttons, buttons=st.lists(_BUTTON, min_size=1, max_size=7)),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(_PART, max_size=3))
def test_whatever_is_shown_discord_takes_it_and_nobody_is_called(parts: list[Part]) -> None:
    for found in [*messages(shown(*parts)), one_message(shown(*parts))]:
        assert [*problems(found, 0)] == [] and pinged(found) == []
        assert "@everyone" not in read(found) and not re.search(r"<@\d", read(found))


def test_what_asks_nothing_that_can_be_read_asks_nothing() -> None:
    (found,) = messages(shown(Buttons(buttons=(Button(action="approve", about="a1", label="Approve", asks="\n"),))))
    assert [*problems(found, 0)] == []


def test_the_judge_knows_what_the_limits_are() -> None:
    """So that what it takes says something."""
    text: dict[str, Any] = {"type": 10, "content": "x"}
    row: dict[str, Any] = {"type": 1, "components": [{"type": 2, "style": 1, "label": "x", "custom_id": "c"}]}
    refused = [
        [{"type": 10, "content": ""}],
        [{"type": 10, "content": "x" * 4001}],
        [text] * 41,
        [{"type": 10, "content": "x" * 2001}] * 2,
        [row, row],
        [{"type": 1, "components": row["components"] * 6}],
        [{"type": 9, "components": [text] * 4, "accessory": row["components"][0]}],
        [{"type": 17, "components": [{"type": 17, "components": [text]}]}],
        [],
    ]
    for one in refused:
        assert [*problems({"flags": 1 << 15, "components": one}, 0)] != [], one
    assert [*problems({"flags": 1 << 15, "components": [text, row]}, 0)] == []
    assert [*problems({"components": [text]}, 0)] != [] and [*problems({"content": "x" * 2001}, 0)] != []
    assert pinged({"components": [{"type": 10, "content": "<@1> @here"}]}) == ["<@1>", "@here"]
    assert components.COMPONENTS == 40
