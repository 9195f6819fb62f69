"""Wrongdoing told without a name: few read it, never whoever is named, and nobody can say who told it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from handlers.matters import guarded, jobs
from models.audit import AuditLine
from models.duty import DutyBell
from models.guarded_matters import GuardedMatter
from models.guarded_reports import GuardedReport, GuardedWord
from models.identity import Actor
from tests.matters.conftest import house, refused
from tests.neighbours import Phone, Town
from tests.pages.visitors import Visitor
from tests.staff.clerks import Clerk, clerk

TOLD = "王干事上个月办低保的时候收了人家两条烟"


@pytest.fixture
def officer(sqlite_town: Town, ma: Phone) -> Clerk:
    return clerk(sqlite_town, "petitions", login="xin", name="信专员")


def tells(town: Town, words: str = TOLD, once: str = "a") -> tuple[str, str]:
    """The number and the code, as the page shows them once."""
    page = town.client.post("/h5/matters/quiet", data={"text": words, "once": once}).text
    number, code = re.findall(r'class="number">([\d-]+)<', page)
    return number, code


def rows(town: Town, table: type = GuardedMatter) -> int:
    with town.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_it_is_told_answered_and_followed_by_number_and_code(sqlite_town: Town, officer: Clerk) -> None:
    number, code = tells(sqlite_town)
    assert tells(sqlite_town) == (number, code), "sent twice it is one"
    assert rows(sqlite_town) == 1
    officer.opens("/console/guarded")
    assert number in officer.words
    assert "两条烟" not in officer.words
    officer.opens("/console/guarded/1")
    assert "两条烟" in officer.words
    officer.sends("/console/guarded/1/answer", words="正在核实,请等几天", follow=True)
    stranger = sqlite_town.client
    look = {"number": number, "code": code}
    assert "正在核实,请等几天" in stranger.post("/h5/matters/quiet/look", data=look).text
    assert "没找到" in stranger.post("/h5/matters/quiet/look", data=look | {"code": "000000"}).text
    assert "两条烟" not in stranger.post("/h5/matters/quiet/look", data=look).text
    stranger.post("/h5/matters/quiet/look", data=look | {"words": "还有一次是上个礼拜"})
    officer.opens("/console/guarded/1")
    assert "还有一次是上个礼拜" in officer.words
    officer.sends("/console/guarded/1/done", words="查实了,已经处理", follow=True)
    assert "有结果了" in officer.words
    assert "查实了" in stranger.post("/h5/matters/quiet/look", data=look).text


def test_nothing_in_the_common_database_says_what_or_who(
    sqlite_town: Town, ma: Phone, officer: Clerk
) -> None:
    mine = Visitor(sqlite_town, ma)
    mine.sends("/h5/matters/quiet", text=TOLD, once="a")
    with sqlite_town.reading() as session:
        lines = session.scalars(select(AuditLine).where(AuditLine.action == "matters.guarded_report")).all()
        assert [line.actor for line in lines] == ["house"]
        raw = session.connection().connection.dbapi_connection.serialize()  # type: ignore[union-attr]
    assert "两条烟".encode() not in raw
    with sqlite_town.site.confidential.reading() as session:
        raw = session.connection().connection.dbapi_connection.serialize()  # type: ignore[union-attr]
    assert "两条烟".encode() not in raw, "sealed there as well"


def test_whoever_is_named_never_reads_it(sqlite_town: Town, ma: Phone) -> None:
    named = clerk(sqlite_town, "petitions", login="wang", name="王干事")
    lead = clerk(sqlite_town, "approver", login="li", name="李主任")
    tells(sqlite_town)
    assert "没有" in named.opens("/console/guarded").text
    assert named.opens("/console/guarded/1").status_code == 404
    named.sends("/console/guarded/1/answer", words="没有这回事")
    assert lead.opens("/console/guarded/1").status_code == 200
    assert "两条烟" in lead.words
    with sqlite_town.site.confidential.reading() as session:
        assert session.scalar(select(func.count()).select_from(GuardedWord)) == 0
    for role in ("desk", "grid", "care", "auditor", "admin", "leader"):
        other = clerk(sqlite_town, role, login=role, name=f"{role}同事")
        assert other.opens("/console/guarded").status_code == 403
        assert other.opens("/console/guarded/1").status_code == 403


def test_whoever_a_later_word_names_reads_it_no_more(sqlite_town: Town, officer: Clerk) -> None:
    lead = clerk(sqlite_town, "approver", login="li", name="李主任")
    number, code = tells(sqlite_town)
    look = {"number": number, "code": code}
    assert officer.opens("/console/guarded/1").status_code == 200
    assert lead.opens("/console/guarded/1").status_code == 404
    sqlite_town.client.post("/h5/matters/quiet/look", data=look | {"words": "信 专员也在场,一起收的"})
    assert officer.opens("/console/guarded/1").status_code == 404
    lead.opens("/console/guarded/1")
    assert "一起收的" in lead.words
    page = sqlite_town.client.post("/h5/matters/quiet/look", data=look | {"words": "李主任也知道"})
    assert "12388" in page.text, "nobody is left who may read it"
    assert "李主任也知道" not in lead.opens("/console/guarded/1").text


def test_whoever_is_named_and_comes_or_comes_back_later_does_not_read_it(
    sqlite_town: Town, officer: Clerk
) -> None:
    tells(sqlite_town)
    late = clerk(sqlite_town, "petitions", login="wang", name="王干事")
    assert "没有" in late.opens("/console/guarded").text
    assert late.opens("/console/guarded/1").status_code == 404


def test_codes_are_not_to_be_tried_out_from_many_addresses(sqlite_town: Town, officer: Clerk) -> None:
    number, _ = tells(sqlite_town)

    def asks(nth: int) -> int:
        """Each from another address, another code."""
        away = {"REMOTE_ADDR": f"203.0.113.{nth}"}
        look = {"number": number, "code": f"{nth:06d}"}
        return sqlite_town.client.post(
            "/h5/matters/quiet/look", data=look, environ_overrides=away
        ).status_code

    assert [asks(nth) for nth in range(12)][-3:] == [200, 429, 429]


def test_when_all_who_could_receive_it_are_named_the_way_out_is_told(sqlite_town: Town, ma: Phone) -> None:
    clerk(sqlite_town, "petitions", login="wang", name="王干事")
    page = sqlite_town.client.post("/h5/matters/quiet", data={"text": TOLD, "once": "a"})
    assert page.status_code == 409
    assert "12388" in page.text
    assert TOLD in page.text, "what was typed is not lost"
    assert rows(sqlite_town) == 0
    with sqlite_town.site.confidential.reading() as session:
        assert session.scalar(select(func.count()).select_from(GuardedReport)) == 0


def test_a_crash_between_the_databases_is_healed_and_lateness_rings(
    sqlite_town: Town, officer: Clerk, monday: time_machine.Coordinates
) -> None:
    class Power(Exception):
        pass

    def cut(session: Session) -> None:
        guarded.receive(Actor(session, channel="page"), TOLD, "a")
        raise Power

    with pytest.raises(Power):
        sqlite_town.writing(cut)
    assert rows(sqlite_town) == 0
    assert sqlite_town.writing(lambda s: jobs.tidy_guarded(house(s))).startswith("1 ")
    assert sqlite_town.writing(lambda s: jobs.tidy_guarded(house(s))).startswith("0 ")
    assert rows(sqlite_town) == 1
    before = rows(sqlite_town, DutyBell)
    monday.shift(timedelta(days=30))
    sqlite_town.writing(lambda s: jobs.tell_of_late(house(s)))
    sqlite_town.writing(lambda s: jobs.tell_of_late(house(s)))
    assert rows(sqlite_town, DutyBell) == before + 1


def test_words_are_gone_two_years_after_the_end(
    sqlite_town: Town, officer: Clerk, monday: time_machine.Coordinates
) -> None:
    number, code = tells(sqlite_town)
    officer.sends("/console/guarded/1/done", words="查过了,没有这回事")
    monday.shift(timedelta(days=731))
    assert sqlite_town.writing(lambda s: jobs.tidy_guarded(house(s))).endswith("1 forgotten")
    assert (
        "没找到"
        in sqlite_town.client.post("/h5/matters/quiet/look", data={"number": number, "code": code}).text
    )


def test_too_little_is_not_taken_and_a_cry_is_answered(sqlite_town: Town, officer: Clerk) -> None:
    post = sqlite_town.client.post
    assert post("/h5/matters/quiet", data={"text": "有人收钱", "once": "a"}).status_code == 409
    assert "12356" in post("/h5/matters/quiet", data={"text": "我不想活了", "once": "b"}).text
    assert rows(sqlite_town) == 0
    with refused("too_many_words"):
        given = sqlite_town.writing(lambda s: guarded.receive(Actor(s, channel="page"), TOLD, "a"))
        for _ in range(31):
            sqlite_town.writing(
                lambda s: guarded.add(Actor(s, channel="page"), given.receipt, given.code, "再说一句")
            )
