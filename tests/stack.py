"""The whole system as `make run` starts it, on a DATA folder and ports of its own, for tests that stand outside."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

PROJECT = Path(__file__).parent.parent
READY_SECONDS = 120  # a build server may be busy with much else
STOP_SECONDS = 20


def free_port() -> int:
    """The first of three neighbouring ports that are free; below the range from which the system itself takes."""
    while True:
        first = random.randrange(15_000, 32_000)
        if all(_is_free(port) for port in range(first, first + 3)):
            return first


def _is_free(port: int) -> bool:
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class Stack:
    """`with Stack(tmp_path) as stack: stack.status()["web"]`. `config` is a config.toml, `environ` more settings."""

    def __init__(
        self,
        data: Path,
        port: int | None = None,
        *,
        config: Path | None = None,
        environ: dict[str, str] | None = None,
    ) -> None:
        self.data = data
        self.port = port or free_port()
        self.environ = {
            name: value for name, value in os.environ.items() if not name.startswith("XINGFU_")
        } | {
            "XINGFU_DATA": str(data),
            "XINGFU_PORT": str(self.port),
            "XINGFU_CONFIG": str(config or ""),
            **(environ or {}),
        }
        self._supervisor: subprocess.Popen[bytes] | None = None

    @property
    def web(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def sandbox(self) -> str:
        return f"http://127.0.0.1:{self.port + 1}"

    def start(self) -> Self:
        """Returns when everything is healthy; raises with what the supervisor said when it is not."""
        self.data.parent.mkdir(parents=True, exist_ok=True)
        output = self.output.open("wb")
        with output:
            self._supervisor = subprocess.Popen(
                self.command("run"),
                cwd=PROJECT,
                env=self.environ,
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        deadline = time.monotonic() + READY_SECONDS
        while not self._is_ready(self._supervisor.pid):
            if self._supervisor.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(
                    f"the stack did not start: {self.output.read_text(errors='replace')[-2000:]}"
                )
            time.sleep(0.05)
        return self

    @property
    def output(self) -> Path:
        """What the supervisor has printed."""
        return self.data.with_name(self.data.name + ".output")

    def command(self, name: str) -> list[str]:
        return [sys.executable, "-m", "app.supervisor", name]

    def status(self) -> dict[str, Any]:
        """What `make -s status` prints."""
        done = subprocess.run(
            self.command("status"), cwd=PROJECT, env=self.environ, capture_output=True, text=True, check=True
        )
        content: dict[str, Any] = json.loads(done.stdout)
        return content

    def pid(self, name: str) -> int:
        """The process number of web, sandbox, valkey, scheduler or delivery; 0 while it rests."""
        found: list[Any] = self._record().get("processes", {}).get(name, [0])
        return int(found[0])

    def kill(self, name: str) -> None:
        """SIGKILL to one program with all its workers, as a machine short of memory does it."""
        os.killpg(self.pid(name), signal.SIGKILL)

    def stop(self) -> None:
        if self._supervisor is None:
            return
        self._supervisor.terminate()
        try:
            self._supervisor.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._supervisor.kill()
            self._supervisor.wait()
        self._supervisor = None

    def _is_ready(self, supervisor: int) -> bool:
        record = self._record()
        return record.get("pid") == supervisor and record.get("state") == "running"

    def _record(self) -> dict[str, Any]:
        try:
            content: dict[str, Any] = json.loads((self.data / "run.json").read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return content

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.stop()
