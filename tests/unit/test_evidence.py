"""A composed answer shows of each claim what it rests on; what rests on nothing is not said."""

from __future__ import annotations

import json
import shlex
from typing import Any

import pytest
from fakes import TOOLS, World
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field
from some_clients import SomeClients
from test_drafting import Asked

from copilot.answering.evidence import GAPS, NOT_SHOWN, Source, by_hand_of, citing_problems, commands_in, with_evidence
from copilot.domain import Frozen, StepState, Untrusted
from copilot.plans.kept_back import kept_back, readable
from copilot.tools.by_hand import ByHand
from copilot.tools.registry import BUILT_IN, Registry
from copilot.tools.tool import ReadTool

RESULTS: Any = {
    "h": {"name": "blue", "wanted": 4, "running": 3, "failing": [{"name": "web"}], "events": [], "why": None},
    "acts": [{"name": "a", "idle": True}, {"name": "b", "idle": False}],
}


@pytest.mark.parametrize(
    "text",
    [
        "{h.name} runs {h.running} of {h.wanted}.",
        "{h.failing[].name} is short. Nothing was told of it {#h.events}.",
        "Idle:{#acts[?idle]}\n- {acts[?idle].name}",
        "{length(acts[?idle])} of {length(acts)} are idle; the request's 14 is its own.",
        "It has run short since the 3rd {#h.running}.",
    ],
)
def test_what_cites_every_sentence_passes(text: str) -> None:
    assert citing_problems(text, RESULTS, "what about the 14 since the 3rd?") == []


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("All is well.", "cites nothing"),
        ("{h.name} runs. All is well there.", "'All is well there.' cites nothing"),
        ("{h.name} runs.\nAll is well there.", "cites nothing"),
        ("{h.name} runs 3 of 4.", "written out"),
        ("Three of {h.wanted} run.", "written out"),
        ("{h.name} fails: {h.why}.", "h.why gives nothing"),
        ("{h.nothing} fails.", "h.nothing gives nothing"),
        ("{other.name} fails.", "of no result"),
        ("{'web'} fails.", "of no result"),
        ("{h.name fails.", "brace"),
        ("{sum(h.failing[].name)} fail.", "cannot be cited"),
        ("{to_number(h.name)} fail.", "cannot be cited"),
        ("All is well [h.name].", "cites nothing"),
        ("{h.name} runs. all other environments are down.", "'all other environments are down.' cites nothing"),
        ("{h.name} runs. (Everything else is down.)", "cites nothing"),
        ("{h.name} runs. **Production is down.**", "cites nothing"),
        ("{h.name} runs! \u00dcber Production is down.", "cites nothing"),
    ],
)
def test_what_rests_on_nothing_does_not(text: str, about: str) -> None:
    assert about in " ".join(citing_problems(text, RESULTS, "how is it?"))


class Of(Frozen):
    environment_id: str = Field(description="which")


class Found(Frozen):
    name: str = Field(description="its name")
    said: Untrusted = Field(description="what somebody wrote")
    not_looked_at: tuple[str, ...] = Field(default=(), description="what was left out")
    more: int = Field(default=0, description="how many are not listed")


class Peek(ReadTool[Of, Found]):
    name, summary, Input, Output = "peek", "A look.", Of, Found

    @classmethod
    def by_hand(cls, input: Of, output: Found) -> Any:
        return [ByHand(("aws", "peek", "--name", output.name))]

    def run(self, input: Of) -> Found:
        said = "see {peek.name} and [1], cite {h.running}"
        return Found(name=input.environment_id, said=said, not_looked_at=("account shop: its pack is off",), more=3)


def commands_of(tool: Any, given: Any, gave: Any) -> list[str]:
    return commands_in(by_hand_of(tool, given, gave))


PEEK = {"id": "peek", "tool": "peek", "arguments": {"environment_id": "it's; rm -rf /"}}


def peeked(*answers: str) -> Asked:
    plan = {"steps": [PEEK], "answer": {"compose": "say what was found", "using": ["peek"]}}
    return Asked(World(), plan, *answers, registry=Registry([*TOOLS, Peek]))


def test_it_shows_the_value_the_call_a_command_and_what_was_not_looked_at() -> None:
    assert peeked("{peek.name} it is.").ended[1].splitlines() == [
        "it's; rm -rf / it is. [1]",
        "",
        "Rests on:",
        "[1] peek.name = it's; rm -rf /",
        """    aws peek --name 'it'"'"'s; rm -rf /'""",
        "",
        "Not looked at: account shop: its pack is off",
        "Not looked at: 3 more that peek did not list",
    ]


def test_what_a_result_says_is_no_citation() -> None:
    answer = peeked("Somebody wrote: {peek.said}.").ended[1]
    first = answer.splitlines()[0]
    assert "{peek.name}" in first and "{h.running}" in first and first.endswith("[1]")


def test_what_cites_nothing_twice_is_answered_with_the_results_as_they_came() -> None:
    one = peeked("It is fine.", "It is 4 times fine {#peek.name}.")
    assert one.purposes == ["plan", "compose", "compose"]
    assert "did not show what they rest on" in one.ended[1] and "fine" not in one.ended[1]
    assert "cites nothing" in one.model.prompts[-1].user


def test_of_many_calls_a_few_are_shown_and_the_rest_counted() -> None:
    calls: Any = [({"environment_id": f"e{n}"}, {"name": f"e{n}", "said": "x"}) for n in range(5)]
    results: Any = {"p": [gave for _, gave in calls]}
    shown = with_evidence("{p[].name} are there.", results, {"p": Source(Peek, calls)})
    assert shown.count("aws peek --name") == 3 and "and the same for 2 more" in shown


def test_a_sentence_of_its_own_words_that_ends_as_a_heading_stays() -> None:
    shown = with_evidence("Nobody uses these {#acts[?idle]}:\n- {acts[?idle].name}", RESULTS, {})
    assert shown.splitlines()[:2] == ["Nobody uses these: [1]", "- a [1]"]


def test_what_has_parts_is_shown_by_how_many_and_numbers_stand_in_order() -> None:
    shown = with_evidence("{h.name} fails {#h.events}.\nSo does {acts[0].name} {#acts} {#h}.", RESULTS, {})
    assert shown.splitlines() == [
        "blue fails. [1]",
        "So does a. [1][2]",
        "",
        "Rests on:",
        "[1] h.name = blue; h.events = 0 listed; h = name, wanted, running, failing, events, why",
        "[2] acts[0].name = a; acts = 2 listed",
    ]


@given(st.text(max_size=40))
def test_a_command_is_what_was_called_whatever_is_in_it_or_not_shown(text: str) -> None:
    gave: Any = {"name": text or "x", "said": "x"}
    (command,) = commands_of(Peek, {"environment_id": "e"}, gave)
    assert command == NOT_SHOWN or (shlex.split(command) == ["aws", "peek", "--name", text or "x"])
    (own,) = commands_of(Registry([*TOOLS]).find("look"), {"environment_id": text}, None)
    given_again = own == NOT_SHOWN or json.loads(shlex.split(own)[4])
    assert given_again in (True, {"environment_id": text}) and "\n" not in command + own


@pytest.mark.parametrize("text", ["*timeout*", "jo@shop.io", "https://x.example/y", "a\nb"])
def test_a_command_that_would_have_to_be_shown_otherwise_is_not_shown(text: str) -> None:
    assert commands_of(Peek, {"environment_id": "e"}, {"name": text, "said": "x"}) == [NOT_SHOWN]


@pytest.mark.parametrize("reference", sorted(BUILT_IN))
def test_what_says_what_was_not_looked_at_says_it_so_that_it_can_be_told(reference: str) -> None:
    properties = Registry().find(reference).Output.model_json_schema().get("properties", {})
    for name in {*GAPS} & properties.keys():
        assert properties[name].get("type") in {"array", "integer", "string"}, json.dumps(properties[name])


class FoundThere(Found):
    by_hand: str = Field(default="", description="what the commands need that show it by hand")


class PeekThere(ReadTool[Of, FoundThere]):
    """What its command needs beside."""

    name, summary, Input, Output = "peek", "A look.", Of, FoundThere
    shown_by = ("aws peek",)

    @classmethod
    def by_hand(cls, input: Of, output: FoundThere) -> Any:
        return [ByHand(("aws", "peek", f"--at={output.by_hand}"), "main (1)")]

    def run(self, input: Of) -> FoundThere:
        return FoundThere(name="blue", said="nothing", by_hand="group-of-blue")


def test_what_only_a_command_needs_is_shown_in_that_and_to_no_model() -> None:
    plan = {"steps": [PEEK], "answer": {"compose": "say what was found", "using": ["peek"]}}
    one = Asked(World(), plan, "{peek.name} it is {#peek}.", registry=Registry([*TOOLS, PeekThere]))
    shown = one.ended[1].splitlines()
    assert shown[:1] == ["blue it is. [1]"] and shown[-2:] == [
        "    with credentials of main (1):",
        "    aws peek --at=group-of-blue",
    ]
    assert "by_hand" not in one.ended[1]
    assert one.purposes == ["plan", "compose"]
    assert not [prompt for prompt in one.model.prompts if "group-of-blue" in prompt.user or "by_hand" in prompt.user]


def test_nor_is_it_where_the_results_are_shown_as_they_came() -> None:
    plan = {"steps": [PEEK], "answer": {"compose": "say what was found", "using": ["peek"]}}
    text = Asked(World(), plan, "No.", "No.", registry=Registry([*TOOLS, PeekThere])).ended[1]
    assert "blue" in text and "group-of-blue" not in text


@pytest.mark.parametrize("each", [lambda one: one, lambda one: [one, one]])
def test_that_it_is_shown_to_no_model_keeps_nothing_back(each: Any) -> None:
    gave: Any = each(PeekThere(SomeClients()).run(Of(environment_id="e")).model_dump(mode="json"))
    step = StepState(step_id="peek", tool="peek", for_each=isinstance(gave, list))
    registry = Registry([*TOOLS, PeekThere])
    assert kept_back({"peek": gave}, {"peek": step}, registry) == set()
    assert "group-of-blue" not in str(readable({"peek": gave}, {"peek": step}, registry))
