"""What production logs say is answered to people, and stands in no prompt: not now, and not a turn later."""

from __future__ import annotations

from typing import Any

import pytest
from fakes import TOOLS, World
from pydantic import Field, JsonValue
from test_drafting import Asked

from copilot.adapters.aws.packs import PARAMETERS, require
from copilot.bootstrap import UseCases
from copilot.config.configuration import Account
from copilot.domain import Frozen, Kind, StepState, Untrusted
from copilot.errors import PermissionDenied, ToolInputError
from copilot.plans.kept_back import INSTEAD, as_read, is_kept_back, readable
from copilot.policy.decisions import Policy
from copilot.tools.registry import Registry
from copilot.tools.tool import ReadTool

LINE = "card 4111 of Ms Sparrow was refused"


class LogsOf(Frozen):
    kind: Kind = Field(description="of the environment")
    fails: bool = Field(default=False, description="whether it is to fail")


class Lines(Frozen):
    kind: Kind = Field(description="of the environment")
    lines: tuple[Untrusted, ...] = Field(description="what was logged")
    summary: Untrusted = Field(description="the lines")


class ReadLines(ReadTool[LogsOf, Lines]):
    name = "read_lines"
    summary = "The lines of a log."
    Input = LogsOf
    Output = Lines
    shows = "logs"

    def run(self, input: LogsOf) -> Lines:
        return Lines(kind=input.kind, lines=(LINE,), summary=LINE)


class Found(Frozen):
    kind: Kind | None = Field(description="of the environment")
    last_lines: Untrusted = Field(description="what was logged")
    reason: Untrusted = Field(description="why")
    summary: Untrusted = Field(description="the outcome")


class FindWhy(ReadTool[LogsOf, Found]):
    """One of whose output only a field holds lines of logs."""

    name = "find_why"
    summary = "Why it failed."
    Input = LogsOf
    Output = Found
    logs = frozenset({"last_lines"})

    def run(self, input: LogsOf) -> Found:
        return Found(kind=input.kind, last_lines=LINE, reason="exit status 7", summary="it failed")


def asked(
    kind: str, *answers: Any, answer: dict[str, Any] | None, then: dict[str, Any] | None = None, **step: Any
) -> Asked:
    lines = {"id": "lines", "tool": "read_lines", "arguments": {"kind": kind}} | step
    plan = {"steps": [lines]} | ({"then": then} if then else {"answer": answer})
    return Asked(World(), plan, *answers, registry=Registry([*TOOLS, ReadLines, FindWhy]))


def prompts(one: Asked) -> str:
    return "\n".join(prompt.system + prompt.user for prompt in one.model.prompts)


COMPOSED = {"compose": "say what happened", "using": ["lines"]}
SHOWN = {"text": "{lines.summary}"}


def test_no_model_composes_from_production_logs_and_the_person_gets_them_as_they_are() -> None:
    one = asked("production", "Somebody's card was refused.", answer=COMPOSED)
    assert "Ms Sparrow" in one.ended[1] and "no model is shown" in one.ended[1]
    assert one.purposes == ["plan"] and "Sparrow" not in prompts(one)


def test_from_other_logs_one_does() -> None:
    one = asked("staging", "A card was refused {#lines.summary}.", answer=COMPOSED)
    assert one.ended[1].startswith("A card was refused. [1]") and "Sparrow" in prompts(one)


@pytest.mark.parametrize(("kind", "there"), [("production", False), ("development", True)])
def test_a_plan_is_put_right_without_them(kind: str, there: bool) -> None:
    again = {"say": "I do not know."}
    one = asked(kind, again, answer=SHOWN, expect="kind == 'preview'")
    assert one.purposes == ["plan", "plan"] or "revise" in one.purposes
    assert ("Sparrow" in prompts(one)) is there


@pytest.mark.parametrize(("kind", "there"), [("production", False), ("development", True)])
def test_a_turn_later_an_answer_that_showed_them_is_not_shown_to_a_model(kind: str, there: bool) -> None:
    one = asked(kind, {"say": "Nothing to add."}, answer=SHOWN)
    assert "Sparrow" in one.ended[1]
    one.process.run("and what does that mean", one.view["conversation"])
    assert ("Sparrow" in prompts(one)) is there
    assert ("an answer that a model may not read" in prompts(one)) is not there


def test_of_many_one_is_enough() -> None:
    each: list[JsonValue] = [{"kind": "development"}, {"kind": "production"}]
    step = StepState(step_id="lines", tool="read_lines@1", for_each=True)
    registry = Registry([ReadLines])
    assert readable({"lines": each}, {"lines": step}, registry) == {"lines": INSTEAD}
    assert readable({"lines": each[:1]}, {"lines": step}, registry) == {"lines": each[:1]}
    assert readable({"lines": ["no kind"]}, {"lines": step}, registry) == {"lines": INSTEAD}


WHY: dict[str, Any] = {"tool": "find_why"}
HIDDEN = [("production", False), ("staging", True)]


@pytest.mark.parametrize(("kind", "there"), HIDDEN)
def test_of_fields_that_hold_logs_the_rest_is_composed_from_and_the_person_gets_the_lines(
    kind: str, there: bool
) -> None:
    said = "It failed as {lines.reason} says. It logged {lines.last_lines}."
    one = asked(kind, said, answer=COMPOSED, **WHY)
    assert one.purposes == ["plan", "compose"] and "exit status 7" in prompts(one)
    assert ("Sparrow" in prompts(one)) is there
    assert "exit status 7 says" in one.ended[1] and f"It logged {LINE}" in one.ended[1]


def test_what_is_cited_and_comes_to_nothing_with_what_was_not_shown_leaves_the_results() -> None:
    said = f"It is {{length((lines.last_lines == '{INSTEAD}') && lines.reason)}} long."
    one = asked("production", said, answer=COMPOSED, **WHY)
    assert one.purposes == ["plan", "compose"] and "it failed" in one.ended[1] and "as they came" in one.ended[1]


@pytest.mark.parametrize(("kind", "there"), HIDDEN)
def test_of_fields_that_hold_logs_the_rest_is_shown_where_a_plan_is_put_right(kind: str, there: bool) -> None:
    one = asked(kind, {"say": "I do not know."}, answer=SHOWN, expect="kind == 'preview'", **WHY)
    assert "exit status 7" in prompts(one) and ("Sparrow" in prompts(one)) is there


@pytest.mark.parametrize(("kind", "there"), HIDDEN)
@pytest.mark.parametrize("using", [["lines"], ["lines.last_lines", "lines.reason"]])
def test_and_where_it_is_looked_at_before_planning_on(using: list[str], kind: str, there: bool) -> None:
    looks = {"using": using, "why": "it may be known"}
    one = asked(kind, {"say": "That is all."}, answer=None, then=looks, **WHY)
    assert one.purposes == ["plan", "look"] and "exit status 7" in prompts(one)
    assert ("Sparrow" in prompts(one)) is there and (INSTEAD in prompts(one)) is not there


@pytest.mark.parametrize(("kind", "there"), HIDDEN)
def test_an_answer_that_shows_such_a_field_is_not_shown_to_a_model_a_turn_later(kind: str, there: bool) -> None:
    one = asked(kind, {"say": "Nothing to add."}, answer={"text": "{lines.last_lines}"}, **WHY)
    assert LINE in one.ended[1]
    one.process.run("and what does that mean", one.view["conversation"])
    assert ("Sparrow" in prompts(one)) is there


def test_a_field_of_logs_without_lines_keeps_nothing_back_and_without_a_kind_it_is_taken_for_productions() -> None:
    found: dict[str, JsonValue] = {"kind": "production", "last_lines": "", "reason": "r"}
    assert not is_kept_back(FindWhy, found)
    assert as_read(FindWhy, found | {"last_lines": LINE}) == found | {"last_lines": INSTEAD}
    assert is_kept_back(FindWhy, found | {"kind": None, "last_lines": LINE})
    step = StepState(step_id="why", tool="find_why@1", for_each=True)
    each: list[JsonValue] = [found | {"kind": kind, "last_lines": LINE} for kind in ("production", "preview")]
    shown = readable({"why": each}, {"why": step}, Registry([FindWhy]))
    assert shown == {"why": [found | {"last_lines": INSTEAD}, each[1]]}


@pytest.mark.parametrize("pack", PARAMETERS)
def test_a_pack_that_is_off_is_said_with_how_it_is_allowed(pack: Any) -> None:
    roles = {"read_role": "arn:aws:iam::123456789012:role/read"}
    closed = Account.model_validate({"id": "123456789012", "name": "shop", "regions": ["eu-west-1"], **roles})
    with pytest.raises(PermissionDenied) as refused:
        require(closed, pack)
    said = str(refused.value)
    assert "shop (123456789012)" in said and PARAMETERS[pack].split(",")[0] in said and f"name {pack} among" in said
    require(closed.model_copy(update={"packs": frozenset({pack})}), pack)


class Echo(Frozen):
    text: str = Field(default="", description="what to repeat")


class Echoed(Frozen):
    summary: str = Field(description="the same")


class Repeat(ReadTool[Echo, Echoed]):
    name, summary, Input, Output = "repeat", "The same again.", Echo, Echoed

    def run(self, input: Echo) -> Echoed:
        if "fails" in input.text:
            raise ToolInputError(f"cannot repeat {input.text}", ours=True)
        return Echoed(summary=input.text)


def repeated(*answers: Any, answer: Any, text: str = "{lines.summary}", **more: Any) -> Asked:
    lines = {"id": "lines", "tool": "read_lines", "arguments": {"kind": "production"}}
    again = {"id": "again", "tool": "repeat", "arguments": {"text": {"$text": text}}}
    twice = {"id": "twice", "tool": "repeat", "arguments": {"text": {"$ref": "again.summary"}}}
    plan = {"steps": [lines, again, twice]} | ({"answer": answer} if "using" not in answer.get("then", {}) else answer)
    return Asked(World(), plan, *answers, registry=Registry([*TOOLS, ReadLines, Repeat]), **more)


def test_what_is_made_of_them_by_another_step_stands_in_no_prompt_either() -> None:
    composed = repeated("It was refused.", answer={"compose": "say it", "using": ["twice"]})
    assert "Sparrow" in composed.ended[1] and "Sparrow" not in prompts(composed)
    looked = repeated({"say": "So it is."}, answer={"then": {"using": ["twice.summary"], "why": "to see"}})
    assert looked.purposes == ["plan", "look"] and "Sparrow" not in prompts(looked)
    shown = repeated({"say": "Nothing to add."}, answer={"text": "{twice.summary}"})
    shown.process.run("and what does that mean", shown.view["conversation"])
    assert "Sparrow" in shown.ended[1] and "Sparrow" not in prompts(shown)


def test_why_what_was_made_of_them_failed_stands_in_no_prompt_either() -> None:
    failed = repeated({"say": "I cannot."}, answer={"text": "done"}, text="{lines.summary} fails")
    assert len(failed.purposes) > 1 and "Sparrow" not in prompts(failed)
    failed.process.run("and what does that mean", failed.view["conversation"])
    assert "Sparrow" not in prompts(failed)


EVERYTHING = """
permit (principal, action, resource) unless { resource is Output };
permit (principal, action == Action::"show", resource);
"""
BUT_LOGS = """
forbid (principal, action == Action::"show", resource)
when { resource.destination == "provider" && resource.class == "logs" };
"""


@pytest.mark.parametrize(
    ("text", "kind", "there"), [(EVERYTHING, "production", True), (EVERYTHING + BUT_LOGS, "preview", False)]
)
def test_what_a_model_may_read_is_for_policy_to_say(
    monkeypatch: pytest.MonkeyPatch, text: str, kind: str, there: bool
) -> None:
    monkeypatch.setattr(UseCases, "policy", property(lambda self: Policy(self.registry, "main", False, text)))
    composed = asked(kind, "A card was refused {#lines.summary}.", answer=COMPOSED)
    assert ("Sparrow" in prompts(composed)) is there and "refused" in composed.ended[1]
    later = asked(kind, {"say": "Nothing to add."}, answer=SHOWN)
    later.process.run("and what does that mean", later.view["conversation"])
    assert ("Sparrow" in prompts(later)) is there
    looked = asked(kind, {"say": "That is all."}, answer=None, then={"using": ["lines.summary"], "why": "to see"})
    assert looked.purposes == ["plan", "look"] and ("Sparrow" in prompts(looked)) is there
