"""Names in a configuration that stand for something elsewhere: what each may be, and what was probably meant. Pure.

Each function says what is wrong with a name, in words; "" where nothing is.
"""

from __future__ import annotations

import re

from copilot.text.nearness import nearest, there_are
from copilot.times.question import Question
from copilot.times.zones import known_zone, named_zone, names

ROLES = ("reader", "developer", "operator", "approver")
"""Those that policy/default.cedar speaks of."""

_PART = r"[\w+=,.@-]+"
_PRINCIPAL = re.compile(
    rf"arn:aws[a-z-]*:(?:iam::\d{{12}}:(?:root|user/(?:{_PART}/)*(?:{_PART}|\*))"
    rf"|sts::\d{{12}}:(?:assumed-role/{_PART}/(?:{_PART}|\*)|federated-user/{_PART}))"
)
"""What API Gateway may say of a caller; a trailing /* as Configuration.person takes it."""
_LIKE_ONE = re.compile(rf"\s*arn:[^:]*:[^:]*:[^:]*:(\d{{12}}):([\w-]+)/((?:{_PART}|/)+?)(/\*)?\s*")
_SIDES = ("north", "northeast", "east", "southeast", "south", "southwest", "west", "northwest", "central")
_REGION = re.compile(rf"[a-z]{{2}}(?:-(?:gov|iso[a-z]*))?-(?:{'|'.join(_SIDES)})-\d")
_LIKE_A_REGION = re.compile(r"([a-z]{2}(?:-(?:gov|iso[a-z]*))?)[-_ ]?([a-z]{4,10})[-_ ]?(\d)[a-z]?")
"""With the letter of an availability zone, perhaps, or without its dashes."""
_ROLE = re.compile(rf"arn:aws[a-z-]*:iam::(\d{{12}}):role/(?:{_PART}/)*{_PART}")


def about_role(name: str) -> str:
    """A role that a person has."""
    return "" if name in ROLES else f"{name!r} is no role{there_are(name.lower(), ROLES)}"


def about_zone(name: str) -> str:
    """A time zone."""
    if known_zone(name):
        return ""
    meant = named_zone(name.lower().split(), "UTC")
    near = nearest(name, names(), 3)
    if isinstance(meant, Question):
        near = [choice.removesuffix(" time") for choice in meant.choices]
    elif meant is not None:
        near = [meant]
    hint = f"; nearest: {', '.join(near)}" if near else ", such as Europe/Paris or UTC"
    return f"{name!r} is not the IANA name of a time zone{hint}"


def about_principal(arn: str) -> str:
    """Who a person is for AWS."""
    if _PRINCIPAL.fullmatch(arn):
        return ""
    near = _near_principal(arn)
    hint = f"; nearest: {near}" if near else "; it is what `aws sts get-caller-identity` prints as Arn"
    return f"{arn!r} is no principal that can call{hint}"


def about_account_role(arn: str, account: str | None) -> str:
    """The IAM role by which an account is read or changed; None for an account whose id is not known."""
    found = _ROLE.fullmatch(arn)
    if found and account in {None, found[1]}:
        return ""
    if found:
        return f"{arn!r} is a role of account {found[1]}, and not of {account}"
    near = f"; nearest: arn:aws:iam::{account}:role/{arn}" if account and re.fullmatch(_PART, arn) else ""
    return f"{arn!r} is not the ARN of an IAM role{near or ', arn:aws:iam::ACCOUNT:role/NAME'}"


def about_region(name: str) -> str:
    """A region of AWS: by its form, since there are new ones every year."""
    if _REGION.fullmatch(name):
        return ""
    found = _LIKE_A_REGION.fullmatch(name.strip().lower())
    side = nearest(found[2], _SIDES) if found else []
    near = f"; nearest: {found[1]}-{side[0]}-{found[3]}" if found and side else ", such as eu-west-1"
    return f"{name!r} is no region{near}"


def _near_principal(said: str) -> str:
    """The principal that an ARN of another form stands for; "" where it is like none."""
    found = _LIKE_ONE.fullmatch(said)
    if found is None:
        return ""
    account, kind, rest, sessions = found.groups()
    (kind, *_) = [*nearest(kind.lower().replace("_", "-"), ("user", "role", "assumed-role", "federated-user")), ""]
    parts = [part for part in rest.split("/") if part]
    if kind == "role":
        near = f"arn:aws:sts::{account}:assumed-role/{parts[-1]}/*"
    elif kind == "assumed-role":
        session = parts[1] if len(parts) > 1 and not sessions else "*"
        near = f"arn:aws:sts::{account}:assumed-role/{parts[0]}/{session}"
    elif kind:
        service = "iam" if kind == "user" else "sts"
        near = f"arn:aws:{service}::{account}:{kind}/{'/'.join(parts)}"
    else:
        return ""
    return near if _PRINCIPAL.fullmatch(near) else ""
