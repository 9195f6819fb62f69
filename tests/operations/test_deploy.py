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
PAGES = [*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md")]
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


def test_a_command_runs_in_the_houses_folder_with_its_settings(tmp_path: Path) -> None:
    """Root has nothing to become here: runuser only does what it is told."""
    (tmp_path / "runuser").write_text('#!/bin/sh\n[ "$1 $2 $3" = "-u xingfu --" ] && shift 3 && exec "$@"\n')
    (tmp_path / "runuser").chmod(0o755)
    (tmp_path / "environment").write_text("# of this house\nXINGFU_DATA=/var/lib/xingfu\n")
    (tmp_path / "xingfu").symlink_to(PROJECT / "deploy" / "as-house.sh")
    done = subprocess.run(
        [
            tmp_path / "xingfu",
            "sh",
            "-c",
            'echo "$XINGFU_DATA $FLASK_APP $(pwd) $(umask) $1"',
            "-",
            "two words",
        ],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "ENVIRONMENT_FILE": str(tmp_path / "environment")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"/var/lib/xingfu wsgi {PROJECT} 0077 two words\n"


def test_the_page_on_installations_touches_the_house_only_as_its_user() -> None:
    page = (PROJECT / "docs" / "deploy.md").read_text("utf-8")
    touching = re.findall(r"(\S* ?)(make (?:backup|restore)|flask) ", page)
    assert touching
    assert {before for before, _ in touching} == {"xingfu ", "`xingfu "}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_names_commands_of_make_that_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z-]+)", page.read_text("utf-8")))
    assert named <= targets


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
