"""ports.JournalArchive in a bucket of its own, whose objects no role of ours may delete."""

from __future__ import annotations

from datetime import date
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from copilot.errors import FatalError, RetryableError

_TAKEN = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "412", "409"})


class S3JournalArchive:
    """`s3` is a boto3 client. Who comes second with a number is refused by S3 (User Guide, "Conditional writes")."""

    def __init__(self, bucket: str, s3: Any, tenant: str) -> None:
        self._bucket, self._s3, self._prefix = bucket, s3, f"journal/{tenant}/"

    def last(self, after: int = 0) -> int:
        found, more = after, {"StartAfter": self._key(after)}
        while True:
            listed = self._call("list_objects_v2", Prefix=self._prefix, **more)
            found = max([found, *(self._number(one["Key"]) for one in listed.get("Contents", []))])
            if not listed.get("IsTruncated"):
                return found
            more = {"ContinuationToken": listed["NextContinuationToken"]}

    def put(self, number: int, day: date, content: bytes) -> bool:
        try:
            self._call(
                "put_object",
                Key=self._key(number),
                Body=content,
                IfNoneMatch="*",
                ContentType="application/x-ndjson",
                Metadata={"day": day.isoformat()},
            )
        except _TakenError:
            return False
        return True

    def read(self, number: int) -> bytes | None:
        try:
            content: bytes = self._call("get_object", Key=self._key(number))["Body"].read()
        except _MissingError:
            return None
        return content

    def _key(self, number: int) -> str:
        return f"{self._prefix}{number:08}.jsonl"

    def _number(self, key: str) -> int:
        name = key.removeprefix(self._prefix).removesuffix(".jsonl")
        return int(name) if name.isdecimal() else 0

    def _call(self, operation: str, **arguments: Any) -> Any:
        try:
            return getattr(self._s3, operation)(Bucket=self._bucket, **arguments)
        except ClientError as error:
            code = str(error.response["Error"]["Code"])
            if code in _TAKEN:
                raise _TakenError from error
            if code in {"NoSuchKey", "404"}:
                raise _MissingError from error
            if error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500 or code == "SlowDown":
                raise RetryableError("the archive of the journal is busy") from error
            raise FatalError(f"the archive of the journal refused: {code}") from error
        except BotoCoreError as error:
            raise RetryableError(f"the archive of the journal cannot be reached ({type(error).__name__})") from error


class _TakenError(Exception):
    pass


class _MissingError(Exception):
    pass
