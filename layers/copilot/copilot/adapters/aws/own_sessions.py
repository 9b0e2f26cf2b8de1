"""Clients with the AWS credentials that a person has here: for the one account these are of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import boto3

from copilot.adapters.aws.arns import parse_arn
from copilot.adapters.aws.faults import translated
from copilot.adapters.aws.sessions import ClientFactory, Reader
from copilot.errors import PermissionDenied


class OwnSession:
    """A Reader of one account. Thread safe."""

    def open(self, account_id: str) -> None:
        """Raises PermissionDenied for an account the credentials are not of."""
        if account_id != self._account:
            raise PermissionDenied(f"your AWS credentials are of account {self._account}, not of {account_id}")

    def client(self, account_id: str, region: str, service: str) -> Any:
        """Raises as `open` does."""
        self.open(account_id)
        return self._factory.own(service, region)

    @cached_property
    def _factory(self) -> ClientFactory:
        return ClientFactory(boto3.Session().client)

    @cached_property
    def _account(self) -> str:
        with translated("asking whose your AWS credentials are"):
            return str(self._factory.own("sts", "us-east-1").get_caller_identity()["Account"])


@dataclass(frozen=True)
class OwnWriter:
    """A Writer with the same credentials, as far as they reach."""

    reader: Reader

    def client(self, action: str, arn: str) -> Any:
        where = parse_arn(arn)
        return self.reader.client(where.account, where.region, action.partition(":")[0])
