"""The laptop's AWS asks IAM of a mail what AWS asks: as whom it is sent, from which address and to which."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

from cli.laptop import emulator

MAIL = {
    "FromEmailAddress": "a@example.com",
    "Destination": {"ToAddresses": ["b@example.com"], "CcAddresses": ["c@x.y"]},
}


def test_a_mail_is_decided_by_its_identity_its_sender_and_its_recipients() -> None:
    asked: list[tuple[str, str, Any]] = []
    actions = SimpleNamespace(_ses_v2_resource_arn=lambda *given: "*")
    app = SimpleNamespace()

    def enforce(service: str, action: str, service_context: Any = None, resource_arn: str = "") -> None:
        asked.append((action, resource_arn, service_context))

    def door(method: str, path: str, headers: Any, body: bytes) -> None:
        action = "ses:SendEmail" if path.endswith("outbound-emails") else "ses:ListEmailIdentities"
        arn = actions._ses_v2_resource_arn(method, path, body, "eu-west-1", "1")
        app._enforce_data_plane("sesv2", action, resource_arn=arn)

    app._enforce_data_plane, app._enforce_ses_v2 = enforce, door
    emulator.say_who_mails_whom(app, actions)
    app._enforce_ses_v2("POST", "/v2/email/outbound-emails", {}, json.dumps(MAIL).encode())
    app._enforce_ses_v2("GET", "/v2/email/identities", {}, b"")
    app._enforce_ses_v2("POST", "/v2/email/outbound-emails", {}, b"no JSON")
    said = {"ses:fromaddress": "a@example.com", "ses:recipients": ["b@example.com", "c@x.y"]}
    identity = "arn:aws:ses:eu-west-1:1:identity/"
    assert asked[:2] == [
        ("ses:SendEmail", f"{identity}a@example.com", said),
        ("ses:ListEmailIdentities", "*", None),
    ]
    assert asked[2] == ("ses:SendEmail", identity, {"ses:fromaddress": "", "ses:recipients": []})
