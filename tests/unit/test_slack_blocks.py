"""Whatever is shown is within Slack's limits, is no markup, and is all there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cli.laptop.slack.views import view_problems
from copilot.adapters.slack import blocks
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
    StepMark,
    Steps,
    Words,
)
from copilot.text.outside import plain

HOSTILE = (
    "<!channel>",
    "<@U1>",
    "<!subteam^S1>",
    "<https://evil.example|your bank>",
    "*bold* _it_ ~no~ `code` ```block```",
    "https://evil.example/x?y=1&z=2",
    "\u202egnp.exe",
    "a\u200bb\u2066c",
    ":rotating_light: &lt;!here&gt;",
    "\x00\x1b[31m\ud800",
    "\n\n\n",
    "👩‍👩‍👧 семья 家族",
    "x" * 3_001,
    '\\"' * 2_000,
)
TEXTS = st.one_of(
    st.text(max_size=40),
    st.sampled_from(HOSTILE),
    st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=60)), max_size=12).map("\n".join),
)
IDS = st.from_regex(r"[\w./:-]{1,200}", fullmatch=True)
BUTTONS = st.builds(
    Button,
    action=st.sampled_from(get_args(Action)),
    about=IDS,
    label=TEXTS,
    weight=st.sampled_from(["plain", "primary", "danger"]),
    asks=TEXTS,
)
PARTS: st.SearchStrategy[Part] = st.one_of(
    st.builds(Words, text=TEXTS, small=st.booleans()),
    st.builds(Heading, text=TEXTS),
    st.builds(Columns, text=TEXTS),
    st.builds(
        Steps,
        title=TEXTS,
        steps=st.lists(
            st.builds(ShownStep, id=IDS, title=TEXTS, mark=st.sampled_from(get_args(StepMark)), details=TEXTS),
            max_size=9,
        ).map(tuple),
    ),
    st.builds(
        Links,
        links=st.lists(st.builds(ShownLink, label=TEXTS, url=IDS.map("https://ex.example/".__add__)), max_size=4).map(
            tuple
        ),
    ),
    st.builds(Buttons, buttons=st.lists(BUTTONS, max_size=30).map(tuple)),
    st.builds(
        Choices,
        label=TEXTS,
        choices=st.lists(st.builds(Choice, value=IDS, label=TEXTS), max_size=12).map(tuple),
        button=BUTTONS,
    ),
)
SHOWN = st.builds(Shown, brief=TEXTS, parts=st.lists(PARTS, max_size=8).map(tuple))
LONG = Shown(brief="long", parts=(Words(text="<!channel> 家族 *x*\n" * 6_000), Columns(text="y" * 100_000)))

ELEMENTS = {
    "header": "plain_text",
    "context": "plain_text",
    "section": "plain_text checkboxes multi_static_select",
    "actions": "button",
    "rich_text": "rich_text_section rich_text_preformatted",
    "rich_text_section": "text link",
    "rich_text_preformatted": "text",
}
"""What may stand in what. There is no mrkdwn in it, no markdown, no user, channel, usergroup, broadcast or emoji."""


def inside(block: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The objects that stand directly in one."""
    for name in ("elements", "options"):
        yield from block.get(name, ())
    for name in ("text", "accessory", "placeholder"):
        if isinstance(block.get(name), dict):
            yield block[name]


def walked(block: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield block
    for one in inside(block):
        yield from walked(one)


def read(message: dict[str, Any]) -> str:
    """All the text of one."""
    return "\n".join(
        one["text"] for block in message["blocks"] for one in walked(block) if isinstance(one.get("text"), str)
    )


def length(text: str) -> int:
    """As Slack counts, in UTF-16."""
    return len(text.encode("utf-16-le")) // 2


def check(message: dict[str, Any]) -> None:
    assert set(message) == {"text", "blocks"}
    assert 0 < len(message["text"]) <= 4_000
    assert 0 < len(message["blocks"]) <= 50
    assert len(json.dumps(message["blocks"])) <= 13_000
    assert not {"<", ">"} & set(message["text"])
    for block in message["blocks"]:
        for one in walked(block):
            check_one(one)


def check_one(one: dict[str, Any]) -> None:
    kind = one.get("type")
    if kind in ELEMENTS:
        assert {part["type"] for part in inside(one)} <= set(ELEMENTS[kind].split())
        assert all(list(inside(one))) and list(inside(one))
    if kind in {"plain_text", "text"}:
        assert one["text"].strip() and length(one["text"]) <= 3_000
        assert one["text"].encode("utf-8")
        assert one["text"] == plain(one["text"])
    if kind == "plain_text":
        assert one["emoji"] is False
    if kind == "header":
        assert length(one["text"]["text"]) <= 150
    check_pressed(one, kind)
    if kind == "link":
        assert one["url"].startswith("https://ex.example/") and length(one["url"]) <= 3_000 and one["text"]
    if kind == "context":
        assert len(one["elements"]) <= 10


def check_pressed(one: dict[str, Any], kind: str | None) -> None:
    if kind == "actions":
        ids = [button["action_id"] for button in one["elements"]]
        assert len(ids) <= 25 and len(set(ids)) == len(ids)
    if kind == "button":
        assert length(one["text"]["text"]) <= 75
        assert one["action_id"].removeprefix("copilot.") in get_args(Action)
        assert 0 < length(one["value"]) <= 2_000
        assert one.get("style", "primary") in {"primary", "danger"}
        for part, most in {"title": 100, "text": 300, "confirm": 30, "deny": 30}.items():
            assert "confirm" not in one or 0 < length(one["confirm"][part]["text"].strip()) <= most
    if kind in {"checkboxes", "multi_static_select"}:
        assert 0 < len(one["options"]) <= (10 if kind == "checkboxes" else 100)
        assert all(0 < length(option["text"]["text"]) <= 75 for option in one["options"])
        assert all(0 < length(option["value"]) <= 150 for option in one["options"])


def lines_of(part: Part) -> Iterator[str]:
    """Each line that may not be lost."""
    match part:
        case Words() | Columns() | Heading():
            yield from part.text.split("\n")
        case Steps():
            for step in part.steps:
                yield from [*step.title.split("\n"), *step.details.split("\n")]
        case Choices():
            yield from part.label.split("\n")


def squeezed(text: str) -> str:
    return "".join(plain(text.encode("utf-8", "replace").decode()).split())


@settings(deadline=None, max_examples=60)
@given(SHOWN)
@example(LONG)
@example(Shown(brief="", parts=()))
def test_every_message_is_within_the_limits_and_nothing_in_it_is_markup(shown: Shown) -> None:
    for message in [*blocks.messages(shown), blocks.one_message(shown)]:
        check(message)


@settings(deadline=None, max_examples=60)
@given(SHOWN)
@example(LONG)
def test_no_line_is_lost(shown: Shown) -> None:
    all_of_it = squeezed("".join(map(read, blocks.messages(shown))))
    for part in shown.parts:
        for line in lines_of(part):
            assert squeezed(line.removesuffix("\r").replace("\r", "[U+000D]")) in all_of_it


@settings(deadline=None, max_examples=60)
@given(SHOWN)
@example(
    LONG.model_copy(update={"parts": (*LONG.parts, Buttons(buttons=(Button(action="deny", about="a", label="No"),)))})
)
def test_one_message_says_what_it_cuts_and_keeps_what_can_be_pressed(shown: Shown) -> None:
    every = blocks.messages(shown)
    one = blocks.one_message(shown)
    assert (blocks.MORE in read(one)) == (len(every) > 1)
    pressed = [part for part in shown.parts if isinstance(part, Buttons) and part.buttons]
    if len(pressed) == 1 and len(pressed[0].buttons) < 3 and not any(isinstance(part, Choices) for part in shown.parts):
        assert any(block["type"] == "actions" for block in one["blocks"])


def test_each_mark_is_a_sign_and_a_word() -> None:
    assert set(blocks.MARKS) == set(get_args(StepMark))
    assert all(mark.split(" ", 1)[1].isalpha() for mark in blocks.MARKS.values())


@pytest.mark.parametrize(
    ("many", "kind"), [(10, "checkboxes"), (11, "multi_static_select"), (100, "multi_static_select")]
)
def test_choices_are_ticked_or_selected_by_how_many_there_are(many: int, kind: str) -> None:
    (message,) = blocks.messages(choices(many))
    section, actions = message["blocks"]
    assert section["accessory"]["type"] == kind
    assert section["accessory"]["action_id"] == blocks.CHOSEN
    assert [option["value"] for option in section["accessory"]["options"]] == [f"dev-{n}" for n in range(many)]
    assert actions["elements"][0]["action_id"] == "copilot.narrow"


def test_choices_beyond_what_slack_takes_are_counted_and_left_to_the_command_line() -> None:
    (message,) = blocks.messages(choices(103))
    _, note, _ = message["blocks"]
    assert note["elements"][0]["text"].startswith("3 more cannot be listed here: the command line has them")


def test_a_button_asks_before_it_counts() -> None:
    button = Button(action="approve", about="ap-1", label="Approve", weight="danger", asks="Stop 4 environments?")
    (message,) = blocks.messages(Shown(brief="x", parts=(Buttons(buttons=(button,)),)))
    (element,) = message["blocks"][0]["elements"]
    assert element["value"] == "ap-1"
    assert element["style"] == "danger"
    assert element["confirm"]["text"]["text"] == "Stop 4 environments?"
    assert element["confirm"]["confirm"]["text"] == "Approve"


def test_choices_with_long_names_are_as_many_as_one_message_takes() -> None:
    some = tuple(Choice(value=f"stop.{n}", label="a" * 75) for n in range(100))
    part = Choices(label="Leave out", choices=some, button=Button(action="narrow", about="a1", label="Narrow"))
    (message,) = blocks.messages(Shown(brief="x", parts=(part,)))
    assert len(json.dumps(message["blocks"])) <= blocks.LONGEST_TOGETHER
    listed = len(message["blocks"][0]["accessory"]["options"])
    assert 50 < listed < 100 and f"{100 - listed} more cannot be listed here" in json.dumps(message["blocks"])


def choices(many: int) -> Shown:
    some = tuple(Choice(value=f"dev-{n}", label=f"dev-{n}") for n in range(many))
    button = Button(action="narrow", about="ap-1", label="Leave these out")
    return Shown(brief="x", parts=(Choices(label="Leave out", choices=some, button=button),))


# a home


@pytest.mark.parametrize(("parts", "cut"), [(1, False), (99, False), (100, False), (101, True), (300, True)])
def test_a_home_has_at_most_as_many_blocks_as_slack_takes_and_says_what_is_cut(parts: int, cut: bool) -> None:
    view = blocks.view(Shown(brief="x", parts=tuple(Words(text=f"line {number}") for number in range(parts))))
    assert (view["type"], len(view["blocks"])) == ("home", min(parts, 100))
    assert (blocks.MORE_AT_HOME in json.dumps(view)) is cut and view_problems(view) == []


def test_a_home_is_no_larger_than_slack_takes() -> None:
    text = "\u5bb6" * 400  # six signs each as JSON
    view = blocks.view(Shown(brief="x", parts=tuple(Words(text=text) for _ in range(99))))
    assert len(json.dumps(view)) <= blocks.LONGEST_VIEW + 100 < 250_000
    assert blocks.MORE_AT_HOME in json.dumps(view)


@given(SHOWN)
@settings(max_examples=15, deadline=None)
def test_whatever_a_home_shows_slack_takes(shown: Shown) -> None:
    view = blocks.view(shown)
    assert view_problems(view) == [] and 0 < len(view["blocks"]) <= 100
    for block in view["blocks"]:
        for one in walked(block):
            check_one(one)
