"""A petition's way with the office: steps, clocks of the law by their version, the session, who is kept out."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from handlers.petitions import actions
from models.audit import AuditLine
from models.duty import DutyBell
from models.identity import Actor
from models.outbox import OutboxRow
from models.petitions_clock import KINDS, PetitionRule, Span, rules_of
from models.petitions_lists import no_clock_without_alarm
from tests.neighbours import Town, frozen
from tests.pages.visitors import Visitor
from tests.petitions.conftest import MATTER, books, petitions, runs
from tests.staff.clerks import Clerk, audited, clerk


@pytest.fixture
def case(sun: Clerk) -> str:
    books(sun.town.phone("马秀兰"), way="1")
    return f"/console/petitions/{petitions(sun.town)[0].id}"


def row(person: Clerk):  # type: ignore[no-untyped-def]
    return petitions(person.town)[0]


def test_opening_it_wants_a_fresh_proof_and_is_told_to_whoever_came(sun: Clerk, case: str) -> None:
    assert sun.opens(case).status_code == 200
    assert "拆迁" in sun.words
    with frozen("2026-11-26 09:20"):
        assert sun.opens(case).status_code == 302, "older than five minutes: asked again"
        ma = Visitor(sun.town, sun.town.phone("马秀兰"))
        assert "11月26日(星期四) 信访专员" in ma.opens("/h5/private/1").words
    with sun.town.reading() as session:
        [line] = audited(session, "petitions.read")
        assert line.facts == {"petition": 1}


def test_b16_no_other_role_opens_it_and_the_one_it_is_about_does_not_either(sun: Clerk, case: str) -> None:
    for role in ("desk", "leader", "admin", "auditor", "approver"):
        assert clerk(sun.town, role, login=role).opens(case).status_code == 403
    assert clerk(sun.town, "care", login="zhao").opens(case).status_code == 404
    sun.sends(f"{case}/exclude", who=_id(sun))
    assert sun.opens(case).status_code == 404
    sun.sends(f"{case}/register")
    assert row(sun).state == "received"
    sun.opens("/console/petitions")
    assert row(sun).number not in sun.page


def test_for_whom_it_is_about_no_address_leads_to_it(sun: Clerk, case: str) -> None:
    zhou = clerk(sun.town, "petitions", login="zhou", name="周专员")
    zhou.sends(f"{case}/exclude", who=_id(sun))
    before = row(sun)
    steps = (
        "register",
        "accept",
        "extend",
        "note",
        "check",
        "link",
        "call",
        "outcome",
        "promise",
        "promise/1/kept",
    )
    for step in steps:
        sun.sends(f"{case}/{step}", words="什么也没有", what="papers", done="1", outcome="没有", link="")
        assert "拆迁" not in sun.page
    for address in ("", "/print", "/papers/1"):
        assert sun.opens(f"{case}{address}").status_code == 404
    after = row(sun)
    assert (after.state, after.outcome, after.papers_seen_at, len(after.steps)) == (
        before.state,
        None,
        None,
        len(before.steps),
    )


def _id(person: Clerk) -> int:
    with person.town.reading() as session:
        return person.member(session).id


def test_each_step_has_its_clock_and_is_told_in_neutral_words_only(sun: Clerk, case: str) -> None:
    assert row(sun).due == date(2026, 12, 11), "fifteen days for the notice"
    sun.sends(f"{case}/register")
    sun.sends(f"{case}/accept")
    assert (row(sun).due, row(sun).rules) == (date(2027, 1, 25), 1)
    sun.sends(f"{case}/extend", words="要到省里查档案")
    assert row(sun).due == date(2027, 2, 24)
    sun.sends(f"{case}/extend", words="再等等")
    assert row(sun).due == date(2027, 2, 24), "once"
    sun.sends(f"{case}/handle")
    sun.sends(f"{case}/answer", words="")
    assert row(sun).state == "handled", "an answer has words"
    sun.sends(f"{case}/answer", words="补偿款本月底前发到您的账户")
    assert row(sun).due == date(2026, 12, 26), "thirty days to ask for a review"
    runs(sun.town, "tend")
    runs(sun.town, "tend")
    with sun.town.reading() as session:
        sent = session.scalars(select(OutboxRow)).all()
        assert {one.kind for one in sent} == {"_base.something_new", "_base.appointment_ahead"}
        assert len([one for one in sent if one.kind == "_base.something_new"]) == 5
        assert "补偿" not in str([one.facts for one in sent])
        assert len({one.once for one in sent}) == 6
    ma = Visitor(sun.town, sun.town.phone("马秀兰")).opens("/h5/private/1")
    assert "补偿款本月底前发到您的账户" in ma.words
    assert "要到省里查档案" in ma.words
    ma.sends("/h5/private/1/review", words="数字不对,少算了两间")
    assert row(sun).state == "review"
    assert row(sun).due == date(2026, 12, 26)


def test_a_transfer_shows_until_when_it_may_be_refused(sun: Clerk, case: str) -> None:
    sun.sends(f"{case}/register")
    sun.sends(f"{case}/transfer", words="转区住建局")
    sun.opens(case)
    assert "12月3日(星期四) (5个工作日内)" in sun.words
    assert row(sun).due == date(2027, 1, 25)


def test_two_who_act_on_the_same_state_do_not_act_twice(sun: Clerk, case: str) -> None:
    sun.sends(f"{case}/register", seen="received")
    sun.sends(f"{case}/accept", seen="registered")
    sun.sends(f"{case}/refuse", seen="registered", words="晚了")
    assert row(sun).state == "accepted"


@pytest.mark.parametrize(
    ("span", "day", "last"),
    [
        (Span(15), date(2026, 11, 26), date(2026, 12, 11)),
        (Span(5, working=True), date(2026, 11, 26), date(2026, 12, 3)),
        (Span(5, working=True), date(2026, 9, 28), date(2026, 10, 10)),
        (Span(60), date(2026, 12, 31), date(2027, 3, 1)),
    ],
)
def test_days_are_counted_from_the_day_after(span: Span, day: date, last: date) -> None:
    assert span.after(day) == last


def test_a_new_version_of_the_law_changes_no_case_that_is_registered(sun: Clerk, case: str) -> None:
    sun.sends(f"{case}/register")
    numbers = dict.fromkeys(KINDS, "40")
    sun.sends("/console/petitions/rules", valid_from="2026-12-01", source="新条例第1条", **numbers)
    with frozen("2026-12-02 09:00"):
        later = clerk(sun.town, "petitions", login="zhou", name="周专员")
        later.sends(f"{case}/accept")
        assert (row(sun).rules, row(sun).due) == (1, date(2027, 1, 31)), "sixty days, not forty"
        books(sun.town.phone("韩建国"), "物业乱收费,说了半年没有人管", way="1", time_="2")
        assert petitions(sun.town)[1].due == date(2027, 1, 11)
        later.sends("/console/petitions/2/register")
        assert petitions(sun.town)[1].rules == 2


def test_every_number_of_the_law_waits_to_be_confirmed_by_somebody(sun: Clerk) -> None:
    sun.opens("/console/petitions/rules")
    assert sun.words.count("待核实") == len(KINDS)
    with sun.town.reading() as session:
        number = rules_of(session, 1)[0].id
    sun.sends(f"/console/petitions/rules/{number}/confirm")
    sun.opens("/console/petitions/rules")
    assert "孙专员核对过" in sun.words
    with sun.town.reading() as session:
        assert all(one.source for one in session.scalars(select(PetitionRule)))


def test_five_days_before_and_after_the_last_day_there_is_an_alarm(sun: Clerk, case: str) -> None:
    assert runs(sun.town, "sound_alarms") == "0 alarms"
    with frozen("2026-12-06 08:00"):
        assert runs(sun.town, "sound_alarms") == "1 alarms"
        assert runs(sun.town, "sound_alarms") == "0 alarms"
        assert row(sun).light == "amber"
    with frozen("2026-12-12 02:00"):
        assert broken(sun.town), "late and nobody was told"
        assert runs(sun.town, "sound_alarms") == "1 alarms"
        assert not broken(sun.town)
        late = clerk(sun.town, "petitions", login="zhou", name="周专员")
        late.opens("/console/")
        assert "超期" in late.words
    with sun.town.reading() as session:
        assert {bell.role for bell in session.scalars(select(DutyBell))} == {"petitions"}


def broken(town: Town) -> list[str]:
    with town.site.confidential.reading() as session:
        return no_clock_without_alarm(session)


def test_after_the_days_for_a_review_it_closes_by_itself(sun: Clerk, case: str) -> None:
    for step, words in (("register", ""), ("accept", ""), ("handle", ""), ("answer", "办好了,请核对")):
        sun.sends(f"{case}/{step}", words=words)
    with frozen("2026-12-27 03:00"):
        runs(sun.town, "each_night")
    assert row(sun).state == "closed"
    with frozen("2036-12-30 03:00"):
        runs(sun.town, "each_night")
    assert petitions(sun.town) == [], "kept for ten years"


# ---- the session -----------------------------------------------------------------------------------------------------


def test_the_session_is_prepared_called_in_and_written_down(sun: Clerk, case: str) -> None:
    for wrong in ("http://evil.example/x", "https://["):
        sun.sends(f"{case}/link", link=wrong)
        assert row(sun).link is None
    sun.sends(f"{case}/link", link="https://meeting.tencent.com/dm/abc")
    sun.sends(f"{case}/check", what="link", done="1")
    sun.sends(f"{case}/check", what="papers", done="1")
    assert row(sun).link_tested_at is not None
    with frozen("2026-12-03 08:55"):
        officer = clerk(sun.town, "petitions", login="zhou", name="周专员")
        officer.sends(f"{case}/call")
        ma = Visitor(sun.town, sun.town.phone("马秀兰"))
        assert "轮到您了" in ma.opens("/h5/private/1").words
        officer.sends(
            f"{case}/outcome", outcome="下周五前查清款项去向", minutes="来访人情绪稳定", satisfied=""
        )
        officer.sends(f"{case}/promise", said="查清款项", owner="住建局王科长", due="2026-12-11")
        assert "下周五前查清款项去向" in ma.opens("/h5/private/1").words
        assert "来访人情绪稳定" not in ma.page
        assert "住建局王科长负责" in ma.words
        ma.sends("/h5/private/1/satisfied", answer="yes")
        assert row(sun).satisfied == "yes"
        officer.sends(f"{case}/promise/1/kept")
        assert "办到了" in ma.opens("/h5/private/1").words
        officer.opens(f"{case}/print")
        assert "下周五前查清款项去向" in officer.words


def test_no_rating_slip_and_no_statistics_come_of_it(sun: Clerk, case: str) -> None:
    from models.ratings import RatingToken

    sun.sends(f"{case}/outcome", outcome="谈过了", satisfied="no")
    with sun.town.reading() as session:
        assert session.scalars(select(RatingToken)).all() == []


# ---- two people ------------------------------------------------------------------------------------------------------


def test_somebody_else_reads_it_only_when_a_second_person_agrees_and_for_a_day(sun: Clerk, case: str) -> None:
    wang = clerk(sun.town, "approver", login="wang", name="王主任")
    assert wang.opens("/console/petitions/permitted/1").status_code == 404
    wang.sends("/console/petitions/ask", receipt=row(sun).receipt, reason="区里来函核实")
    assert wang.opens("/console/petitions/permitted/1").status_code == 404
    sun.opens(case)
    assert "王主任 请求看这一件:区里来函核实" in sun.words
    sun.sends("/console/petitions/permits/1/agree")
    assert "拆迁" in (wang.opens("/console/petitions/permitted/1").text)
    assert {view.role for view in row(sun).views} == {"petitions", "approver"}
    other = clerk(sun.town, "approver", login="other", name="李主任")
    assert other.opens("/console/petitions/permitted/1").status_code == 404
    with frozen("2026-11-27 09:05"):
        again = Clerk(sun.town, "wang")
        again.signs_in()
        assert again.opens("/console/petitions/permitted/1").status_code == 404


def test_the_counter_takes_one_in_for_who_has_no_telephone(sun: Clerk) -> None:
    sun.sends(
        "/console/petitions/new", text=MATTER, name="马秀兰", time="1", language="", accused="", phone=""
    )
    assert "查询码" in sun.words
    assert (row(sun).channel, row(sun).who, row(sun).leader) == ("console", None, "李副区长")
    assert "拆迁" not in sun.page


def test_the_trail_never_says_who_petitions(sun: Clerk, case: str) -> None:
    with sun.town.reading() as session:
        lines = session.scalars(select(AuditLine).where(AuditLine.action.startswith("petitions."))).all()
        assert not any(line.actor.startswith("person") for line in lines)


def test_an_action_of_nobody_is_refused(sun: Clerk, case: str) -> None:
    from models.refusal import Refusal

    with pytest.raises(Refusal, match="no_such"):
        sun.town.writing(lambda session: actions.move_on(Actor(session, channel="job"), 1, "register"))
