"""Shows a person their page: at their home on a platform that has one, and as a message where they ask for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from copilot.answering.chat.following import NOT_YOURS
from copilot.answering.chat.home import shown
from copilot.answering.chat.messages import Messages, WhereTo, in_words, shown_as
from copilot.config.configuration import Configuration
from copilot.domain import (
    ABOUT_HOME,
    ChatPlace,
    ChatUser,
    Delivered,
    Delivery,
    Home,
    Person,
    Shown,
    digest,
    home_key,
    home_of,
    occasion_of,
)
from copilot.errors import Conflict
from copilot.ports import Homes

BURST = timedelta(seconds=5)
"""Of what is opened again so soon nothing is shown anew."""
_KEY = "home"


@dataclass(frozen=True)
class ShowHome:
    """`homes` is where pages stand, `page` makes that of a person."""

    messages: Messages
    homes: Callable[[], Homes]
    config: Configuration
    where_to: WhereTo
    page: Callable[[Person], Home]

    def __call__(self, delivery: Delivery) -> None:
        assert delivery.to is not None
        user, before = delivery.to, self.messages.of(home_of(delivery.to)).get(_KEY)
        if before is not None and delivery.opened and self.messages.clock.now() - before.at < BURST:
            return
        try:
            self._publish(delivery, user, before)
        except Conflict:  # somebody was there meanwhile: it is looked at anew, and shown whatever stands there
            self._publish(delivery, user, None)

    def _publish(self, delivery: Delivery, user: ChatUser, before: Delivered | None) -> None:
        """What shows already is not shown once more but to who opened it."""
        page, same = self._made(delivery)
        if before is not None and not delivery.opened and before.shows == same:
            return
        sent = self.homes().show_home(user, page, before.message if before else "")
        now = self.messages.clock.now()
        # What was sent is not kept: it is theirs alone, and made anew whenever they look.
        self.messages.deliveries.note(
            Delivered(run_id=home_of(user), key=_KEY, message=sent.message, shows=same, at=now)
        )

    def _made(self, delivery: Delivery) -> tuple[Shown, str]:
        """With a digest of what it shows, whenever that is."""
        if not delivery.person:
            page = in_words(delivery.text)
            return page, shown_as(page)
        person = self.config.current(Person(id=delivery.person, name=delivery.person))
        if self.where_to(person, ABOUT_HOME, ChatPlace(name="", direct=True)) != "here":
            page = in_words(NOT_YOURS)
            return page, shown_as(page)
        home = self._of(person)
        return shown(home), digest(home.model_dump(mode="json", exclude={"at"}))

    def message(self, person: Person) -> Shown:
        """As an answer shows it."""
        return shown(self._of(self.config.current(person)))

    def _of(self, person: Person) -> Home:
        """What it offers to have kept can be kept from then on."""
        home = self.page(person)
        for at, stops in home.stops.items():
            key, now = home_key(person.id), self.messages.clock.now()
            self.messages.deliveries.note(Delivered(run_id=occasion_of(at), key=key, stops=stops, at=now))
        return home
