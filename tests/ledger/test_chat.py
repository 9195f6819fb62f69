"""The time bank in the chat: hours shown to their holder, help asked for, promised and confirmed by digits, gifts."""

from __future__ import annotations

from sqlalchemy import select

from handlers.people import actions as people
from models.exchange import Exchange
from models.proxies import Proxy
from tests.ledger.conftest import asked, balance, earned, promised, sound, state
from tests.neighbours import Phone


def only(phone: Phone) -> tuple[type[Exchange], int]:
    with phone.town.reading() as session:
        return Exchange, session.scalars(select(Exchange.id).order_by(Exchange.id.desc())).first() or 0


def test_my_hours_are_said_to_me(han: Phone) -> None:
    earned(han, 150)
    told = han.says("我的时间")
    assert "您的时间:2小时30分钟(2.5分)" in told
    assert "6 请人帮忙" in told
    assert "记入:志愿服务 +2小时30分钟" in han.says("9")


def test_help_from_the_asking_to_the_hours_by_digits(ma: Phone, han: Phone) -> None:
    assert "请邻居帮什么忙" in ma.says("请人帮忙")
    assert "您能用的有4小时" in ma.says("1")
    ma.says("一个半小时", "明天")
    asked_back = ma.says("水龙头漏水")
    assert "请人小修,11月24日(星期二),1小时30分钟:“水龙头漏水”" in asked_back
    assert "互助0001号" in ma.says("1")
    assert balance(ma) == (0, 90)

    listed = han.says("换服务")
    assert "1 小修1小时30分钟,11月24日" in listed
    shown = han.says("1")
    assert "漏水" not in shown
    assert "马秀兰" not in shown
    assert "邻居点头就告诉您" in han.says("1", "1")
    assert "韩世杰(登记过)说能来" in ma.says("我的时间", "1")
    assert "电话13900000002" in ma.says("1", "1")
    assert "找马秀兰,电话13900000001" in han.says("我的时间", "1")
    assert "说明:水龙头漏水" in han.says("我的时间", "1")
    assert "帮忙的是韩世杰" in ma.says("我的时间", "1")

    assert "辛苦您了" in han.says("我的时间", "1", "1", "1")
    assert "等您确认" in ma.says("我的时间")
    assert "1小时30分钟记给邻居了" in ma.says("1", "1", "1")
    assert (balance(ma), balance(han)) == ((-90, 0), (90, 0))
    assert "您的时间:欠1小时30分钟(-1.5分)" in ma.says("我的时间")
    assert sound(ma.town)


def test_each_step_can_be_undone_for_ten_minutes(ma: Phone, han: Phone) -> None:
    ma.says("请人帮忙", "4", "1小时", "周六", "没有", "1")
    request = only(ma)
    han.says("换服务", "1", "1", "1")
    assert "不用去了" in han.says("撤销")
    assert state(ma.town, request) == "asked"
    han.says("换服务", "1", "1", "1")
    ma.says("我的时间", "1", "1", "1")
    han.says("我的时间", "1", "1", "1")
    assert "还算没帮完" in han.says("撤销")
    han.says("我的时间", "1", "1", "1")
    ma.says("我的时间", "1", "1", "1")
    assert balance(han) == (60, 0)
    assert "还算没有确认" in ma.says("撤销")
    assert (balance(ma), balance(han)) == ((0, 60), (0, 0))
    assert sound(ma.town)


def test_hours_are_given_to_the_pool_and_to_family_who_agreed(ma: Phone, han: Phone, qi: Phone) -> None:
    assert "还没有挣到可以送的时间" in han.says("送时间")
    earned(han, 120)
    assert "送出1小时" in han.says("送时间", "1", "1小时", "1")
    assert "回到您账上" in han.says("撤销")
    assert "还没有登记能代办的家里人" in han.says("送时间", "2")

    def kin(session) -> None:  # type: ignore[no-untyped-def]
        code = people.issue_proxy_code(ma.actor(session))
        people.become_proxy(han.actor(session), code)

    han.town.writing(kin)
    told = han.says("送时间", "2")
    assert "1 马秀兰" in told
    assert "送出30分钟" in han.says("1", "半小时", "1")
    assert (balance(han), balance(ma), balance(qi)) == ((90, 0), (30, 0), (0, 0))
    with han.town.reading() as session:
        assert session.scalars(select(Proxy)).one()


def test_a_dispute_goes_to_the_desk(ma: Phone, han: Phone) -> None:
    request = asked(ma)
    promised(han, request)
    assert "由工作人员来看" in ma.says("我的时间", "1", "2", "说好两小时,只来了半小时", "1")
    assert state(ma.town, request) == "disputed"


def test_what_i_can_do_is_told_once_and_stopped(han: Phone, ma: Phone) -> None:
    assert "您能帮小修" in han.says("我能帮忙", "1", "会修水管", "1")
    assert "不再找您了" in han.says("撤销")
    han.says("我能帮忙", "1", "会修水管", "1")
    assert "1 小修:会修水管" in han.says("不再帮忙")
    assert "不再找您了" in han.says("1")


def test_a_stranger_learns_nothing_and_is_asked_to_register(ma: Phone, han: Phone) -> None:
    asked(ma, text="水龙头漏水")
    stranger = ma.town.phone("陌生人")
    listed = stranger.says("换服务")
    assert "1 小修2小时" in listed
    assert "漏水" not in listed
    stranger.says("1")
    assert "登记" in stranger.says("1")
    assert "您的时间:0分钟" in stranger.says("我的时间")
    assert "马秀兰" not in stranger.says("9")


def test_hours_that_are_not_there_are_refused_at_their_own_question(ma: Phone) -> None:
    ma.says("请人帮忙", "1")
    assert "您能用的只有4小时,请说短一点" in ma.says("5小时")
    assert "一次15分钟到8小时" in ma.says("-1")
    assert "哪一天" in ma.says("4小时")


def test_words_for_a_neighbour_make_no_link_in_their_wechat(ma: Phone, han: Phone) -> None:
    ma.says("请人帮忙", "1", "1小时", "明天", '<a href="http://cash.example">点我领钱</a>', "1")
    han.says("换服务", "1", "1", "1")
    ma.says("我的时间", "1", "1", "1")
    told = han.says("我的时间", "1")
    assert "点我领钱" in told
    assert "<a" not in told


def test_who_has_helped_sees_it_until_it_is_paid(ma: Phone, han: Phone) -> None:
    promised(han, asked(ma))
    assert "看进度,回复“我的时间”" in han.says("我的时间", "1", "1", "1")
    assert "说办好了" in han.says("我的时间")
    assert "等邻居说一声" in han.says("1")
    ma.says("我的时间", "1", "2", "没有来修,水还在漏", "1")
    assert "等工作人员处理" in han.says("我的时间")
    told = han.says("1")
    assert "工作人员在问两边" in told
    assert "帮完了,回复 1" not in told
