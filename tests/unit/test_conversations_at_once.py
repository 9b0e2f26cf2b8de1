"""Two hundred turns in fifty conversations, all at once: each conversation's in their order, none lost, none twice."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import timedelta
from queue import Empty, Queue
from threading import Lock
from typing import Any

from talk_world import MONDAY, PEOPLE, Talk

from copilot.domain import AUTHOR, Asked, Run, Trigger

CONVERSATIONS, WORKERS = 50, 16
TURNS = (
    ("list the dev environments", "Environments (3):\n- basket"),
    ("how is the second one", "pricing (development): healthy"),
    ("what about staging?", "staging (staging): healthy"),
    ("how is it", "staging (staging): healthy"),
)
"""Each means what is said only after the one before it."""


class Machines:
    """ports.Workflow: what is started waits for one of some workers, as executions do."""

    def __init__(self) -> None:
        self.waiting: Queue[Run] = Queue()
        self.started: Counter[str] = Counter()

    def start(self, run: Run, execution: int) -> None:
        self.started[f"{run.run_id}-{execution}"] += 1
        if self.started[f"{run.run_id}-{execution}"] == 1:  # the name is taken: it is no second one
            self.waiting.put(run)

    def wake(self, token: str) -> None: ...

    def is_running(self, run: Run) -> bool:
        return True


class Busy:
    def __init__(self) -> None:
        self.talk, self.machines = Talk(), Machines()
        self.talk.say("how is live", plans=[])  # whatever is made once is made
        self.use_cases: Any = self.talk.process.use_cases
        self.use_cases.workflow = self.machines
        self.use_cases.__dict__.pop("ingest", None)
        self.at_work: dict[str, str] = {}
        self.overlapped: list[str] = []
        self.guard = Lock()
        self.left = CONVERSATIONS * len(TURNS)

    def trigger(self, conversation: int, turn: int) -> Trigger:
        asked = Asked(text=TURNS[turn][0], conversation=f"c{conversation}", dedupe_key=f"k{conversation}-{turn}")
        at = MONDAY + timedelta(minutes=1, seconds=turn)
        return Trigger.asked(asked, "main", PEOPLE["ana"], at, None)

    def say_all(self, conversation: int) -> None:
        """Each of them comes twice, and none waits for the answer to the one before it."""
        for turn in range(len(TURNS)):
            for _ in range(2):
                self.use_cases.ingest(self.trigger(conversation, turn))

    def work(self, _: int) -> None:
        while self.left > 0:
            try:
                run = self.machines.waiting.get(timeout=0.05)
            except Empty:
                continue
            with self.guard:
                if run.conversation in self.at_work:
                    self.overlapped.append(run.run_id)
                self.at_work[run.conversation] = run.run_id
            self.use_cases.make_plan(run.tenant, run.run_id)
            self.talk.process.go_on(run)
            with self.guard:
                del self.at_work[run.conversation]
                self.left -= 1
            self.use_cases.ingest.start_next(run.tenant, run.conversation)


def test_two_hundred_turns_in_fifty_conversations() -> None:
    busy = Busy()
    with ThreadPoolExecutor(WORKERS + CONVERSATIONS) as pool:
        said = [pool.submit(busy.say_all, number) for number in range(CONVERSATIONS)]
        done = [pool.submit(busy.work, number) for number in range(WORKERS)]
        try:
            for one in as_completed([*said, *done], timeout=120):
                one.result()
        finally:
            busy.left = 0
    assert not busy.overlapped and len(busy.machines.started) == CONVERSATIONS * len(TURNS)
    for number in range(CONVERSATIONS):
        conversation = busy.trigger(number, 0).conversation
        turns = busy.talk.store.turns("main", conversation)
        wanted = [busy.trigger(number, turn).run_id for turn in range(len(TURNS))]
        answers = [turn for turn in turns if turn.author == AUTHOR]
        assert [turn.run_id for turn in answers] == wanted, "in their order, each once"
        assert all(words in turn.text for turn, (_, words) in zip(answers, TURNS, strict=True)), answers
        assert sorted(turn.run_id for turn in turns if turn.author != AUTHOR) == sorted(wanted)
