"""What the HTTP API says, as frozen types: what all of them have in common, and the first answer to a request.

Nothing of the product is imported here: a request is on its way before what shows its run is.
"""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from cli.exits import Unreachable
from cli.wording import problems


class View(BaseModel):
    """Fields this version does not know are ignored, so that an older command line can read a newer copilot."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class StartedView(View):
    """The answer to starting a run; `repeated` where the dedupe key had been seen before."""

    run_id: str
    status: str
    conversation: str
    repeated: bool = False


V = TypeVar("V", bound=BaseModel)


def read(view: type[V], document: object) -> V:
    """The document as `view`. Raises Unreachable where it is not one: what answers is no copilot of this age."""
    try:
        return view.model_validate(document, extra="ignore")
    except ValidationError as error:
        raise Unreachable(f"What answered is not a copilot this version understands. {problems(error)}.") from error
