"""An Approval as messages show it: in brief where it was asked for, whole to those who may decide it. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from copilot.domain import (
    Approval,
    ApprovalCall,
    Button,
    Buttons,
    Call,
    Change,
    Choice,
    Choices,
    Columns,
    Heading,
    Irreversible,
    Part,
    Shown,
    Words,
    in_code,
)
from copilot.plans.arguments import in_words
from copilot.plans.cautions import cautions
from copilot.plans.counting import counted
from copilot.text.listing import listed
from copilot.text.outside import inert, plain
from copilot.text.spoken import tool_spoken
from copilot.times.windows import moment

HOLDS = "Nothing of this has been changed. An approval holds only while things are as shown here."
GRANTS = "Approving grants exactly these undos too, for four hours, to who asked and to operators."


def in_brief(approval: Approval, zone: str, accounts: Mapping[str, str], *, counts: bool) -> Shown:
    """That it waits and who may decide, with `counts` how much it is for. `accounts` are names by id."""
    by = listed([inert(one) for one in approval.approvers]) or "whoever the policies permit to"
    brief = f"This needs an approval, until {_until(approval, zone)}."
    much = f"{counted(approval.calls, accounts)}\n" if counts else ""
    text = f"{brief}\n{much}Who may approve it: {by}."
    buttons = (
        Button(action="show", about=approval.id, label="Show everything"),
        Button(action="deny", about=approval.id, label="Deny", asks="Nothing of it is done."),
    )
    return Shown(brief=brief, parts=(Words(text=text), Buttons(buttons=buttons)))


def whole(approval: Approval, zone: str, accounts: Mapping[str, str], *, again: bool = False) -> Shown:
    """Everything that would be done and what with, for who decides; `again` where they are reminded of it."""
    asker, request = inert(approval.requested_by.name), " ".join(inert(approval.request).split())
    brief = f"{'Still waiting: ' if again else ''}{asker} asks for an approval: {request}"
    lost = dict.fromkeys(inert(call.undo.why) for call in approval.calls if isinstance(call.undo, Irreversible))
    head = [counted(approval.calls, accounts), *(f"Cannot be taken back: {why}" for why in lost)]
    head.append(f"It can be decided until {_until(approval, zone)}.")
    parts: list[Part] = [
        Heading(text=f"{asker} asks for an approval"),
        Words(text=f"{request}\n" + "\n".join(one for one in head if one)),
    ]
    for call in approval.calls:
        parts += _call(call)
    warned = cautions(approval)
    if warned:
        parts.append(Words(text="\n".join(f"Caution: {one}" for one in warned)))
    undone = any(isinstance(call.undo, Call) for call in approval.calls)
    parts.append(Words(text=f"{GRANTS} {HOLDS}" if undone else HOLDS, small=True))
    parts += _deciding(approval)
    return Shown(brief=brief, parts=tuple(parts))


def decided(
    approval: Approval, now: datetime, by: str, zone: str, accounts: Mapping[str, str], *, counts: bool = True
) -> Shown:
    """What became of it; the same on every copy. `by` is what who decided is called. Without `counts`: nothing of what
    it was for.
    """
    state = approval.state_at(now)
    when = f" at {moment(approval.decided_at.astimezone(ZoneInfo(zone)))}" if approval.decided_at else ""
    without = f", without {listed([inert(one.target) for one in approval.left_out])}" if approval.left_out else ""
    why = f": {inert(approval.reason)}" if approval.reason else ""
    if not counts:
        without, why = ", in part" if approval.left_out else "", ""
    text = {
        "approved": f"Approved by {by}{when}{without}{why}",
        "denied": f"Denied by {by}{when}{why}",
        "expired": "Nobody decided in time: nothing of this is done",
        "pending": "This is not asked any more",
    }[state]
    request = " ".join(inert(approval.request).split())
    much = (Words(text=counted(approval.calls, accounts), small=True),) if counts else ()
    return Shown(brief=text, parts=(Words(text=f"{text}\n{request}"), *much))


def _deciding(approval: Approval) -> list[Part]:
    parts: list[Part] = []
    if len(approval.calls) > 1:
        choices = [Choice(value=f"{call.step}.{call.item}", label=_title(call)) for call in approval.calls]
        narrow = Button(action="narrow", about=approval.id, label="Approve without what is ticked")
        parts.append(Choices(label="Leave out", choices=tuple(choices), button=narrow))
    freeze = "No change begins anywhere until somebody who approves thaws it. Reads go on."
    buttons = (
        Button(action="approve", about=approval.id, label="Approve", weight="primary"),
        Button(action="deny", about=approval.id, label="Deny", weight="danger"),
        Button(action="freeze", about=approval.run_id, label="Freeze everything", weight="danger", asks=freeze),
    )
    return [*parts, Buttons(buttons=buttons)]


def _call(call: ApprovalCall) -> list[Part]:
    words = [_title(call)]
    words += [f"Why it needs an approval: {inert(call.reason)}"] if call.reason else []
    targets = [f"{target.kind or ''} {target.ref.type} {inert(target.name)}".strip() for target in call.preview.targets]
    words += [f"Of: {', '.join(targets)}"] if targets else []
    after = [*dict.fromkeys(_owned(change) for change in call.preview.wanted if change.owned_by)]
    after += [inert(note) for note in call.preview.notes]
    after.append(f"Undo: {_undo(call)}")
    changes = "\n".join(map(_change, call.preview.changes))
    given = _given(call)
    parts: list[Part] = [Words(text="\n".join(words)), Columns(text=changes)]
    parts += [Words(text="It is called with:"), Columns(text=given)] if given else []
    return [*parts, Words(text=" \u00b7 ".join(after), small=True)]


def _given(call: ApprovalCall) -> str:
    """All that it is called with, where its title does not say it whole."""
    given = {name: value for name, value in call.arguments.items() if value not in (None, "", [], {})}
    title = _title(call)
    if all(isinstance(value, str) and inert(value) in title for value in given.values()):
        return ""
    return "\n".join(f"{name}: {_value(value)}" for name, value in given.items())


def _value(value: JsonValue) -> str:
    return plain(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1))


def _title(call: ApprovalCall) -> str:
    tool = tool_spoken(call.tool)
    return f"{tool} {inert(in_words(call.arguments))}".rstrip()


def _change(change: Change) -> str:
    place = " ".join(part for part in (change.ref.account, change.ref.region) if part)
    what = f"{change.action}  {inert(change.name)}  "
    if change.action == "send":
        return f"{what}{plain(change.after)}"
    if change.action == "skip":
        return f"{what}stays {inert(change.before)}: {inert(change.reason)}"
    why = f": {inert(change.reason)}" if change.reason else ""
    where = f"  ({place})" if place else ""
    return f"{what}{inert(change.before)} -> {inert(change.after)}{why}{where}"


def _owned(change: Change) -> str:
    told = inert(in_code(change.owned_by))
    return told[:1].upper() + told[1:]


def _undo(call: ApprovalCall) -> str:
    if isinstance(call.undo, Irreversible):
        return f"none, it cannot be taken back: {inert(call.undo.why)}"
    if isinstance(call.undo, Call):
        return tool_spoken(call.undo.tool) + ", of what is changed here and nothing else"
    return "there is none" if call.undo is None else f"none: {inert(call.undo.why)}"


def _until(approval: Approval, zone: str) -> str:
    return moment(approval.expires_at.astimezone(ZoneInfo(zone)))
