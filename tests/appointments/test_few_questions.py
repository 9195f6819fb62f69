"""What a turn of booking asks of the database: each later turn plays the talk again from its beginning, so whatever only
an earlier question needed would be asked for with every answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from tests.appointments.desk import opened
from tests.neighbours import Phone, Town


@contextmanager
def asked_of(town: Town) -> Iterator[list[str]]:
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    event.listen(town.site.database.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(town.site.database.engine, "before_cursor_execute", note)


def test_what_is_free_is_looked_up_to_choose_a_time_and_not_with_each_later_answer(
    sqlite_town: Town, ma: Phone
) -> None:
    opened(sqlite_town)
    ma.says("预约")
    turns: dict[str, list[str]] = {}
    for words in ("1", "2", "马秀兰"):
        with asked_of(sqlite_town) as asked:
            ma.says(words)
        turns[words] = asked
    free = {words: sum("GROUP BY slot.half" in one for one in asked) for words, asked in turns.items()}
    assert free == {"1": 1, "2": 1, "马秀兰": 0}


def test_a_digit_is_looked_up_without_the_rest_of_its_list_and_without_the_week_of_its_service(
    sqlite_town: Town, ma: Phone
) -> None:
    opened(sqlite_town)
    ma.says("预约", "1")
    with asked_of(sqlite_town) as asked:
        assert "姓名" in ma.says("2")
    whole_rows = [one for one in asked if one.startswith("SELECT slot.id, slot.service_id")]
    assert len(whole_rows) == 2, "once to find it, once behind the lock under which it is kept"
    assert all(one.rstrip().endswith("WHERE slot.id = ?") for one in whole_rows)
    assert not [one for one in asked if "week_hours" in one or "service_resource.service_id = slot" in one]


def test_a_turn_of_booking_asks_the_database_less_than_fifty_times(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town)
    for words in ("预约", "1", "2", "马秀兰", "1"):
        with asked_of(sqlite_town) as asked:
            ma.says(words)
        assert len(asked) < 50, words
