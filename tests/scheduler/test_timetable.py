"""What happens because time passed: once for the whole house, visibly late or failed, never silently lost."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from apscheduler.triggers.cron import CronTrigger
from sqlalchemy import func, select, update

from app import audit, clock
from app.jobs import Job, so_many
from app.spool import keep_for_later
from models import outbox, pages
from models.audit import AuditLine
from models.audit_chain import link
from models.conversation import Conversation
from models.identity import Actor, Person
from models.inbox import InboxRow
from models.outbox import OutboxRow
from models.schedule import Schedule
from scheduler import housekeeping
from scheduler.__main__ import tick
from scheduler.housekeeping import (
    chain_audit,
    forget_old_browsers,
    forget_old_letters,
    forget_old_pushes,
    forget_old_talks,
)
from scheduler.timetable import prepare, run_due, timetable
from tests.neighbours import Town, frozen
from tests.scheduler.mishaps import locked

EVERY_MORNING = CronTrigger(hour=8, minute=0, timezone=clock.COMMUNITY)
HOUR = timedelta(hours=1)


def newcomer(by: Actor) -> str:
    """A job whose runs can be counted: each adds a person."""
    by.session.add(Person())
    return "one came"


def count(town: Town, table: Any = Person) -> int:
    with town.reading() as session:
        return int(session.scalar(select(func.count()).select_from(table)) or 0)


def schedule(town: Town, name: str = "job") -> Schedule:
    with town.reading() as session:
        row = session.scalars(select(Schedule).where(Schedule.job == name)).one()
        session.expunge_all()
        return row


def morning(run: Any = newcomer, name: str = "job", useful_for: timedelta = HOUR) -> dict[str, Job]:
    return {name: Job(name, run, EVERY_MORNING, useful_for)}


def test_a_job_runs_when_it_is_due_and_not_before(town: Town) -> None:
    jobs = morning()
    with frozen("2026-11-23 07:00"):
        prepare(town.site, jobs.values())
        assert run_due(town.site, jobs) == 0
    with frozen("2026-11-23 08:00"):
        assert run_due(town.site, jobs) == 1
        assert run_due(town.site, jobs) == 0
    assert count(town) == 1
    assert schedule(town).last_result == "one came"
    assert clock.local(schedule(town).next_due).strftime("%m-%d %H:%M") == "11-24 08:00"


def test_two_schedulers_run_a_job_once(town: Town) -> None:
    jobs = morning()
    with frozen("2026-11-23 07:00"):
        prepare(town.site, jobs.values())
    barrier, won = threading.Barrier(4), []

    def look() -> None:
        barrier.wait()
        won.append(run_due(town.site, jobs))

    with frozen("2026-11-23 08:00"):
        together = [threading.Thread(target=look) for _ in range(4)]
        [one.start() for one in together]
        [one.join() for one in together]
    assert sorted(won) == [0, 0, 0, 1]
    assert count(town) == 1


@pytest.mark.parametrize(("late", "came"), [("08:59", 1), ("09:01", 0)])
def test_a_late_run_is_made_up_while_it_is_useful_and_expires_visibly_afterwards(
    town: Town, late: str, came: int
) -> None:
    jobs = morning()
    with frozen("2026-11-23 07:00"):
        prepare(town.site, jobs.values())
    with frozen(f"2026-11-23 {late}"):
        run_due(town.site, jobs)
    assert count(town) == came
    assert schedule(town).expired_runs == 1 - came
    assert (schedule(town).last_result == "expired") is (came == 0)


def test_after_days_of_standstill_a_job_runs_once_and_not_once_for_each_day(town: Town) -> None:
    jobs = morning(useful_for=timedelta(days=30))
    with frozen("2026-11-23 07:00"):
        prepare(town.site, jobs.values())
    with frozen("2026-11-30 12:00"):
        assert run_due(town.site, jobs) == 1
        assert run_due(town.site, jobs) == 0
    assert count(town) == 1


def test_what_one_run_leaves_for_later_is_due_again_at_once(town: Town) -> None:
    left = [2]

    def slice_by_slice(by: Actor) -> str:
        left[0] -= 1
        by.session.add(Person())
        return so_many(1, 1 if left[0] else 2, "of a backlog")

    jobs = morning(slice_by_slice)
    with frozen("2026-11-23 07:00"):
        prepare(town.site, jobs.values())
    with frozen("2026-11-23 08:00"):
        assert [run_due(town.site, jobs) for _ in range(3)] == [1, 1, 0]
    assert (count(town), schedule(town).last_result) == (2, "1 of a backlog")
    assert clock.local(schedule(town).next_due).strftime("%m-%d %H:%M") == "11-24 08:00"


def test_a_backlog_of_old_talks_pushes_and_letters_goes_in_slices(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "AT_ONCE", 2)
    with frozen("2026-11-23 09:00"):
        for name in ("马秀兰", "韩世杰", "张桂英"):
            town.phone(name).says("登记")
    names = [f"house.forget_old_{what}" for what in ("talks", "pushes")]
    jobs = {name: timetable(town.site)[name] for name in names}
    with frozen("2026-12-02 01:00"):
        prepare(town.site, jobs.values())
    with frozen("2026-12-02 04:00"):
        assert [run_due(town.site, jobs) for _ in range(3)] == [2, 2, 0]
    assert count(town, InboxRow) == 0
    with town.reading() as session:
        assert [one.talks for one in session.scalars(select(Conversation))] == [[], [], []]


def test_a_failing_job_leaves_nothing_but_its_reason_and_is_tried_next_time(town: Town) -> None:
    broken = True

    def sometimes(by: Actor) -> str:
        by.session.add(Person())
        by.session.flush()
        if broken:
            raise ValueError("马秀兰 13900000001")
        return "well"

    jobs = morning(sometimes)
    with frozen("2026-11-23 07:00"):
        prepare(town.site, jobs.values())
    with frozen("2026-11-23 08:00"):
        run_due(town.site, jobs)
        assert run_due(town.site, jobs) == 0, "not again and again"
    assert (count(town), schedule(town).last_result) == (0, "failed: ValueError")
    broken = False
    with frozen("2026-11-24 08:00"):
        run_due(town.site, jobs)
    assert (count(town), schedule(town).last_result) == (1, "well")


def test_a_failing_job_does_not_stop_the_others(town: Town) -> None:
    def fails(_by: Actor) -> str:
        raise ValueError

    jobs = morning(fails, "a") | morning(newcomer, "b")
    with frozen("2026-11-23 07:00"):
        prepare(town.site, jobs.values())
    with frozen("2026-11-23 08:00"):
        run_due(town.site, jobs)
    assert count(town) == 1


def test_killed_in_the_middle_the_run_is_still_due(town: Town) -> None:
    def killed(by: Actor) -> str:
        by.session.add(Person())
        by.session.flush()
        raise SystemExit(9)

    with frozen("2026-11-23 07:00"):
        prepare(town.site, morning().values())
    with frozen("2026-11-23 08:00"):
        with pytest.raises(SystemExit):
            run_due(town.site, morning(killed))
        assert count(town) == 0
        assert run_due(town.site, morning()) == 1
    assert count(town) == 1


def test_a_busy_database_costs_a_second_and_not_the_run(town: Town) -> None:
    jobs = morning()
    with frozen("2026-11-23 07:00"):
        prepare(town.site, jobs.values())

    def busy(by: Actor) -> str:
        with locked(town.site.settings.database.url):
            return newcomer(by)

    with frozen("2026-11-23 08:00"):
        with locked(town.site.settings.database.url) if town.site.database.is_sqlite else held_schedule(town):
            tick(town.site, jobs)
        assert count(town) == 0
        tick(town.site, jobs)
    assert (count(town), schedule(town).last_result) == (1, "one came")


def held_schedule(town: Town) -> Any:
    """Somebody else holds the job's row."""
    session = town.site.database.engine.connect()
    session.execute(select(Schedule.job).with_for_update())
    return session


def test_a_fault_in_the_spool_does_not_stop_the_timetable(town: Town) -> None:
    jobs = morning()
    with frozen("2026-11-23 07:00"):
        prepare(town.site, jobs.values())
    keep_for_later(town.site.settings.data, "oa", "main", b"<no xml")
    (town.site.settings.data / "spool").write_bytes(
        b"zz\n" + (town.site.settings.data / "spool").read_bytes()
    )
    with frozen("2026-11-23 08:00"):
        tick(town.site, jobs)
    assert count(town) == 1


def test_a_clock_that_was_wrong_for_a_while_does_not_silence_a_job(town: Town) -> None:
    jobs = morning()
    with frozen("2027-06-01 07:00"):
        prepare(town.site, jobs.values())
    with frozen("2026-11-23 07:00"):
        prepare(town.site, jobs.values())
    with frozen("2026-11-23 08:00"):
        assert run_due(town.site, jobs) == 1


def test_a_start_does_not_move_a_run_that_is_due(town: Town) -> None:
    jobs = morning()
    with frozen("2026-11-23 07:00"):
        prepare(town.site, jobs.values())
    with frozen("2026-11-23 08:30"):
        prepare(town.site, jobs.values())
        assert run_due(town.site, jobs) == 1


def test_a_job_that_can_never_be_due_is_refused_at_the_start(town: Town) -> None:
    past = Job("past", newcomer, CronTrigger(year=2020, timezone=clock.COMMUNITY), HOUR)
    with pytest.raises(ValueError, match="past is never due again"):
        prepare(town.site, [past])


def test_every_job_of_the_house_runs_on_an_empty_database(town: Town) -> None:
    jobs = timetable(town.site)
    prepare(town.site, jobs.values())

    def all_due(session: Any) -> None:
        session.execute(update(Schedule).values(next_due=clock.now() - timedelta(seconds=1)))

    town.writing(all_due)
    assert run_due(town.site, jobs) == len(jobs)
    with town.reading() as session:
        results = dict(session.execute(select(Schedule.job, Schedule.last_result)).all())
    assert {name: said for name, said in results.items() if said is None or said.startswith("failed")} == {}


# ---- the house's own jobs --------------------------------------------------------------------------------------------


def test_audit_lines_are_chained_so_that_a_change_shows(town: Town) -> None:
    def unit(session: Any) -> None:
        by = Actor(session, channel="job")
        for number in range(3):
            audit.note(by, "test.act", None, number=number)

    town.writing(unit)
    assert town.writing(lambda session: chain_audit(Actor(session, channel="job"))) == "3 lines"
    assert town.writing(lambda session: chain_audit(Actor(session, channel="job"))) == "0 lines"
    with town.reading() as session:
        first, second, third = session.scalars(select(AuditLine).order_by(AuditLine.id)).all()
        assert third.chain == link(second.chain or "", third)
        second.action = "test.changed"
        assert second.chain != link(first.chain or "", second)


def test_pushes_are_forgotten_after_a_week_and_answers_of_a_talk_after_eight_days(town: Town) -> None:
    with frozen("2026-11-23 09:00"):
        town.phone("马秀兰").says("登记")
    with frozen("2026-11-30 08:00"):
        assert town.writing(lambda session: forget_old_pushes(Actor(session, channel="job"))) == "0 pushes"
    with frozen("2026-12-01 10:00"):
        assert town.writing(lambda session: forget_old_pushes(Actor(session, channel="job"))) == "1 pushes"
        assert (
            town.writing(lambda session: forget_old_talks(Actor(session, channel="job"))) == "1 conversations"
        )
        assert (
            town.writing(lambda session: forget_old_talks(Actor(session, channel="job"))) == "0 conversations"
        )
    assert count(town, InboxRow) == 0
    with town.reading() as session:
        assert session.scalars(select(Conversation)).one().talks == []


def test_the_words_of_a_message_are_kept_for_a_week_after_it_ended_and_its_state_for_the_counts(
    town: Town,
) -> None:
    def write(session: Any) -> None:
        by = town.phone("马秀兰").actor(session)
        facts = {"text": "您好", "at": clock.now().isoformat()}
        outbox.put(session, to=by.me, kind="desk.reply", once="a", facts=facts)
        outbox.cancel(session, "a")
        outbox.put(session, to=by.me, kind="desk.reply", once="b", facts=facts)

    def forget() -> str:
        return town.writing(lambda session: forget_old_letters(Actor(session, channel="job")))

    with frozen("2026-11-23 09:00"):
        town.writing(write)
    with frozen("2026-11-30 08:00"):
        assert forget() == "0 letters"
    with frozen("2026-11-30 10:00"):
        assert forget() == "1 letters"
        assert forget() == "0 letters"
    with town.reading() as session:
        kept = {row.once: (row.state, row.facts.get("text")) for row in session.scalars(select(OutboxRow))}
    assert kept == {"a": ("cancelled", None), "b": ("waiting", "您好")}


def test_browsers_that_never_came_back_from_wechat_are_forgotten(town: Town) -> None:
    with frozen("2026-11-23 09:00"):
        town.writing(
            lambda session: pages.begin_asking(session, "k", "s", route="people_pages.show_me", arguments={})
        )
        assert town.writing(lambda s: forget_old_browsers(Actor(s, channel="job"))) == "0 browsers"
    with frozen("2026-11-23 09:11"):
        assert town.writing(lambda s: forget_old_browsers(Actor(s, channel="job"))) == "1 browsers"
