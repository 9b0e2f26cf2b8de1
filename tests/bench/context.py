"""Whether what a model is told of a long conversation holds what a question needs, and how that grows: ours beside the
whole conversation, as much of its end as has the same room, and a plain search of its turns in the same room.

Conversations are made up from a seed. Each has something said, done or failed at a known distance before the question.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from math import log
from typing import Literal, NamedTuple

from copilot.domain import (
    AUTHOR,
    About,
    Arguments,
    Focus,
    Item,
    Outcome,
    Past,
    Person,
    Plan,
    Revision,
    Run,
    StepState,
    Trigger,
    Turn,
)
from copilot.language_model.context import Context, recent_turns, told, told_whole
from copilot.language_model.retrieval import stems
from copilot.language_model.shares import MOST
from copilot.language_model.summary import summary_for
from copilot.memory.summing_up import summed_up
from copilot.ports import RunRecord
from copilot.text.bounding import as_json, bounded_ends
from copilot.text.tokens import count_tokens
from copilot.tools.registry import Registry

Kind = Literal["name", "outcome", "reason", "figure", "said", "count", "order", "how often", "first"]
NEAR, DISTANCES, REQUESTS = 3, (30, 300), 320
SEEDS = (11, 12, 13)
ENVIRONMENTS = {11: 36, 12: 36, 13: 288}
"""How many there are in the conversation of a seed: the more, the less is asked of the same again."""
BEGUN = datetime(2026, 3, 2, 9, tzinfo=UTC)
ANA = Person(id="ana", name="Ana", roles=("developer",))
BESIDES = 2_500
"""Tokens of the rest of a prompt: rules, tools, the request."""
REGISTRY = Registry()
TREES = (
    "alder aspen beech birch cedar cherry chestnut cypress elder elm fir hazel hemlock hickory holly hornbeam juniper "
    "larch laurel linden locust magnolia maple mulberry oak olive osier palm pear pine plane plum poplar quince "
    "redwood rowan sequoia spruce sumac sycamore tamarack walnut willow yew"
).split()
TEAMS = "orders billing basket storefront search ledger catalog shipping returns loyalty profiles mailer".split()
STATUS = About(shows="status", kind="development")


@dataclass
class Talk:
    """A conversation of one person, one request a quarter of an hour after the other, and what is kept of it."""

    turns: list[Turn] = field(default_factory=list)
    past: Past = field(default_factory=Past)
    at: datetime = BEGUN
    services: int = 1
    person: Person = ANA

    def say(
        self, text: str, tool: str, names: Sequence[str], answer: str, outcome: Outcome = "succeeded", bad: int = 0
    ) -> None:
        """`bad` of the calls failed, the last ones."""
        self.at += timedelta(minutes=15)
        number = len(self.turns) // 2
        trigger = Trigger(
            kind="api",
            tenant="main",
            person=self.person,
            text=text,
            conversation=f"{self.person.id}/long",
            dedupe_key=f"k{number}",
            received_at=self.at,
        )
        run = Run(run_id=f"r{number:015x}", trigger=trigger, outcome=outcome)
        turn = Turn(run_id=run.run_id, author=AUTHOR, text=answer, at=self.at + timedelta(seconds=9), about=STATUS)
        steps = {}
        if tool:
            items = tuple(_item(n, name, n >= len(names) - bad) for n, name in enumerate(names or ("",)))
            steps = {"s": StepState(step_id="s", tool=tool, for_each=len(items) > 1, items=items)}
        record = RunRecord(run, (Revision(plan=Plan(goal=text)),), steps)
        self.turns += [Turn(run_id=run.run_id, author=self.person.id, text=text, at=self.at), turn]
        self.past = self.past.after(summed_up(record, turn, (), REGISTRY))


def _item(index: int, name: str, failed: bool) -> Item:
    arguments: Arguments = {"environment_id": name} if name else {}
    return Item(index=index, arguments=arguments, status="failed" if failed else "done")


class Question(NamedTuple):
    """`asks` something about what stood so many turns before; `answer` is the answer, and a context holds it that has
    all of `needs`, each a pattern, in that order for an order; or, of `again`, as many as `times`.
    """

    kind: Kind
    distance: int
    asks: str
    answer: str
    needs: tuple[str, ...]
    again: str = ""
    times: int = 0

    def is_held_by(self, context: str) -> bool:
        if self.again and context.count(self.again) >= self.times:
            return True
        found = [re.search(one, context) for one in self.needs]
        places = [one.start() if one else -1 for one in found]
        return all(place >= 0 for place in places) and (self.kind != "order" or places == sorted(places))


class Case(NamedTuple):
    talk: Talk
    question: Question


def cases() -> Iterator[Case]:
    """The same each time. What is asked about stands so many turns before the question, or up to sixteen more."""
    for seed in SEEDS:
        of = random.Random(seed)
        trees = of.sample(TREES, len(TREES))
        talk = Talk(services=ENVIRONMENTS[seed] // 36)
        asked = [_first(talk, of, [trees.pop()], REQUESTS * 2)]
        for left in range(REQUESTS, 0, -1):
            if left * 2 in DISTANCES:
                asked += [plant(talk, of, [trees.pop() for _ in range(2)], left * 2) for plant in _PLANTED]
            fill(talk, of)
        asked.append(_how_often(talk))
        yield from (Case(talk, question) for question in asked)
        for plant in _PLANTED:
            near = Talk([*talk.turns], talk.past, talk.at, talk.services)
            question = plant(near, of, [trees.pop() for _ in range(2)], NEAR)
            fill(near, of)
            yield Case(near, question)


def fill(talk: Talk, of: random.Random) -> None:
    """What is asked day by day: four of five requests only look."""
    team, kind = of.choice(TEAMS), of.choice(("dev", "staging", "preview"))
    name = f"{team}-{of.randint(1, talk.services)}-{kind}" if talk.services > 1 else f"{team}-{kind}"
    draw = of.random()
    if draw < 0.25:
        lines = "\n".join(f"- {one}-dev, running, 4 tasks" for one in TEAMS)
        talk.say("list the dev environments", "list_environments@1", (), f"12 development environments:\n{lines}")
    elif draw < 0.45:
        answer = f"{name} is running with CPU at {of.randint(1, 90)}.{of.randint(0, 9)} % at most in 6 hours."
        talk.say(f"is {name} idle?", "environment_activity@1", (name,), answer)
    elif draw < 0.65:
        talk.say(f"how is {name}?", "cluster_health@1", (name,), f"{name}: healthy.")
    elif draw < 0.8:
        talk.say("thanks", "", (), "You are welcome.")
    elif draw < 0.92:
        talk.say(f"stop {name}", "stop_environment@1", (name,), f"{name} is stopped: 4 of 4 services.")
    else:
        talk.say(f"start {name}", "start_environment@1", (name,), f"{name} is started: 4 of 4 services.")


def _name(talk: Talk, of: random.Random, trees: Sequence[str], distance: int) -> Question:
    name = f"{trees[0]}-dev"
    talk.say(f"stop {name} for the {trees[1]} migration", "stop_environment@1", (name,), f"{name} is stopped: 3 of 3.")
    asks = f"which environment did you stop for the {trees[1]} migration?"
    return Question("name", distance, asks, name, (name, f"{trees[1]} migration"))


def _outcome(talk: Talk, of: random.Random, trees: Sequence[str], distance: int) -> Question:
    name, went = f"{trees[0]}-staging", of.choice(("well", "badly"))
    if went == "well":
        talk.say(f"start {name}", "start_environment@1", (name,), f"{name} is started: 5 of 5 services.")
        return Question("outcome", distance, f"did {name} start when I asked?", "yes", (name, "started|succeeded"))
    lost = f"Not done:\n- start environment {name}: no capacity for its tasks. Nothing was changed"
    talk.say(f"start {name}", "start_environment@1", (name,), f"Nothing started.\n\n{lost}", "failed", 1)
    return Question("outcome", distance, f"did {name} start when I asked for it?", "no", (name, "capacity"))


def _reason(talk: Talk, of: random.Random, trees: Sequence[str], distance: int) -> Question:
    names = [f"{trees[0]}-{n}-preview" for n in range(4)]
    why = of.choice(("its database is being backed up", "a deployment of it is under way", "it is frozen by lee"))
    done = ", ".join(names[:3])
    text = f"Stopped 3: {done}." + f"\n- {names[0]}: 12 services, as they were kept to be started again" * 6
    text += f"\n\nNot done:\n- stop environment {names[3]}: {why}. Nothing was changed"
    talk.say(f"stop the previews of {trees[1]}", "stop_environment@1", names, text, "partial", 1)
    return Question("reason", distance, f"why was {names[3]} not stopped?", why, (names[3], why))


def _figure(talk: Talk, of: random.Random, trees: Sequence[str], distance: int) -> Question:
    name, cost = f"{trees[0]}-dev", f"${of.randint(100, 999)}.{of.randint(10, 99)}"
    talk.say(f"what did {name} cost last week?", "costs@1", (name,), f"{name} cost {cost} last week, 4 % more.")
    return Question("figure", distance, f"what did you say {name} had cost?", cost, (name, re.escape(cost)))


def _said(talk: Talk, of: random.Random, trees: Sequence[str], distance: int) -> Question:
    day = of.choice(("Tuesday", "Wednesday", "Thursday"))
    talk.say(f"by the way, the {trees[0]} release goes out on {day}", "", (), "Good to know.")
    return Question("said", distance, f"when did I say the {trees[0]} release goes out?", day, (trees[0], day))


def _count(talk: Talk, of: random.Random, trees: Sequence[str], distance: int) -> Question:
    names = [f"{trees[0]}-{n}-dev" for n in range(of.randint(7, 12))]
    lines = "\n".join(f"- {name}: stopped, 4 services, which were idle for a day and more" for name in names)
    talk.say(f"stop everything of {trees[0]}", "stop_environment@1", names, f"Stopped:\n{lines}")
    needs = (trees[0], f"{len(names)} done")
    asks = f"how many environments of {trees[0]} did you stop?"
    return Question("count", distance, asks, str(len(names)), needs, f"- {trees[0]}-", len(names))


def _order(talk: Talk, of: random.Random, trees: Sequence[str], distance: int) -> Question:
    first, second = f"{trees[0]}-dev", f"{trees[1]}-dev"
    talk.say(f"stop {first}", "stop_environment@1", (first,), f"{first} is stopped: 2 of 2 services.")
    talk.say(f"stop {second}", "stop_environment@1", (second,), f"{second} is stopped: 2 of 2 services.")
    asks = f"what did you stop earlier, {second} or {first}?"
    needs = (f"stop {first}|{first} is stopped", f"stop {second}|{second} is stopped")
    return Question("order", distance, asks, first, needs)


def _how_often(talk: Talk) -> Question:
    times = sum(turn.text == "list the dev environments" for turn in talk.turns)
    needs = (rf"list environments \({times:,}\)",)
    asks = "how many times have I had the environments listed?"
    return Question("how often", len(talk.turns), asks, str(times), needs, "list the dev environments", times)


def _first(talk: Talk, of: random.Random, trees: Sequence[str], distance: int) -> Question:
    """At the start of all."""
    name = f"{trees[0]}-dev"
    talk.say(f"please stop {name} for me", "stop_environment@1", (name,), f"{name} is stopped: 3 of 3 services.")
    asks = "what was the environment you stopped for me at the start?"
    return Question("first", distance, asks, name, (f"stop {name}",))


_PLANTED: list[Callable[[Talk, random.Random, Sequence[str], int], Question]] = [
    _name,
    _outcome,
    _reason,
    _figure,
    _said,
    _count,
    _order,
]


# what is told of it


def ours(talk: Talk, asks: str) -> str:
    turns = recent_turns(talk.turns[-20:])
    lately = {turn.at for turn in turns}
    summary = summary_for(talk.past, asks, told_whole(turns), talk.at, "UTC", lately)
    context = Context(now=talk.at, turns=turns, summary=summary, focus=Focus(past=talk.past))
    return "\n".join(part.text for part in told(context, BESIDES) if part.name in {"turns", "summary"})


def uncut(talk: Talk, asks: str) -> str:
    return "\n".join(_line(turn, 100_000) for turn in talk.turns)


def cut(talk: Talk, asks: str) -> str:
    """As much of its end as has our room."""
    return "\n".join(reversed(list(_fitting(_line(turn, 100) for turn in reversed(talk.turns)))))


def searched(talk: Talk, asks: str) -> str:
    """The exchanges with most of the request's words in them (BM25), as many as have our room, in their order."""
    pairs = [(talk.turns[n], talk.turns[n + 1]) for n in range(0, len(talk.turns), 2)]
    words = [_stems(f"{one.text} {other.text}") for one, other in pairs]
    typical = sum(map(len, words)) / len(words)
    having = {word: sum(word in some for some in words) for word in set(stems(asks))}

    def score(some: Sequence[str]) -> float:
        drag = 1.2 * (0.4 + 0.6 * len(some) / typical)
        found = ((log(1 + (len(words) - n + 0.5) / (n + 0.5)), some.count(word)) for word, n in having.items())
        return sum(rare * times * 2.2 / (times + drag) for rare, times in found)

    order = sorted(range(len(pairs)), key=lambda n: (-score(words[n]), -n))
    lines = ["\n".join(_line(turn, 100) for turn in pairs[n]) for n in order]
    chosen = {lines.index(line) for line in _fitting(lines)}
    return "\n".join(lines[place] for place in sorted(chosen, key=lambda place: order[place]))


@lru_cache(maxsize=10_000)
def _stems(text: str) -> tuple[str, ...]:
    return tuple(stems(text))


@lru_cache(maxsize=10_000)
def _tokens(line: str) -> int:
    return count_tokens(line)


def _fitting(lines: Sequence[str] | Iterator[str]) -> Iterator[str]:
    room = MOST
    for line in lines:
        if (room := room - _tokens(line) - 1) < 0:
            return
        yield line


@lru_cache(maxsize=10_000)
def _line(turn: Turn, tokens: int) -> str:
    by = AUTHOR if turn.author == AUTHOR else "person"
    return f"data: {as_json({'by': by, 'text': bounded_ends(turn.text, tokens)})}"


WAYS: dict[str, Callable[[Talk, str], str]] = {
    "ours": ours,
    "the whole": uncut,
    "its end, same room": cut,
    "search, same room": searched,
}


class Held(NamedTuple):
    """How many of the questions, by kind and by distance, and the most tokens it took."""

    held: dict[tuple[Kind, int], int]
    of: dict[tuple[Kind, int], int]
    tokens: int

    @property
    def part(self) -> float:
        return sum(self.held.values()) / sum(self.of.values())


def what_is_held() -> dict[str, Held]:
    """By way of telling."""
    found = {way: Held({}, {}, 0) for way in WAYS}
    for talk, question in cases():
        place = (question.kind, question.distance)
        for way, tell in WAYS.items():
            context, one = tell(talk, question.asks), found[way]
            one.of[place] = one.of.get(place, 0) + 1
            one.held[place] = one.held.get(place, 0) + question.is_held_by(re.sub(r"\\n", "\n", context))
            found[way] = one._replace(tokens=max(one.tokens, sum(_tokens(line) + 1 for line in context.splitlines())))
    return found
