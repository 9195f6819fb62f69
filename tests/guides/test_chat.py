"""Matters in chat: from anywhere in any words, by topic, asked back when unsure, and booked with the next digit."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from handlers.guides import actions
from handlers.guides.loading import install
from models.guide_misses import GuideMiss
from models.guides import GuideCard, GuideVersion
from models.identity import Actor
from tests.neighbours import Phone, Town, frozen

MONDAY = "2026-11-23 10:00"


def card_of(town: Town, key: str) -> GuideCard:
    with town.reading() as session:
        found = session.scalar(select(GuideCard).where(GuideCard.key == key))
        assert found is not None
        session.expunge(found)
        return found


def confirmed(town: Town, key: str) -> None:
    """Somebody of the office has looked at it."""

    def unit(session: Session) -> None:
        card = session.get_one(GuideCard, card_of(town, key).id)
        actions.confirm(Actor(session, channel="job"), card, 1, clock.today() + timedelta(days=90))

    town.writing(unit)


def retired(town: Town, key: str) -> None:
    number = card_of(town, key).id
    town.writing(
        lambda session: actions.retire(Actor(session, channel="job"), session.get_one(GuideCard, number))
    )


def test_a_matter_named_in_ones_own_words_is_told_whole(ma: Phone) -> None:
    answer = ma.says("我想问下低保要带啥")
    assert answer.startswith("【低保】\n(低保就是最低生活保障)\n能不能办:")
    for words in ("要带:1. 身份证 2. 户口本", "时间:", "在哪:", "多久:", "电话:社区 0971-", "/h5/guides/"):
        assert words in answer
    assert "这是样例,请以窗口为准。" in answer
    assert "不是这个,回复 2" in answer


def test_what_can_be_booked_is_booked_with_the_service_already_chosen(guided: Town, ma: Phone) -> None:
    with frozen(MONDAY):
        guided.seed("appointments")
        assert ma.says("老年优待证要什么材料").startswith(
            "老年证:满60岁"
        )  # the service's own card, while ours is a sample
        ma.says("菜单")
        confirmed(guided, "laonianzheng")
        assert "预约,回复 1" in ma.says("老年优待证要什么材料")
        assert "老年证" in ma.says("预约")
        ma.says("取消", "1")
        ma.says("老年优待证要什么材料")
        times = ma.says("1")
    assert "哪" in times
    assert "老年证" in times


def test_who_names_a_time_books_and_is_not_read_a_card(guided: Town, ma: Phone) -> None:
    with frozen(MONDAY):
        guided.seed("appointments")
        assert "【" not in ma.says("帮我妈约明天上午老年证")


def test_not_this_one_offers_others_and_a_person(ma: Phone) -> None:
    ma.says("居住证怎么办")
    answer = ma.says("2")
    assert "那是这几样吗" in answer
    assert "居住证续签" in answer
    assert ma.says("1").startswith("【居住证续签】")


def test_what_is_not_sure_is_asked_back_and_the_choice_is_remembered(guided: Town, ma: Phone) -> None:
    answer = ma.says("退休老人走了能领啥钱")
    assert "社保丧葬费" in answer
    assert not answer.startswith("【")
    number = next(line[0] for line in answer.splitlines() if line.endswith("社保丧葬费"))
    assert ma.says(number).startswith("【社保丧葬费】")
    with guided.reading() as session:
        miss = session.execute(select(GuideMiss.words, GuideMiss.times, GuideMiss.chosen_id)).one()
    assert tuple(miss) == ("退休老人走了能领啥钱", 1, card_of(guided, "sangzang-fei").id)


def test_two_misses_in_a_row_lead_to_a_person(guided: Town, ma: Phone) -> None:
    ma.says("嘎嘣脆呱唧唧")
    assert "人工" in ma.says("叽里咕噜哇啦啦") or "工作人员" in ma.says("噼里啪啦咚咚锵")
    with guided.reading() as session:
        assert session.scalar(select(func.count()).select_from(GuideMiss)) >= 2


def test_a_miss_keeps_nobody_and_no_number_of_anybody(guided: Town, ma: Phone) -> None:
    ma.says("呱唧唧 13912345678 嘎嘣脆", "东府佳苑3号楼2单元501室咕噜哇啦", "我叫呱唧呱唧")
    with guided.reading() as session:
        assert session.scalar(select(func.count()).select_from(GuideMiss)) == 0
    assert "person_id" not in GuideMiss.__table__.columns


def test_in_the_middle_of_another_talk_it_is_answered_and_the_talk_goes_on(guided: Town, ma: Phone) -> None:
    with frozen(MONDAY):
        guided.seed("appointments")
        ma.says("预约", "理发")
        answer = ma.says("公租房怎么申请")
    assert "【公租房】" in answer
    assert "预约" in answer.splitlines()[-1]
    assert "接着" in answer.splitlines()[-1]


def test_what_to_bring_lists_groups_and_their_cards(ma: Phone) -> None:
    groups = ma.says("要带什么")
    assert "1 民政救助" in groups
    assert "9 看后面的" in groups
    assert "1 低保" in ma.says("1")
    assert ma.says("1").startswith("【低保】")
    assert ma.clicks("要带什么") == groups
    assert "9 看后面的" in ma.says("9")


def test_a_card_past_its_review_day_tells_only_whom_to_call(guided: Town, ma: Phone) -> None:
    with frozen("2027-08-02 10:00"):
        answer = ma.says("低保怎么办")
    assert "这张卡要核对了,先打电话问" in answer
    assert "户口本" not in answer


def test_a_retired_card_is_found_by_nobody_and_an_old_digit_says_so(guided: Town, ma: Phone) -> None:
    ma.says("要带什么", "1")
    retired(guided, "dibao")
    assert "收起来了" in ma.says("1")
    assert "【低保】" not in ma.says("低保")


def test_who_waits_for_the_staff_talks_to_them(guided: Town, ma: Phone) -> None:
    ma.says("人工")
    assert "【" not in ma.says("低保怎么办要带什么材料")


def test_whoever_is_angry_is_heard_before_the_thing_they_name(ma: Phone) -> None:
    assert "对不起" in ma.says("我要投诉,办低保的推诿了三次")


def test_who_says_that_something_is_broken_is_not_sold_a_new_one(ma: Phone) -> None:
    answer = ma.says("电梯坏了")
    assert "加装电梯" not in answer
    assert "报上去" in answer


def test_laying_down_twice_adds_nothing_and_brings_nothing_back(guided: Town) -> None:
    retired(guided, "dibao")
    guided.writing(install)
    assert card_of(guided, "dibao").state == "retired"
    with guided.reading() as session:
        versions = session.scalar(select(func.count()).select_from(GuideVersion))
        assert versions == session.scalar(select(func.count()).select_from(GuideCard))
