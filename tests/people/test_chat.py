"""People as residents meet them: the first minute, and joining."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from models.people import Consent, live_consents
from tests.neighbours import Phone, Town, frozen
from tests.people.homes import place_named

JOINING = ("登记", "1", "2", "陈玉兰", "139 0000 0099")


@pytest.fixture
def home(sqlite_town: Town) -> Town:
    sqlite_town.seed("people", "programmes")
    return sqlite_town


@pytest.fixture
def phone(home: Town) -> Phone:
    return home.phone("陈玉兰")


@pytest.fixture
def joined(phone: Phone) -> Phone:
    assert "登记好了" in phone.says(*JOINING, "跳过", "1")
    return phone


def door_of(home: Town, *names: str) -> str:
    with home.reading() as session:
        return f"door:{place_named(session, *names).id}"


# ---- the first minute ----------------------------------------------------------------------------------------------


def test_following_is_answered_with_digits_that_work(phone: Phone) -> None:
    welcome = phone.follows()
    digit = re.search(r"^(\d) 登记$", welcome, re.MULTILINE)
    assert digit is not None
    assert "0971-8170000" in welcome
    assert len(welcome) <= 120
    assert "您同意吗" in phone.says(digit[1])


def test_a_door_code_is_remembered_as_a_suggestion_when_joining(home: Town, phone: Phone) -> None:
    assert "东府佳苑3号楼" in phone.follows(door_of(home, "东府佳苑", "3号楼"))
    assert "您住在东府佳苑3号楼吗" in phone.says(*JOINING)
    assert "东府佳苑3号楼2单元" in phone.says("是", "2")
    phone.says("1")
    assert "李桂花" in phone.says("网格员")


def test_a_door_code_is_no_address(home: Town, phone: Phone) -> None:
    phone.follows(door_of(home, "东府佳苑", "3号楼"))
    with home.reading() as session:
        assert phone.person(session).place is None
    assert "哪个居委会" in phone.says(*JOINING, "不是")


def test_a_door_code_of_nobody_says_so_on_either_database(town: Town) -> None:
    phone = town.phone("马秀兰")
    for key in ("99999", "x", "", "²", "9" * 10, "9" * 30):
        assert "这个码不认识" in phone.scans(f"door:{key}")


def test_who_comes_back_is_welcomed_back(phone: Phone) -> None:
    with frozen("2026-11-23 09:00") as wall:
        assert "您回来了" not in phone.follows()
        wall.shift(timedelta(minutes=1))
        phone.unfollows()
        wall.shift(timedelta(minutes=1))
        assert "您回来了" in phone.follows()


def test_who_had_joined_is_told_that_their_information_is_still_here(joined: Phone) -> None:
    joined.unfollows()
    back = joined.follows()
    assert "欢迎回来" in back
    assert "您登记的信息还在" in back


@pytest.mark.parametrize("word", ["菜单", "首页", "帮助", "?", "？", "help"])
def test_the_menu_comes_in_any_state_and_its_digits_lead_on(phone: Phone, word: str) -> None:
    phone.says(*JOINING[:3])
    menu = phone.says(word)
    assert len([line for line in menu.splitlines() if line]) <= 9
    number = re.search(r"(\d) 我的信息", menu)
    assert number is not None
    assert "您还没登记" in phone.says(number[1])
    assert "怎么称呼" in phone.says("接着")


# ---- joining ---------------------------------------------------------------------------------------------------------


def test_joining_asks_consent_first_and_reads_everything_back(home: Town, phone: Phone) -> None:
    assert "您的名字、手机和住处" in phone.says("登记")
    assert "我们发消息告诉您" in phone.says("同意")
    assert "怎么称呼" in phone.says("不同意")
    assert "手机号是多少" in phone.says("我叫陈玉兰")
    assert "哪个居委会" in phone.says("13900000099")
    assert "湖滨小区的哪栋楼" in phone.says("湖滨小区")
    assert "哪个单元" in phone.says("4号楼")
    read_back = phone.says("3")
    for fact in ("陈玉兰", "13900000099", "湖滨小区4号楼3单元"):
        assert fact in read_back
    assert "登记好了" in phone.says("对")
    with home.reading() as session:
        person = phone.person(session)
        assert person.place.full_name == "湖滨小区4号楼3单元"
        assert [consent.purpose for consent in session.scalars(live_consents(person))] == ["service"]


def test_before_the_last_yes_nothing_is_kept(home: Town, phone: Phone) -> None:
    phone.says(*JOINING, "跳过")
    with home.reading() as session:
        assert phone.person(session).name is None
        assert (
            session.scalars(select(Consent).where(Consent.person_id == phone.person(session).id)).all() == []
        )


def test_refusing_ends_the_talk_and_blocks_nothing_else(home: Town, phone: Phone) -> None:
    assert "看通知、问事情、找工作人员都照常" in phone.says("登记", "2")
    assert "您想办什么" in phone.says("菜单")
    with home.reading() as session:
        assert phone.person(session).joined_at is None


def test_the_place_may_be_left_out_at_every_step(phone: Phone) -> None:
    assert "住纺织居委会" in phone.says(*JOINING, "纺织居委会", "跳过")
    assert "住东府佳苑。" in phone.says("2", "6", "东府佳苑", "不填")


def test_a_building_on_a_later_page_is_found_by_its_name(phone: Phone) -> None:
    phone.says(*JOINING, "东府佳苑")
    assert "东府佳苑6号楼的哪个单元" in phone.says("6号楼")


@pytest.mark.parametrize(
    ("said", "home_of"),
    [
        ("湖滨小区2号楼1单元301", "湖滨小区2号楼1单元"),
        ("我住湖滨小区4号楼3单元", "湖滨小区4号楼3单元"),
    ],
)
def test_a_whole_address_is_asked_nothing_more(phone: Phone, said: str, home_of: str) -> None:
    assert f"住{home_of}。" in phone.says(*JOINING, said)


def test_an_estate_and_its_building_in_one_breath_leave_the_unit(phone: Phone) -> None:
    assert "东府佳苑3号楼的哪个单元" in phone.says(*JOINING, "纺织居委会", "东府佳苑3号楼")
    assert "东府佳苑的哪栋楼" in phone.says("重来", "1", "1", "陈玉兰", "13900000099", "东府佳苑13号楼")


def test_digits_that_are_no_phone_are_asked_again(phone: Phone) -> None:
    assert "没找到手机号" in phone.says("登记", "1", "1", "陈玉兰", "1390000009")


def test_a_typed_phone_joins_nobody(home: Town) -> None:
    stranger = home.phone("冒名的人")
    stranger.says("登记", "1", "1", "陈玉兰", "13900000001", "跳过", "1")
    with home.reading() as session:
        assert stranger.person(session).name == "陈玉兰"
    assert "马秀兰" not in stranger.says("我的全部信息")


def test_joining_can_be_taken_back_for_ten_minutes(home: Town, joined: Phone) -> None:
    assert "您填的都删掉了" in joined.says("撤销")
    with home.reading() as session:
        person = joined.person(session)
        assert (person.name, person.phone, person.joined_at) == (None, None, None)
        assert session.scalars(live_consents(person)).all() == []


def test_joining_twice_says_so_and_cannot_be_undone_by_accident(home: Town, joined: Phone) -> None:
    with frozen("2027-01-04 10:00"):
        assert "已经登记过了" in joined.says("登记")
        assert "没有可以撤销的" in joined.says("撤销")
    with home.reading() as session:
        assert joined.person(session).name == "陈玉兰"


def test_a_new_policy_text_asks_only_for_consent_again(home: Town, joined: Phone) -> None:
    def older(session) -> None:  # type: ignore[no-untyped-def]
        session.scalars(live_consents(joined.person(session))).one().version = 0

    home.writing(older)
    assert "记下了" in joined.says("登记", "1", "1")
    with home.reading() as session:
        person = joined.person(session)
        assert {consent.version for consent in session.scalars(live_consents(person))} == {1}


# ---- the edges ---------------------------------------------------------------------------------------------------------


def test_a_greeting_is_answered_with_digits(phone: Phone) -> None:
    assert re.search(r"^\d 登记$", phone.says("你好"), re.MULTILINE)


@pytest.mark.parametrize("word", ["我的", "我的东西"])
def test_who_asks_for_what_is_theirs_chooses_which(phone: Phone, word: str) -> None:
    assert "5 我的信息" in phone.says(word)
    assert "没有预约" in phone.says("1")


@pytest.mark.parametrize("word", ["改姓名", "改手机", "改住处"])
def test_who_has_not_joined_is_led_to_joining(phone: Phone, word: str) -> None:
    assert "您还没登记" in phone.says(word)
    assert "您同意吗" in phone.says("1")


def test_an_end_that_did_nothing_leaves_nothing_to_undo(phone: Phone) -> None:
    phone.says("改姓名")
    assert "没有可以撤销的" in phone.says("撤销")


def test_without_a_home_there_is_no_grid_worker_yet(home: Town, joined: Phone) -> None:
    assert "改住处" in joined.says("网格员")
    assert "登记" in home.phone("生人").says("网格员")


def test_saying_no_to_a_consent_says_what_does_not_work(phone: Phone) -> None:
    phone.says("隐私")
    assert "不能签到记时长" in phone.says("3", "不同意")


def test_a_consent_just_given_can_be_taken_back_by_undo(joined: Phone) -> None:
    joined.says("隐私", "2", "同意")
    assert "“收通知”马上停用" in joined.says("撤销")
    assert "同意时间" not in joined.says("我的全部信息")


def test_the_service_needs_joining_not_just_a_yes(phone: Phone) -> None:
    phone.says("隐私")
    assert "您还没登记" in phone.says("1")


def test_words_that_steer_are_taken_for_no_name(phone: Phone) -> None:
    assert "怎么称呼" in phone.says("登记", "1", "1", "更多")


def test_a_phone_corrected_by_mistake_comes_back(home: Town, joined: Phone) -> None:
    assert "手机改成13900000099" in joined.says("改手机", "13900000055", "撤销")


def test_only_six_digits_are_a_code(phone: Phone) -> None:
    assert "6位数字" in phone.says("关联手机", "12345")


def test_a_door_scanned_again_replaces_the_first(home: Town, phone: Phone) -> None:
    phone.follows(door_of(home, "东府佳苑", "3号楼"))
    phone.scans(door_of(home, "湖滨小区", "1号楼"))
    assert "您住在湖滨小区1号楼吗" in phone.says(*JOINING)
    assert "哪个居委会" in phone.says("不是的", "不对")
