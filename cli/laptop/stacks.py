"""CloudFormation stacks, brought to what a template says."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from cli.laptop.faults import LaptopError

SECONDS = 180


def bring_up(
    cloudformation: Any, name: str, template: str, parameters: Mapping[str, str], url: str = ""
) -> dict[str, str]:
    """Create the stack, update it, or find that nothing changed; returns its outputs. Raises LaptopError.

    `url` is where the template lies in S3: needed for one over the 51,200 bytes that a request may hold.
    """
    wanted = {
        "StackName": name,
        **({"TemplateURL": url} if url else {"TemplateBody": template}),
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        "Capabilities": ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
    }
    found = _status(cloudformation, name)
    if found in ("ROLLBACK_COMPLETE", "CREATE_FAILED", "ROLLBACK_FAILED"):  # a first deployment that failed
        cloudformation.delete_stack(StackName=name)
        _settled(cloudformation, name)
        found = None
    if found is None:
        cloudformation.create_stack(**wanted)
    elif not _is_as_wanted(cloudformation, name, template, parameters):
        try:
            cloudformation.update_stack(**wanted)
        except ClientError as error:
            if "No updates" not in str(error):
                raise
    status = _settled(cloudformation, name)
    if status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        raise LaptopError(f"The stack {name} could not be deployed: {status}. {_reasons(cloudformation, name)}")
    stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def _is_as_wanted(cloudformation: Any, name: str, template: str, parameters: Mapping[str, str]) -> bool:
    """Asked first, because an update expands the template before it finds that nothing changed."""
    stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    given = {each["ParameterKey"]: each["ParameterValue"] for each in stack.get("Parameters", [])}
    deployed = cloudformation.get_template(StackName=name, TemplateStage="Original")["TemplateBody"]
    is_settled = stack["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE")
    return is_settled and deployed == template and parameters.items() <= given.items()


def _settled(cloudformation: Any, name: str) -> str | None:
    deadline = time.monotonic() + SECONDS
    while (status := _status(cloudformation, name)) is not None and status.endswith("IN_PROGRESS"):
        if time.monotonic() > deadline:
            raise LaptopError(f"The stack {name} is still at {status} after {SECONDS} s. Try again")
        time.sleep(0.1)
    return status


def _status(cloudformation: Any, name: str) -> str | None:
    try:
        status = str(cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])
    except ClientError as error:
        if "does not exist" not in str(error):
            raise
        return None
    return None if status == "DELETE_COMPLETE" else status


def _reasons(cloudformation: Any, name: str) -> str:
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    failed = [event for event in events if event["ResourceStatus"].endswith("FAILED")]
    return "; ".join(f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}" for event in failed)
