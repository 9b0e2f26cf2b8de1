"""The process that is the laptop's AWS: MiniStack on 127.0.0.1, IAM enforced, all it holds kept in one folder."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from cli.laptop.faults import LaptopError

START_SECONDS = 60
STOP_SECONDS = 60
WORKERS_SECONDS = 10
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


@dataclass(frozen=True)
class Server:
    """A server of ours. It answers with `identity`, so that no other process is ever taken for it."""

    pid: int
    port: int
    identity: str

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def running(state: Path) -> Server | None:
    """The server whose state is kept in this folder, if it runs. Raises LaptopError if it hangs."""
    try:
        server = Server(**json.loads(_record(state).read_text()))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise LaptopError(
            f"{_record(state)} is not as it was written, so that nothing is known of the system"
        ) from error
    return server if _answers(server, patience=10) else None


def start(state: Path, project: Path, region: str, environment: Mapping[str, str]) -> Server:
    """A running server with all that was kept in the folder; the one that runs already, if there is one.

    `environment` is added to that of the server and of every function in it. Raises LaptopError.
    """
    if server := running(state):
        return server
    shutil.rmtree(state / "tmp", ignore_errors=True)
    (state / "tmp").mkdir(parents=True)
    port, identity = free_port(_last_port(state)), f"devops-copilot-{uuid.uuid4().hex}"
    with _log(state).open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "cli.laptop.emulator"],
            cwd=project,
            env={**_environment(state, project, region, port, identity), **environment},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    server = Server(process.pid, port, identity)
    deadline = time.monotonic() + START_SECONDS
    while not _answers(server, patience=5):
        if process.poll() is not None:
            raise LaptopError(f"The local AWS did not start. The end of {_log(state)}:\n{_end_of(_log(state))}")
        if time.monotonic() > deadline:
            process.terminate()
            process.wait()
            raise LaptopError(
                f"The local AWS did not answer in {START_SECONDS} s and was stopped. Its log: {_log(state)}"
            )
        time.sleep(0.05)
    _record(state).write_text(json.dumps(asdict(server)))
    return server


def stop(state: Path) -> bool:
    """Stop the server and keep all it holds; when this returns its functions' processes have ended too.

    False if none was running. Raises LaptopError if it does not stop.
    """
    server = running(state)
    if server is None:
        return False
    os.kill(server.pid, signal.SIGTERM)  # a clean stop: only then is the state written
    deadline = time.monotonic() + STOP_SECONDS
    while not _has_ended(server.pid):
        if time.monotonic() > deadline:
            raise LaptopError(
                f"The local AWS (process {server.pid}) was asked to stop and still runs after {STOP_SECONDS} s. It was "
                f"left alone, since what it holds is lost if it is killed. Its log: {_log(state)}"
            )
        time.sleep(0.05)
    _end_workers(server.pid)
    shutil.rmtree(state / "tmp", ignore_errors=True)
    return True


def _end_workers(group: int) -> None:
    """What the server started is of its process group, and has nobody left to work for. Waits until it has ended."""
    deadline = time.monotonic() + WORKERS_SECONDS
    ask: int = signal.SIGTERM
    while time.monotonic() < deadline:
        try:
            os.killpg(group, ask)
        except (ProcessLookupError, PermissionError):  # none is left; or, on a Mac, none but what has ended
            return
        ask = 0
        time.sleep(0.05)


def _environment(state: Path, project: Path, region: str, port: int, identity: str) -> dict[str, str]:
    """Only what is named here: a person's own AWS profile, proxies and Docker must not reach into the laptop's AWS."""
    return {
        **{name: os.environ[name] for name in INHERITED if name in os.environ},
        # MiniStack
        "AUTH": "true",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": region,
        "MINISTACK_EDITION": identity,
        "PERSIST_STATE": "1",
        "STATE_DIR": str(state / "aws"),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(state / "s3"),
        "TMPDIR": str(state / "tmp"),
        "LOG_LEVEL": "WARNING",
        # It would listen on fixed ports for these, and run containers where it finds Docker.
        "SFTP_ENABLED": "0",
        "IOT_MTLS_ENABLED": "0",
        "DOCKER_HOST": f"unix://{state / 'no-docker'}",
        # The SDK, in the server and in every function
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_DEFAULT_REGION": region,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        # bootstrap
        "DEVOPS_COPILOT_PYTHON": sys.executable,
        "DEVOPS_COPILOT_PATH": str(project / "layers" / "copilot"),
        "DEVOPS_COPILOT_RUNTIME": str(project / "cli" / "laptop" / "runtime.py"),
    }


def _answers(server: Server, patience: float) -> bool:
    """Whether this very server answers. Raises LaptopError if something accepts the connection and says nothing."""
    open_url = urllib.request.build_opener(urllib.request.ProxyHandler({})).open
    try:
        with open_url(f"{server.endpoint}/_ministack/health", timeout=patience) as reply:
            return bool(json.load(reply).get("edition") == server.identity)
    except TimeoutError as error:
        raise LaptopError(
            f"The local AWS (process {server.pid}, port {server.port}) does not answer. Nothing was done. "
            "If it stays so, end that process and start again; what it held since its last start is then lost"
        ) from error
    except (OSError, ValueError):
        return False


def _has_ended(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:  # another process started it
        pass
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def free_port(wish: int) -> int:
    """The port it had last time, so that addresses stay good, or any other."""
    for port in (wish, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise LaptopError("No port is free on 127.0.0.1. Nothing was started")


def _last_port(state: Path) -> int:
    try:
        return int(json.loads(_record(state).read_text())["port"])
    except FileNotFoundError:
        return 0


def _record(state: Path) -> Path:
    return state / "server.json"


def _log(state: Path) -> Path:
    return state / "aws.log"


def _end_of(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-15:])
