"""Who chat users are: what links them, what does not, and for how long."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from chat_people import FakeChatPeople
from fakes import FakeClock
from hypothesis import given
from hypothesis import strategies as st

from copilot.adapters.memory_chat_links import MemoryChatLinks
from copilot.config.chats import ChatSettings, ChatWorkspace
from copilot.config.configuration import MAILED, Configuration, KnownPerson
from copilot.config.principals import about_human
from copilot.domain import ChatLink, ChatPerson, ChatUser, Person, Unknown
from copilot.errors import Conflict, CopilotError, Expired, NotAllowed, NotFound
from copilot.triggers.linking import CODE_FOR, LINKED_FOR, OPEN_CODES, TOLD_BEFORE, TRIES, Code, Link, Renewed, code_in

ANA_USER = "arn:aws:iam::111122223333:user/ana"
ANA_SSO = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Developers_0123456789abcdef/ana@example.com"
BEN_USER = "arn:aws:iam::111122223333:user/ben"
CI = "arn:aws:sts::111122223333:assumed-role/ci-deploy"
ANA, BEN = (ChatUser(platform="slack", workspace="T1", user=id) for id in ("U1", "U2"))
KEY = "arn:aws:ssm:eu-west-1:111122223333:parameter/chat"


def workspace(id: str) -> ChatWorkspace:
    return ChatWorkspace(id=id, name=id, token=KEY)


CHAT = ChatSettings(workspaces=(workspace("T1"), workspace("E2")))


def known(
    id: str, *principals: str, roles: tuple[str, ...] = ("developer",), chat: tuple[str, ...] = ()
) -> KnownPerson:
    return KnownPerson(id=id, name=id.capitalize(), principals=principals, roles=tuple(roles), chat=tuple(chat))


PEOPLE = (known("ana", ANA_USER, ANA_SSO), known("ben", BEN_USER), known("ci", f"{CI}/*"))


def configured(people: tuple[KnownPerson, ...] = PEOPLE, chat: ChatSettings | None = CHAT) -> Configuration:
    return Configuration(accounts=(), people=people, chat=chat)


class Case:
    def __init__(self, config: Configuration | None = None) -> None:
        self.kept, self.clock = MemoryChatLinks(), FakeClock()
        self.platform = FakeChatPeople({user: ChatPerson(name="x") for user in (ANA, BEN)})
        drawn = random.Random(1)
        self.link = Link(self.kept, lambda: self.platform, config or configured(), self.clock, drawn.randbytes)

    def configure(self, **changes: Any) -> None:
        self.link = replace(self.link, config=configured(**changes))

    def person(self, id: str = "ana") -> Person:
        found = self.link.config.known(id)
        assert found
        return found.person

    def code(self, id: str = "ana", principal: str = ANA_USER) -> str:
        made = self.link.make_code(self.person(id), principal, "slack", another=True)
        assert isinstance(made, Code)
        return made.code

    def linked(self, user: ChatUser = ANA) -> ChatLink:
        return self.link.take(self.code(), user, direct=True)

    def who(self, user: ChatUser = ANA, **more: bool) -> Person | str:
        found = self.link.who(user, **more)
        return found.why if isinstance(found, Unknown) else found

    def tell(self, user: ChatUser = ANA, **more: Any) -> None:
        self.platform.people[user] = ChatPerson(name="x", **more)


def test_whoever_sends_a_persons_code_is_that_person_from_then_on() -> None:
    case = Case()
    assert "does not know who you are" in str(case.who())
    link = case.linked()
    assert case.who() == case.person()
    assert (link.principal, link.until) == (ANA_USER, case.clock.at + LINKED_FOR)
    assert "does not know" in str(case.who(BEN))
    (evidence,) = case.kept.evidence
    assert (evidence.kind, evidence.person) == ("link", "ana")


def test_whoever_is_not_known_is_told_what_to_do() -> None:
    found = Case().link.who(ANA)
    assert isinstance(found, Unknown)
    assert "`devops-copilot link slack`" in found.what_to_do


@given(st.binary(min_size=8, max_size=8))
def test_a_code_is_read_back_however_it_is_typed(bytes: bytes) -> None:
    made = replace(Case().link, random=lambda count: bytes).make_code(Case().person(), ANA_USER, "slack")
    assert isinstance(made, Code)
    plain = made.code.replace("-", "")
    typed = [
        made.code,
        made.code.lower(),
        f" link  {made.code}\n",
        f"link {plain}",
        f"`link {made.code}`",
        f"`{made.code}`",
    ]
    typed += [made.code.replace("-", " ")]
    typed += [made.code.replace("0", "o").replace("1", "l")]
    assert {code_in(text) for text in typed} == {made.code}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "link",
        "stop dev now",
        "make-deps-fast",
        "7KQ2-M9XW",
        "7KQ2-M9XW-PT4D please",
        "is it 7KQ2-M9XW-PT4D",
        "U" * 12,
    ],
)
def test_what_people_write_is_no_code(text: str) -> None:
    assert code_in(text) is None


def test_codes_of_all_random_bytes_are_different() -> None:
    case = Case()
    drawn = random.Random(2)
    codes = set()
    for _ in range(2000):
        link = replace(case.link, links=MemoryChatLinks(), random=drawn.randbytes)
        made = link.make_code(case.person(), ANA_USER, "slack")
        assert isinstance(made, Code)
        codes.add(made.code)
    assert len(codes) == 2000
    assert all(len({code[place] for code in codes}) >= 10 for place in (*range(4), *range(5, 9), *range(10, 14)))


def test_a_code_is_kept_as_a_hash_alone() -> None:
    case = Case()
    code = case.code()
    assert code not in repr(vars(case.kept)) and code.replace("-", "") not in repr(vars(case.kept))


def test_a_code_is_good_once() -> None:
    case = Case()
    code = case.code()
    first = case.link.take(code, ANA, direct=True)
    assert case.link.take(code, ANA, direct=True) == first, "the same message again"
    with pytest.raises(NotFound, match="not good, or was used"):
        case.link.take(code, BEN, direct=True)
    assert case.kept.links() == [first]


def test_a_code_is_good_for_ten_minutes() -> None:
    case = Case()
    code, other = case.code(), case.code()
    case.clock.at += CODE_FOR - timedelta(seconds=1)
    assert case.link.take(code, ANA, direct=True)
    case.clock.at += timedelta(seconds=1)
    with pytest.raises(Expired, match="09:10 UTC"):
        case.link.take(other, BEN, direct=True)
    assert case.kept.link(BEN) is None


def test_a_code_in_a_channel_is_refused_and_good_no_more() -> None:
    """Whoever saw it there could be that person by it."""
    case = Case()
    code = case.code()
    with pytest.raises(NotAllowed, match="direct message only"):
        case.link.take(code, ANA, direct=False)
    with pytest.raises(NotFound):
        case.link.take(code, BEN, direct=True)
    assert case.link.take(case.code(), ANA, direct=True)


@pytest.mark.parametrize("more", [{"bot": True}, {"guest": True}, {"external": True}, {"gone": True}])
def test_nobody_is_linked_or_known_who_is_not_of_the_workspace(more: dict[str, bool]) -> None:
    by_config = (*PEOPLE, known("eve", roles=("operator",), chat=(BEN.address,)))
    case = Case(configured(by_config, CHAT.model_copy(update={"readers_by_mail": ("@example.com",)})))
    code = case.code()
    case.linked()
    for user in (ANA, BEN):
        case.tell(user, mail="ana@example.com", **more)
        with pytest.raises(NotAllowed):
            case.link.take(code, user, direct=True)
        assert isinstance(case.link.who(user), Unknown)
    assert len(case.kept.links()) == 1


def test_a_user_whom_the_platform_does_not_know_is_nobody() -> None:
    case = Case()
    case.linked()
    case.platform.people.clear()
    assert "no longer of this workspace" in str(case.who())


def test_people_of_other_organisations_are_nobody_and_the_platform_is_not_asked() -> None:
    case = Case()
    code = case.code()
    case.linked()
    case.platform.asked.clear()
    assert "other organisations" in str(case.who(external=True))
    with pytest.raises(NotAllowed, match="other organisations"):
        case.link.take(code, BEN, direct=True, external=True)
    assert case.platform.asked == []


def test_whoever_sends_too_many_codes_is_not_looked_at_for_a_while_even_with_a_good_one() -> None:
    case = Case()
    code = case.code()
    for _ in range(TRIES):
        with pytest.raises(NotFound):
            case.link.take("0000-0000-0000", ANA, direct=True)
    with pytest.raises(NotAllowed, match="up to 10 minutes"):
        case.link.take(code, ANA, direct=True)
    assert case.link.take(code, BEN, direct=True), "others may go on"
    case.clock.at += timedelta(minutes=10)
    assert case.link.take(case.code(), ANA, direct=True)


def test_only_a_few_codes_of_a_person_are_open() -> None:
    case = Case()
    for _ in range(OPEN_CODES):
        case.code()
    with pytest.raises(Conflict, match="3 codes of yours are open"):
        case.code()
    assert case.code("ben", BEN_USER)
    case.clock.at += CODE_FOR
    assert case.code()


def test_a_linked_user_is_not_taken_over_by_anothers_code() -> None:
    case = Case()
    case.linked()
    code = case.code("ben", BEN_USER)
    with pytest.raises(Conflict, match="linked to another person"):
        case.link.take(code, ANA, direct=True)
    assert case.who() == case.person()
    case.clock.at += LINKED_FOR
    assert case.link.take(case.code("ben", BEN_USER), ANA, direct=True).person == "ben"


def test_a_person_may_be_several_users_and_each_is_of_its_workspace() -> None:
    case = Case()
    elsewhere = ANA.model_copy(update={"workspace": "E2"})
    case.tell(elsewhere)
    case.linked(ANA)
    assert "does not know" in str(case.who(elsewhere))
    case.linked(elsewhere)
    assert case.who(elsewhere) == case.who(ANA) == case.person()


def test_the_configuration_says_who_a_user_is_before_any_link() -> None:
    case = Case()
    code = case.code("ben", BEN_USER)
    case.linked()
    case.configure(people=(*PEOPLE, known("eve", roles=("operator",), chat=(ANA.address,))))
    assert case.who() == case.person("eve")
    with pytest.raises(Conflict, match="You are Eve"):
        case.link.take(code, ANA, direct=True)
    case.configure(people=(*PEOPLE, known("eve", roles=(), chat=(ANA.address,))))
    assert "Eve has no role" in str(case.who())


def test_roles_are_the_persons_as_they_are_now() -> None:
    case = Case()
    case.linked()
    case.configure(people=(known("ana", ANA_USER, roles=("reader",)),))
    found = case.link.who(ANA)
    assert isinstance(found, Person)
    assert found.roles == ("reader",)


@pytest.mark.parametrize(
    "people",
    [
        (),
        (known("ana", ANA_USER, roles=()),),
        (known("ana", ANA_SSO),),
        (known("other", ANA_USER), known("ana", ANA_SSO)),
    ],
    ids=["who is gone", "who has no role", "whose principal is gone", "whose principal is another's"],
)
def test_a_link_of_a_person_counts_for_nothing(people: tuple[KnownPerson, ...]) -> None:
    case = Case()
    code = case.code()
    case.linked()
    case.configure(people=people)
    assert "may do nothing any more" in str(case.who())
    with pytest.raises(NotAllowed, match="nobody was linked"):
        case.link.take(code, BEN, direct=True)


def test_a_link_lapses_unless_iam_proves_the_person_anew() -> None:
    case = Case()
    case.linked()
    case.clock.at += LINKED_FOR - timedelta(seconds=1)
    assert case.who() == case.person()
    case.clock.at += timedelta(seconds=1)
    assert "proved too long ago" in str(case.who())
    renewed = case.link.make_code(case.person(), ANA_SSO, "slack")
    assert isinstance(renewed, Renewed)
    assert [(one.user, one.until, one.principal) for one in renewed.links] == [
        (ANA, case.clock.at + LINKED_FOR, ANA_SSO)
    ]
    assert case.who() == case.person()
    assert [one.data["state"] for one in case.kept.evidence if isinstance(one.data, dict)] == ["made", "renewed"]


def test_who_is_linked_is_told_once_before_it_lapses() -> None:
    case = Case()
    assert case.link.reminder(ANA) == ""
    link = case.linked()
    case.clock.at = link.until - TOLD_BEFORE - timedelta(seconds=1)
    assert case.link.reminder(ANA) == ""
    case.clock.at += timedelta(seconds=1)
    told = case.link.reminder(ANA)
    assert f"{link.until:%d %b %Y}" in told
    assert "`devops-copilot link slack`" in told
    assert case.link.reminder(ANA) == ""
    case.link.make_code(case.person(), ANA_USER, "slack")
    assert case.link.reminder(ANA) == ""
    case.clock.at += LINKED_FOR - timedelta(days=1)
    assert case.link.reminder(ANA) != ""


def test_what_has_lapsed_is_told_by_who_and_not_as_a_reminder() -> None:
    case = Case()
    case.clock.at = case.linked().until
    assert case.link.reminder(ANA) == ""


def test_a_person_takes_back_their_own_links_and_no_others() -> None:
    case = Case()
    link = case.linked()
    with pytest.raises(NotFound, match="not linked to you; nothing was changed"):
        case.link.unlink(case.person("ben"), ANA)
    with pytest.raises(NotFound, match=f"What is: {ANA.address}"):
        case.link.unlink(case.person(), BEN)
    assert case.link.unlink(case.person(), ANA) == link
    assert "does not know" in str(case.who())


@pytest.mark.parametrize("chat", [None])
def test_where_there_is_no_chat_there_is_nothing_to_link(chat: None) -> None:
    case = Case(configured(chat=chat))
    with pytest.raises(Conflict, match="not reached in Slack"):
        case.code()


SESSIONS = {
    "arn:aws:iam::111122223333:user/ana": True,
    "arn:aws:iam::111122223333:root": True,
    ANA_SSO: True,
    "arn:aws-us-gov:sts::111122223333:assumed-role/AWSReservedSSO_Admins_0123/ana": True,
    "arn:aws:sts::111122223333:assumed-role/Admins/ana@example.com": True,
    "arn:aws:sts::111122223333:assumed-role/ci-deploy/GitHubActions": False,
    "arn:aws:sts::111122223333:assumed-role/web/i-0123456789abcdef0": False,
    "arn:aws:sts::111122223333:assumed-role/task/0123456789abcdef0123456789abcdef": False,
    "arn:aws:sts::111122223333:assumed-role/nightly-role-x1y2/nightly": False,
    "arn:aws:sts::111122223333:assumed-role/build/AWSCodeBuild-1234": False,
    "arn:aws:sts::111122223333:assumed-role/pod/botocore-session-1700000000": False,
    "arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForSupport/ana": False,
}


@pytest.mark.parametrize(("principal", "human"), SESSIONS.items())
def test_a_principal_is_human_or_not(principal: str, human: bool) -> None:
    """As it is listed for the person exactly; by any session of the role nobody is, but who signed in by name."""
    assert (about_human(principal, [principal]) == "") is human
    any_session = f"{principal.rpartition('/')[0]}/*"
    named = ":user/" in principal or ":root" in principal or "AWSReservedSSO_" in principal
    assert (about_human(principal, [any_session]) == "") is named


@pytest.mark.parametrize("session", ["GitHubActions", "ana"])
def test_a_pipeline_is_linked_to_nobody(session: str) -> None:
    case = Case()
    with pytest.raises(NotAllowed, match="only a human being"):
        case.code("ci", f"{CI}/{session}")
    assert case.kept.open_codes("ci", case.clock.at) == 0


def test_a_renewal_is_the_human_beings_too() -> None:
    case = Case()
    case.linked()
    with pytest.raises(NotAllowed):
        case.link.make_code(case.person(), f"{CI}/GitHubActions", "slack")


MAILED_CHAT = CHAT.model_copy(update={"readers_by_mail": ("@example.com",)})


def test_a_confirmed_mail_address_of_the_home_workspace_makes_a_reader() -> None:
    case = Case(configured(chat=MAILED_CHAT))
    case.tell(mail="Ann.Lee@Example.com")
    found = case.who()
    assert isinstance(found, Person)
    assert (found.name, found.roles) == ("ann.lee@example.com", ("reader",))
    assert case.link.config.current(found) == found, "its roles are looked up by its id, as everybody's"
    assert configured().current(found).roles == ()
    case.linked()
    assert case.who() == case.person(), "a link says more"


@pytest.mark.parametrize(
    ("mail", "user", "chat"),
    [
        ("ann@example.com", ANA, CHAT),
        ("ann@example.com", ANA.model_copy(update={"workspace": "E2"}), MAILED_CHAT),
        ("ann@other.example.com", ANA, MAILED_CHAT),
        ("ann@example.com.evil.com", ANA, MAILED_CHAT),
        ("ann@evil.com@example.com", ANA, MAILED_CHAT),
        ("ann/x@example.com", ANA, MAILED_CHAT),
        ("", ANA, MAILED_CHAT),
        (None, ANA, MAILED_CHAT),
    ],
)
def test_any_other_mail_address_makes_nobody(mail: str | None, user: ChatUser, chat: ChatSettings) -> None:
    case = Case(configured(chat=chat))
    case.tell(user, mail=mail)
    assert "does not know" in str(case.who(user))


@given(st.from_regex(r"[A-Za-z0-9._+-]{1,30}@example\.com", fullmatch=True))
def test_a_person_by_mail_is_never_a_configured_one(mail: str) -> None:
    found = configured(chat=MAILED_CHAT).reader_by_mail(mail)
    assert found is not None
    assert found.id.startswith(MAILED)
    with pytest.raises(ValueError, match="id"):
        KnownPerson(id=found.id, name="x", principals=(), roles=())


def test_a_platform_that_does_not_answer_is_nobodys_proof() -> None:
    case = Case()
    case.linked()
    case.platform.troubles = {ANA: CopilotError("busy")}
    with pytest.raises(CopilotError, match="busy"):
        case.link.who(ANA)


def test_who_is_somebody_by_configuration_is_no_second_one_unless_they_say_so() -> None:
    case = Case(configured((known("ana", ANA_USER, chat=(ANA.address,)), *PEOPLE[1:])))
    with pytest.raises(Conflict, match=f"you are {ANA.address} by the copilot's configuration"):
        case.link.make_code(case.person(), ANA_USER, "slack")
    assert case.linked(BEN).person == "ana", "with --another they are"
