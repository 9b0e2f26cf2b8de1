"""Using what the app shows: buttons, choices and forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cli.laptop.slack.elements import action_of, element_of, state_of
from cli.laptop.slack.sending import Sent
from cli.laptop.slack.telling import NotThere, Telling
from cli.laptop.slack.views import new_view, view_problems, with_ids
from cli.laptop.slack.world import Json, Message, User, View
from cli.laptop.slack.writing import as_object


class Pressing(Telling):
    def choose(self, user: str, message: Message, element: str, chosen: Any, background: bool = False) -> Sent:
        """Somebody ticks, picks or types: `chosen` is all that is chosen now, as values, or the text."""
        person = self._person(user)
        block, found = element_of(message.blocks, element)
        mine = self._chosen.setdefault((person.id, message.channel, message.ts), {})
        mine[found["action_id"]] = chosen
        return self._pressed(person, message, action_of(block, found, self.world.new_ts(), chosen), mine, background)

    def press(
        self,
        user: str,
        message: Message,
        element: str,
        chosen: Mapping[str, Any] | None = None,
        background: bool = False,
    ) -> Sent:
        """Somebody presses a button: by its action id, its value or what stands on it.

        `chosen` is what is chosen elsewhere in the message, by action id; else what `choose` left. Raises NotThere.
        """
        person = self._person(user)
        block, found = element_of(message.blocks, element)
        mine = dict(chosen) if chosen is not None else self._chosen.get((person.id, message.channel, message.ts), {})
        return self._pressed(person, message, action_of(block, found, self.world.new_ts()), mine, background)

    def _pressed(
        self, person: User, message: Message, action: Json, chosen: Mapping[str, Any], background: bool
    ) -> Sent:
        with self.world.at_once():
            place = self.world.state.channels[message.channel]
            if person.id not in place.members or message.only_for not in (None, person.id):
                raise NotThere(f"{person.name} does not see this message")
            home = self._home_of(message)
            trigger = self.handed.trigger(person.id)
            response = self.handed.response(place.id, person.id, message.ts, message.thread_ts)
            state = state_of(message.blocks, chosen)
            payload = self.payloads.pressed(person, home, message, action, state, trigger, response)
        return self._interact("block_actions", payload, background=background)

    def press_in_view(self, view: View, element: str, chosen: Mapping[str, Any] | None = None) -> Sent:
        """Whose view it is uses something in it."""
        person, home = self.world.user(view.user), self.world.state.workspaces[view.team]
        blocks = view.view["blocks"]
        block, found = element_of(with_ids(blocks), element)
        action = action_of(block, found, self.world.new_ts(), (chosen or {}).get(found["action_id"]))
        state = state_of(with_ids(blocks), chosen or {})
        trigger = self.handed.trigger(person.id)
        return self._interact(
            "block_actions", self.payloads.pressed_in_view(person, home, view, action, state, trigger)
        )

    def submit(self, view: View, chosen: Mapping[str, Any] | None = None) -> tuple[Sent, dict[str, str]]:
        """Whose modal it is sends it. With what the app found wrong, by block id: the modal then stays."""
        person, home = self.world.user(view.user), self.world.state.workspaces[view.team]
        state = state_of(with_ids(view.view["blocks"]), chosen or {})
        trigger = self.handed.trigger(person.id)
        sent = self._interact("view_submission", self.payloads.submitted(person, home, view, state, trigger))
        if not sent.taken:
            return sent, {"": "It was not taken. Try again."}
        said = as_object(sent.answer)
        with self.world.at_once() as world:
            match said.get("response_action"):
                case "errors":
                    return sent, {str(key): str(value) for key, value in said.get("errors", {}).items()}
                case "update" | "push" as how if not view_problems(said.get("view")):
                    if how == "update":
                        view.view, view.hash = said["view"], f"{self.world.new_ts()}.laptop"
                    else:
                        world.modals.append(new_view(self.world, view.team, view.user, said["view"]))
                case "clear":
                    world.modals = [one for one in world.modals if one.user != view.user]
                case _:
                    world.modals = [one for one in world.modals if one.id != view.id]
            self.world.touch()
        return sent, {}

    def close_view(self, view: View) -> Sent | None:
        """Whose modal it is closes it."""
        with self.world.at_once() as state:
            state.modals = [one for one in state.modals if one.id != view.id]
            self.world.touch()
        if not view.view.get("notify_on_close"):
            return None
        person, home = self.world.user(view.user), self.world.state.workspaces[view.team]
        return self._interact("view_closed", self.payloads.closed(person, home, view, cleared=False))
