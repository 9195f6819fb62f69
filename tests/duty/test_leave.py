"""Leave: what is open goes to whoever stands in, new work too, and all of it comes back."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.desk import actions as desk
from handlers.duty import actions
from handlers.duty.jobs import turn_leaves
from models.desk import DeskTalk
from models.duty import StaffLeave, deputy_of
from models.identity import Actor
from models.refusal import Refusal
from tests.duty.colleagues import acting, member, one
from tests.neighbours import Town, frozen
from tests.staff.clerks import clerk

MONDAY, FRIDAY = date(2026, 11, 23), date(2026, 11, 27)


def night(town: Town) -> str:
    return town.writing(lambda session: turn_leaves(Actor(session, channel="job")))


def leave(town: Town, who: str, deputy: str, first: date, last: date, by: str = "") -> None:
    town.writing(lambda s: actions.tell_leave(acting(s, by or who), one(s, who), one(s, deputy), first, last))


def holders(town: Town) -> list[str | None]:
    """Whose each talk is, in the order in which they began."""
    with town.reading() as session:
        names = {None: None} | {one(session, login).id: login for login in ("wang", "li", "zhang")}
        return [names[talk.staff_id] for talk in session.scalars(select(DeskTalk).order_by(DeskTalk.id))]


@pytest.fixture
def office(town: Town) -> Town:
    """Three at the desk; 王 has the talk with 马秀兰."""
    with frozen("2026-11-23 08:00"):
        for login in ("wang", "li", "zhang"):
            member(town, login, "desk", bound=False)
        town.phone("马秀兰").says("人工")
        take(town, "wang", "wang", 0)
    return town


def take(town: Town, by: str, to: str, which: int) -> None:
    def unit(session: Session) -> None:
        talk = session.scalars(select(DeskTalk).order_by(DeskTalk.id)).all()[which]
        desk.take(acting(session, by), talk, None if by == to else one(session, to))

    town.writing(unit)


def test_what_is_open_goes_over_new_work_too_and_all_comes_back(office: Town) -> None:
    with frozen("2026-11-23 09:00"):
        leave(office, "wang", "li", MONDAY, MONDAY + timedelta(days=1))
        assert holders(office) == ["li"]
        office.phone("王德福").says("人工")
        take(office, "zhang", "wang", 1)
        assert holders(office) == ["li", "li"]
        office.phone("韩世杰").says("人工")
        take(office, "li", "li", 2)
    with frozen("2026-11-24 00:05"):
        assert night(office) == "1 away, 0 back"
    with frozen("2026-11-25 00:05"):
        assert night(office) == "0 away, 1 back"
        assert holders(office) == ["wang", "wang", "li"]
        assert night(office) == "0 away, 0 back"


def test_a_leave_that_is_to_come_begins_in_its_night(office: Town) -> None:
    with frozen("2026-11-23 09:00"):
        leave(office, "wang", "li", FRIDAY, FRIDAY)
        assert holders(office) == ["wang"]
        with office.reading() as session:
            wang = one(session, "wang").id
            assert deputy_of(session, wang, clock.now()) is None
            there = deputy_of(session, wang, clock.now() + timedelta(days=4))
            assert there is not None
            assert there.login == "li"
    with frozen("2026-11-27 00:05"):
        night(office)
        assert holders(office) == ["li"]


def test_back_earlier_what_was_closed_stays_closed(office: Town) -> None:
    with frozen("2026-11-23 09:00"):
        leave(office, "wang", "li", MONDAY, FRIDAY)

        def close(session: Session) -> None:
            desk.close(acting(session, "li"), session.scalars(select(DeskTalk)).one())

        office.writing(close)
        office.writing(lambda s: actions.call_off(acting(s, "wang"), s.scalars(select(StaffLeave)).one()))
        assert holders(office) == ["li"]
        office.writing(lambda s: actions.call_off(acting(s, "wang"), s.scalars(select(StaffLeave)).one()))


def test_leaves_that_cannot_be(office: Town) -> None:
    member(office, "qi", "auditor", bound=False)
    with frozen("2026-11-23 09:00"):
        leave(office, "wang", "li", MONDAY, FRIDAY)
        for who, deputy, first, last, why in (
            ("wang", "zhang", MONDAY, MONDAY, "away_already"),
            ("zhang", "wang", FRIDAY, FRIDAY, "deputy_away"),
            ("li", "zhang", FRIDAY, FRIDAY, "you_stand_in"),
            ("zhang", "zhang", FRIDAY, FRIDAY, "not_a_deputy"),
            ("zhang", "qi", FRIDAY, FRIDAY, "not_a_deputy"),
            ("zhang", "li", FRIDAY, MONDAY, "bad_days"),
            ("zhang", "li", MONDAY - timedelta(days=9), MONDAY - timedelta(days=8), "bad_days"),
        ):
            with pytest.raises(Refusal, match=rf"duty\.{why}"):
                leave(office, who, deputy, first, last)
        with pytest.raises(Refusal, match=r"duty\.not_yours"):
            leave(office, "zhang", "li", FRIDAY, FRIDAY, by="qi")
        with pytest.raises(Refusal, match=r"duty\.not_yours"):
            office.writing(
                lambda s: actions.call_off(acting(s, "zhang"), s.scalars(select(StaffLeave)).one())
            )


def test_a_talk_given_while_the_leave_begins_is_never_left_behind(office: Town) -> None:
    """Whoever gives and whoever leaves lock the same row: in either order the talk ends with the deputy."""
    office.phone("王德福").says("人工")
    start = threading.Barrier(2)
    faults: list[BaseException] = []

    def run(work) -> None:  # type: ignore[no-untyped-def]
        start.wait()
        try:
            work()
        except BaseException as fault:  # noqa: BLE001
            faults.append(fault)

    today = clock.today()
    both = (lambda: take(office, "zhang", "wang", 1), lambda: leave(office, "wang", "li", today, today))
    threads = [threading.Thread(target=run, args=(work,)) for work in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert holders(office) == ["li", "li"]


def test_everybody_says_it_for_themselves_and_both_sides_see_it(sqlite_town: Town) -> None:
    with frozen("2026-11-23 09:00"):
        wang = clerk(sqlite_town, "desk", login="wang", name="王干事")
        li = clerk(sqlite_town, "desk", login="li", name="李干事")
        with sqlite_town.reading() as session:
            ids = {login: one(session, login).id for login in ("wang", "li")}
        days = {"first_day": "2026-11-23", "last_day": "2026-11-24"}
        sqlite_town.phone("马秀兰").says("人工")
        wang.signs_in()
        wang.sends("/console/talks/1/take")
        wang.sends("/console/duty/leave", member=ids["wang"], deputy=ids["li"], follow=True, **days)
        assert "登记好了" in wang.words
        assert "王干事 不在, 李干事 代班" in wang.words
        li.signs_in()
        li.opens("/console/duty/leave")
        assert "正在代班" in li.words
        li.opens("/console/talks/1")
        assert "王干事不在,由李干事代接" in li.words
        li.opens("/console/talks")
        assert "李干事代王干事" in li.words
        wang.sends("/console/duty/leave", member=ids["li"], deputy=ids["wang"], **days)
        assert "您要替别人代班" not in wang.words, "nobody sends a colleague on leave"
        li.sends("/console/duty/leave/1/off", follow=True)
        assert "都还回来了" in li.words


def test_the_digest_is_switched_off_and_on(sqlite_town: Town) -> None:
    qi = clerk(sqlite_town, "auditor")
    qi.sends("/console/duty/digest", wants="no", follow=True)
    assert "不再每天发给您" in qi.words
    assert "已经关掉" in qi.words
    assert "还没有绑微信" in qi.words
    qi.sends("/console/duty/digest", wants="yes", follow=True)
    assert "每个工作日早上8:20" in qi.words
