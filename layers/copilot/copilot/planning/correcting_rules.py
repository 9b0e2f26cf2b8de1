"""Which rules that stand a new one takes the place of, and which stay beside it. Pure.

A rule that says something else of the same is no correction: it takes the place of one only where a person says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from copilot.domain import Companion, Day, Exclusion, Fact, FactName, Stretches
from copilot.planning.fact_words import FactSaid
from copilot.planning.rule_words import OFF_LIMITS, RuleSaid
from copilot.planning.rules_in_words import Unclear


def replaced(
    said: RuleSaid, rule: Exclusion | Companion, until: datetime | None, there: Sequence[Fact], not_on: Sequence[Day]
) -> list[Fact]:
    """Those of `there` that the new one takes the place of: of the very same changes, and by the words of correction
    those on the days that are taken back, all, or what was said last.
    """
    name = FactName.of_rule(rule, until)
    same = [one for one in there if one.name != name and _is_of(one, rule)]
    alike = [one for one in same if not isinstance(rule, Exclusion) or _effect(one) == rule.effect]
    if taken_back := [one for one in alike if _is_on(one, not_on, rule)]:
        return taken_back
    if said.corrects == "all":
        return alike
    return [max(same, key=lambda one: one.at)] if said.corrects == "last" and same else []


def beside(
    rule: Exclusion | Companion, until: datetime | None, there: Sequence[Fact], gone: Sequence[Fact]
) -> list[Fact]:
    """Those of `there` that say something else of the same, whatever the sort of change."""
    name, of = FactName.of_rule(rule, until), rule.of.model_copy(update={"changes": ()})
    rules = [(one, _rule(one)) for one in there if one.name != name and one not in gone]
    return [
        one
        for one, other in rules
        if other is not None
        and isinstance(other, type(rule))
        and other.of.model_copy(update={"changes": ()}) == of
        and (not rule.of.changes or not other.of.changes or {*rule.of.changes} & {*other.of.changes})
    ]


def _rule(fact: Fact) -> Exclusion | Companion | None:
    return fact.exclusion or fact.companion


def _is_of(fact: Fact, rule: Exclusion | Companion) -> bool:
    other = _rule(fact)
    return other is not None and isinstance(other, type(rule)) and other.of == rule.of


def _effect(fact: Fact) -> str:
    return fact.exclusion.effect if fact.exclusion else ""


def _is_on(fact: Fact, not_on: Sequence[Day], rule: Exclusion | Companion) -> bool:
    """Whether it is on days that are taken back, and on no other that the new one leaves out."""
    days = {*fact.exclusion.when.days} if fact.exclusion else set[Day]()
    now = {*rule.when.days} if isinstance(rule, Exclusion) else set[Day]()
    return bool(days & {*not_on}) and days <= {*not_on} | now


def narrowed(said: FactSaid, rule: Exclusion | Companion | Unclear | None, found: Sequence[Fact]) -> list[Fact]:
    """Those of the ones found that are meant to be forgotten: where times are said no others, and where an effect or
    an end is said those that have it, if any do.
    """
    left = list(found)
    if isinstance(rule, Companion):
        return [one for one in left if _is_of(one, rule)] or left
    if isinstance(rule, Exclusion):
        always = Stretches(time_zone=rule.when.time_zone)
        exactly = [one for one in left if one.exclusion and _times(one.exclusion) == _times(rule)]
        left = exactly if exactly or rule.when != always else left
    effect = rule.effect if isinstance(rule, Exclusion) else "deny" if OFF_LIMITS.search(said.value) else ""
    left = [one for one in left if _effect(one) == effect] or left
    return [one for one in left if bool(one.until) == bool(said.until)] or left if rule else left


def _times(exclusion: Exclusion) -> Stretches:
    return exclusion.when.model_copy(update={"time_zone": ""})
