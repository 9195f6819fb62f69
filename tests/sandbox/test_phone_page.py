"""The phone in the browser: a neighbour follows, speaks, taps and scans."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from tests.sandbox.browser_pages import *  # noqa: F403  (sandbox, page)
from tests.sandbox.browser_pages import DESK, SMALLEST, Sandbox, bubbles, follow, holder, part, say

pytestmark = pytest.mark.browser


def test_a_first_visit_shows_one_big_button_and_following_brings_the_welcome(page: Page) -> None:
    expect(part(page, "hint")).to_contain_text("马秀兰")
    follow(page)
    expect(part(page, "profile")).to_be_hidden()
    expect(part(page, "first-hint")).to_be_visible()


def test_what_i_say_stands_in_a_bubble_and_the_answer_under_it(page: Page) -> None:
    follow(page)
    say(page, "我想约明天理发")
    expect(bubbles(page, "me").last).to_contain_text("我想约明天理发")
    expect(bubbles(page, "account").last).to_contain_text("我想约明天理发")
    expect(bubbles(page, "me")).to_have_count(1)


def test_enter_sends_and_shift_enter_begins_a_new_line(page: Page) -> None:
    follow(page)
    part(page, "to-keys").click()
    part(page, "input").press_sequentially("第一行")
    part(page, "input").press("Shift+Enter")
    part(page, "input").press_sequentially("第二行")
    part(page, "input").press("Enter")
    expect(bubbles(page, "me").last.locator(".words")).to_have_text("第一行\n第二行", use_inner_text=True)


def test_the_title_says_that_the_other_side_is_typing_while_we_wait(page: Page) -> None:
    follow(page)
    say(page, "慢慢说")
    expect(part(page, "title")).to_have_text("对方正在输入…")
    expect(bubbles(page, "me")).to_have_count(1)
    expect(part(page, "on-way")).to_have_count(0)
    expect(part(page, "title")).to_have_text("对方正在输入…")
    expect(bubbles(page, "account").last).to_contain_text("慢慢说")
    expect(part(page, "title")).to_have_text("幸福大家庭")


def test_the_menu_opens_its_list_and_a_press_reaches_the_account(page: Page) -> None:
    follow(page)
    part(page, "menu-top").filter(has_text="我要办事").click()
    part(page, "menu-item").filter(has_text="预约服务").click()
    expect(bubbles(page, "account").last).to_contain_text("您点了BOOK")
    part(page, "menu-top").filter(has_text="我的").click()
    expect(bubbles(page, "account").last).to_contain_text("您点了MINE")
    expect(bubbles(page, "me")).to_have_count(0)


def test_menu_and_keyboard_take_turns_at_the_foot(page: Page) -> None:
    follow(page)
    expect(part(page, "input")).to_be_hidden()
    part(page, "to-keys").click()
    expect(part(page, "input")).to_be_focused()
    expect(part(page, "menu")).to_be_hidden()
    part(page, "to-menu").click()
    expect(part(page, "menu")).to_be_visible()


def test_scanning_the_door_code_follows_and_scanning_it_again_greets(page: Page, sandbox: Sandbox) -> None:
    code = {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": "door:1"}}}
    sandbox.call("/cgi-bin/qrcode/create", code)
    part(page, "follow-by-code").click()
    part(page, "code").filter(has_text="door:1").first.click()
    expect(bubbles(page, "account").last).to_contain_text("互助中路社区")
    part(page, "scan").click()
    part(page, "code").filter(has_text="door:1").first.click()
    expect(bubbles(page, "account").last).to_contain_text("您扫了门口的码")


def test_pasted_text_is_shown_as_text(page: Page) -> None:
    follow(page)
    part(page, "scan").click()
    part(page, "scan-text").fill("只是一句话")
    part(page, "sheet-send").click()
    expect(part(page, "scanned-text")).to_have_text("只是一句话")


def test_markup_in_an_answer_stays_letters(page: Page) -> None:
    follow(page)
    attack = '<img src=x onerror="broken=1"><script>broken=1</script><a href="javascript:broken=1">点</a>'
    say(page, attack)
    expect(bubbles(page, "account").last.locator(".words")).to_have_text(attack)
    assert part(page, "log").locator("img, script, a").count() == 0
    assert page.evaluate("window.broken") is None


def test_a_link_of_the_account_opens_inside_the_phone(page: Page, sandbox: Sandbox) -> None:
    follow(page)
    say(page, f'<a href="{sandbox.url}/control/?a=1&amp;b=2">看通知</a>')
    link = bubbles(page, "account").last.locator('[data-test="link"]')
    expect(link).to_have_attribute("href", f"{sandbox.url}/control/?a=1&b=2")
    link.click()
    expect(page.frame_locator('[data-test="webview-frame"]').locator("h1")).to_have_text("平台控制台")
    told = {each["name"]: each["value"] for each in page.context.cookies()}
    assert told["sandbox_neighbour"] == holder(page)
    part(page, "webview-close").click()
    expect(part(page, "webview")).to_be_hidden()
    expect(link).to_be_focused()


def test_a_page_that_asks_who_i_am_learns_it_without_a_question(page: Page, sandbox: Sandbox) -> None:
    host = sandbox.webhook.url.split("/")[2]
    sandbox.platform.control("PUT", "/apps/main", oauth_domain=host)
    query = {
        "appid": sandbox.webhook.app["appid"],
        "redirect_uri": f"http://{host}/h5/me",
        "response_type": "code",
    }
    authorize = f"{sandbox.url}/connect/oauth2/authorize?{urlencode({**query, 'scope': 'snsapi_base', 'state': 's1'})}"
    follow(page)
    say(page, authorize)
    bubbles(page, "account").last.locator('[data-test="link"]').click()
    frame = page.locator('[data-test="webview-frame"]').element_handle().content_frame()
    assert frame is not None
    frame.wait_for_url(re.compile(r"/h5/me\?code=[^&]+&state=s1"), wait_until="commit")


@pytest.mark.parametrize("thing", ["image", "voice", "location", "link", "sticker", "file", "video"])
def test_every_thing_of_the_plus_panel_can_be_sent(page: Page, thing: str) -> None:
    follow(page)
    part(page, "to-keys").click()
    part(page, "plus").click()
    page.locator(f'[data-test="plus-item"][data-kind="{thing}"]').click()
    press = {"image": "image-sample", "voice": "sheet-send", "location": "place", "link": "sheet-send"}.get(
        thing
    )
    if press:
        part(page, press).first.click()
    expect(page.locator(f'[data-test="bubble"][data-from="me"][data-kind="{thing}"]')).to_have_count(1)
    expect(part(page, "on-way")).to_have_count(0)


def test_a_broken_answer_shows_the_platforms_own_sentence_in_grey(page: Page) -> None:
    follow(page)
    say(page, "乱说")
    expect(bubbles(page, "system").last).to_contain_text("暂时无法提供服务")


def test_what_cannot_be_sent_is_kept_and_can_be_sent_again(page: Page) -> None:
    follow(page)
    page.route("**/main/send", lambda route: route.abort())
    say(page, "听得见吗")
    expect(part(page, "unsent")).to_contain_text("听得见吗")
    page.unroute("**/main/send")
    part(page, "unsent").get_by_role("button").click()
    expect(bubbles(page, "account").last).to_contain_text("听得见吗")
    expect(part(page, "unsent")).to_have_count(0)


def test_a_template_message_is_a_card_with_rows_that_opens_its_page(page: Page, sandbox: Sandbox) -> None:
    follow(page)
    data = {
        "thing1": {"value": "高龄补贴"},
        "time2": {"value": "2026年8月3日 09:30"},
        "phrase3": {"value": "已约好"},
    }
    message = {
        "touser": sandbox.platform.openid(holder(page)),
        "template_id": "TPL-APPOINTMENT",
        "url": f"{sandbox.url}/control/",
    }
    sandbox.call("/cgi-bin/message/template/send", {**message, "data": data})
    card = page.locator('[data-test="bubble"][data-kind="card"]')
    expect(card).to_contain_text("预约提醒")
    expect(card.locator("dd")).to_have_text(["高龄补贴", "2026年8月3日 09:30", "已约好"])
    card.get_by_role("button", name="查看详情").click()
    expect(part(page, "webview")).to_be_visible()


def test_choosing_an_option_of_a_menu_message_answers_with_its_words(page: Page, sandbox: Sandbox) -> None:
    follow(page)
    choices = {
        "head_content": "办得满意吗？",
        "list": [{"id": "1", "content": "满意"}],
        "tail_content": "谢谢您",
    }
    message = {"touser": sandbox.platform.openid(holder(page)), "msgtype": "msgmenu", "msgmenu": choices}
    sandbox.call("/cgi-bin/message/custom/send", message)
    part(page, "option").filter(has_text="满意").click()
    expect(bubbles(page, "me").last).to_contain_text("满意")


def test_unfollowing_ends_the_chat_and_the_button_comes_back(page: Page) -> None:
    follow(page)
    part(page, "more").click()
    part(page, "unfollow").click()
    expect(part(page, "follow")).to_be_visible()
    expect(part(page, "chat")).to_be_hidden()


def test_news_for_another_neighbour_shows_as_a_badge(page: Page, sandbox: Sandbox) -> None:
    follow(page)
    other = sandbox.newcomer("韩师傅")
    sandbox.platform.phone(other, "follow")
    page.set_viewport_size(DESK)
    page.reload()
    row = page.locator(f'[data-test="neighbour"][data-id="{other}"]')
    expect(row.locator('[data-test="badge"]')).to_contain_text("1")
    row.click()
    expect(row.locator('[data-test="badge"]')).to_have_count(0)


def test_a_new_neighbour_gets_a_phone_of_his_own(page: Page) -> None:
    follow(page)
    part(page, "back").click()
    part(page, "add-name").fill("卓玛")
    part(page, "add").click()
    expect(part(page, "hint")).to_contain_text("卓玛")


def test_nothing_is_too_small_to_touch_or_wider_than_the_smallest_screen(page: Page) -> None:
    page.set_viewport_size(SMALLEST)
    follow(page)
    small = """() => [...document.querySelectorAll("button, a, textarea, input")]
      .filter((each) => each.checkVisibility() && !each.closest(".words"))
      .filter((each) => each.getBoundingClientRect().width < 44 || each.getBoundingClientRect().height < 44).length"""
    assert page.evaluate(small) == 0
    part(page, "to-keys").click()
    part(page, "plus").click()
    assert page.evaluate(small) == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= SMALLEST["width"]


def test_the_desk_shows_what_the_account_was_told_and_answered(page: Page) -> None:
    page.set_viewport_size(DESK)
    follow(page)
    say(page, "高龄补贴")
    expect(part(page, "last-push")).to_contain_text("高龄补贴")


def test_a_phone_without_a_platform_says_so_and_recovers_by_itself(page: Page) -> None:
    follow(page)
    page.route("**/phone/api/**", lambda route: route.abort())
    expect(part(page, "offline")).to_contain_text("连不上演示平台")
    page.unroute("**/phone/api/**")
    expect(part(page, "offline")).to_be_hidden()
