"""`make test` runs pytest through this: what failed beside others is run once more, alone.

Thousands of tests start real databases, browsers and houses on a machine that others use too. A few that fail there
and pass alone say that the machine was busy, or that a race is lost once in a while; one that fails twice says that
something is broken. So the build stays red for whatever fails twice, and for more than a few at once; the others are
named as unsteady in the last line, so that somebody looks into them.

Whatever they leave behind lies in one folder that goes with the run: it may be on a memory disk, and the next run needs
that memory.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

MOST = 10
FAILED = "TESTS_THAT_FAILED"  # the file that takes their names
SOME_FAILED = 1  # pytest's own exit code; the others mean that it did not run as it should


def main(arguments: list[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="xf-tests-", ignore_cleanup_errors=True) as ground:
        return _run(Path(ground), arguments)


def _run(ground: Path, arguments: list[str]) -> int:
    noted = ground / "failed"
    noted.touch()
    ended = _pytest(ground, "-p", "tests.again", "-n", "2", "--dist", "loadfile", *arguments, noted=noted)
    failed = sorted(set(noted.read_text(encoding="utf-8").splitlines()))
    if ended != SOME_FAILED or not 0 < len(failed) <= MOST:
        return ended
    print(f"\nonce more, alone: {len(failed)} that failed", flush=True)
    if ended := _pytest(ground, "-n", "0", *failed):
        return ended
    print(f"UNSTEADY, look into these: {' '.join(failed)}", flush=True)
    return 0


def _pytest(ground: Path, *arguments: str, noted: Path = Path(os.devnull)) -> int:
    command = [sys.executable, "-m", "pytest", *arguments]
    environ = os.environ | {"TMPDIR": str(ground), FAILED: str(noted)}
    return subprocess.run(command, env=environ, check=False).returncode


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Of this module as a plug-in of the first run: whoever runs the test and whoever gathers both note it."""
    if report.failed:
        with Path(os.environ[FAILED]).open("a", encoding="utf-8") as noted:
            noted.write(f"{report.nodeid}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
