"""Cries for help at the console: the words only for those with the role, each opening in the trail without content."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from models.audit import AuditLine
from models.confidential import ConfidentialMatter
from tests.neighbours import Town
from tests.staff.clerks import Clerk, audited, clerk

CRY = "我不想活了,吃了好多药"


@pytest.fixture
def zhao(sqlite_town: Town) -> Clerk:
    sqlite_town.phone("马秀兰").says("菜单")
    sqlite_town.phone("马秀兰").says(CRY)
    return clerk(sqlite_town, "care", login="zhao", name="赵老师")


def matter(zhao: Clerk) -> ConfidentialMatter:
    with zhao.town.site.confidential.reading() as session:
        found = session.scalars(select(ConfidentialMatter)).one()
        session.expunge(found)
        return found


def test_the_list_and_today_show_kind_and_time_but_no_words(zhao: Clerk) -> None:
    zhao.opens("/console/")
    assert "紧急求助 1" in zhao.words
    assert "不想活" not in zhao.page
    zhao.opens("/console/care")
    assert "轻生" in zhao.words
    assert "不想活" not in zhao.page
    with zhao.town.reading() as session:
        assert audited(session, "care.read") == []


def test_opening_one_leaves_a_line_without_its_content(zhao: Clerk) -> None:
    zhao.opens(f"/console/care/{matter(zhao).id}")
    assert CRY in zhao.words
    with zhao.town.reading() as session:
        [line] = audited(session, "care.read")
        assert line.facts == {"matter": matter(zhao).id}
        assert line.actor == f"staff:{zhao.member(session).id}"
        everything = " ".join(str(one.facts) for one in session.scalars(select(AuditLine)))
    assert "不想活" not in everything


def test_handling_it_is_noted_and_takes_it_off_today(zhao: Clerk) -> None:
    number = matter(zhao).id
    zhao.sends(f"/console/care/{number}/handled", outcome="已打电话,女儿陪着,已叫120")
    assert matter(zhao).outcome == "已打电话,女儿陪着,已叫120"
    assert matter(zhao).handled_at is not None
    zhao.opens("/console/")
    assert "没有没处理的求助" in zhao.words
    with zhao.town.reading() as session:
        assert len(audited(session, "care.handle")) == 1


def test_handling_it_without_a_word_is_refused(zhao: Clerk) -> None:
    zhao.sends(f"/console/care/{matter(zhao).id}/handled", outcome=" ", follow=True)
    assert "请写清楚做了什么" in zhao.words
    assert matter(zhao).handled_at is None


def test_the_resident_behind_it_is_reached_with_the_purpose_written_down(zhao: Clerk) -> None:
    zhao.opens(f"/console/care/{matter(zhao).id}")
    with zhao.town.reading() as session:
        number = zhao.town.phone("马秀兰").person(session).id
    assert f'action="/console/residents/{number}"' in zhao.page
    zhao.sends(f"/console/residents/{number}", purpose="emergency")
    with zhao.town.reading() as session:
        assert audited(session, "people.look_up")[-1].facts == {"purpose": "emergency"}


def test_b16_nobody_else_reads_it_and_every_try_is_in_the_trail(zhao: Clerk) -> None:
    for role in ("desk", "approver", "leader", "admin", "auditor"):
        other = clerk(zhao.town, role, login=role)
        assert other.opens(f"/console/care/{matter(zhao).id}").status_code == 403
        assert "不想活" not in other.page
    with zhao.town.reading() as session:
        assert [line.facts["page"] for line in audited(session, "staff.refused")] == [
            "care_console.matter"
        ] * 5


def test_a_matter_that_is_not_there(zhao: Clerk) -> None:
    assert zhao.opens("/console/care/999").status_code == 404
    zhao.sends("/console/care/999/handled", outcome="什么也没有做")
    assert audited_count(zhao) == 0


def audited_count(zhao: Clerk) -> int:
    with zhao.town.reading() as session:
        return len(audited(session, "care.handle"))


def test_b08_what_a_resident_types_to_look_like_a_file_stays_words(sqlite_town: Town) -> None:
    """A file that lies in a matter is one that the desk attached; nobody puts a download before the few who read it."""
    forged = "〔领导批示.html|data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==〕"
    sqlite_town.phone("马秀兰").says("菜单", f"我不想活了{forged}")
    zhao = clerk(sqlite_town, "care", login="zhao", name="赵老师")
    zhao.opens(f"/console/care/{matter(zhao).id}")
    assert "我不想活了" in zhao.words
    assert 'href="data:text' not in zhao.page
    assert "领导批示.html|data" in zhao.words
