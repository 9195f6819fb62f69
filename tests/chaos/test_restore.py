"""Yesterday's backup takes the place of today's data while WeChat repeats today's pushes (trust F27): what was sent is not
sent again, what is repeated counts once, and whoever restored is told how the books stand."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from app.backup import make_backup
from models.identity import Identity
from models.outbox import OutboxRow
from models.teams_covers import Cover, begun
from tests.chaos.accounts import Account
from tests.chaos.chatting import Heard, assert_sound, at_the_yes, count_bookings, give_room, insists, people
from tests.chaos.cluster import House
from tests.chaos.conftest import size
from tests.roads.street import Neighbour, Street, eventually
from tests.servers import PROJECT

pytestmark = pytest.mark.heavy

SERVICE = "理发"
SEARCHED = re.compile(r"teams: cover \d+ is still searched for")
PROGRAMS = ("sandbox", "valkey", "web", "delivery")


def test_f27_yesterdays_backup_is_restored_while_wechat_repeats_todays_pushes(
    prepared_data: Path, tmp_path: Path, account: Account
) -> None:
    with House(tmp_path / "data", prepared_data, programs=PROGRAMS) as house:
        street = Street(house)
        give_room(house.environ, SERVICE, size(50))
        before, after, heard = (
            people(street, size(20, 2), "昨天的人"),
            people(street, size(20, 2), "今天的人"),
            Heard(),
        )
        book(heard, before)
        make_backup(house.settings)
        (backup,) = (house.data / "backups").glob("*.backup")
        street.move_to(street.one(select(func.max(reminders(before).c.due))) + timedelta(minutes=1))
        eventually(lambda: all(one.received("template") for one in before), 60)
        mark = max(push["id"] for push in street.control("GET", "/pushes", limit=1000))
        book(heard, after)
        shown = {one.number: len(one.chat()["bubbles"]) for one in before}
        street.close()
        said = restore(house, backup, tmp_path)
        street = Street(house)  # the old one still reads the file that was put aside
        assert "may have left since the backup" in said
        assert "ledger: " in said
        # Past whose shifts the clock has jumped: those searches end with the first sweep, which no scheduler has done.
        told = said.partition("ledger: ")[2].splitlines()[1:]
        assert [line for line in told if not SEARCHED.fullmatch(line)] in ([], ["all invariants hold"])
        for push in street.control("GET", "/pushes", limit=1000, after=mark):
            street.control("POST", f"/pushes/{push['id']}/repeat", times=3, at_once=True)
            account.retries += 3
        count_bookings(street, [*before, *after], [*before, *after], account)
        eventually(lambda: nothing_waits(street), 30)
        account.doubled += sum(len(one.chat()["bubbles"]) - shown[one.number] for one in before)
        account.doubled += sum(len(one.received("template")) - 1 for one in before)
        assert {row.state for row in street.rows(select(reminders(before).c.state))} == {"unknown"}
        account.words = " ".join(said.split("\n")[1:])
        house.again("scheduler")
        eventually(lambda: nothing_is_searched_for(street), 60)
        assert_sound(house.environ)
        street.close()


def nothing_is_searched_for(street: Street) -> bool:
    return not street.rows(begun(street.now).with_only_columns(Cover.id))


def book(heard: Heard, all_of_them: list[Neighbour]) -> None:
    for one in all_of_them:
        at_the_yes(one, SERVICE, "后天")  # one for tomorrow may be reminded of at once
        assert insists(heard, one, SERVICE)


def reminders(of: list[Neighbour]) -> Any:
    mine = Identity.openid.in_([one.openid for one in of])
    asked = select(OutboxRow.due, OutboxRow.state).join(Identity, Identity.person_id == OutboxRow.person_id)
    return asked.where(mine, OutboxRow.kind == "appointments.reminder").subquery()


def nothing_waits(street: Street) -> bool:
    due = OutboxRow.state.in_(("waiting", "sending")), OutboxRow.due <= street.now
    return not street.rows(select(OutboxRow.id).where(*due))


def restore(house: House, backup: Path, beside: Path) -> str:
    """`make restore`; what it says. The world has not gone back: the platform keeps what it has shown."""
    house.stop()
    shutil.copytree(house.data / "sandbox", beside / "sandbox")
    command = [*house.command("restore"), "--file", str(backup), "--force"]
    done = subprocess.run(
        command, cwd=PROJECT, env=house.environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    shutil.rmtree(house.data / "sandbox")
    shutil.copytree(beside / "sandbox", house.data / "sandbox")
    house.start()
    return done.stdout
