"""What there is, swept: one account and region for each message; and whose turn it is, when the clock asks, or somebody
who was told of what is old. Then what schedules are about to stop is announced, caps that are nearly reached are told
of, and what is left of people who are gone is taken away as well. And what is watched is looked at: one watch for each
message, those whose turn it is when the clock asks for that.
"""

import json
from datetime import UTC, datetime
from typing import Any

from copilot.bootstrap import UseCases, with_use_cases
from copilot.domain import Place
from copilot.edges.observing import count, logger, observed
from copilot.errors import Capped


@observed
@with_use_cases
def handler(event: dict[str, Any], context: Any, use_cases: UseCases) -> None:
    """One that fails comes again as a whole: to sweep twice does no harm."""
    for record in event["Records"]:
        message = json.loads(record["body"])
        if "account" in message:
            asked_at = datetime.fromtimestamp(int(record["attributes"]["SentTimestamp"]) / 1000, UTC)
            sweep(Place(account=message["account"], region=message["region"]), asked_at, message["attempt"], use_cases)
        elif "publish" in message:
            use_cases.publish()
        elif "watch" in message:
            look(message["watch"], use_cases)
        elif "watches" in message:
            use_cases.ask_for_looks()
        else:
            stops = use_cases.announce_stops()
            places = use_cases.ask_for_sweeps(soon=bool(stops))
            logger().info("asked for sweeps", places=len(places), stops=len(stops))
            use_cases.tell_of_caps()
            let_go(use_cases)


def sweep(place: Place, asked_at: datetime, attempt: int, use_cases: UseCases) -> None:
    try:
        swept = use_cases.sweep_place(place, asked_at, attempt)
    except Capped as error:  # what is known of it grows older, and whoever is told of it is told how old it is
        count("SweepsCapped")
        logger().warning(str(error), **place.model_dump())
        return
    if swept is not None and swept.unread:
        count("SweepsIncomplete")
        logger().warning("not all could be read", unread=swept.unread, attempt=attempt, **place.model_dump())


def look(watch_id: str, use_cases: UseCases) -> None:
    watch = use_cases.look(watch_id)
    if watch is not None and watch.unseen:
        count("LooksFailed")
        logger().warning("a look found nothing out", watch=watch.id, looks=watch.unseen)


def let_go(use_cases: UseCases) -> None:
    removed = use_cases.gone()
    if removed.links or removed.standings:
        logger().info("people are gone", links=len(removed.links), standing=len(removed.standings))
    if removed.unread:
        count("PeopleUnread")
        logger().warning("not all people could be read of the chat", unread=removed.unread)
