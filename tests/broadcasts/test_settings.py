"""通知设置: which topics come, in chat and on the page, and what WeChat's own button allows."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.people import actions as people
from models.grants import Grant
from models.topics import people_against, unwanted_by
from tests.neighbours import Phone, Town
from tests.pages.visitors import Visitor


@pytest.fixture
def ma(sqlite_town: Town) -> Phone:
    return neighbour(sqlite_town, "马秀兰")


def neighbour(town: Town, name: str) -> Phone:
    """Somebody who agreed to be told."""
    phone = town.phone(name)
    phone.follows()
    town.writing(lambda s: people.give_consent(phone.actor(s), "notices"))
    return phone


def off(phone: Phone) -> list[str]:
    with phone.town.reading() as session:
        return unwanted_by(session, phone.person(session))


def left(phone: Phone) -> int:
    with phone.town.reading() as session:
        identity = phone.identity(session)
        return sum(
            one.left for one in session.scalars(select(Grant)) if identity and one.identity_id == identity.id
        )


# ---- in chat ---------------------------------------------------------------------------------------------------------


def test_all_topics_come_and_a_digit_switches_one_off_and_on_again(ma: Phone) -> None:
    shown = ma.says("通知设置")
    assert "3 活动:收" in shown
    assert "急事" in shown
    assert len(shown) <= 300
    told = ma.says("3")
    assert "以后不发“活动”" in told
    assert "还会发:政策、办事、停水停电" in told
    assert "急事,还是会告诉您" in told
    assert off(ma) == ["活动"]
    assert "3 活动:不收" in ma.says("1")
    assert "又收了" in ma.says("3")
    assert off(ma) == []


def test_a_choice_is_taken_back_by_the_word(ma: Phone) -> None:
    ma.says("通知设置", "1")
    assert off(ma) == ["政策"]
    ma.says("撤销")
    assert off(ma) == []


@pytest.mark.parametrize(
    ("said", "topic"),
    [
        ("退订 政策", "政策"),
        ("不要活动通知", "活动"),
        ("不想收招聘的通知了", "招聘"),
        ("别发健康通知了", "健康"),
        ("不收停水的通知", "停水停电"),
    ],
)
def test_a_topic_is_switched_off_in_a_sentence(ma: Phone, said: str, topic: str) -> None:
    assert f"不发“{topic}”" in ma.says(said)
    assert off(ma) == [topic]


def test_a_topic_is_wanted_again_in_a_sentence(ma: Phone) -> None:
    ma.says("退订政策")
    assert "又收了" in ma.says("订阅 政策")
    assert off(ma) == []


@pytest.mark.parametrize("said", ["不要辣的", "不要这个通知", "取消活动", "退订", "订阅牛奶"])
def test_what_is_about_something_else_switches_nothing_off(ma: Phone, said: str) -> None:
    ma.says(said)
    assert off(ma) == []


def test_who_never_agreed_is_told_so_first(sqlite_town: Town) -> None:
    stranger = sqlite_town.phone("路人")
    stranger.follows()
    assert "还没同意收通知" in stranger.says("通知设置")
    assert "同意以后,这样收:\n1 " in stranger.says("通知设置"), "what is listed is not sent yet"


# ---- on the page -----------------------------------------------------------------------------------------------------


def test_the_page_keeps_what_is_ticked(ma: Phone) -> None:
    page = Visitor(ma.town, ma).opens("/h5/settings")
    assert page.page.count("checked") == 8
    page.sends("/h5/settings", once="a", topic=["政策", "安全"])
    assert "记下了" in page.words
    assert off(ma) == ["办事", "活动", "停水停电", "健康", "招聘", "其他"]
    assert page.page.count("checked") == 2


def test_the_page_is_found_from_mine_and_by_a_search(ma: Phone) -> None:
    page = Visitor(ma.town, ma).opens("/h5/me").taps("通知设置")
    assert page.path == "/h5/settings"
    assert "通知设置" in Visitor(ma.town, ma).opens("/h5/search?q=通知设置").words


def test_a_stranger_is_asked_who_they_are_and_changes_nothing(ma: Phone) -> None:
    nobody = Visitor(ma.town)
    assert (
        nobody.client.get("/h5/settings").status_code != 200
        or "哪些事" not in nobody.opens("/h5/settings").words
    )
    nobody.sends("/h5/settings", once="a", topic=["政策"])
    assert off(ma) == []
    foreign = Visitor(ma.town, ma).client.post(
        "/h5/settings", data={"once": "x"}, headers={"Origin": "https://elsewhere.example"}
    )
    assert foreign.status_code == 403
    assert off(ma) == []


def test_who_never_agreed_may_agree_here(sqlite_town: Town) -> None:
    stranger = sqlite_town.phone("路人")
    stranger.follows()
    page = Visitor(sqlite_town, stranger).opens("/h5/settings")
    assert "还没同意" in page.words
    page.presses("同意收通知")
    assert "您同意收通知" in page.words
    with sqlite_town.reading() as session:
        assert people.has_consent(stranger.actor(session), "notices")


def allow(phone: Phone, once: str, status: str = "accept", template: str = "news") -> Visitor:
    told = json.dumps({template: json.dumps({"status": status})})
    return Visitor(phone.town, phone).sends("/h5/settings/allowed", once=once, details=told)


def test_wechat_s_button_and_its_popup_are_one_yes_and_the_same_form_twice_is_one(ma: Phone) -> None:
    page = allow(ma, "tap")
    assert "还能收 1 条" in page.words
    allow(ma, "tap")
    popup(ma, "accept")
    assert left(ma) == 1
    allow(ma, "another tap")
    assert left(ma) == 2


def test_what_the_button_gave_for_other_templates_or_in_no_form_of_wechat_s_counts_nothing(ma: Phone) -> None:
    allow(ma, "a", template="TPL-OF-SOMEBODY")
    allow(ma, "b", status="reject")
    for number, nonsense in enumerate(("", "[]", "7", '{"news": "{"}', '{"news": null}', "x" * 9000)):
        Visitor(ma.town, ma).sends("/h5/settings/allowed", once=f"n{number}", details=nonsense)
    assert left(ma) == 0


def test_only_the_settings_page_is_signed_and_only_it_may_load_wechat_s_script(ma: Phone) -> None:
    ma.town.site.redis.flushall()  # no ticket is left from a WeChat that somebody else had
    page = Visitor(ma.town, ma)
    assert page.client.get("/h5/settings/sdk?page=https://elsewhere.example/h5/settings").status_code == 404
    ours = ma.town.site.settings.web.public_url
    assert page.client.get(f"/h5/settings/sdk?page={ours}/h5/me").status_code == 404
    assert page.client.get(f"/h5/settings/sdk?page={ours}/h5/settings").status_code == 503, "no WeChat here"
    script = ma.town.site.settings.platform.oauth_base
    policy = page.client.get("/h5/settings").headers["Content-Security-Policy"]
    assert f"script-src 'self' {script};" in policy
    assert "unsafe" not in policy
    assert "script-src" not in page.client.get("/h5/me").headers["Content-Security-Policy"]


# ---- what WeChat tells -----------------------------------------------------------------------------------------------


def popup(phone: Phone, *answers: str, scene: int = 1, at: int | None = None, event: str = "popup") -> None:
    rows = "".join(
        f"<List><TemplateId>news</TemplateId><SubscribeStatusString>{one}</SubscribeStatusString>"
        f"<PopupScene>{scene}</PopupScene></List>"
        for one in answers
    )
    name = event.capitalize()
    phone.event(
        f"subscribe_msg_{event}_event", f"<SubscribeMsg{name}Event>{rows}</SubscribeMsg{name}Event>", at
    )


def test_popups_are_counted_once_each_and_a_no_in_the_settings_ends_them(ma: Phone) -> None:
    popup(ma, "accept", scene=2, at=1_795_000_000)
    popup(ma, "accept", scene=2, at=1_795_000_000)
    popup(ma, "reject", scene=2, at=1_795_000_050)
    popup(ma, "accept", scene=2, at=1_795_000_100)
    assert left(ma) == 2, "the first was pushed twice"
    popup(ma, "reject", event="change", at=1_795_000_200)
    assert left(ma) == 0


def test_a_no_that_comes_late_does_not_end_a_younger_yes(ma: Phone) -> None:
    popup(ma, "accept", at=1_795_000_300)
    popup(ma, "reject", event="change", at=1_795_000_200)
    assert left(ma) == 1


# ---- a copy, being forgotten, one person ----------------------------------------------------------------------------


def test_wishes_are_in_the_copy_and_go_with_the_person(ma: Phone) -> None:
    ma.says("退订政策")
    popup(ma, "accept")
    with ma.town.reading() as session:
        kept = people.export(ma.actor(session), ma.person(session))["群发"]
    assert kept == {"不想收的通知": "政策", "还允许发的订阅通知": 1}
    ma.town.writing(lambda s: people.erase(ma.actor(s), ma.person(s)))
    with ma.town.reading() as session:
        assert session.scalars(people_against("政策")).all() == []
        assert session.scalars(select(Grant)).all() == []


def test_two_records_of_one_person_want_what_both_want_and_are_parted_again(ma: Phone) -> None:
    other = neighbour(ma.town, "马秀兰的旧号")
    ma.says("退订政策")
    other.says("退订招聘")
    code = ma.town.writing(lambda s: people.issue_link_code(ma.actor(s)))

    def join(session: Session) -> None:
        assert people.link_by_code(other.actor(session), code) is not None

    ma.town.writing(join)
    assert off(ma) == ["政策", "招聘"] == off(other)


def test_an_answer_that_nests_without_end_is_no_answer(ma: Phone) -> None:
    page = Visitor(ma.town, ma)
    for details in ("[" * 3900, '{"news":' * 400):
        assert page.sends("/h5/settings/allowed", once=details[:1], details=details).status == 200
