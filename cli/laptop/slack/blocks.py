"""Whether Slack would take these blocks: its documented limits, one table and a walk over what was sent.

docs.slack.dev/reference/block-kit (blocks, block elements, composition objects), read in November 2026. Where its
documentation says nothing and others measured, the source stands beside the number. What is not sure is judged
strictly: what is refused here may pass there, not the other way round.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

BLOCKS_IN_A_MESSAGE = 50
BLOCKS_IN_A_VIEW = 100
ROWS, CELLS, TABLE_CHARACTERS = 100, 20, 10_000
ALL_CHARACTERS, CHARACTERS_OF_A_BLOCK = 13_422, 125
"""What all blocks of a message may have together, and what each counts for besides its text. Not documented: fitted to
what was measured in github.com/slackapi/bolt-js/issues/2509, where a maintainer says "12,000 with a buffer"."""

Json = dict[str, Any]
Problem = tuple[str, str]
"""A JSON pointer into the blocks, and what is wrong there."""


class Rule:
    """What a block, element or object may hold. `texts` are text objects by key with their longest, `strings` strings;
    `lists` are lists by key with the least and the most.
    """

    def __init__(
        self,
        needs: str = "",
        may: str = "",
        texts: dict[str, int] | None = None,
        strings: dict[str, int] | None = None,
        lists: dict[str, tuple[int, int]] | None = None,
        choices: dict[str, str] | None = None,
        plain: bool = True,
        also: Callable[[Json], str | None] = lambda _: None,
    ) -> None:
        self.needs = needs.split()
        self.texts = texts or {}
        self.strings = strings or {}
        self.lists = lists or {}
        self.choices = {key: values.split() for key, values in (choices or {}).items()}
        self.allowed = {"type", *self.needs, *may.split(), *self.texts, *self.strings, *self.lists, *self.choices}
        self.plain = plain
        self.also = also


def _text_or_fields(block: Json) -> str | None:
    return None if block.get("text") or block.get("fields") else "must provide `text` or `fields`"


def _one_source(image: Json) -> str | None:
    sources = [key for key in ("image_url", "slack_file") if key in image]
    return None if len(sources) == 1 else "must provide exactly one of `image_url` and `slack_file`"


def _options_or_groups(menu: Json) -> str | None:
    given = [key for key in ("options", "option_groups") if key in menu]
    return None if len(given) == 1 else "must provide exactly one of `options` and `option_groups`"


TASK_STATES = "pending in_progress complete error"
BLOCKS: dict[str, Rule] = {
    "actions": Rule("elements", lists={"elements": (1, 25)}),
    "alert": Rule("text", texts={"text": 200}, choices={"level": "default info warning error success"}, plain=False),
    "context": Rule("elements", lists={"elements": (1, 10)}),
    "context_actions": Rule("elements", lists={"elements": (1, 5)}),
    "divider": Rule(),
    "file": Rule("external_id source", strings={"external_id": 255}, choices={"source": "remote"}),
    "header": Rule("text", "level", texts={"text": 150}),
    "image": Rule("alt_text", "slack_file", {"title": 2000}, {"image_url": 3000, "alt_text": 2000}, also=_one_source),
    "input": Rule("label element", "dispatch_action optional", texts={"label": 2000, "hint": 2000}),
    "markdown": Rule("text", strings={"text": 12_000}),
    "plan": Rule("title", strings={"title": 256}, lists={"tasks": (0, 100)}),
    "rich_text": Rule("elements", lists={"elements": (0, 1000)}),
    "section": Rule(
        "", "accessory expand", texts={"text": 3000}, lists={"fields": (1, 10)}, plain=False, also=_text_or_fields
    ),
    "table": Rule("rows", lists={"rows": (1, ROWS), "column_settings": (0, CELLS)}),
    "task_card": Rule(
        "task_id title",
        "details output",
        strings={"task_id": 255, "title": 256},
        lists={"sources": (0, 100)},
        choices={"status": TASK_STATES},
    ),
}
_ACTION = {"action_id": 255}
_MENU = {"placeholder": 150}
ELEMENTS: dict[str, Rule] = {
    "button": Rule(
        "text",
        "confirm",
        texts={"text": 75},
        strings={**_ACTION, "value": 2000, "url": 3000, "accessibility_label": 75},
        choices={"style": "primary danger"},
    ),
    "checkboxes": Rule(
        "options", "confirm focus_on_load", strings=_ACTION, lists={"options": (1, 10), "initial_options": (1, 10)}
    ),
    "datepicker": Rule("", "initial_date confirm focus_on_load", texts=_MENU, strings=_ACTION),
    "image": Rule("alt_text", "slack_file", strings={"image_url": 3000, "alt_text": 2000}, also=_one_source),
    "multi_static_select": Rule(
        "",
        "confirm max_selected_items focus_on_load",
        texts=_MENU,
        strings=_ACTION,
        lists={"options": (1, 100), "option_groups": (1, 100), "initial_options": (1, 100)},
        also=_options_or_groups,
    ),
    "multi_users_select": Rule(
        "", "initial_users confirm max_selected_items focus_on_load", texts=_MENU, strings=_ACTION
    ),
    "overflow": Rule("options", "confirm", strings=_ACTION, lists={"options": (1, 5)}),
    "plain_text_input": Rule(
        "",
        "multiline min_length max_length dispatch_action_config focus_on_load",
        texts=_MENU,
        strings={**_ACTION, "initial_value": 3000},
    ),
    "radio_buttons": Rule(
        "options", "initial_option confirm focus_on_load", strings=_ACTION, lists={"options": (1, 10)}
    ),
    "static_select": Rule(
        "",
        "initial_option confirm focus_on_load",
        texts=_MENU,
        strings=_ACTION,
        lists={"options": (1, 100), "option_groups": (1, 100)},
        also=_options_or_groups,
    ),
    "url": Rule("url text", strings={"url": 3000, "text": 256}),
    "users_select": Rule("", "initial_user confirm focus_on_load", texts=_MENU, strings=_ACTION),
}
_INTERACTIVE = set(ELEMENTS) - {"image", "url"}
WITHIN = {
    "actions": _INTERACTIVE - {"plain_text_input"},
    "context": {"image", "plain_text", "mrkdwn"},
    "context_actions": {"feedback_buttons", "icon_button"},
    "input": _INTERACTIVE - {"button", "overflow"},
    "section": (_INTERACTIVE | {"image"}) - {"plain_text_input"},
}
"""Which elements a block may hold."""
OPTION = Rule("text value", "", {"text": 75, "description": 75}, {"value": 150, "url": 3000}, plain=False)
OPTION_GROUP = Rule("label options", "", texts={"label": 75}, lists={"options": (1, 100)})
CONFIRM = Rule(
    "title text confirm deny",
    texts={"title": 100, "text": 300, "confirm": 30, "deny": 30},
    choices={"style": "primary danger"},
    plain=False,
)
_INLINE = set("broadcast channel color date emoji link team text user usergroup".split())
RICH = {
    "rich_text_list": {"rich_text_section"},
    "rich_text_preformatted": {"text", "link"},
    "rich_text_quote": _INLINE,
    "rich_text_section": {
        "text",
        "link",
        "user",
        "channel",
        "emoji",
        "date",
        "usergroup",
        "broadcast",
        "team",
        "color",
    },
}
RICH_KEYS: dict[str, Rule] = {
    "broadcast": Rule("range", choices={"range": "here channel everyone"}),
    "channel": Rule("channel_id", "style"),
    "color": Rule("value"),
    "date": Rule("timestamp format", "url fallback style"),
    "emoji": Rule("name", "unicode skin_tone style url"),
    "link": Rule("url", "style unsafe", strings={"url": 3000, "text": 100_000}),
    "team": Rule("team_id", "style"),
    "text": Rule("text", "style"),
    "user": Rule("user_id", "style"),
    "usergroup": Rule("usergroup_id", "style"),
    "rich_text_list": Rule("elements style", "border indent offset", choices={"style": "bullet ordered"}),
    "rich_text_preformatted": Rule("elements", "border language"),
    "rich_text_quote": Rule("elements", "border"),
    "rich_text_section": Rule("elements"),
}
STYLES = {"bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink"}


def problems(blocks: Any, most: int = BLOCKS_IN_A_MESSAGE) -> list[Problem]:
    """All that Slack would answer `invalid_blocks` for."""
    if not isinstance(blocks, list):
        return [("/blocks", "must be an array")]
    found = [] if len(blocks) <= most else [("/blocks", f"no more than {most} items allowed")]
    for number, block in enumerate(blocks):
        found += _of_block(block, f"/blocks/{number}")
    ids = [block["block_id"] for block in blocks if isinstance(block, dict) and block.get("block_id")]
    found += [("/blocks", f"block_id {one!r} already exists") for one in {one for one in ids if ids.count(one) > 1}]
    tables = [block for block in blocks if isinstance(block, dict) and block.get("type") == "table"]
    if len(tables) > 1:
        found.append(("/blocks", "only_one_table_allowed"))
    return found


def too_long(blocks: list[Any]) -> bool:
    """Whether Slack would answer `msg_blocks_too_long`."""
    counted = sum(len(text) for text in texts_in(blocks)) + CHARACTERS_OF_A_BLOCK * len(blocks)
    return counted > ALL_CHARACTERS


def texts_in(value: Any) -> Iterator[str]:
    """Every text that is shown somewhere in it."""
    if isinstance(value, list):
        for one in value:
            yield from texts_in(one)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key in {"text", "title", "details", "output"} and isinstance(inner, str):
                yield inner
            else:
                yield from texts_in(inner)


def _of_block(block: Any, at: str) -> Iterator[Problem]:
    kind = block.get("type") if isinstance(block, dict) else None
    rule = BLOCKS.get(str(kind))
    if rule is None:
        yield at, f"unsupported type: {kind}"
        return
    yield from _against(rule, block, at, more=frozenset({"block_id"}))
    if len(str(block.get("block_id", ""))) > 255:
        yield f"{at}/block_id", "must be less than 256 characters"
    if inside := INSIDE.get(str(kind)):
        yield from inside(block, at)


def _of_elements(block: Json, at: str) -> Iterator[Problem]:
    elements = _list(block, "elements")
    for number, element in enumerate(elements):
        yield from _of_element(element, f"{at}/elements/{number}", WITHIN[block["type"]])
    ids = [one["action_id"] for one in elements if isinstance(one, dict) and one.get("action_id")]
    yield from ((at, f"action_id {one!r} already exists") for one in {one for one in ids if ids.count(one) > 1})


def _of_section(block: Json, at: str) -> Iterator[Problem]:
    for number, field in enumerate(_list(block, "fields")):
        yield from _of_text(field, f"{at}/fields/{number}", 2000, plain=False)
    if "accessory" in block:
        yield from _of_element(block["accessory"], f"{at}/accessory", WITHIN["section"])


def _of_input(block: Json, at: str) -> Iterator[Problem]:
    yield from _of_element(block.get("element"), f"{at}/element", WITHIN["input"])


def _of_plan(block: Json, at: str) -> Iterator[Problem]:
    for number, task in enumerate(_list(block, "tasks")):
        if not isinstance(task, dict) or task.get("type", "task_card") != "task_card":
            yield f"{at}/tasks/{number}", "must be a task_card"
        else:
            yield from _of_block({"type": "task_card", **task}, f"{at}/tasks/{number}")


def _of_task(block: Json, at: str) -> Iterator[Problem]:
    for key in ("details", "output"):
        if key in block:
            yield from _of_rich_text(block[key], f"{at}/{key}")
    for number, source in enumerate(_list(block, "sources")):
        yield from _of_element(source, f"{at}/sources/{number}", {"url"})


def _of_element(element: Any, at: str, allowed: set[str]) -> Iterator[Problem]:
    kind = element.get("type") if isinstance(element, dict) else None
    if kind not in allowed:
        yield f"{at}/type", f"unsupported type: {kind}"
    elif kind in {"plain_text", "mrkdwn"}:
        yield from _of_text(element, at, 3000, plain=False)
    elif rule := ELEMENTS.get(str(kind)):
        yield from _against(rule, element, at)
        yield from _of_options(element, at)
        if "confirm" in element:
            yield from _against(CONFIRM, element["confirm"], f"{at}/confirm")


def _of_options(element: Json, at: str) -> Iterator[Problem]:
    for key in ("options", "initial_options"):
        for number, option in enumerate(_list(element, key)):
            yield from _against(OPTION, option, f"{at}/{key}/{number}")
    for number, group in enumerate(_list(element, "option_groups")):
        yield from _against(OPTION_GROUP, group, f"{at}/option_groups/{number}")
        for count, option in enumerate(_list(group, "options")):
            yield from _against(OPTION, option, f"{at}/option_groups/{number}/options/{count}")
    known = _list(element, "options")
    if known and any(option not in known for option in _list(element, "initial_options")):
        yield f"{at}/initial_options", "must be among the options"


def _against(rule: Rule, thing: Any, at: str, more: frozenset[str] = frozenset()) -> Iterator[Problem]:
    if not isinstance(thing, dict):
        yield at, "must be an object"
        return
    yield from ((at, f"missing required field: {key}") for key in rule.needs if key not in thing)
    yield from ((at, f"invalid additional property: {key}") for key in thing if key not in rule.allowed | more)
    given = {key: value for key, value in thing.items() if key in rule.allowed}
    for key in given.keys() & rule.texts.keys():
        plain = rule.plain or key in {"title", "confirm", "deny", "label", "hint", "placeholder"}
        yield from _of_text(given[key], f"{at}/{key}", rule.texts[key], plain)
    for key in given.keys() & rule.strings.keys():
        yield from _of_string(given[key], f"{at}/{key}", rule.strings[key])
    for key in given.keys() & rule.lists.keys():
        yield from _of_list(given[key], f"{at}/{key}", *rule.lists[key])
    for key in given.keys() & rule.choices.keys():
        if given[key] not in rule.choices[key]:
            yield f"{at}/{key}", "value must be one of: " + ", ".join(rule.choices[key])
    if said := rule.also(thing):
        yield at, said


def _of_list(items: Any, at: str, least: int, most: int) -> Iterator[Problem]:
    if not isinstance(items, list):
        yield at, "must be an array"
    elif not least <= len(items) <= most:
        yield at, f"{f'no more than {most}' if len(items) > most else f'no fewer than {least}'} items allowed"


def _of_text(text: Any, at: str, longest: int, plain: bool) -> Iterator[Problem]:
    if not isinstance(text, dict):
        yield at, "must be a text object"
        return
    kinds = {"plain_text"} if plain else {"plain_text", "mrkdwn"}
    if text.get("type") not in kinds:
        yield f"{at}/type", f"unsupported type: {text.get('type')}"
    allowed = {"type", "text", "emoji"} if text.get("type") == "plain_text" else {"type", "text", "verbatim"}
    yield from ((at, f"invalid additional property: {key}") for key in text if key not in allowed)
    yield from _of_string(text.get("text"), f"{at}/text", longest)


def _of_string(text: Any, at: str, longest: int) -> Iterator[Problem]:
    if not isinstance(text, str):
        yield at, "must be a string"
    elif not text:
        yield at, "must be more than 0 characters"
    elif len(text) > longest:
        yield at, f"must be less than {longest + 1} characters"


def _of_rich_text(block: Any, at: str) -> Iterator[Problem]:
    if not isinstance(block, dict) or block.get("type") != "rich_text":
        yield at, "must be a rich_text block"
        return
    for number, part in enumerate(_list(block, "elements")):
        yield from _of_rich_part(part, f"{at}/elements/{number}", set(RICH))


def _of_rich_part(part: Any, at: str, allowed: set[str]) -> Iterator[Problem]:
    kind = part.get("type") if isinstance(part, dict) else None
    if kind not in allowed:
        yield f"{at}/type", f"unsupported type: {kind}"
        return
    yield from _against(RICH_KEYS[kind], part, at)
    if kind in RICH:
        for number, inner in enumerate(_list(part, "elements")):
            yield from _of_rich_part(inner, f"{at}/elements/{number}", RICH[kind])
        return
    if kind == "text":
        yield from _of_string(part.get("text"), f"{at}/text", 100_000)
    if kind == "link" and not re.match(r"[a-z][a-z0-9+.-]*:", str(part.get("url", ""))):
        yield f"{at}/url", "must be a valid URL"
    style = part.get("style", {})
    if not isinstance(style, dict) or set(style) - STYLES:
        yield f"{at}/style", "invalid additional property"


def _of_table(block: Json, at: str) -> Iterator[Problem]:
    for number, row in enumerate(_list(block, "rows")):
        if not isinstance(row, list) or not 1 <= len(row) <= CELLS:
            yield f"{at}/rows/{number}", f"must have 1 to {CELLS} cells"
            continue
        for count, cell in enumerate(row):
            place = f"{at}/rows/{number}/{count}"
            kind = cell.get("type") if isinstance(cell, dict) else None
            if kind == "rich_text":
                yield from _of_rich_text(cell, place)
            elif kind == "raw_text":
                yield from _of_string(cell.get("text"), f"{place}/text", TABLE_CHARACTERS)
            else:
                yield f"{place}/type", f"unsupported type: {kind}"
    if sum(len(text) for text in texts_in(block.get("rows"))) > TABLE_CHARACTERS:
        yield at, f"must be less than {TABLE_CHARACTERS + 1} characters"


def _list(thing: Any, key: str) -> list[Any]:
    inner = thing.get(key) if isinstance(thing, dict) else None
    return inner if isinstance(inner, list) else []


INSIDE: dict[str, Callable[[Json, str], Iterator[Problem]]] = {
    "actions": _of_elements,
    "context": _of_elements,
    "context_actions": _of_elements,
    "input": _of_input,
    "plan": _of_plan,
    "rich_text": _of_rich_text,
    "section": _of_section,
    "table": _of_table,
    "task_card": _of_task,
}
"""What is looked at further in."""
