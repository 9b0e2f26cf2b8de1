"""What was spent, as it is told: rows in order, the total, and a sentence for each thing that these figures are not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from copilot.domain import AccountBill, Bill, Kind, Made
from copilot.text.listing import count, listed
from copilot.text.outside import quoted
from copilot.tools.usage.cost_rows import CostRow, Costs, CostsInput
from copilot.tools.usage.costs import with_commas
from copilot.tools.usage.counting import GONE, NO_ENVIRONMENT, Counting, Sums
from copilot.tools.usage.period import Period
from copilot.tools.usage.prices import price_list
from copilot.tools.usage.saving import Savings, savings
from copilot.tools.usage.spent import CPU_BELOW, Spent, unpriced

DAY = timedelta(days=1)
UNPRICED_AT_MOST = 10
UNREAD_AT_MOST = 5
NOTHING_BEFORE = "What grew cannot be told: of the time before that, as long, no cost is known."
CAVEATS_AT_MOST = 3
NAMED_AT_MOST = 3
MORE = "More on these figures is in their file: say “as a pdf”."
NO_LACK = 24
"""Hours at the beginning of a period without any figure of anything that are no lack of history yet."""


def billed_days(period: Period) -> tuple[dt.date, dt.date]:
    """The days that a bill is asked for: those nearest to the period, and today where it goes on."""
    until = (period.now + DAY).date() if period.now > period.until else (period.until + DAY / 2).date()
    return min((period.since + DAY / 2).date(), until - DAY), until


class Told(NamedTuple):
    """All that is known of what was spent, to be told. `begins` is the hour of `whole` at which the period does."""

    input: CostsInput
    period: Period
    whole: Period
    begins: int
    bills: Sequence[Bill]
    used: Sequence[Spent]
    kinds: Mapping[str, Kind]

    @property
    def currency(self) -> str:
        return price_list().currency

    @property
    def billed(self) -> list[AccountBill]:
        return [one for one in self.bills[0].accounts if not one.not_read] if self.bills else []

    def costs(self) -> Costs:
        saved = self._saved()
        rows = self._counted()
        ordered = self._ordered(rows, saved)
        shown = ordered if self.input.by == "day" else ordered[: self.input.most]
        total = _total(rows.values())
        billed = {one.account for one in self.billed}
        estimates = [one for one in self.used if one.resource.account not in billed]
        is_known = bool(billed) or any(one.price for one in estimates) or not unpriced(estimates)
        sources = [name for name, some in (("billed", billed), ("estimated", estimates)) if some] or ["estimated"]
        said = self._summary(total, len(sources) > 1) if is_known else f"What that cost is not known: {self.period}."
        return Costs(
            source=sources[0] if len(sources) == 1 else "both",
            period=self._words(),
            currency=self.currency,
            total=_money(total.amount) if is_known else None,
            idle=_money(total.idle),
            growth=_money(total.growth) if self.input.compared and is_known and total.before else None,
            saves_a_month=_money(saved.amount) if saved else None,
            rows=tuple(self._row(key, sums, saved, bool(total.before)) for key, sums in shown),
            rest=self._rest([sums for _, sums in ordered[len(shown) :]], bool(total.before)),
            summary=f"{saved.words} {said}" if saved else said,
            caveats=tuple(self._caveats(estimates)),
            notes=tuple(self._notes(estimates)),
            unreachable=(),
        )

    def _counted(self) -> dict[str, Sums]:
        counting = Counting(self.input.by, self.kinds)
        accounts = {one.account for one in self.billed}
        for one in self.used:
            counting.estimate(one, self.whole, self.begins, is_billed=one.resource.account in accounts)
        for number, bill in enumerate(self.bills):
            for charge in (charge for account in bill.accounts for charge in account.charges):
                if charge.currency == self.currency:
                    counting.bill(charge, before=number > 0)
        return {key: sums for key, sums in counting.rows.items() if any(sums)}

    def _ordered(self, rows: Mapping[str, Sums], saved: Savings | None) -> list[tuple[str, Sums]]:
        if self.input.by == "day":
            return sorted(rows.items())
        if saved is not None:
            some = [row for row in rows.items() if saved.by_environment.get(row[0])]
            return sorted(some, key=lambda row: (-saved.by_environment[row[0]], row[0]))
        if self.input.compared:
            return sorted(rows.items(), key=lambda row: (-row[1].growth, row[0]))
        return sorted(rows.items(), key=lambda row: (-row[1].amount, row[0]))

    def _saved(self) -> Savings | None:
        if self.input.saving is None:
            return None
        now = [one._replace(ran=one.ran[self.begins :], idle=one.idle[self.begins :]) for one in self.used]
        return savings(self.input.saving, now, self.period, self.currency)

    def _row(self, key: str, sums: Sums, saved: Savings | None, any_before: bool) -> CostRow:
        of_environment = self.input.by == "environment" and key != NO_ENVIRONMENT
        saves = saved.by_environment[key] if saved else None
        parts = [f"would save about {self._amount(saves)} a month"] if saves is not None else []
        parts += [f"{self._amount(sums.amount)}{self._of(sums)}"]
        parts += [f"{self._amount(sums.idle)} of it idle"] if _money(sums.idle) else []
        parts += [self._grown(sums)] if self.input.compared and any_before else []
        return CostRow(
            name=key,
            environment_id=key if of_environment else None,
            amount=_money(sums.amount),
            idle=_money(sums.idle),
            growth=_money(sums.growth) if self.input.compared and any_before else None,
            saves_a_month=None if saves is None else _money(saves),
            summary=f"{self._named(key)}: {', '.join(parts)}",
        )

    def _named(self, key: str) -> Made:
        if key == NO_ENVIRONMENT and self.input.by in {"environment", "kind"}:
            return "in no environment"
        if self.input.by == "environment":
            return f"{quoted(key)} ({self.kinds.get(key, GONE)})"
        # What the list of prices calls a service is our own word, whoever else has it.
        is_ours = self.input.by in {"kind", "day"} or key in price_list().billed_as.values()
        return key if is_ours else quoted(key)

    def _of(self, sums: Sums) -> str:
        """Which it is, where there are both."""
        if not self.billed or not sums.estimated:
            return ""
        return f", {self._amount(sums.estimated)} of it by estimate" if sums.billed else " by estimate"

    def _grown(self, sums: Sums) -> str:
        way = "more" if sums.growth >= 0 else "less"
        share = f" ({sums.growth / sums.before:+.0%})" if sums.before else ""
        before = f"{self._amount(sums.before)} before" if sums.before else "nothing before"
        return f"{self._amount(abs(sums.growth))} {way}{share}, {before}"

    def _rest(self, some: Sequence[Sums], any_before: bool) -> str:
        if not some:
            return ""
        rest = _total(some)
        return f"{len(some)} more: {self._amount(rest.amount)}" + (
            f", {self._grown(rest)}" if self.begins and any_before else ""
        )

    def _summary(self, total: Sums, are_both: bool) -> str:
        if are_both:
            how = f"{self._amount(total.billed)} on the bill and {self._amount(total.estimated)} by estimate"
        else:
            how = f"{self._amount(total.amount)} {'on the bill' if self.billed else 'by estimate'}"
        grown = f": {self._grown(total)}" if self.begins and total.before else ""
        nothing = f" {NOTHING_BEFORE}" if self.begins and not total.before else ""
        idle = f" About {self._amount(total.idle)} of that was idle, by estimate." if _money(total.idle) else ""
        return f"{how}, {self._words()}{grown}.{nothing}{idle}"

    def _words(self) -> str:
        days, hours = divmod(self.period.hours, 24)
        length = " and ".join(filter(None, (count(days, "day") if days else "", count(hours, "hour") if hours else "")))
        return f"{length}, {self.period}"

    def _amount(self, amount: Decimal) -> str:
        return f"{with_commas(float(amount), 2)} {self.currency}"

    def _notes(self, estimates: Sequence[Spent]) -> list[str]:
        notes = [self._of_bill()] if self.billed else []
        if estimates or not self.billed:
            prices = price_list()
            notes.append(
                f"By estimate means: the hours in which a resource has figures, at the price of its size now, by "
                f"{prices.source} (of {prices.date}). Discounts, storage, traffic, whatever is no service, instance or "
                "database of an environment, and environments that are gone are not in it."
            )
        unread = self._unread()
        notes += [f"{one.account} is not from the bill: {one.not_read}." for one in unread[:UNREAD_AT_MOST]]
        if more := len(unread) - UNREAD_AT_MOST:
            notes += [f"{count(more, 'more account')} not from the bill either."] if more > 0 else []
        if lacking := self._lacking(estimates):
            notes.append(f"{lacking}.")
        notes += [
            f"{with_commas(float(amount), 2)} {quoted(money)} on the bill are not counted."
            for money, amount in self._others()
        ]
        notes += [
            f"Without a known price, and so in no estimate: {line}." for line in _without_price(unpriced(self.used))
        ]
        if any(any(one.idle[self.begins :]) for one in self.used):
            notes.append(f"Idle means running, with no CPU over {CPU_BELOW:g}% and no database connection in the hour.")
        return notes

    def _caveats(self, estimates: Sequence[Spent]) -> list[str]:
        """What changes how these figures are to be taken, the most first; and where the rest is said."""
        found = [f"{lacking}."] if (lacking := self._lacking(estimates)) else []
        if self.billed:
            final = ", and not final yet" if any(bill.provisional for bill in self.bills) else ""
            found.append(f"The bill is a day late, in days of UTC, with tax and credits in it{final}.")
        if estimates or not self.billed:
            prices = f"at the list prices of {price_list().date}"
            found.append(f"An estimate is hours with figures {prices}, without discounts, storage and traffic.")
        estimated = self.used if self.input.saving is not None else estimates
        if names := sorted({one.resource.name for one in unpriced(estimated)}):
            shown = [quoted(name) for name in names[:NAMED_AT_MOST]]
            more = [f"{len(names) - NAMED_AT_MOST} more"] if len(names) > NAMED_AT_MOST else []
            found.append(f"Without a known price, and not in it: {listed([*shown, *more])}.")
        unread = self._unread()
        found += [f"Not from the bill: {listed([one.account for one in unread])}."] if unread else []
        found += ["Money of other currencies on the bill is not counted."] if self._others() else []
        return [*found[:CAVEATS_AT_MOST], MORE]

    def _lacking(self, estimates: Sequence[Spent]) -> str:
        """That the first figures are of later than the period begins; "" where they are not."""
        first = min((one.ran.index(True) for one in estimates if any(one.ran)), default=0)
        if first <= NO_LACK:
            return ""
        at = self.whole.since + timedelta(hours=first)
        return f"The first figures are of {at:%Y-%m-%d %H:%M} UTC: what ran before is in no estimate"

    def _of_bill(self) -> str:
        questions, price = sum(bill.questions for bill in self.bills), sum(bill.price for bill in self.bills)
        since, until = billed_days(self.period)
        changes = " Of some of it the bill is not final yet." if any(bill.provisional for bill in self.bills) else ""
        return (
            f"The bill is of {listed([one.account for one in self.billed])}, in whole days of UTC from {since} to "
            f"{until - DAY}, with tax, credits and refunds in it. It is a day late.{changes} What bears no tag of an "
            f"environment, or bore it before that was made a cost allocation tag, is in no environment. To ask was "
            f"{count(questions, 'question')}, {price} USD."
        )

    def _unread(self) -> list[AccountBill]:
        """Of environments that were named, those that they are in."""
        there = {one.resource.account for one in self.used}
        unread = [one for one in self.bills[0].accounts if one.not_read] if self.bills else []
        return [one for one in unread if self.input.environments is None or one.account in there]

    def _others(self) -> list[tuple[str, Decimal]]:
        found: dict[str, Decimal] = {}
        for charge in (charge for account in self.billed for charge in account.charges):
            if charge.currency != self.currency:
                found[charge.currency] = found.get(charge.currency, Decimal(0)) + charge.amount
        return sorted(found.items())


def _total(some: Iterable[Sums]) -> Sums:
    return Sums(*(sum(each, Decimal(0)) for each in zip(Sums(), *some, strict=True)))


def _money(amount: Decimal) -> float:
    return float(round(amount, 2))


def _without_price(some: Sequence[Spent]) -> list[str]:
    """A line for each kind of thing."""
    found: dict[str, list[str]] = {}
    for one in some:
        size = one.size
        what = f"{quoted(size.name)} in {size.region}" if size else "what has no size that could be read"
        found.setdefault(what, []).append(quoted(one.resource.name))
    lines = [f"{what} ({listed(sorted(set(names)))})" for what, names in sorted(found.items())]
    more = len(lines) - UNPRICED_AT_MOST
    return lines if more <= 0 else [*lines[:UNPRICED_AT_MOST], f"{more} more kinds of resources"]
