"""What a message of the copilot shows, before any platform has given it its form.

No text in it is markup: a platform shows it as it stands, so that nothing that came from outside can format, mention or
link.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from copilot.domain.chat import Action
from copilot.domain.frozen import Frozen

StepMark = Literal["waiting", "running", "asking", "done", "failed", "skipped"]


class Words(Frozen):
    """Lines to be read; `small` for what stands beside."""

    kind: Literal["words"] = "words"
    text: str
    small: bool = False


class Heading(Frozen):
    kind: Literal["heading"] = "heading"
    text: str


class Columns(Frozen):
    """Text whose characters stand under each other: tables, lines of logs and files."""

    kind: Literal["columns"] = "columns"
    text: str


class ShownStep(Frozen):
    id: str
    title: str
    mark: StepMark
    details: str = ""


class Steps(Frozen):
    """How far a run is."""

    kind: Literal["steps"] = "steps"
    title: str
    steps: tuple[ShownStep, ...]


class ShownLink(Frozen):
    label: str
    url: str


class Links(Frozen):
    """Addresses the copilot made itself."""

    kind: Literal["links"] = "links"
    links: tuple[ShownLink, ...]


class Button(Frozen):
    """`asks` is what is asked before it counts; `danger` where it cannot be taken back or stops something."""

    action: Action
    about: str
    label: str
    weight: Literal["plain", "primary", "danger"] = "plain"
    asks: str = ""


class Buttons(Frozen):
    kind: Literal["buttons"] = "buttons"
    buttons: tuple[Button, ...]


class Choice(Frozen):
    value: str
    label: str


class Choices(Frozen):
    """What can be ticked, and a button that sends it."""

    kind: Literal["choices"] = "choices"
    label: str
    choices: tuple[Choice, ...]
    button: Button


Part = Annotated[Words | Heading | Columns | Steps | Links | Buttons | Choices, Field(discriminator="kind")]


class Shown(Frozen):
    """One thing that is shown; a platform may need several messages for it. `brief` is its first line, for where
    nothing else fits: a notification.
    """

    brief: str
    parts: tuple[Part, ...]
