"""What every handler does besides its work: log lines that name the run and conversation, metrics, no secrets."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
from aws_lambda_powertools.metrics import MetricUnit

from copilot.text.masking import mask_text

Handler = Callable[..., Any]
"""Takes an event and Lambda's context; what else it is handed in a test goes on to it."""


class _MaskingFormatter(LambdaPowertoolsFormatter):
    """Masks secrets in the finished line, wherever in it they are."""

    def serialize(self, log: Any) -> str:
        return mask_text(super().serialize(log))


@cache
def logger() -> Logger:
    return Logger(logger_formatter=_MaskingFormatter())


@cache
def metrics() -> Metrics:
    return Metrics()


def count(name: str, value: float = 1) -> None:
    """Add to a metric of this invocation; sent with the log when the handler returns."""
    metrics().add_metric(name=name, unit=MetricUnit.Count, value=value)


def name_run(run_id: str, conversation: str) -> None:
    """Put the run and the conversation on every line logged from here on."""
    logger().append_keys(run_id=run_id, conversation=conversation)


def observed(handler: Handler) -> Handler:
    """A Lambda handler whose log lines name its request, run and conversation, its failures logged and counted."""

    @wraps(handler)
    def observe(event: dict[str, Any], context: Any, *given: Any) -> Any:
        logger().clear_state()
        logger().append_keys(
            request=getattr(context, "aws_request_id", None), function=getattr(context, "function_name", None)
        )
        if "run_id" in event:
            name_run(event["run_id"], event.get("conversation", ""))
        try:
            result = handler(event, context, *given)
            logger().info("handled")
            return result
        except Exception:
            count("Failures")
            logger().exception("failed")
            raise
        finally:
            if metrics().provider.metric_set:
                metrics().flush_metrics()

    return observe
