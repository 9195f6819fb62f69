"""Each role's first morning, as its member does it: by what stands on the page, and nothing else."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.roads.street import Street, eventually
from tests.staff.clerks import PASSWORD
from tests.walks.conftest import ComeIn
from tests.walks.people import PHONE, Colleague, Walker

pytestmark = pytest.mark.browser


# ---- the clerk -----------------------------------------------------------------------------------------------------


def test_a_clerk_answers_who_waits_and_the_resident_reads_it(street: Street, come_in: ComeIn) -> None:
    su = street.follower("苏阿爷")
    su.says("人工", "楼道的灯坏了,晚上黑得很")
    wang = come_in("王干事")
    wang.sees("等着回复的居民")
    assert wang.page.locator(".menu").evaluate("menu => menu.scrollHeight <= menu.clientHeight"), "at 768 px"
    wang.turns_to("对话")
    wang.page.locator("main .rows a", has_text="楼道的灯坏了").click()
    wang.sees("还能发")
    wang.page.keyboard.press("Alt+1")
    expect(wang.page.get_by_label("写给居民的话")).to_have_value(re.compile("您好"))
    wang.page.keyboard.type("物业的师傅今天下午来修。")
    wang.presses("发给居民")
    wang.sees(re.compile("您好.+师傅今天下午来修"))
    eventually(lambda: "师傅今天下午来修" in str(su.received("custom")))
    wang.presses("结束对话")
    wang.sees("对话")


def test_a_clerk_books_for_somebody_who_telephones_by_keyboard_alone(come_in: ComeIn) -> None:
    wang = come_in("王干事")
    wang.turns_to("预约")
    wang.page.locator("a.slot").first.focus()
    wang.page.keyboard.press("Enter")
    wang.page.get_by_label("居民的手机号").focus()
    wang.page.keyboard.type("13900000155")
    wang.page.keyboard.press("Enter")
    wang.sees("这个号码没有登记过")
    wang.page.get_by_role("textbox", name="姓名").focus()
    wang.page.keyboard.type("冶阿娘")
    wang.page.keyboard.press("Tab")
    wang.page.keyboard.press("Space")
    wang.page.keyboard.press("Enter")
    wang.sees("冶阿娘")
    wang.sees("号")


def test_a_clerk_writes_a_notice_and_hands_it_on(come_in: ComeIn) -> None:
    wang = come_in("王干事")
    wang.turns_to("通知")
    wang.follows("写通知")
    wang.writes(
        title="周三下午量血压", summary="周三下午3点到5点,社区一楼免费量血压。", source="社区卫生服务站"
    )
    expect(wang.page.locator("#look")).to_contain_text("免费量血压")
    wang.presses("存成草稿")
    wang.sees("初审、复审通过")
    assert wang.page.get_by_role("button", name=re.compile("发布")).count() == 0


# ---- who reviews and publishes -------------------------------------------------------------------------------------


def test_a_notice_goes_through_three_hands_and_then_answers(street: Street, come_in: ComeIn) -> None:
    su = street.follower("问通知的人")
    for name, stage in (("褚干事", "初审"), ("付科长", "复审")):
        reviewer = come_in(name)
        _opens_the_draft(reviewer)
        for box in reviewer.page.locator(".proofs input").all():
            box.check()
        reviewer.presses(f"{stage}通过")
        reviewer.sees("通过")
    li = come_in("李主任")
    _opens_the_draft(li)
    li.presses("看过了,发布第")
    li.sees("正在回答")
    assert "冬季取暖补贴" in su.says("查通知", "取暖补贴")


def _opens_the_draft(colleague: Colleague) -> None:
    colleague.turns_to("通知")
    colleague.follows("草稿和改动")
    colleague.page.locator("main .rows a", has_text="冬季取暖补贴").click()
    colleague.sees("居民在微信里看到的")


# ---- who sees a part -----------------------------------------------------------------------------------------------


def test_a_grid_worker_finds_the_households_of_the_own_grid_and_no_other(come_in: ComeIn) -> None:
    guihua = come_in("李桂花", PHONE)
    guihua.turns_to("住户")
    guihua.sees("共 4 户")
    guihua.sees("东府佳苑")
    guihua.sees_not("纺织家属院")
    wang = come_in("王干事")
    wang.turns_to("住户")
    wang.page.locator("tr", has_text="纺织家属院").first.get_by_role("link").click()
    wang.sees("纺织家属院")
    guihua.opens(wang.page.url)
    guihua.sees_not("纺织家属院")
    guihua.follows("回今天")
    guihua.sees("李桂花,您好")


def test_on_a_phone_the_page_stands_above_the_menu_which_opens_when_asked_for(come_in: ComeIn) -> None:
    guihua = come_in("李桂花", PHONE)
    menu, fold = guihua.page.locator(".menu"), guihua.page.get_by_role("button", name="工作台 今天")
    expect(menu).to_be_hidden()
    heading = guihua.page.locator("main h1").bounding_box()
    assert heading
    assert heading["y"] < PHONE["height"] / 4
    fold.press("Enter")
    expect(menu).to_be_visible()
    expect(fold).to_have_attribute("aria-expanded", "true")
    fold.press("Enter")
    expect(menu).to_be_hidden()


def test_a_leader_ticks_people_on_a_phone_and_opens_the_screen(come_in: ComeIn) -> None:
    ma = come_in("马队长", PHONE)
    ma.turns_to("活动")
    ma.follows("阿娘巡逻队")
    ma.writes(phone="13900000003")
    ma.presses("加进名单")
    ma.sees("才让卓玛")
    ma.presses("才让卓玛到了")
    ma.sees("还在")
    ma.presses("才让卓玛走了")
    expect(ma.page.locator(".stack .state.good")).to_have_count(0)
    ma.presses("打开签到屏")
    expect(ma.page.locator(".digits")).to_have_text(re.compile(r"^\d{4}$"))


def test_a_care_officer_proves_who_reads_before_a_cry_opens(street: Street, come_in: ComeIn) -> None:
    street.follower("心里苦的人").says("我不想活了")
    zhao = come_in("赵老师")
    zhao.sees("紧急求助")
    zhao.sees_not("不想活")
    street.move_to(street.now + timedelta(minutes=6))
    zhao.turns_to("紧急求助")
    zhao.sees("没处理")
    zhao.sees_not("不想活")
    zhao.page.locator("main .rows a").first.click()
    zhao.sees("请再证明一次是您")
    zhao.page.locator("main [name=password]").fill(PASSWORD)
    zhao.presses("继续")
    zhao.sees("我不想活了")
    zhao.writes(outcome="电话里说了一会儿话,女儿在身边,网格员下午上门。")
    zhao.presses("记下,算处理了")
    zhao.sees("处理了")


# ---- who looks after the house -------------------------------------------------------------------------------------


def test_an_auditor_finds_who_looked_and_has_the_chain_checked(come_in: ComeIn) -> None:
    wang = come_in("王干事")
    wang.turns_to("居民")
    wang.writes(words="13900000002")
    wang.presses("查")
    wang.presses("看资料")
    wang.sees("这次查看已经记下")
    qi = come_in("祁审计")
    qi.turns_to("留痕")
    qi.chooses("who", "王干事")
    qi.presses("查")
    qi.sees("看居民资料")
    qi.sees_not("13900000002")
    qi.follows("有没有被改过")
    qi.presses("从头核对")
    qi.sees("一条不少,一条没改")


def test_an_administrator_lets_somebody_in_and_has_the_launch_examined(
    administrator: Colleague, come_in: ComeIn
) -> None:
    administrator.turns_to("账号")
    administrator.follows("新建账号")
    administrator.writes(name="新来的小周", login="xiaozhou")
    administrator.ticks("活动负责人")
    administrator.presses("建账号")
    xiaozhou = come_in("新来的小周")
    xiaozhou.sees("新来的小周,您好")
    administrator.turns_to("上线")
    administrator.presses("开始检查")
    administrator.sees(re.compile("排着队|正在做|好了 "))
    administrator.sees(re.compile("好了 .+ 项"))
    administrator.follows("看结果")
    administrator.sees("检查过")


# ---- a resident ----------------------------------------------------------------------------------------------------


def test_a_resident_books_says_a_wish_and_sees_what_is_kept(resident: Walker) -> None:
    resident.sees("我的信息")
    resident.opens("/h5/")
    resident.follows("预约服务")
    resident.follows("老年证")
    resident.follows("选时间")
    resident.page.locator("main .list a", has_text="还有").first.click()
    resident.page.locator("main .times a:not(.full)").first.click()
    resident.writes(name="马秀兰")
    resident.presses("约这个时间")
    resident.sees("约好了")
    resident.opens("/h5/")
    resident.follows("心愿")
    resident.follows("我也许个心愿")
    resident.writes(text="想要一副老花镜,看得清报纸。")
    resident.presses("许下心愿")
    resident.sees("老花镜")
    resident.opens("/h5/me")
    resident.follows("我们留着您的什么")
    resident.sees("老花镜")
