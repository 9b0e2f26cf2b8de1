"""What people do in Slack, each told to the app as Slack tells it."""

from __future__ import annotations

import uuid
from typing import Any

from cli.laptop.slack.pressing import Pressing
from cli.laptop.slack.sending import Sent, as_json
from cli.laptop.slack.world import Json
from cli.laptop.slack.writing import Writing, as_object


class Acting(Writing, Pressing):
    """All of it: beside writing and pressing, who comes, goes and changes."""

    def open_home(self, user: str, tab: str = "messages", background: bool = False) -> Sent:
        """Somebody opens the app: the place where they talk with it alone, or its Home tab."""
        with self.world.at_once():
            person = self._person(user)
            place = self.world.direct(person)
            self.world.touch()
            payload = self.payloads.home_opened(self.world.state.workspaces[place.team], place, person, tab)
        return self._send([as_json("app_home_opened", self.urls.events, payload)], background)[0]

    def change(self, user: str, **now: Any) -> list[Sent]:
        """Somebody's account changes: the fields of User. Each workspace of theirs that has the app is told."""
        with self.world.at_once() as state:
            person = self.world.user(user)
            for key, value in now.items():
                setattr(person, key, value)
            self.world.touch()
            homes = [one for one in state.workspaces.values() if one.token and self._knows(one, person)]
            told = [self.payloads.user_changed(home, person) for home in homes]
        return self._send([as_json("user_change", self.urls.events, one) for one in told])

    def deactivate(self, user: str) -> list[Sent]:
        """Somebody leaves."""
        return self.change(user, deleted=True)

    def uninstall(self, team: str) -> list[Sent]:
        """The app is taken out of a workspace: its token is good for nothing from then on."""
        with self.world.at_once() as state:
            home = state.workspaces[team]
            payloads = self.payloads.uninstalled(home)
            home.token = None
            self.world.touch()
        return self._send([as_json(one["event"]["type"], self.urls.events, one) for one in payloads])

    def invite(self, channel: str) -> None:
        """The app becomes a member of a channel."""
        with self.world.at_once():
            place = self._channel(channel)
            home = next(one for team in (place.team, *place.teams) if (one := self.world.state.workspaces[team]).token)
            if home.bot_user not in place.members:
                place.members.append(home.bot_user)
            self.world.touch()

    def tell(self, event: Json, team: str | None = None, **outer: Any) -> Sent:
        """Any event at all, as it would be delivered; `outer` stands around it."""
        home = self.world.state.workspaces[team] if team else next(iter(self.world.state.workspaces.values()))
        payload = self.payloads.callback(home, event, None, **outer)
        return self._send([as_json(str(event.get("type")), self.urls.events, payload)])[0]

    def verify_urls(self) -> bool:
        """What Slack does when the address for events is entered: it wants its challenge back."""
        challenge = uuid.uuid4().hex
        payload = {"token": "", "challenge": challenge, "type": "url_verification"}
        sent = self._interact("url_verification", payload, form=False)
        body = sent.answer.decode(errors="replace").strip()
        return sent.taken and (body == challenge or as_object(sent.answer).get("challenge") == challenge)

    def again(self, sent: Sent, reason: str = "http_timeout") -> Sent:
        """The same delivery once more, as Slack does where it heard nothing."""
        headers = {"X-Slack-Retry-Num": str(len(sent.attempts) or 1), "X-Slack-Retry-Reason": reason}
        if sent.url:
            sent.attempts.append(self.sender.once(sent, headers))
        return sent
