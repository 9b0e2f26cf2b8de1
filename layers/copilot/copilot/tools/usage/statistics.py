"""Usage statistics: what ran, what was idle, what that cost, what the copilot was asked for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple, get_args

from pydantic import AwareDatetime, Field

from copilot.domain import AnsweredRun, Environment, Frozen, Kind, Outcome, Resource, Size
from copilot.errors import ToolInputError
from copilot.ports import Answers
from copilot.text.listing import count, listed
from copilot.text.outside import quoted, quoted_people
from copilot.tools.environments.inventory import Types, members, type_of, uncovered, unreachable
from copilot.tools.tool import HOURS, ReadTool
from copilot.tools.usage.costs import Cost, cost_of, cost_words, headline, money, together, with_commas
from copilot.tools.usage.hours import Hours, hours_of
from copilot.tools.usage.period import Period
from copilot.tools.usage.prices import PriceList, price_list
from copilot.tools.usage.rows import DayUsage, EnvironmentUsage, GroupUsage, RunCount, UsageStatistics

MOST_DAYS = 92
LISTED_AT_MOST = 200
GROUPS_AT_MOST = 40
LONGEST_AGO = timedelta(days=200)
"""Deployments are kept that long, CloudWatch's hourly figures and the journal longer."""
TOP = 5
NO_OWNER = "no owner"
NO_LACK = 24
"""Hours at the beginning of a period without any figure of anything that are no lack of history yet."""


class UsageStatisticsInput(Frozen):
    days: int = Field(default=30, ge=1, le=MOST_DAYS, description="to the last full hour")
    until: AwareDatetime | None = Field(default=None, description="the end, in place of that")
    kinds: tuple[Kind, ...] = Field(default=(), description="else all")
    cpu_below: float = Field(default=5.0, gt=0, le=100, description="percent up to which it is idle")


class CollectUsageStatistics(ReadTool[UsageStatisticsInput, UsageStatistics]):
    """Of the environments there are now: what was deleted meanwhile is not counted."""

    name = "usage_statistics"
    summary = "Count the hours environments ran and were idle, what that cost, and the copilot's runs."
    Input = UsageStatisticsInput
    Output = UsageStatistics
    lasts = HOURS
    shows = "cost"

    def run(self, input: UsageStatisticsInput) -> UsageStatistics:
        period = _period(input, self.clients.clock.now())
        platform = self.clients.platform
        survey = platform.survey()
        wanted = [one for one in survey.environments if not input.kinds or one.kind in input.kinds]
        # A member of a group or a database cluster runs, and is billed, as part of it.
        by_environment = {one.name: uncovered(members(survey, one.name)) for one in wanted}
        resources = [resource for some in by_environment.values() for resource in some]
        hourly = platform.hourly(resources, period.since, period.hours)
        used = [(one, hours_of(by_environment[one.name], hourly, period.hours, input.cpu_below)) for one in wanted]
        was_idle = {id for _, hours in used for id, number in hours.idle_by_resource.items() if number}
        # Only what was idle has to be priced.
        sizes = platform.sizes([resource for resource in resources if resource.ref.id in was_idle])
        prices = price_list()
        by_hour = {id: prices.hour(size) for id, size in sizes.items()}
        usages = [Usage(environment, hours, cost_of(hours.idle_by_resource, by_hour)) for environment, hours in used]
        usages.sort(key=lambda usage: (-sum(usage.hours.ran), usage.environment.name))
        runs, all_runs = _runs(self.clients.answers, period)
        return _statistics(
            period,
            usages,
            prices,
            unpriced=tuple(_unpriced(resources, usages, sizes, platform.types)),
            runs=runs,
            all_runs=all_runs,
            rule=(
                "An hour counts as running if any resource of the environment reported CPU or connections in it, and "
                f"as idle if it was running, with no CPU over {input.cpu_below:.4g}% and no database connection."
            ),
        ).model_copy(update={"unreachable": unreachable(survey.unreachable)})


def _period(input: UsageStatisticsInput, now: datetime) -> Period:
    """Raises ToolInputError for a time to come, or one of which nothing is known any more."""
    if input.until is None:
        return Period.ending(now, input.days)
    if not now - LONGEST_AGO <= input.until - timedelta(days=input.days) < input.until <= now:
        raise ToolInputError(f"usage can be looked at over the last {LONGEST_AGO.days} days, up to now", ours=True)
    return Period.ending(input.until, input.days)


class Usage(NamedTuple):
    """One environment's hours, and what the idle ones cost."""

    environment: Environment
    hours: Hours
    cost: Cost

    @property
    def owner(self) -> str:
        return self.environment.owner or ""


def _statistics(
    period: Period,
    usages: Sequence[Usage],
    prices: PriceList,
    unpriced: tuple[str, ...],
    runs: Sequence[AnsweredRun],
    all_runs: bool,
    rule: str,
) -> UsageStatistics:
    days = period.hours // 24
    total, idle, cost = _sums(usages)
    known = [usage for usage in usages if any(usage.hours.ran)]
    share = f" ({idle / total:.0%})" if total else ""
    silent = len(usages) - len(known)
    return UsageStatistics(
        days=days,
        since=period.since.isoformat(),
        until=period.until.isoformat(),
        period=f"{count(days, 'day')}, {period}",
        summary=(
            f"{count(len(usages), 'environment')} ran {with_commas(total)} hours in all, "
            f"{with_commas(idle)} of them idle{share}"
            + (f"; {silent} did not run at all" if silent else "")
            + _known_since(period, usages)
        ),
        hours=total,
        idle_hours=idle,
        idle_cost=money(cost),
        currency=prices.currency,
        environments=tuple(_environment(usage, prices.currency) for usage in usages[:LISTED_AT_MOST]),
        more_environments=max(0, len(usages) - LISTED_AT_MOST),
        by_kind=_groups(usages, lambda usage: usage.environment.kind, prices.currency),
        by_owner=_groups(usages, _owner, prices.currency),
        by_day=_days(period, usages, runs),
        top_idle=_top_idle(usages, prices.currency),
        cost_summary=(
            f"{headline(cost, prices.currency)} This is an estimate, by {prices.source} (of {prices.date}), without "
            "discounts, storage and traffic"
            if cost.is_known
            else f"{headline(cost, prices.currency)} The prices are {prices.source} (of {prices.date})"
        ),
        unpriced=unpriced,
        runs=len(runs),
        runs_summary=f"{count(len(runs), 'run')} of the copilot" + ("" if all_runs else " or more: not all were read"),
        runs_by_outcome=_run_counts(Counter(_outcome(run) for run in runs)),
        runs_by_person=_run_counts(Counter(quoted_people(run.person) for run in runs)),
        rule=rule,
        unreachable=(),
    )


def _known_since(period: Period, usages: Sequence[Usage]) -> str:
    """Of when the first figures are, where that is more than a day after the period's beginning. Whether there were
    none to be had before, or nothing ran, no figure says.
    """
    first = min((usage.hours.ran.index(True) for usage in usages if any(usage.hours.ran)), default=0)
    at = period.since + timedelta(hours=first)
    return f"; the first figures are of {at:%Y-%m-%d %H:%M} UTC" if first > NO_LACK else ""


def _environment(usage: Usage, currency: str) -> EnvironmentUsage:
    ran, idle = sum(usage.hours.ran), sum(usage.hours.idle)
    owner = f", owner {quoted_people(usage.owner)}" if usage.owner else ""
    cost = cost_words(usage.cost, currency, idle)
    return EnvironmentUsage(
        name=usage.environment.name,
        kind=usage.environment.kind,
        owner=usage.owner,
        hours=ran,
        idle_hours=idle,
        idle_cost=money(usage.cost),
        partly_priced=bool(usage.cost.unpriced),
        summary=(
            f"{quoted(usage.environment.name)} ({usage.environment.kind}{owner}): ran {with_commas(ran)} h, "
            f"idle {with_commas(idle)} h{cost}"
        ),
    )


def _owner(usage: Usage) -> str:
    return quoted_people(usage.owner) if usage.owner else NO_OWNER


def _top_idle(usages: Sequence[Usage], currency: str) -> tuple[str, ...]:
    idle = sorted((usage for usage in usages if any(usage.hours.idle)), key=lambda usage: -sum(usage.hours.idle))
    return tuple(_environment(usage, currency).summary for usage in idle[:TOP])


def _groups(usages: Sequence[Usage], name_of: Callable[[Usage], str], currency: str) -> tuple[GroupUsage, ...]:
    """Those with the most hours first; the rest, where there are very many, together."""
    by_name: dict[str, list[Usage]] = defaultdict(list)
    for usage in usages:
        by_name[name_of(usage)].append(usage)
    ordered = sorted(by_name.items(), key=lambda entry: (-_sums(entry[1])[0], entry[0]))
    if rest := [usage for _, some in ordered[GROUPS_AT_MOST:] for usage in some]:
        ordered = [*ordered[:GROUPS_AT_MOST], (f"{len(ordered) - GROUPS_AT_MOST} more", rest)]
    return tuple(_group(name, some, currency) for name, some in ordered)


def _group(name: str, usages: Sequence[Usage], currency: str) -> GroupUsage:
    ran, idle, cost = _sums(usages)
    words = cost_words(cost, currency, idle)
    return GroupUsage(
        name=name,
        environments=len(usages),
        hours=ran,
        idle_hours=idle,
        idle_cost=money(cost),
        partly_priced=bool(cost.unpriced),
        summary=(
            f"{name}: {count(len(usages), 'environment')}, ran {with_commas(ran)} h, idle {with_commas(idle)} h{words}"
        ),
    )


def _days(period: Period, usages: Sequence[Usage], runs: Sequence[AnsweredRun]) -> tuple[DayUsage, ...]:
    ran, idle = Counter[date](), Counter[date]()
    dates = [period.date_of(hour) for hour in range(period.hours)]
    for usage in usages:
        ran.update(day for day, on in zip(dates, usage.hours.ran, strict=True) if on)
        idle.update(day for day, on in zip(dates, usage.hours.idle, strict=True) if on)
    answered = Counter(run.at.astimezone(UTC).date() for run in runs)
    return tuple(
        DayUsage(day=day.isoformat(), hours=ran[day], idle_hours=idle[day], runs=answered[day]) for day in period.dates
    )


def _runs(answers: Answers, period: Period) -> tuple[list[AnsweredRun], bool]:
    """The runs answered in it, and whether these are all."""
    days = [answers.answered(day) for day in period.dates]
    found = [run for day in days for run in day.runs if period.since <= run.at <= period.now]
    return found, all(day.complete for day in days)


def _outcome(run: AnsweredRun) -> str:
    known = run.outcome in get_args(Outcome)
    return run.outcome.replace("_", " ") if known else quoted(run.outcome)


def _run_counts(counter: Counter[str]) -> tuple[RunCount, ...]:
    ordered = sorted(counter.items(), key=lambda entry: (-entry[1], entry[0]))
    if rest := sum(number for _, number in ordered[GROUPS_AT_MOST:]):
        ordered = [*ordered[:GROUPS_AT_MOST], (f"{len(ordered) - GROUPS_AT_MOST} more", rest)]
    return tuple(RunCount(name=name, runs=number, summary=f"{name}: {number}") for name, number in ordered)


def _unpriced(
    resources: Iterable[Resource], usages: Sequence[Usage], sizes: Mapping[str, Size], types: Types
) -> Iterable[str]:
    """What is left out of the cost: a line for each kind of thing that has no price, with its idle hours."""
    by_id = {resource.ref.id: resource for resource in resources}
    names: dict[str, list[str]] = defaultdict(list)
    hours: Counter[str] = Counter()
    for usage in usages:
        for id in usage.cost.unpriced:
            resource, size = by_id[id], sizes.get(id)
            noun = type_of(resource.ref.type, types).noun
            what = f"{_billed(size)} in {size.region}" if size else f"a {noun} whose size could not be read"
            names[what].append(quoted(resource.name))
            hours[what] += usage.hours.idle_by_resource[id]
    ordered = sorted(names, key=lambda what: (-hours[what], what))
    for what in ordered[:GROUPS_AT_MOST]:
        yield f"{what} ({listed(sorted(set(names[what])))}), {with_commas(hours[what])} idle hours"
    if (more := len(ordered) - GROUPS_AT_MOST) and more > 0:
        yield f"{more} more kinds of resources"


def _billed(size: Size) -> str:
    """Of Fargate the size names but the processor."""
    return f"Fargate tasks ({size.name})" if size.product == "fargate" else size.name


def _sums(usages: Sequence[Usage]) -> tuple[int, int, Cost]:
    """Hours, idle hours, cost."""
    ran, idle = sum(sum(usage.hours.ran) for usage in usages), sum(sum(usage.hours.idle) for usage in usages)
    return ran, idle, together(usage.cost for usage in usages)
