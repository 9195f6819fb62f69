"""A log that cannot be written, and an audit that cannot (trust F29): the first is given up, the second refuses the act."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from models.staff import StaffMember
from tests.neighbours import Town
from tests.servers import PROJECT
from tests.staff.clerks import clerk

WORK = """
import resource, signal, sys
from types import SimpleNamespace
from app.logs import start_logs
import structlog
start_logs(SimpleNamespace(host=SimpleNamespace(name='here')))
if sys.argv[1] == "full":
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200))
if sys.argv[1] == "closed":
    sys.stdout.close()
for number in range(50):
    structlog.get_logger().info("line", number=number, words="x" * 80)
open(sys.argv[2], "w").write("went on")
"""


@pytest.mark.parametrize("how", ["full", "closed", "gone"])
def test_f29_a_log_that_cannot_be_written_stops_nobody(tmp_path: Path, how: str) -> None:
    log, sign = tmp_path / "web.log", tmp_path / "sign"
    place = os.open("/dev/full" if how == "gone" else log, os.O_WRONLY | os.O_CREAT, 0o600)
    command = [sys.executable, "-u", "-c", WORK, how, str(sign)]
    run = subprocess.run(command, cwd=PROJECT, stdout=place, stderr=subprocess.PIPE, check=False)
    os.close(place)
    assert run.returncode == 0, run.stderr.decode()
    assert sign.read_text() == "went on"


def test_f29_without_an_audit_line_no_member_of_the_staff_does_or_sees_anything(sqlite_town: Town) -> None:
    """Closed when in doubt: what would leave no mark is not done, and no record of a resident is opened."""
    chief, desk = clerk(sqlite_town, "admin"), clerk(sqlite_town, "desk")
    resident, other = sqlite_town.phone("马秀兰"), sqlite_town.phone("才让卓玛")
    for one in (resident, other):
        one.follows()
    with sqlite_town.reading() as session:
        numbers = [one.person(session).id for one in (resident, other)]
    assert desk.sends(f"/console/residents/{numbers[0]}").status_code == 200
    sqlite_town.writing(no_room_for_audit_lines)
    chief.opens("/console/accounts/new")
    answer = chief.sends("/console/accounts/new", name="马网格", login="ma", roles=["auditor"])
    assert answer.status_code == 500
    assert "audit is full" not in chief.page
    with sqlite_town.reading() as session:
        assert session.scalars(select(StaffMember).where(StaffMember.login == "ma")).all() == []
    assert desk.sends(f"/console/residents/{numbers[1]}").status_code == 500
    assert resident.says("最新通知"), "what leaves no audit line goes on"


def no_room_for_audit_lines(session: Session) -> None:
    refused = "BEGIN SELECT RAISE(ABORT, 'audit is full'); END"
    session.execute(text(f"CREATE TRIGGER audit_is_full BEFORE INSERT ON audit_line {refused}"))
