"""Whole conversations, as people have them: what is planned, done, answered and kept of each turn.

A turn of `dialogues/*.yaml` is what somebody says (`by`: ana, where nobody is named), in a `channel` where several
speak, some time `after` the last one, and whose approval it gets (`approved_by`, `denied_by`). `model` are the answers
of a model, one after the other: where none are given it must not be asked at all. `plan` are the tools of its plan,
`intent` what it was heard as, `outcome` what it came to (succeeded). What it says and does not say is in `says` and
`never`; `reads` are the tools that were called; `prompted` and `prompted_not` are words of what the model was asked.
`cloud` is how what runs is different from the beginning, a name by how many, an environment by stopped; `kept` how many
more there are than at the beginning of what is kept; `told` whom it sent what. Where a turn does not say, all of that
is as it was after the turn before it, and nobody was told anything.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
from talk_world import CHANNEL, Talk

from copilot.intents.actions import read_yaml

DIALOGUES = [
    {"subject": file.stem, **one}
    for file in sorted(Path(__file__).with_name("dialogues").glob("*.yaml"))
    for one in read_yaml(file)
]
DECISIONS: dict[str, Literal["approve", "deny"]] = {"approved_by": "approve", "denied_by": "deny"}
UNITS = {"m": 60, "h": 3600, "d": 86_400}


def changed(before: dict[str, int], now: dict[str, int]) -> dict[str, Any]:
    """By name, or by environment where all of it is stopped."""
    found: dict[str, Any] = {}
    for environment in {name.partition("/")[0] for name in before}:
        mine = [name for name in before if name.startswith(f"{environment}/")]
        if all(now.get(name, 0) == 0 for name in mine):
            found[environment] = "stopped"
            continue
        found |= {name.partition("/")[2]: now.get(name, 0) for name in mine if now.get(name, 0) != before[name]}
    return found


def more(before: dict[str, int], now: dict[str, int]) -> dict[str, int]:
    return {name: number - before[name] for name, number in now.items() if number != before[name]}


def spoken(talk: Talk, turn: dict[str, Any]) -> dict[str, Any]:
    """What the turn comes to."""
    after = turn.get("after", "0m")
    talk.clock.at += timedelta(seconds=float(after[:-1]) * UNITS[after[-1]])
    talk.away = turn.get("away", False)
    given = turn.get("model", [])
    decided = [(turn[key], does) for key, does in DECISIONS.items() if key in turn]
    plans = given if isinstance(given, list) else [given]
    view = talk.say(turn["say"], turn.get("by", "ana"), plans, decided=decided[0] if decided else None)
    assert bool(talk.asked_for) == (bool(decided) or view["status"] == "parked"), (turn, view["answer"])
    return view


@pytest.mark.parametrize("dialogue", DIALOGUES, ids=lambda one: f"{one['subject']}: {one['name']}")
def test_a_conversation_comes_to_what_is_meant(dialogue: dict[str, Any]) -> None:
    talk = Talk()
    talk.place = CHANNEL if "channel" in dialogue else None
    cloud, kept = talk.cloud, talk.kept
    different: dict[str, Any] = {}
    there: dict[str, int] = {}
    for turn in dialogue["turns"]:
        told = len(talk.told)
        view = spoken(talk, turn)
        answer = view["answer"] or ""
        assert not talk.model.unwanted and not talk.model.answers, (turn, "the model was not asked as is told", answer)
        assert (view["outcome"] or view["status"]) == turn.get("outcome", "succeeded"), (turn, answer)
        if "plan" in turn:
            assert talk.tools_of(view) == turn["plan"], (turn, answer)
        if "intent" in turn:
            assert talk.intent_of(view) == turn["intent"], (turn, answer)
        if "reads" in turn:
            assert talk.read_for(view) == turn["reads"], (turn, answer)
        for words in turn.get("says", []):
            assert words in answer, (turn, answer)
        for words in turn.get("never", []):
            assert words not in answer, (turn, answer)
        asked = "\n".join(one.user for one in talk.model.prompts)
        assert all(words in asked for words in turn.get("prompted", [])), (turn, asked[-3000:])
        assert not any(words in asked for words in turn.get("prompted_not", [])), (turn, asked[-3000:])
        different = turn.get("cloud", different)
        assert changed(cloud, talk.cloud) == different, (turn, answer)
        there = turn.get("kept", there)
        assert more(kept, talk.kept) == there, (turn, answer)
        sent = talk.told[told:]
        wanted = turn.get("told", {})
        assert sorted({channel for channel, _ in sent}) == sorted(wanted), (turn, answer)
        for channel, text in sent:
            assert all(words in text for words in wanted[channel]), (turn, text)


def test_there_are_as_many_as_are_promised() -> None:
    assert len(DIALOGUES) >= 60 and all(2 <= len(one["turns"]) <= 8 for one in DIALOGUES)
    assert len({(one["subject"], one["name"]) for one in DIALOGUES}) == len(DIALOGUES)
