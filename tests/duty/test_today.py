"""The page 今天: what hangs, what is wrong with the installation, the last weeks in numbers; polled, and quick."""

from __future__ import annotations

import os
from datetime import date, timedelta

import pytest
from apscheduler.triggers.cron import CronTrigger
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from app import clock
from app.jobs import Job
from models import leader, outbox
from models.desk import DeskLine, DeskTalk
from models.duty import ring
from models.notices import Notice
from models.outbox import OutboxRow
from models.schedule import Schedule
from models.trend import WEEKS, answers, bells, weeks_until
from scheduler.timetable import prepare, run_due
from tests.neighbours import Town, frozen
from tests.staff.clerks import Clerk, clerk

NOON = "2026-11-25 11:00"


@pytest.fixture
def boss(sqlite_town: Town) -> Clerk:
    with frozen(NOON):
        return clerk(sqlite_town, "admin")


def put(town: Town, **values: object) -> None:
    def unit(session: Session) -> None:
        person = town.phone("马秀兰").actor(session).me
        outbox.put(session, to=person, kind="_base.answer", once=f"x{values}", facts={"text": "您好"})
        row = session.scalars(select(OutboxRow).order_by(OutboxRow.id.desc()).limit(1)).one()
        for name, value in values.items():
            setattr(row, name, value)

    town.writing(unit)


def healthy(town: Town) -> None:
    """A backup of this morning, a scheduler that ticks, a notice of yesterday."""
    folder = town.site.settings.data / "backups"
    folder.mkdir(exist_ok=True)
    made = folder / "a.backup"
    made.write_bytes(b"x")
    os.utime(made, (clock.now().timestamp() - 3600,) * 2)

    def unit(session: Session) -> None:
        now = clock.now()
        session.add(Schedule(job="house.chain_audit", next_due=now, last_run_at=now, expired_runs=0))
        session.add(notice(now - timedelta(days=1)))
        leader.lead(session, "host-a 7 born")

    town.writing(unit)


def notice(at) -> Notice:  # type: ignore[no-untyped-def]
    return Notice(
        title="停水", category="停水", source="社区", summary="停水", valid_from=date(2026, 11, 1), state="published",
        published_at=at,
    )  # fmt: skip


def test_all_is_well_and_says_so(sqlite_town: Town, boss: Clerk) -> None:
    with frozen(NOON):
        healthy(sqlite_town)
        boss.opens("/console/")
        assert "运行情况 0 队列、微信、备份、磁盘都正常。" in boss.words
        boss.opens("/console/duty/alarms")
        assert "没有积压" in boss.words
        assert "最近一次是1小时前" in boss.words
        assert "1天前发的" in boss.words


def test_what_is_wrong_is_said_with_what_to_do(sqlite_town: Town, boss: Clerk) -> None:
    with frozen(NOON):
        boss.opens("/console/")
        for words in ("备份:还没有备份", "定时任务:还没有运行过", "最近的通知:还没有发过通知"):
            assert words in boss.words
        put(sqlite_town, due=clock.now() - timedelta(minutes=11))
        put(
            sqlite_town,
            state="failed",
            settled_at=clock.now(),
            first_sent_at=clock.now(),
            errcode=40164,
            reason="请把本机地址加进白名单。",
        )
        boss.opens("/console/")
        assert "消息队列:最早的一条等了11分钟" in boss.words
        assert "今天没送到的:1条没送到" in boss.words
        assert "最近一次报错 40164:请把本机地址加进白名单。" in boss.words


@pytest.mark.parametrize(
    ("days", "words"), [(9, "9天前发的。"), (10, "再过4天就满两周了"), (14, "超过两周没有发通知了")]
)
def test_two_weeks_without_a_notice_are_seen_coming(
    sqlite_town: Town, boss: Clerk, days: int, words: str
) -> None:
    with frozen(NOON):
        sqlite_town.writing(lambda s: s.add(notice(clock.now() - timedelta(days=days))))
        boss.opens("/console/duty/alarms")
        assert words in boss.words


def test_an_old_backup_and_a_silent_scheduler_are_alarms(sqlite_town: Town, boss: Clerk) -> None:
    with frozen("2026-11-24 08:00"):
        healthy(sqlite_town)
    with frozen(NOON):
        boss.opens("/console/duty/alarms")
        assert "超过26小时没有备份了" in boss.words
        assert "要处理" in boss.words


def answered(session: Session, person: int, identity: int, opened, minutes: int) -> None:  # type: ignore[no-untyped-def]
    talk = DeskTalk(person_id=person, identity_id=identity, about="asked", state="closed", opened_at=opened)
    session.add(talk)
    session.flush()
    for late in (minutes, minutes + 90):
        session.add(
            DeskLine(talk_id=talk.id, speaker="staff", text="好", at=opened + timedelta(minutes=late))
        )


def test_the_weeks_count_what_happened_in_them(town: Town) -> None:
    with frozen(NOON):
        ma = town.phone("马秀兰")
        ma.says("你好")

        def unit(session: Session) -> None:
            identity = ma.identity(session)
            assert identity is not None
            for days, minutes in ((0, 10), (0, 30), (1, 20), (8, 5), (70, 1)):
                answered(
                    session, identity.person_id, identity.id, clock.now() - timedelta(days=days), minutes
                )
            for _ in range(3):
                ring(session, "care")

        town.writing(unit)
        mondays = weeks_until(clock.today())
        assert (len(mondays), mondays[-1]) == (WEEKS, date(2026, 11, 23))
        with town.reading() as session:
            counts, waited = answers(session, mondays)
            assert counts[-2:] == [1, 3]
            assert waited[-2:] == [5, 20]
            assert waited[0] is None
            assert bells(session, mondays)[-1] == 3


def test_small_numbers_of_what_is_sensitive_are_not_told(sqlite_town: Town) -> None:
    for _ in range(3):
        sqlite_town.writing(lambda session: ring(session, "care"))
    zhao = clerk(sqlite_town, "care")
    zhao.opens("/console/duty/trend")
    assert "紧急求助 <5" in zhao.words
    assert "3 件" not in zhao.words
    assert "<table" in zhao.page
    wang = clerk(sqlite_town, "desk")
    wang.opens("/console/duty/trend", headers={"HX-Request": "true"})
    assert "紧急求助" not in wang.page
    assert "<html" not in wang.page
    assert clerk(sqlite_town, "auditor").opens("/console/duty/trend").status_code == 403
    assert clerk(sqlite_town, "leader").opens("/console/duty/alarms").status_code == 403


def test_a_page_that_only_polls_is_not_a_person_who_works(sqlite_town: Town) -> None:
    polls = {"HX-Request": "true", "HX-Current-URL": "http://localhost/console/talks"}
    with frozen("2026-11-25 09:00") as wall:
        wang = clerk(sqlite_town, "desk")
        for _ in range(3):
            wall.shift(9 * 60)
            assert "等着回复的居民" in wang.opens("/console/today", headers=polls).text
        wall.shift(9 * 60)
        gone = wang.opens("/console/today", headers=polls)
        assert (gone.status_code, gone.headers["HX-Redirect"]) == (
            204,
            "/console/sign-in?back=/console/talks",
        )


def test_the_page_asks_little_however_much_there_is(sqlite_town: Town) -> None:
    wang = clerk(sqlite_town, "desk", "leader", "care", login="many")
    asked: list[str] = []
    engine = sqlite_town.site.database.engine
    event.listen(engine, "before_cursor_execute", lambda *facts: asked.append(facts[2]))
    wang.opens("/console/")
    few = len(asked)
    for number in range(30):
        sqlite_town.phone(f"居民{number}").says("人工", "楼道的灯坏了")
    asked.clear()
    wang.opens("/console/")
    assert len(asked) <= few + 10
    assert wang.page.count('class="mark') < 60


def test_a_run_that_came_too_late_is_told(sqlite_town: Town, boss: Clerk) -> None:
    every_morning = CronTrigger(hour=8, minute=0, timezone=clock.COMMUNITY)
    jobs = {"digest": Job("digest", lambda _by: "told", every_morning, timedelta(hours=1))}
    with frozen("2026-11-25 07:00"):
        prepare(sqlite_town.site, jobs.values())
    with frozen(NOON):
        run_due(sqlite_town.site, jobs)
        boss.opens("/console/duty/alarms")
        assert "1项过了时间没有补做:digest。" in boss.words
