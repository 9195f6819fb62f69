"""我的心愿 by chat: what was wished and what was promised, moved on by digits, undone within ten minutes."""

from __future__ import annotations

from datetime import date

from handlers.wishes import actions
from models.wishes import Claim, Wish
from tests.neighbours import Phone, Town
from tests.wishes.conftest import STICK, acts, claimed, only, promise, published, sent, sound, state


def test_the_whole_way_from_a_promise_to_thanks(sqlite_town: Town, ma: Phone, han: Phone) -> None:
    wish, _ = claimed(sqlite_town)
    assert "办好了,回复 1;再要7天,回复 2;退回,回复 3" in han.says("我的心愿")
    assert "辛苦您了" in han.says("1", "1")
    assert len(sent(sqlite_town, "done")) == 1
    assert "收到了,回复 1" in ma.says("我的心愿")
    assert "办成了" in ma.says("1")
    assert "一句话写下您的谢谢" in ma.says("1")
    assert "工作人员看过就转给邻居" in ma.says("谢谢好心的邻居", "1")
    assert sent(sqlite_town, "thanks") == []
    assert "谢谢好心的邻居" not in han.says("我的心愿")
    acts(sqlite_town, None, actions.approve_thanks, (Wish, wish))
    assert sent(sqlite_town, "thanks")[0].facts["thanks"] == "谢谢好心的邻居"
    assert "谢谢好心的邻居" in han.says("我的心愿")
    assert "谢谢转到了" in ma.says("我的心愿")
    assert sound(sqlite_town)


def test_the_list_shows_both_sides_with_states_and_days(sqlite_town: Town, ma: Phone, han: Phone) -> None:
    claimed(sqlite_town, by=han)
    published(sqlite_town, "想要一顶帽子", by="韩世杰")
    answer = han.says("我的心愿")
    assert f"1 认领的:{STICK},11月30日前办好" in answer
    assert "2 我想要一顶帽子,等人认领" in answer
    assert "再要7天" in han.says("1")


def test_which_wish_to_take_back_is_asked_by_what_was_wished(sqlite_town: Town, ma: Phone) -> None:
    for what in ("想要一根拐杖", "想要一顶帽子"):
        published(sqlite_town, what)
    answer = ma.says("收回心愿")
    assert "1 我想要一顶帽子" in answer
    assert "2 我想要一根拐杖" in answer


def test_long_lists_turn_a_page(sqlite_town: Town, ma: Phone) -> None:
    for number in range(3):
        published(sqlite_town, f"想要第{number}件东西")
    for name in ("冶生兰", "安有福", "祁发祥"):
        ma.says("帮别人许愿", name, "没有", "邻居", f"给{name}的东西", "1")
    assert "6 看后面的" in ma.says("我的心愿")
    assert "1 我想要第0件东西" in ma.says("6")


def test_nothing_of_mine_offers_both_beginnings(ma: Phone) -> None:
    assert "您还没有许过心愿" in ma.says("我的心愿")
    assert "一句话" in ma.says("1")


def test_a_promise_is_renewed_once(sqlite_town: Town, han: Phone) -> None:
    _, claim = claimed(sqlite_town)
    assert "12月7日(星期一)" in han.says("我的心愿", "2")
    assert promise(sqlite_town, claim).due == date(2026, 12, 7)
    assert "再要7天" not in han.says("我的心愿")
    assert "已经续过了" in han.says("心愿续期", "1")


def test_giving_back_tells_the_wisher_and_may_be_undone(sqlite_town: Town, han: Phone) -> None:
    wish, _ = claimed(sqlite_town)
    assert "退回了" in han.says("退回", "3", "1")
    assert state(sqlite_town, wish) == "public"
    assert len(sent(sqlite_town, "returned")) == 1
    assert "还是您的" in han.says("撤销")
    assert state(sqlite_town, wish) == "claimed"
    assert sound(sqlite_town)


def test_done_is_undone_and_the_question_to_the_wisher_stopped(sqlite_town: Town, han: Phone) -> None:
    wish, claim = claimed(sqlite_town)
    han.says("心愿办好了", "1", "1")
    assert state(sqlite_town, wish) == "done"
    assert "还算没办好" in han.says("撤销")
    assert (state(sqlite_town, wish), promise(sqlite_town, claim).state) == ("claimed", "open")
    assert sent(sqlite_town, "done") == []
    assert sound(sqlite_town)


def test_a_wisher_who_has_got_nothing_says_so(sqlite_town: Town, ma: Phone, han: Phone) -> None:
    wish, claim = claimed(sqlite_town)
    acts(sqlite_town, han, actions.mark_done, (Claim, claim))
    assert "接着办" in ma.says("还没收到", "2")
    assert state(sqlite_town, wish) == "claimed"
    assert len(sent(sqlite_town, "not_yet")) == 1
    assert sound(sqlite_town)


def test_a_confirmation_by_word_is_undone(sqlite_town: Town, ma: Phone, han: Phone) -> None:
    wish, _ = claimed(sqlite_town)
    han.says("心愿办好了", "1", "1")
    ma.says("心愿收到了", "1")
    assert state(sqlite_town, wish) == "confirmed"
    assert "还等您确认" in ma.says("撤销")
    assert state(sqlite_town, wish) == "done"
    assert sent(sqlite_town, "confirmed") == []


def test_thanks_are_undone_before_they_are_read(sqlite_town: Town, ma: Phone, han: Phone) -> None:
    claimed(sqlite_town)
    han.says("心愿办好了", "1", "1")
    ma.says("心愿收到了", "1", "1", "谢谢您", "1")
    assert "收回了" in ma.says("撤销")
    assert only(sqlite_town).thanks is None


def test_short_words_mean_a_wish_only_for_those_who_have_one(sqlite_town: Town, han: Phone) -> None:
    assert "认领" not in han.says("退回")
    claimed(sqlite_town)
    assert STICK in han.says("退回")


def test_withdrawing_a_promised_wish_tells_the_claimer(sqlite_town: Town, ma: Phone) -> None:
    _, claim = claimed(sqlite_town)
    assert "认领的邻居会知道" in ma.says("收回心愿", "1")
    ma.says("1")
    assert promise(sqlite_town, claim).state == "ended"
    assert len(sent(sqlite_town, "withdrawn")) == 1
    assert sound(sqlite_town)


def test_a_refused_wish_says_why_to_its_wisher_only(sqlite_town: Town, ma: Phone) -> None:
    ma.says("心愿", "想要一台洗衣机", "1")
    acts(sqlite_town, None, actions.refuse, (Wish, 1), "超过200元,请到民政窗口申请")
    assert "超过200元,请到民政窗口申请" in ma.says("我的心愿")
    assert "洗衣机" not in str(sent(sqlite_town, "refused")[0].facts)
