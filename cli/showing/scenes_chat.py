"""In Slack: a change of production, asked for in a channel, approved by who may, and taken back, all by what people
press there. The Slack is the laptop's, and everything between it and the cloud is as it is deployed.
"""

from __future__ import annotations

from cli.exits import CommandError
from cli.laptop.slack import Slack
from cli.laptop.slack.world import Message
from cli.showing.readback import Cloud, Difference, Seen
from cli.showing.stage import Stage
from cli.wording import command

PATIENCE = 60.0
CHANNEL = "#dev"


def approved_in_chat(stage: Stage, slack: Slack, asker: str, approver: str) -> None:
    """Both by what they are called there."""
    whole, service = stage.cloud, one_of_production(stage.cloud)
    wanted = service.on + 1
    request = f"scale {service.name.rpartition('/')[2]} in {service.environment} to {wanted}"
    stage.quote(f"{asker} in {CHANNEL}: @copilot {request}")
    asked = slack.say(asker, CHANNEL, f"@copilot {request}").message
    brief = _found(slack, CHANNEL, "This needs an approval", asked.ts)
    card = _found(slack, f"@{approver}", "asks for an approval")
    stage.quote(f"copilot in {CHANNEL}, in the thread: {brief.text}")
    stage.quote(f"copilot to {approver} alone, with all of it: {card.text}")
    stage.expect(service.environment not in brief.text, "the channel is told of production only that something waits")
    stage.expect(not stage.changes(), "nothing was changed yet")

    stage.quote(f"Approve, pressed by {approver}")
    slack.press(approver, card, "copilot.approve")
    answer = _found(slack, f"@{asker}", f"You asked: {request}")
    decided = _found(slack, CHANNEL, "Approved by", asked.ts)
    stage.quote(f"copilot in {CHANNEL}, in its place: {decided.text}")
    stage.quote(f"copilot to {asker} alone: done, with Undo")
    stage.expect(
        _sizes(stage.changes()) == {service.arn: wanted}, f"it has {wanted} tasks now, and nothing else changed"
    )

    stage.quote(f"Undo, pressed by {asker}")
    slack.press(asker, answer, "copilot.undo")
    _found(slack, f"@{asker}", "Taken back of")
    stage.quote(f"copilot to {asker}: taken back")
    stage.changes()
    stage.expect(stage.is_as(whole), "everything is as it was before")


def one_of_production(cloud: Cloud) -> Seen:
    """The first service there by name that runs."""
    running = [
        one for one in cloud.values() if one.kind == "service" and one.on and one.tags.get("kind") == "production"
    ]
    return min(running, key=lambda one: one.name)


def _found(slack: Slack, channel: str, text: str, thread: str | None = None) -> Message:
    def look() -> Message | None:
        there = slack.messages(channel, thread)
        return next((one for one in there if one.bot_id and text in f"{one.text} {one.blocks}"), None)

    try:
        found: Message = slack.wait_for(look, PATIENCE)
    except TimeoutError:
        told = f"{channel} of the laptop's Slack was to show \u201c{text}\u201d and did not in {PATIENCE:.0f} seconds"
        raise CommandError(f"{told}; {command('runs', '--all')} says how far its run is.") from None
    return found


def _sizes(changed: list[Difference]) -> dict[str, int]:
    return {one.resource.arn: one.resource.on for one in changed}
