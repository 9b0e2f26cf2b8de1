"""The use cases of chats: what is said there, who says it, and what is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from copilot.bootstrap.acting import Acting
from copilot.bootstrap.defaults import default
from copilot.domain import (
    About,
    Approval,
    ChatPlace,
    ChatUser,
    Delivery,
    OpenQuestion,
    Person,
    PlatformName,
    Trigger,
    is_in_chat,
    is_of_code_host,
)

if TYPE_CHECKING:
    from copilot.answering.chat.delivering import Deliver
    from copilot.answering.chat.following import Picture
    from copilot.answering.escalations.escalating import Escalate
    from copilot.policy.showing import Place as Shown
    from copilot.triggers.chatting import TakeChat
    from copilot.triggers.gone import LetGo
    from copilot.triggers.linking import Link


class Chatting(Acting):
    def workspaces_on(self, platform: PlatformName) -> list[str]:
        """The ids of those that are configured."""
        chat = self.configuration().chat
        return [one.id for one in chat.on(platform)] if chat else []

    @default
    def take_chat(self) -> TakeChat:
        from copilot.triggers.chatting import TakeChat

        return TakeChat(
            self.ingest,
            self.approve,
            self.freezing.freeze,
            self.store.approval,
            self.deliveries,
            self.delivery_queue,
            self.chat_reader,
            self.configuration(),
            self.clock,
            self.link,
            self.gone,
            self._may_see,
            self.store,
            self._answers,
        )

    def _answers(self, question: OpenQuestion, trigger: Trigger) -> bool:
        """What it takes is imported where a question is open."""
        from copilot.planning.hearing import answers

        return answers(question, trigger.text, self.hear.present(trigger))

    def _may_see(self, person: Person, approval: Approval) -> bool:
        """Who asked for it, and who may decide it: they answer for what they approve."""
        targets = [target for call in approval.calls for target in call.preview.targets]
        own = person.id == approval.requested_by.id
        return own or self.policy.may_approve(person, targets).outcome == "allow"

    @default
    def link(self) -> Link:
        from secrets import token_bytes

        from copilot.triggers.linking import Link

        return Link(self.chat_links, lambda: self.chat_reader, self.configuration(), self.clock, token_bytes)

    @default
    def gone(self) -> LetGo:
        """People who are."""
        from copilot.triggers.gone import LetGo

        return LetGo(self.chat_links, self.store, lambda: self.chat_reader, self.configuration(), self.clock)

    # what is shown there

    @default
    def deliver(self) -> Deliver:
        from copilot.adapters.chats import Paced
        from copilot.answering.chat.delivering import Deliver
        from copilot.answering.chat.stops import ComingStops

        config = self.configuration()
        chat = Paced(self.chat_writer, self.pause)
        return Deliver(
            self.store,
            self.deliveries,
            self.delivery_queue,
            chat,
            config,
            self.clock,
            self.where_to,
            self.chat_users_of,
            self.installation.links_base,
            self.picture,
            self.registry,
            lambda at: ComingStops(self.schedules, self.inventory, config)(at),
            chat.rest,
            self.destinations,
            lambda: self.homes,
            lambda person: self.home(person),
        )

    @default
    def escalate(self) -> Escalate:
        from copilot.answering.escalations.escalating import Escalate

        parts = (self.store, self.deliveries, self.delivery_queue, self.pagers, self.configuration(), self.clock)
        return Escalate(*parts, self.may_tell_outside, self.registry)

    def may_tell_outside(self, person: Person, to: str, about: About) -> bool:
        """Whether policy lets what tells of this be told a destination outside the chats, for this person."""
        holds = self.configuration().destinations.holds(to)
        return self.policy.may_show(person, about, holds).outcome == "allow"

    def show(self, kind: Literal["progress", "answer", "approval"], of: Mapping[str, Any], **more: Any) -> None:
        """Have it shown where it is asked for in a chat; an approval wherever it is asked for; an answer also where it
        was asked for by a comment. `of` has the tenant, the Conversation and the id of a Run, as the machine hands them
        on.
        """
        conversation, config = of["conversation"], self.configuration()
        if is_of_code_host(conversation):
            shown = kind == "answer" and bool(config.code_hosts)
        else:
            shown = (kind == "approval" or is_in_chat(conversation)) and config.chat is not None
        if shown:
            which = {name: of[name] for name in ("tenant", "conversation", "run_id")}
            self.delivery_queue.put([Delivery.model_validate({"kind": kind, **which, **more})])

    def show_owners(self, of: Mapping[str, Any]) -> None:
        """Have those told who own what a Run changed, wherever it was asked for. `of` has its tenant and id. Nothing
        of one that changed nothing: that is most of them.
        """
        if self.configuration().chat is None:
            return
        tenant, run_id = of["tenant"], of["run_id"]
        if any(entry.did_something for entry in self.store.effects(tenant, run_id)):
            self.delivery_queue.put([Delivery(kind="owners", tenant=tenant, run_id=run_id)])

    def show_decided(self, tenant: str, run_id: str, approval_id: str) -> None:
        """Have every copy of an approval show what became of it, and whoever was told that nobody answered it be told
        that too.
        """
        of, config = {"tenant": tenant, "run_id": run_id, "approval_id": approval_id}, self.configuration()
        if config.escalate_to:
            self.delivery_queue.put([Delivery.model_validate({"kind": "resolution", **of})])
        if config.chat is not None:
            self.delivery_queue.put([Delivery.model_validate({"kind": "decided", "key": "decided", **of})])

    def begin_escalation(self, tenant: str, run_id: str, approval_id: str) -> None:
        """Have others told of an approval where nobody answers it, wherever it was asked for."""
        if self.configuration().escalate_to:
            of = {"tenant": tenant, "run_id": run_id, "approval_id": approval_id}
            self.delivery_queue.put([Delivery.model_validate({"kind": "escalation", **of})])

    def where_to(self, person: Person, about: About, place: ChatPlace) -> Shown:
        """Where policy lets what tells of this stand, for this person, with the roles they have now."""
        from copilot.policy.showing import where_to

        return where_to(self.policy, self.configuration().current(person), about, place)

    def chat_users_of(self, person_id: str) -> tuple[ChatUser, ...]:
        """Who this person is in the chats of the configuration, by that and by links that are good."""
        config, now = self.configuration(), self.clock.now()
        if config.chat is None:
            return ()
        known = config.known(person_id)
        users = [ChatUser.at(address) for address in (known.chat if known else ())]
        users += [link.user for link in self.chat_links.links_of(person_id) if link.until > now]
        there = {one.id for one in config.chat.workspaces}
        return tuple(one for one in dict.fromkeys(users) if one.workspace in there)

    def picture(self, url: str) -> Picture | None:
        from copilot.answering.chat.following import Picture

        found = self.installation.records(self.configuration().tenant).picture(url)
        return None if found is None else Picture(*found)

    def pause(self, seconds: float) -> None:
        from time import sleep

        sleep(seconds)
