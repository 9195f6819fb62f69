"""Residents at the console: found by one box, covered in lists, every look written down with its purpose."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.identity import Person
from models.people import residents_with_phone, views_of
from models.places import Grid
from models.staff import StaffMember
from tests.neighbours import Town
from tests.staff.clerks import Clerk, audited, clerk

PHONE = "13900000001"  # 马秀兰's, invented


@pytest.fixture
def town_with_people(sqlite_town: Town) -> Town:
    sqlite_town.seed("people")
    return sqlite_town


@pytest.fixture
def wang(town_with_people: Town) -> Clerk:
    return clerk(town_with_people, "desk")


def number_of(town: Town, name: str) -> int:
    with town.reading() as session:
        return next(one.id for one in session.scalars(select(Person)) if one.name == name)


def grid_worker(town: Town, grid: str) -> Clerk:
    made = clerk(town, "grid", login="grid-worker", name="才让措")

    def unit(session: Session) -> None:
        member = session.scalars(select(StaffMember).where(StaffMember.login == "grid-worker")).one()
        member.grid_id = session.scalars(select(Grid.id).where(Grid.name == grid)).one()

    town.writing(unit)
    return made


def finds(who: Clerk, words: str, **more: object) -> str:
    who.sends("/console/residents", **{"words": words, "tag": 0, "purpose": "check", **more})
    return who.words


@pytest.mark.parametrize(
    ("words", "how", "covered"),
    [
        ("139 0000 0001", "手机号", "马*兰"),
        ("0001", "手机后四位", "马*兰"),
        ("马秀兰", "姓名", "马*兰"),
        ("秀兰", "姓名", "马*兰"),
        ("卓玛", "姓名", "才*"),
        ("买买提·艾力", "姓名", "买*·*"),
        ("东府佳苑3号楼2单元", "住处", "马*兰"),
        ("东府佳苑3号楼2单元301", "门牌", "马*国"),
        ("1户", "户号", "马*娟"),
    ],
)
def test_one_box_finds_by_phone_tail_name_place_door_and_household(
    wang: Clerk, words: str, how: str, covered: str
) -> None:
    told = finds(wang, words)
    assert how in told
    assert covered in told
    assert "马秀兰" not in wang.page.replace(f'value="{words}"', "")
    assert PHONE not in wang.page
    with wang.town.reading() as session:
        line = audited(session, "people.search")[-1]
        assert line.facts["found"] >= 1
        assert words not in str(line.facts)


@pytest.mark.parametrize("words", ["马", "1390000", "%", "' OR 1=1 --", "13999999999", "张不在", "99999户"])
def test_less_than_that_finds_nobody_and_is_written_down(wang: Clerk, words: str) -> None:
    assert "没有查到" in finds(wang, words)
    with wang.town.reading() as session:
        assert audited(session, "people.look_up")[-1].facts["found"] == 0


def test_a_long_list_is_paged_and_counted(wang: Clerk) -> None:
    first = finds(wang, "纺织居委会")
    total = int(first.partition("查到 ")[2].partition(" 位")[0])
    assert total > 10
    assert "下一页" not in first
    whole = finds(wang, "", tag=0)
    assert "查到" not in whole


def test_a_tag_finds_whoever_wears_it(wang: Clerk) -> None:
    wang.opens("/console/residents")
    number = wang.page.partition(">巡逻队<")[0].rpartition('value="')[2].partition('"')[0]
    assert "查到 3 位" in finds(wang, "", tag=number)


def test_opening_a_card_is_seen_by_the_resident(wang: Clerk) -> None:
    with wang.town.reading() as session:
        number = session.scalars(residents_with_phone(PHONE)).one().id
    wang.sends(f"/console/residents/{number}", purpose="visit")
    assert PHONE in wang.page
    assert "用途:上门走访" in wang.words
    assert "第1户" in wang.words
    with wang.town.reading() as session:
        person = session.get_one(Person, number)
        assert [line.action for line in session.scalars(views_of(person))] == ["people.view"]
        assert audited(session, "people.look_up")[-1].facts == {"purpose": "visit"}


def test_a_link_or_a_reload_never_opens_a_card(wang: Clerk) -> None:
    wang.opens("/console/residents/1")
    assert "为什么看" in wang.words
    assert "马秀兰" not in wang.page
    with wang.town.reading() as session:
        assert not session.scalars(views_of(session.get_one(Person, 1))).all()
    assert wang.opens("/console/residents/9999").status_code == 404


def test_an_invented_purpose_is_written_down_as_a_check(wang: Clerk) -> None:
    wang.sends("/console/residents/1", purpose="<b>neugier</b>")
    with wang.town.reading() as session:
        assert audited(session, "people.look_up")[-1].facts == {"purpose": "check"}


def test_b14_a_grid_worker_finds_and_opens_only_their_own_grid(town_with_people: Town) -> None:
    worker = grid_worker(town_with_people, "幸福第一网格")
    own, foreign = number_of(town_with_people, "才让卓玛"), number_of(town_with_people, "马秀兰")
    assert "才*" in finds(worker, "才让卓玛")
    assert "没有查到" in finds(worker, "马秀兰")
    assert worker.sends(f"/console/residents/{own}", purpose="visit").status_code == 200
    assert worker.sends(f"/console/residents/{foreign}", purpose="visit").status_code == 404
    for act in ("correct", "consent", "take-back", "tag", "untag", "tie", "untie", "fact", "fact/open"):
        worker.sends(
            f"/console/residents/{foreign}/{act}", purpose="visit", reason="想看看他家", kind="birth"
        )
        assert "马秀兰" not in worker.page, act
    with town_with_people.reading() as session:
        assert not session.scalars(views_of(session.get_one(Person, foreign))).all()


def test_b14_the_childrens_specialist_opens_only_children_with_a_guardian(town_with_people: Town) -> None:
    specialist = clerk(town_with_people, "children", login="children")
    child, other = number_of(town_with_people, "古丽·艾力"), number_of(town_with_people, "马秀兰")
    assert specialist.sends(f"/console/residents/{child}", purpose="check").status_code == 200
    assert "您是监护人" not in specialist.page
    assert "监护人是买买提·艾力" in specialist.words
    assert specialist.sends(f"/console/residents/{other}", purpose="check").status_code == 404
    assert specialist.opens(f"/console/residents/{other}").status_code == 404


def test_somebody_without_wechat_is_registered_at_the_counter(wang: Clerk) -> None:
    wang.sends("/console/residents/new", name="赵淑英", phone="13911112222")
    assert "没有本人同意不能登记" in wang.words
    wang.sends("/console/residents/new", name="赵淑英", phone="12345", agreed="y")
    assert "alert-danger" in wang.page
    wang.sends("/console/residents/new", name="赵淑英", phone="13911112222", agreed="y", follow=True)
    assert "登记好了" in wang.words
    assert "赵*英" in finds(wang, "13911112222")
    wang.sends("/console/residents/new", name="赵淑英", phone="139 1111 2222", agreed="y", follow=True)
    assert "已经登记过了" in wang.words, "a button that is pressed twice makes no second record"
    wang.sends("/console/residents/new", name="赵淑兰", phone="13911112222", agreed="y", follow=True)
    assert "登记好了" in wang.words, "a family may share its number"
