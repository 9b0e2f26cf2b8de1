"""What does not fit the form that a value has to have, in a person's words. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from copilot.domain.chat import CHAT_ADDRESS, CHAT_ID
from copilot.domain.escalations import ESCALATED_TO
from copilot.domain.letters import OUTSIDE
from copilot.domain.requests import CHANNEL, TOLD

FORMS = {
    r"^[A-Za-z0-9][A-Za-z0-9._:@/-]*$": "a name has letters, digits and . _ : @ / - alone, and begins with one of the "
    "first two",
    r"^[A-Za-z0-9_][A-Za-z0-9_ .:/@+-]*$": "a name has letters, digits, blanks and _ . : / @ + - alone, and begins "
    "with a letter, a digit or _",
    r"^[a-z0-9][a-z0-9._@-]*$": "an id has small letters, digits and . _ @ - alone, and begins with one of the first "
    "two",
    r"^[a-z0-9-]+$": "it has small letters, digits and - alone",
    r"^[a-z0-9]+(-[a-z0-9]+)*$": "the name of a runbook or a reaction has small letters and "
    "digits, with a - between its words",
    r"^[a-z][a-z0-9_]*$": "it has small letters, digits and _ alone, and begins with a letter",
    r"^[^#\n\r]+$": "a name is on one line, and has no #",
    r"^\d{12}$": "an account's id has twelve digits",
    r"^(\d{12})?$": "an account's id has twelve digits",
    r"^s[0-9a-f]{9}$": "a schedule's id is an s and nine of 0-9 and a-f, as `schedules list` has them",
    r"^[\w.-]{1,64}$": "the name of a rule in EventBridge has at most 64 letters, digits and . _ -",
    f"^(?:{CHANNEL}|{OUTSIDE})$": "a channel is like #platform: small letters, digits, _ and -; a destination outside "
    "is mail:, sns: or webhook: and its name in the configuration",
    f"^{TOLD}$": "a channel is like #platform: small letters, digits, _ and -; a person is person: and their id; a "
    "destination outside is mail:, sns: or webhook: and its name in the configuration",
    f"^{ESCALATED_TO}$": "whom an approval is told to is one of `destinations`, as mail:, sns:, webhook:, "
    "pagerduty: or opsgenie: and its name there",
    r"^[A-Za-z0-9][A-Za-z0-9_%+-]*(\.[A-Za-z0-9_%+-]+)*@[A-Za-z0-9][A-Za-z0-9-]*(\.[A-Za-z0-9-]+)+$": "a mail "
    "address is like copilot@example.com, by itself",
    r"^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}(\.fifo)?$": "the ARN of a topic is like "
    "arn:aws:sns:eu-west-1:111111111111:oncall",
    r"^https?://[^\s/?#\\]+(/[^\s#\\]*)?$": "the address of a web hook is like https://host/path",
    r"^[a-z0-9][a-z0-9_-]{0,39}$": "the name of a destination has small letters, digits, _ and -, at most 40",
    r"^([01]\d|2[0-3]):[0-5]\d$": "a time of day is like 18:00",
    r"^https?://[^\s/?#]+(/[^\s?#]*)?$": "it is the address of a server, like https://host/v1",
    r"[^\s*]": "it has more in it than blanks and stars",
    r"^/?(?:[\w.-]+/)*\{environment\}(?:/[\w.-]+)*/?$": "a path is like app/{environment}, with {environment} as one "
    "of its parts",
    f"^{CHAT_ID}$": "an id of a chat is like T024BE7LD of Slack, 72f988bf-86f1-41af-91ab-2d7cd011db47 of "
    "Microsoft Teams, or 197038439483310086 of Discord",
    f"^{CHAT_ADDRESS}$": "a user of a chat is like slack:T024BE7LD/U2147483697, workspace and user by ids; of "
    "Microsoft Teams as teams:TENANT/USER, by the ids that Entra has for them; of Discord as discord:SERVER/USER",
    r"^19:[\w.@-]{1,190}$": "the id of a team is like 19:4a95f7d8db4c4e7fae857bcebe0623e6@thread.tacv2, as "
    "its link has it",
    r"^@[a-z0-9.-]+\.[a-z]+$": "the domain of mail addresses is like @example.com, in small letters",
    "^(OK|ALARM)$": "it is OK or ALARM",
    r"^(github|gitlab):[1-9][0-9]{0,19}$": "a user of a code host is like github:583231, by number",
    r"^\w[\w.-]*(/\w[\w.-]*)+$": "a repository is like owner/name",
}
"""What every pattern of a schema asks for."""


def misfit(error: Mapping[str, Any]) -> str:
    """One error as pydantic lists them, without its place and without what was given."""
    if error["type"] == "string_pattern_mismatch":
        return FORMS.get(error["ctx"]["pattern"], "it is written in another way than it may be here")
    said = str(error["msg"]).removeprefix("Value error, ")
    said = said.replace(" after validation", "")
    return re.sub(r"^(?:String|Tuple|List|Dictionary|Value) should\b", "it should", said)
