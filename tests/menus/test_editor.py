"""The menu's editor: what a clerk types, moves and saves, what is counted, and what may not be published."""

from __future__ import annotations

import html
import re

import pytest
from sqlalchemy import select

from app.site import Site
from handlers.menus.actions import beginning
from handlers.menus.checks import faults_of
from models.menus import Columns, MenuVersion, as_shown, faults, for_wechat, is_safe_link, shown_length
from tests.neighbours import Town
from tests.staff.clerks import Clerk, clerk

FIELD = re.compile(r'<input class="form-control" (?:id="\w+" )?name="(c\w+)" value="([^"]*)"')
KIND = re.compile(r'<select class="form-select" name="(c\w+k)".*?<option value="(\w+)" selected', re.DOTALL)


def filled(page: str) -> dict[str, str]:
    """The form as a browser would send it back."""
    base = re.search(r'name="base" value="(\d+)"', page)
    assert base is not None
    typed = {name: html.unescape(value) for name, value in FIELD.findall(page)}
    return typed | dict(KIND.findall(page)) | {"base": base[1]}


def versions(town: Town) -> list[Columns]:
    with town.reading() as session:
        return list(session.scalars(select(MenuVersion.columns).order_by(MenuVersion.id)))


@pytest.fixture
def wang(sqlite_town: Town) -> Clerk:
    sqlite_town.seed("programmes", "menus")
    return clerk(sqlite_town, "desk", login="wang")


def test_the_editor_begins_with_the_menu_that_residents_have(wang: Clerk) -> None:
    wang.opens("/console/menu")
    form = filled(wang.page)
    assert form["c0"] == "我要办事"
    assert form["c2l4"] == "我的信息"
    assert "每一行都有回答" in wang.words
    assert wang.sends("/console/menu", **form).status_code == 302
    assert versions(wang.town) == [beginning()]


def test_a_line_moves_by_keys_and_nothing_is_saved_before_saving(wang: Clerk) -> None:
    wang.opens("/console/menu")
    wang.sends("/console/menu", **filled(wang.page) | {"move": "0-1-up", "c0l2": "说事", "c0l2t": "说事反映"})
    moved = filled(wang.page)
    assert (moved["c0l0"], moved["c0l1"]) == ("要带什么", "预约服务")
    assert moved["c0l2t"] == "说事反映"
    assert len(versions(wang.town)) == 1
    wang.sends("/console/menu", **moved | {"move": "0-right"})
    moved = filled(wang.page)
    assert (moved["c0"], moved["c1"]) == ("幸福家园", "我要办事")
    for nowhere in ("9-9-up", "²-1-up", f"{'9' * 5000}-up"):
        assert wang.sends("/console/menu", **moved | {"move": nowhere}).status_code == 200
    wang.sends("/console/menu", **filled(wang.page) | {"why": "预约放到中间"})
    assert [column["name"] for column in versions(wang.town)[-1]] == ["幸福家园", "我要办事", "我的"]
    wang.opens("/console/menu")
    assert "预约放到中间" in wang.words


def test_names_are_counted_as_the_phone_shows_them(wang: Clerk) -> None:
    wang.opens("/console/menu")
    wang.sends(
        "/console/menu/look",
        **filled(wang.page) | {"c0": "我要办事情", "c0l0": "预约社区里的各种服务", "c0l0t": "预约服务"},
    )
    assert "5/4 字,15/16 字节" in html.unescape(re.sub(r"<[^>]+>", "", wang.page)).replace("5.0", "5")
    assert "预约社区里的各种…" in wang.page
    assert (shown_length("AB12"), shown_length("预约A")) == (2, 2.5)
    assert as_shown("我的", 4) == "我的"


def test_wechats_limits_hold_when_saving(wang: Clerk) -> None:
    wang.opens("/console/menu")
    form = filled(wang.page)
    for wrong in (
        {"c0": "我要办的事情"},
        {"c0l0": "约" * 21, "c0l0t": "预约服务"},
        {"c0l0t": "约" * 43},
        {"c0l0k": "evil"},
    ):
        answer = wang.sends("/console/menu", **form | wrong)
        assert answer.status_code == 200, wrong
        assert "菜单放不下" in wang.words
    assert len(versions(wang.town)) == 1


@pytest.mark.parametrize(
    ("kind", "target", "fault"),
    [
        ("word", "预约服务", None),
        ("word", "四点半课堂", None),
        ("word", "幸福旅行社", None),
        ("word", "没有人答的话", "no_such_word"),
        ("word", "{{7*7}}", "no_such_word"),
        ("page", "/h5/notices", None),
        ("page", "/h5/nothing", "no_such_page"),
        ("page", "https://evil.example/h5/notices", "no_such_page"),
        ("link", "https://www.xining.gov.cn/", None),
        ("link", "https://mp.weixin.qq.com/s/abc", None),
        ("link", "http://www.xining.gov.cn/", "foreign_link"),
        ("link", "https://evil.example/", "foreign_link"),
    ],
)
def test_every_line_must_lead_somewhere(
    site: Site, sqlite_town: Town, kind: str, target: str, fault: str | None
) -> None:
    sqlite_town.seed("programmes")
    columns = [{"name": "办事", "lines": [{"name": "一行", "kind": kind, "target": target}]}]
    with sqlite_town.reading() as session:
        found = faults_of(site.house, session, columns, {"/h5/notices"})
    assert [one.code for one in found] == ([fault] if fault else [])


@pytest.mark.parametrize(
    "address",
    [
        "https://gov.cn.evil.example/",
        "https://evilgov.cn/",
        "https://a@www.xining.gov.cn/",
        "https://www.xining.gov.cn:8443/",
        "https://www.xining.gov.cn\\@evil.example/",
        "javascript:alert(1)",
        "https://[",
        "//www.xining.gov.cn",
        "https://www.xining.gov.cn/" + "a" * 1024,
    ],
)
def test_a_menu_leads_nobody_astray(address: str) -> None:
    assert not is_safe_link(address)


def test_what_is_wrong_with_the_whole_is_said() -> None:
    line = {"name": "看", "kind": "word", "target": "看"}
    wrong: Columns = [
        {"name": "", "lines": []},
        {"name": "甲", "lines": [line, line]},
        *[{"name": "乙", "lines": [line] * 6}] * 2,
    ]
    codes = {one.code for one in faults(wrong, lambda _: True, ())}
    assert codes == {"too_many_columns", "no_name", "no_lines", "name_twice", "too_many_lines"}
    assert [one.code for one in faults([], lambda _: True, ())] == ["no_columns"]


def test_a_page_of_ours_gets_our_address() -> None:
    columns = [{"name": "看", "lines": [{"name": "通知", "kind": "page", "target": "/h5/notices"}]}]
    made = for_wechat(columns, "https://community.example/")
    assert made["button"][0]["sub_button"] == [
        {"type": "view", "name": "通知", "url": "https://community.example/h5/notices"}
    ]


def test_b09_what_looks_like_a_template_stays_as_it_was_typed(wang: Clerk) -> None:
    wang.opens("/console/menu")
    wang.sends(
        "/console/menu",
        **filled(wang.page) | {"c0l0": "{{7*7}}", "c0l0t": "预约服务", "why": "<b>{{7*7}}</b>"},
    )
    assert "{{7*7}}" in wang.opens("/console/menu").text
    assert "49" not in wang.words
    assert "<b>{{" not in wang.page


def test_two_who_save_at_once_do_not_overwrite_each_other_unseen(wang: Clerk) -> None:
    zhao = clerk(wang.town, "desk", login="zhao", name="赵干事")
    wang.opens("/console/menu")
    mine, base = filled(wang.page), filled(wang.page)["base"]
    zhao.opens("/console/menu")
    zhao.sends("/console/menu", **filled(zhao.page) | {"c2": "我家"})
    wang.sends("/console/menu", **mine | {"c1": "家园"})
    assert "刚有人存了第2版" in wang.words
    assert filled(wang.page)["base"] != base
    wang.sends("/console/menu", **filled(wang.page))
    assert [column["name"] for column in versions(wang.town)[-1]] == ["我要办事", "家园", "我的"]
    assert len(versions(wang.town)) == 3


def test_every_line_of_the_beginning_answers_a_tap(sqlite_town: Town) -> None:
    sqlite_town.seed("people", "programmes")
    for column in beginning():
        for line in column["lines"]:
            assert len(sqlite_town.phone("路人").clicks(line["target"])) > 10, line


def test_those_who_only_approve_read_the_form_and_do_not_save(wang: Clerk) -> None:
    li = clerk(wang.town, "approver", login="li")
    li.opens("/console/menu")
    assert "存成新的一版" not in li.words
    assert li.sends("/console/menu", **filled(li.page)).status_code == 403
    stranger = clerk(wang.town, "grid")
    assert stranger.opens("/console/menu/versions/1").status_code == 403
    assert stranger.sends("/console/menu/look").status_code == 403
