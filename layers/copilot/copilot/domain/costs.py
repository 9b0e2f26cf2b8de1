"""What is billed, as those who bill it say."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from copilot.domain.frozen import Frozen


class Charge(Frozen):
    """What was billed in one account for one service (of the provider's, by its name) under one value of the tag that
    names environments, "" where nothing has that tag. `day` is the first of what it is added up over.
    """

    environment: str
    service: str
    day: date
    amount: Decimal
    currency: str


class AccountBill(Frozen):
    """Of one account, by name and by `id`. `not_read` says why nothing is known of it, in a sentence of ours, names in
    it quoted.
    """

    account: str
    id: str = ""
    charges: tuple[Charge, ...] = ()
    not_read: str = ""


class Bill(Frozen):
    """Of a period. `questions` were asked for it, which cost `price` dollars; `provisional`: it may still change. `tag`
    is what it was split by, besides the provider's services.
    """

    accounts: tuple[AccountBill, ...]
    questions: int = 0
    price: Decimal = Decimal(0)
    provisional: bool = False
    tag: str = ""
