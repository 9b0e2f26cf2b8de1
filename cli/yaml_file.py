"""A YAML file that a person writes, as its type; or, line by line, what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from cli.exits import Refused
from cli.wording import line
from cli.yaml_places import line_of, written_twice
from copilot.config.faults import faults

ModelT = TypeVar("ModelT", bound=BaseModel)


class Written(NamedTuple):
    """What a file holds, and where in it that stands."""

    file: Path
    content: Any
    document: yaml.Node | None


def load(file: Path) -> Written:
    """Raises Refused for what cannot be read or is no YAML."""
    try:
        text = file.read_text(encoding="utf-8")
        return Written(file, yaml.safe_load(text), yaml.compose(text, Loader=yaml.SafeLoader))
    except OSError as error:
        raise Refused(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise Refused(f"{file} is no text in UTF-8 (byte {error.start}).") from error
    except (yaml.YAMLError, ValueError) as error:  # a date that is none is a ValueError
        raise Refused(f"{file} is not YAML: {line(error)}") from error


def fitting(
    written: Written, model: type[ModelT], what: str, nothing: str, make: Callable[[Any], ModelT] | None = None
) -> ModelT:
    """The content as `model`, made by `make` where more is to be checked than its own validation does.

    Raises Refused, naming the line of everything that is wrong and the nearest that is right: the file is not `what`,
    and `nothing` says what was not done.
    """
    wrong = [(at, f"{key!r} is written twice here") for at, key in written_twice(written.document)]
    try:
        made = (make or model.model_validate)(written.content)
    except ValidationError as error:
        found = faults(error, model)
        wrong += [(line_of(written.document, fault.place), f"{fault.where}: {fault.said}") for fault in found]
    if wrong:
        told = [f"  line {at}, {line(said)}" for at, said in sorted(wrong)]
        raise Refused("\n".join([f"{written.file} is not {what}. {nothing}", *told]))
    return made
