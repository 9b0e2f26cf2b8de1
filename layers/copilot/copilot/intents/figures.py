"""What people call figures, and which of them says of a thing what is asked of it: how busy it is, how late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

Values = dict[str, JsonValue]

METRICS = {
    "cpu": ("cpu", "cpu usage", "cpu utilization", "cpu utilisation", "cpu load", "processor load", "cpu use"),
    "memory": (
        *("memory", "memory usage", "memory utilization", "memory utilisation", "ram", "ram usage"),
        *("memory use", "memory load", "memory used", "used memory", "memory pressure"),
        *("memory consumption",),
    ),
    "free_memory": ("free memory", "freeable memory"),
    "free_storage": (
        *("free storage", "free disk space", "disk space", "free space", "free disk", "storage space"),
        *("disk space left", "storage left", "space left", "available storage", "remaining storage"),
        *("disk left", "room left", "storage remaining", "remaining disk", "remaining space"),
        *("disk remaining",),
    ),
    "connections": (
        *("connections", "database connections", "db connections", "open connections"),
        *("active connections", "connection count", "number of connections", "client connections"),
        *("current connections",),
    ),
    "requests": (
        *("requests", "request count", "number of requests", "hits", "traffic", "requests per minute"),
        *("request rate", "invocations", "invocation count"),
    ),
    "errors": (
        *("5xx", "5xx errors", "500s", "5xx answers", "5xx responses", "server errors", "5xx count"),
        *("number of 5xx", "count of 5xx", "500 errors"),
    ),
    "error_rate": ("error rate", "5xx rate", "rate of errors", "error percentage", "failure rate"),
    "latency": (
        *("latency", "response time", "response times", "answer time", "latencies", "duration"),
        *("durations", "execution time", "run time"),
    ),
    "queue_depth": (
        *("queue depth", "queue length", "messages waiting", "queued messages", "backlog"),
        *("waiting messages", "depth", "number of messages", "queue size", "queue depths", "depths"),
        *("queue lengths", "backlogs", "queue sizes"),
    ),
    "queue_age": (
        *("queue age", "message age", "age of the oldest message", "oldest message", "queue lag"),
        *("oldest message age", "wait time", "waiting time", "queue ages"),
    ),
    "throttles": (
        *("throttles", "throttling", "throttled requests", "throttled calls", "throttle events"),
        *("throttlings",),
    ),
    "hit_rate": ("hit rate", "hit ratio", "cache hit rate", "cache hit ratio", "cache hits", "hit rates"),
    "replica_lag": ("replica lag", "replication lag", "replication delay", "lag of the replica"),
}
"""What people call each figure."""
STATISTICS = {
    "average": ("average", "avg", "mean"),
    "maximum": ("max", "maximum", "peak", "highest"),
    "minimum": ("min", "minimum", "lowest"),
    "sum": ("total", "sum of"),
    "p50": ("p50", "median", "50th percentile"),
    "p90": ("p90", "90th percentile"),
    "p95": ("p95", "95th percentile"),
    "p99": ("p99", "99th percentile"),
}
LOAD, LAG, FILL = "load", "lag", "fill"
BY_TYPE: Mapping[str, tuple[str, Mapping[str, str]]] = {
    LOAD: ("cpu", {"queue": "queue_depth", "Lambda function": "requests", "load balancer": "requests"}),
    LAG: ("queue_age", {"database": "replica_lag"}),
    FILL: ("free_storage", {"queue": "queue_depth", "cache": "memory"}),
    "memory": ("memory", dict.fromkeys(("database", "database cluster"), "free_memory")),
}
"""How busy a thing is, how late, how full: which figure says that depends on what it is."""
_ANSWERING = ("requests", "errors", "error_rate", "latency")
FIGURES_OF: Mapping[str, tuple[str, ...]] = {
    "queue": ("queue_depth", "queue_age"),
    "load balancer": _ANSWERING,
    "Lambda function": (*_ANSWERING, "throttles"),
    "DynamoDB table": ("throttles",),
}
"""What is measured of these and of nothing else there is: what says most of them first."""
SPEED = ("slow", "fast", "quick", "quickly", "slowly")
FULLNESS = dict.fromkeys(
    ("full", "long", "deep", "big", "large", "backed up", "clogged"), "queue_depth"
) | dict.fromkeys(("old", "stale", "late"), "queue_age")
_STILL = ("", " waiting", " there", " left", " sitting", " stuck", " queued", " queued up", " piled up", " pending")
_QUEUED = [
    f"{noun} are{still}{how}"
    for noun in ("events", "jobs", "items", "tasks")
    for still in ("", " still")
    for how in _STILL
    if how not in {"", " there"}
]
WAITING = {
    **{f"many {which} messages are{how}": "queue_depth" for which in ("unprocessed", "pending") for how in _STILL},
    **{f"many {said}": "queue_depth" for said in _QUEUED},
    **{f"many messages are{still}{how}": "queue_depth" for still in ("", " still") for how in _STILL},
    **dict.fromkeys(("much is waiting", "much is", "many are waiting", "many messages wait"), "queue_depth"),
    "many messages": "queue_depth",
    **dict.fromkeys(("old is the oldest message", "old are the messages", "old are messages"), "queue_age"),
    **{f"long {do} the oldest message wait{ed}": "queue_age" for do, ed in (("does", ""), ("has", "ed"), ("did", ""))},
    **{f"long {do} messages {wait}": "queue_age" for do in ("do", "did") for wait in ("wait", "sit", "stay")},
    **{f"long have messages {been}": "queue_age" for been in ("waited", "sat", "been", "been waiting", "been sitting")},
    "long has the oldest message been waiting": "queue_age", "long has the oldest message been": "queue_age",
}  # fmt: skip
METRIC_OF = {said: metric for metric, ways in METRICS.items() for said in ways} | {LOAD: LOAD, LAG: LAG, FILL: FILL}
STATISTIC_OF = {said: statistic for statistic, ways in STATISTICS.items() for said in ways}


def for_its_type(values: Values) -> Values:
    """With the figure that says it of the things that are meant."""
    metric, types = values.get("metric"), values.get("types")
    if metric not in BY_TYPE:
        return values
    usual, others = BY_TYPE[str(metric)]
    return values | {"metric": others.get(str(types[0]) if isinstance(types, list) and types else "", usual)}


def of_another_type(kept: Values, types: Sequence[str]) -> Values:
    """What the last request was about, of things of other types: with a figure that these have."""
    having = FIGURES_OF.get(types[0]) if len(types) == 1 else None
    if having is None or "metric" not in kept or kept["metric"] in having:
        return kept
    return {slot: value for slot, value in kept.items() if slot != "statistic"} | {"metric": having[0]}
