"""What environments, services or the whole cost: from the bill where it may be asked for, else by estimate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from copilot.domain import AccountBill, Bill, Resource, Survey
from copilot.errors import ToolInputError
from copilot.text.nearness import nearest, squashed
from copilot.text.outside import quoted
from copilot.tools.by_hand import TOOL_RUN, ByHand, tool_run
from copilot.tools.environments.inventory import (
    Listing,
    members,
    not_found,
    summaries,
    surveyed,
    type_of,
    uncovered,
    unreachable,
)
from copilot.tools.tool import HOURS, ReadTool
from copilot.tools.usage.billed import COMMAND, Billed, BilledAccount, bill_by_hand
from copilot.tools.usage.cost_rows import Costs, CostsInput
from copilot.tools.usage.period import Period
from copilot.tools.usage.spending_told import DAY, Told, billed_days
from copilot.tools.usage.spent import spent

LONGEST_AGO = timedelta(days=200)
MOST_QUESTIONS = 20
"""Of one call, to whoever bills: each costs a cent."""
HOUR = timedelta(hours=1)


class CollectCosts(ReadTool[CostsInput, Costs]):
    """Accounts that have the pack on are asked what is billed; of the others, and of services, it is an estimate."""

    name = "costs"
    summary = "Say what environments or services cost: in total, by day, the top, what grew, what could be saved."
    Input = CostsInput
    Output = Costs
    lasts = HOURS
    shows = "cost"
    shown_by = (f"aws {COMMAND}", TOOL_RUN)

    @classmethod
    def by_hand(cls, input: CostsInput, output: Costs) -> Sequence[ByHand]:
        """What is billed; an estimate is the copilot's own."""
        daily = input.by == "day"
        billed = [command for one in output.by_hand for command in bill_by_hand(one, input.environments, daily=daily)]
        return billed if output.source == "billed" else [*billed, tool_run(cls.name, input)]

    def price(self, input: CostsInput) -> float:
        if input.service is not None or input.by == "service" or input.environments == ():
            return 0
        return self.clients.bills.price(2 if input.compared else 1)

    def run(self, input: CostsInput) -> Costs:
        if input.saving is not None and input.by != "environment":
            raise ToolInputError("what being off saves is told by environment", ours=True)
        if input.compared and input.by == "day":
            raise ToolInputError("how much more it is than before is not told by day", ours=True)
        period = _period(input, self.clients.clock.now().astimezone(UTC))
        before = Period(period.since - period.hours * HOUR, period.hours, period.since)
        platform, wanted = self.clients.platform, input.environments
        survey = platform.survey(wanted[0] if wanted is not None and len(wanted) == 1 else None)
        by_environment = {
            one.name: uncovered(members(survey, one.name))
            for one in survey.environments
            if wanted is None or one.name in wanted
        }
        bills: list[Bill] = []
        if input.service is not None or input.by == "service":
            by_environment = self._services(by_environment, input.service)
        elif wanted != ():
            bills = self._bills((period, before) if input.compared else (period,), input)
        self._known(wanted or (), bills, survey)
        begins = period.hours if input.compared else 0
        whole = Period(before.since, 2 * period.hours, period.now) if input.compared else period
        used = spent(platform, by_environment, whole)
        kinds = {one.name: one.kind for one in survey.environments}
        told = Told(input, period, whole, begins, bills, used, kinds)
        asked = [_asked(bill, period) for bill, period in zip(bills, (period, before), strict=False)]
        by_hand = tuple(one for one in asked if one.accounts)
        return told.costs().model_copy(update={"unreachable": unreachable(survey.unreachable), "by_hand": by_hand})

    def _services(
        self, by_environment: Mapping[str, Sequence[Resource]], said: str | None
    ) -> dict[str, list[Resource]]:
        """Raises ToolInputError where there is none of that name."""
        types = self.clients.platform.types
        services = {
            name: [one for one in some if type_of(one.ref.type, types).tier == "service"]
            for name, some in by_environment.items()
        }
        if said is None:
            return services
        found = {name: [one for one in some if squashed(one.name) == squashed(said)] for name, some in services.items()}
        if not any(found.values()):
            near = nearest(said, sorted({one.name for some in services.values() for one in some}), 3)
            hint = f"; nearest: {', '.join(map(quoted, near))}" if near else ""
            raise ToolInputError(f"there is no service {quoted(said)} there{hint}", near, ours=True)
        return found

    def _bills(self, periods: Sequence[Period], input: CostsInput) -> list[Bill]:
        """Of each period, of those accounts that were read for all of them: what is compared has to be the same."""
        left, found = MOST_QUESTIONS, list[Bill]()
        for period in periods:
            since, until = billed_days(period)
            bill = self.clients.bills.billed(
                since, until, daily=input.by == "day", environments=input.environments, most=left
            )
            left -= bill.questions
            found.append(bill)
        why = {one.account: one.not_read for bill in found for one in bill.accounts if one.not_read}
        return [
            bill.model_copy(
                update={
                    "accounts": tuple(
                        AccountBill(account=one.account, not_read=why[one.account]) if one.account in why else one
                        for one in bill.accounts
                    )
                }
            )
            for bill in found
        ]

    def _known(self, wanted: Sequence[str], bills: Sequence[Bill], survey: Survey) -> None:
        """Raises ToolInputError for an environment that neither is there nor on a bill."""
        known = {one.environment for bill in bills for account in bill.accounts for one in account.charges}
        known |= {one.name for one in survey.environments}
        for name in wanted:
            if name not in known:
                platform = self.clients.platform
                hidden = unreachable(survey.unreachable)
                alone = len(wanted) == 1
                there = surveyed(platform) if alone else Listing(summaries(survey, platform.types), hidden)
                raise not_found(name, there)


def _asked(bill: Bill, period: Period) -> Billed:
    since, until = billed_days(period)
    accounts = tuple(BilledAccount(account=one.account, id=one.id) for one in bill.accounts if not one.not_read)
    return Billed(since=since, until=until, tag=bill.tag, accounts=accounts)


def _period(input: CostsInput, now: datetime) -> Period:
    """Full hours; where it is compared full days, as a day that is not over would look like less. Raises
    ToolInputError.
    """
    ends = input.end.astimezone(UTC) if input.end else now
    until, since = min(ends, now).replace(minute=0, second=0, microsecond=0), ends - input.days * DAY
    if input.compared:
        until = until.replace(hour=0)
        since = until - input.days * DAY
    hours = -((since - until) // HOUR)
    first = until - hours * HOUR * (2 if input.compared else 1)
    if hours < 1 or first < now - LONGEST_AGO:
        raise ToolInputError(f"costs can be looked at over the last {LONGEST_AGO.days} days, up to now", ours=True)
    return Period(until - hours * HOUR, hours, until if input.compared or ends < now else now)
