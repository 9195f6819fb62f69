"""My information as residents meet it: see, correct, agree, take back, link, delete."""

from __future__ import annotations

import re

import pytest

from handlers.people import actions
from models.audit import AuditLine
from models.people import live_consents
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


# ---- my information --------------------------------------------------------------------------------------------------


def test_my_information_is_masked_and_the_copy_is_not(joined: Phone) -> None:
    card = joined.says("我的信息")
    assert "陈*兰,手机139****0099" in card
    assert "陈玉兰" not in card
    assert "13900000099" in joined.says("4")


def test_a_name_a_phone_and_a_place_are_corrected_and_taken_back(home: Town, joined: Phone) -> None:
    assert "姓名改成陈玉芳" in joined.says("我的信息", "1", "陈玉芳")
    assert "姓名改成陈玉兰" in joined.says("撤销")
    assert "手机改成13900000055" in joined.says("改手机", "13900000055")
    assert "住处改成湖滨小区1号楼" in joined.says("改住处", "2", "湖滨小区", "1", "跳过", "1")
    assert "住处不留了" in joined.says("撤销")
    with home.reading() as session:
        person = joined.person(session)
        assert (person.name, person.phone, person.place) == ("陈玉兰", "13900000055", None)


def test_who_looked_is_told_by_day(home: Town, joined: Phone) -> None:
    assert "没有工作人员看过" in joined.says("谁看过")

    def look(session) -> None:  # type: ignore[no-untyped-def]
        session.add(AuditLine(actor="staff:1", channel="console", action="people.view", object_kind="person",
                              object_id=str(joined.person(session).id)))  # fmt: skip

    with frozen("2026-11-23 09:00"):
        home.writing(look)
    assert "11月23日(星期一) 看资料1次" in joined.says("谁看过")


def test_a_consent_is_taken_back_in_two_messages_and_restored_by_one_word(home: Town, joined: Phone) -> None:
    assert "1 登记办事:已同意" in joined.says("隐私")
    assert "马上停用" in joined.says("1")
    with home.reading() as session:
        assert session.scalars(live_consents(joined.person(session))).all() == []
    assert "您同意“登记办事”" in joined.says("撤销")
    assert "已经同意" in joined.says("1")
    with home.reading() as session:
        assert len(session.scalars(live_consents(joined.person(session))).all()) == 1


def test_a_consent_is_given_only_after_its_text_was_read(joined: Phone) -> None:
    assert "收通知:没同意" in joined.says("隐私")
    assert "我们发消息告诉您" in joined.says("2")
    assert "您同意“收通知”" in joined.says("同意")
    assert "收通知:已同意" in joined.says("隐私")
    assert "“收通知”马上停用" in joined.says("不再通知我")


@pytest.mark.parametrize(
    "words", ["别发了", "不收通知", "不想收通知", "不要发消息", "别再给我发通知了", "全部退订", "TD"]
)
def test_who_wants_no_more_messages_says_it_as_it_comes(joined: Phone, words: str) -> None:
    told = joined.says(words)
    assert "“收通知”马上停用" in told or "“收通知”马上停用" in joined.says("1"), told


def test_a_consent_taken_back_is_given_again_by_two_messages_with_its_text_in_sight(joined: Phone) -> None:
    joined.says("隐私", "1")
    card = joined.says("隐私")
    assert "1 登记办事:撤回了。我们记下您的名字、手机和住处" in card
    assert "重新同意,回复 1" in card
    assert len(card) <= 300
    assert "您同意“登记办事”" in joined.says("1")
    assert "1 登记办事:已同意" in joined.says("隐私")


def test_who_takes_a_consent_back_by_mistake_reads_it_again_and_restores_it(joined: Phone) -> None:
    answer = joined.says("隐私", "1")
    assert "我们记下您的名字、手机和住处" in answer
    assert "您同意“登记办事”" in joined.says("1")
    assert "马上停用" in joined.says("撤销")


def test_with_everything_taken_back_the_card_is_still_a_card(joined: Phone) -> None:
    for digit in ("2", "3"):
        joined.says("隐私", digit, "同意")
    for digit in ("1", "2", "3"):
        joined.says("隐私", digit)
    card = joined.says("隐私")
    assert card.count("撤回了") == 3
    assert len(card) <= 300


def test_deleting_reads_out_what_goes_and_what_stays_then_forgets(home: Town, joined: Phone) -> None:
    joined.says("改手机")
    sentence = joined.says("删除信息")
    assert "找不回来" in sentence
    assert "按法律留着" in sentence
    done = joined.says("1")
    assert "都删除了" in done
    assert "改手机" not in done
    assert "我们没有您的姓名和手机" in joined.says("我的信息")
    assert "没有可以撤销的" in joined.says("撤销")


def test_saying_no_to_deletion_keeps_everything(home: Town, joined: Phone) -> None:
    joined.says("删除信息", "0")
    with home.reading() as session:
        assert joined.person(session).name == "陈玉兰"


def test_a_stranger_sees_nothing_of_a_neighbour(home: Town, joined: Phone) -> None:
    stranger = home.phone("陌生人")
    heard = "".join(
        stranger.says(word) for word in ("我的信息", "我的全部信息", "谁看过", "隐私", "取消关联")
    )
    assert "陈" not in heard
    assert "0099" not in heard


# ---- joining two records -----------------------------------------------------------------------------------------------


def test_six_digits_join_two_records_only_while_they_are_asked_for(home: Town, joined: Phone) -> None:
    other = home.phone("另一个号")
    code = re.search(r"\d{6}", joined.says("关联"))
    assert code is not None
    assert "关联好了" not in other.says(code[0])
    assert "请输入" in other.says("关联手机")
    asked = other.says(code[0])
    assert "看得到您的全部信息" in asked
    assert "别人让您输的,千万别点头" in asked
    assert "关联好了" in other.says("1")
    assert "陈*兰" in other.says("我的信息")
    assert "两边分开了" in other.says("取消关联", "1", "1")
    assert "您还没登记" in other.says("我的信息")


def test_b25_who_was_talked_into_typing_digits_can_still_say_no(home: Town, joined: Phone) -> None:
    stranger = home.phone("骗子")
    code = re.search(r"\d{6}", stranger.says("关联"))
    assert code is not None
    joined.says("关联手机", code[0], "0")
    assert "陈*兰" in joined.says("我的信息")
    assert "您还没登记" in stranger.says("我的信息")


def test_a_wrong_code_is_counted_and_the_sixth_is_refused(home: Town, joined: Phone) -> None:
    other = home.phone("猜码的人")
    for _ in range(5):
        assert "这个码不对" in other.says("关联手机", "000000", "1")
    assert "输错了5次" in other.says("关联手机", "000000", "1")


def test_a_code_shown_by_an_action_fits_the_chat(home: Town, joined: Phone) -> None:
    mini = home.phone("小程序")
    code = home.writing(lambda s: actions.issue_link_code(mini.actor(s)))
    assert "关联好了" in joined.says("关联手机", f"{code[:3]} {code[3:]}", "1")
