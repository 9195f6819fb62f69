"""A supervisor over a process table of stubs: `python stub_house.py DATA NAME=PYTHON…`, run by test_supervision."""

import os
import sys
from pathlib import Path

from app.processes import Program
from app.run_record import AlreadyRunning, RunRecord
from app.supervision import StartFailed, Supervisor


def main() -> int:
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
    pairs = [pair.partition("=") for pair in sys.argv[2:]]
    stages = tuple(
        (Program(name.removesuffix("!"), (sys.executable, "-c", code), once=name.endswith("!")),)
        for name, _, code in pairs
    )
    supervisor = Supervisor(
        stages,
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
