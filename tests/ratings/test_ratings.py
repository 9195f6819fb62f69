"""Ratings in chat, on pages and at the console: once a visit, asked once a week, and nobody can tell who rated."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.jobs import More
from handlers.ratings import actions, jobs
from handlers.ratings.rights import forget, kept_of, merge
from models.appointments import Appointment
from models.audit import AuditLine
from models.desk import DeskTalk
from models.inbox import InboxRow
from models.ratings import Rating, RatingToken, answered_by_somebody
from models.refusal import Refusal
from tests.api.hall import a_service, a_slot
from tests.neighbours import Phone, Town
from tests.pages.visitors import Visitor
from tests.ratings.conftest import house, joined, rates, ratings, refused, sent, token
from tests.staff.clerks import Clerk, clerk

# ---- chat --------------------------------------------------------------------------------------------------------


def test_a_visit_is_rated_by_digits_and_the_answer_names_nobody(sqlite_town: Town, ma: Phone) -> None:
    token(sqlite_town, ma)
    assert "高龄补贴(11月23日)" in ma.says("评价")
    assert "1 好" in ma.says("1")
    assert "想说一句" in ma.says("1")
    assert "谁评的,我们也不知道" in ma.says("1")
    (row,) = ratings(sqlite_town)
    assert (row.face, row.words, row.person_id, str(row.week)) == (3, None, None, "2026-11-23")
    assert "没有要评的" in ma.says("评价")


def test_words_go_to_the_diary_and_an_answer_only_to_who_wants_one(sqlite_town: Town, ma: Phone) -> None:
    token(sqlite_town, ma)
    assert "要回话吗" in ma.says("评价", "1", "3", "等了一个小时")
    ma.says("2")
    (row,) = ratings(sqlite_town)
    assert (row.face, row.words) == (1, "等了一个小时")
    assert row.person_id is not None


def test_names_of_staff_and_numbers_are_covered_in_what_was_said(sqlite_town: Town, ma: Phone) -> None:
    clerk(sqlite_town, "desk", name="王秀英")
    rates(sqlite_town, ma, 1, "王秀英态度差,我电话13912345678")
    (row,) = ratings(sqlite_town)
    assert row.words == "工作人员态度差,我电话139****5678"


def test_a_neighbour_rates_nothing_of_mine(sqlite_town: Town, ma: Phone) -> None:
    number, stranger = token(sqlite_town, ma), joined(sqlite_town, "路人", "13900000009")
    assert "没有要评的" in stranger.says("评价")
    with refused("not_yours"):
        sqlite_town.writing(lambda s: actions.rate(stranger.actor(s), s.get_one(RatingToken, number), 1))
    theirs = Visitor(sqlite_town, stranger)
    assert theirs.opens(f"/h5/ratings/{number}").status == 404
    assert theirs.sends(f"/h5/ratings/{number}", face="1", once="k").status == 404
    assert ratings(sqlite_town) == []


# ---- once --------------------------------------------------------------------------------------------------------


def test_two_who_rate_with_one_token_at_once_are_one_rating(town: Town) -> None:
    ma = joined(town, "马秀兰", "13900000001")
    number, start = token(town, ma), Barrier(4)

    def one(face: int) -> str:
        start.wait()
        try:
            town.writing(lambda s: actions.rate(ma.actor(s), s.get_one(RatingToken, number), face))
        except Refusal as why:
            return why.code
        return "rated"

    with ThreadPoolExecutor(4) as pool:
        ended = list(pool.map(one, (1, 2, 3, 3)))
    assert sorted(ended) == ["rated", "ratings.used", "ratings.used", "ratings.used"]
    assert len(ratings(town)) == 1


def test_a_token_lives_two_weeks_and_then_looks_like_one_that_was_used(
    sqlite_town: Town, ma: Phone, monday: time_machine.Coordinates
) -> None:
    number, used = token(sqlite_town, ma), token(sqlite_town, ma, number=2)
    sqlite_town.writing(lambda s: actions.rate(ma.actor(s), s.get_one(RatingToken, used), 3))
    monday.shift(timedelta(days=15))
    with refused("used"):
        sqlite_town.writing(lambda s: actions.rate(ma.actor(s), s.get_one(RatingToken, number), 3))
    sqlite_town.writing(lambda s: jobs.tidy(house(s)))
    with sqlite_town.reading() as session:
        assert set(session.scalars(select(RatingToken.state))) == {"spent"}
    monday.shift(timedelta(days=61))
    sqlite_town.writing(lambda s: jobs.tidy(house(s)))
    with sqlite_town.reading() as session:
        assert session.scalars(select(RatingToken)).all() == []


# ---- nobody sees who -----------------------------------------------------------------------------------------------


def test_no_path_leads_from_a_nameless_rating_to_a_person(sqlite_town: Town, ma: Phone) -> None:
    """Not by a foreign key, a number, an instant, the trail, or the answer that was kept in the inbox."""
    token(sqlite_town, ma)
    ma.says("评价", "1", "2", "多开一个窗口", "1")
    with sqlite_town.reading() as session:
        row = session.scalars(select(Rating)).one()
        assert (row.person_id, row.owner_id) == (None, None)
        known = {
            "key",
            "row_key",
            "subject",
            "title",
            "face",
            "week",
            "person_id",
            "owner_id",
            "words",
            "answer",
            "counter",
            "waited",
            "helper_id",
        }
        assert {column.name for column in Rating.__table__.columns} == known
        lines = session.scalars(select(AuditLine).where(AuditLine.action == "ratings.rate")).all()
        assert [(line.actor, line.object_kind, line.object_id, line.facts) for line in lines] == [
            ("house", None, None, {})
        ]
        used = session.scalars(select(RatingToken)).one()
        assert not hasattr(used, "used_at")
        assert row.key not in str(session.scalars(select(InboxRow.answer)).all())
        keys = {key.column.table.name for column in Rating.__table__.columns for key in column.foreign_keys}
        assert keys == {"person", "staff_member"}


# ---- asking --------------------------------------------------------------------------------------------------------


def visited(
    town: Town, phone: Phone, *, by_staff: bool = True, discreet: str | None = None, name: str = "高龄补贴"
) -> None:
    service = a_service(town, name, discreet_name=discreet)
    slot = a_slot(town, service, "2026-11-23 08:30")

    def unit(session: Session) -> None:
        session.add(
            Appointment(
                person_id=phone.actor(session).me.id,
                slot_id=slot,
                state="done",
                channel="chat",
                marked_by=1 if by_staff else None,
            )
        )

    town.writing(unit)


def test_who_was_here_is_asked_once_and_once_a_week_at_most(
    sqlite_town: Town, ma: Phone, monday: time_machine.Coordinates
) -> None:
    visited(sqlite_town, ma)
    assert sqlite_town.writing(lambda s: jobs.ask(house(s))) == "1 visits, 1 asked"
    assert sqlite_town.writing(lambda s: jobs.ask(house(s))) == "0 visits, 0 asked"
    visited(sqlite_town, ma, name="开证明")
    assert sqlite_town.writing(lambda s: jobs.ask(house(s))) == "1 visits, 0 asked"
    monday.shift(timedelta(days=8))
    assert sqlite_town.writing(lambda s: jobs.ask(house(s))) == "0 visits, 1 asked"
    assert sent(sqlite_town) == ["ratings.ask", "ratings.ask"]


def test_many_visits_are_noted_and_asked_about_in_slices(
    sqlite_town: Town, ma: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of them are noted first: Ma is asked about the newest of two."""
    monkeypatch.setattr(actions, "AT_ONCE", 2)
    han, li = joined(sqlite_town, "韩雪", "13900000002"), joined(sqlite_town, "李梅", "13900000003")
    for at, who in enumerate((ma, han, li, ma)):
        visited(sqlite_town, who, name=f"第{at}件")
    told = [sqlite_town.writing(lambda s: jobs.ask(house(s)))]
    while isinstance(told[-1], More):
        told.append(sqlite_town.writing(lambda s: jobs.ask(house(s))))
    assert told == ["2 visits, 0 asked", "2 visits, 0 asked", "0 visits, 2 asked", "0 visits, 1 asked"]
    with sqlite_town.reading() as session:
        asked = session.scalars(select(RatingToken.title).where(RatingToken.asked_at.is_not(None)))
        assert sorted(asked) == ["第1件", "第2件", "第3件"]


def test_what_is_discreet_or_perhaps_never_took_place_is_not_asked_about(
    sqlite_town: Town, ma: Phone
) -> None:
    visited(sqlite_town, ma, discreet="3号窗口", name="心理咨询")
    visited(sqlite_town, ma, by_staff=False, name="开证明")
    assert sqlite_town.writing(lambda s: jobs.ask(house(s))) == "0 visits, 0 asked"


def test_a_talk_that_the_staff_closed_may_be_rated(sqlite_town: Town, ma: Phone) -> None:
    who = clerk(sqlite_town, "desk")

    def unit(session: Session) -> None:
        me = ma.actor(session)
        assert me.identity is not None
        session.add(
            DeskTalk(
                person_id=me.me.id,
                identity_id=me.identity.id,
                about="asked",
                state="closed",
                waiting_since=None,
                staff_id=who.member(session).id,
                closed_at=clock.now(),
            )
        )

    sqlite_town.writing(unit)
    assert sqlite_town.writing(lambda s: jobs.ask(house(s))) == "1 visits, 1 asked"
    assert "和工作人员对话" in ma.says("评价")


# ---- the console ----------------------------------------------------------------------------------------------------


@pytest.fixture
def wang(sqlite_town: Town, ma: Phone) -> Clerk:
    for number in range(1, 6):
        rates(sqlite_town, ma, 3 if number < 5 else 2, number=number)
    rates(
        sqlite_town, ma, 1, "没说要带户口本", number=6, subject="service:2", title="开证明", wants_answer=True
    )
    return clerk(sqlite_town, "desk", login="wang")


def test_numbers_are_shown_from_five_on_when_the_week_is_over(
    wang: Clerk, monday: time_machine.Coordinates
) -> None:
    wang.opens("/console/ratings")
    assert "高龄补贴 5" not in wang.words
    monday.shift(timedelta(days=7))
    wang.signs_in()
    wang.opens("/console/ratings")
    assert "高龄补贴 5 4 / 1 / 0" in wang.words
    assert "还不够5份,先不显示:开证明" in wang.words
    assert "÷(10+份数)" in wang.words
    assert "王干事" not in wang.words


def test_the_diary_is_answered_and_who_wanted_it_is_told_without_being_named(wang: Clerk, ma: Phone) -> None:
    wang.opens("/console/")
    assert "评价时写的话 1" in wang.words
    wang.opens("/console/ratings/diary")
    assert "没说要带户口本" in wang.words
    assert "马秀兰" not in wang.page
    key = next(row.key for row in ratings(wang.town) if row.words)
    wang.sends(f"/console/ratings/diary/{key}/own")
    wang.sends(f"/console/ratings/diary/{key}/answer", words="好")
    assert "2到300个字" in wang.words
    wang.sends(f"/console/ratings/diary/{key}/answer", words="卡片上已经写明要带户口本")
    assert sent(wang.town) == ["ratings.answered"]
    page = Visitor(wang.town, ma).opens("/h5/ratings")
    assert "已经写明要带户口本" in page.words
    other = clerk(wang.town, "approver", login="li")
    other.sends(f"/console/ratings/diary/{key}/own", follow=True)
    assert "已经有同事在管" in other.words
    with wang.town.reading() as session:
        assert answered_by_somebody(session) == []


@pytest.mark.parametrize("role", ["grid", "leader", "auditor", "admin"])
def test_others_see_no_ratings(wang: Clerk, role: str) -> None:
    other = clerk(wang.town, role, login=role)
    for path in ("/console/ratings", "/console/ratings/diary"):
        assert other.opens(path).status_code == 403


# ---- pages ---------------------------------------------------------------------------------------------------------


def test_a_page_shows_three_faces_with_their_words(sqlite_town: Town, ma: Phone) -> None:
    number = token(sqlite_town, ma)
    page = Visitor(sqlite_town, ma).opens("/h5/ratings").taps("高龄补贴")
    for words in ("好", "一般", "不好"):
        assert f"<b>{words}</b>" in page.page
    page.presses("交上去")
    assert "请选好、一般、不好" in page.words
    page.opens(f"/h5/ratings/{number}").presses("交上去", face="3", text="好")
    assert "谢谢您" in page.words
    (row,) = ratings(sqlite_town)
    assert (row.face, row.person_id) == (3, None)


def test_the_same_form_again_is_one_rating(sqlite_town: Town, ma: Phone) -> None:
    number = token(sqlite_town, ma)
    page = Visitor(sqlite_town, ma)
    for _ in range(2):
        page.sends(f"/h5/ratings/{number}", face="3", once="same")
        assert "谢谢您" in page.words
    assert len(ratings(sqlite_town)) == 1


def test_a_cry_for_help_in_a_rating_is_no_rating(sqlite_town: Town, ma: Phone) -> None:
    number = token(sqlite_town, ma)
    page = Visitor(sqlite_town, ma).sends(f"/h5/ratings/{number}", face="1", text="我不想活了", once="k")
    assert "12356" in page.words
    assert ratings(sqlite_town) == []


# ---- rights --------------------------------------------------------------------------------------------------------


def test_who_leaves_takes_their_words_along_and_the_face_stays(sqlite_town: Town, ma: Phone) -> None:
    rates(sqlite_town, ma, 1, "等了太久", wants_answer=True)
    token(sqlite_town, ma, number=2)
    with sqlite_town.reading() as session:
        told = kept_of(session, ma.person(session))
        assert told["留了名的评价"] == [{"办的事": "高龄补贴", "评价": "不好", "说的话": "等了太久"}]
    sqlite_town.writing(lambda s: forget(house(s), ma.person(s)))
    (row,) = ratings(sqlite_town)
    assert (row.face, row.words, row.person_id) == (1, None, None)
    with sqlite_town.reading() as session:
        assert session.scalars(select(RatingToken)).all() == []


def test_two_records_of_one_person_have_one_persons_tokens(sqlite_town: Town, ma: Phone) -> None:
    other = joined(sqlite_town, "马秀兰二", "13900000001")
    token(sqlite_town, other)
    sqlite_town.writing(lambda s: merge(house(s), ma.person(s), other.person(s)))
    assert "高龄补贴" in ma.says("评价")


def test_words_are_forgotten_after_two_years(
    sqlite_town: Town, ma: Phone, monday: time_machine.Coordinates
) -> None:
    rates(sqlite_town, ma, 1, "等了太久", wants_answer=True)
    monday.shift(timedelta(days=740))
    sqlite_town.writing(lambda s: jobs.tidy(house(s)))
    (row,) = ratings(sqlite_town)
    assert (row.face, row.words, row.person_id) == (1, None, None)
