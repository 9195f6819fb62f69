"""说事 at the console: what ends first on top, given to one, answered, done; a grid worker sees their own grid only."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.matters import actions
from models.staff import StaffMember
from tests.matters.conftest import LAMP, build, joined, matter, place, said, sent
from tests.matters.test_rules import picture
from tests.neighbours import Phone, Town
from tests.staff.clerks import Clerk, audited, clerk


@pytest.fixture
def wang(sqlite_town: Town, ma: Phone) -> Clerk:
    return clerk(sqlite_town, "desk", login="wang")


def grid_worker(town: Town, building: int, login: str) -> Clerk:
    made = clerk(town, "grid", login=login, name=f"网格员{building}")

    def unit(session: Session) -> None:
        made.member(session).grid_id = place(session, building).grid_id

    town.writing(unit)
    return made


def test_a_new_matter_stands_on_the_page_of_the_day_and_in_the_list(wang: Clerk, ma: Phone) -> None:
    number = said(wang.town, ma)
    wang.opens("/console/")
    assert "居民说的事 1" in wang.words
    wang.opens("/console/matters")
    assert "报修 · 东府佳苑3号楼" in wang.words
    assert "最晚11月24日(星期二)交给人" in wang.words
    wang.opens(f"/console/matters/{number}")
    assert LAMP in wang.words
    assert "只给工作人员看" not in wang.words
    with wang.town.reading() as session:
        assert len(audited(session, "matters.read")) == 1


def test_it_is_given_to_the_grid_worker_of_the_place_and_the_resident_knows(wang: Clerk, ma: Phone) -> None:
    number = said(wang.town, ma)
    worker = grid_worker(wang.town, 3, "grid3")
    grid_worker(wang.town, 1, "grid1")
    wang.opens(f"/console/matters/{number}")
    first = wang.page.partition('<select class="form-select" id="to"')[2].partition("</option>")[0]
    assert "网格员3(这里的网格员)" in first
    with wang.town.reading() as session:
        to = worker.member(session).id
    wang.sends(f"/console/matters/{number}/assign", to=to, seen=0)
    assert matter(wang.town).owner_id == to
    assert sent(wang.town) == ["matters.assigned"]
    worker.opens("/console/")
    assert "居民说的事 1" in worker.words
    worker.sends(f"/console/matters/{number}/begin")
    worker.sends(f"/console/matters/{number}/say/finish", words="灯换好了,昨晚亮了")
    assert matter(wang.town).state == "done"
    assert "灯换好了" in ma.says("我说的事")


def test_a_grid_worker_sees_their_own_grid_and_nobody_else_sees_anything(wang: Clerk, ma: Phone) -> None:
    number = said(wang.town, ma, photo=actions.clean_photo(picture()))
    photo = matter(wang.town).photos[0].id
    elsewhere = grid_worker(wang.town, 1, "grid1")
    elsewhere.opens("/console/matters")
    assert "这里没有事" in elsewhere.words
    assert elsewhere.opens(f"/console/matters/{number}").status_code == 404
    assert elsewhere.opens(f"/console/matters/{number}/photos/{photo}").status_code == 404
    assert elsewhere.sends(f"/console/matters/{number}/say/answer", words="看看").status_code == 404
    assert elsewhere.sends(f"/console/matters/{number}/assign", to=1).status_code == 403
    for role in ("leader", "approver", "auditor", "admin", "care"):
        other = clerk(wang.town, role, login=role)
        assert other.opens("/console/matters").status_code == 403
        assert other.opens(f"/console/matters/{number}/photos/{photo}").status_code == 403
    stranger = wang.town.client.get(f"/console/matters/{number}/photos/{photo}")
    assert stranger.status_code == 302
    assert matter(wang.town).state == "received"


def test_a_colleague_who_was_quicker_is_not_overruled(wang: Clerk, ma: Phone) -> None:
    number = said(wang.town, ma)
    with wang.town.reading() as session:
        me = session.scalars(select(StaffMember.id)).one()
    wang.sends(f"/console/matters/{number}/assign", to=me, seen=0)
    wang.sends(f"/console/matters/{number}/assign", to=me, seen=0, follow=True)
    assert "同事已经动过" in wang.words
    wang.sends(f"/console/matters/{number}/say/finish", words="换好了", seen=0)
    assert "同事已经动过" in wang.words
    assert matter(wang.town).state == "assigned"


def test_words_for_the_resident_and_for_colleagues_are_kept_apart(wang: Clerk, ma: Phone) -> None:
    number = said(wang.town, ma)
    wang.sends(f"/console/matters/{number}/say/note", words="这户老人独居,上门敲门声大一点")
    wang.sends(f"/console/matters/{number}/say/answer", words="师傅明天上午来")
    assert sent(wang.town) == ["matters.answered"]
    card = ma.says("我说的事")
    assert "师傅明天上午来" in card
    assert "独居" not in card


def test_empty_words_are_refused_beside_the_form_and_what_was_typed_stays(wang: Clerk, ma: Phone) -> None:
    number = said(wang.town, ma)
    wang.sends(f"/console/matters/{number}/say/answer", words="好")
    assert "至少2个字" in wang.words
    wang.sends(f"/console/matters/{number}/due", day="2026-11-29", reason="等配件")
    assert "工作日" in wang.words
    assert "等配件" in wang.page


def test_what_cannot_be_done_goes_back_to_the_desk_with_the_reason(wang: Clerk, ma: Phone) -> None:
    number, worker = said(wang.town, ma), grid_worker(wang.town, 3, "grid3")
    with wang.town.reading() as session:
        to = worker.member(session).id
    wang.sends(f"/console/matters/{number}/assign", to=to)
    worker.sends(f"/console/matters/{number}/say/back", words="这是电力公司的杆子")
    wang.opens("/console/matters?which=free")
    assert matter(wang.town).number in wang.words
    wang.opens(f"/console/matters/{number}")
    assert "电力公司" in wang.words
    assert "电力公司" not in ma.says("我说的事")


def test_the_same_thing_at_the_same_place_is_pointed_at(wang: Clerk, ma: Phone) -> None:
    first = said(wang.town, ma)
    neighbour = joined(wang.town, "王德福", "13900000002")
    second = said(wang.town, neighbour, "3号楼楼道黑得很,灯坏了")
    said(wang.town, neighbour, "2号楼的灯", where="东府佳苑2号楼")
    wang.opens(f"/console/matters/{second}")
    assert "可能是同一件事" in wang.words
    assert matter(wang.town, first).number in wang.words.partition("可能是同一件事")[2].partition("经过")[0]


def test_a_picture_is_shown_to_who_may_and_that_is_written_down(wang: Clerk, ma: Phone) -> None:
    number = said(wang.town, ma, photo=actions.clean_photo(picture()))
    photo = matter(wang.town).photos[0].id
    answer = wang.client.get(f"/console/matters/{number}/photos/{photo}")
    assert (answer.status_code, answer.content_type) == (200, "image/jpeg")
    other = said(wang.town, ma, "另一件事,井盖坏了")
    assert wang.opens(f"/console/matters/{other}/photos/{photo}").status_code == 404
    with wang.town.reading() as session:
        assert len(audited(session, "matters.see_photo")) == 1


def test_a_telephone_call_closes_it_or_opens_it_again(wang: Clerk, ma: Phone) -> None:
    number = said(wang.town, ma)
    wang.sends(f"/console/matters/{number}/say/finish", words="换好了")
    wang.sends(f"/console/matters/{number}/again", answer="no")
    assert matter(wang.town).state == "assigned"
    wang.sends(f"/console/matters/{number}/say/finish", words="又换了一个")
    wang.sends(f"/console/matters/{number}/again", answer="yes")
    assert matter(wang.town).state == "closed"
    wang.opens("/console/matters?which=ended")
    assert matter(wang.town).number in wang.words


def test_a_nameless_idea_shows_nobody(wang: Clerk, ma: Phone) -> None:
    ma.says("说事", "4", "楼门口装一个能坐的长凳", "跳过", "3", "1")
    wang.opens(f"/console/matters/{matter(wang.town).id}")
    assert "不留名" in wang.words
    assert "马秀兰" not in wang.words


def test_the_desk_takes_in_what_is_said_on_the_telephone(wang: Clerk) -> None:
    wang.sends("/console/matters/new", kind="报修", text=LAMP, where="东府佳苑3号楼", phone="139")
    assert "完整的手机号" in wang.words
    wang.sends(
        "/console/matters/new",
        follow=True,
        kind="报修",
        text=LAMP,
        where="东府佳苑3号楼",
        phone="13912345678",
    )
    one = matter(wang.town)
    assert f"请把受理号告诉居民:{one.number}" in wang.words
    assert (one.person_id, one.contact, one.channel) == (None, "named", "console")
    assert "收到了" in wang.town.phone("侄女").says("查说事", one.number, "5678")
    wang.sends(f"/console/matters/{one.id}/say/finish", words="灯换好了")
    assert sent(wang.town) == []
    assert clerk(wang.town, "grid", login="grid").opens("/console/matters/new").status_code == 403


def test_a_town_without_places_still_takes_matters(sqlite_town: Town) -> None:
    build(sqlite_town)
    sqlite_town.phone("路人").says("说事", "1", LAMP, "跳过", "1", "1")
    assert matter(sqlite_town).place_id is None
