"""What is doubtful is shown while writing; what is wrong does not go out, and what is meant so is ticked by its writer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from handlers.notices import actions
from models.identity import Actor
from models.notices import Notice, newest
from tests.neighbours import Town, frozen
from tests.notices.writing import NOTICE, publish, read_by, row, write
from tests.staff.clerks import Clerk, audited, clerk


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with frozen("2026-11-26 09:00"):
        yield


@pytest.fixture
def wang(sqlite_town: Town) -> Clerk:
    return clerk(sqlite_town, "desk", login="wang")


@pytest.fixture
def li(sqlite_town: Town) -> Clerk:
    return clerk(sqlite_town, "approver", login="li", name="李主任")


def read_by_both(town: Town, path: str, version: int = 1) -> None:
    read_by(clerk(town, "first_review", login=f"chu{version}"), path, version=version)
    read_by(clerk(town, "second_review", login=f"fu{version}"), path, version=version)


def looks(wang: Clerk, **other: Any) -> str:
    return wang.sends("/console/notices/look", **NOTICE | other).text


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("请12月3日(星期五)来办。", "星期几和日期对不上"),
        ("请2月30日来办。", "没有这一天"),
        ("请8月3日(星期一)来办。", "这一天已经过了"),
        ("请农历十月十八(12月1日)来办。", "农历和公历对不上"),
        ("请人民正府的人来办。", "写错了,不能这样发"),
        ("请来侧量血压。", "像是错别字"),
        ("请看http://1.2.3.4/。", "看不出是谁的网站"),
        ("请看https://t.cn/a。", "短网址"),
        ("请看https://a.gov.cn/1和https://b.gov.cn/2。", "网址最多放一个"),
    ],
)
def test_each_doubt_is_shown_while_writing(wang: Clerk, words: str, told: str) -> None:
    assert told in looks(wang, summary=words)


def test_what_is_wrong_does_not_go_out_even_with_a_tick(wang: Clerk, li: Clerk) -> None:
    path = write(wang, summary="请12月3日(星期五)带身份证来办。", ticked=["dates"])
    read_by_both(wang.town, path)
    publish(li, path)
    assert "有1处要改好才能发:12月3日(星期五" in li.words
    assert row(wang).state == "draft"


def test_a_doubt_goes_out_once_its_writer_has_ticked_it(wang: Clerk, li: Clerk) -> None:
    path = write(wang, summary="请来侧量血压。\n带上身份证。")
    read_by_both(wang.town, path)
    publish(li, path)
    assert "请写的人再看一眼:侧量" in li.words
    changed = NOTICE | {"base": "1", "summary": "请来侧量血压。\n带上身份证。", "ticked": ["slips"]}
    wang.sends(f"{path}/edit", **changed)
    read_by_both(wang.town, path, version=2)
    assert "写的人看过,就这样写" in wang.opens(path).text
    publish(li, path, version=2)
    assert row(wang).state == "published"


def test_a_notice_that_is_over_is_not_published(wang: Clerk, li: Clerk) -> None:
    path = write(wang, valid_until="2026-11-25")
    read_by_both(wang.town, path)
    publish(li, path)
    assert "11月25日" in li.words
    assert row(wang).state == "draft"


def test_leaders_names_and_titles_are_compared_with_the_offices_list(wang: Clerk, li: Clerk) -> None:
    assert "和名单上" not in looks(wang, summary="请听马建国局长讲话。")
    wang.sends("/console/notices/known/titles", name="马 建国", title="社区党委书记", follow=True)
    assert "马建国" in wang.words
    told = looks(wang, summary="请听马建国局长讲话。")
    assert "和名单上的职务不一样" in told
    assert "马建国:社区党委书记" in told
    wang.sends("/console/notices/known/titles/1")
    assert "和名单上" not in looks(wang, summary="请听马建国局长讲话。")


def test_the_office_adds_its_own_slips(wang: Clerk) -> None:
    wang.sends("/console/notices/known/slips", wrong="互住中路", meant="互助中路", follow=True)
    assert "互助中路" in looks(wang, summary="请到互住中路来。")
    wang.sends("/console/notices/known/slips", wrong="互助", meant="互助中路", follow=True)
    assert "错的不能是对的一部分" in wang.words
    wang.sends("/console/notices/known/titles", name="马", title="书记", follow=True)
    assert "姓名要2到20个字" in wang.words
    with wang.town.reading() as session:
        assert len(audited(session, "notices.add_slip")) == 1
    wang.sends("/console/notices/known/slips/1")
    assert "像是错别字" not in looks(wang, summary="请到互住中路来。")


def test_others_do_not_change_the_lists(sqlite_town: Town) -> None:
    grid = clerk(sqlite_town, "grid", login="grid")
    assert grid.opens("/console/notices/known").status_code == 403
    assert grid.sends("/console/notices/known/titles", name="马建国", title="书记").status_code == 403


def test_a_job_publishes_what_the_house_itself_has_written(sqlite_town: Town) -> None:
    """Demo data and imports are not held up: nobody could tick for them."""
    parts = NOTICE | {"bring": (), "summary": "请来侧量血压。"}

    def unit(session):  # type: ignore[no-untyped-def]
        by = Actor(session, channel="job")
        days = {name: actions.clock.today() for name in ("valid_from", "valid_until")}
        notice = actions.draft(by, **parts | days)
        actions.publish(by, notice)
        assert newest(session, notice).ticked == []

    sqlite_town.writing(unit)
    with sqlite_town.reading() as session:
        assert session.query(Notice).one().state == "published"
