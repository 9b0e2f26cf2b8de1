"""What calls gave: with the run, or in the bucket where it is long."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from copilot.adapters.dynamodb.rows import LONG, Row, errors_in_words, pack, result_key, ttl, unpack
from copilot.adapters.dynamodb.table import Table
from copilot.domain import StepResult
from copilot.ports import ResultKey

KEEP_RESULTS = timedelta(days=30)


class Results:
    """What ports.Runs has of them."""

    _table: Table
    _kept: Table
    _bucket: str
    _s3: Any

    def put_result(self, tenant: str, run_id: str, key: ResultKey, result: StepResult) -> None:
        row = result_key(tenant, run_id, key)
        output = json.dumps(result.output)
        if len(output) > LONG:
            name = f"results/{tenant}/{run_id}/{row['sk']['S']}#{result.attempt}.json"
            with errors_in_words():
                self._s3.put_object(Bucket=self._bucket, Key=name, Body=output.encode(), ContentType="application/json")
            row["pointer"] = {"S": name}
            result = result.model_copy(update={"output": None})
        self._table.put(row | {"body": pack(result)} | ttl(result.ended_at + KEEP_RESULTS))

    def results(self, tenant: str, run_id: str, keys: Iterable[ResultKey]) -> dict[ResultKey, StepResult]:
        wanted = {result_key(tenant, run_id, of)["sk"]["S"]: of for of in keys}
        rows = self._kept.get_all([result_key(tenant, run_id, of) for of in wanted.values()])
        return {wanted[row["sk"]["S"]]: self._result(row) for row in rows}

    def _result(self, row: Row) -> StepResult:
        result = unpack(row["body"], StepResult)
        if "pointer" not in row:
            return result
        with errors_in_words():
            body = self._s3.get_object(Bucket=self._bucket, Key=row["pointer"]["S"])["Body"].read()
        return result.model_copy(update={"output": json.loads(body)})
