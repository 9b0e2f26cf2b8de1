"""The template as the laptop deploys it: the working tree's files uploaded, and their places in S3 written into it."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

BOOTSTRAP = Path(__file__).with_name("bootstrap")
LOCAL = re.compile(r"^(?P<name>\s+(?P<kind>CodeUri|ContentUri|DefinitionUri): )(?P<path>\S+)$", re.MULTILINE)
EPOCH = (1980, 1, 1, 0, 0, 0)

Upload = Callable[[str, bytes], str]


def packaged(project: Path, upload: Upload) -> str:
    """template.yaml with every local path replaced by what `upload(key, content)` says it has become.

    Keys are hashes of content, so that unchanged code is an unchanged template.
    """
    layer = _digest_of(project / "layers" / "copilot" / "copilot")

    def replaced(found: re.Match[str]) -> str:
        path = project / found["path"]
        match found["kind"]:
            case "CodeUri":
                return found["name"] + _uploaded(upload, _function(path, layer), "zip")
            case "ContentUri":
                # Functions import the layer from the working tree; this only keeps its place in the template.
                return found["name"] + _uploaded(upload, _zipped({"see": b"the working tree"}), "zip")
            case _:
                return found["name"] + _uploaded(upload, path.read_bytes(), "json")

    return LOCAL.sub(replaced, (project / "template.yaml").read_text())


def _function(folder: Path, layer: str) -> bytes:
    """The layer's digest is part of it: warm workers have the layer in memory, and only new code replaces workers."""
    files = {str(path.relative_to(folder)): path.read_bytes() for path in _sources(folder)}
    return _zipped({**files, "bootstrap": BOOTSTRAP.read_bytes(), "layer-digest": layer.encode()})


def _zipped(files: dict[str, bytes]) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as into:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.external_attr = (0o755 if name == "bootstrap" else 0o644) << 16
            into.writestr(entry, content)
    return archive.getvalue()


def _uploaded(upload: Upload, content: bytes, suffix: str) -> str:
    return upload(f"{hashlib.sha256(content).hexdigest()}.{suffix}", content)


def _digest_of(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in _sources(folder):
        digest.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _sources(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts)
