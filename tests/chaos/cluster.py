"""A house of single programs, each a process group that a test may kill, hold, end or start again by its name.

The supervisor's own parts (app/installation.py, app/processes.py) without a supervisor: nothing comes back by itself.
Several webs stand behind one door, which sends each connection to the next one that answers; WeChat knows the door only.
"""

from __future__ import annotations

import contextlib
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from app import installation
from app.processes import Process
from app.settings import Settings, load_settings
from app.supervisor import write_private
from app.watchdog import signal_group
from tests.stack import PROJECT, READY_SECONDS, Stack, free_port

WATCHDOG = PROJECT / "app" / "watchdog.py"
ALL = ("sandbox", "valkey", "web", "scheduler", "delivery")


class House(Stack):
    """`with House(folder, template) as house: house.kill("web")`. `programs` are started with the house: several of one
    kind are "web", "web2", "web3". `template` is the DATA of a house that was prepared before."""

    def __init__(
        self,
        data: Path,
        template: Path | None = None,
        *,
        programs: Sequence[str] = ALL,
        environ: dict[str, str] | None = None,
    ) -> None:
        super().__init__(data, environ=environ)
        self._template, self._begun_with = template, programs
        self._processes: dict[str, Process] = {}
        self.ports: dict[str, int] = {}
        self.door: Door | None = None

    # ---- the house -------------------------------------------------------------------------------------------------

    def start(self) -> Self:
        self._furnish()
        webs = [name for name in self._begun_with if name.startswith("web")]
        self.ports = {name: free_port() for name in webs} if len(webs) > 1 else {}
        if self.ports:
            self.door = Door(self.port, [("127.0.0.1", port) for port in self.ports.values()])
        for name in self._begun_with:
            self.begin(name)
        for name in self._begun_with:
            self.wait_for(name)
        return self

    @property
    def settings(self) -> Settings:
        return load_settings(self.environ)

    def status(self) -> dict[str, Any]:
        return installation.status(self.settings)

    def stop(self) -> None:
        for process in self._processes.values():
            signal_group(process.pid, signal.SIGCONT)
            process.kill()
        if self.door:
            self.door.close()
        if self._watchdog:
            self._watchdog.communicate()

    def _furnish(self) -> None:
        """DATA as a start leaves it; what stands there is taken as it is."""
        if self._template and not self.data.exists():
            shutil.copytree(self._template, self.data, ignore=shutil.ignore_patterns("*.sock", "clock"))
        for folder in (self.data, self.data / "logs", self.data / "sandbox"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        settings = self.settings
        write_private(installation.apps_file(settings), installation.apps_text(settings))
        if not installation.is_current(settings):
            subprocess.run([sys.executable, "-m", "app.prepare"], cwd=PROJECT, env=self.environ, check=True)
        # Ends what this leaves behind when the test itself is killed.
        command, pipe = [sys.executable, "-I", "-S", str(WATCHDOG)], subprocess.PIPE
        self._watchdog = subprocess.Popen(command, stdin=pipe, text=True, start_new_session=True)

    _watchdog: subprocess.Popen[str] | None = None

    # ---- one program -----------------------------------------------------------------------------------------------

    def begin(self, name: str, *, twin_of: str = "", **environ: str) -> None:
        """A new life; `environ` holds for this one (XINGFU_FAIL=…). A twin takes the port of another."""
        mine = self.environ | self._own(twin_of or name) | environ
        stages = installation.stages(load_settings(mine | {"XINGFU_FAIL": ""}))
        (program,) = [one for stage in stages for one in stage if one.name == name.rstrip("23456789")]
        process = Process(program, self.data / "logs", mine, PROJECT)
        process.log = self.data / "logs" / f"{name}.log"
        process.start()
        self._processes[name] = process
        if self._watchdog and self._watchdog.stdin:
            self._watchdog.stdin.write(f"+{process.pid}\n")
            self._watchdog.stdin.flush()

    def wait_for(self, name: str) -> None:
        until, process = time.monotonic() + READY_SECONDS, self._processes[name]
        while not process.is_healthy():
            dead = process.has_ended() or time.monotonic() > until
            assert not dead, f"{name}: {process.log.read_text(errors='replace')[-2000:]}"
            time.sleep(0.03)

    def again(self, name: str, **environ: str) -> None:
        """A new life after a death, when it is healthy."""
        self.begin(name, **environ)
        self.wait_for(name)

    def pid(self, name: str) -> int:
        return self._processes[name].pid if self.lives(name) else 0

    def lives(self, name: str) -> bool:
        return name in self._processes and not self._processes[name].has_ended()

    def kill(self, name: str) -> None:
        """SIGKILL to the group, as a machine does it that is short of memory."""
        self._processes[name].kill()

    def hold(self, name: str) -> None:
        """SIGSTOP: it is there and does nothing."""
        signal_group(self._processes[name].pid, signal.SIGSTOP)

    def let_go(self, name: str) -> None:
        signal_group(self._processes[name].pid, signal.SIGCONT)

    def ask_to_end(self, name: str, patience: float = 20) -> float:
        """SIGTERM, and SIGKILL when its patience is over; how many seconds it took by itself."""
        process, begun = self._processes[name], time.monotonic()
        process.ask_to_end()
        while not process.has_ended() and time.monotonic() < begun + patience:
            time.sleep(0.02)
        took = time.monotonic() - begun
        process.kill()
        return took

    def _own(self, name: str) -> dict[str, str]:
        """What a web behind the door must be told, because the platform's address does not follow from its port."""
        if name not in self.ports:
            return {}
        roads = dict.fromkeys(("API_BASE", "OAUTH_BASE", "QR_BASE"), self.sandbox)
        mine = {f"XINGFU_PLATFORM__{road}": address for road, address in roads.items()}
        return mine | {"XINGFU_PORT": str(self.ports[name]), "XINGFU_WEB__PUBLIC_URL": self.web}

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.stop()


class Door:
    """A balancer as simple as can be: each connection goes to the next of `webs` that takes it. One that `asks` leaves
    those out that say themselves that they cannot serve (503 at /readyz), and hangs up on them: WeChat's connections last."""

    def __init__(self, port: int, webs: Sequence[tuple[str, int]], *, asks: bool = False) -> None:
        self._webs, self._turns = webs, count()
        self._ready = set(webs)
        self._led: dict[tuple[str, int], set[socket.socket]] = {web: set() for web in webs}
        self._closed = threading.Event()
        for web in webs if asks else ():
            threading.Thread(target=self._keep_asking, args=(web,), daemon=True).start()
        self._listener = socket.create_server(("127.0.0.1", port), backlog=256)
        threading.Thread(target=self._open, daemon=True).start()

    def close(self) -> None:
        self._closed.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _open(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                visitor, _ = self._listener.accept()
                threading.Thread(target=self._lead, args=(visitor,), daemon=True).start()

    def _lead(self, visitor: socket.socket) -> None:
        with visitor, contextlib.suppress(OSError):
            found = self._knock()
            if found is None:
                return
            web, inside = found
            with inside:
                self._led[web].add(inside)
                back = threading.Thread(target=_carry, args=(inside, visitor), daemon=True)
                back.start()
                _carry(visitor, inside)
                back.join()
                self._led[web].discard(inside)

    def _keep_asking(self, web: tuple[str, int]) -> None:
        while not self._closed.wait(1):
            if is_ready(web):
                self._ready.add(web)
            else:
                self._ready.discard(web)
                self._hang_up(web)

    def _hang_up(self, web: tuple[str, int]) -> None:
        for one in list(self._led[web]):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _knock(self) -> tuple[tuple[str, int], socket.socket] | None:
        first, webs = next(self._turns), [web for web in self._webs if web in self._ready] or self._webs
        for turn in range(len(webs)):
            with contextlib.suppress(OSError):
                web = webs[(first + turn) % len(webs)]
                return web, socket.create_connection(web, timeout=2)
        return None


def is_ready(web: tuple[str, int]) -> bool:
    connection = HTTPConnection(*web, timeout=4)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _carry(one: socket.socket, other: socket.socket) -> None:
    one.settimeout(60)
    with contextlib.suppress(OSError):
        while data := one.recv(65536):
            other.sendall(data)
    with contextlib.suppress(OSError):
        other.shutdown(socket.SHUT_WR)
