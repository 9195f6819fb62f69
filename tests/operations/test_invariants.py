"""Each invariant is broken by hand, in bare SQL or on the disk, and is named; nothing else is (trust §1.6)."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text, update
from sqlalchemy.orm import Session

from app import clock, files
from app.cli import check_invariants
from models.base import Instant
from models.schedule import Schedule
from scheduler.timetable import prepare, run_due, timetable
from tests.neighbours import Town


def by_hand(town: Town, *statements: str, **values: object) -> None:
    """As a broken disk or a careless hand would: no rule of the database stands in the way."""
    with town.site.database.engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.execute("PRAGMA foreign_keys = OFF")
        for statement in statements:
            raw.execute(statement, values)
        raw.commit()
        raw.execute("PRAGMA foreign_keys = ON")


def micros(town: Town, moment: object) -> int:
    stored: int = Instant().process_bind_param(moment, town.site.database.engine.dialect)  # type: ignore[arg-type]
    return stored


def test_all_hold_where_neighbours_live(sqlite_town: Town) -> None:
    sqlite_town.seed(*(feature.name for feature in sqlite_town.site.house.features))
    assert check_invariants(sqlite_town.site) == []


def test_i3_a_message_without_an_answer_is_named(sqlite_town: Town) -> None:
    ma = sqlite_town.phone("马秀兰")
    ma.says("你好")
    by_hand(sqlite_town, "UPDATE inbox SET answer = x'00', received_at = received_at - 61000000")
    assert check_invariants(sqlite_town.site) == ["desk: 1 messages of kind text have no answer"]
    ma.says("人工")
    by_hand(sqlite_town, "UPDATE desk_talk SET opened_at = opened_at - 70000000")
    assert check_invariants(sqlite_town.site) == [], "a person of the staff has it in hand"


def test_i3_a_report_of_where_a_telephone_is_waits_for_no_answer(sqlite_town: Town) -> None:
    """Found by fuzzing: event and message have one name in the inbox."""
    where = "<Latitude>36.62</Latitude><Longitude>101.78</Longitude><Precision>40</Precision>"
    assert sqlite_town.phone("马秀兰").event("LOCATION", where) == ""
    by_hand(sqlite_town, "UPDATE inbox SET received_at = received_at - 61000000")
    assert check_invariants(sqlite_town.site) == []


def test_i4_a_push_that_stands_there_twice_is_named(sqlite_town: Town) -> None:
    sqlite_town.phone("马秀兰").says("你好")
    by_hand(
        sqlite_town,
        "ALTER TABLE inbox RENAME TO kept",
        "CREATE TABLE inbox AS SELECT * FROM kept UNION ALL SELECT * FROM kept",
        "DROP TABLE kept",
    )
    (said,) = check_invariants(sqlite_town.site)
    assert said.startswith("house: a push stands there twice")


def test_i12_rows_without_files_files_without_rows_and_ties_to_nothing_are_named(sqlite_town: Town) -> None:
    def keep(session: Session) -> str:
        return files.store(session, b"x", purpose="toy", name="a.txt", media_type="text/plain").key

    key = sqlite_town.writing(keep)
    assert check_invariants(sqlite_town.site) == []
    files.path_of(key).unlink()
    assert check_invariants(sqlite_town.site) == ["house: stored_file 1 has no bytes"]
    alone = files.path_of("ab" + "0" * 30)
    alone.parent.mkdir(parents=True, exist_ok=True)
    alone.write_bytes(b"x")
    by_hand(sqlite_town, "UPDATE stored_file SET person_id = 77")
    assert check_invariants(sqlite_town.site) == [
        "house: stored_file 1 has no bytes",
        "house: stored_file 1 names a person that is not there",
    ], "a file of this hour may still get its row"


def test_i16_what_a_sweep_left_lying_is_named(sqlite_town: Town) -> None:
    sqlite_town.phone("马秀兰").says("你好")
    swept = Schedule(job="house.forget_old_pushes", next_due=clock.now(), last_run_at=clock.now())
    sqlite_town.writing(lambda session: session.add(swept))
    assert check_invariants(sqlite_town.site) == []
    old = micros(sqlite_town, clock.now() - timedelta(days=8, minutes=1))
    by_hand(sqlite_town, "UPDATE inbox SET received_at = :old", old=old)
    assert check_invariants(sqlite_town.site) == ["house: 1 pushes are kept longer than they may be"]


def test_i13_a_token_that_was_fetched_twice_in_a_minute_is_named(sqlite_town: Town) -> None:
    redis, key = sqlite_town.site.redis, "wechat:token:wx1234567890abcdef:fetches"
    redis.flushall()
    redis.lpush(key, 1_000_000, 1_000_060, 1_000_125)
    asked = sqlite_town.app.test_cli_runner().invoke(args=["check-invariants"])
    assert "I13  house.token_fetched_too_often  0 broken" in asked.output
    redis.lpush(key, 1_000_180)
    asked = sqlite_town.app.test_cli_runner().invoke(args=["check-invariants"])
    assert asked.exit_code == 1
    said = "house: token:wx1234567890abcdef was fetched twice within a minute, at 1000180"
    assert said in asked.output.splitlines()
    redis.delete(key)


def test_a_thousand_that_are_broken_are_told_as_ten_and_a_number(sqlite_town: Town) -> None:
    for number in range(14):
        sqlite_town.phone(f"邻居{number}").says("你好")
    by_hand(sqlite_town, "UPDATE person SET name = x'00'", "DELETE FROM consent")
    said = [
        line for line in check_invariants(sqlite_town.site) if "without a consent" in line or "more" in line
    ]
    assert len(said) == 11
    assert said[-1] == "people: and 4 more of kept_without_consent"


def test_the_nightly_look_holds_nobody_up_who_writes(town: Town) -> None:
    """It looks before its unit begins; what it saw is the word of its run."""
    jobs = timetable(town.site)
    prepare(town.site, [job := jobs["house.check_invariants"]])
    due = update(Schedule).where(Schedule.job == job.name).values(next_due=clock.now() - timedelta(minutes=1))
    town.writing(lambda session: session.execute(due))
    assert run_due(town.site, {job.name: job}) == 1
    with town.reading() as session:
        assert session.get_one(Schedule, job.name).last_result == "0 broken"
    assert job.look is not None
    town.writing(lambda _session: job.look(town.site))  # type: ignore[misc]


def test_the_command_says_the_number_the_count_and_the_time_of_each(sqlite_town: Town) -> None:
    asked = sqlite_town.app.test_cli_runner().invoke(args=["check-invariants"])
    assert asked.exit_code == 0
    assert "all invariants hold" in asked.output
    in_bytes = (
        11  # what is personal stands nowhere in clear: tests/security/test_planted_words.py looks at the disk
    )
    numbers = {f"I{number}" for number in range(1, 17) if number != in_bytes}
    assert numbers <= set(asked.output.split())
    with sqlite_town.reading() as session:
        count = session.execute(text("SELECT count(*) FROM inbox")).scalar_one()
    assert count == 0
