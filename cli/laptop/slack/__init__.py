"""Slack on this machine, for who has no account, and for the tests: it judges what is sent to it as Slack does."""

from cli.laptop.slack.sending import Sent
from cli.laptop.slack.slack import SECRET, Slack
from cli.laptop.slack.telling import NotThere
from cli.laptop.slack.writing import Said

__all__ = ["SECRET", "NotThere", "Said", "Sent", "Slack"]
