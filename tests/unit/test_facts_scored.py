"""Corrected facts decide as they are now, forgotten ones not at all: a table, and how much of it is right."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from talk_world import PEOPLE, Talk

from copilot.intents.actions import read_yaml

CASES = read_yaml(Path(__file__).with_name("facts_scored.yaml"))
EVERY = {"basket", "pricing", "storefront", "staging", "live", "rehearsal"}
LAST = {"say": "Noted."}


def wrong_with(case: dict[str, Any]) -> Iterator[str]:
    talk = Talk()
    for line in case["says"]:
        who, _, text = line.partition(": ") if line.partition(": ")[0] in PEOPLE else ("ana", "", line)
        talk.say(text, by=who, conversation="told")
        if talk.model.prompts:
            yield f"a model was asked about “{text}”"
    view = talk.say(case["asked"], plans=[LAST], conversation="asked")
    called = json.dumps([[item["arguments"] for item in step["items"]] for step in view["steps"]])
    came = {name for name in EVERY if f'"{name}"' in called}
    if came != {*case.get("comes_to", ())}:
        yield f"it came to {came}: {view['answer']}"
    if not case.get("comes_to") and view["answer"] != "Noted." and view["outcome"] != "asked":
        yield f"it was answered: {view['answer']}"
    told = talk.say("what do you know about me?", conversation="shown")["answer"]
    talk.say(f"tell me a long story about {case['asked']} please", plans=[LAST], conversation="planned")
    prompt = talk.model.prompts[0].user.partition("# Context")[2] if talk.model.prompts else ""
    if case["gone"] in (learned := str(talk.process.learned.all("ana"))):
        yield f"it was learned: {learned}"
    for where, text in {"shown": told, "prompt": prompt}.items():
        if case["gone"] in text.rpartition("# Request")[0 if where == "prompt" else 2]:
            yield f"{where}: what is gone is there: {text}"
        if case.get("kept", "") not in text and not (where == "prompt" and case.get("comes_to")):
            yield f"{where}: what is kept is not there: {text}"


def test_corrected_and_forgotten_facts() -> None:
    wrong = {str(case): found for case in CASES if (found := list(wrong_with(case)))}
    print(f"corrected and forgotten: {len(CASES) - len(wrong)} of {len(CASES)}")
    assert len(CASES) >= 30 and not wrong, "\n".join(f"{case}\n    {found}" for case, found in wrong.items())
