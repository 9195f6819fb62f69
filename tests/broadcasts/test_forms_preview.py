"""Before anybody gets it, the staff see one notice in every form, and nothing of it brings its own look."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from handlers.broadcasts import actions
from models.broadcasts import Broadcast
from models.notices import NoticeVersion
from models.refusal import Refusal
from tests.broadcasts.planning import after_a_test, notice, resident, writer
from tests.neighbours import Town, frozen
from tests.staff.clerks import Clerk, clerk

SECOND = {
    "language": "藏文",
    "text": "བཀྲ་ཤིས་བདེ་ལེགས།",
    "written_by": "卓玛",
    "checked_by": "",
}


@pytest.fixture
def wang(sqlite_town: Town) -> Clerk:
    return clerk(sqlite_town, "desk", login="wang")


def made(town: Town, **parts: object) -> tuple[int, int]:
    """(the broadcast's id, the version's)."""

    def unit(session):  # type: ignore[no-untyped-def]
        row = actions.draft(writer(session), notice(session, reviewed=False, **parts))
        session.flush()
        return row.id, row.version_id

    return town.writing(unit)


def test_every_form_of_a_broadcast_is_on_one_page(wang: Clerk) -> None:
    number, _ = made(wang.town, second=SECOND, bring=("身份证",), body="供水公司第1号通知")
    page = wang.opens(f"/console/broadcasts/{number}/preview").text
    for name in ("聊天里", "订阅通知", "文章", "网页", "贴出来的"):
        assert f"{name}</h" in page
    assert page.count("请提前接好水。") >= 3
    assert page.count(SECOND["text"]) >= 3
    assert "供水公司第1号通知" in page
    assert "style=" not in page
    assert "看各种样子" in wang.opens(f"/console/broadcasts/{number}/decide").text


def test_a_version_is_seen_before_anybody_makes_a_broadcast_of_it(wang: Clerk) -> None:
    _, version = made(wang.town, title="题" * 40)
    page = wang.opens(f"/console/broadcasts/versions/{version}/preview").text
    assert "标题有40个字,文章最多32个字" in page
    cover = wang.client.get(f"/console/broadcasts/versions/{version}/cover.png")
    assert cover.mimetype == "image/png"
    assert cover.data.startswith(b"\x89PNG")
    with wang.town.reading() as session:
        assert len(session.scalars(select(Broadcast)).all()) == 1
        path = f"/console/notices/{session.get_one(NoticeVersion, version).notice_id}"
    assert f"/console/broadcasts/versions/{version}/preview" in wang.opens(path).text


def test_who_has_nothing_to_do_with_notices_sees_none_of_it(sqlite_town: Town) -> None:
    number, version = made(sqlite_town)
    grid = clerk(sqlite_town, "grid", login="grid")
    for path in (f"{number}/preview", f"versions/{version}/preview", f"versions/{version}/cover.png"):
        assert grid.opens(f"/console/broadcasts/{path}").status_code == 403
    wang = clerk(sqlite_town, "desk", login="wang2")
    assert wang.opens("/console/broadcasts/99/preview").status_code == 404
    assert wang.opens("/console/broadcasts/versions/99/preview").status_code == 404


def test_a_notice_whose_day_has_passed_meanwhile_is_not_proposed(sqlite_town: Town) -> None:
    with frozen("2026-11-26 09:00") as wall:

        def draft(session):  # type: ignore[no-untyped-def]
            row = notice(session, summary="请11月27日(星期五)来社区领米。")
            return after_a_test(session, actions.draft(writer(session), row)).id

        number = sqlite_town.writing(draft)
        wall.move_to("2026-11-28 09:00+08:00")

        def propose(session):  # type: ignore[no-untyped-def]
            actions.propose(writer(session), session.get_one(Broadcast, number))

        with pytest.raises(Refusal) as why:
            sqlite_town.writing(propose)
    assert why.value.code == "notices.look_again"
    assert "11月27日" in why.value.facts["words"]


def test_a_title_that_no_article_can_have_is_shortened_before_it_is_proposed(sqlite_town: Town) -> None:
    def propose(session):  # type: ignore[no-untyped-def]
        resident(session, "马秀兰")
        row = notice(session, title="题" * 40)
        with pytest.raises(Refusal) as why:
            actions.propose(writer(session), after_a_test(session, actions.draft(writer(session), row)))
        in_chat = actions.draft(writer(session), row, roads=("custom", "paper"))
        assert actions.propose(writer(session), after_a_test(session, in_chat)).state == "proposed"
        return why.value.code

    assert sqlite_town.writing(propose) == "notices.article_title_too_long"
