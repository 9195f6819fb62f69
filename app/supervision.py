"""Starts programs stage by stage, restarts what dies, and ends everything when told to: nothing is left half-started.

No process manager does what two commands promise: honcho ends the whole stack when one child dies, the others want
configuration files of their own (docs/decisions).
"""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType

from app.processes import Process, Program

START_SECONDS = 60.0
STOP_SECONDS = 8.0
ROTATE_SECONDS = 5.0
WATCHDOG = Path(__file__).with_name("watchdog.py")


class StartFailed(Exception):
    """One line: what did not start, and its last words."""


class Told(Exception):
    """A signal told us to end."""


class Supervisor:
    def __init__(
        self,
        stages: tuple[tuple[Program, ...], ...],
        *,
        logs: Path,
        environ: Mapping[str, str],
        folder: Path,
        say: Callable[[str], None] = print,
    ) -> None:
        self._stages = [[Process(program, logs, environ, folder) for program in stage] for stage in stages]
        self._say = say
        self._told = False
        self._bell = os.pipe()
        self._watchdog: subprocess.Popen[str] | None = None

    def run(self, changed: Callable[[dict[str, int]], None], ready: Callable[[], None]) -> None:
        """Until a signal. `changed` gets name → pid after each start, `ready` is called once when all is healthy.

        Raises StartFailed when a program does not become healthy; whatever had been started has then been ended.
        """
        self._listen()
        self._start_watchdog()
        try:
            for stage in self._stages:
                self._start(stage, changed)
            self._wait_for(self._lasting())
            ready()
            self._keep_alive(changed)
        except Told:
            pass
        finally:
            self._end_all()

    def _listen(self) -> None:
        for end in self._bell:
            os.set_blocking(end, False)
        signal.set_wakeup_fd(self._bell[1], warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup means it
                signal.signal(number, self._tell)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # only rings the bell

    def _tell(self, _number: int, _frame: FrameType | None) -> None:
        self._told = True

    def _rest(self, seconds: float) -> None:
        """Waits, but not longer than until something happens."""
        if select.select([self._bell[0]], [], [], seconds)[0]:
            os.read(self._bell[0], 4096)
        if self._told:
            raise Told

    def _start_watchdog(self) -> None:
        self._watchdog = subprocess.Popen(
            [sys.executable, "-I", "-S", str(WATCHDOG)],
            stdin=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def _note(self, sign: str, process: Process) -> None:
        if self._watchdog and self._watchdog.stdin and process.pid:
            try:
                self._watchdog.stdin.write(f"{sign}{process.pid}\n")
                self._watchdog.stdin.flush()
            except BrokenPipeError:  # somebody ended the watchdog; run.json still tells the next start
                self._watchdog = None

    def _start(self, stage: list[Process], changed: Callable[[dict[str, int]], None]) -> None:
        """Only what must end first, or come first, is waited for; the others warm up while the next stage starts."""
        for process in stage:
            self._begin(process)
            if process.program.awaited:
                changed(self.pids())
                self._wait_for([process])
        changed(self.pids())
        self._wait_for([process for process in stage if process.program.once])

    def _wait_for(self, processes: list[Process]) -> None:
        """What runs once is given the time that it takes: a migration of a large town that was ended half-way would be
        begun again by every next start, and ended again."""
        deadline = time.monotonic() + START_SECONDS
        while waiting := [process for process in processes if not self._is_ready(process)]:
            if time.monotonic() > deadline and not waiting[0].program.once:
                raise StartFailed(_words(waiting[0], f"did not become healthy in {START_SECONDS:.0f} s"))
            self._rest(0.03)

    def _begin(self, process: Process) -> None:
        try:
            process.start()
        except OSError as error:
            raise StartFailed(f"{process.program.name} cannot be started: {error}") from None
        self._note("+", process)

    def _is_ready(self, process: Process) -> bool:
        code = process.exit_code()
        if code is None:
            return not process.program.once and process.is_healthy()
        if process.program.once and code == 0:
            return True
        raise StartFailed(_words(process, f"ended at once (exit {code})"))

    def _keep_alive(self, changed: Callable[[dict[str, int]], None]) -> None:
        rotate_at = time.monotonic() + ROTATE_SECONDS
        while True:
            self._rest(0.25)
            again = [process for process in self._lasting() if self._look_after(process)]
            if again:
                changed(self.pids())
            if time.monotonic() > rotate_at:
                rotate_at = time.monotonic() + ROTATE_SECONDS
                for process in self._lasting():
                    process.rotate_log()

    def _look_after(self, process: Process) -> bool:
        """Whether it was started again."""
        code = process.exit_code()
        if code is not None:
            self._note("-", process)
            words = _words(process, f"ended (exit {code})")
            self._say(f"{words}; starting it again in {process.fall():.1f} s")
        if not process.is_due:
            return False
        process.start()
        self._note("+", process)
        return True

    def _lasting(self) -> list[Process]:
        return [process for stage in self._stages for process in stage if not process.program.once]

    def pids(self) -> dict[str, int]:
        return {
            process.program.name: process.pid for stage in self._stages for process in stage if process.pid
        }

    def _end_all(self) -> None:
        """The house first, then what it stands on; eight seconds for all of it, then SIGKILL."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        deadline = time.monotonic() + STOP_SECONDS
        for place, stage in enumerate(reversed(self._stages)):
            share = deadline if place else deadline - 1
            _end(stage, share)
            for process in stage:
                self._note("-", process)
        if self._watchdog and self._watchdog.stdin:
            self._watchdog.stdin.close()
            self._watchdog.wait()
        signal.set_wakeup_fd(-1)


def _end(stage: list[Process], deadline: float) -> None:
    for process in stage:
        process.ask_to_end()
    left = stage
    while (left := [process for process in left if not process.has_ended()]) and time.monotonic() < deadline:
        time.sleep(0.02)
    for process in stage:
        process.kill()


def _words(process: Process, what: str) -> str:
    last = process.last_words()
    return f"{process.program.name} {what}" + (f": {last}" if last else "") + f" (see {process.log})"
