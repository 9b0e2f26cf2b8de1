"""Application Auto Scaling for MiniStack, which has none: scalable targets, kept, told and authorised as AWS does.

Only what this system asks of it. Nothing is scaled: MiniStack's services have no load.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from types import ModuleType
from typing import Any, Protocol

SERVICE = "application-autoscaling"
MODULE = "application_autoscaling"
TARGET = "AnyScaleFrontendService"
"""What its operations are named after in X-Amz-Target."""
SUSPENSIONS = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")

Answer = tuple[int, dict[str, str], bytes]


class IamActions(Protocol):
    """MiniStack's module, as far as it is changed."""

    SERVICE_TO_IAM_NAMESPACE: dict[str, str]
    extract_resource_arn: Callable[..., Any]


class ApplicationAutoScaling:
    """A service as MiniStack's modules are one: handle_request, get_state, load_persisted_state, reset."""

    def __init__(self, responses: ModuleType) -> None:
        self._responses = responses
        self._targets = responses.AccountRegionScopedDict()

    def get_state(self) -> dict[str, Any]:
        return {"targets": copy.deepcopy(self._targets)}

    def load_persisted_state(self, data: dict[str, Any]) -> None:
        self._targets.update(data.get("targets", {}))

    def reset(self) -> None:
        self._targets.clear()

    def arn(self, resource_id: str) -> str:
        """Of the scalable target of a resource; for one that is not registered, what every target matches."""
        found = self._targets.get(resource_id)
        where = f"{self._responses.get_region()}:{self._responses.get_account_id()}"
        return str(found["ScalableTargetARN"]) if found else f"arn:aws:{SERVICE}:{where}:scalable-target/*"

    async def handle_request(self, method: str, path: str, headers: dict[str, str], body: bytes, query: Any) -> Answer:
        asked = json.loads(body or b"{}")
        operation = headers.get("x-amz-target", "").rpartition(".")[2]
        if operation == "RegisterScalableTarget":
            return self._register(asked)
        if operation == "DescribeScalableTargets":
            return self._describe(asked)
        if operation == "DescribeScalingPolicies":
            return _answer({"ScalingPolicies": []})  # nothing makes any here
        return _answer({"__type": "ValidationException", "message": f"{operation} is not emulated"}, 400)

    def _register(self, asked: dict[str, Any]) -> Answer:
        """What is not named stays as it is, as RegisterScalableTarget's reference says."""
        id = asked["ResourceId"]
        found = self._targets.get(id)
        if found is None:
            if "MinCapacity" not in asked or "MaxCapacity" not in asked:
                message = "MinCapacity and MaxCapacity are required to register a new scalable target"
                return _answer({"__type": "ValidationException", "message": message}, 400)
            where = f"{self._responses.get_region()}:{self._responses.get_account_id()}"
            number = self._responses.new_uuid().replace("-", "")
            found = {
                "ServiceNamespace": asked["ServiceNamespace"],
                "ResourceId": id,
                "ScalableDimension": asked["ScalableDimension"],
                "RoleARN": "",
                "CreationTime": 0,
                "SuspendedState": dict.fromkeys(SUSPENSIONS, False),
                "ScalableTargetARN": f"arn:aws:{SERVICE}:{where}:scalable-target/{number}",
            }
        changed = {key: asked[key] for key in ("MinCapacity", "MaxCapacity") if key in asked}
        suspended = {**found["SuspendedState"], **asked.get("SuspendedState", {})}
        self._targets[id] = {**found, **changed, "SuspendedState": suspended}
        return _answer({"ScalableTargetARN": found["ScalableTargetARN"]})

    def _describe(self, asked: dict[str, Any]) -> Answer:
        wanted = asked.get("ResourceIds")
        found = [
            target
            for id, target in self._targets.items()
            if target["ServiceNamespace"] == asked["ServiceNamespace"] and (not wanted or id in wanted)
        ]
        return _answer({"ScalableTargets": found})


def _answer(content: dict[str, Any], status: int = 200) -> Answer:
    return status, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(content).encode()


def install(app: ModuleType, iam_actions: IamActions, responses: ModuleType, router: ModuleType) -> None:
    """Have MiniStack serve it, keep it over a restart, and authorise its calls by IAM."""
    service = ApplicationAutoScaling(responses)
    # Without it the router reads the model of every service of AWS, for seconds in which nothing else is answered, to
    # find out whether there is one of this name.
    router.SERVICE_PATTERNS[SERVICE] = {"target_prefixes": [TARGET]}
    app._loaded_modules[MODULE] = service
    app._state_map[MODULE] = MODULE
    app.SERVICE_HANDLERS[SERVICE] = service.handle_request
    iam_actions.SERVICE_TO_IAM_NAMESPACE[SERVICE] = SERVICE
    resource_arn = iam_actions.extract_resource_arn

    def named(asked_of: str, method: str, path: str, headers: dict[str, str], body: bytes, *more: Any) -> Any:
        if asked_of != SERVICE:
            return resource_arn(asked_of, method, path, headers, body, *more)
        id = json.loads(body or b"{}").get("ResourceId")
        return service.arn(id) if id else "*"

    iam_actions.extract_resource_arn = named
