"""What slash commands say: docs.slack.dev/interactivity/implementing-slash-commands."""

from __future__ import annotations

from copilot.domain import AnswerTo, ChatUser, Said
from copilot.edges.chat.opening import Payload, Unreadable, text
from copilot.edges.chat.slack.installed import workspace_of_command
from copilot.edges.chat.slack.plain import plain


def read_command(form: Payload) -> Said | None:
    """It is in no thread, and no message: nobody else sees that it was used. None of Slack's own looking whether
    somebody is there.
    """
    if "ssl_check" in form:
        return None
    workspace, channel, trigger = workspace_of_command(form), text(form, "channel_id"), text(form, "trigger_id")
    if not trigger:
        raise Unreadable("the command has no `trigger_id`")
    return Said(
        key=f"command/{trigger}",
        user=ChatUser(platform="slack", workspace=workspace, user=text(form, "user_id")),
        where=AnswerTo(platform="slack", workspace=workspace, place=channel),
        direct=channel.startswith("D"),
        addressed=True,
        text=plain(text(form, "text")),
    )
