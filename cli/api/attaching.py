"""Files of this machine as what goes along with a request."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cli.exits import Refused


def attachments(paths: Sequence[str]) -> list[dict[str, str]]:
    """Name and text of each. Raises Refused, naming the file, before anything is sent."""
    if not paths:
        return []
    from copilot.domain import MOST_ATTACHED, MOST_FILES

    if len(paths) > MOST_FILES:
        raise Refused(f"--file was given {len(paths)} times; at most {MOST_FILES} files go with a request.")
    found = [{"name": Path(path).name, "text": _text(path, MOST_ATTACHED)} for path in paths]
    size = sum(len(file["text"].encode()) for file in found)
    if size > MOST_ATTACHED:
        raise Refused(f"The files have {size:,} bytes together; at most {MOST_ATTACHED:,} go with a request.")
    return found


def _text(path: str, most: int) -> str:
    try:
        if Path(path).stat().st_size > most:
            raise Refused(f"--file {path}: it has more than {most:,} bytes, and no more go with a request.")
        return Path(path).read_bytes().decode()
    except OSError as error:
        raise Refused(f"--file {path}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise Refused(f"--file {path}: it is no text in UTF-8 (byte {error.start}).") from error
