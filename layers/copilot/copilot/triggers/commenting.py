"""Comments that are for the copilot, of issues and requests to merge: they begin with its command. Pure.

By docs.github.com (`issue_comment`) and docs.gitlab.com ("Comment events"), read 2026-11. What is edited later, written
by a bot, or kept from some who read there (a note of GitLab's that is internal) is none.
"""

from __future__ import annotations

import re
from typing import Any

from copilot.domain import AnswerTo, Commented, Hook
from copilot.text.outside import plain
from copilot.triggers.pipelines.hook import time_of

COMMAND = re.compile(r"\A/copilot(?=\s|\Z)")
_NOTED: dict[str, tuple[str, str]] = {"Issue": ("issue", "issues"), "MergeRequest": ("merge_request", "merge_requests")}
"""What a note of GitLab's may stand under: its key in the payload, and in the API."""


def comment_of(hook: Hook) -> Commented | None:
    """Raises KeyError, TypeError, ValueError or AttributeError for what is not the event it says it is."""
    return _of_github(hook.payload) if hook.platform == "github" else _of_gitlab(hook.payload)


def _of_github(payload: dict[str, Any]) -> Commented | None:
    comment, sender = payload["comment"], payload["sender"]
    user = comment["user"]
    if payload["action"] != "created" or user["type"] != "User" or comment.get("performed_via_github_app"):
        return None
    if user["id"] != sender["id"] or not COMMAND.match(comment["body"] or ""):
        return None
    repository, number = int(payload["repository"]["id"]), int(payload["issue"]["number"])
    return Commented(
        key=f"github:{repository}/{int(comment['id'])}",
        user=f"github:{int(user['id'])}",
        login=user["login"],
        where=AnswerTo(platform="github", place=str(repository), thread=str(number)),
        text=_text(comment["body"]),
        at=time_of(comment["created_at"]),
    )


def _of_gitlab(payload: dict[str, Any]) -> Commented | None:
    note, user = payload["object_attributes"], payload["user"]
    if payload["event_type"] != "note" or note.get("action", "create") != "create":
        return None
    if note.get("system") or note.get("internal") or note.get("confidential") or note["noteable_type"] not in _NOTED:
        return None
    if int(note["author_id"]) != int(user["id"]) or not COMMAND.match(note["note"] or ""):
        return None
    key, path = _NOTED[note["noteable_type"]]
    about, project = payload[key], int(payload["project"]["id"])
    if about.get("confidential"):
        return None
    return Commented(
        key=f"gitlab:{project}/{int(note['id'])}",
        user=f"gitlab:{int(user['id'])}",
        login=user["username"],
        where=AnswerTo(platform="gitlab", place=str(project), thread=f"{path}/{int(about['iid'])}"),
        text=_text(note["note"]),
        at=time_of(note["created_at"]),
    )


def _text(body: str) -> str:
    return plain(COMMAND.sub("", body, count=1)).strip()
