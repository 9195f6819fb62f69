"""The programmes' editor: the desk changes what is told, those who publish switch engines, residents hear it at once."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from sqlalchemy import select

from app.site import Site
from handlers.programmes.rows import ROWS
from models.programmes import ENGINES, Programme, ProgrammeVersion
from tests.neighbours import Town
from tests.staff.clerks import Clerk, audited, clerk

FIELD = re.compile(
    r'<(?:input|textarea)[^>]* name="(\w+)"[^>]*?(?:value="([^"]*)"[^>]*>|>\s*([^<]*)</textarea>)'
)
OWN = ("name", "sentence", "hours", "contact", "words", "later", "aliases", "menu_place", "position", "base")
OWNERS = {
    "M1": {"notices"},
    "M2": {"appointments", "circle", "guides", "hall"},
    "M3": {"activities"},
    "M4": {"volunteers", "hours", "ledger"},
    "M5": {"wishes"},
    "X1": {"desk"},
}


@pytest.fixture
def wang(sqlite_town: Town) -> Clerk:
    sqlite_town.seed("people", "programmes", "menus")
    return clerk(sqlite_town, "desk", login="wang")


@pytest.fixture
def li(sqlite_town: Town) -> Clerk:
    return clerk(sqlite_town, "approver", login="li", name="李主任")


def path(town: Town, code: str) -> str:
    with town.reading() as session:
        return (
            f"/console/programmes/{session.scalars(select(Programme.id).where(Programme.code == code)).one()}"
        )


def form(page: str) -> dict[str, str]:
    found = {name: html.unescape(value or text).strip() for name, value, text in FIELD.findall(page)}
    return {name: found.get(name, "") for name in OWN}


def changes(wang: Clerk, where: str, **told: Any) -> int:
    wang.opens(where)
    return wang.sends(where, **form(wang.page) | told).status_code


def test_what_the_desk_writes_is_what_a_resident_hears(wang: Clerk) -> None:
    where = path(wang.town, "culture")
    told = {"sentence": "看书下棋,不收钱。", "hours": "周二到周日 9:00–18:00", "contact": "0971-8170009"}
    assert changes(wang, where, **told, aliases="文化站\n看书的地方", words="活动报名") == 302, wang.words
    phone = wang.town.phone("路人")
    heard = phone.says("看书的地方")
    assert "看书下棋,不收钱。" in heard
    assert "时间:周二到周日 9:00–18:00" in heard
    assert "0971-8170009" in heard
    assert "1 活动报名" in heard
    assert "预约服务" not in heard
    assert "看书下棋" not in phone.says("图书馆")


def test_the_card_is_seen_while_typing(wang: Clerk) -> None:
    where = path(wang.town, "culture")
    wang.opens(where)
    wang.sends(f"{where}/look", **form(wang.page) | {"sentence": "正在写的一句。{{7*7}}"})
    assert "正在写的一句。{{7*7}}" in wang.page
    assert "大白话分" in wang.page
    assert "正在写" not in wang.town.phone("路人").says("幸福文化站")


def test_an_engine_that_is_off_offers_its_words_no_more(wang: Clerk, li: Clerk) -> None:
    where, phone = path(wang.town, "culture"), wang.town.phone("路人")
    assert "1 预约服务" in phone.says("幸福文化站")
    li.opens(where)
    li.sends(f"{where}/engines", on=["M3", "M9"], base="0", follow=True)
    heard = phone.says("幸福文化站")
    assert "预约服务" not in heard
    assert "1 活动报名" in heard
    assert "关了:预约" in wang.opens("/console/programmes").text
    assert phone.says("预约服务") != ""  # elsewhere it goes on
    api = wang.town.client.get("/api/v1/programmes").get_json()
    (shown,) = [one for one in api["items"] if one["code"] == "culture"]
    assert shown["engines"] == ["M3", "M9"]
    assert shown["words"] == ["活动报名"]
    li.sends(f"{where}/engines", base="1")
    assert "只能看介绍" in phone.says("幸福文化站")
    li.sends(f"{where}/engines", on=["M2", "M3", "M9"], base="2")
    assert "1 预约服务" in phone.says("幸福文化站")
    with li.town.reading() as session:
        assert len(audited(session, "programmes.switch_engines")) == 3


def test_each_change_is_kept_and_can_be_taken_back(wang: Clerk) -> None:
    where = path(wang.town, "wish")
    before = wang.town.phone("路人").says("幸福心愿站")
    changes(wang, where, sentence="第一次改。")
    changes(wang, where, sentence="第二次改。")
    assert changes(wang, where) == 302
    with wang.town.reading() as session:
        assert len(session.scalars(select(ProgrammeVersion)).all()) == 3
    assert "第二次改。" in wang.town.phone("路人").says("幸福心愿站")
    wang.sends(f"{where}/bring-back", version="0")
    assert wang.town.phone("路人").says("幸福心愿站") == before
    wang.sends(f"{where}/bring-back", version="9", follow=True)
    assert "没有第9版" in wang.words
    assert "第3版" in wang.opens(where).text


def test_two_who_change_it_at_once_hear_of_each_other(wang: Clerk) -> None:
    where = path(wang.town, "wish")
    wang.opens(where)
    old = form(wang.page)
    changes(clerk(wang.town, "desk", login="zhao"), where, sentence="赵写的。")
    wang.sends(where, **old | {"sentence": "王写的。"})
    assert "刚有人改过这一项" in wang.words
    assert "赵写的。" in wang.town.phone("路人").says("幸福心愿站")
    wang.sends(where, **form(wang.page) | {"sentence": "王写的。"})
    assert "王写的。" in wang.town.phone("路人").says("幸福心愿站")


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"words": "没有人答的话"}, "没有回答"),
        ({"aliases": "图书室"}, "已经是幸福文化站的名字"),
        ({"aliases": "戒毒"}, "已经是另一项的名字"),
        ({"name": ""}, "请填写"),
        ({"aliases": "一"}, "2到20个字"),
        (
            {"words": "预约服务\n最新通知\n活动报名\n心愿站\n志愿服务\n菜单\n人工"},
            "最多6个",
        ),
        ({"position": "x"}, ""),
    ],
)
def test_what_would_mislead_a_resident_is_not_saved(wang: Clerk, wrong: dict[str, str], why: str) -> None:
    assert changes(wang, path(wang.town, "wish"), **wrong) == 200
    assert why in wang.words


def test_b08_b09_texts_are_data(wang: Clerk) -> None:
    where = path(wang.town, "wish")
    changes(wang, where, sentence="{{7*7}}<i>\u202e好。", later="{% raw %}", hours="<b>")
    heard = wang.town.phone("路人").says("幸福心愿站")
    assert "{{7*7}}<i>好。" in heard
    assert "{% raw %}" in heard
    page = wang.opens(where).text
    assert "<i>好" not in page
    assert "{{7*7}}&lt;i&gt;好。" in page


def test_what_is_not_listed_shows_neutral_words_whatever_is_written(wang: Clerk) -> None:
    where = path(wang.town, "recovery")
    changes(wang, where, sentence="写了也不说。", hours="周一")
    assert "这一项不公开" in wang.opens(where).text
    assert "写了也不说" not in wang.town.phone("路人").says("戒毒")


def test_the_roles_are_kept_apart(wang: Clerk, li: Clerk) -> None:
    where = path(wang.town, "wish")
    assert wang.sends(f"{where}/engines", on=["M5"], base="0").status_code == 403
    assert changes(li, where, sentence="不该我改。") == 200
    assert "不该我改" not in wang.town.phone("路人").says("幸福心愿站")
    assert li.sends(f"{where}/bring-back", version="0").status_code == 403
    stranger = clerk(wang.town, "leader")
    for page in ("/console/programmes", where):
        assert stranger.opens(page).status_code == 403
    for act in ("look", "engines", "bring-back"):
        assert stranger.sends(f"{where}/{act}").status_code == 403
    assert wang.opens("/console/programmes/999").status_code == 404


def test_the_words_of_an_engine_are_those_that_its_feature_answers(site: Site) -> None:
    for engine, (_, words) in ENGINES.items():
        if engine in OWNERS:
            targets = [
                site.house.always[word].name if word in site.house.always else site.house.chat_words()[word]
                for word in words
            ]
            assert {target.partition(".")[0] for target in targets} <= OWNERS[engine], engine
    assert {engine for row in ROWS for engine in row["engines"]} <= set(ENGINES)


def test_b15_two_changes_at_once_make_two_versions_or_one(town: Town) -> None:
    from concurrent.futures import ThreadPoolExecutor

    town.seed("programmes")
    clerks = [clerk(town, "desk", login=login) for login in ("wang", "zhao")]
    where = path(town, "wish")
    forms = []
    for one in clerks:
        one.opens(where)
        forms.append(form(one.page) | {"sentence": f"{one.login}写的。"})
    with ThreadPoolExecutor(2) as pool:
        codes = list(
            pool.map(lambda one: one[0].sends(where, **one[1]).status_code, zip(clerks, forms, strict=True))
        )
    assert sorted(codes) == [200, 302]
    with town.reading() as session:
        assert len(session.scalars(select(ProgrammeVersion)).all()) == 2
