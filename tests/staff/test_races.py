"""Two at once at the door, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy.orm import Session

from handlers.staff import actions
from models import staff_session
from models.identity import Actor
from models.refusal import Refusal
from tests.neighbours import Town
from tests.staff.clerks import PASSWORD, audited, clerk, hire


def test_of_two_who_open_one_link_at_once_one_gets_in(town: Town) -> None:
    def make(session: Session) -> str:
        by = Actor(session, channel="job")
        return actions.invite(by, actions.add(by, login="wang", name="王干事", roles=["desk"]))

    key = town.writing(make)

    def choose(number: int) -> bool:
        try:
            town.writing(
                lambda s: actions.choose_password(Actor(s, channel="console"), key, f"{PASSWORD}{number}")
            )
        except Refusal as why:
            return why.code != "staff.link_used"
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(choose, range(4))) == [False, False, False, True]


def test_wrong_passwords_typed_at_once_are_all_counted(town: Town) -> None:
    hire(town, "desk", login="wang")

    def guess(number: int) -> None:
        with town.reading() as session:
            who = actions.knock(session, "wang", "10.0.0.1", f"猜{number}猜猜看")
        assert who is not None
        town.writing(lambda s: actions.sign_in(Actor(s, channel="console"), who, ""))

    with ThreadPoolExecutor(5) as pool:
        list(pool.map(guess, range(5)))
    with town.reading() as session:
        assert staff_session.is_locked(session, "wang", "10.0.0.1")
        assert not staff_session.is_locked(session, "wang", "10.0.0.2")


def test_a_day_at_the_console_on_both_databases(town: Town) -> None:
    town.phone("马秀兰").says("人工", "楼道的灯坏了没有人来修")
    wang = clerk(town, "desk", login="wang")
    pages = "talks talks/1 messages notices wishes appointments activities residents mine"
    for path in ("/console/", *(f"/console/{name}" for name in pages.split())):
        assert wang.opens(path).status_code == 200, path
    wang.sends("/console/talks/1", text="明天下午来修", do="reply")
    with town.reading() as session:
        assert len(audited(session, "desk.reply")) == 1


def test_old_sessions_and_counts_are_forgotten_by_the_night_job(town: Town) -> None:
    from datetime import timedelta

    from app import clock
    from handlers.staff.jobs import forget_old_sign_ins

    clerk(town, "desk", login="wang").signs_in("不是这个密码")
    later = clock.now() + timedelta(days=31)

    def unit(session: Session) -> tuple[int, int]:
        return staff_session.forget_old_sessions(session, later), staff_session.forget_old_failures(
            session, later
        )

    assert (
        town.writing(lambda s: forget_old_sign_ins(Actor(s, channel="job")))
        == "0 sessions, 0 counts, 0 codes"
    )
    assert town.writing(unit)[0] == 1
