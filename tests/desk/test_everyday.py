"""Everyday questions: each gets a true answer with one thing to do, none is left with "not understood"."""

import pytest

from tests.desk.test_chat import lines
from tests.neighbours import Phone, Town, frozen


@pytest.fixture
def ma(sqlite_town: Town) -> Phone:
    sqlite_town.seed("programmes", "notices", "appointments", "activities")
    return sqlite_town.phone("马秀兰")


def test_the_telephone_is_said_with_whether_somebody_is_there(ma: Phone) -> None:
    with frozen("2026-11-23 10:00"):
        assert "0971-8170000,现在有人接" in ma.says("你们电话多少")
    with frozen("2026-11-23 22:00"):
        assert "现在没有人值班" in ma.says("社区电话")


@pytest.mark.parametrize("words", ["几点上班", "你们几点上班", "周末上班吗", "请问几点开门"])
def test_the_hours_lead_to_a_booking(ma: Phone, words: str) -> None:
    assert "8:30" in ma.says(words)
    assert "您要约哪一项" in ma.says("1")


@pytest.mark.parametrize("words", ["在哪", "社区在哪", "办事大厅在哪"])
def test_the_address_is_said(ma: Phone, words: str) -> None:
    assert "城东区互助中路" in ma.says(words)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("低保怎么办", "低保、救助"),
        ("我要办残疾证", "残疾人的事"),
        ("户口本丢了怎么补", "派出所"),
        ("娃娃上户口", "派出所"),
        ("开个居住证明", "开证明"),
        ("失业登记", "12333"),
        ("养老认证", "12333"),
        ("领结婚证", "婚姻登记处"),
        ("水费怎么交", "生活缴费"),
        ("暖气不热", "95598"),
        ("路灯坏了", "有人去看"),
        ("垃圾三天没人收了", "有人去看"),
        ("投诉物业", "12345"),
        ("你们什么破社区", "12345"),
        ("妈的电话没人接", "12345"),
        ("我被骗了五万块", "110"),
        ("120", "急救 120"),
        ("谢谢", "不客气"),
        ("谢谢啊", "不客气"),
        ("好", "不客气"),
        ("收到", "不客气"),
        ("收到了", "不客气"),
        ("师傅", "要办什么"),
        ("您好啊", "要办什么"),
        ("哎,你好", "要办什么"),
        ("在不在", "要办什么"),
        ("我不识字", "按住输入框旁的话筒"),
        ("我不会打字", "按住输入框旁的话筒"),
        ("读给我听", "按住输入框旁的话筒"),
        ("语音", "按住输入框旁的话筒"),
        ("你是机器人吗", "自动答复"),
        ("今天几号", "今天是"),
        ("你好呀", "要办什么"),
        ("有没有图书馆", "幸福文化站"),
        ("我想下象棋", "幸福文化站"),
        ("有没有作业辅导", "幸福成长站"),
        ("居住证", "居住证:"),
        ("医保", "医保咨询:"),
        ("心理", "心理咨询:"),
        ("水管坏了", "水电维修:"),
    ],
)
def test_what_is_asked_every_day_has_an_answer(ma: Phone, words: str, said: str) -> None:
    assert said in ma.says(words)


def test_a_notice_about_it_comes_before_the_general_answer(ma: Phone) -> None:
    assert "1 东府佳苑后天停水" in ma.says("停水")
    assert "老年体检" not in ma.says("看病")


def test_a_complaint_is_handed_over_in_its_own_words(sqlite_town: Town, ma: Phone) -> None:
    with frozen("2026-11-23 10:00"):
        ma.says("楼道垃圾三天没人收")
        assert ma.says("2").startswith("交给工作人员了:“楼道垃圾三天没人收”。一般半小时内回您。")
    assert lines(sqlite_town) == ["楼道垃圾三天没人收"]
    assert "记下了" in ma.says("路灯也坏了"), "who waits for the staff has their ear"


def test_an_everyday_question_in_a_talk_is_answered_and_the_talk_waits(ma: Phone) -> None:
    answer = ma.says("预约", "你们几点上班")
    assert "8:30" in answer
    assert "“预约”还没办完" in answer
    assert "要约哪一项" in ma.says("接着")


def test_who_waits_may_say_that_it_is_not_needed(ma: Phone) -> None:
    assert "聊到这里" in ma.says("人工", "不用了")
    assert "没看懂" in ma.says("呜呼呼")


def test_a_slip_of_the_finger_while_waiting_is_noted_and_asked_about(ma: Phone) -> None:
    answer = ma.says("人工", "预月")
    assert "记下了" in answer
    assert "1 预约" in answer


def test_the_first_sentence_of_who_waits_reaches_the_staff_also_when_the_house_answers_it(
    sqlite_town: Town, ma: Phone
) -> None:
    assert "要带" in ma.says("人工", "老年证丢了,怎么补?")
    assert lines(sqlite_town) == ["老年证丢了,怎么补?"]


def test_who_asks_for_a_person_in_the_middle_of_a_talk_is_heard_and_the_talk_waits(
    sqlite_town: Town, ma: Phone
) -> None:
    """Before, the sentence that we had asked for became the answer to the talk's question."""
    assert "接着办吗" in ma.says("报修", "人工")
    for words in ("我的钱被骗了", "昨天下午在菜市场门口"):
        answer = ma.says(words)
        assert "记下了" in answer
        assert "接着办吗" in answer
    assert lines(sqlite_town) == ["我的钱被骗了", "昨天下午在菜市场门口"]
    assert "请说说是什么事" in ma.says("1")


def test_what_is_said_in_a_talk_stays_there_while_somebody_is_awaited(sqlite_town: Town, ma: Phone) -> None:
    ma.says("人工", "预约", "1", "1", "1", "尕桑家的二女儿")
    assert lines(sqlite_town) == []


def test_a_bad_answer_in_a_talk_is_not_noted_for_the_staff(sqlite_town: Town, ma: Phone) -> None:
    assert ma.says("人工", "理发", "1", "9").startswith("没看懂这个回答")
    assert lines(sqlite_town) == []


def test_the_second_miss_offers_two_ways_out(ma: Phone) -> None:
    answer = ma.says("呜呼呼", "呜呼呼")
    assert answer.splitlines()[1:] == ["1 找工作人员", "2 看能办什么"]
    assert "您想办什么" in ma.says("2")


def test_guesses_lead_to_different_places(ma: Phone) -> None:
    guesses = [line[2:] for line in ma.says("志原服务好不好").splitlines() if line[:1].isdigit()]
    assert "志愿服务" in guesses
    assert "志愿" not in guesses


@pytest.mark.parametrize("words", ["我要人工", "有没有人"])
def test_who_asks_for_a_person_in_other_words_gets_one(ma: Phone, words: str) -> None:
    with frozen("2026-11-23 10:00"):
        assert "告诉工作人员" in ma.says(words)


@pytest.mark.parametrize("words", ["累得都快吐血了", "你好难懂"])
def test_small_talk_is_never_a_guess(ma: Phone, words: str) -> None:
    answer = ma.says(words)
    assert "再见" not in answer
    assert "1 你好" not in answer
