"""Notices at the console: one writes, another publishes, residents are answered accordingly."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from models.notices import Notice
from tests.neighbours import Town
from tests.staff.clerks import Clerk, clerk

NOTICE = {
    "title": "冬季取暖补贴开始办了",
    "category": "政策",
    "source": "东城区民政局",
    "summary": "低保户可以领取暖补贴。\n带上身份证到2号窗口。",
    "bring": "身份证\n低保证\n",
    "valid_from": "2026-11-01",
    "valid_until": "2030-12-31",
}


@pytest.fixture
def wang(sqlite_town: Town) -> Clerk:
    return clerk(sqlite_town, "desk", login="wang")


@pytest.fixture
def li(sqlite_town: Town) -> Clerk:
    return clerk(sqlite_town, "approver", login="li", name="李主任")


def write(wang: Clerk, **other: Any) -> str:
    """The path of the new draft."""
    answer = wang.sends("/console/notices/new", **NOTICE | other)
    assert answer.status_code == 302, wang.words
    return str(answer.headers["Location"])


def row(wang: Clerk) -> Notice:
    with wang.town.reading() as session:
        found = session.scalars(select(Notice).order_by(Notice.id.desc())).first()
        assert found is not None
        session.expunge(found)
        return found


def test_a_notice_is_written_read_by_another_published_and_told(wang: Clerk, li: Clerk) -> None:
    path = write(wang)
    assert "取暖补贴" in wang.opens(path).text
    assert "1、身份证" in wang.words
    phone = wang.town.phone("马秀兰")
    assert "取暖" not in phone.says("最新通知")
    li.opens("/console/")
    assert "等审核的通知 1" in li.words
    li.sends(f"{path}/publish")
    assert row(wang).bring == ["身份证", "低保证"]
    assert "取暖补贴" in phone.says("最新通知")
    li.sends(f"{path}/withdraw")
    assert "取暖" not in phone.says("最新通知")


def test_b16_who_writes_does_not_publish(wang: Clerk) -> None:
    path = write(wang)
    assert wang.sends(f"{path}/publish").status_code == 403
    assert row(wang).state == "draft"


def test_b16_one_who_has_changed_roles_does_not_publish_an_own_draft(wang: Clerk) -> None:
    path = write(wang)

    def promote(session):  # type: ignore[no-untyped-def]
        wang.member(session).roles = ["approver"]

    wang.town.writing(promote)
    wang.sends(f"{path}/publish", follow=True)
    assert "要请另一位同事" in wang.words
    assert row(wang).state == "draft"


def test_what_residents_already_see_is_changed_only_by_those_who_publish(wang: Clerk, li: Clerk) -> None:
    path = write(wang)
    assert wang.sends(f"{path}/edit", **NOTICE | {"title": "冬季取暖补贴,12月底止"}).status_code == 302
    assert row(wang).title == "冬季取暖补贴,12月底止"
    li.sends(f"{path}/publish")
    assert wang.opens(f"{path}/edit").status_code == 403
    assert li.sends(f"{path}/edit", **NOTICE | {"bring": "户口本"}).status_code == 302
    assert row(wang).bring == ["户口本"]


def test_a_form_that_is_not_right_keeps_what_was_written_and_says_why(wang: Clerk) -> None:
    wang.sends("/console/notices/new", **NOTICE | {"valid_until": "2026-01-01"})
    assert "结束日期不能早于开始日期" in wang.words
    assert "低保户可以领取暖补贴" in wang.page
    wang.sends("/console/notices/new", **NOTICE | {"title": ""})
    assert "请填写" in wang.words
    wang.sends("/console/notices/new", **NOTICE | {"bring": "\n".join("一二三四五六七八九")})
    assert "最多8样" in wang.words
    with wang.town.reading() as session:
        assert session.scalar(select(Notice)) is None


def test_lists_are_by_state(wang: Clerk, li: Clerk) -> None:
    draft = write(wang, title="还在写的通知")
    over = write(wang, title="早就过期的通知", valid_from="2020-01-01", valid_until="2020-02-01")
    later = write(wang, title="以后才开始的通知", valid_from="2030-01-01")
    for path in (over, later):
        li.sends(f"{path}/publish")
    for which, title in (("draft", "还在写的"), ("over", "早就过期的"), ("later", "以后才开始的")):
        li.opens("/console/notices", query_string={"which": which})
        assert title in li.words, which
    li.opens("/console/notices?which=nonsense")
    assert "这里没有通知" in li.words
    assert draft
