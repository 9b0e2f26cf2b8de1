"""The destinations that the configuration names, each sent to by its way. What sends by one alone imports it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from copilot.config.destinations import DestinationSettings
from copilot.domain import Letter
from copilot.errors import ToolInputError
from copilot.ports import Clock
from copilot.text.nearness import nearest, there_are


class ConfiguredDestinations:
    """ports.Destinations. `client` makes an AWS client of a service in a region that asks once and no more, `key` reads
    a secret by its ARN and what it is called, and `links_base` gives the address of the HTTP API. With `loopback` web
    hooks go to this machine too, as on a laptop.
    """

    def __init__(
        self,
        settings: DestinationSettings,
        client: Callable[[str, str], Any],
        key: Callable[[str, str], str],
        clock: Clock,
        links_base: Callable[[], str] = lambda: "",
        *,
        loopback: bool = False,
    ) -> None:
        self._settings, self._client, self._key = settings, client, key
        self._clock, self._links_base, self._loopback = clock, links_base, loopback

    def check(self, destination: str) -> None:
        there = self._settings.names
        if destination not in there:
            raise ToolInputError(
                f"{destination} is none of the `destinations` of the configuration{there_are(destination, there)}",
                nearest(destination, there, 3),
                ours=True,
            )

    def send(self, destination: str, letter: Letter, key: str) -> str:
        self.check(destination)
        way, _, name = destination.partition(":")
        if way == "mail" and self._settings.mail:
            from copilot.adapters.destinations.mail import send_mail

            mail = self._settings.mail
            client = self._client("sesv2", mail.region)
            return send_mail(client, mail, name, letter, key, self._links_base())
        if way == "sns":
            from copilot.adapters.destinations.topics import publish

            topic = self._settings.sns[name]
            return publish(self._client("sns", topic.region), topic, destination, letter, key)
        from copilot.adapters.destinations.web import post
        from copilot.adapters.destinations.webhooks import post_webhook

        hook = self._settings.webhook[name]
        secret = self._key(hook.secret, f"the secret of {destination}")
        send = partial(post, loopback=self._loopback)
        return post_webhook(hook, destination, secret, letter, key, self._clock.now(), send)
