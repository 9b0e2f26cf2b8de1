"""An approval request: everything a person needs to say yes or no, and the two commands to say it with."""

from __future__ import annotations

import json
from contextlib import suppress
from itertools import groupby

from cli.api.views import ApprovalView
from cli.display.page import Page
from cli.wording import arguments, command, deadline, line, moment
from copilot.domain import ApprovalCall, Call, Change, Irreversible, Preview, ResourceRef, in_code

WHOLE = 400
"""Characters of an argument that are told in line; a text of more, as that of a runbook, stands whole below."""
LONGEST = 20_000
"""Characters of that: no tool takes a longer text of what it keeps."""


def show_request(page: Page, approval: ApprovalView, options: tuple[str, ...] | None = ()) -> None:
    """A pending approval. `options` are words the two commands need besides, to reach the same copilot.

    None: there is no copilot behind it that could be told a decision.
    """
    approvers = ", ".join(map(line, approval.approvers)) or "whoever the policies permit to approve this"
    page.say()
    page.say(f"Approval needed: {line(approval.id)}", "bold yellow")
    if approval.counts:
        page.say(line(approval.counts), "bold", 2)
    lost = dict.fromkeys(line(call.undo.why) for call in approval.calls if isinstance(call.undo, Irreversible))
    for why in lost:
        page.say(f"Cannot be taken back: {why}", "bold yellow", 2)
    page.rows(
        [
            ("request", line(approval.request)),
            ("asked by", f"{line(approval.requested_by.name)} ({line(approval.requested_by.id)})"),
            ("may approve", approvers),
            ("until", deadline(approval.expires_at)),
        ]
    )
    for call in approval.calls:
        _show_call(page, call)
    if approval.cautions:
        page.say()
        for caution in approval.cautions:
            page.say(f"Caution: {line(caution)}", "bold yellow", 2)
    page.say()
    if options is None:
        page.say("Nothing of this was done. In a single process nobody can approve it.", indent=2)
        return
    page.commands([(verb, command(verb, approval.id, *options)) for verb in ("approve", "deny")], "bold")
    if len(approval.calls) > 1:
        page.say(f"or leave some out: {command('approve', approval.id, '--without', 'NAME', *options)}", indent=2)
    if any(isinstance(call.undo, Call) for call in approval.calls):
        page.say("Approving grants exactly these undos too, for four hours, to who asked and to operators.", "dim", 2)
    page.say("Nothing of this has been changed. An approval holds only while things are as shown here.", "dim", 2)


def show_decision(page: Page, approval: ApprovalView) -> None:
    """One line for an approval that was decided."""
    by = f" by {line(approval.decided_by)}" if approval.decided_by else ""
    when = f" at {moment(approval.decided_at)}" if approval.decided_at else ""
    why = f": {line(approval.reason)}" if approval.reason else ""
    left_out = ", ".join(line(one.target) for one in approval.left_out)
    without = f", without {left_out}" if left_out else ""
    page.say(f"Approval {line(approval.id)} {line(approval.state)}{by}{when}{without}{why}")


def show_preview(page: Page, preview: Preview) -> None:
    """What exactly will change, and of what."""
    for target in preview.targets:
        page.say(line(f"target: {target.kind or ''} {target.ref.type} {target.name}"), indent=4)
    for where, changes in groupby(preview.changes, key=lambda change: place(change.ref)):
        if where:
            page.say(f"in {where}", indent=4)
        page.rows(map(_change_row, changes), indent=6)
    for owner, some in _owners(preview).items():
        page.say(f"{owner}: {', '.join(some)}", indent=4)
    for note in preview.notes:
        page.say(line(note), "bold yellow", 4)


def _show_call(page: Page, call: ApprovalCall) -> None:
    page.say()
    texts = {name: text for name, text in call.arguments.items() if isinstance(text, str) and len(text) > WHOLE}
    given = call.arguments | dict.fromkeys(texts, "(below, whole)")
    page.say(f"{line(call.step)}: {line(call.tool)}({arguments(given, WHOLE)})", "bold", 2)
    if call.reason:
        page.say(f"why: {line(call.reason)}", indent=4)
    show_preview(page, call.preview)
    page.say(f"undo: {_undo(call)}", indent=4)
    for name, text in texts.items():
        _show_text(page, line(name), text)


def _show_text(page: Page, name: str, text: str) -> None:
    page.say(f"{name}:", indent=4)
    for each in _as_people_read(text[:LONGEST]).splitlines():
        page.verbatim(each, indent=6)
    if len(text) > LONGEST:
        page.say(f"… and {len(text) - LONGEST:,} characters more, which are not shown", "bold yellow", 6)


def _as_people_read(text: str) -> str:
    """JSON as YAML, a line for each thing; any other text as it is."""
    import yaml

    with suppress(ValueError, RecursionError):
        if isinstance(said := json.loads(text), dict):
            return yaml.safe_dump(said, sort_keys=False, allow_unicode=True)
    return text


def _undo(call: ApprovalCall) -> str:
    """The ids that are changed stand above, with their names: they are not told again."""
    if isinstance(call.undo, Irreversible):
        return f"none, it cannot be taken back: {line(call.undo.why)}"
    if not isinstance(call.undo, Call):
        return "there is none" if call.undo is None else f"none: {line(call.undo.why)}"
    given = dict(call.undo.arguments)
    changed = {change.ref.id for change in call.preview.changes if change.action != "skip"}
    given.pop("as_left", None)  # what was there before, which stands above too
    only = given.get("only")
    if isinstance(only, list) and set(map(str, only)) == changed:
        del given["only"]
        return f"{line(call.undo.tool)}({arguments(given, WHOLE)}), of what is changed here and nothing else"
    return f"{line(call.undo.tool)}({arguments(given, WHOLE)})"


def _change_row(change: Change) -> tuple[str, ...]:
    what = (change.action, line(change.name))
    if change.action == "send":
        return *what, line(change.after)
    if change.action == "skip":
        covered = change.reason.startswith("covered by ")  # and so changed with what covers it
        stays = line(change.before) if covered else f"stays {line(change.before)}"
        return *what, stays, f"{line(change.ref.type)}: {line(change.reason)}"
    why = f": {line(change.reason)}" if change.reason else ""
    return *what, f"{line(change.before)} -> {line(change.after)}", line(change.ref.type) + why


def _owners(preview: Preview) -> dict[str, list[str]]:
    """The names of what is changed, by whose it is in code."""
    found: dict[str, list[str]] = {}
    for change in preview.wanted:
        if change.owned_by:
            found.setdefault(line(in_code(change.owned_by)), []).append(line(change.name))
    return found


def place(ref: ResourceRef) -> str:
    """Account and region of an ARN: "222222222222 eu-west-1"; "" for what has none."""
    parts = ref.id.split(":", 5)
    return line(f"{parts[4]} {parts[3]}") if parts[0] == "arn" and len(parts) == 6 else ""
