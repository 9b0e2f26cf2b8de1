"""What pipelines report, as EventBridge delivers it, in facts about deployments. Pure; examples are in events/.

Of which account an event is, is what its envelope says: EventBridge writes that itself, the sender the rest.
"""

from __future__ import annotations

from collections.abc import Mapping

from copilot.domain.deployments import DeploymentFact
from copilot.triggers.pipelines import codebuild, codepipeline, ecs, own
from copilot.triggers.pipelines.event import Event, Translate

_BY_TYPE: Mapping[str, Translate] = own.EVENTS | codepipeline.EVENTS | codebuild.EVENTS | ecs.EVENTS


def facts_of(event: Event) -> list[DeploymentFact]:
    """The facts in an event; none where it has none for us.

    Raises KeyError, TypeError or ValueError for what is not the event it says it is.
    """
    translate = _BY_TYPE.get(event["detail-type"])
    return list(translate(event)) if translate else []
