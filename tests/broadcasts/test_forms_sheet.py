"""The 审稿单: who wrote, read, tested and passed it, with room to sign, on paper."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from handlers.broadcasts import actions
from handlers.notices import reviewing
from models.broadcasts import Broadcast
from models.stored_file import StoredFile
from tests.broadcasts.planning import approved, colleague, notice, resident, writer
from tests.neighbours import Town
from tests.posters.pages import text_of
from tests.staff.clerks import Clerk, clerk


@pytest.fixture
def wang(sqlite_town: Town) -> Clerk:
    return clerk(sqlite_town, "desk", login="clerk")


def sheet(wang: Clerk, path: str) -> str:
    """The words of the paper that comes of it."""
    asked = wang.sends(f"/console/broadcasts/{path}/review-sheet")
    assert asked.status_code == 302, wang.words
    wang.town.works()
    page = wang.opens(asked.headers["Location"]).text
    assert "做完了" in page, wang.words
    assert "data:image/png" in page
    with wang.town.reading() as session:
        assert session.scalar(select(StoredFile.purpose)) == "broadcasts.sheet"
    return text_of(wang.client.get(f"{asked.headers['Location']}/file").data)


def test_an_approved_broadcast_shows_who_read_tested_and_passed_it(wang: Clerk) -> None:
    def unit(session):  # type: ignore[no-untyped-def]
        resident(session, "马秀兰", spoke=True)
        return approved(session).id

    number = wang.town.writing(unit)
    words = sheet(wang, str(number))
    for told in ("审 稿 单", "明天停水", "供水公司", "撰稿", "wang干事", "签字", "王干事"):
        assert told in words, words
    for told in ("初审", "chu干事", "复审", "fu干事", "终审", "li干事", "、错字", "试发", "微信对话1人"):
        assert told in words, words
    assert "没有试发" not in words
    assert "两人模式" not in words
    with wang.town.reading() as session:
        row = session.get_one(Broadcast, number)
        assert row.version.digest[:12] in words
        assert str(row.digest)[:12] in words


def test_what_came_back_before_stands_on_it_with_the_reason(wang: Clerk) -> None:
    def unit(session):  # type: ignore[no-untyped-def]
        row = notice(session, reviewed=False)
        chu = colleague(session, "chu", "first_review")
        said = {
            "stage": "first_review",
            "passed": False,
            "proofs": (),
            "comment": "时间写错了{{7*7}}#panic()",
        }
        reviewing.review(chu, row, number=1, **said)
        reviewing.switch_two_people(colleague(session, "li", "approver"), True)
        session.flush()
        return actions.draft(writer(session), row, urgent=True).version_id

    words = sheet(wang, f"versions/{wang.town.writing(unit)}")
    assert "退回" in words
    assert "时间写错了{{7*7}}#panic()" in words
    assert "两人模式" in words
    assert "群发指纹" not in words


def test_an_urgent_one_says_that_reading_is_made_up_for(wang: Clerk) -> None:
    def unit(session):  # type: ignore[no-untyped-def]
        resident(session, "马秀兰", spoke=True)
        return approved(session, notice=notice(session, reviewed=False), urgent=True).id

    number = wang.town.writing(unit)
    assert "还没有补审完" in sheet(wang, str(number))


def test_who_has_nothing_to_do_with_notices_gets_no_sheet(sqlite_town: Town) -> None:
    grid = clerk(sqlite_town, "grid", login="grid")
    for path in ("1/review-sheet", "versions/1/review-sheet"):
        assert grid.sends(f"/console/broadcasts/{path}").status_code == 403
    wang = clerk(sqlite_town, "desk", login="wang3")
    assert wang.sends("/console/broadcasts/99/review-sheet").status_code == 404
