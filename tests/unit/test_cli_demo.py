"""The demo believes the cloud and not the copilot: each scene says so when the two differ."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import fake_copilot as fake
import pytest

from cli.api.views import ApprovalView, StartedView, read
from cli.commands.outbox import Message
from cli.display.page import Page
from cli.exits import CommandError
from cli.parser import DEMO, parser
from cli.showing import scenes, scenes_chat
from cli.showing.demo import close
from cli.showing.readback import Cloud, Seen
from cli.showing.stage import Stage


def seen(environment: str, name: str, on: int) -> Seen:
    arn = f"arn:aws:ecs:eu-west-1:1:service/{environment}/{name}"
    kind = {"blue": "production", "green": "staging"}.get(environment, "preview")
    return Seen(arn, "service", f"c/{name}", environment, "1", "eu-west-1", f"{on} tasks", on, {"kind": kind})


def cloud(**sizes: int) -> Cloud:
    """blue_web=2 is two tasks of web in blue."""
    found = [seen(environment, name, on) for (environment, name), on in ((n.split("_"), on) for n, on in sizes.items())]
    return {one.arn: one for one in found}


class ScriptedCopilot:
    """Gives one run after the other, whatever is asked or decided."""

    def __init__(self, *runs: dict[str, Any]) -> None:
        self.runs = list(runs)
        self.bodies: list[dict[str, str]] = []
        self.decisions: list[str] = []

    def start(self, body: dict[str, str]) -> StartedView:
        self.bodies.append(body)
        return read(StartedView, fake.started())

    def run(self, run_id: str) -> dict[str, Any]:
        return self.runs.pop(0)

    def decide(self, approval_id: str, decision: str, reason: str) -> ApprovalView:
        self.decisions.append(decision)
        return read(ApprovalView, fake.approval("approved" if decision == "approve" else "denied"))


def stage(runs: list[dict[str, Any]], looks: list[Cloud]) -> tuple[Stage, ScriptedCopilot, io.StringIO]:
    copilot, out = ScriptedCopilot(*runs), io.StringIO()
    return Stage(Page(out), copilot, lambda: looks.pop(0), "demo-1"), copilot, out  # type: ignore[arg-type]


FULL = cloud(blue_web=3, blue_api=1, green_web=2)


# --- the questions -----------------------------------------------------------------------------

HEALTH = {
    "production": """blue (production): healthy; 4 of 4 tasks running in 2 services; no alarm ringing
Services:
- api: 1 of 1 running
- web: 3 of 3 running""",
    "staging": """green (staging): healthy; 2 of 2 tasks running in 1 service; no alarm ringing
Services:
- web: 2 of 2 running""",
}


def told(**answers: str) -> list[dict[str, Any]]:
    return [fake.run(answer=answer) for answer in (HEALTH | answers).values()]


def test_questions_answered_as_the_cloud_is_that_change_nothing_are_as_they_should_be() -> None:
    on, copilot, out = stage(told(), [FULL, FULL])
    scenes.questions(on)
    assert on.wrong == []
    assert [body["text"] for body in copilot.bodies] == [
        "How is the production cluster?",
        "What about the staging cluster?",
    ]
    assert len({body["conversation"] for body in copilot.bodies}) == 1
    assert "all 3 resources are as they were" in out.getvalue()


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param({"production": HEALTH["production"].replace("3 of 3", "2 of 3")}, id="another number"),
        pytest.param({"production": HEALTH["production"].replace("4 of 4", "5 of 5")}, id="another sum"),
        pytest.param({"production": HEALTH["production"].replace("- api: 1 of 1 running\n", "")}, id="one left out"),
        pytest.param({"staging": HEALTH["production"]}, id="the first one again"),
        pytest.param({"staging": HEALTH["staging"].replace("green", "red", 1)}, id="no such environment"),
        pytest.param({"staging": "I do not know what is meant."}, id="not understood"),
    ],
)
def test_questions_answered_otherwise_are_not(answers: dict[str, str]) -> None:
    on, _, out = stage(told(**answers), [FULL, FULL])
    scenes.questions(on)
    (kind,) = answers
    assert on.wrong == [f"the tasks it tells of in {kind} are those that run there"]
    assert "NOT SO" in out.getvalue()


def test_a_question_that_changes_something_is_not() -> None:
    on, _, out = stage(told(), [FULL, FULL | cloud(blue_web=4)])
    scenes.questions(on)
    assert "nothing was changed" in on.wrong
    assert "NOT SO" in out.getvalue()


# --- the idle environments ---------------------------------------------------------------------


def stopping(*environments: str, done: tuple[str, ...] | None = None, **changes: Any) -> dict[str, Any]:
    """A run that stopped these; its ledger says so of those in `done`."""
    items = [fake.item(n, "done", arguments={"environment_id": name}) for n, name in enumerate(environments)]
    effects = [
        {"step": "stop", "item": n, "tool": "stop_environment", "state": "done", "started_at": fake.at(0)}
        for n, name in enumerate(environments)
        if done is None or name in done
    ]
    return fake.run(steps=[fake.step("stop", "done", *items)], effects=effects) | changes


def message(text: str, channel: str = "#platform") -> Message:
    return Message(channel=channel, text=text, at=datetime.now(UTC))


def outbox(*messages: Message) -> Callable[[], list[Message]]:
    old = message("of an earlier demo")
    looks = [[old], [old, *messages]]
    return lambda: looks.pop(0)


BLUE_OFF = FULL | cloud(blue_web=0, blue_api=0)


def test_idle_environments_that_are_off_and_told_of_are_as_it_should_be() -> None:
    on, copilot, out = stage([stopping("blue")], [FULL, BLUE_OFF])
    scenes.idle(on, outbox(message("Stopped 1: blue.")))
    assert on.wrong == []
    assert copilot.bodies[0]["text"] == "Stop all idle dev environments and tell #platform"
    assert "2 of 3 resources changed" in out.getvalue()
    assert "3 tasks -> 0 tasks" in out.getvalue()
    assert "6 -> 2 tasks" in out.getvalue()


@pytest.mark.parametrize(
    ("run", "after", "messages"),
    [
        pytest.param(stopping("blue", "green"), BLUE_OFF, [message("blue, green")], id="says more than is off"),
        pytest.param(stopping("blue"), cloud(blue_web=0, blue_api=0, green_web=0), [message("blue")], id="stops more"),
        pytest.param(stopping("blue"), FULL | cloud(blue_web=1), [message("blue")], id="only fewer tasks"),
        pytest.param(stopping("blue", done=()), BLUE_OFF, [message("blue")], id="not in the ledger"),
        pytest.param(stopping(), FULL, [message("none")], id="nothing was idle"),
        pytest.param(stopping("blue", outcome="partial"), BLUE_OFF, [message("blue")], id="partial"),
        pytest.param(stopping("blue"), BLUE_OFF, [], id="nobody told"),
        pytest.param(stopping("blue"), BLUE_OFF, [message("blue"), message("blue")], id="told twice"),
        pytest.param(stopping("blue"), BLUE_OFF, [message("blue", "#other")], id="told elsewhere"),
        pytest.param(stopping("blue"), BLUE_OFF, [message("something")], id="not named"),
    ],
)
def test_idle_environments_otherwise_are_not(run: dict[str, Any], after: Cloud, messages: list[Message]) -> None:
    on, _, _ = stage([run], [FULL, after])
    scenes.idle(on, outbox(*messages))
    assert on.wrong


# --- production --------------------------------------------------------------------------------


def asking(*arns: str, action: str = "stop") -> dict[str, Any]:
    changes = [dict(fake.CHANGES[0], ref={"type": "ecs-service", "id": arn}, action=action) for arn in arns]
    call = dict(fake.approval()["calls"][0])
    call["preview"] = dict(call["preview"], changes=changes)
    return fake.parked(approval=fake.approval(calls=[call]))


BLUE = [one.arn for one in FULL.values() if one.environment == "blue"]


def test_a_denied_change_changes_nothing() -> None:
    on, copilot, _ = stage([asking(*BLUE), fake.run(outcome="denied")], [FULL, FULL])
    scenes.denied(on)
    assert on.wrong == []
    assert copilot.decisions == ["deny"]


def test_a_denied_change_that_happens_anyway_is_found() -> None:
    on, _, _ = stage([asking(*BLUE), fake.run(outcome="denied")], [FULL, BLUE_OFF])
    scenes.denied(on)
    assert on.wrong == ["nothing was changed"]


def test_a_production_change_that_does_not_ask_ends_the_demo() -> None:
    on, _, _ = stage([fake.run()], [FULL])
    with pytest.raises(CommandError, match="was to ask"):
        scenes.denied(on)


def test_an_approved_stop_and_its_undoing_are_as_they_should_be() -> None:
    runs = [asking(*BLUE), fake.run(), asking(*BLUE, action="start"), fake.run()]
    on, copilot, _out = stage(runs, [FULL, BLUE_OFF, FULL])
    scenes.approved_and_back(on)
    assert on.wrong == []
    assert copilot.decisions == ["approve", "approve"]
    assert len({body["conversation"] for body in copilot.bodies}) == 1
    assert len({body["dedupe_key"] for body in copilot.bodies}) == 2


@pytest.mark.parametrize(
    ("approved", "after", "back"),
    [
        pytest.param(BLUE[:1], BLUE_OFF, FULL, id="more than was approved"),
        pytest.param([*BLUE, "arn:aws:rds:eu-west-1:1:db:x"], BLUE_OFF, FULL, id="less than was approved"),
        pytest.param(BLUE, BLUE_OFF, FULL | cloud(blue_web=2), id="not back in the same numbers"),
    ],
)
def test_an_approved_stop_otherwise_is_not(approved: list[str], after: Cloud, back: Cloud) -> None:
    on, _, _ = stage([asking(*approved), fake.run(), asking(*BLUE), fake.run()], [FULL, after, back])
    scenes.approved_and_back(on)
    assert len(on.wrong) == 1


# --- the end -----------------------------------------------------------------------------------


def test_the_end_says_what_was_wrong_and_how_to_go_on() -> None:
    on, _, out = stage(told(), [FULL, BLUE_OFF])
    scenes.questions(on)
    close(Page(out), on, 61)
    text = out.getvalue()
    assert "ended after 1 min 1 s, and this was not as it should be" in text
    for words in ("ask", "approve ID", "runs --all", "runs show ID", "outbox", "down"):
        assert f"devops-copilot {words}" in text


def test_help_and_readme_say_the_same_about_what_it_asks() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    command = next(line for line in readme.splitlines() if line.lstrip().startswith("make demo "))
    assert command.endswith(f": {DEMO}") and f"work: {DEMO}" in " ".join(parser().format_help().split())


def test_a_service_may_be_told_with_the_place_that_tells_it_from_another() -> None:
    place = HEALTH["production"].replace("- web:", "- web in eu-west-1:")
    on, _, _ = stage(told(production=place), [FULL, FULL])
    scenes.questions(on)
    assert on.wrong == []


# --- in Slack ----------------------------------------------------------------------------------


class ScriptedSlack:
    """What the copilot has posted, by channel, and who pressed what."""

    def __init__(self, brief: str = "This needs an approval, until 9.") -> None:
        self.posted = {
            "#dev": [brief, "Approved by Olga"],
            "@olga": ["Dana asks for an approval: scale api in blue to 2"],
            "@dana": ["You asked: scale api in blue to 2", "Taken back of it"],
        }
        self.pressed: list[tuple[str, str]] = []
        self.said: list[str] = []

    def say(self, by: str, channel: str, text: str) -> Any:
        self.said.append(f"{by} {channel} {text}")
        return SimpleNamespace(message=SimpleNamespace(ts="1.1"))

    def messages(self, channel: str, thread: str | None = None) -> list[Any]:
        return [SimpleNamespace(bot_id="B1", text=one, blocks=[]) for one in self.posted[channel]]

    def wait_for(self, found: Callable[[], Any], seconds: float) -> Any:
        if not (value := found()):
            raise TimeoutError
        return value

    def press(self, by: str, message: Any, element: str) -> None:
        self.pressed.append((by, element))


MORE = cloud(blue_web=3, blue_api=2, green_web=2)


def in_slack(slack: ScriptedSlack, *looks: Cloud) -> tuple[list[str], str]:
    on, _, out = stage([], [FULL, *looks])
    scenes_chat.approved_in_chat(on, slack, "dana", "olga")  # type: ignore[arg-type]
    return on.wrong, out.getvalue()


def test_in_slack_what_is_approved_is_done_and_what_is_taken_back_is_as_before() -> None:
    slack = ScriptedSlack()
    wrong, shown = in_slack(slack, FULL, MORE, FULL)
    assert wrong == []
    assert slack.said == ["dana #dev @copilot scale api in blue to 2"]
    assert slack.pressed == [("olga", "copilot.approve"), ("dana", "copilot.undo")]
    assert "Approve, pressed by olga" in shown


@pytest.mark.parametrize(
    ("brief", "looks", "wrong"),
    [
        ("This needs an approval of blue", (FULL, MORE, FULL), "the channel is told of production only that something"),
        ("This needs an approval", (MORE, MORE, FULL), "nothing was changed yet"),
        ("This needs an approval", (FULL, FULL, FULL), "it has 2 tasks now"),
        ("This needs an approval", (FULL, MORE, MORE), "everything is as it was before"),
    ],
)
def test_in_slack_the_cloud_is_believed_and_not_what_stands_there(
    brief: str, looks: tuple[Cloud, ...], wrong: str
) -> None:
    found, _ = in_slack(ScriptedSlack(brief), *looks)
    assert any(wrong in one for one in found)


def test_in_slack_what_does_not_come_is_said_with_what_to_do() -> None:
    slack = ScriptedSlack()
    slack.posted["@olga"] = []
    with pytest.raises(
        CommandError, match=r"@olga of the laptop's Slack was to show .asks for an approval. and did not"
    ):
        in_slack(slack, FULL)
