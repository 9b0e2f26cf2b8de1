"""Telling people something."""

from __future__ import annotations

import pytest
from fakes_platform import FakeClients, FakeNotifier
from pydantic import ValidationError

from copilot.domain import NothingToUndo
from copilot.errors import FatalError, ToolInputError
from copilot.tools.messages.notify import Notify, NotifyInput, cut

INPUT = NotifyInput(channel="#platform", text="Stopped dev-1.")


def test_the_preview_is_the_message_itself() -> None:
    preview = Notify(FakeClients()).preview(INPUT)
    (target,), (change,) = preview.targets, preview.changes
    assert (target.ref.type, target.ref.id, target.kind) == ("channel", "#platform", None)
    assert (change.action, change.after) == ("send", "Stopped dev-1.")


def test_it_is_sent_under_the_key_it_was_permitted_for() -> None:
    clients = FakeClients()
    tool = Notify(clients)
    preview = tool.preview(INPUT)
    (permission,) = tool.permissions(INPUT, preview)
    output = tool.run(INPUT, preview)
    ((key, message),) = clients.notifier.sent.items()
    assert permission.arn == f"#platform/{key}"
    assert message == ("#platform", "Stopped dev-1.")
    assert (output.channel, output.where, output.summary) == ("#platform", "memory", "told #platform")


def test_one_call_is_one_message_and_two_calls_are_two() -> None:
    clients = FakeClients()
    again = FakeClients(notifier=clients.notifier)
    other = FakeClients(notifier=clients.notifier, call_id="run-1/step/1")
    for one in (clients, again, other):
        Notify(one).run(INPUT, Notify(one).preview(INPUT))
    assert len(clients.notifier.sent) == 2


def test_the_state_it_depends_on_does_not_change_from_call_to_call() -> None:
    one, other = Notify(FakeClients()), Notify(FakeClients(call_id="run-2/step/0"))
    assert one.preview(INPUT).state_hash == other.preview(INPUT).state_hash


@pytest.mark.parametrize("channel", ["platform", "#", "#Platform", "#a b", "#../x", "#" + "a" * 81, "#a\n"])
def test_only_channels_are_accepted(channel: str) -> None:
    with pytest.raises(ValidationError):
        NotifyInput(channel=channel, text="x")


@pytest.mark.parametrize("text", ["", "x" * 100_001])
def test_text_has_bounds(text: str) -> None:
    with pytest.raises(ValidationError):
        NotifyInput(channel="#a", text=text)


def test_it_is_at_most_once_and_cannot_be_read_back() -> None:
    assert (Notify.idempotent, Notify.unverifiable) == (False, True)
    with pytest.raises(FatalError):
        Notify(FakeClients()).verify(INPUT, Notify(FakeClients()).preview(INPUT))
    undo = Notify.undo(INPUT, Notify(FakeClients()).preview(INPUT))
    assert undo == NothingToUndo(why="a message that was sent stays sent")


def test_a_long_text_is_cut_where_it_is_sent_and_says_so() -> None:
    assert cut("short", "#a") == "short"
    assert len(cut("x" * 9000, "#a")) == 4000 and len(cut("x" * 30_000, "mail:a")) == 20_000
    assert cut("x" * 9000, "sns:a").endswith("this message was cut")


def test_of_a_list_of_channels_only_those_are_told() -> None:
    clients = FakeClients(notifier=FakeNotifier(channels=("#platform", "#oncall")))
    assert Notify(clients).preview(INPUT).targets[0].ref.id == "#platform"
    with pytest.raises(ToolInputError, match="there is no channel #plaform to be told; nearest: #platform") as wrong:
        Notify(clients).preview(NotifyInput(channel="#plaform", text="x"))
    assert list(wrong.value.nearest) == ["#platform"]
    assert clients.notifier.sent == {}
