"""What template.yaml promises and no local run shows: fences by leading key, cycles, dead letters, retention."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cloudformation import ROOT, read_template, referred

from copilot.config.configuration import ModelSettings
from functions.ingest_api import app as ingest_api
from functions.resolve_approval import app as resolve_approval

Resources = dict[str, Any]

READS_SECRETS = ["secretsmanager:GetSecretValue", "ssm:GetParameter"]
CHAT = ("SlackEventsRoute", "SlackInteractionsRoute", "SlackCommandsRoute", "TeamsRoute", "DiscordRoute")
HOOKS = ("GithubHooksRoute", "GitlabHooksRoute")
OPEN = {"OpenReportRoute": "OpenReport"} | dict.fromkeys(CHAT, "IngestChat") | dict.fromkeys(HOOKS, "IngestHook")
"""The routes that anybody may call, and the function that each leads to."""
MAY = {
    "OpenReport": {"dynamodb:GetItem REPORTLINK#*", "s3:GetObject reports/*"},
    "IngestChat": {
        "secretsmanager:GetSecretValue SlackSigningSecretArn",
        "ssm:GetParameter SlackSigningSecretArn",
        "kms:Decrypt SlackSigningSecretKmsKeyArn",
        "sqs:SendMessage ChatIn.Arn",
        "logs:CreateLogStream AWS::StackName-ingest-chat:*",
        "logs:PutLogEvents AWS::StackName-ingest-chat:*",
    },
    "IngestHook": {
        *(f"{verb} {host}HookSecretArn" for verb in READS_SECRETS for host in ("Github", "Gitlab")),
        "kms:Decrypt CodeHostKmsKeyArn",
        "sqs:SendMessage HooksIn.Arn",
        "logs:CreateLogStream AWS::StackName-ingest-hook:*",
        "logs:PutLogEvents AWS::StackName-ingest-hook:*",
    },
}
"""All that what is behind these may do, of its own."""
IN_CHATS = {
    *("ChatIn", "ChatTaken", "ChatIntegration", "ApiInvokesIngestChat", *CHAT),
    *(f"{function}{part}" for function in ("IngestChat", "TakeChat") for part in ("", "Log", "Role")),
}
"""What is there only where a parameter says that the copilot is reached in a chat."""
IN_HOOKS = {
    *("HooksIn", "HooksTaken", "HookIntegration", "ApiInvokesIngestHook", *HOOKS),
    *(f"{function}{part}" for function in ("IngestHook", "TakeHook") for part in ("", "Log", "Role")),
}
"""What is there only where one says that a code host sends web hooks."""
SHOWN = {
    *("ShowPolicy", "Deliveries", "DeliveriesLater", "DeliveriesTaken", "DeliveriesDue"),
    *("Deliver", "DeliverLog", "DeliverRole", "ChatDeadLetters", "ChatDeadLettersAlarm"),
}
"""What is there in either case, and where approvals escalate."""
ONLY_WHERE = {"HasChat": IN_CHATS, "HasHooks": IN_HOOKS, "Shows": SHOWN}

WRITES = {
    "ExecuteReadRole": {
        "dynamodb:UpdateItem SPEND#*",
        "dynamodb:PutItem RESULT#*",
        "s3:PutObject results/*",
        "sts:AssumeRole ReadRoleName",
        "sqs:SendMessage Sweeps.Arn",
    },
    "ExecuteRenderRole": {
        "dynamodb:PutItem RESULT#*",
        "dynamodb:PutItem REPORTLINK#*",
        "s3:PutObject results/*",
        "s3:PutObject reports/*",
    },
    "OpenReportRole": set(),
    "ArchiveRole": {
        "dynamodb:UpdateItem JOURNAL#*",
        "s3:PutObject JournalArchive.Arn/journal/*",
        "sqs:SendMessage DeadLetters.Arn",
    },
    "DeleteKeptRole": {
        *(
            f"dynamodb:DeleteItem {kind}#*"
            for kind in "RUNS RUN MODEL DELIVERY RESULT TURN FACT LEARNED WATCH LINK MEMORY".split()
        ),
        "dynamodb:PutItem MEMORY#*",
        "dynamodb:PutItem JOURNAL#*",
        "s3:DeleteObject results/*",
    },
    "ExecuteWriteRole": {
        "dynamodb:PutItem LEDGER#*",
        "dynamodb:UpdateItem LEDGER#*",
        "dynamodb:PutItem CHANGE#*",
        "dynamodb:PutItem LEASE#*",
        "dynamodb:PutItem JOURNAL#*",
        "sts:AssumeRole ReadRoleName",
        "sts:AssumeRole WriteRoleName",
        "sts:SetSourceIdentity WriteRoleName",
        "sts:AssumeRole DestroyRoleName",
        "sts:SetSourceIdentity DestroyRoleName",
        "sts:AssumeRole AWS::StackName-schedules",
        "sts:SetSourceIdentity AWS::StackName-schedules",
    },
    "ExecuteSendRole": {
        "dynamodb:PutItem LEDGER#*",
        "dynamodb:UpdateItem LEDGER#*",
        "dynamodb:PutItem CHANGE#*",
        "dynamodb:PutItem JOURNAL#*",
        "dynamodb:PutItem RESULT#*",
        "dynamodb:PutItem LEASE#*",
        "s3:PutObject results/*",
        "sts:AssumeRole AWS::StackName-outbox",
        "sts:SetSourceIdentity AWS::StackName-outbox",
    },
    "SchedulesRole": {
        "dynamodb:PutItem SCHEDULE#*",
        "dynamodb:PutItem KEEP#*",
        "dynamodb:PutItem RUNBOOK#*",
        "dynamodb:PutItem FACT#*",
        "dynamodb:DeleteItem SCHEDULE#*",
        "dynamodb:DeleteItem KEEP#*",
        "dynamodb:PutItem WATCH#*",
        "dynamodb:DeleteItem WATCH#*",
        "iam:PassRole AWS::StackName-schedule-invoke",
        *(
            f"scheduler:{verb}Schedule {place}"
            for verb in ("Create", "Update", "Delete")
            for place in ("AWS::StackName/*", "default/AWS::StackName-*")
        ),
    },
    "TakeChatRole": {
        *(f"dynamodb:PutItem {kind}#*" for kind in "LOCK RUN TURN RUNS JOURNAL FREEZE THREAD LINK LINKCODE".split()),
        *(f"dynamodb:UpdateItem {kind}#*" for kind in ("RUN", "APPROVAL", "LINK", "LINKCODE")),
        *(f"dynamodb:DeleteItem {kind}#*" for kind in ("TURN", "LOCK", "PENDING", "FREEZE", "LINK", "LINKCODE")),
        "states:StartExecution Machine",
        "states:DescribeExecution arn:aws:states:AWS::Region:AWS::AccountId:execution:Machine.Name:*",
        "states:SendTaskSuccess *",
        *(f"sqs:{verb} ChatIn.Arn" for verb in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")),
    },
    "TakeHookRole": {
        "dynamodb:UpdateItem DEPLOYMENT#*",
        "dynamodb:UpdateItem RUN#*",
        *(f"dynamodb:PutItem {kind}#*" for kind in "LOCK RUN TURN RUNS".split()),
        *(f"dynamodb:DeleteItem {kind}#*" for kind in ("TURN", "LOCK")),
        "states:StartExecution Machine",
        "states:DescribeExecution arn:aws:states:AWS::Region:AWS::AccountId:execution:Machine.Name:*",
        *(f"sqs:{verb} HooksIn.Arn" for verb in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")),
        "sqs:SendMessage OwnEvents.Arn",
    },
    "DeliverRole": {
        "dynamodb:PutItem DELIVERY#*",
        *(
            f"sqs:{verb} {queue}.Arn"
            for verb in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
            for queue in ("Deliveries", "DeliveriesLater")
        ),
        "sqs:SendMessage DeliveriesLater.Arn",
        "sqs:SendMessage ChatDeadLetters.Arn",
    },
    "ScheduleInvokeRole": {"lambda:InvokeFunction IngestEvent.Arn", "sqs:SendMessage DeadLetters.Arn"},
    "ReactRole": {
        *(f"dynamodb:PutItem {kind}#*" for kind in "REACTION RUN TURN LOCK RUNS".split()),
        "dynamodb:UpdateItem RUN#*",
        *(f"dynamodb:DeleteItem {kind}#*" for kind in ("TURN", "LOCK")),
        "s3:PutObject outbox/*/firing-*",
        "states:StartExecution Machine",
        *(
            f"sqs:{verb} {queue}.Arn"
            for verb in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
            for queue in ("ReactionEvents", "OwnEvents")
        ),
    },
    "OutboxRole": {"s3:PutObject outbox/*"},
    "CheckStepRole": {"sts:AssumeRole ReadRoleName"},
    "SweepRole": {
        "dynamodb:UpdateItem SPEND#*",
        "dynamodb:PutItem INVENTORY#*",
        "dynamodb:DeleteItem INVENTORY#*",
        "dynamodb:PutItem WATCH#*",
        "dynamodb:DeleteItem WATCH#*",
        "events:PutEvents arn:aws:events:AWS::Region:AWS::AccountId:event-bus/default",
        "s3:PutObject outbox/*/watch-*",
        "s3:PutObject outbox/*/cap-*",
        "dynamodb:DeleteItem LINK#*",
        "dynamodb:DeleteItem STANDING#*",
        "dynamodb:PutItem JOURNAL#*",
        "s3:PutObject inventory/*",
        "sts:AssumeRole ReadRoleName",
        *(
            f"sqs:{verb} Sweeps.Arn"
            for verb in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes", "SendMessage")
        ),
        "sqs:SendMessage DeliveriesLater.Arn",
    },
}
"""All that the roles which meet the world may do, beside reading. Whom they may assume counts as a write."""

CHATS = ("ExecuteSend", "TakeChat", "Deliver", "Sweep")
"""The functions that have the tokens of chats."""
SHOWS = (
    "Advance",
    "RequestApproval",
    "ResolveApproval",
    "Reply",
    "IngestEvent",
    "React",
    "TakeChat",
    "TakeHook",
    "Deliver",
)
"""The functions that have something shown in chats, or said in comments."""
IMPLIED = {"HasChat": "Shows", "HasHooks": "Shows"}
"""Where the first is so, the second is."""
TOKENS = (
    ("ChatTokenPolicy", "HasChatTokens", "HasChatTokensKmsKey", "ChatTokenArns", "ChatTokenKmsKeyArn"),
    ("CodeHostTokenPolicy", "HasCodeHostTokens", "HasCodeHostKmsKey", "CodeHostTokenArns", "CodeHostKmsKeyArn"),
    ("CommentTokenPolicy", "HasCommentTokens", "HasCodeHostKmsKey", "CommentTokenArns", "CodeHostKmsKeyArn"),
    ("PagerKeyPolicy", "HasPagerKeys", "HasPagerKmsKey", "PagerKeyArns", "DestinationsKmsKeyArn"),
)
"""Each policy, where it is and where its key is, and the parameters that say so."""
SENDS = {"IngestEvent": ["Sweeps"]}
"""The queues that a function of a rule sends to, beside the dead letters."""
SHARED = set(
    "ssm:GetParameter logs:CreateLogStream logs:PutLogEvents xray:PutTraceSegments xray:PutTelemetryRecords".split()
)
READS = re.compile(
    r"dynamodb:(GetItem|BatchGetItem|Query|ConditionCheckItem)|s3:(GetObject|ListBucket)|scheduler:GetSchedule"
)


def template() -> Resources:
    return dict(read_template("template.yaml")["Resources"])


# --- what is checked -------------------------------------------------------------------------------


def faults(resources: Resources) -> list[str]:
    """What is wrong with a template, a line each."""
    checks = (
        own_roles,
        models,
        chats,
        tokens,
        outside,
        cycles,
        writes,
        fences,
        dead_letters,
        logs,
        routes,
        invocations,
    )
    return [fault for check in checks for fault in check(resources)]


def of_type(resources: Resources, type: str) -> Iterator[tuple[str, dict[str, Any]]]:
    return ((name, each["Properties"]) for name, each in resources.items() if each["Type"] == type)


def functions(resources: Resources) -> dict[str, dict[str, Any]]:
    return dict(of_type(resources, "AWS::Serverless::Function"))


def own_roles(resources: Resources) -> Iterator[str]:
    shared = resources["FunctionPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    if more := {action for statement in shared for action in listed(statement["Action"])} - SHARED:
        yield f"FunctionPolicy: every function may {', '.join(sorted(more))}"
    roles = [each["Role"]["GetAtt"] for each in functions(resources).values()]
    for name, each in functions(resources).items():
        if each["Role"] != {"GetAtt": f"{name}Role.Arn"} or roles.count(each["Role"]["GetAtt"]) > 1:
            yield f"{name}: has no role of its own"
        elif resources[f"{name}Role"]["Properties"]["RoleName"] != each["FunctionName"]:
            yield f"{name}: its role is not named after it, and accounts trust roles by name"
        elif resources[f"{name}Role"]["Properties"].get("ManagedPolicyArns", []) != managed(
            name, resources[name].get("Condition")
        ):
            yield f"{name}: has policies of others"


def managed(function: str, condition: str | None) -> list[Any]:
    """The managed policies of the role of a function that is there under this condition: one of every function's, and
    one of those that call a model, have tokens of chats or code hosts, or have something shown there. None of those
    that let in what chats and code hosts send, which read no configuration.
    """
    if function in {"IngestChat", "IngestHook"}:
        return []
    more = {
        "CallsAModel": ("ModelPolicy", ("Plan", "Reply")),
        "Shows": ("ShowPolicy", SHOWS),
        "HasChatTokens": ("ChatTokenPolicy", CHATS),
        "HasCodeHostTokens": ("CodeHostTokenPolicy", ("ExecuteRead", "TakeHook")),
        "HasCommentTokens": ("CommentTokenPolicy", ("Deliver",)),
        "HasDestinations": ("DestinationsPolicy", ("Deliver", "ExecuteSend")),
        "HasPagerKeys": ("PagerKeyPolicy", ("Deliver",)),
    }
    some = [
        {"Ref": policy}
        if one in {condition, IMPLIED.get(condition or "")}
        else {"If": [one, {"Ref": policy}, {"Ref": "AWS::NoValue"}]}
        for one, (policy, names) in more.items()
        if function in names
    ]
    return [{"Ref": "FunctionPolicy"}, *some]


def tokens(resources: Resources) -> Iterator[str]:
    """The tokens of chats and code hosts are had only where some are named, and just those."""
    for policy, named, key_is_named, arns, key_arn in TOKENS:
        if resources[policy].get("Condition") != named:
            yield f"{policy}: is there where nothing is named"
        reads, key = resources[policy]["Properties"]["PolicyDocument"]["Statement"]
        condition, decrypts, otherwise = key["If"]
        if (reads["Action"], reads["Resource"]) != (READS_SECRETS, {"Ref": arns}):
            yield f"{policy}: may read other secrets"
        granted = (condition, decrypts["Action"], decrypts["Resource"], otherwise)
        if granted != (key_is_named, "kms:Decrypt", {"Ref": key_arn}, {"Ref": "AWS::NoValue"}):
            yield f"{policy}: may decrypt with other keys"


def outside(resources: Resources) -> Iterator[str]:
    """What is sent outside the chat goes to the destinations that parameters name, from the one sender."""
    policy = resources["DestinationsPolicy"]
    if policy.get("Condition") != "HasDestinations":
        yield "DestinationsPolicy: is there where nothing is named"
    sends: dict[str, Any] = {}
    for each in policy["Properties"]["PolicyDocument"]["Statement"]:
        condition, granted, otherwise = each["If"]
        assert otherwise == {"Ref": "AWS::NoValue"}
        sends[condition] = granted["Action"], granted["Resource"]
        if condition == "HasMail":
            sender = {"ses:FromAddress": {"Ref": "MailSender"}}
            to = {"ses:Recipients": {"Ref": "MailRecipients"}}
            if granted["Condition"] != {"StringEquals": sender, "ForAllValues:StringLike": to}:
                yield "DestinationsPolicy: sends mail from anybody, or to anybody"
    if sends != {
        "HasMail": (["ses:SendEmail", "ses:SendRawEmail"], {"Ref": "MailIdentityArn"}),
        "HasTopics": ("sns:Publish", {"Ref": "TopicArns"}),
        "HasWebhooks": (READS_SECRETS, {"Ref": "WebhookSecretArns"}),
        "HasDestinationsKmsKey": (["kms:Decrypt", "kms:GenerateDataKey"], {"Ref": "DestinationsKmsKeyArn"}),
    }:
        yield "DestinationsPolicy: sends to others"


def models(resources: Resources) -> Iterator[str]:
    """What calling a model takes is had only under a parameter that names it, and is for just that."""
    if resources["ModelPolicy"].get("Condition") != "CallsAModel":
        yield "ModelPolicy: is there where nothing is named"
    allowed = {
        "HasModelKey": ({"secretsmanager:GetSecretValue", "ssm:GetParameter"}, {"Ref": "ModelKeyArn"}),
        "HasModelKmsKey": ({"kms:Decrypt"}, {"Ref": "ModelKeyKmsKeyArn"}),
        "OnBedrock": ({"bedrock:InvokeModel"}, {"Ref": "BedrockModelArns"}),
    }
    for each in resources["ModelPolicy"]["Properties"]["PolicyDocument"]["Statement"]:
        condition, statement, otherwise = each.get("If", ("nothing", each, None))
        granted = (set(listed(statement["Action"])), statement["Resource"])
        if granted != allowed.get(condition) or otherwise != {"Ref": "AWS::NoValue"}:
            yield f"ModelPolicy: may {', '.join(sorted(granted[0]))} under {condition}"


def chats(resources: Resources) -> Iterator[str]:
    """Where there is no chat and no hook there is nothing of it; where there is, as many at a time as are reserved."""
    for name, each in resources.items():
        condition = next((one for one, some in ONLY_WHERE.items() if name in some), None)
        condition = "RingsForShown" if name == "ChatDeadLettersAlarm" else condition
        if condition != each.get("Condition") and {condition, each.get("Condition")} & {*ONLY_WHERE, "RingsForShown"}:
            yield f"{name}: is there under {each.get('Condition')}"
    for function, most in (("IngestChat", "ChatConcurrency"), ("IngestHook", "HookConcurrency")):
        if resources[function]["Properties"].get("ReservedConcurrentExecutions") != {"Ref": most}:
            yield f"{function}: may take all that others need"
    for queue, letters in [(queue, "ChatDeadLetters") for queue in ("ChatIn", "HooksIn", "Deliveries")]:
        both = [resources[name]["Properties"] for name in (queue, letters)]
        if not all(one.get("FifoQueue") and one.get("SqsManagedSseEnabled") for one in both):
            yield f"{queue}: is out of order, or not encrypted"
        if both[0].get("RedrivePolicy", {}).get("deadLetterTargetArn") != {"GetAtt": f"{letters}.Arn"}:
            yield f"{queue}: a message that fails is lost"


def cycles(resources: Resources) -> Iterator[str]:
    """A task of the machine which refers to the machine is one: only a deployment reports it."""
    edges = {name: set(referred(each)) & set(resources) for name, each in resources.items()}
    for name in resources:
        reached, new = set[str](), edges[name]
        while new:
            reached |= new
            new = set().union(*(edges[each] for each in new)) - reached
        if name in reached:
            yield f"{name}: refers to itself, by way of others"


def statements(resources: Resources, role: str) -> list[dict[str, Any]]:
    (policy,) = resources[role]["Properties"]["Policies"]
    found: list[dict[str, Any]] = policy["PolicyDocument"]["Statement"]
    return found


def unconditional(statement: dict[str, Any]) -> dict[str, Any]:
    """A statement as it is where its parameter is given."""
    found: dict[str, Any] = statement["If"][1] if "If" in statement else statement
    return found


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def writes(resources: Resources) -> Iterator[str]:
    for role, allowed in WRITES.items():
        every = {grant for statement in statements(resources, role) for grant in grants(statement)}
        granted = {grant for grant in every if not READS.fullmatch(grant.partition(" ")[0])}
        yield from (f"{role}: may {grant}" for grant in sorted(granted - allowed))
        yield from (f"{role}: may not {grant}" for grant in sorted(allowed - granted))


def grants(statement: dict[str, Any]) -> Iterator[str]:
    """Each action with the partition, folder, role or log group it is for."""
    statement = unconditional(statement)
    keys = statement.get("Condition", {}).get("ForAllValues:StringLike", {}).get("dynamodb:LeadingKeys")
    resources = [
        next(iter(each.values())) if isinstance(each, dict) else each for each in listed(statement["Resource"])
    ]
    places = keys or [re.sub(r"[${}]", "", resource) for resource in resources]
    for action in listed(statement["Action"]):
        yield from (
            f"{action} {re.sub(r'^(Bucket.Arn/|arn:.*role/|arn:.*schedule/|arn:.*log-group:/aws/lambda/)', '', place)}"
            for place in places
        )


def fences(resources: Resources) -> Iterator[str]:
    for role, _ in of_type(resources, "AWS::IAM::Role"):
        for statement in map(unconditional, statements(resources, role)):
            actions = listed(statement["Action"])
            yield from (f"{role}: {action} is more than one action" for action in actions if "*" in action)
            if any(action.startswith("dynamodb:") for action in actions):
                keys = statement.get("Condition", {}).get("ForAllValues:StringLike", {}).get("dynamodb:LeadingKeys", [])
                if not keys or not all(re.fullmatch(r"[A-Z]+#\*", key) for key in keys):
                    yield f"{role}: {', '.join(actions)} is not fenced by leading key"
                if statement["Resource"] != {"GetAtt": "Table.Arn"}:
                    yield f"{role}: {', '.join(actions)} is not for the table alone"


def dead_letters(resources: Resources) -> Iterator[str]:
    watched = [alarm["Dimensions"][0]["Value"] for _, alarm in of_type(resources, "AWS::CloudWatch::Alarm")]
    taking = [one.get("RedrivePolicy") for _, one in of_type(resources, "AWS::SQS::Queue")]
    for letters in sorted({one["deadLetterTargetArn"]["GetAtt"].partition(".")[0] for one in taking if one}):
        if {"GetAtt": f"{letters}.QueueName"} not in watched:
            yield f"{letters}: nobody hears of what is in it"
    queue = {"GetAtt": "DeadLetters.Arn"}
    for rule, properties in of_type(resources, "AWS::Events::Rule"):
        for target in properties["Targets"]:
            if target.get("DeadLetterConfig") != {"Arn": queue} or "RetryPolicy" not in target:
                yield f"{rule}: what cannot be delivered is lost"
            function = target["Arn"]["GetAtt"].partition(".")[0]
            if rule not in referred(resources["DeadLettersPolicy"]):
                yield f"{rule}: the dead letters do not take its events"
            if resources[function]["Type"] == "AWS::SQS::Queue":
                yield from queues(resources, rule, function)
                continue
            failed = resources[function]["Properties"].get("EventInvokeConfig", {}).get("DestinationConfig", {})
            if failed.get("OnFailure", {}).get("Destination") != queue:
                yield f"{function}: an event that fails is lost"
            sends = [s for s in statements(resources, f"{function}Role") if s["Action"] == "sqs:SendMessage"]
            more = [{"GetAtt": f"{name}.Arn"} for name in SENDS.get(function, ())]
            if [statement["Resource"] for statement in sends] != [queue, *more]:
                yield f"{function}: its role may not send to the dead letters"


def queues(resources: Resources, rule: str, queue: str) -> Iterator[str]:
    """A rule's queue takes its events, keeps them encrypted, and gives up on none without a trace."""
    properties = resources[queue]["Properties"]
    if properties.get("RedrivePolicy", {}).get("deadLetterTargetArn") != {"GetAtt": "DeadLetters.Arn"}:
        yield f"{queue}: a message that fails is lost"
    if properties.get("SqsManagedSseEnabled") is not True:
        yield f"{queue}: is not encrypted"
    if rule not in referred(resources[f"{queue}Policy"]):
        yield f"{rule}: its queue does not take its events"
    for name, mapping in of_type(resources, "AWS::Lambda::EventSourceMapping"):
        if mapping["EventSourceArn"] != {"GetAtt": f"{queue}.Arn"}:
            continue
        function = resources[mapping["FunctionName"]["Ref"]]["Properties"]
        if mapping["FunctionResponseTypes"] != ["ReportBatchItemFailures"]:
            yield f"{name}: one message that fails takes its whole batch with it"
        if properties["VisibilityTimeout"] < 6 * function.get("Timeout", 30):
            yield f"{queue}: messages come again while they are worked on"


def logs(resources: Resources) -> Iterator[str]:
    for name, each in functions(resources).items():
        group = each.get("LoggingConfig", {}).get("LogGroup", {}).get("Ref")
        named = group and resources[group]["Properties"]["LogGroupName"]["Sub"]
        if named != f"/aws/lambda/{each['FunctionName']['Sub']}":
            yield f"{name}: has no log group of its own"
    for name, group in of_type(resources, "AWS::Logs::LogGroup"):
        if "RetentionInDays" not in group:
            yield f"{name}: keeps logs for ever"


def routes(resources: Resources) -> Iterator[str]:
    """Every route wants a signature but some, which lead to functions of their own that can do next to nothing."""
    stage = resources["ApiStage"]
    throttled = stage["Properties"]["RouteSettings"]["If"][1]["If"][1]
    waits = {*referred(stage["Properties"]), *listed(stage["DependsOn"])}
    for name, route in of_type(resources, "AWS::ApiGatewayV2::Route"):
        if route.get("AuthorizationType") != "AWS_IAM" and name not in OPEN:
            yield f"{name}: anybody may call it"
    integrations = dict(of_type(resources, "AWS::ApiGatewayV2::Integration"))
    for name, route in of_type(resources, "AWS::ApiGatewayV2::Route"):
        (integration,) = set(referred(route["Target"])) & integrations.keys()
        leads = set(referred(integrations[integration]["IntegrationUri"]))
        if leads != {OPEN[name]} if name in OPEN else leads & {*OPEN.values()}:
            yield f"{name}: leads to {', '.join(sorted(leads))}"
        if name in OPEN and route["RouteKey"] not in throttled:
            yield f"{name}: may be called without end"
        if name in OPEN and name not in waits:
            yield f"{name}: is named by the stage before it is there"
    for function, allowed in MAY.items():
        may = {grant for each in statements(resources, f"{function}Role") for grant in grants(each)}
        if may != allowed:
            yield f"{function}Role: may {', '.join(sorted(may))}"


def invocations(resources: Resources) -> Iterator[str]:
    """The machine may invoke what its definition names and what Advance puts into items, and nothing else."""
    named = [
        resources["Machine"]["Properties"]["DefinitionSubstitutions"],
        resources["Advance"]["Properties"]["Environment"],
    ]
    tasks = set(referred(named)) & set(functions(resources))
    invoke = next(each for each in statements(resources, "MachineRole") if each["Action"] == "lambda:InvokeFunction")
    allowed = set(referred(invoke["Resource"]))
    yield from (f"MachineRole: may invoke {name}" for name in sorted(allowed - tasks))
    yield from (f"MachineRole: may not invoke {name}" for name in sorted(tasks - allowed))


# --- the template, and that each fault would be seen ---------------------------------------------------


def test_the_template_has_no_faults() -> None:
    assert faults(template()) == []


def archive_faults(resources: Resources) -> Iterator[str]:
    """Evidence: who archives it changes nothing of it, and nobody deletes any of it."""
    for statement in statements(resources, "ArchiveRole"):
        attributes = statement.get("Condition", {}).get("ForAllValues:StringEquals", {}).get("dynamodb:Attributes")
        if "dynamodb:UpdateItem" in listed(statement["Action"]) and attributes != ["pk", "sk", "ttl"]:
            yield "ArchiveRole: may change more of a row than its end"
    for role, _ in of_type(resources, "AWS::IAM::Role"):
        for statement in map(unconditional, statements(resources, role)):
            reaches = "JournalArchive" in str(statement["Resource"])
            if any(action.startswith("s3:Delete") for action in listed(statement["Action"])) and reaches:
                yield f"{role}: may delete evidence"
            if reaches and role != "ArchiveRole":
                yield f"{role}: reaches the archive"
    bucket = resources["JournalArchive"]
    if bucket["Properties"].get("VersioningConfiguration") != {"Status": "Enabled"}:
        yield "JournalArchive: keeps one version"
    if {bucket.get("DeletionPolicy"), bucket.get("UpdateReplacePolicy")} != {"Retain"}:
        yield "JournalArchive: goes with the stack"


def test_evidence_is_changed_and_deleted_by_nobody() -> None:
    assert [*archive_faults(template())] == []
    broken = template()
    next(one for one in statements(broken, "ArchiveRole") if one["Action"] == "dynamodb:UpdateItem")["Condition"].pop(
        "ForAllValues:StringEquals"
    )
    deletes = {"Effect": "Allow", "Action": "s3:DeleteObject", "Resource": {"Sub": "${JournalArchive.Arn}/*"}}
    statements(broken, "DeleteKeptRole").append(deletes)
    broken["JournalArchive"]["Properties"].pop("VersioningConfiguration")
    assert [*archive_faults(broken)] == [
        "ArchiveRole: may change more of a row than its end",
        "DeleteKeptRole: may delete evidence",
        "DeleteKeptRole: reaches the archive",
        "JournalArchive: keeps one version",
    ]


def test_every_route_that_is_answered_is_one_of_the_api() -> None:
    there = {route["RouteKey"] for _, route in of_type(template(), "AWS::ApiGatewayV2::Route")}
    answered = {*ingest_api.ROUTES, *resolve_approval.ROUTES}
    assert answered <= there, answered - there


def test_every_function_of_the_design_is_there() -> None:
    folders = sorted(each["CodeUri"] for each in functions(template()).values())
    once = "advance check_step ingest_api ingest_event open_report plan reply request_approval resolve_approval"
    more = "archive delete_kept deliver ingest_chat ingest_hook react sweep take_chat take_hook"
    assert folders == sorted(
        [
            *(f"functions/{name}/" for name in [*once.split(), *more.split()]),
            *["functions/execute_step/"] * 4,
        ]
    )


def role_of_another(resources: Resources) -> None:
    resources["Reply"]["Properties"]["Role"] = {"GetAtt": "AdvanceRole.Arn"}


def role_by_another_name(resources: Resources) -> None:
    resources["ExecuteWriteRole"]["Properties"]["RoleName"] = {"Sub": "${AWS::StackName}-writer"}


def task_refers_to_the_machine(resources: Resources) -> None:
    start = {"Effect": "Allow", "Action": "states:StartExecution", "Resource": {"Ref": "Machine"}}
    statements(resources, "PlanRole").append(start)


def check_writes(resources: Resources) -> None:
    statements(resources, "CheckStepRole")[0]["Action"] = ["dynamodb:GetItem", "dynamodb:PutItem"]


def write_changes_the_world(resources: Resources) -> None:
    statements(resources, "ExecuteWriteRole").append(
        {"Effect": "Allow", "Action": "ecs:UpdateService", "Resource": "*"}
    )


def read_assumes_the_write_role(resources: Resources) -> None:
    (assumes,) = [one for one in statements(resources, "ExecuteReadRole") if "sts:AssumeRole" in str(one["Action"])]
    assumes["Resource"] = {"Sub": "arn:aws:iam::*:role/${WriteRoleName}"}


def a_managed_policy_more(resources: Resources) -> None:
    resources["CheckStepRole"]["Properties"]["ManagedPolicyArns"].append("arn:aws:iam::aws:policy/AdministratorAccess")


def everybody_reads_secrets(resources: Resources) -> None:
    document = resources["FunctionPolicy"]["Properties"]["PolicyDocument"]
    document["Statement"][0]["Action"] = ["ssm:GetParameter", "secretsmanager:GetSecretValue"]


def everybody_calls_a_model(resources: Resources) -> None:
    resources["AdvanceRole"]["Properties"]["ManagedPolicyArns"].append({"Ref": "ModelPolicy"})


def any_secret(resources: Resources) -> None:
    resources["ModelPolicy"]["Properties"]["PolicyDocument"]["Statement"][0]["If"][1]["Resource"] = "*"


def any_token(resources: Resources) -> None:
    resources["ChatTokenPolicy"]["Properties"]["PolicyDocument"]["Statement"][0]["Resource"] = "*"


def any_chat_key(resources: Resources) -> None:
    resources["ChatTokenPolicy"]["Properties"]["PolicyDocument"]["Statement"][1]["If"][1]["Resource"] = "*"


def mail_from_anybody(resources: Resources) -> None:
    statement = resources["DestinationsPolicy"]["Properties"]["PolicyDocument"]["Statement"][0]["If"][1]
    del statement["Condition"]["StringEquals"]


def any_topic(resources: Resources) -> None:
    resources["DestinationsPolicy"]["Properties"]["PolicyDocument"]["Statement"][1]["If"][1]["Resource"] = "*"


def destinations_for_replies(resources: Resources) -> None:
    resources["ReplyRole"]["Properties"]["ManagedPolicyArns"].append({"Ref": "DestinationsPolicy"})


def tokens_for_writes(resources: Resources) -> None:
    resources["ExecuteWriteRole"]["Properties"]["ManagedPolicyArns"].append({"Ref": "ChatTokenPolicy"})


def a_send_that_reaches_accounts(resources: Resources) -> None:
    statements(resources, "ExecuteSendRole").append(
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": {"Sub": "arn:aws:iam::*:role/${WriteRoleName}"}}
    )


def any_model(resources: Resources) -> None:
    statement = resources["ModelPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    statement[2] = statement[2]["If"][1]


def sweep_assumes_the_write_role(resources: Resources) -> None:
    every = [unconditional(one) for one in statements(resources, "SweepRole")]
    (assumes,) = [one for one in every if "sts:AssumeRole" in str(one["Action"])]
    assumes["Resource"] = {"Sub": "arn:aws:iam::*:role/${WriteRoleName}"}


def sweep_writes_runs(resources: Resources) -> None:
    fence = statements(resources, "SweepRole")[0]["Condition"]["ForAllValues:StringLike"]
    fence["dynamodb:LeadingKeys"] = ["INVENTORY#*", "RUNS#*"]


def sweeps_shut(resources: Resources) -> None:
    resources["SweepsPolicy"]["Properties"]["PolicyDocument"]["Statement"][0]["Condition"] = {}


def sweeps_come_again_while_they_are_worked_on(resources: Resources) -> None:
    resources["Sweeps"]["Properties"]["VisibilityTimeout"] = 180


def no_fence(resources: Resources) -> None:
    del statements(resources, "ExecuteRenderRole")[0]["Condition"]


def a_wide_fence(resources: Resources) -> None:
    fence = statements(resources, "ExecuteRenderRole")[0]["Condition"]["ForAllValues:StringLike"]
    fence["dynamodb:LeadingKeys"] = ["*"]


def every_action(resources: Resources) -> None:
    statements(resources, "ReplyRole")[0]["Action"] = "dynamodb:*"


def no_dead_letters_of_a_rule(resources: Resources) -> None:
    del resources["OurEvents"]["Properties"]["Targets"][0]["DeadLetterConfig"]


def no_dead_letters_of_a_function(resources: Resources) -> None:
    del resources["IngestEvent"]["Properties"]["EventInvokeConfig"]


def dead_letters_shut(resources: Resources) -> None:
    document = resources["DeadLettersPolicy"]["Properties"]["PolicyDocument"]
    document["Statement"][0]["Condition"]["ArnEquals"]["aws:SourceArn"].pop()


def no_redrive(resources: Resources) -> None:
    del resources["DeploymentEvents"]["Properties"]["RedrivePolicy"]


def queue_in_the_clear(resources: Resources) -> None:
    del resources["DeploymentEvents"]["Properties"]["SqsManagedSseEnabled"]


def whole_batches_fail(resources: Resources) -> None:
    resources["DeploymentEventsIngested"]["Properties"]["FunctionResponseTypes"] = []


def queue_shut(resources: Resources) -> None:
    document = resources["DeploymentEventsPolicy"]["Properties"]["PolicyDocument"]
    document["Statement"][0]["Condition"]["ArnEquals"]["aws:SourceArn"].pop()


def no_retention(resources: Resources) -> None:
    del resources["PlanLog"]["Properties"]["RetentionInDays"]


def no_log_group(resources: Resources) -> None:
    del resources["Plan"]["Properties"]["LoggingConfig"]


def open_route(resources: Resources) -> None:
    del resources["StartRunRoute"]["Properties"]["AuthorizationType"]


def open_route_to_more(resources: Resources) -> None:
    resources["OpenReportRoute"]["Properties"]["Target"] = {"Sub": "integrations/${RunsIntegration}"}


def open_function_reads_runs(resources: Resources) -> None:
    fence = statements(resources, "OpenReportRole")[0]["Condition"]["ForAllValues:StringLike"]
    fence["dynamodb:LeadingKeys"] = ["REPORTLINK#*", "RUN#*"]


def chat_route_to_more(resources: Resources) -> None:
    resources["SlackEventsRoute"]["Properties"]["Target"] = {"Sub": "integrations/${RunsIntegration}"}


def chat_unthrottled(resources: Resources) -> None:
    del resources["ApiStage"]["Properties"]["RouteSettings"]["If"][1]["If"][1]["POST /v1/chat/slack/events"]


def chat_before_its_routes(resources: Resources) -> None:
    del resources["ApiStage"]["Properties"]["StageVariables"]


def chat_without_a_secret(resources: Resources) -> None:
    del resources["SlackCommandsRoute"]["Condition"]


def chat_takes_everything(resources: Resources) -> None:
    del resources["IngestChat"]["Properties"]["ReservedConcurrentExecutions"]


def chat_reads_the_configuration(resources: Resources) -> None:
    resources["IngestChatRole"]["Properties"]["ManagedPolicyArns"] = [{"Ref": "FunctionPolicy"}]


def chat_takes_its_own_messages(resources: Resources) -> None:
    statements(resources, "IngestChatRole")[1]["Action"] = ["sqs:SendMessage", "sqs:ReceiveMessage"]


def hook_route_to_more(resources: Resources) -> None:
    resources["GithubHooksRoute"]["Properties"]["Target"] = {"Sub": "integrations/${ChatIntegration}"}


def hook_unthrottled(resources: Resources) -> None:
    del resources["ApiStage"]["Properties"]["RouteSettings"]["If"][1]["If"][1]["POST /v1/hooks/github"]


def hook_without_a_secret(resources: Resources) -> None:
    del resources["GitlabHooksRoute"]["Condition"]


def hook_takes_everything(resources: Resources) -> None:
    del resources["IngestHook"]["Properties"]["ReservedConcurrentExecutions"]


def hook_lost(resources: Resources) -> None:
    del resources["HooksIn"]["Properties"]["RedrivePolicy"]


def hook_that_comments(resources: Resources) -> None:
    resources["TakeHookRole"]["Properties"]["ManagedPolicyArns"].append({"Ref": "CommentTokenPolicy"})


def hook_that_decides(resources: Resources) -> None:
    decides = {"Effect": "Allow", "Action": "states:SendTaskSuccess", "Resource": "*"}
    statements(resources, "TakeHookRole").append(decides)


def any_comment_token(resources: Resources) -> None:
    resources["CommentTokenPolicy"]["Properties"]["PolicyDocument"]["Statement"][0]["Resource"] = "*"


def chat_out_of_order(resources: Resources) -> None:
    del resources["ChatDeadLetters"]["Properties"]["FifoQueue"]


def chat_lost(resources: Resources) -> None:
    del resources["ChatIn"]["Properties"]["RedrivePolicy"]


def chat_lost_unheard(resources: Resources) -> None:
    del resources["ChatDeadLettersAlarm"]


def lost_unheard(resources: Resources) -> None:
    del resources["DeadLettersAlarm"]


def machine_invokes_ingest(resources: Resources) -> None:
    statements(resources, "MachineRole")[0]["Resource"].append({"GetAtt": "ResolveApproval.Arn"})


def machine_lacks_a_task(resources: Resources) -> None:
    statements(resources, "MachineRole")[0]["Resource"].remove({"GetAtt": "ExecuteRender.Arn"})


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        (role_of_another, "Reply: has no role of its own"),
        (role_by_another_name, "ExecuteWrite: its role is not named after it, and accounts trust roles by name"),
        (task_refers_to_the_machine, "Machine: refers to itself, by way of others"),
        (check_writes, "CheckStepRole: may dynamodb:PutItem RUN#*"),
        (write_changes_the_world, "ExecuteWriteRole: may ecs:UpdateService *"),
        (read_assumes_the_write_role, "ExecuteReadRole: may sts:AssumeRole WriteRoleName"),
        (a_managed_policy_more, "CheckStep: has policies of others"),
        (everybody_reads_secrets, "FunctionPolicy: every function may secretsmanager:GetSecretValue"),
        (everybody_calls_a_model, "Advance: has policies of others"),
        (any_secret, "ModelPolicy: may secretsmanager:GetSecretValue, ssm:GetParameter under HasModelKey"),
        (any_token, "ChatTokenPolicy: may read other secrets"),
        (any_chat_key, "ChatTokenPolicy: may decrypt with other keys"),
        (tokens_for_writes, "ExecuteWrite: has policies of others"),
        (mail_from_anybody, "DestinationsPolicy: sends mail from anybody, or to anybody"),
        (any_topic, "DestinationsPolicy: sends to others"),
        (destinations_for_replies, "Reply: has policies of others"),
        (a_send_that_reaches_accounts, "ExecuteSendRole: may sts:AssumeRole WriteRoleName"),
        (any_model, "ModelPolicy: may bedrock:InvokeModel under nothing"),
        (sweep_assumes_the_write_role, "SweepRole: may sts:AssumeRole WriteRoleName"),
        (sweep_writes_runs, "SweepRole: may dynamodb:PutItem RUNS#*"),
        (sweeps_shut, "SweepsDue: its queue does not take its events"),
        (sweeps_come_again_while_they_are_worked_on, "Sweeps: messages come again while they are worked on"),
        (no_fence, "ExecuteRenderRole: dynamodb:GetItem is not fenced by leading key"),
        (a_wide_fence, "ExecuteRenderRole: dynamodb:GetItem is not fenced by leading key"),
        (every_action, "ReplyRole: dynamodb:* is more than one action"),
        (no_dead_letters_of_a_rule, "OurEvents: what cannot be delivered is lost"),
        (no_dead_letters_of_a_function, "IngestEvent: an event that fails is lost"),
        (dead_letters_shut, "OurEvents: the dead letters do not take its events"),
        (no_redrive, "DeploymentEvents: a message that fails is lost"),
        (queue_in_the_clear, "DeploymentEvents: is not encrypted"),
        (whole_batches_fail, "DeploymentEventsIngested: one message that fails takes its whole batch with it"),
        (queue_shut, "DeploymentsReported: its queue does not take its events"),
        (no_retention, "PlanLog: keeps logs for ever"),
        (no_log_group, "Plan: has no log group of its own"),
        (open_route, "StartRunRoute: anybody may call it"),
        (open_route_to_more, "OpenReportRoute: leads to IngestApi"),
        (
            open_function_reads_runs,
            "OpenReportRole: may dynamodb:GetItem REPORTLINK#*, dynamodb:GetItem RUN#*, s3:GetObject reports/*",
        ),
        (chat_route_to_more, "SlackEventsRoute: leads to IngestApi"),
        (chat_unthrottled, "SlackEventsRoute: may be called without end"),
        (chat_before_its_routes, "SlackEventsRoute: is named by the stage before it is there"),
        (chat_without_a_secret, "SlackCommandsRoute: is there under None"),
        (chat_takes_everything, "IngestChat: may take all that others need"),
        (chat_reads_the_configuration, "IngestChat: has policies of others"),
        (
            chat_takes_its_own_messages,
            f"IngestChatRole: may {', '.join(sorted({*MAY['IngestChat'], 'sqs:ReceiveMessage ChatIn.Arn'}))}",
        ),
        (hook_route_to_more, "GithubHooksRoute: leads to IngestChat"),
        (hook_unthrottled, "GithubHooksRoute: may be called without end"),
        (hook_without_a_secret, "GitlabHooksRoute: is there under None"),
        (hook_takes_everything, "IngestHook: may take all that others need"),
        (hook_lost, "HooksIn: a message that fails is lost"),
        (hook_that_comments, "TakeHook: has policies of others"),
        (hook_that_decides, "TakeHookRole: may states:SendTaskSuccess *"),
        (any_comment_token, "CommentTokenPolicy: may read other secrets"),
        (chat_out_of_order, "ChatIn: is out of order, or not encrypted"),
        (chat_lost, "ChatIn: a message that fails is lost"),
        (chat_lost_unheard, "ChatDeadLetters: nobody hears of what is in it"),
        (lost_unheard, "DeadLetters: nobody hears of what is in it"),
        (machine_invokes_ingest, "MachineRole: may invoke ResolveApproval"),
        (machine_lacks_a_task, "MachineRole: may not invoke ExecuteRender"),
    ],
)
def test_a_broken_copy_is_seen(broken: Callable[[Resources], None], expected: str) -> None:
    resources = copy.deepcopy(template())
    broken(resources)
    assert expected in faults(resources)


def test_a_function_that_calls_a_model_outlasts_the_models_deadline() -> None:
    """Plan may ask three times (a plan, and twice for its faults), Reply twice; neither outlasts the machine."""
    (longest,) = [each.le for each in ModelSettings.model_fields["timeout_seconds"].metadata if hasattr(each, "le")]
    machine = json.loads((ROOT / "functions/run.asl.json").read_text())["TimeoutSeconds"]
    for name, calls in (("Plan", 3), ("Reply", 2)):
        assert calls * longest < functions(template())[name]["Timeout"] < min(900, machine)


def test_without_a_model_no_role_has_the_policy_for_one() -> None:
    parameters = read_template("template.yaml")["Parameters"]
    assert [parameters[name]["Default"] for name in ("ModelKeyArn", "ModelKeyKmsKeyArn", "BedrockModelArns")] == [
        ""
    ] * 3


def test_without_a_secret_there_is_no_chat_and_no_hook() -> None:
    whole = read_template("template.yaml")
    chats = {"HasSlack": "SlackSigningSecretArn", "HasTeams": "TeamsAppId", "HasDiscord": "DiscordPublicKey"}
    hooks = {"HasGithubHooks": "GithubHookSecretArn", "HasGitlabHooks": "GitlabHookSecretArn"}
    for condition, secret in (chats | hooks).items():
        assert whole["Parameters"][secret]["Default"] == ""
        assert whole["Conditions"][condition] == {"Not": [{"Equals": [{"Ref": secret}, ""]}]}
    for either, some in (("HasChat", chats), ("HasHooks", hooks)):
        assert whole["Conditions"][either] == {"Or": [{"Condition": one} for one in some]}
    shown = {"Tells": ["HasChat", "HasDestinations"], "Shows": ["Tells", "HasHooks", "HasPagerKeys"]}
    for either, parts in shown.items():
        assert whole["Conditions"][either] == {"Or": [{"Condition": one} for one in parts]}
    routes = whole["Resources"]["ApiStage"]["Properties"]["RouteSettings"]["If"]
    keys = {name: whole["Resources"][name]["Properties"]["RouteKey"] for name in (*CHAT, *HOOKS)}
    always = {"GET /r/{token}"}
    for has_chat, choice in ((True, routes[1]), (False, routes[2])):
        assert choice["If"][0] == "HasHooks"
        for has_hooks, settings in ((True, choice["If"][1]), (False, choice["If"][2])):
            named = {keys[name] for name in (*(CHAT if has_chat else ()), *(HOOKS if has_hooks else ()))}
            assert settings.keys() == always | named
    for name, output in whole["Outputs"].items():
        of = {*referred(output["Value"])}
        wanted = next((condition for condition, some in ONLY_WHERE.items() if some & of), None)
        assert output.get("Condition") == wanted, name


def test_only_the_send_function_sends_messages() -> None:
    (statement,) = template()["OutboxRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"AWS": {"GetAtt": "ExecuteSendRole.Arn"}}


def test_who_hears_of_events_sends_what_it_tells_of_firings_and_nothing_else() -> None:
    allowed = [one for one in statements(template(), "IngestEventRole") if "s3:PutObject" in listed(one["Action"])]
    assert [one["Resource"] for one in allowed] == [{"Sub": "${Bucket.Arn}/outbox/*/firing-*"}]


def test_what_was_learned_is_changed_by_who_answers_alone_and_read_by_who_plans() -> None:
    resources = template()
    may: dict[str, set[str]] = {}
    for role, _ in of_type(resources, "AWS::IAM::Role"):
        every = {grant for statement in statements(resources, role) for grant in grants(statement)}
        if of := {grant.partition(" ")[0] for grant in every if grant.endswith(" LEARNED#*")}:
            may[role] = of
    reads = {"dynamodb:GetItem", "dynamodb:Query"}
    changes = reads | {"dynamodb:PutItem", "dynamodb:DeleteItem"}
    asked_by_hand = {"IngestApiRole": reads, "DeleteKeptRole": {"dynamodb:Query", "dynamodb:DeleteItem"}}
    assert may == {"PlanRole": reads, "ReplyRole": changes, "IngestEventRole": changes} | asked_by_hand


# --- the roles in a managed account ---------------------------------------------------------------------


def managed_account() -> Resources:
    return dict(read_template("samplefiles/managed-account.yaml")["Resources"])


def trusted(role: dict[str, Any]) -> set[str]:
    """The functions whose roles may assume it."""
    (statement,) = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    patterns = statement["Condition"]["ArnLike"]["aws:PrincipalArn"]
    return {re.sub(r".*\$\{CopilotStack\}-|/\*$", "", pattern["Sub"]) for pattern in patterns}


def test_the_read_role_of_an_account_only_looks() -> None:
    role = managed_account()["ReadRole"]
    actions = [action for statement in statements(managed_account(), "ReadRole") for action in statement["Action"]]
    assert all(re.fullmatch(r"[\w-]+:(Describe|List|Get|BatchGet)\w+", action) for action in actions)
    assert not [action for action in actions if re.search(r"Secret|Object|Parameter|LogEvents", action)]
    assert trusted(role) == {"execute-read", "execute-write", "check-step", "sweep"}


def test_the_write_role_of_an_account_is_there_only_on_request_and_only_for_the_write_function() -> None:
    role = managed_account()["WriteRole"]
    parameters = read_template("samplefiles/managed-account.yaml")["Parameters"]
    assert role["Condition"] == "WritesEnabled"
    assert parameters["Writes"]["Default"] == "disabled"
    assert parameters["RequireSourceIdentity"]["Default"] == "true"
    assert trusted(role) == {"execute-write"}


def test_the_destroy_role_of_an_account_is_there_only_on_request_and_only_for_the_write_function() -> None:
    role = managed_account()["DestroyRole"]
    parameters = read_template("samplefiles/managed-account.yaml")["Parameters"]
    assert (role["Condition"], parameters["Destroy"]["Default"]) == ("DestroyEnabled", "disabled")
    assert trusted(role) == {"execute-write"}
    (trust,) = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    (of_writing,) = managed_account()["WriteRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust == of_writing, "under a SourceIdentity, as the write role"


def test_the_destroy_role_deletes_no_snapshot_and_tags_none_but_its_own() -> None:
    granted = {
        (action, resource["Sub"].rpartition("${AWS::AccountId}:")[2])
        for statement in statements(managed_account(), "DestroyRole")
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
    }
    assert not [action for action, _ in granted if re.search(r"Delete\w*Snapshot|Modify|Untag|CreateTags", action)]
    assert {place for action, place in granted if "Tags" in action} == {
        "snapshot:devops-copilot-*",
        "cluster-snapshot:devops-copilot-*",
    }


def test_the_destroy_role_is_denied_what_is_not_tagged_as_a_preview_unless_a_parameter_says_otherwise() -> None:
    guard = managed_account()["OnlyPreviews"]
    parameters = read_template("samplefiles/managed-account.yaml")["Parameters"]
    assert (guard["Condition"], parameters["RequireKindTag"]["Default"]) == ("KindTagRequired", "true")
    assert guard["Properties"]["Roles"] == [{"Ref": "DestroyRole"}]
    (statement,) = json.loads(guard["Properties"]["PolicyDocument"]["Sub"])["Statement"]
    assert (statement["Effect"], statement["Action"]) == ("Deny", "*")
    assert statement["Condition"] == {"StringNotEqualsIgnoreCase": {"aws:ResourceTag/${KindTag}": "preview"}}
    deleted = {
        resource["Sub"]
        for one in statements(managed_account(), "DestroyRole")
        for resource in listed(one["Resource"])
        if "snapshot:" not in resource["Sub"] and ":cluster/" not in resource["Sub"]
    }
    assert {*statement["Resource"]} == deleted


def test_the_write_role_of_an_account_writes_no_tags_but_the_copilots_own() -> None:
    for statement in statements(managed_account(), "WriteRole"):
        if any(re.search("Tag", action) for action in listed(statement["Action"])):
            assert statement["Condition"]["ForAllValues:StringLike"] == {"aws:TagKeys": ["devops-copilot:*"]}
            if "ec2:DeleteTags" in listed(statement["Action"]):
                assert statement["Condition"]["Null"] == {"aws:TagKeys": "false"}
