"""ports.Reports on S3: files, and short links that lead to them."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from copilot.adapters.aws.faults import translated
from copilot.domain import Link, OutputClass, ReportLink, token_hash
from copilot.ports import Clock, ReportLinks

OPEN_FOR: Mapping[OutputClass, timedelta] = {
    "status": timedelta(hours=6),
    "cost": timedelta(hours=6),
    "configuration": timedelta(hours=2),
    "security": timedelta(hours=1),
    "logs": timedelta(hours=1),
}
"""How long a short link is good for, by what is behind it: whoever has the link may open it."""
FETCH_SECONDS = 300
"""How long the address is good for to which it leads: the file is fetched at once."""
TOKEN_BYTES = 16


class S3Reports:
    """Files under reports/RUN/NAME. `s3` is a boto3 client; `base` is the address of the HTTP API that opens them."""

    def __init__(self, bucket: str, s3: Any, clock: Clock, run_id: str, links: ReportLinks, base: str) -> None:
        self._bucket, self._s3, self._clock, self._run_id = bucket, s3, clock, run_id
        self._links, self._base = links, base

    def put(self, name: str, content: bytes, content_type: str, about: OutputClass) -> Link:
        key = f"reports/{self._run_id}/{re.sub(r'[^A-Za-z0-9_.-]', '-', name)}"
        until = self._clock.now() + OPEN_FOR[about]
        with translated(f"keeping the file {name}"):
            self._s3.put_object(Bucket=self._bucket, Key=key, Body=content, ContentType=content_type)
        token = secrets.token_urlsafe(TOKEN_BYTES)
        self._links.keep(token_hash(token), ReportLink(key=key, about=about, until=until))
        return Link(url=f"{self._base}/r/{token}", until=until)


def signer(bucket: str, s3: Any) -> Callable[[str], str]:
    """Gives the address of a file by its key. It can do no more than the credentials of `s3`, which sign it."""

    def sign(key: str) -> str:
        params = {"Bucket": bucket, "Key": key}
        return str(s3.generate_presigned_url("get_object", Params=params, ExpiresIn=FETCH_SECONDS))

    return sign


def fetcher(bucket: str, s3: Any, most: int) -> Callable[[str], bytes | None]:
    """Gives what is in a report's file by its key; None for one that is not there any more, or larger than that."""

    def fetch(key: str) -> bytes | None:
        with translated("reading a report"):
            try:
                found = s3.get_object(Bucket=bucket, Key=key)
            except s3.exceptions.NoSuchKey:
                return None
            return bytes(found["Body"].read()) if found["ContentLength"] <= most else None

    return fetch
