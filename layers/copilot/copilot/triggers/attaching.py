"""The files that are sent along with what is said, read as far as they can be."""

from __future__ import annotations

import re

from copilot.domain import MOST_ATTACHED, MOST_FILES, Attachment, ChatFile, Said
from copilot.errors import CopilotError, RetryableError
from copilot.ports import ChatReader
from copilot.text.outside import inert

TEXTS = re.compile(r"(?i)\.(txt|log|md|ya?ml|json|toml|ini|cfg|conf|env|tf|sh|py|js|ts|go|java|rb|csv|xml|dockerfile)$")


def attached(chat: ChatReader, said: Said) -> tuple[list[Attachment], list[str]]:
    """What could be read, and what not and why, in words."""
    files, left = list[Attachment](), list[str]()
    room = MOST_ATTACHED
    for file in said.files:
        problem = _problem(file, len(files), room)
        if not problem:
            try:
                text = chat.file(said.where, file, room).decode()
                files.append(Attachment(name=file.name, text=text))
                room -= len(text.encode())
            except UnicodeDecodeError:
                problem = "it is no text in UTF-8"
            except RetryableError:
                raise
            except CopilotError as error:
                problem = str(error)
        if problem:
            left.append(f"{inert(file.name)} ({problem})")
    return files, left


def _problem(file: ChatFile, read: int, room: int) -> str:
    if read >= MOST_FILES:
        return f"at most {MOST_FILES} files are read"
    if file.size > room:
        return f"it has {file.size:,} bytes, and all files together may have {MOST_ATTACHED:,}"
    is_text = file.type in {"text/plain", "text"} or file.type.startswith("text/") or TEXTS.search(file.name)
    named = file.name.lower().startswith(("dockerfile", "makefile", ".dockerignore"))
    return "" if is_text or named else "only text files are read"
