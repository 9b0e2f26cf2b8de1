"""The page of the laptop's Slack in a real browser, with an app on its other side."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import CHROMIUM, DRIVER, Browser
from slack_app import App, app
from slack_sdk import WebClient

from cli.laptop.slack import Slack

__all__ = ["app"]
MISSING = "there is no Chromium with its driver: apt-get install chromium chromium-driver"
if not (CHROMIUM and DRIVER):
    if os.environ.get("BROWSER") == "required":
        pytest.fail(MISSING)
    pytest.skip(MISSING, allow_module_level=True)

LOG, THREAD = "#messages", "#replies"
HOSTILE = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>"


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def approval(state: str = "") -> list[dict[str, Any]]:
    if state:
        return [{"type": "section", "text": plain(state)}]
    options = [{"text": plain(one), "value": one} for one in ("carts", "search")]
    confirm = {"title": plain("Stop 2?"), "text": plain("They stop."), "confirm": plain("Yes"), "deny": plain("No")}
    return [
        {"type": "header", "text": plain("Stop 2 environments")},
        {"type": "actions", "elements": [{"type": "checkboxes", "action_id": "leave_out", "options": options}]},
        {
            "type": "actions",
            "elements": [
                {"type": "button", "action_id": "approve", "text": plain("Approve"), "value": "1", "confirm": confirm},
                {"type": "button", "action_id": "deny", "text": plain("Deny"), "value": "1", "style": "danger"},
            ],
        },
    ]


@pytest.fixture
def slack(app: App) -> Iterator[Slack]:
    with Slack(f"{app.url}/events", wait=lambda seconds: None) as running:
        yield running


@pytest.fixture
def client(slack: Slack) -> WebClient:
    return WebClient(slack.token(), base_url=slack.api_url)


@pytest.fixture(scope="module")
def window() -> Iterator[Browser]:
    with Browser() as browser:
        yield browser


@pytest.fixture
def browser(window: Browser, slack: Slack) -> Iterator[Browser]:
    """Nothing is ever in its console."""
    window.darken(False)
    window.open(f"{slack.url}/#dana/C0PLATFORM")
    window.wait("document.querySelector('#write')")
    yield window
    assert not window.complaints()
    window.open("about:blank")


def test_a_request_its_progress_and_its_approval(slack: Slack, app: App, client: WebClient, browser: Browser) -> None:
    browser.type("#write", "@copilot stop what is idle", "enter")
    slack.wait_for(lambda: len(app.received) == 2)
    (event,) = (one.event for one in app.received if one.event["type"] == "app_mention")
    assert (event["user"], event["text"]) == ("U0DANA", "<@U0COPILOT> stop what is idle")
    to = {"channel": event["channel"], "thread_ts": event["ts"]}
    stream = client.chat_startStream(
        **to, recipient_user_id="U0DANA", recipient_team_id="T0WORKSHOP", task_display_mode="plan"
    )
    task = {"type": "task_update", "id": "a", "title": "Look around"}
    client.chat_appendStream(
        channel=to["channel"],
        ts=stream["ts"],
        chunks=[{"type": "plan_update", "title": "Stopping"}, {**task, "status": "in_progress"}],
    )
    browser.sees("Look around", THREAD)
    browser.wait("document.querySelector('.task.in_progress')")
    client.chat_appendStream(channel=to["channel"], ts=stream["ts"], chunks=[{**task, "status": "complete"}])
    browser.wait("document.querySelector('.task.complete')")
    client.chat_stopStream(channel=to["channel"], ts=stream["ts"])
    asked = client.chat_postMessage(**to, text="Approve?", blocks=approval())
    browser.sees("Stop 2 environments", THREAD)

    browser.choose("#who", "olga")
    browser.click("#messages .replies")
    browser.click(f"{THREAD} .ticks input")
    slack.wait_for(lambda: len(app.received) == 3)
    browser.click(f"{THREAD} button", "Approve")
    browser.sees("They stop.", "#confirm")
    browser.click("#confirm button", "Yes")
    slack.wait_for(lambda: len(app.received) == 4)
    payload = app.received[3].payload
    assert (payload["user"]["id"], payload["actions"][0]["action_id"]) == ("U0OLGA", "approve")
    (chosen,) = payload["state"]["values"].values()
    assert [one["value"] for one in chosen["leave_out"]["selected_options"]] == ["carts"]
    client.chat_update(channel=to["channel"], ts=asked["ts"], text="x", blocks=approval("Approved by Olga"))
    browser.sees("Approved by Olga", THREAD)
    assert not browser.run("return [...document.querySelectorAll('#replies button')].some(b => b.innerText == 'Deny')")


def test_a_plan_that_is_stopped_before_its_end_looks_as_if_it_had_failed(
    slack: Slack, client: WebClient, browser: Browser
) -> None:
    """As people saw it in Slack: so the copilot leaves none behind."""
    root = slack.say("dana", "#platform", "@copilot stop it").message
    to = {"recipient_user_id": "U0DANA", "recipient_team_id": "T0WORKSHOP"}
    task = {"type": "task_update", "id": "a", "title": "Look around", "status": "in_progress"}
    begun = client.chat_startStream(
        channel=root.channel, thread_ts=root.ts, task_display_mode="plan", chunks=[task], **to
    )
    browser.click("#messages .replies")
    browser.wait("document.querySelector('.task.in_progress')")
    client.chat_stopStream(channel=root.channel, ts=begun["ts"])
    browser.wait("document.querySelector('.plan.ended .task.error')")
    client.chat_update(channel=root.channel, ts=begun["ts"], text="Stopped.")
    browser.wait("!document.querySelector('.plan')")


def test_no_at_a_confirmation_is_no(slack: Slack, app: App, client: WebClient, browser: Browser) -> None:
    client.chat_postMessage(channel="#platform", text="x", blocks=approval())
    browser.click(f"{LOG} button", "Approve")
    browser.click("#confirm button", "No")
    browser.click(f"{LOG} button", "Approve")
    browser.press("escape")
    browser.click(f"{LOG} button", "Deny")
    slack.wait_for(lambda: app.received)
    assert [one.payload["actions"][0]["action_id"] for one in app.received] == ["deny"]


def test_what_is_for_one_alone(slack: Slack, client: WebClient, browser: Browser) -> None:
    client.chat_postEphemeral(channel="#platform", user="U0DANA", text="Ask me directly")
    browser.sees("Only visible to you", LOG)
    browser.choose("#who", "olga")
    browser.wait("!document.querySelector('#messages').innerText.includes('Ask me directly')")


def test_files_go_both_ways(slack: Slack, app: App, client: WebClient, browser: Browser, tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("some words")
    browser.click("#direct button")
    browser.sees("DevOps Copilot", "#title")
    browser.run("document.querySelector('#write-form input[type=file]').hidden = false")
    browser.type("#write-form input[type=file]", str(notes))
    browser.sees("notes.txt", ".attached")
    browser.type("#write", "read this", "enter")
    message = slack.wait_for(lambda: slack.messages("@dana"))[0]
    assert slack.world.state.files[message.files[0]].content == b"some words"
    client.files_upload_v2(channel=message.channel, filename="report.md", content="# All well", title="Report")
    browser.sees("Report", LOG)
    address = browser.wait("[...document.querySelectorAll('a.file')].at(-1)?.href")
    assert browser.run("return fetch(arguments[0]).then((one) => one.text())", address) == "# All well"


def test_a_home_has_a_tab_of_its_own_and_what_is_pressed_there_is_what_was_meant(
    slack: Slack, app: App, client: WebClient, browser: Browser
) -> None:
    browser.click("#direct button")
    browser.click("#tabs button", "Home")
    browser.sees("The app shows nothing here yet.", LOG)
    slack.wait_for(lambda: [one for one in app.received if one.event.get("tab") == "home"])
    button = {"type": "button", "action_id": "copilot.pause", "text": plain("Pause")}
    rows = [{"type": "actions", "elements": [{**button, "value": value}]} for value in ("s1", "s2")]
    client.views_publish(user_id="U0DANA", view={"type": "home", "blocks": [*approval("Schedules"), *rows]})
    browser.sees("Schedules", LOG)
    before = len(app.received)
    browser.run("[...document.querySelectorAll('.home button')].at(-1).click()")
    slack.wait_for(lambda: len(app.received) > before)
    payload = app.received[-1].payload
    assert (payload["container"]["type"], payload["actions"][0]["value"]) == ("view", "s2")
    browser.click("#tabs button", "Messages")
    browser.wait("!document.querySelector('.home') && !document.querySelector('#write-form').hidden")


def test_nothing_that_comes_from_outside_becomes_part_of_the_page(
    slack: Slack, client: WebClient, browser: Browser
) -> None:
    cell = {"type": "raw_text", "text": HOSTILE}
    link = {"type": "link", "url": "javascript:document.title='taken'", "text": "press"}
    blocks: list[dict[str, Any]] = [
        {"type": "section", "text": {"type": "mrkdwn", "text": f"{HOSTILE} <javascript:alert(1)|press>"}},
        {"type": "markdown", "text": f"# {HOSTILE}\n\n[press](javascript:alert(1))\n\n| a |\n|---|\n| {HOSTILE} |"},
        {"type": "table", "rows": [[cell]]},
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [link]}]},
        {"type": "actions", "elements": [{"type": "button", "action_id": "a", "text": plain(HOSTILE[:75])}]},
    ]
    client.chat_postMessage(channel="#platform", text="x", blocks=blocks)
    slack.say("olga", "#platform", HOSTILE)
    slack.say("olga", "#platform", "x", files=[(f"{HOSTILE}.png", b"no picture")])
    browser.sees("onerror", LOG)
    browser.wait("document.querySelectorAll('#messages article').length == 3")
    assert not browser.run("return document.querySelectorAll('#messages script, #messages [onerror]').length")
    bad = "return [...document.querySelectorAll('a')].filter((one) => one.protocol == 'javascript:').length"
    assert browser.run(bad) == 0
    assert "taken" not in browser.run("return document.title")


def test_it_can_be_used_by_keys_alone(slack: Slack, app: App, client: WebClient, browser: Browser) -> None:
    assert browser.run("return document.activeElement.id") == "write"
    browser.type("#write", "@cop", "tab")
    browser.type("#write", "hello", "enter")
    slack.wait_for(lambda: slack.messages("#platform"))
    assert slack.messages("#platform")[0].text == "<@U0COPILOT> hello"
    browser.wait("document.activeElement.id == 'reply'")
    browser.press("escape")
    browser.wait("document.querySelector('#thread').hidden && document.activeElement.id == 'write'")
    trigger = slack.handed.trigger("U0DANA")
    element = {"type": "plain_text_input", "action_id": "why"}
    block = {"type": "input", "block_id": "b", "label": plain("Why"), "element": element}
    view = {"type": "modal", "title": plain("Deny"), "submit": plain("Send"), "blocks": [block]}
    client.views_open(trigger_id=trigger, view=view)
    browser.wait("document.activeElement.matches('#modal input')")
    app.received.clear()
    app.answer(200, json.dumps({"response_action": "errors", "errors": {"b": "Say more"}}).encode())
    browser.type("#modal input", "because", "enter")
    browser.sees("Say more", "#modal")
    browser.press("enter")
    browser.wait("!document.querySelector('#modal').open")
    assert [one.payload["type"] for one in app.received] == ["view_submission"] * 2


NAMELESS = """
const all = document.querySelectorAll('button, input:not([hidden]), select, textarea, a, [role=img], img');
return [...all].filter((one) =>
  one.offsetParent && !(one.innerText?.trim() || one.getAttribute('aria-label') || one.alt || one.closest('label'))
).map((one) => one.outerHTML)
"""
PALE = """
const channels = (colour) => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
  return [...canvas.getImageData(0, 0, 1, 1).data];
};
const light = (colour) => channels(colour).slice(0, 3).map((one) => one / 255)
  .map((one) => one <= .04045 ? one / 12.92 : ((one + .055) / 1.055) ** 2.4)
  .reduce((sum, one, place) => sum + one * [.2126, .7152, .0722][place], 0);
const ground = (node) => {
  for (; node; node = node.parentElement) {
    const style = getComputedStyle(node);
    if (style.backgroundImage !== 'none') return null;
    if (channels(style.backgroundColor)[3] === 255) return style.backgroundColor;
  }
  return 'white';
};
const found = [];
const walk = document.createTreeWalker(document.querySelector('#app'), NodeFilter.SHOW_TEXT);
while (walk.nextNode()) {
  const node = walk.currentNode.parentElement;
  const under = ground(node);
  const seen = node.checkVisibility({visibilityProperty: true, opacityProperty: true});
  if (!walk.currentNode.data.trim() || !seen || !under) continue;
  const [one, other] = [light(getComputedStyle(node).color), light(under)].sort((a, b) => b - a);
  const contrast = (one + .05) / (other + .05);
  if (contrast < 4.5) found.push(`${walk.currentNode.data.trim()}: ${contrast.toFixed(2)}`);
}
return found;
"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_everything_has_a_name_and_can_be_read(slack: Slack, client: WebClient, browser: Browser, dark: bool) -> None:
    """Contrasts as WCAG 2 wants them, 4.5 to 1."""
    browser.darken(dark)
    root = slack.say("olga", "#platform", "@copilot see `this` and https://example.com").message
    slack.say("dana", "#platform", "x", files=[("notes.txt", b"x")])
    client.chat_postMessage(channel="#platform", text="x", thread_ts=root.ts, blocks=approval())
    client.chat_postMessage(channel="#platform", text="x", blocks=approval())
    client.chat_postEphemeral(channel="#platform", user="U0DANA", text="Only you, *really*")
    client.chat_postMessage(
        channel="#platform",
        text="x",
        blocks=[
            {"type": "plan", "title": "Plan", "tasks": [
                {"type": "task_card", "task_id": one, "title": one, "status": one}
                for one in ("pending", "in_progress", "complete", "error")
            ]},
            {"type": "context", "elements": [{"type": "mrkdwn", "text": "small"}]},
            {"type": "table", "rows": [[{"type": "raw_text", "text": "head"}], [{"type": "raw_text", "text": "cell"}]]},
        ],
    )  # fmt: skip
    browser.click(f"{LOG} .replies")
    browser.sees("Approve", THREAD)
    browser.sees("small", LOG)
    assert browser.run(NAMELESS) == []
    assert browser.run(PALE) == []


def test_says_that_the_app_does_not_answer(app: App, slack: Slack, browser: Browser) -> None:
    for _ in range(4):
        app.answer(500)
    browser.click("#direct button")
    browser.sees("The copilot answered with an error (app_home_opened, tried 4 times).", "#notice")


def test_a_narrow_window(window: Browser, slack: Slack) -> None:
    with Browser(400, 800) as browser:
        browser.open(f"{slack.url}/#dana/C0PLATFORM")
        browser.wait("document.querySelector('#write')")
        assert browser.run("return document.documentElement.scrollWidth <= innerWidth")
        browser.click("#menu")
        browser.click("#channels button", "dev")
        browser.sees("#dev", "#title")
