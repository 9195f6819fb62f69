"""My information on pages: what is kept, until when, who looked; agree and take back, correct, copy, join, delete."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from handlers.appointments.jobs import WORDS_KEPT
from handlers.appointments.waiting_jobs import KEPT as WAITS_KEPT
from handlers.people import actions
from handlers.wishes.jobs import WORDS_KEPT as WISHES_KEPT
from models.identity import Person
from models.people import FORGET_AFTER, live_consents
from models.places import Place
from models.retention import PUSHES
from tests.neighbours import Phone, Town
from tests.pages.visitors import Visitor
from tests.staff.clerks import clerk

ROOT = Path(__file__).parents[2]


@pytest.fixture
def phone(sqlite_town: Town) -> Phone:
    return sqlite_town.phone("马秀兰")


@pytest.fixture
def ma(sqlite_town: Town, phone: Phone) -> Visitor:
    sqlite_town.seed("people")
    return Visitor(sqlite_town, phone)


@pytest.fixture
def joined(ma: Visitor) -> Visitor:
    ma.opens("/h5/me").taps("登记")
    return ma.presses("登记", name="马秀兰", phone="13900000001", service="1")


def me(town: Town, phone: Phone) -> tuple[str | None, str | None, str | None, set[str]]:
    with town.reading() as session:
        person = phone.person(session)
        agreed = {one.purpose for one in session.scalars(live_consents(person))}
        return person.name, person.phone, person.place.full_name if person.place else None, agreed


def test_a_newcomer_joins_with_a_tick_for_each_purpose_and_then_says_where(
    sqlite_town: Town, phone: Phone, ma: Visitor
) -> None:
    ma.opens("/h5/me").taps("登记")
    assert "checked" not in ma.page
    ma.presses("登记", name="马秀兰", phone="13900000001", service="1", notices="1")
    assert "登记好了" in ma.words
    ma.taps("纺织居委会").taps("东府佳苑").taps("3号楼").taps("2单元").presses("对,就住这里")
    assert "住处改好了" in ma.words
    assert me(sqlite_town, phone) == ("马秀兰", "13900000001", "东府佳苑3号楼2单元", {"service", "notices"})


def test_without_the_tick_nothing_is_kept_and_what_was_typed_stays(
    sqlite_town: Town, phone: Phone, ma: Visitor
) -> None:
    ma.opens("/h5/me/join").presses("登记", name="马秀兰", phone="13900000001")
    assert "请先勾上" in ma.words
    assert 'value="马秀兰"' in ma.page
    assert 'value="13900000001"' in ma.page
    assert me(sqlite_town, phone) == (None, None, None, set())


def test_name_phone_and_place_are_corrected(sqlite_town: Town, phone: Phone, joined: Visitor) -> None:
    joined.opens("/h5/me").taps("姓名:马秀兰").presses("改好了", name="买买提·艾力")
    assert "姓名改好了" in joined.words
    joined.taps("手机:").presses("改好了", phone="不告诉你")
    assert "手机号是11位数字" in joined.words
    joined.presses("改好了", phone="13900000009")
    joined.taps("住处:").taps("幸福居委会").taps("湖滨小区").presses("就填到湖滨小区")
    assert me(sqlite_town, phone)[:3] == ("买买提·艾力", "13900000009", "湖滨小区")
    joined.taps("住处:").presses("不留住处")
    assert me(sqlite_town, phone)[2] is None


def test_taking_a_consent_back_is_one_press_and_so_is_giving_it_again(
    sqlite_town: Town, phone: Phone, joined: Visitor
) -> None:
    joined.opens("/h5/me/consents").presses("撤回")
    assert "撤回了,“登记办事”马上停用" in joined.words
    assert me(sqlite_town, phone)[3] == set()
    joined.presses("重新同意")
    assert "您同意“登记办事”" in joined.words
    assert me(sqlite_town, phone)[3] == {"service"}


def test_notifications_are_switched_on_and_off_there(
    sqlite_town: Town, phone: Phone, joined: Visitor
) -> None:
    joined.sends("/h5/me/consents/notices/give", once="a")
    assert "notices" in me(sqlite_town, phone)[3]
    joined.sends("/h5/me/consents/notices/withdraw", once="b")
    assert "notices" not in me(sqlite_town, phone)[3]
    assert joined.sends("/h5/me/consents/everything/give", once="c").status == 404


def test_l06_everything_that_is_kept_is_read_and_taken_home(
    sqlite_town: Town, phone: Phone, joined: Visitor
) -> None:
    joined.opens("/h5/me").taps("我们留着您的什么")
    assert "马秀兰" in joined.words
    joined.taps("下载一份")
    copy = json.loads(joined.page)
    assert copy["登记信息"]["手机"] == "13900000001"


def test_who_looked_is_told_by_role_and_day_and_never_by_name(
    sqlite_town: Town, phone: Phone, joined: Visitor
) -> None:
    assert "没有工作人员看过" in joined.opens("/h5/me/looked").words
    reader = clerk(sqlite_town, "desk", name="李桂花")

    def look(session) -> None:  # type: ignore[no-untyped-def]
        from models.identity import Actor

        by = Actor(session, staff=reader.member(session), channel="console")
        actions.find_by_phone(by, "13900000001", purpose="check")

    sqlite_town.writing(look)
    joined.opens("/h5/me/looked")
    assert "窗口干事按电话查到,1次" in joined.words
    assert "李桂花" not in joined.words


def test_what_is_kept_until_when_is_what_the_jobs_do(sqlite_town: Town) -> None:
    page = Visitor(sqlite_town).opens("/h5/me/why")
    assert page.status == 200
    told = tomllib.loads((ROOT / "templates" / "people" / "keeping.toml").read_text("utf-8"))
    assert f"{FORGET_AFTER.days}天" in told["person"]["until"]
    assert timedelta(days=730) == WORDS_KEPT == WISHES_KEPT
    assert "2年" in told["appointments"]["until"]
    assert "2年" in told["wishes"]["until"]
    assert f"{WAITS_KEPT.days}天" in told["waits"]["until"]
    assert told["pushes"]["until"] == f"{PUSHES.days}天"


def test_deleting_says_what_goes_and_stays_takes_two_steps_and_signs_out(
    sqlite_town: Town, phone: Phone, joined: Visitor
) -> None:
    joined.opens("/h5/me").taps("删除我的信息")
    assert "按法律留下的" in joined.words
    joined.taps("下一步").presses("删除我的信息")
    assert "都删除了" in joined.words
    assert "/connect/oauth2" in joined.client.get("/h5/me").location
    with sqlite_town.reading() as session:
        gone = session.scalars(select(Person).where(Person.erased_at.is_not(None))).one()
        assert (gone.name, gone.phone) == (None, None)


def test_a_press_signs_this_browser_out(joined: Visitor) -> None:
    joined.opens("/h5/me").presses("不是我的手机,退出")
    assert "/connect/oauth2" in joined.client.get("/h5/me").location


def test_digits_of_another_wechat_make_two_records_one_and_can_be_parted(
    sqlite_town: Town, joined: Visitor
) -> None:
    other = Visitor(sqlite_town, sqlite_town.phone("马秀兰的平板"))
    other.opens("/h5/me/link").presses("在这里显示6位数字")
    code = re.search(r"\b\d{6}\b", other.words)
    assert code is not None
    joined.opens("/h5/me/link").presses("合成一个", code="000000" if code[0] != "000000" else "111111")
    assert "看得到您的全部信息" in joined.words
    joined.presses("是我自己的,合成")
    assert "这个码不对" in joined.words
    joined.presses("合成一个", code=code[0])
    assert "您还没登记" in other.opens("/h5/me").words
    joined.presses("是我自己的,合成")
    assert "合成一个了" in joined.words
    assert "姓名:马秀兰" in other.opens("/h5/me").words
    joined.presses("不对,分开")
    assert "分开了" in joined.words
    assert "您还没登记" in other.opens("/h5/me").words


def test_five_wrong_digits_and_one_must_wait(joined: Visitor) -> None:
    for turn in range(5):
        joined.sends("/h5/me/link", once=f"{turn}", code="123456", sure="yes")
    assert joined.sends("/h5/me/link", once="5", code="123456", sure="yes").status == 409
    assert "请过5分钟再试" in joined.words


def test_a_place_that_is_none_is_not_there(joined: Visitor) -> None:
    for number in ("99999", "x", "9" * 30):
        assert joined.opens(f"/h5/me/place?inside={number}").status == 404
        assert joined.sends("/h5/me/place", once=number, place=number).status == 404


def test_places_are_the_towns_own(sqlite_town: Town, joined: Visitor) -> None:
    with sqlite_town.reading() as session:
        names = set(session.scalars(select(Place.name).where(Place.kind == "committee")))
    joined.opens("/h5/me/place")
    assert all(joined.offers(name) for name in names)
