"""Who may see what: each class of output, of each kind of environment, at each destination, by the default policies."""

from __future__ import annotations

from functools import cache
from typing import Literal, get_args

import pytest
from fakes import TOOLS

from copilot.config.configuration import Configuration
from copilot.config.destinations import Holds
from copilot.domain import PRIVATE, STRICTER, About, ChatPlace, Destination, Kind, OutputClass, Person
from copilot.policy.decisions import Policy
from copilot.policy.showing import may_be_told, where_to
from copilot.tools.registry import Registry

ROLES = ("reader", "developer", "operator", "approver")
PEOPLE = {role: Person(id=role, name=role, roles=(role,)) for role in ROLES}
NOBODY = Person(id="nobody", name="nobody")
POLICY = Policy(Registry(TOOLS), "main", read_only=False)

# Of development, preview, staging, production and of no environment: a = whoever has a role, r = readers and who is
# more, o = operators and approvers, . = nobody.
TABLE = """
direct    status         a a a a a
direct    cost           a a a a a
direct    configuration  a a a a a
direct    logs           a a a a a
direct    security       a a a a a
channel   status         a a a . a
channel   cost           . . . . .
channel   configuration  . . . . .
channel   logs           . . . . .
channel   security       . . . . .
named     status         a a a a a
named     cost           a a a a a
named     configuration  . . . . .
named     logs           . . . . .
named     security       . . . . .
shared    status         . . . . .
shared    cost           . . . . .
shared    configuration  . . . . .
shared    logs           . . . . .
shared    security       . . . . .
link      status         r r r r r
link      cost           r r r r r
link      configuration  r r r r r
link      logs           r r r r r
link      security       r r r r r
others    status         a a a a a
others    cost           a a a a a
others    configuration  a a a a a
others    logs           o o o o o
others    security       o o o o o
provider  status         a a a a a
provider  cost           a a a a a
provider  configuration  a a a a a
provider  logs           a a a . a
provider  security       a a a a a
"""
WHO = {"a": {*ROLES}, "r": {"reader", "developer", "operator"}, "o": {"operator", "approver"}, ".": set[str]()}
KINDS: tuple[Kind | None, ...] = (*STRICTER, None)
ALL = [About(shows=shows, kind=kind) for shows in PRIVATE for kind in KINDS]
CASES = [
    (destination, shows, kind, WHO[who])
    for destination, shows, *row in map(str.split, TABLE.strip().splitlines())
    for kind, who in zip(KINDS, row, strict=True)
]


@cache
def seen(role: str, destination: Destination) -> frozenset[About]:
    return POLICY.shown(PEOPLE[role], ALL, destination)


def test_the_table_is_whole() -> None:
    cells = [(destination, shows, kind) for destination, shows, kind, _ in CASES]
    wanted = [(to, shows, kind) for to in get_args(Destination) for shows in get_args(OutputClass) for kind in KINDS]
    assert len(cells) == len(wanted) and {*cells} == {*wanted}
    assert {*get_args(OutputClass)} == {*PRIVATE} and {*get_args(Kind)} == {*STRICTER}


@pytest.mark.parametrize(("destination", "shows", "kind", "who"), CASES)
def test_who_may_see_what(destination: Destination, shows: OutputClass, kind: Kind | None, who: set[str]) -> None:
    assert {role for role in ROLES if About(shows=shows, kind=kind) in seen(role, destination)} == who


@pytest.mark.parametrize("destination", ["direct", "named", "link", "others"])
def test_who_has_no_role_sees_nothing(destination: Destination) -> None:
    assert not POLICY.shown(NOBODY, ALL, destination)


@pytest.mark.parametrize("destination", get_args(Destination))
def test_many_at_once_are_decided_as_each(destination: Destination) -> None:
    person = PEOPLE["reader"]
    each = {about for about in ALL if POLICY.may_show(person, about, destination).outcome == "allow"}
    assert seen("reader", destination) == each
    assert POLICY.shown(person, [], destination) == frozenset()


def test_why_not_is_said_by_class_kind_and_destination() -> None:
    logs = POLICY.may_show(PEOPLE["reader"], About(shows="logs", kind="production"), "others")
    assert (logs.outcome, logs.reason) == (
        "deny",
        "policy lets no reader have logs of production from what others asked for",
    )
    cost = POLICY.may_show(PEOPLE["developer"], About(shows="cost", kind=None), "channel")
    assert cost.reason == "policy lets no developer have cost shown in a channel"
    logs = POLICY.may_show(PEOPLE["developer"], About(shows="logs", kind="staging"), "named")
    assert logs.reason == "policy lets no developer have logs of staging told in a channel"
    shared = POLICY.may_show(PEOPLE["operator"], About(shows="status", kind="preview"), "shared")
    assert shared.reason == "forbidden by shared-channels-get-nothing"


def test_a_shared_channel_gets_nothing_whatever_is_permitted_besides() -> None:
    everything = 'permit (principal, action == Action::"show", resource);'
    forbid = POLICY._text[POLICY._text.index('@id("shared-channels-get-nothing")') :].partition(";")[0] + ";"
    policy = Policy(Registry(TOOLS), "main", read_only=False, text=f"{everything}\n{forbid}")
    assert policy.shown(PEOPLE["reader"], ALL, "channel") == {*ALL}
    assert policy.shown(PEOPLE["reader"], ALL, "shared") == frozenset()


class Knows:
    """Of these people, and of destinations."""

    def current(self, person: Person) -> Person:
        return PEOPLE.get(person.id, Person(id=person.id, name=person.name))

    def may_hold(self, channel: str) -> Holds:
        return OUTSIDE.may_hold(channel)


OUTSIDE = Configuration.model_validate(
    {
        "accounts": (),
        "people": (),
        "destinations": {
            "mail": {
                "sender": "copilot@example.com",
                "region": "eu-west-1",
                "owner": "platform@example.com",
                "lists": {"finance": {"to": ["finance@example.com"], "holds": "named"}},
            },
            "sns": {"oncall": {"arn": "arn:aws:sns:eu-west-1:111111111111:oncall"}},
            "webhook": {
                "status-page": {
                    "url": "https://status.example.com/hooks",
                    "secret": "arn:aws:ssm:eu-west-1:111111111111:parameter/copilot/status-page",
                    "holds": "channel",
                }
            },
        },
    }
)
OURS, SHARED, GUESTS, DIRECT = (
    ChatPlace(name="#team"),
    ChatPlace(name="#partner", shared=True),
    ChatPlace(name="#visit", guests=True),
    ChatPlace(name="", direct=True),
)
FEW, MANY = About(shows="cost", kind="production"), About(shows="status", kind="staging")


@pytest.mark.parametrize(
    ("about", "place", "where"),
    [
        (MANY, OURS, "here"),
        (FEW, OURS, "privately"),
        (MANY, SHARED, "ask_directly"),
        (FEW, SHARED, "ask_directly"),
        (MANY, GUESTS, "ask_directly"),
        (FEW, GUESTS, "ask_directly"),
        (MANY, DIRECT, "here"),
        (FEW, DIRECT, "here"),
    ],
)
@pytest.mark.parametrize("role", ROLES)
def test_where_an_answer_goes(
    role: str, about: About, place: ChatPlace, where: Literal["here", "privately", "ask_directly"]
) -> None:
    assert where_to(POLICY, PEOPLE[role], about, place) == where


def test_who_may_not_have_it_at_all_is_shown_it_nowhere() -> None:
    assert where_to(POLICY, NOBODY, FEW, OURS) == where_to(POLICY, NOBODY, MANY, DIRECT) == "nowhere"
    assert where_to(POLICY, NOBODY, FEW, SHARED) == "ask_directly"


@pytest.mark.parametrize("about", ALL)
@pytest.mark.parametrize("role", ROLES)
def test_a_message_goes_by_who_asks_into_a_channel_and_by_who_reads_it_to_a_person(role: str, about: About) -> None:
    named, direct = about in seen(role, "named"), about in seen(role, "direct")
    asker = Person(id=role, name=role, roles=())
    assert may_be_told(POLICY, Knows(), asker, "#team", about) == named
    assert may_be_told(POLICY, Knows(), NOBODY, f"person:{role}", about) == direct
    assert not may_be_told(POLICY, Knows(), PEOPLE[role], "person:nobody", about)
    assert not may_be_told(POLICY, Knows(), NOBODY, "#team", about)


@pytest.mark.parametrize("about", ALL)
@pytest.mark.parametrize("role", ROLES)
def test_outside_the_chat_goes_what_the_configuration_says_of_the_destination(role: str, about: About) -> None:
    asker = Person(id=role, name=role, roles=())
    assert may_be_told(POLICY, Knows(), asker, "mail:finance", about) == (about in seen(role, "named"))
    assert may_be_told(POLICY, Knows(), asker, "webhook:status-page", about) == (about in seen(role, "channel"))
    assert not may_be_told(POLICY, Knows(), asker, "sns:oncall", about)
    assert not may_be_told(POLICY, Knows(), asker, "mail:stranger", about)
