"""How much may be changed at once: by one Run, and by all of them in an account within an hour."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from copilot.config.configuration import Configuration
from copilot.domain import Counted, Counting, Decision, Item, Kind, Known, StepState, hour_of
from copilot.ports import Store
from copilot.running.board import Board
from copilot.running.granting import GRANTED
from copilot.running.pacing import NEVER_MADE
from copilot.tools.registry import Registry

LIMIT = "limit"
"""What a Decision names besides policies where a limit decided."""
STANDING = "standing-approval"
"""What a Decision names besides policies where one covers the call, before its id: up to its most targets it asks no
more.
"""
Targets = dict[str, Kind | None]


class Judged(NamedTuple):
    """A call that was looked at, and what is decided of it."""

    step: StepState
    item: Item
    decision: Decision

    @property
    def place(self) -> tuple[str, int]:
        return self.step.step_id, self.item.index

    @property
    def is_granted(self) -> bool:
        """Whether an approval of another kind is there for it."""
        return not {GRANTED, STANDING}.isdisjoint(self.decision.policies)

    @property
    def is_asked_by_limit(self) -> bool:
        """Whether policy permits it, and a limit alone has a person asked."""
        return self.decision.outcome == "ask" and LIMIT in self.decision.policies

    def limited(self, outcome: Literal["ask", "deny"], reason: str) -> Judged:
        policies = (*self.decision.policies, LIMIT)
        said = self.decision.model_copy(update={"outcome": outcome, "policies": policies, "reason": reason})
        return self._replace(decision=said)


@dataclass(frozen=True)
class Limiting:
    """`known` is what there is, to reckon shares by: it may refuse, and permits nothing."""

    store: Store
    registry: Registry
    config: Configuration
    known: Callable[[], Known]

    def limited(self, board: Board, judged: Sequence[Judged], *, approved: bool = False) -> list[Judged]:
        """The calls as they are decided once it is reckoned how much is changed with them; those that are to be made
        are counted from then on. An approval lifts what asks, never what denies.
        """
        touching = [one for one in judged if one.item.accounts and one.decision.outcome != "deny"]
        if not touching:
            return list(judged)
        self._look(board, {(account, hour_of(board.now)) for one in touching for account in one.item.accounts})
        decided = {one.place: one for one in judged}
        for rule in (self._production, self._most_of_run, self._most_of_hour):
            for one in rule(board, touching):
                decided[one.place] = one
            touching = [one for one in touching if decided[one.place].decision.outcome != "deny"]
        if not approved:
            free = [one for one in touching if one.decision.outcome == "allow" and not one.is_granted]
            for asks in (self._asks_of_hour, self._asks_of_run):
                decided |= {one.place: one for one in asks(board, touching, free)}
        for one in touching:
            if approved or decided[one.place].decision.outcome == "allow":
                decided[one.place] = self._count(board, decided[one.place])
        return [decided[one.place] for one in judged]

    def give_back(self, board: Board) -> None:
        """What was counted and never begun counts no more. Where the Run is at its end."""
        run = board.run
        items = [(step, item) for step in board.steps.values() for item in step.items if item.counted]
        if all(item.status in {"done", "unknown"} for _, item in items):
            return
        entries = self.store.effects(run.tenant, run.run_id)
        begun = {(entry.step, entry.item) for entry in entries if entry.state != "failed_clean"}
        made = {name for step, item in items if (step.step_id, item.index) in begun for name in _names(item)}
        for step, item in items:
            if (step.step_id, item.index) not in begun:
                places = [(account, item.counted) for account in item.accounts]
                self._look(board, places)
                for place in places:
                    seen, counted = board.counting[place]
                    board.counting[place] = Counting(seen, counted.minus(run.run_id, _names(item) - made))

    # what nothing lifts but configuration

    def _production(self, board: Board, touching: Sequence[Judged]) -> list[Judged]:
        most = self.config.limits.production_accounts
        before = {
            account for item in _others(board, touching) if item.kind == "production" for account in item.accounts
        }
        live = [one for one in touching if one.item.kind == "production"]
        accounts = before.union(*(one.item.accounts for one in live))
        if len(accounts) <= most:
            return []
        told = ", ".join(self._named(account) for account in sorted(accounts))
        reason = (
            f"one run changes production in {most} account{'' if most == 1 else 's'} at most, and this is of "
            f"{len(accounts)} ({told}); no approval lifts that, only limits.production_accounts in the "
            "configuration. Ask for one account at a time"
        )
        allowed = before if len(before) >= most else frozenset[str]()
        return [one.limited("deny", reason) for one in live if not allowed >= {*one.item.accounts}]

    def _most_of_run(self, board: Board, touching: Sequence[Judged]) -> list[Judged]:
        most, total = self.config.limits.most, len(_of_run(board, touching))
        if total <= most:
            return []
        reason = (
            f"one run changes {most} environments at most, and this one would change {total}; no approval lifts that, "
            "only limits.most in the configuration. Ask for fewer at once"
        )
        return [one.limited("deny", reason) for one in touching]

    def _most_of_hour(self, board: Board, touching: Sequence[Judged]) -> list[Judged]:
        most, found = self.config.limits.most, list[Judged]()
        for account, some in _by_account(touching).items():
            there = self._in_hour(board, account)
            new = _new(some, there)
            if new and len(there) + len(new) > most:
                reason = (
                    f"in {self._named(account)} {most} environments at most are changed within an hour, {len(there)} "
                    f"were, and these would be {len(new)} more; no approval lifts that, only limits.most in the "
                    f"configuration. Ask again after {_next_hour(board)}"
                )
                found += [one.limited("deny", reason) for one in some if _names(one.item) & new.keys()]
        return found

    # what an approval lifts

    def _asks_of_run(self, board: Board, touching: Sequence[Judged], free: Sequence[Judged]) -> list[Judged]:
        targets, most = _of_run(board, touching), self.config.limits.asks_above
        number = len(targets) + self._unseen(board)
        if number > most:
            reason = (
                f"this run changes {number} environments, and more than {most} (limits.asks_above) need an approval"
            )
            return [one.limited("ask", reason) for one in free]
        return [
            one.limited("ask", f"this run changes {many}")
            for kind, some in _by_kind(free).items()
            if (many := self._too_many(kind, targets))
            for one in some
        ]

    def _asks_of_hour(self, board: Board, touching: Sequence[Judged], free: Sequence[Judged]) -> list[Judged]:
        most, found = self.config.limits.asks_above, list[Judged]()
        for account, some in _by_account(touching).items():
            there = self._in_hour(board, account)
            new = _new(some, there)
            number = len(there) + len(new)
            changed = f"with this, since {hour_of(board.now)[-2:]}:00 UTC all runs change in {self._named(account)} "
            mine = [one for one in free if account in one.item.accounts and _names(one.item) & new.keys()]
            for kind, of_kind in _by_kind(mine).items():
                if many := self._too_many(kind, there | new):
                    found += [one.limited("ask", f"{changed}{many}") for one in of_kind]
            if number > most:
                reason = f"{changed}{number} environments, and more than {most} (limits.asks_above) need an approval"
                found += [one.limited("ask", reason) for one in mine]
        return found

    def _too_many(self, kind: Kind, targets: Targets) -> str:
        """What is said where these are more of a kind than its share; "" where they are not."""
        number = sum(one == kind for one in targets.values())
        if number <= 1:
            return ""
        there = sum(one.kind == kind for one in self.known().environments)
        most = max(1, there * self.config.limits.asks_above_percent // 100)
        if number <= most:
            return ""
        share = f"{self.config.limits.asks_above_percent} percent of the {there} that are known"
        more = f"more than {most} ({share}, limits.asks_above_percent) need an approval"
        return f"{number} {kind} environments, and {more}"

    # what is counted

    def _look(self, board: Board, places: Iterable[tuple[str, str]]) -> None:
        if new := [place for place in places if place not in board.counting]:
            found = self.store.counted(board.run.tenant, new)
            for account, hour in new:
                seen = found.get((account, hour))
                board.counting[account, hour] = Counting(seen, seen or Counted(account=account, hour=hour))

    def _count(self, board: Board, one: Judged) -> Judged:
        hour = hour_of(board.now)
        for account in one.item.accounts:
            seen, counted = board.counting[account, hour]
            targets = dict.fromkeys(_names(one.item), one.item.kind)
            board.counting[account, hour] = Counting(seen, counted.plus(board.run.run_id, targets))
        return one._replace(item=one.item.model_copy(update={"counted": hour}))

    def _in_hour(self, board: Board, account: str) -> Targets:
        counted = board.counting[account, hour_of(board.now)].counted
        return {name: target.kind for name, target in counted.targets.items()}

    def _unseen(self, board: Board) -> int:
        """How many calls are still to be looked at that may change something as well."""
        return sum(
            item.phase == "preview" and self.registry.entry(step.tool).resource == "Environment"
            for step, item in board.items("open")
        )

    def _named(self, account: str) -> str:
        name = next((one.name for one in self.config.accounts if one.id == account), "")
        return f"account {name} ({account})" if name else f"account {account}" if account else "no account"


def counted_otherwise(board: Board) -> list[Counting]:
    """What is to be kept of it with the wave."""
    return [one for one in board.counting.values() if one.is_change]


def _names(item: Item) -> set[str]:
    return {f"{target.type}#{target.id}" for target in item.targets}


def _of(items: Iterable[Item]) -> Targets:
    return {name: item.kind for item in items for name in sorted(_names(item))}


def _others(board: Board, touching: Sequence[Judged]) -> list[Item]:
    """What else this Run has changed or may still change."""
    mine = {one.place for one in touching}
    return [
        item
        for step in board.steps.values()
        for item in step.items
        if item.accounts and item.status not in NEVER_MADE and (step.step_id, item.index) not in mine
    ]


def _of_run(board: Board, touching: Sequence[Judged]) -> Targets:
    return _of([*_others(board, touching), *(one.item for one in touching)])


def _by_account(touching: Sequence[Judged]) -> dict[str, list[Judged]]:
    accounts = sorted({account for one in touching for account in one.item.accounts})
    return {account: [one for one in touching if account in one.item.accounts] for account in accounts}


def _by_kind(some: Sequence[Judged]) -> dict[Kind, list[Judged]]:
    """Those of the kinds of which a share is the most that is changed without an approval."""
    kinds: tuple[Kind, ...] = ("staging", "production")
    return {kind: found for kind in kinds if (found := [one for one in some if one.item.kind == kind])}


def _new(some: Sequence[Judged], there: Targets) -> Targets:
    return {name: kind for name, kind in _of(one.item for one in some).items() if name not in there}


def _next_hour(board: Board) -> str:
    return f"{(int(hour_of(board.now)[-2:]) + 1) % 24:02}:00 UTC"
