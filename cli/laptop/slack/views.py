"""views.* and assistant.threads.*: modals, the Home tab, and what stands around a conversation with the app."""

from __future__ import annotations

import json
from typing import Any

from cli.laptop.slack.blocks import BLOCKS_IN_A_VIEW, problems
from cli.laptop.slack.calls import Call, Refusal, method
from cli.laptop.slack.shapes import APP
from cli.laptop.slack.world import Json, View, World

LONGEST = {"private_metadata": 3000, "callback_id": 255, "external_id": 255}
LONGEST_WORD = 24
MOST_BYTES = 250_000
"""Of a view as JSON: docs.slack.dev, reference/methods/views.publish, `view_too_large`."""
KEYS = {"type", "title", "submit", "close", "blocks", "clear_on_close", "notify_on_close", "submit_disabled", *LONGEST}
MOST_PROMPTS = 4


def view_problems(view: Any) -> list[str]:
    """What Slack would refuse in a view."""
    if not isinstance(view, dict) or view.get("type") not in {"modal", "home"}:
        return ["must be a modal or home view [json-pointer:/view/type]"]
    said = [f"{what} [json-pointer:/view{at}]" for at, what in problems(view.get("blocks"), BLOCKS_IN_A_VIEW)]
    said += [f"invalid additional property: {key} [json-pointer:/view]" for key in view.keys() - KEYS]
    for key, longest in LONGEST.items():
        if len(str(view.get(key, ""))) > longest:
            said.append(f"must be less than {longest + 1} characters [json-pointer:/view/{key}]")
    if view["type"] == "modal" and "title" not in view:
        said.append("missing required field: title [json-pointer:/view]")
    for key in ("title", "submit", "close"):
        word = view.get(key)
        if word is not None and (not isinstance(word, dict) or word.get("type") != "plain_text"):
            said.append(f"must be a plain_text object [json-pointer:/view/{key}]")
        elif word is not None and not 0 < len(str(word.get("text", ""))) <= LONGEST_WORD:
            said.append(f"must be less than {LONGEST_WORD + 1} characters [json-pointer:/view/{key}/text]")
    blocks = view.get("blocks")
    asks = isinstance(blocks, list) and any(isinstance(one, dict) and one.get("type") == "input" for one in blocks)
    if asks and view["type"] == "modal" and "submit" not in view:
        said.append("a submit is needed with input blocks [json-pointer:/view/submit]")
    return said


def new_view(world: World, team: str, user: str, view: Json) -> View:
    return View(id=world.new_id("V"), team=team, user=user, view=view, hash=f"{world.new_ts()}.laptop")


def with_ids(blocks: list[Json]) -> list[Json]:
    """Each with the id that Slack gives to who has none."""
    return [{**one, "block_id": one.get("block_id") or f"v{n}"} for n, one in enumerate(blocks)]


def view_shape(view: View, root: str | None = None) -> Json:
    blocks = with_ids(view.view["blocks"])
    defaults: Json = {"private_metadata": "", "callback_id": "", "external_id": "", "close": None, "submit": None}
    return {
        **defaults,
        **view.view,
        "blocks": blocks,
        "id": view.id,
        "team_id": view.team,
        "app_id": APP,
        "app_installed_team_id": view.team,
        "hash": view.hash,
        "root_view_id": root or view.id,
        "previous_view_id": None,
        "state": {"values": {}},
    }


def judged_view(call: Call) -> Json:
    view = call.json("view", "invalid_arguments")
    if said := view_problems(view):
        raise Refusal("invalid_arguments", response_metadata={"messages": [f"[ERROR] {one}" for one in said]})
    assert isinstance(view, dict)
    if len(json.dumps(view).encode()) > MOST_BYTES:
        raise Refusal("view_too_large")
    return view


@method("views.open")
def views_open(call: Call) -> Json:
    return _opened(call, pushed=False)


@method("views.push")
def views_push(call: Call) -> Json:
    return _opened(call, pushed=True)


def _opened(call: Call, pushed: bool) -> Json:
    user = call.handed.exchange(call.needed("trigger_id"))
    view = new_view(call.world, call.home.id, user, judged_view(call))
    state = call.world.state
    if not pushed:
        state.modals = [one for one in state.modals if one.user != user]
    state.modals.append(view)
    call.world.touch()
    return {"view": view_shape(view)}


@method("views.update")
def views_update(call: Call) -> Json:
    wanted, external = call.text("view_id"), call.text("external_id")
    found = next(
        (
            one
            for one in (*call.world.state.modals, *call.world.state.homes.values())
            if one.id == wanted or (external and one.view.get("external_id") == external)
        ),
        None,
    )
    if found is None:
        raise Refusal("not_found")
    if (hash := call.text("hash")) and hash != found.hash:
        raise Refusal("hash_conflict")
    found.view, found.hash = judged_view(call), f"{call.world.new_ts()}.laptop"
    call.world.touch()
    return {"view": view_shape(found)}


@method("views.publish")
def views_publish(call: Call) -> Json:
    user = call.user("user_id")
    if not call.world.state.has_home:
        raise Refusal("not_enabled")
    before = call.world.state.homes.get(user.id)
    if (hash := call.text("hash")) and before and hash != before.hash:
        raise Refusal("hash_conflict")
    judged = judged_view(call)
    if judged["type"] != "home":
        raise Refusal("invalid_arguments")
    view = new_view(call.world, call.home.id, user.id, judged)
    call.world.state.homes[user.id] = view
    call.world.touch()
    return {"view": view_shape(view)}


@method("assistant.threads.setStatus", "assistant:write")
def set_status(call: Call) -> Json:
    channel = call.channel("channel_id")
    thread, status = call.needed("thread_ts"), call.text("status")
    key = f"{channel.id}/{thread}"
    if status:
        call.world.state.statuses[key] = status
    else:
        call.world.state.statuses.pop(key, None)
    call.world.touch()
    return {}


@method("assistant.threads.setTitle", "assistant:write")
def set_title(call: Call) -> Json:
    call.channel("channel_id")
    call.needed("title")
    return {}


@method("assistant.threads.setSuggestedPrompts", "assistant:write")
def set_prompts(call: Call) -> Json:
    channel = call.channel("channel_id")
    prompts = call.json("prompts", "invalid_arguments")
    if (
        not isinstance(prompts, list)
        or not 1 <= len(prompts) <= MOST_PROMPTS
        or not all(isinstance(one, dict) and one.get("title") and one.get("message") for one in prompts)
    ):
        raise Refusal("invalid_arguments")
    call.world.state.prompts[channel.id] = {"title": call.text("title"), "prompts": prompts}
    call.world.touch()
    return {}
