"""What environments and services of AWS are configured with, over every account and region."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from copilot.adapters.aws.arns import parse_arn
from copilot.adapters.aws.faults import translated
from copilot.adapters.aws.named_settings import Looked, named
from copilot.adapters.aws.sessions import Reader
from copilot.adapters.aws.variables import variables
from copilot.config.configuration import Configuration
from copilot.domain import Resource, Settings

READ_AT_ONCE = 8
ENVIRONMENT = "{environment}"


class AwsConfigured:
    def __init__(self, config: Configuration, reader: Reader) -> None:
        self._config = config
        self._reader = reader

    def named(self, environment: str, resources: Sequence[Resource], *, values: bool = False) -> Settings:
        there = {(arn.account, arn.region) for arn in (parse_arn(one.ref.id) for one in resources)}
        accounts = {account.id: account for account in self._config.accounts}
        paths = [path.replace(ENVIRONMENT, environment).strip("/") for path in self._config.parameters]
        tag = self._config.tags.environment
        asked = [
            Looked(accounts[account], region, environment, paths, tag, values)
            for account, region in sorted(there)
            if account in accounts
        ]
        with ThreadPoolExecutor(max_workers=READ_AT_ONCE) as pool:
            return _together(pool.map(lambda at: named(self._reader, at), asked))

    def variables(self, services: Sequence[Resource], *, values: bool = False) -> Settings:
        def ask(one: Resource) -> Settings:
            where = parse_arn(one.ref.id)
            with translated(f"reading what {one.name} is configured with"):
                return variables(
                    one, lambda service: self._reader.client(where.account, where.region, service), values=values
                )

        with ThreadPoolExecutor(max_workers=READ_AT_ONCE) as pool:
            return _together(pool.map(ask, services))


def _together(found: Iterable[Settings]) -> Settings:
    some = list(found)
    return Settings(
        tuple(setting for one in some for setting in one.settings),
        tuple(place for one in some for place in one.unreachable),
        tuple(dict.fromkeys(note for one in some for note in one.notes)),
    )
