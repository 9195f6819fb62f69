import datetime as dt
import time

import pytest

from app.understanding.when import Impossible, MomentReading, clock_in, day_in, moment_in
from tests.understanding.corpora import HERE, Dated, dated

CORPORA = ["dates", "dates_heldout", "dates_second", "dates_third"]
FRIDAY = dt.datetime(2026, 7, 31, 10, 0, tzinfo=HERE)


def _right(row: Dated, reading: MomentReading | Impossible | None) -> bool:
    if reading is None or isinstance(reading, Impossible):
        return ("-" if reading is None else "!") in row.days
    return (
        reading.day.day.isoformat() in row.days
        and (row.sure == "?" or reading.day.sure is (row.sure == "y"))
        and _at(row.start, reading.start)
        and _at(row.end, reading.end)
    )


def _at(expected: str, moment: dt.datetime | None) -> bool:
    return not expected or (moment is not None and f"{moment:%H:%M}" == expected)


def _silently_wrong(row: Dated, reading: MomentReading | Impossible | None) -> bool:
    return (
        isinstance(reading, MomentReading)
        and reading.day.sure
        and reading.day.day.isoformat() not in row.days
    )


@pytest.mark.parametrize("corpus", CORPORA)
def test_95_of_100_days_in_words_are_right_and_none_is_wrong_without_asking(corpus: str) -> None:
    read = [(row, moment_in(row.typed, row.now)) for row in dated(corpus)]
    wrong = [(row.now, row.typed, row.days, reading) for row, reading in read if not _right(row, reading)]
    silent = [(row.now, row.typed, reading) for row, reading in read if _silently_wrong(row, reading)]
    print(f"{corpus}: {1 - len(wrong) / len(read):.1%} of {len(read)}, silently wrong {len(silent)}")
    assert not silent
    assert len(wrong) <= 0.05 * len(read), wrong


def test_the_date_corpora_hold_at_least_300_phrases() -> None:
    assert sum(1 for name in CORPORA for _ in dated(name)) >= 300


@pytest.mark.parametrize("corpus", CORPORA)
def test_a_day_that_is_over_is_never_offered(corpus: str) -> None:
    for row in dated(corpus):
        reading = day_in(row.typed, row.now)
        if reading is not None and not isinstance(reading, Impossible):
            assert min(reading.candidates) >= row.now.date(), row.typed


def test_a_day_said_that_is_over_is_named_and_asked_back() -> None:
    reading = day_in("7月28号", FRIDAY)
    assert not isinstance(reading, Impossible)
    assert reading is not None
    assert (reading.past, reading.said, reading.sure) == (True, dt.date(2026, 7, 28), False)
    assert reading.day == dt.date(2027, 7, 28)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("2月30日", "day"),
        ("13月1日", "month"),
        ("明天25点", "hour"),
        ("明天9点75分", "minute"),
        ("32号", "day"),
    ],
)
def test_an_impossible_date_says_what_is_wrong_with_it(typed: str, reason: str) -> None:
    reading = moment_in(typed, FRIDAY)
    assert isinstance(reading, Impossible)
    assert reading.reason == reason


@pytest.mark.parametrize(
    ("typed", "first", "others"),
    [
        ("周二四", "2026-08-04", ["2026-08-06"]),
        ("三四号", "2026-08-03", ["2026-08-04"]),
        ("十五六号", "2026-08-15", ["2026-08-16"]),
        ("九月五六号", "2026-09-05", ["2026-09-06"]),
        ("两三天后", "2026-08-02", ["2026-08-03"]),
        ("周三或周五", "2026-08-05", ["2026-07-31", "2026-08-07"]),
    ],
)
def test_two_days_in_one_phrase_are_both_offered(typed: str, first: str, others: list[str]) -> None:
    reading = day_in(typed, FRIDAY)
    assert reading is not None
    assert not isinstance(reading, Impossible)
    assert (reading.day.isoformat(), [d.isoformat() for d in reading.others]) == (first, others)
    assert not reading.sure


@pytest.mark.parametrize(
    ("typed", "day"),
    [("从明天改到后天", 2), ("明天,说错了,大后天", 3), ("明天没空,后天行", 2), ("周一不行,周二吧", 4)],
)
def test_a_change_of_mind_leaves_the_last_day(typed: str, day: int) -> None:
    reading = day_in(typed, FRIDAY)
    assert reading is not None
    assert not isinstance(reading, Impossible)
    assert reading.day == FRIDAY.date() + dt.timedelta(days=day)


@pytest.mark.parametrize(
    "typed",
    [
        "十五一起去",
        "一周三次",
        "我叫王国庆",
        "五一路",
        "每天",
        "三天",
        "血压120/80",
        "过年好",
        "上初三",
        "一点也不",
        "两点意见",
    ],
)
def test_what_only_looks_like_a_date_is_none(typed: str) -> None:
    assert moment_in(typed, FRIDAY) is None


@pytest.mark.parametrize(
    ("typed", "start", "end"),
    [
        ("下午三点半", "15:30", None),
        ("差五分十点", "09:55", None),
        ("两点到四点", "14:00", "16:00"),
        ("2-4点", "14:00", "16:00"),
        ("上午9:30-10:30", "09:30", "10:30"),
        ("吃完晌午", "13:00", "15:00"),
        ("11点到1点", "11:00", "13:00"),
    ],
)
def test_a_time_of_day_stands_alone(typed: str, start: str, end: str | None) -> None:
    reading = clock_in(typed)
    assert reading is not None
    assert not isinstance(reading, Impossible)
    assert f"{reading.start:%H:%M}" == start
    assert (reading.end and f"{reading.end:%H:%M}") == end


def test_the_part_of_the_day_already_chosen_places_the_hour() -> None:
    reading = clock_in("七点", part="晚上")
    assert reading is not None
    assert not isinstance(reading, Impossible)
    assert (reading.start, reading.sure) == (dt.time(19), True)


def test_an_hour_that_may_be_morning_or_evening_is_not_sure() -> None:
    reading = clock_in("七点")
    assert reading is not None
    assert not isinstance(reading, Impossible)
    assert (reading.sure, reading.others) == (False, (dt.time(19),))


def test_midnight_belongs_to_the_night_of_the_day_named() -> None:
    reading = moment_in("明晚12点", FRIDAY)
    assert isinstance(reading, MomentReading)
    assert reading.start == dt.datetime(2026, 8, 2, 0, 0, tzinfo=HERE)
    assert not reading.sure


def test_a_phrase_is_read_within_a_millisecond() -> None:
    phrases = [(row.typed, row.now) for row in dated("dates")]
    for typed, now in phrases:
        moment_in(typed, now)
    begun = time.process_time()
    for typed, now in phrases:
        moment_in(typed, now)
    assert (time.process_time() - begun) / len(phrases) < 0.001
