"""ports.Reports on S3, with presigned links."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from copilot.adapters.aws.faults import translated
from copilot.model import Link
from copilot.ports import Clock

OPEN_FOR = timedelta(hours=6)
"""The most a link is good for. A presigned link ends with the credentials it was signed with, where that is sooner, and
these are the function's own: a session of its role that began with the worker and whose end Lambda decides. So a link
may end earlier, and whoever gives one says "at most"."""


class S3Reports:
    """Files under reports/RUN/NAME. `s3` is a boto3 client; its credentials sign the links, so it must be able to read
    what it has put: a link can do no more than who signed it."""

    def __init__(self, bucket: str, s3: Any, clock: Clock, run_id: str) -> None:
        self._bucket, self._s3, self._clock, self._run_id = bucket, s3, clock, run_id

    def put(self, name: str, content: bytes, content_type: str) -> Link:
        key = f"reports/{self._run_id}/{re.sub(r'[^A-Za-z0-9_.-]', '-', name)}"
        until = self._clock.now() + OPEN_FOR
        with translated(f"keeping the file {name}"):
            self._s3.put_object(Bucket=self._bucket, Key=key, Body=content, ContentType=content_type)
            url = self._s3.generate_presigned_url(
                "get_object",
                Params={"Bucket": self._bucket, "Key": key},
                ExpiresIn=int(OPEN_FOR.total_seconds()),
            )
        return Link(url=url, until=until)
