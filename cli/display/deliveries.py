"""What was shown of a run in chats: what could not be, and what left."""

from __future__ import annotations

from cli.api.views import DeliveredView, RunView
from cli.display.escalations import ELSEWHERE
from cli.display.page import STYLES, Page
from cli.wording import line, moment


def show_undelivered(page: Page, run: RunView) -> None:
    """What nobody saw there, why, and what to do; nothing where all was shown, at last."""
    in_chats = [one for one in run.shown if one.key.partition("/")[0] not in ELSEWHERE]
    there = {_what(one) for one in in_chats if one.state == "sent"}
    failed = dict[tuple[str, str], list[str]]()
    for one in in_chats:
        if one.state == "failed" and _what(one) not in there:
            what, to = _what(one)
            failed.setdefault((what, one.reason), []).append(to)
    if failed:
        page.say()
    for (what, reason), whom in failed.items():
        names = f" to {', '.join(filter(None, whom))}" if any(whom) else ""
        why = line(reason).removesuffix(".") or "why is not known"
        page.say(f"Not shown in a chat: {what}{names} ({why}).", STYLES["failed"])
    kinds = {one.key.split("/")[0] for one in in_chats if (one.state, _what(one) in there) == ("failed", False)}
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
        elif one.state == "unknown":
            page.say(f"may have been sent, or not: {line(one.reason) or 'it is being sent'}", STYLES["failed"])
        if one.sent is None and one.state != "failed":
            page.say("What left is not shown to you.")
        for payload in one.sent or ():
            page.exact(payload)


_WHAT = {
    "progress": "how far it is",
    "answer": "the answer {part}",
    "answer/elsewhere": "that the answer is elsewhere",
    "approval": "approval {part}",
    "decided": "what became of approval {part}",
    "show": "all of approval {part}",
    "report": "what the owner of its schedule was told",
    "owner": "what the owner was told",
    "notice": "what one person alone was told",
    "notify": "the message of step {part}",
    "escalation": "that nobody answered approval {part}",
    "resolution": "outside the chats, what became of approval {part}",
}
"""By how the key begins."""


def _what(one: DeliveredView) -> tuple[str, str]:
    """What it shows, and whom, where that is somebody."""
    key = line(one.key)
    kind, part, *rest = [*key.split("/"), ""]
    if kind == "approval" and rest[:1] == ["here"]:
        return f"approval {part} where it was asked for", ""
    if kind == "approval" and rest[:1] == ["nobody"]:
        return f"that nobody was told of approval {part}", ""
    told = _WHAT.get(key) or _WHAT.get(kind) or key.replace("{", "{{").replace("}", "}}")
    elsewhere = "/".join(rest[1:]).strip("/")
    whom = {"approval": "/".join(rest[:2]).strip("/"), "owner": part, **dict.fromkeys(ELSEWHERE, elsewhere)}
    return told.format(part=part).rstrip(), whom.get(kind, "")
