"""Destinations outside the chat, on the laptop's AWS: the sender is verified, topics are there, the stack is told."""

from __future__ import annotations

from cli.laptop.clients import Clients
from cli.laptop_file import WEBHOOK_SECRETS, parameter_arn
from copilot.config.configuration import Configuration


def prepare(clients: Clients, configuration: Configuration) -> dict[str, str]:
    """The parameters of the stack. What its configuration does not name can be sent to by no `configure` after it but a
    web hook, whose secret is found by its name.
    """
    home, told = configuration.accounts[0], configuration.destinations
    for topic in told.sns.values():
        clients("sns", topic.arn.split(":")[4], topic.region).create_topic(Name=topic.arn.rpartition(":")[2])
    parameters = {
        "TopicArns": ",".join(topic.arn for topic in told.sns.values()),
        "WebhookSecretArns": parameter_arn(home.regions[0], home.id, f"{WEBHOOK_SECRETS}*"),
    }
    if told.mail is None:
        return parameters
    mail = told.mail
    clients("ses", home.id, mail.region).verify_email_identity(EmailAddress=mail.sender)
    return parameters | {
        "MailIdentityArn": f"arn:aws:ses:{mail.region}:{home.id}:identity/{mail.sender}",
        "MailSender": mail.sender,
        "MailRecipients": ",".join(sorted({to for one in mail.lists.values() for to in one.to})),
    }
