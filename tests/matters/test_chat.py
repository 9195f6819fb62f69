"""Saying something in chat: kind, words, place, name, yes; a picture first; what must not be kept here."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from handlers.matters import actions
from models.audit import AuditLine
from models.confidential import ConfidentialMatter
from models.conversation import Conversation
from models.matters import Matter, MatterPhoto
from models.receipts import receipt_in
from tests.matters.conftest import LAMP, count, does, given, joined, matter, said, sent, sound
from tests.neighbours import Phone, Town

PICTURE = {"PicUrl": "http://mmbiz/1", "MediaId": "media-1"}


def test_a_lamp_is_reported_in_five_answers_and_has_a_number_at_once(sqlite_town: Town, ma: Phone) -> None:
    assert "1 报修" in ma.says("说事反映")
    assert "什么事" in ma.says("1")
    assert "就在东府佳苑3号楼,回复 1" in ma.says(LAMP)
    assert "只给工作人员看" in ma.says("1")
    read_back = ma.says("1")
    assert LAMP in read_back
    assert "地方:东府佳苑3号楼" in read_back
    assert "最晚11月25日(星期三)" in read_back
    answer = ma.says("1")
    one = matter(sqlite_town)
    assert f"受理号 {one.number}" in answer
    assert receipt_in(one.number) == one.receipt
    assert (one.kind, one.contact, one.state) == ("报修", "confidential", "received")
    assert (one.text, str(one.due)) == (LAMP, "2026-11-25")
    assert one.place is not None
    assert one.place.full_name == "东府佳苑3号楼"
    assert one.grid_id is not None
    assert sound(sqlite_town)


def test_the_trouble_itself_says_which_kind_it_is_and_so_does_a_chat_word(ma: Phone) -> None:
    assert "什么事" in ma.says("说事", "路灯坏了")
    assert ma.says("物业费乱收,问了没人理", "跳过", "1").startswith("报修:")
    assert "什么事" in ma.says("投诉")
    assert ma.says("物业费乱收,问了没人理", "跳过").startswith("投诉:")


def test_a_place_in_words_is_found_and_an_unknown_one_is_kept_as_it_was_said(
    sqlite_town: Town, ma: Phone
) -> None:
    ma.says("说事", "1", LAMP, "东府佳苑2号楼门口", "2", "1")
    found = matter(sqlite_town)
    assert (found.where, found.contact) == ("东府佳苑2号楼门口", "named")
    assert found.place is not None
    assert found.place.full_name == "东府佳苑2号楼"
    ma.says("说事", "3", "河边有人倒建筑垃圾,没人管", "湟水河桥下", "1", "1")
    with sqlite_town.reading() as session:
        last = session.scalars(select(Matter).order_by(Matter.id.desc())).first()
        assert last is not None
        assert (last.place_id, last.where, str(last.due)) == (None, "湟水河桥下", "2026-12-07")


def test_an_idea_may_be_told_without_a_name_and_leads_to_nobody(sqlite_town: Town, ma: Phone) -> None:
    assert "3 不留名" in ma.says("说事", "4", "楼门口装一个能坐的长凳", "跳过")
    assert "收不回来" in ma.says("3")
    answer = ma.says("1")
    one = matter(sqlite_town)
    assert (one.contact, one.person_id, one.phone) == ("anonymous", None, None)
    with sqlite_town.reading() as session:
        lines = session.scalars(select(AuditLine).where(AuditLine.action == "matters.report")).all()
        assert [line.actor for line in lines] == ["house"]
        assert session.scalars(select(Conversation.done)).all() == [None], (
            "nothing to undo leads there either"
        )
    number, code = one.number, re.search(r"查询码 (\d{4})", answer)
    assert code is not None
    stranger = sqlite_town.phone("路人")
    assert "收到了" in stranger.says("查说事", number, code[1])
    assert "没有可以撤销的" in ma.says("撤销")
    assert "还没有说过事" in ma.says("我说的事")
    assert sound(sqlite_town)


def test_a_repair_needs_somebody_to_come_back_to(sqlite_town: Town, ma: Phone) -> None:
    assert "不留名" not in ma.says("说事", "1", LAMP, "1")


def test_what_was_said_by_mistake_is_taken_back(sqlite_town: Town, ma: Phone) -> None:
    ma.says("说事", "1", LAMP, "1", "1", "1")
    assert "不办了" in ma.says("撤销")
    assert matter(sqlite_town).state == "withdrawn"


def test_a_picture_and_a_few_words_are_a_draft_with_two_questions(sqlite_town: Town, ma: Phone) -> None:
    assert "3 放到我说的事里" in ma.sends("image", **PICTURE)
    assert "什么地方" in ma.says("楼下垃圾没人收")
    assert "照片一起交" in ma.says("1")
    assert "受理号" in ma.says("1")
    one = matter(sqlite_town)
    assert (one.kind, one.text, one.contact) == ("报修", "楼下垃圾没人收", "confidential")
    assert [photo.media_id for photo in one.photos] == ["media-1"]


def test_rubbish_at_the_river_under_a_picture_is_a_matter_and_not_a_leaflet(
    sqlite_town: Town, ma: Phone
) -> None:
    ma.sends("image", **PICTURE)
    assert "什么地方" in ma.says("河边有垃圾")


def test_a_picture_sent_afterwards_is_put_to_what_was_said(sqlite_town: Town, ma: Phone) -> None:
    said(sqlite_town, ma)
    ma.sends("image", **PICTURE)
    assert "这张照片放到哪里" in ma.says("3")
    assert "照片放到" in ma.says("1")
    assert count(sqlite_town, MatterPhoto) == 1
    ma.sends("image", **PICTURE)
    assert "请说说是什么事" in ma.says("3", "2")


def test_a_picture_for_the_staff_still_goes_to_the_staff(sqlite_town: Town, ma: Phone) -> None:
    ma.sends("image", **PICTURE)
    assert "已经交给工作人员" in ma.says("1")
    assert "什么地方" not in ma.says("垃圾没人收")


def test_a_question_under_a_picture_is_a_question(sqlite_town: Town, ma: Phone) -> None:
    ma.sends("image", **PICTURE)
    assert "什么地方" not in ma.says("路灯坏了找谁,电话多少?")


def test_a_broken_lamp_in_passing_is_a_digit_away_from_being_said(sqlite_town: Town, ma: Phone) -> None:
    assert "有受理号" in ma.says("我们单元楼道灯坏了好几天")
    assert "什么地方" in ma.says("1")
    ma.says("1", "1")
    assert matter(sqlite_town).text == "我们单元楼道灯坏了好几天"


@pytest.mark.parametrize(
    "words", ["我要举报王主任收钱办事", "社区书记贪污了修路的钱", "我要上访", "网格员收礼才给办事"]
)
def test_accusations_are_not_kept_and_the_right_number_is_told(
    sqlite_town: Town, ma: Phone, words: str
) -> None:
    heard = ma.says("说事", "3", words)
    assert "12345" in heard
    assert "12388" in heard
    ma.says("取消", "1")
    assert count(sqlite_town) == 0
    with sqlite_town.reading() as session:
        assert words.encode() not in session.connection().connection.dbapi_connection.serialize()  # type: ignore[union-attr]


def test_a_complaint_that_names_one_of_the_staff_goes_past_them(sqlite_town: Town, ma: Phone) -> None:
    assert "12345" in ma.says("说事", "3", "网格员3态度不好,叫了三次不来")
    ma.says("取消", "1")
    assert "什么地方" in ma.says("说事", "4", "网格员3很好,建议表扬一下")


def test_a_cry_for_help_goes_the_confidential_way_and_nowhere_else(sqlite_town: Town, ma: Phone) -> None:
    ma.says("说事", "2")
    assert "12356" in ma.says("我不想活了")
    assert count(sqlite_town) == 0
    with sqlite_town.site.confidential.reading() as session:
        assert len(session.scalars(select(ConfidentialMatter)).all()) == 1


def test_an_identity_number_is_covered_before_it_is_kept(sqlite_town: Town, ma: Phone) -> None:
    ma.says("说事", "2", "想申请低保,我身份证是632123199001011234,请帮忙", "1", "1", "1")
    assert "632123199001011234" not in (matter(sqlite_town).text or "")


# ---- mine --------------------------------------------------------------------------------------------------------


def test_each_step_is_told_and_the_last_word_is_the_residents(sqlite_town: Town, ma: Phone) -> None:
    number = said(sqlite_town, ma)
    given(sqlite_town, number)
    does(sqlite_town, actions.begin, number)
    assert "正在办" in ma.says("我说的事")
    does(sqlite_town, actions.finish, number, "灯换好了,昨晚亮了")
    card = ma.says("我说的事")
    assert "灯换好了" in card
    assert "又办起来了" in ma.says("2", "还是不亮")
    again = matter(sqlite_town)
    assert (again.state, again.opened_again) == ("assigned", 1)
    assert sent(sqlite_town) == ["matters.assigned", "matters.working", "matters.done"]
    does(sqlite_town, actions.finish, number, "灯泡和开关都换了")
    assert "办完了" in ma.says("解决了", "1")
    assert matter(sqlite_town).state == "closed"
    assert "哪一件没解决" in ma.says("没解决"), "what broke again is the same matter"
    assert sound(sqlite_town)


def test_what_is_not_needed_any_more_is_taken_back(sqlite_town: Town, ma: Phone) -> None:
    said(sqlite_town, ma)
    assert "不用办了" in ma.says("我说的事", "1")
    assert "不办了" in ma.says("1")
    assert matter(sqlite_town).state == "withdrawn"


def test_a_neighbour_finds_nothing_of_mine(sqlite_town: Town, ma: Phone) -> None:
    said(sqlite_town, ma)
    stranger = joined(sqlite_town, "路人", "13900000009")
    assert "还没有说过事" in stranger.says("我说的事")
    assert "没找到" in stranger.says("查说事", matter(sqlite_town).number, "0009")


def test_numbers_are_not_to_be_tried_out(sqlite_town: Town, ma: Phone) -> None:
    said(sqlite_town, ma)
    stranger, number = sqlite_town.phone("路人"), matter(sqlite_town).number
    for tail in range(10, 15):
        stranger.says("查说事", number, f"{tail:04d}")
    assert "过15分钟再查" in stranger.says("查说事", number, "0001")
    assert "收到了" in ma.says("查说事", number, "0001")


def test_a_misheard_number_is_no_number(sqlite_town: Town, ma: Phone) -> None:
    said(sqlite_town, ma)
    receipt = matter(sqlite_town).receipt
    wrong = receipt[:-1] + str((int(receipt[-1]) + 1) % 10)
    assert "受理号不对" in ma.says("查说事", wrong)
