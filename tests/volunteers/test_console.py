"""One session at the console: the screen, who came, and putting attendance right."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.people import actions as people
from models.activities import ActivitySession, Enrolment
from models.identity import Actor
from models.outbox import OutboxRow
from models.volunteers import Attendance
from tests.activities.plans import a_session, digits
from tests.neighbours import Town, frozen
from tests.staff.clerks import Clerk, audited, clerk


@pytest.fixture
def held(sqlite_town: Town) -> Iterator[int]:
    """A session from nine to eleven, a clock that stands at nine, and neighbours who are known."""
    with frozen("2026-11-23 09:00") as time:
        sqlite_town.seed("people")
        sqlite_town.time = time  # type: ignore[attr-defined]
        yield a_session(sqlite_town)


@pytest.fixture
def leader(sqlite_town: Town, held: int) -> Clerk:
    return clerk(sqlite_town, "leader", login="ma", name="马队长")


def admit(leader: Clerk, held: int, phone: str = "13900000001") -> int:
    """Let somebody in by phone; their person id."""
    leader.sends(f"/console/sessions/{held}", phone=phone)
    with leader.town.reading() as session:
        return session.scalars(select(Enrolment.person_id).order_by(Enrolment.id.desc())).first() or 0


def stays(leader: Clerk) -> list[tuple[int | None, int | None]]:
    with leader.town.reading() as session:
        return [(one.person_id, one.minutes) for one in session.scalars(select(Attendance))]


def test_the_screen_opens_with_the_code_that_turns_over(leader: Clerk, held: int) -> None:
    answer = leader.sends(f"/console/sessions/{held}/screen")
    assert answer.headers["Location"].startswith(f"/h5/screen/{held}/")
    assert digits(leader.town, held) in leader.opens(answer.headers["Location"]).text
    with leader.town.reading() as session:
        assert len(audited(session, "volunteers.leader_link")) == 1


def test_the_list_shows_who_scanned_in(leader: Clerk, held: int) -> None:
    phone = leader.town.phone("韩世杰")
    phone.says("签到", digits(leader.town, held))
    leader.opens(f"/console/sessions/{held}")
    assert "到了的 1 人次" in leader.words
    assert "还在" in leader.words


def test_somebody_with_an_empty_battery_is_admitted_ticked_in_and_out(leader: Clerk, held: int) -> None:
    person = admit(leader, held)
    leader.opens(f"/console/sessions/{held}")
    assert "报了名没签到的 1 人" in leader.words
    leader.sends(f"/console/sessions/{held}/tick", person=person, way="in", at="09:00")
    leader.town.time.shift(timedelta(hours=1, minutes=20))  # type: ignore[attr-defined]
    leader.signs_in()
    leader.sends(f"/console/sessions/{held}/tick", person=person, way="out", at="")
    assert stays(leader) == [(person, 80)]
    leader.opens(f"/console/sessions/{held}")
    assert "负责人代记" in leader.words
    assert "1小时20分钟" in leader.words


def test_a_time_outside_the_session_is_refused_in_words(leader: Clerk, held: int) -> None:
    person = admit(leader, held)
    leader.sends(f"/console/sessions/{held}/tick", person=person, way="in", at="07:00", follow=True)
    assert "alert-danger" in leader.page
    assert stays(leader) == []


def test_b15_nobody_is_ticked_who_is_not_on_the_list(leader: Clerk, held: int) -> None:
    leader.sends(f"/console/sessions/{held}/tick", person=3, way="in", at="", follow=True)
    assert "名单里没有这个人" in leader.words
    assert stays(leader) == []


def test_of_several_who_share_a_phone_the_one_who_is_chosen_is_admitted(leader: Clerk, held: int) -> None:
    def child(session: Session) -> int:
        by = Actor(session, staff=leader.member(session), channel="console")
        return people.register(by, name="马小兰", phone="13900000001", purposes=("service",)).id

    number, path = leader.town.writing(child), f"/console/sessions/{held}"
    assert admit(leader, held) == 0, "nobody is guessed"
    assert "是哪一位" in leader.words
    leader.sends(path, phone="13900000001", looked="13900000001", person=str(number))
    with leader.town.reading() as session:
        assert session.scalars(select(Enrolment.person_id)).all() == [number]


def test_a_phone_that_nobody_has_admits_nobody(leader: Clerk, held: int) -> None:
    leader.sends(f"/console/sessions/{held}", phone="13999999999")
    assert "没有登记过的居民" in leader.words
    with leader.town.reading() as session:
        assert session.scalar(select(Enrolment)) is None


def test_closing_settles_who_forgot_to_leave(leader: Clerk, held: int) -> None:
    person = admit(leader, held)
    leader.sends(f"/console/sessions/{held}/tick", person=person, way="in", at="")
    leader.town.time.shift(timedelta(minutes=30))  # type: ignore[attr-defined]
    leader.signs_in()
    leader.sends(f"/console/sessions/{held}/close")
    assert stays(leader) == [(person, 30)]
    with leader.town.reading() as session:
        assert session.get_one(ActivitySession, held).state == "closed"
    leader.opens(f"/console/sessions/{held}")
    assert "30分钟" in leader.words


def test_calling_off_tells_everybody_who_joined_why(leader: Clerk, held: int) -> None:
    admit(leader, held)
    leader.sends(f"/console/sessions/{held}/cancel", why="下大雪了")
    with leader.town.reading() as session:
        row = session.scalars(select(OutboxRow).where(OutboxRow.kind == "activities.cancelled")).one()
        assert row.facts["why"] == "下大雪了"
    leader.sends(f"/console/sessions/{held}/open", follow=True)
    assert "alert-danger" in leader.page


def test_opening_by_hand(leader: Clerk, held: int) -> None:
    leader.sends(f"/console/sessions/{held}/open")
    with leader.town.reading() as session:
        assert session.get_one(ActivitySession, held).state == "open"


def test_b19_trying_phones_at_a_session_leaves_a_line_each_also_when_nothing_comes_of_it(
    leader: Clerk, held: int
) -> None:
    """What a refusal rolls back would else be a way to learn who is on file, without a trace."""
    for phone in ("13900000001", "13900000001", "13955555555"):
        leader.sends(f"/console/sessions/{held}", phone=phone)
    leader.sends(f"/console/sessions/{held}/cancel", why="下雨")
    leader.sends(f"/console/sessions/{held}", phone="13900000002")
    with leader.town.reading() as session:
        lines = audited(session, "staff.told_no")
        assert "volunteers.nobody_with_phone" in [line.facts["code"] for line in lines]
        assert {line.facts["page"] for line in lines} == {"volunteers_console.session"}
        tried = len(audited(session, "people.find")) + len(lines)
        assert tried >= 4
        assert "139" not in str([line.facts for line in lines])
