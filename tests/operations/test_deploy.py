"""The files for real machines name commands that exist."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from app import installation
from app.processes import SPARING
from app.settings import load_settings

PROJECT = Path(__file__).parents[2]
UNITS = sorted((PROJECT / "deploy" / "systemd").glob("*.service"))


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_runs_modules_that_exist(unit: Path) -> None:
    for module in re.findall(r"python -m ([\w.]+)", unit.read_text("utf-8")):
        path = PROJECT.joinpath(*module.split("."))
        assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), module


def test_a_unit_that_prepares_the_database_is_given_the_time_that_a_migration_takes() -> None:
    """systemd ends after 90 seconds what it was not told to wait for."""
    texts = [unit.read_text("utf-8") for unit in UNITS]
    assert [text for text in texts if "ExecStartPre" in text]
    assert all("TimeoutStartSec=infinity" in text for text in texts if "ExecStartPre" in text)


def test_the_units_start_what_make_run_starts(tmp_path: Path) -> None:
    settings = load_settings({"XINGFU_DATA": str(tmp_path), "XINGFU_CONFIG": ""})
    texts = "".join(unit.read_text("utf-8") for unit in UNITS)
    for stage in installation.stages(settings):
        for program in stage:
            if program.name != "sandbox":
                assert f"/python -m {program.argv[2]}" in texts


@pytest.mark.parametrize("program", ["web", "scheduler", "delivery"])
def test_the_units_spare_the_memory_that_make_run_spares(program: str) -> None:
    (unit,) = [unit for unit in UNITS if unit.stem == f"xingfu-{program}"]
    lines = unit.read_text("utf-8").splitlines()
    assert {f"Environment={name}={value}" for name, value in SPARING.items()} <= set(lines)


def test_the_shell_scripts_are_well_formed() -> None:
    for script in [*(PROJECT / "deploy").glob("*.sh"), PROJECT / ".ci" / "run"]:
        subprocess.run(["sh", "-n", script], check=True)


def test_a_python_that_is_too_old_gets_one_line(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && { echo Python 3.9.2; exit 0; }\nexit 1\n')
    old.chmod(0o755)
    done = subprocess.run(
        ["/bin/sh", PROJECT / "deploy" / "make-venv.sh", tmp_path / "venv"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "Python 3.11 or newer is needed, found Python 3.9.2" in done.stderr


def test_a_missing_chromium_is_one_line_saying_what_to_install() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.chromium", "--install"],
        cwd=PROJECT,
        env={"PATH": "/nowhere", "CHROMIUM": "/nowhere/chromium"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "apt-get install chromium" in done.stderr
