"""Which workspace a payload is of, and whether whoever acts is of it.

Slack's own rules, as its SDKs have them (bolt-python, request/internals.py): an installation for a whole organisation
goes by the organisation's id; in a channel shared with another one, who acts may be theirs, and where that is not said
they count as if they were.
"""

from __future__ import annotations

from copilot.edges.chat.opening import Payload, part, parts, text


def workspace_of_event(payload: Payload) -> str:
    """The workspace that the app is installed in; the organisation, where it is installed in all of it."""
    first = next(iter(parts(payload, "authorizations")), payload)
    team = text(first, "team_id") or text(payload, "team_id")
    organisation = text(first, "enterprise_id") or text(payload, "enterprise_id")
    return organisation if organisation and (first.get("is_enterprise_install") is True or not team) else team


def acts_from_outside(payload: Payload, workspace: str) -> bool:
    """Of an event: whether who acts is not, or is not known to be, of the workspace."""
    event = part(payload, "event")
    team = text(event, "user_team")
    if payload.get("is_ext_shared_channel") is not True:
        # Nobody else's people are there; members of an organisation are of any of its workspaces.
        return bool(team) and not workspace.startswith("E") and team != workspace
    first = next(iter(parts(payload, "authorizations")), payload)
    ours = {workspace, text(first, "team_id")} if workspace.startswith("E") else {workspace}
    return (team or text(event, "team")) not in ours - {""}


def workspace_of_interaction(payload: Payload) -> str:
    organisation = text(part(payload, "enterprise"), "id")
    if payload.get("is_enterprise_install") is True and organisation:
        return organisation
    return text(part(payload, "team"), "id") or text(part(payload, "user"), "team_id")


def interacts_from_outside(payload: Payload, workspace: str) -> bool:
    """Of an interaction: as of an event. It does not say whether the channel is shared."""
    team = text(part(payload, "user"), "team_id")
    if not workspace.startswith("E") or team.startswith("E"):
        return team != workspace
    at = part(payload, "team")
    return not team or text(at, "enterprise_id") not in {"", workspace}


def workspace_of_command(form: Payload) -> str:
    """Only who is of it can use a command."""
    organisation = text(form, "enterprise_id")
    return organisation if organisation and text(form, "is_enterprise_install") == "true" else text(form, "team_id")


def ourselves(payload: Payload) -> frozenset[str]:
    """The ids of the user that the copilot is there."""
    known = (text(one, "user_id") for one in parts(payload, "authorizations") if one.get("is_bot") is True)
    return frozenset(id for id in known if id)
