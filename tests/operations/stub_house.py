"""A supervisor over a process table of stubs: `python stub_house.py DATA NAME=PYTHON…`, run by test_supervision.

A name that ends in ! runs once; one that ends in + is awaited: it is healthy when a file of its name lies in DATA, and
shares its stage with the next one."""

import os
import signal
import sys
from pathlib import Path

from app import supervision
from app.processes import Program
from app.run_record import AlreadyRunning, RunRecord
from app.supervision import StartFailed, Supervisor


def stages(data: Path, pairs: list[str]) -> tuple[tuple[Program, ...], ...]:
    made: list[tuple[Program, ...]] = []
    for name, _, code in (pair.partition("=") for pair in pairs):
        argv, plain = (sys.executable, "-c", code), name.rstrip("!+")
        waits = (data / plain).exists if name.endswith("+") else None
        program = Program(plain, argv, waits, once=name.endswith("!"), awaited=name.endswith("+"))
        follows = bool(made) and made[-1][-1].awaited
        made[-1:] = [(*made[-1], program)] if follows else [*made[-1:], (program,)]
    return tuple(made)


def main() -> int:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # the tests may run under nohup
    supervision.START_SECONDS = float(os.environ.get("START_SECONDS", supervision.START_SECONDS))
    data = Path(sys.argv[1])
    (data / "logs").mkdir(parents=True, exist_ok=True)
    record = RunRecord(data)
    try:
        record.lock()
    except AlreadyRunning:
        print("already running", flush=True)
        return 1
    for name in record.end_orphans():
        print(f"orphan {name}", flush=True)
    supervisor = Supervisor(
        stages(data, sys.argv[2:]),
        logs=data / "logs",
        environ=os.environ,
        folder=data,
        say=lambda line: print("said", line, flush=True),
    )

    def changed(processes: dict[str, int]) -> None:
        record.write(state="running", port=1, processes=processes, status={})

    try:
        supervisor.run(changed, lambda: print("ready", flush=True))
    except StartFailed as failure:
        print("failed", failure, flush=True)
        return 1
    finally:
        record.clear()
    print("ended", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
