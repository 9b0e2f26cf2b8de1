"""With IAM enforced: every role can do its work (the other tests) and nothing beside it (these)."""

from __future__ import annotations

import io
import json
import textwrap
import zipfile
from pathlib import Path
from typing import Any
from uuid import uuid4

import clouds
import pytest
from conftest import ROOT, System

from cli.model_key import key_arn, store_key

PROBE = textwrap.dedent("""
    import json, boto3
    from botocore.exceptions import ClientError

    def client(service, credentials=None, region=None):
        keys = {} if credentials is None else dict(
            aws_access_key_id=credentials["AccessKeyId"], aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"])
        return boto3.client(service, region_name=region, **keys)

    def handler(event, context):
        try:
            credentials = None
            if "assume" in event:
                credentials = client("sts").assume_role(**event["assume"])["Credentials"]
            getattr(client(event["service"], credentials, event.get("region")), event["call"])(**event["arguments"])
            return "allowed"
        except ClientError as error:
            return error.response["Error"]["Code"]
""")
DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"}
ROLES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "ingest-api": ("ecs", "list_clusters", {}),
    "ingest-event": ("ecs", "list_clusters", {}),
    "resolve-approval": ("stepfunctions", "start_execution", {"stateMachineArn": "MACHINE"}),
    "request-approval": ("stepfunctions", "send_task_success", {"taskToken": "x", "output": "{}"}),
    "plan": ("ecs", "list_clusters", {}),
    "advance": ("stepfunctions", "start_execution", {"stateMachineArn": "MACHINE"}),
    "execute-read": ("ecs", "update_service", {"cluster": "c", "service": "s", "desiredCount": 0}),
    "execute-write": ("ec2", "stop_instances", {"InstanceIds": ["i-0123456789abcdef0"]}),
    "execute-render": ("sts", "assume_role", {"RoleArn": "WRITE", "RoleSessionName": "probe"}),
    "execute-send": ("sts", "assume_role", {"RoleArn": "WRITE", "RoleSessionName": "probe"}),
    "open-report": (
        "dynamodb",
        "query",
        {
            "TableName": "TABLE",
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": {"S": "REPORTLINK#main"}},
        },
    ),
    "ingest-chat": ("sqs", "receive_message", {"QueueUrl": "CHAT_IN"}),
    "ingest-hook": ("sqs", "receive_message", {"QueueUrl": "HOOKS_IN"}),
    "take-hook": ("sqs", "send_message", {"QueueUrl": "HOOKS_IN", "MessageBody": "x", "MessageGroupId": "x"}),
    "take-chat": ("sts", "assume_role", {"RoleArn": "WRITE", "RoleSessionName": "probe"}),
    "deliver": ("dynamodb", "delete_item", {"TableName": "TABLE", "Key": {"pk": {"S": "RUN#x"}, "sk": {"S": "x"}}}),
    "check-step": ("dynamodb", "put_item", {"TableName": "TABLE", "Item": {"pk": {"S": "RESULT#x"}, "sk": {"S": "x"}}}),
    "reply": ("lambda", "list_functions", {}),
    "archive": ("s3", "delete_object", {"Bucket": "ARCHIVE", "Key": "journal/main/00000001.jsonl"}),
    "delete-kept": ("sts", "assume_role", {"RoleArn": "WRITE", "RoleSessionName": "probe"}),
    "react": ("sts", "assume_role", {"RoleArn": "WRITE", "RoleSessionName": "probe"}),
    "sweep": ("sts", "assume_role", {"RoleArn": "WRITE", "RoleSessionName": "probe"}),
}
WRITE_ROLE = f"arn:aws:iam::{clouds.HOME}:role/devops-copilot-write"


class Probe:
    """A function with the role of another, that makes one call and says whether it was let through."""

    def __init__(self, system: System) -> None:
        self.system, self.made = system, dict[str, str]()

    def __call__(self, role: str, **event: Any) -> str:
        functions = self.system.client("lambda")
        if role not in self.made:
            self.made[role] = f"probe-{uuid4().hex[:8]}"
            functions.create_function(
                FunctionName=self.made[role],
                Runtime="provided.al2023",
                Handler="probe.handler",
                Role=f"arn:aws:iam::{clouds.HOME}:role/devops-copilot-{role}",
                Code={"ZipFile": archive()},
                Timeout=20,
            )
        answer = functions.invoke(FunctionName=self.made[role], Payload=json.dumps(event))
        return str(json.loads(answer["Payload"].read()))


def archive() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr("probe.py", PROBE)
        info = zipfile.ZipInfo("bootstrap")
        info.external_attr = 0o755 << 16
        file.writestr(info, Path(ROOT / "cli/laptop/bootstrap").read_text())
    return made.getvalue()


@pytest.fixture(scope="module")
def probe(system: System) -> Probe:
    return Probe(system)


def filled(system: System, arguments: dict[str, Any]) -> dict[str, Any]:
    known = {
        "MACHINE": system.laptop.outputs["MachineArn"],
        "TABLE": system.laptop.outputs["Table"],
        "ARCHIVE": system.laptop.outputs["JournalArchiveBucket"],
        "CHAT_IN": system.laptop.outputs["ChatIn"],
        "HOOKS_IN": system.laptop.outputs["HooksIn"],
        "WRITE": WRITE_ROLE,
    }
    return {key: known.get(value, value) if isinstance(value, str) else value for key, value in arguments.items()}


@pytest.mark.parametrize("role", sorted(ROLES))
def test_one_call_outside_each_roles_grant_is_refused(system: System, probe: Probe, role: str) -> None:
    service, call, arguments = ROLES[role]
    assert probe(role, service=service, call=call, arguments=filled(system, arguments)) in DENIED


def test_only_what_calls_a_model_reads_its_key(system: System, probe: Probe) -> None:
    arn = key_arn(system.laptop.region, system.laptop.account)
    store_key(system.client("ssm"), "sk-of-nobody")
    name = arn.rpartition(":parameter")[2]
    reading = {"service": "ssm", "call": "get_parameter", "arguments": {"Name": name, "WithDecryption": True}}
    assert {role: probe(role, **reading) for role in ("plan", "reply")} == {"plan": "allowed", "reply": "allowed"}
    for role in sorted(set(ROLES) - {"plan", "reply"}):
        assert probe(role, **reading) in DENIED
    system.client("ssm").delete_parameter(Name=name)


@pytest.mark.parametrize(
    ("service", "call", "arguments", "allowed"),
    [
        ("logs", "filter_log_events", {"logGroupName": "/ecs/anything"}, True),
        ("logs", "filter_log_events", {"logGroupName": "/other/group"}, False),
        ("logs", "get_log_events", {"logGroupName": "/aws/codebuild/any", "logStreamName": "one"}, True),
        ("logs", "get_log_events", {"logGroupName": "/other/group", "logStreamName": "one"}, False),
        ("logs", "describe_log_groups", {}, False),
        ("ssm", "get_parameter", {"Name": "/app/staging/url"}, True),
        ("ssm", "get_parameter", {"Name": "/devops-copilot/config"}, False),
        ("secretsmanager", "list_secrets", {}, True),
        ("secretsmanager", "get_secret_value", {"SecretId": "any"}, False),
    ],
)
def test_a_pack_reads_what_its_parameter_names_and_nothing_beside_it(
    probe: Probe, service: str, call: str, arguments: dict[str, Any], allowed: bool
) -> None:
    session = {"RoleArn": WRITE_ROLE.replace("-write", "-read"), "RoleSessionName": "probe"}
    answer = probe("execute-read", assume=session, region="eu-west-1", service=service, call=call, arguments=arguments)
    assert (answer not in DENIED) is allowed, answer


def test_only_the_write_function_may_assume_the_write_role(probe: Probe) -> None:
    session = {"RoleArn": WRITE_ROLE, "RoleSessionName": "probe", "SourceIdentity": "ann"}
    identity = {"service": "sts", "call": "get_caller_identity", "arguments": {}}
    assert probe("execute-write", assume=session, **identity) == "allowed"
    for role in ("execute-read", "check-step", "advance"):
        plain = {key: value for key, value in session.items() if key != "SourceIdentity"}
        assert probe(role, assume=plain, **identity) in DENIED


def test_an_arn_outside_the_session_policy_is_refused_though_no_policy_of_ours_was_asked(
    system: System, probe: Probe
) -> None:
    """No Cedar decision is in this path at all, which is what a policy patched to allow everything comes to."""
    from copilot.adapters.aws.session_policies import session_policies
    from copilot.domain import Permission

    region = "eu-west-1"
    ec2 = system.aws("ec2", clouds.HOME, region)
    made = ec2.run_instances(ImageId="ami-1", MinCount=2, MaxCount=2)["Instances"]
    inside, outside = (instance["InstanceId"] for instance in made)
    granted = Permission(action="ec2:StopInstances", arn=f"arn:aws:ec2:{region}:{clouds.HOME}:instance/{inside}")
    (policy,) = session_policies([granted], emulator=True)
    session = {"RoleArn": WRITE_ROLE, "RoleSessionName": "probe", "SourceIdentity": "ann", "Policy": policy.document}

    def stop(instance: str) -> str:
        call = {"service": "ec2", "call": "stop_instances", "arguments": {"InstanceIds": [instance]}}
        return probe("execute-write", assume=session, region=region, **call)

    assert stop(outside) in DENIED
    assert stop(inside) == "allowed"
    states = {
        i["InstanceId"]: i["State"]["Name"] for r in ec2.describe_instances()["Reservations"] for i in r["Instances"]
    }
    assert (states[inside], states[outside]) == ("stopped", "running")


def test_a_schedule_outside_the_session_policy_cannot_be_made_nor_one_without_its_role(
    system: System, probe: Probe
) -> None:
    from copilot.adapters.aws.session_policies import session_policies
    from copilot.domain import Permission

    region, group = "eu-west-1", system.laptop.outputs["ScheduleGroup"]
    role = f"arn:aws:iam::{clouds.HOME}:role/{group}-schedules"
    place = f"arn:aws:scheduler:{region}:{clouds.HOME}:schedule/{group}"
    granted = [
        Permission(action=f"scheduler:{verb}Schedule", arn=f"{place}/{group}-inside") for verb in ("Create", "Delete")
    ]
    (policy,) = session_policies(granted, emulator=True)
    session = {"RoleArn": role, "RoleSessionName": "probe", "SourceIdentity": "ann", "Policy": policy.document}

    def make(name: str, call: str = "create_schedule", **assume: Any) -> str:
        arguments: dict[str, Any] = {"Name": f"{group}-{name}", "GroupName": group}
        if call == "create_schedule":
            target = {"Arn": system.laptop.outputs["DeadLetters"], "RoleArn": role}
            arguments |= {"ScheduleExpression": "cron(0 0 ? * MON 2199)", "Target": target}
            arguments |= {"FlexibleTimeWindow": {"Mode": "OFF"}, "State": "DISABLED"}
        return probe("execute-write", service="scheduler", call=call, arguments=arguments, **assume)

    assert make("inside") in DENIED, "the write function itself may make none"
    assert make("outside", assume=session) in DENIED
    assert make("inside", assume=session) == "allowed"
    assert make("inside", "delete_schedule", assume=session) == "allowed"
    plain = {key: value for key, value in session.items() if key != "SourceIdentity"}
    identity = {"service": "sts", "call": "get_caller_identity", "arguments": {}}
    for other in ("execute-read", "check-step", "ingest-event"):
        assert probe(other, assume=plain, **identity) in DENIED
