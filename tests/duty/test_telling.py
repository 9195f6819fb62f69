"""Who of the staff hears of new work, when, and in which words: by the rota, the clock and the calendar."""

from __future__ import annotations

import pytest

from app.clock import today
from handlers.duty import actions, telling
from handlers.duty.jobs import digest, tell
from models.identity import Actor
from tests.duty.colleagues import acting, member, on_duty, one, told
from tests.neighbours import Town, frozen

MONDAY = "2026-11-23"


def tick(town: Town) -> str:
    return town.writing(lambda session: tell(Actor(session, channel="job")))


def morning(town: Town) -> str:
    return town.writing(lambda session: digest(Actor(session, channel="job")))


@pytest.fixture
def office(sqlite_town: Town) -> Town:
    """王 is on duty on Monday, 李 is at the desk as well, 赵 looks after cries for help."""
    with frozen(f"{MONDAY} 07:00"):
        member(sqlite_town, "wang", "desk")
        member(sqlite_town, "li", "desk")
        member(sqlite_town, "zhao", "care")
        on_duty(sqlite_town, "wang", MONDAY, "am", "pm")
    return sqlite_town


def test_new_work_reaches_who_is_on_duty_at_once_bundled_by_the_quarter_hour(office: Town) -> None:
    with frozen(f"{MONDAY} 09:00") as wall:
        office.phone("马秀兰").says("人工")
        tick(office)
        assert told(office, "wang", "work") == ["您在值班,新来1件:等回复的居民 1。请打开工作台看看。"]
        wall.shift(60)
        office.phone("王德福").says("人工")
        office.phone("韩世杰").says("人工")
        tick(office)
        assert len(told(office, "wang", "work")) == 1, "not twice within a quarter of an hour"
        wall.shift(14 * 60)
        tick(office)
        tick(office)
        assert told(office, "wang", "work")[1] == "您在值班,新来2件:等回复的居民 2。请打开工作台看看。"
        assert told(office, "li", "work") == []


def test_no_name_and_no_word_of_a_resident_is_told(office: Town) -> None:
    with frozen(f"{MONDAY} 09:00"):
        office.phone("马秀兰").says("人工", "我叫马秀兰,楼道的灯坏了")
        tick(office)
        words = "".join(told(office, "wang", "work"))
        assert words
        assert "马秀兰" not in words
        assert "灯" not in words


def test_what_came_in_the_night_is_told_when_the_office_opens(office: Town) -> None:
    with frozen("2026-11-22 23:00"):
        office.phone("马秀兰").says("人工")
        tick(office)
    with frozen(f"{MONDAY} 08:29"):
        tick(office)
        assert told(office, "wang", "work") == []
    with frozen(f"{MONDAY} 08:30"):
        tick(office)
        assert len(told(office, "wang", "work")) == 1
    with frozen(f"{MONDAY} 12:30"):
        office.phone("王德福").says("人工")
        tick(office)
        assert len(told(office, "wang", "work")) == 1, "lunch"


def test_nobody_on_duty_or_nobody_bound_is_told_nothing(office: Town) -> None:
    member(office, "ma", "desk", bound=False)
    on_duty(office, "ma", "2026-11-24", "am")
    with frozen("2026-11-24 09:00"):
        office.phone("马秀兰").says("人工")
        assert tick(office) == "0 bells, 0 on duty"
        with office.reading() as session:
            assert telling.unreached(session, [one(session, "ma"), one(session, "li")]) == {
                one(session, "ma").id
            }
    with frozen("2026-11-24 15:00"):
        assert tick(office) == "0 bells, 0 on duty"


def test_who_stands_in_hears_instead(office: Town) -> None:
    with frozen(f"{MONDAY} 08:00"):
        office.writing(
            lambda s: actions.tell_leave(acting(s, "wang"), one(s, "wang"), one(s, "li"), today(), today())
        )
    with frozen(f"{MONDAY} 09:00"):
        office.phone("马秀兰").says("人工")
        tick(office)
        assert told(office, "wang", "work") == []
        assert len(told(office, "li", "work")) == 1


def test_a_cry_for_help_is_told_at_any_hour_to_the_few_in_neutral_words(office: Town) -> None:
    with frozen("2026-11-22 03:00"):
        office.phone("马秀兰").says("我不想活了")
        tick(office)
        tick(office)
        assert told(office, "zhao", "bell") == ["有一件急事要您看,请马上打开工作台。"]
        assert told(office, "wang", "bell") == []


def test_a_repeated_cry_of_one_push_rings_once(office: Town) -> None:
    with frozen("2026-11-22 03:00"):
        ma = office.phone("马秀兰")
        for _ in range(2):
            ma.says("我不想活了", message_id=77)
        tick(office)
        assert len(told(office, "zhao", "bell")) == 1


def test_the_morning_tells_all_others_what_waits_for_their_roles(office: Town) -> None:
    with frozen("2026-11-22 20:00"):
        office.phone("马秀兰").says("人工")
    with frozen(f"{MONDAY} 08:20"):
        assert morning(office) == "1 told"
        assert morning(office) == "0 told", "once a day"
        assert told(office, "li", "digest")[0].startswith("早上好。今天等着您的有1件:等回复的居民 1。")
        assert told(office, "wang", "digest") == [], "who is on duty hears of it anyway"
        assert told(office, "zhao", "digest") == []


@pytest.mark.parametrize("day", ["2026-11-22", "2026-10-01", "2026-02-17"])
def test_no_digest_on_days_without_office(office: Town, day: str) -> None:
    with frozen(f"{day} 08:20"):
        office.phone("马秀兰").says("人工")
        assert morning(office) == "0 told"


def test_who_does_not_want_it_or_is_away_gets_no_digest(office: Town) -> None:
    with frozen(f"{MONDAY} 08:00"):
        office.phone("马秀兰").says("人工")
        member(office, "ma", "desk")
        office.writing(lambda s: actions.set_digest(acting(s, "li"), wants=False))
        office.writing(
            lambda s: actions.tell_leave(acting(s, "ma"), one(s, "ma"), one(s, "li"), today(), today())
        )
    with frozen(f"{MONDAY} 08:20"):
        assert morning(office) == "0 told"
