"""Whatever is shown in Teams is a card as its schema has it, within its limits, no markup, and all there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import example, given, settings
from test_slack_blocks import HOSTILE, SHOWN

from cli.laptop.teams.judging import MOST_BYTES, MOST_CARD_BYTES, problems, too_large
from cli.laptop.teams.world import Message
from copilot.adapters.teams import cards
from copilot.domain import Button, Buttons, Choice, Choices, Columns, Links, Shown, ShownLink, ShownStep, Steps, Words
from copilot.text.outside import plain

LONG = Shown(brief="long", parts=(Words(text="<!channel> 家族 *x*\n" * 1_000), Columns(text="y" * 40_000)))
APPROVE = Button(action="approve", about="a-1", label="Approve", weight="primary")
FREEZE = Button(action="freeze", about="r-1", label="Freeze everything", weight="danger", asks="Nothing begins then.")


def read(activity: cards.Activity) -> Message:
    return Message("1", "a:1", None, None, activity)


def elements(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for one in value:
            yield from elements(one)
    elif isinstance(value, dict):
        yield value
        for one in value.values():
            yield from elements(one)


@given(shown=SHOWN)
@settings(max_examples=25, deadline=None)
@example(shown=LONG)
def test_whatever_is_shown_is_taken(shown: Shown) -> None:
    for activity in [*cards.messages(shown), cards.one_message(shown)]:
        assert problems(activity) == [] and not too_large(activity)
        assert set(activity) == {"type", "summary", "attachments"} and activity["summary"]


@given(shown=SHOWN)
@settings(max_examples=15, deadline=None)
@example(shown=LONG)
@example(shown=Shown(brief="[Approve](https://e.vil) `x`", parts=(Words(text="x"),)))
def test_no_text_is_markup_wherever_it_stands(shown: Shown) -> None:
    """Text stands in runs, which are not read for markdown; labels have none of its signs that make links or code."""
    for activity in cards.messages(shown):
        assert not re.search(r"[\[\]`*]", activity["attachments"][0]["content"]["fallbackText"])
        for one in elements(activity["attachments"][0]["content"]):
            assert one.get("type") != "TextBlock"
            if "title" in one:
                assert not re.search(r"[\[\]`*]", one["title"]) and "\n" not in one["title"]


@given(shown=SHOWN)
@settings(max_examples=15, deadline=None)
@example(shown=LONG)
def test_all_the_words_are_there(shown: Shown) -> None:
    told = re.sub(r"\s", "", "".join(read(one).text for one in cards.messages(shown)))
    for part in shown.parts:
        if part.kind in {"words", "columns"}:
            text = part.text.encode("utf-8", "replace").decode().replace("\r\n", "\n")
            assert re.sub(r"\s", "", plain(text)) in told


def test_one_message_says_what_is_cut_and_has_all_that_can_be_pressed() -> None:
    shown = LONG.model_copy(update={"parts": (*LONG.parts, Buttons(buttons=(APPROVE, FREEZE)))})
    message = read(cards.one_message(shown))
    assert message.text.index(cards.MORE) < len(message.text) and set(message.actions()) == {
        "copilot.approve",
        "copilot.freeze",
    }
    assert len(cards.messages(shown)) > 4
    counted = [one["summary"] for one in cards.messages(shown)]
    assert counted[0] == f"long (1/{len(counted)})"
    first = json.dumps(cards.messages(shown)[0])
    assert cards.LONGEST_TOGETHER * 0.9 < len(first) < cards.LONGEST_TOGETHER + 1_000


def test_lines_are_blocks_of_their_own_and_columns_stand_under_each_other() -> None:
    body = read(
        cards.one_message(Shown(brief="b", parts=(Words(text="one\n\ntwo\nthree"), Columns(text="a   b\n  c"))))
    ).card
    first, second, third, columns = body["body"]
    assert (first["spacing"], second["spacing"]) == ("Medium", "Medium") and third["spacing"] == "None"
    runs = [line["inlines"][0] for line in columns["items"]]
    assert [one["text"] for one in runs] == ["a\u00a0\u00a0\u00a0b", "\u00a0\u00a0c"]
    assert {one["fontType"] for one in runs} == {"Monospace"}


def test_a_button_that_asks_opens_and_has_what_it_does_below() -> None:
    (row,) = read(cards.one_message(Shown(brief="b", parts=(Buttons(buttons=(APPROVE, FREEZE)),)))).card["body"]
    approve, freeze = row["actions"]
    assert (approve["type"], approve["verb"], approve["style"]) == ("Action.Execute", "copilot.approve", "positive")
    assert approve["data"] == {"about": "a-1", "verb": "copilot.approve"}
    assert approve["fallback"] == {"type": "Action.Submit", "title": "Approve", "data": approve["data"]}
    assert (freeze["type"], freeze["title"], freeze["style"]) == (
        "Action.ShowCard",
        "Freeze everything…",
        "destructive",
    )
    (inner,) = freeze["card"]["actions"]
    assert (inner["verb"], inner["style"]) == ("copilot.freeze", "destructive")
    assert freeze["card"]["body"][0]["inlines"][0]["text"] == "Nothing begins then."


def test_steps_say_their_mark_in_words_and_in_colour() -> None:
    steps = Steps(title="At work", steps=(ShownStep(id="a", title="stop uat", mark="failed", details="not there"),))
    _, line = read(cards.one_message(Shown(brief="b", parts=(steps,)))).card["body"]
    assert [(run["text"], run.get("color")) for run in line["inlines"]] == [
        ("✗ failed", "Attention"),
        ("  stop uat — not there", None),
    ]


def test_links_are_buttons_and_what_is_no_address_is_words() -> None:
    links = Links(
        links=(
            ShownLink(label="Open", url="https://api.example/r/x"),
            ShownLink(label="Odd", url="javascript:alert(1)"),
            ShownLink(label="Far", url="https://api.example/" + "x" * cards.LONGEST_URL),
        )
    )
    found = [one for one in elements(cards.one_message(Shown(brief="b", parts=(links,)))) if "url" in one]
    assert [(one["type"], one["url"]) for one in found] == [("Action.OpenUrl", "https://api.example/r/x")]
    assert "javascript:alert(1)" in read(cards.one_message(Shown(brief="b", parts=(links,)))).text


def chosen_of(count: int, value: str = "stop.{}", label: str = "stop {}") -> Message:
    listed = tuple(Choice(value=value.format(at), label=label.format(at)) for at in range(count))
    shown = Shown(brief="b", parts=(Choices(label="Leave out", choices=listed, button=APPROVE),))
    return read(cards.one_message(shown))


@pytest.mark.parametrize("count", [1, cards.MOST_CHOICES])
def test_choices_are_ticked_and_told_apart_whatever_they_are(count: int) -> None:
    message = chosen_of(count, "a,b;{} ü", "x [y](z) {}")
    (element,) = message.inputs().values()
    assert len(element["choices"]) == count and element["isMultiSelect"]
    assert unquote(element["choices"][0]["value"]) == "a,b;0 ü"
    assert element["choices"][0]["title"] == "x y(z) 0"
    assert problems(message.activity) == []


def test_choices_beyond_what_a_card_takes_are_counted_and_left_to_the_command_line() -> None:
    message = chosen_of(cards.MOST_CHOICES + 1)
    assert "1 more cannot be listed here" in message.text and "copilot.approve" in message.actions()
    long = chosen_of(cards.MOST_CHOICES, "v" * 150 + "{}", "ü" * 80 + "{}")
    assert "more cannot be listed here" in long.text and not too_large(long.activity)
    (element,) = long.inputs().values()
    assert 20 < len(element["choices"]) < cards.MOST_CHOICES


def test_the_judge_refuses_what_teams_would() -> None:
    """Whatever is taken above would be worth nothing else."""
    fits = cards.one_message(Shown(brief="b", parts=(Words(text="x"), Buttons(buttons=(APPROVE,)))))
    assert problems(fits) == [] and not too_large(fits)

    def broken(change: Any) -> cards.Activity:
        activity = json.loads(json.dumps(fits))
        change(activity, activity["attachments"][0]["content"])
        return dict(activity)

    for change in (
        lambda activity, card: card.update(version="1.6"),
        lambda activity, card: card["body"].append({"type": "Blink", "text": "x"}),
        lambda activity, card: card["body"][0].update(markdown=True),
        lambda activity, card: card["body"][0]["inlines"][0].update(color="red"),
        lambda activity, card: card["body"][0]["inlines"][0].update(text=""),
        lambda activity, card: card["body"][0].update(spacing="Huge"),
        lambda activity, card: card["body"][0].pop("inlines"),
        lambda activity, card: card["body"][1]["actions"].extend(card["body"][1]["actions"] * 6),
        lambda activity, card: activity.update(text="beside"),
        lambda activity, card: activity.pop("attachments"),
    ):
        assert problems(broken(change)), change
    most = {"type": "message", "text": "x" * (MOST_BYTES // 2)}
    assert too_large(most) and not too_large({"type": "message", "text": "x" * (MOST_BYTES // 2 - 100)})
    assert too_large(broken(lambda activity, card: card.update(fallbackText="x" * MOST_CARD_BYTES)))


def test_the_hostile_texts_are_among_what_is_tried() -> None:
    assert any("[" in one or "*" in one for one in HOSTILE)
