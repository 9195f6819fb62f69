"""A fail point ends a program at the moment that is asked for, and never where real people are."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import failpoints
from app.settings import BadSettings, load_settings
from tests.security.test_settings import REAL

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    yield
    failpoints.arm("")


def ends_at(said: str, *reached: str) -> int:
    """How many points a process passes before it ends; all of them when it does not."""
    passed, told = os.pipe()
    child = os.fork()
    if child == 0:
        failpoints.arm(said)
        for point in reached:
            failpoints.reach(point)
            os.write(told, b".")
        os._exit(0)
    os.close(told)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with os.fdopen(passed, "rb") as seen:
        count = len(seen.read())
    assert status == (0 if count == len(reached) else failpoints.EXIT)
    return count


def test_a_program_ends_at_its_point_when_it_comes_there_so_many_times() -> None:
    assert ends_at("after_send:2", "after_send", "after_commit", "after_send", "after_send") == 2
    assert ends_at("after_commit:1,after_send:9", "after_send", "after_commit") == 1
    assert ends_at("", *["after_send"] * 5) == 5


@pytest.mark.parametrize("said", ["after_sendd:1", "after_send", "after_send:soon", ":1", "after_send:1,"])
def test_a_point_that_is_nowhere_is_refused(said: str, tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="XINGFU_FAIL: "):
        load_settings({"XINGFU_DATA": str(tmp_path), "XINGFU_CONFIG": "", "XINGFU_FAIL": said})


@pytest.mark.parametrize("mode", ["trial", "live"])
def test_where_real_people_are_nothing_can_be_armed(mode: str, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(REAL.format(mode=mode), "utf-8")
    environ = {"XINGFU_DATA": str(tmp_path), "XINGFU_CONFIG": str(config), "XINGFU_FAIL": "after_send:1"}
    with pytest.raises(BadSettings, match="in the sandbox only"):
        load_settings(environ)
    assert failpoints.reach is failpoints._pass_by


def test_every_point_is_somewhere_in_the_house_once() -> None:
    files = [
        path
        for folder in ("app", "handlers", "models", "scheduler")
        for path in (ROOT / folder).rglob("*.py")
    ]
    found = [
        point
        for file in files
        for point in re.findall(r'failpoints\.reach\("(\w+)"\)', file.read_text("utf-8"))
    ]
    assert sorted(found) == sorted(failpoints.POINTS)
