"""What was shown of a run in chats: what could not be, and what left."""

from __future__ import annotations

from cli.api.views import DeliveredView, RunView
from cli.display.page import STYLES, Page
from cli.wording import line, moment


def show_undelivered(page: Page, run: RunView) -> None:
    """What nobody saw there, why, and what to do; nothing where all was shown, at last."""
    there = {_what(one) for one in run.shown if one.state == "sent"}
    failed = dict[tuple[str, str], list[str]]()
    for one in run.shown:
        if one.state == "failed" and _what(one) not in there:
            what, to = _what(one)
            failed.setdefault((what, one.reason), []).append(to)
    if failed:
        page.say()
    for (what, reason), whom in failed.items():
        names = f" to {', '.join(filter(None, whom))}" if any(whom) else ""
        why = line(reason).removesuffix(".") or "why is not known"
        page.say(f"Not shown in a chat: {what}{names} ({why}).", STYLES["failed"])
    kinds = {one.key.split("/")[0] for one in run.shown if (one.state, _what(one) in there) == ("failed", False)}
    if "answer" in kinds and run.status == "answered":
        page.say("Nobody there has the answer: it is here.")
    if "approval" in kinds and run.waits_for_approval and run.approval:
        page.say(f"Tell somebody who may approve it; they can with: devops-copilot approve {line(run.approval.id)}")


def show_sent(page: Page, run: RunView) -> None:
    """What left, byte for byte, each message and each state of it on a line, under what it shows, where and when."""
    if not run.shown:
        page.say("Nothing of this run was shown in a chat.")
    elif run.withheld:
        page.prose(run.withheld, indent=0)
    for one in run.shown:
        what, to = _what(one)
        where = line(one.where) if one.where else to or "nowhere"
        page.say(f"{what}, {where}, {moment(one.at)}", "bold")
        if one.state == "failed":
            page.say(f"not shown: {line(one.reason)}", STYLES["failed"])
        elif one.sent is None:
            page.say("What left is not shown to you.")
        for payload in one.sent or ():
            page.exact(payload)


def _what(one: DeliveredView) -> tuple[str, str]:
    """What it shows, and whom, where that is somebody."""
    kind, approval, *rest = [*line(one.key).split("/"), ""]
    match kind:
        case "progress":
            return "how far it is", ""
        case "answer":
            return f"the answer {approval}".rstrip(), ""
        case "approval" if rest[:1] == ["here"]:
            return f"approval {approval} where it was asked for", ""
        case "approval" if rest[:1] == ["nobody"]:
            return f"that nobody was told of approval {approval}", ""
        case "approval":
            return f"approval {approval}", "/".join(rest[:2]).strip("/")
        case "decided":
            return f"what became of approval {approval}", ""
        case "show":
            return f"all of approval {approval}", ""
    return line(one.key), ""
