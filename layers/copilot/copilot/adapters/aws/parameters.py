"""ports.VersionedText on an SSM parameter, which remembers its last 100 versions (SSM's documented limit)."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from botocore.exceptions import ClientError

from copilot.adapters.aws.faults import translated
from copilot.ports import KeptText


class Parameter:
    """`ssm` is a boto3 client that may read the parameter, by name and by name:version."""

    def __init__(self, name: str, ssm: Any) -> None:
        self._name, self._ssm = name, ssm

    def current(self) -> KeptText:
        with translated(f"reading the parameter {self._name}"):
            return _kept(self._ssm.get_parameter(Name=self._name))

    def version(self, number: int) -> KeptText | None:
        with translated(f"reading version {number} of the parameter {self._name}"):
            try:
                return _kept(self._ssm.get_parameter(Name=f"{self._name}:{number}"))
            except ClientError as error:
                if error.response["Error"]["Code"] in {"ParameterVersionNotFound", "ParameterNotFound"}:
                    return None
                raise


def _kept(answer: dict[str, Any]) -> KeptText:
    found = answer["Parameter"]
    return KeptText(found["Version"], found["Value"], found["LastModifiedDate"].astimezone(UTC))
