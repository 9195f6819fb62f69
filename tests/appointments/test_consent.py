"""Nothing of a resident is kept without a consent, and nobody who took it back is led on."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.cli import check_invariants
from handlers.appointments import actions
from handlers.people import actions as people
from models.appointments import Contact
from models.people import consents_of, live_consents
from tests.appointments.desk import TUESDAY, WEDNESDAY, booked, clerk, get, opened, slot_at
from tests.neighbours import Phone, Town

TAKEN_BACK = "这件事要您同意“登记办事”才能办。要同意,先回复“隐私”,再回复 1;也可以到社区窗口办,或打电话"


def agreed(town: Town, phone: Phone) -> list[tuple[str, str]]:
    with town.reading() as session:
        return [(one.purpose, one.channel) for one in session.scalars(live_consents(phone.person(session)))]


def take_back(town: Town, phone: Phone) -> None:
    town.writing(lambda s: people.withdraw_consent(phone.actor(s), "service"))


def test_the_question_for_the_name_says_that_answering_is_agreeing(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town)
    question = ma.says("预约", "1", "1")
    assert "您回复了,就是同意我们用它办预约" in question
    assert "回复“隐私”撤回" in question
    assert len(question) <= 120
    assert agreed(sqlite_town, ma) == []
    assert "同意" not in ma.says("马秀兰")
    ma.says("1")
    assert agreed(sqlite_town, ma) == [("service", "chat")]


def test_the_one_line_for_a_home_visit_says_so_too(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town, name="水电维修", home_visit=True, asks_phone=True)
    question = ma.says("预约", "1", "明天9点")
    assert "您回复了,就是同意我们用它办这次预约" in question
    assert len(question) <= 120
    ma.says("马秀兰 13900001234 5号楼301", "1")
    assert agreed(sqlite_town, ma) == [("service", "chat")]


def test_who_books_for_somebody_else_agrees_with_the_yes(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town)
    assert "您说对,就是同意" in ma.says("帮别人约", "马奶奶", "没有", "女儿", "1", "明天9点")
    ma.says("1")
    assert agreed(sqlite_town, ma) == [("service", "chat")]


def test_it_is_said_and_recorded_once(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town)
    ma.says("预约", "1", "明天9点", "马秀兰", "1")
    assert "同意" not in ma.says("预约", "1", "后天9点")
    ma.says("1")
    with sqlite_town.reading() as session:
        assert len(session.scalars(consents_of(ma.person(session))).all()) == 1


def test_a_booking_that_is_refused_leaves_no_consent(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town)
    ma.says("预约", "1", "明天9点", "马秀兰", "取消", "1")
    assert agreed(sqlite_town, ma) == []
    with sqlite_town.reading() as session:
        assert ma.person(session).name is None


def test_who_took_the_consent_back_is_told_before_the_first_question(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town)
    booked(sqlite_town)
    take_back(sqlite_town, ma)
    for word in ("预约", "还约上次那个", "改约", "帮别人约"):
        assert ma.says(word).startswith(TAKEN_BACK)
    assert "取消" in ma.says("取消预约")


def test_two_messages_and_they_can_book_again(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town)
    booked(sqlite_town)
    take_back(sqlite_town, ma)
    assert "您同意“登记办事”" in ma.says("隐私", "1")
    assert "您要约哪一项" in ma.says("预约")


def test_a_consent_taken_back_in_the_middle_stops_the_booking(sqlite_town: Town, ma: Phone) -> None:
    opened(sqlite_town)
    booked(sqlite_town)
    ma.says("预约", "1", "后天9点")
    take_back(sqlite_town, ma)
    assert ma.says("1").startswith(TAKEN_BACK)


def test_the_desk_books_for_who_took_it_back_and_asks_consent_of_who_tells_a_name(
    sqlite_town: Town, monday: Any
) -> None:
    opened(sqlite_town)
    booked(sqlite_town)
    ma, new = sqlite_town.phone("马秀兰"), sqlite_town.phone("没有登记的人")
    take_back(sqlite_town, ma)

    def at_the_desk(session: Session) -> None:
        by = clerk(session)
        actions.rebook(by, get(session, 1), slot_at(session, WEDNESDAY, "09:00"))
        actions.book(by, slot_at(session, TUESDAY, "10:00"), for_=ma.person(session))
        told = Contact("马福", "13900001111")
        actions.book(by, slot_at(session, TUESDAY, "09:30"), for_=new.actor(session).me, contact=told)

    sqlite_town.writing(at_the_desk)
    assert agreed(sqlite_town, ma) == []
    assert agreed(sqlite_town, new) == [("service", "console")]
    assert check_invariants(sqlite_town.site) == []
