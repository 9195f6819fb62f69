"""Talks over the real webhook: each scenario on SQLite and on PostgreSQL."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select

from app.dialogue import Ask, Choose, Confirm, Say
from models.conversation import Conversation
from models.identity import Actor
from models.inbox import InboxRow
from tests.conversation import toy
from tests.conversation.conftest import FIRST
from tests.conversation.toy import ToyBooking, ToyForm, ToyService, ToySlot
from tests.neighbours import Phone, Town, frozen


@pytest.fixture(autouse=True)
def _a_week_before() -> Iterator[None]:
    """Days of another year would be said with it."""
    with time_machine.travel(FIRST - timedelta(days=8), tick=True):
        yield


def count(town: Town, table: Any, *where: Any) -> int:
    with town.reading() as session:
        return session.scalar(select(func.count()).select_from(table).where(*where)) or 0


def take(town: Town, slot_id: int) -> None:
    town.writing(lambda session: session.add(ToyBooking(slot_id=slot_id)))


def open_talks(town: Town) -> list[Any]:
    with town.reading() as session:
        return list(session.scalars(select(Conversation)).one().talks)


def together(*works: Callable[[], Any]) -> list[Any]:
    results: list[Any] = []
    threads = [threading.Thread(target=lambda work=work: results.append(work())) for work in works]  # type: ignore[misc]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_four_messages_book(town: Town, ma: Phone) -> None:
    assert "1 高龄补贴" in ma.says("预约")
    assert "1 12月1日(星期二)上午9点" in ma.says("②")
    assert "理发,12月1日(星期二)上午9点30分" in ma.says("第二个")
    assert ma.says("1").startswith("约好了:12月1日(星期二)上午9点30分")
    assert count(town, ToyBooking) == 1
    assert open_talks(town) == []


def test_an_option_may_be_said_in_words_and_more_shows_the_next_page(ma: Phone) -> None:
    assert "哪个时间" in ma.says("预约", "理发")
    assert "上午11点30分" in ma.says("更多")
    assert "上午11点30分" in ma.says("1")


def test_more_turns_the_pages_of_what_words_have_left(ma: Phone) -> None:
    first = ma.says("预约", "理发", "不要太早")
    assert "1 12月1日(星期二)上午9点30分" in first
    assert "5 12月1日(星期二)上午11点30分" in first
    assert "回复“更多”看后面的" in first
    rest = ma.says("更多")
    assert "1 12月1日(星期二)中午12点\n2 12月1日(星期二)中午12点30分" in rest
    assert "3 " not in rest
    assert "看后面的" not in rest
    assert "中午12点30分,2号窗口" in ma.says("2")


def test_after_their_last_page_the_whole_list_is_shown_again(ma: Phone) -> None:
    answer = ma.says("预约", "理发", "不要太早", "更多", "更多")
    assert "1 12月1日(星期二)上午9点\n" in answer
    assert "上午9点," in ma.says("1")


def test_a_time_from_a_later_page_that_vanished_is_asked_again_from_the_first(town: Town, ma: Phone) -> None:
    ma.says("预约", "理发", "不要太早", "更多", "2")
    take(town, 207)
    answer = ma.says("1")
    assert "1 12月1日(星期二)上午9点\n" in answer
    assert "中午12点\n" in ma.says("更多") + "\n"


def test_a_digit_means_what_was_shown_even_if_the_list_has_moved(town: Town, ma: Phone) -> None:
    ma.says("预约", "1")
    take(town, 100)
    assert "上午9点30分" in ma.says("2")


def test_an_option_that_vanished_is_asked_again(town: Town, ma: Phone) -> None:
    ma.says("预约", "1")
    take(town, 100)
    answer = ma.says("1")
    assert answer.startswith("刚才那项没有了")
    assert "1 12月1日(星期二)上午9点30分" in answer


def test_a_service_that_closed_meanwhile_is_asked_again(town: Town, ma: Phone) -> None:
    ma.says("预约", "1", "1")
    town.writing(lambda session: setattr(session.get_one(ToyService, 1), "open", False))
    answer = ma.says("1")
    assert "没有了" in answer
    assert "1 理发" in answer
    assert "哪个时间" in ma.says("1")


def test_a_slot_taken_at_the_last_moment_offers_others_and_wants_a_new_yes(
    town: Town, ma: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    ma.says("预约", "1", "2")
    honest = toy.book_slot
    rivals = [1, 2]  # a unit that hoped to do without savepoints runs again, and finds the seat taken again

    def after_a_rival(by: Actor, slot: ToySlot) -> ToyBooking:
        rivals.pop()
        if not rivals:
            monkeypatch.setattr(toy, "book_slot", honest)
        by.session.add(ToyBooking(slot_id=slot.id))
        by.session.flush()
        return honest(by, slot)

    monkeypatch.setattr(toy, "book_slot", after_a_rival)
    answer = ma.says("1")
    assert answer.startswith("刚被约走了")
    assert "1 12月1日(星期二)上午9点" in answer
    assert count(town, ToyBooking) == 0, (
        "the rival's row was written in the same savepoint and is gone with it"
    )
    assert "对吗" in ma.says("1")
    assert ma.says("1").startswith("约好了:12月1日(星期二)上午9点,")


def test_b25_a_yes_belongs_to_its_sentence(town: Town, ma: Phone) -> None:
    ma.says("预约", "1", "1")
    town.writing(lambda session: setattr(session.get_one(ToySlot, 100), "window", 5))
    answer = ma.says("1")
    assert answer.startswith("安排有变")
    assert "5号窗口" in answer
    assert ma.says("1").startswith("约好了")


def test_back_leave_and_start_again_work_anywhere(town: Town, ma: Phone) -> None:
    assert "办什么事" in ma.says("预约", "1", "0")
    assert "哪个时间" in ma.says("2")
    assert "不办了吗" in ma.says("取消")
    assert "哪个时间" in ma.says("0")
    assert "办什么事" in ma.says("重来")
    assert ma.says("取消").startswith("好的")
    assert open_talks(town) == []


def test_a_booking_can_be_taken_back_for_ten_minutes(town: Town, ma: Phone) -> None:
    with frozen("2026-11-23 09:00") as clock:
        ma.says("预约", "1", "1", "1")
        clock.shift(599)
        assert ma.says("撤销").startswith("已经撤销")
        assert count(town, ToyBooking, ToyBooking.live == 1) == 0
        assert ma.says("撤销").startswith("没有可以撤销")
        ma.says("预约", "1", "1", "1")
        clock.shift(601)
        assert ma.says("撤销").startswith("没有可以撤销")
        assert count(town, ToyBooking, ToyBooking.live == 1) == 1


def test_a_plain_question_in_the_middle_is_answered_and_the_talk_goes_on(ma: Phone) -> None:
    answer = ma.says("预约", "1", "电话")
    assert answer.startswith("办公电话")
    assert "接着办吗" in answer
    assert "哪个时间" in ma.says("1")
    assert "对吗" in ma.says("1")


def test_answering_the_waiting_question_at_once_is_understood(ma: Phone) -> None:
    assert "上午9点30分" in ma.says("预约", "1", "电话", "2")


def test_digits_of_an_answer_in_the_middle_belong_to_that_answer(ma: Phone) -> None:
    answer = ma.says("预约", "1", "新闻")
    assert "要接着办请回复“接着”" in answer
    assert "体检:全文" in ma.says("2")
    assert "哪个时间" in ma.says("接着")


def test_another_dialogue_in_the_middle_comes_first_and_the_talk_resumes(town: Town, ma: Phone) -> None:
    ma.says("预约", "1")
    assert "名字" in ma.says("报名")
    answer = ma.says("马", "13900000000", "3号楼", "1")
    assert answer.startswith("收到了")
    assert "接着办吗" in answer
    assert "哪个时间" in ma.says("1")
    assert len(open_talks(town)) == 1


def test_after_a_quarter_of_an_hour_the_open_talk_is_named_and_after_seven_days_it_is_closed(
    ma: Phone,
) -> None:
    with frozen("2026-11-23 09:00") as clock:
        ma.says("预约", "1")
        clock.shift(16 * 60)
        assert "接着办吗" in ma.says("1")
        assert "哪个时间" in ma.says("1")
        clock.shift(8 * 24 * 3600)
        assert "放了七天" in ma.says("你好")


def test_to_go_on_is_no_yes_to_what_was_read_out_and_no_answer_to_any_question(town: Town, ma: Phone) -> None:
    """Whoever says it without having been asked hears the open question once more."""
    read = ma.says("预约", "1", "1")
    assert ma.says("接着") == read
    assert count(town, ToyBooking) == 0
    assert ma.says("1").startswith("约好了")
    assert ma.says("报名", "继续") == "名字是?"


def test_going_back_from_an_answer_that_is_changed_asks_before_the_others_are_lost(ma: Phone) -> None:
    ma.says("报名", "马", "13900000000", "3号楼", "改")
    assert ma.says("1", "0").startswith("“报名”不办了吗?")
    assert "名字" in ma.says("0")
    assert "13900000000" in ma.says("马秀兰")


def test_going_back_to_what_a_rival_has_taken_goes_one_question_back_and_not_two(
    town: Town, ma: Phone
) -> None:
    ma.says("预约", "1", "1")
    take(town, 100)
    assert "哪个时间" in ma.says("0")
    assert "您办什么事" in ma.says("0")


def test_one_answer_of_a_form_can_be_changed_alone(town: Town, ma: Phone) -> None:
    assert "11位" in ma.says("报名", "马", "没有电话")
    assert "哪栋楼" in ma.says("电话是13900000000")
    assert "对吗" in ma.says("3号楼")
    assert "2 电话:13900000000" in ma.says("改")
    assert "电话" in ma.says("2")
    answer = ma.says("13911111111")
    assert "13911111111" in answer
    assert "对吗" in answer
    assert "收到了" in ma.says("1")
    assert count(town, ToyForm) == 1


def test_a_child_may_book_for_a_parent(town: Town, ma: Phone) -> None:
    assert "替谁办" in ma.says("帮别人约")
    assert "没看懂" in ma.says("王奶奶", "没有", "1"), "nobody is a digit to somebody"
    ma.says("女儿", "1", "1")
    assert ma.says("1").startswith("约好了")
    with town.reading() as session:
        assert session.scalars(select(ToyBooking)).one().helped == "王奶奶"


def test_a_rule_over_two_answers_asks_the_second_again(ma: Phone) -> None:
    assert ma.says("请假") == "先说一句。\n哪天开始?"
    assert ma.says("2026-12-05") == "哪天结束?"
    assert ma.says("2026-12-01") == "结束要在开始后面。\n哪天结束?"
    assert ma.says("2026-12-09") == "12月5日(星期六)到12月9日(星期三)。"


def test_a_loop_keeps_every_answer_and_back_drops_the_last(ma: Phone) -> None:
    ma.says("家人", "甲", "乙", "丙", "0")
    assert ma.says("丁", "没有") == "一共3人。"


def test_a_write_before_a_question_is_our_fault_and_stores_nothing_but_the_answer(
    town: Town, ma: Phone
) -> None:
    answer = ma.says("坏的")
    assert "出了点问题" in answer
    assert count(town, ToyForm) == 0
    assert count(town, InboxRow, InboxRow.fault.is_not(None)) == 1


def test_b25_a_late_message_does_not_answer_a_newer_question(ma: Phone) -> None:
    with frozen("2026-11-23 09:00") as clock:
        ma.says("预约")
        clock.shift(5)
        ma.says("1")
        now = int(time.time())
        assert ma.says("3", at=now - 2).startswith("刚才那条我还没收到。\n哪个时间")
        assert "对吗" in ma.says("1", at=now + 1)


def test_five_repeats_at_once_get_one_answer_and_one_effect(town: Town, ma: Phone) -> None:
    ma.says("预约", "1", "1")
    xml = ma.xml("text", "<Content>1</Content><MsgId>777</MsgId>")
    answers = together(*[lambda: ma.deliver(xml)] * 5)
    assert len(set(answers)) == 1
    assert "约好了" in answers[0]
    assert count(town, ToyBooking) == 1


def test_five_first_messages_at_once_make_one_conversation(town: Town) -> None:
    stranger = town.phone("王建国")
    answers = together(*[lambda: stranger.says("预约")] * 5)
    assert len(answers) == 5
    assert all("办什么事" in answer for answer in answers)
    assert len(open_talks(town)) == 1


def test_ten_people_want_one_slot_and_one_gets_it(town: Town) -> None:
    phones = [town.phone(f"邻居{number}") for number in range(10)]
    for phone in phones:
        phone.says("预约", "1", "1")
    answers = together(*[lambda phone=phone: phone.says("1") for phone in phones])
    assert sum(answer.startswith("约好了") for answer in answers) == 1
    assert sum("哪个时间" in answer for answer in answers) == 9
    assert count(town, ToyBooking) == 1


def test_a_deploy_may_add_a_question_under_people_in_the_middle(
    ma: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    ma.says("预约", "1", "1")
    before = toy.book.run

    async def with_people(resident: Actor) -> Say:
        service = await Choose("which_service", toy.open_services())
        people = await Ask("more_asked", str.strip, about="几个人")
        slot = await Choose("which_time", service.free_slots())
        await Confirm("confirm", service=service, slot=slot, people=people)
        return Say("booked", slot=slot, booking=toy.book_slot(resident, slot))

    monkeypatch.setattr(toy.book, "run", with_people)
    assert "几个人" in ma.says("1"), "the 1 was a yes to another question and is not fed to this one"
    assert "上午9点" in ma.says("2人"), "the time is not asked twice"
    monkeypatch.setattr(toy.book, "run", before)
    assert "对吗" in ma.says("1"), "another sentence, another yes"
    monkeypatch.setattr(toy.book, "run", with_people)
    ma.says("1")
    assert ma.says("1").startswith("约好了")


def test_words_typed_while_an_earlier_answer_vanished_are_not_lost(
    town: Town, ma: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def people_last(resident: Actor) -> Say:
        service = await Choose("which_service", toy.open_services())
        slot = await Choose("which_time", service.free_slots())
        people = await Ask("more_asked", str.strip, about="几个人")
        await Confirm("review", all=people)
        return Say("booked", slot=slot, booking=toy.book_slot(resident, slot))

    monkeypatch.setattr(toy.book, "run", people_last)
    assert "几个人" in ma.says("预约", "1", "1")
    take(town, 100)
    assert ma.says("2人").startswith("刚才那项没有了")
    assert ma.says("1").startswith("2人。对吗")


def test_who_no_longer_wants_it_says_so_in_everyday_words(ma: Phone) -> None:
    assert "不办了吗" in ma.says("预约", "1", "不要了")
    assert "不办了" in ma.says("不要了")
    assert "没看懂" in ma.says("不要了"), "where nothing is open it is nobody's word"


def test_two_misses_in_a_row_offer_a_person(ma: Phone) -> None:
    assert "没看懂" in ma.says("嘎嘎嘎哦")
    assert "1 找工作人员" in ma.says("嘎嘎嘎哦")
    assert "马上来" in ma.says("1")


def test_an_id_number_is_masked_and_never_stored(town: Town, ma: Phone) -> None:
    answer = ma.says("报名", "我的身份证是11010519491231002X")
    assert "替您遮住" in answer
    assert "19491231" not in str(open_talks(town))


def test_a_digit_that_leads_nowhere_reads_the_open_question_again(sqlite_toys: Town) -> None:
    """Before, it was answered as if nothing were open, and the next digit belonged to a question out of sight."""
    ma = sqlite_toys.phone("马秀兰")
    ma.says("预约", "理发", "指路")
    answer = ma.says("1")
    assert "没看懂这个回答" in answer, "the word behind the digit is nobody's"
    assert "哪个时间来" in answer
    ma.says("新闻")
    sqlite_toys.site.house.answers.pop("toy.read")
    answer = ma.says("1")
    assert "没看懂" in answer, "what stood behind the digit is gone"
    assert "哪个时间来" in answer
    assert "上午9点," in ma.says("1"), "and a digit is an answer to it"
    ma.says("取消", "1", "新闻")
    assert "这句我没看懂" in ma.says("1"), "where nothing is open a miss is a miss"
