"""志愿证明 in the chat: four answers to a proof, one's own, taking it back, saying what is wrong."""

from __future__ import annotations

from datetime import timedelta

import time_machine

from models.certificates import Certificate
from models.people import live_consent
from tests.certificates.offices import applied, checked, joined, over, state
from tests.neighbours import Phone


def test_four_answers_and_a_yes_are_a_proof_applied_for(ma: Phone) -> None:
    assert "哪一段时间" in ma.says("开志愿证明")
    assert "做什么用" in ma.says("2")
    assert "公示7天" in ma.says("升学")
    read = ma.says("1")
    for told in (
        "2026年1月1日" if "2026年" in read else "1月1日(星期四)",
        "2次",
        "8.5小时",
        "升学",
        "网页上也公示",
    ):
        assert told in read
    answer = ma.says("1")
    assert "第1号申请" in answer
    assert "不要发在这里" in answer
    with ma.town.reading() as session:
        row = session.get_one(Certificate, 1)
        assert (row.state, row.purpose, str(row.since), row.channel) == (
            "applied",
            "升学",
            "2026-01-01",
            "chat",
        )
        assert live_consent(session, ma.person(session), "posting") is not None
    assert "不办了" in ma.says("撤销")
    assert state(ma.town, 1) == "withdrawn"


def test_a_period_is_said_in_words_and_a_purpose_need_not_be(ma: Phone) -> None:
    ma.says("开志愿证明", "4")
    assert "这两天连不起来" in ma.says("2026年9月到3月")
    ma.says("2025年10月到2026年3月", "不用写", "只贴公告栏", "1")
    with ma.town.reading() as session:
        row = session.get_one(Certificate, 1)
        assert (str(row.since), str(row.until), row.purpose) == ("2025-10-01", "2026-03-31", None)
        assert live_consent(session, ma.person(session), "posting") is None


def test_who_agreed_to_the_page_once_is_not_asked_again(ma: Phone) -> None:
    ma.says("开志愿证明", "1", "不用写", "1", "1")
    assert "网页上也公示" in ma.says("开志愿证明", "3", "不用写")


def test_another_proof_is_a_matter_for_the_counter(ma: Phone) -> None:
    answer = ma.says("开证明")
    assert "1 志愿服务证明" in answer
    assert "哪一段时间" in ma.says("1")


def test_a_stranger_hears_why_not(ma: Phone) -> None:
    stranger = ma.town.phone("路人")
    assert "还没有登记" in stranger.says("开志愿证明")
    newcomer = joined(ma.town, "韩世杰", "13900000002")
    assert "还没有记好的志愿时长" in newcomer.says("开志愿证明")
    assert "您还没有开过证明" in newcomer.says("志愿证明")


def test_ones_own_proofs_are_a_digit_away_and_can_be_objected_to(
    ma: Phone, monday: time_machine.Coordinates
) -> None:
    applied(ma.town, ma)
    checked(ma.town, 1)
    assert "第1号申请,正在公示" in ma.says("志愿证明")
    card = ma.says("1")
    assert "还有7天" in card
    assert "哪里不对" in ma.says("1")
    assert "交给工作人员查" in ma.says("3月5日少记了一小时")
    assert "最晚11月30日(星期一)" in ma.says("1")
    assert "最晚11月30日(星期一)答复" in ma.says("志愿证明", "1")
    monday.shift(timedelta(days=8))
    assert over(ma.town) == 0


def test_a_proof_is_not_wanted_any_more(ma: Phone) -> None:
    applied(ma.town, ma)
    assert "不要了,对吗" in ma.says("志愿证明", "1", "2")
    ma.says("1")
    assert state(ma.town, 1) == "withdrawn"
