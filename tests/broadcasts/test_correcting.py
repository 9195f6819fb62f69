"""A correction goes to exactly those who got the wrong one, or may have got it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.broadcasts import actions, correcting
from handlers.notices import reviewing
from models import audience
from models.broadcasts import Broadcast, BroadcastRecipient
from models.identity import Person
from models.notices import PROOFS as NOTICE_PROOFS
from models.outbox import OutboxRow
from models.reach import who_may_have_got
from models.refusal import Refusal
from models.topics import TopicChoice
from tests.broadcasts import sent
from tests.broadcasts.planning import after_a_test, approve, colleague, writer
from tests.matters.conftest import build, place
from tests.neighbours import Town, frozen
from tests.races import at_once
from tests.staff.clerks import clerk


def reached(town: Town, number: int) -> list[int]:
    with town.reading() as session:
        return list(session.scalars(who_may_have_got(session.get_one(Broadcast, number))))


def test_it_reaches_who_may_have_got_the_wrong_one_and_who_read_it_first(sqlite_town: Town) -> None:
    with frozen("2026-11-26 10:00"):
        got, delivered, unknown, read, told, failed, paper, waiting = sent.people(sqlite_town, 8)
        number = sent.broadcast(sqlite_town)
        sent.to(sqlite_town, number, got)
        sent.to(sqlite_town, number, delivered, "delivered", road="notice")
        sent.to(sqlite_town, number, unknown, "unknown")
        sent.to(sqlite_town, number, read, "failed", read_at=clock.now(), read_how="page")
        sent.to(sqlite_town, number, told, "paper", door_state="face")
        sent.to(sqlite_town, number, failed, "failed")
        sent.to(sqlite_town, number, paper, "paper")
        sent.to(sqlite_town, number, waiting, "cancelled")
    assert reached(sqlite_town, number) == [read, delivered, got, unknown, told]


def test_everybody_of_a_mass_send_may_have_got_it(sqlite_town: Town) -> None:
    people = sent.people(sqlite_town, 3)
    number = sent.broadcast(sqlite_town)
    sent.by_mass(sqlite_town, number, people, "submitted")
    assert reached(sqlite_town, number) == people


# ---- at the console --------------------------------------------------------------------------------------------------

RIGHT = {
    "note": "日子写错了,是大后天",
    "title": "更正:大后天停水",
    "summary": "请提前接好水。\n大后天早上9点停水。",
}


def running(town: Town) -> tuple[int, list[int]]:
    """On its way: one has it, one has read it, one waits, one did not want the topic but got it."""
    build(town)
    people = sent.people(town, 4)

    def live(session: Session) -> None:
        for number in people:
            session.get_one(Person, number).place = place(session, 1)

    town.writing(live)
    number = sent.broadcast(town, state="sending", ended_at=None)
    sent.to(town, number, people[0])
    sent.to(town, number, people[1], read_at=clock.now(), read_how="word")
    sent.to(town, number, people[2], "waiting")
    sent.to(town, number, people[3])
    town.writing(lambda session: session.add(TopicChoice(person_id=people[3], topic="停水停电")))
    return number, people


def test_what_waits_is_stopped_and_the_right_words_are_drafted_for_who_got_the_wrong_ones(
    sqlite_town: Town,
) -> None:
    with frozen("2026-11-26 10:00"):
        number, people = running(sqlite_town)
        wang = clerk(sqlite_town, "desk")
        wang.opens(f"/console/broadcasts/{number}/correct")
        assert "可能收到过这条的 3 人" in wang.words
        assert "没发出去的马上停下" in wang.words
        wang.sends(f"/console/broadcasts/{number}/correct", **RIGHT)
        with sqlite_town.reading() as session:
            right = session.scalars(select(Broadcast).where(Broadcast.corrects_id == number)).one()
            wrong = session.get_one(Broadcast, number)
            letters = dict(session.execute(select(OutboxRow.person_id, OutboxRow.state)).all())
            assert (wrong.state, wrong.why_ended) == ("stopped", "发错了,正在更正")
            assert letters[people[2]] == "cancelled"
            assert (right.state, right.notice_id, right.version.number) == ("draft", wrong.notice_id, 2)
            assert right.version.content["summary"].startswith("更正:日子写错了,是大后天\n请提前接好水")
            assert list(session.scalars(audience.described(session, right.audience))) == sorted(
                {people[0], people[1], people[3]}
            )
        wang.sends(f"/console/broadcasts/{number}/correct", **RIGHT)
        assert "已经有人在更正" in wang.words


def test_the_correction_is_frozen_with_proven_readers_first_and_whatever_topics_they_want(
    sqlite_town: Town,
) -> None:
    with frozen("2026-11-26 10:00"):
        number, people = running(sqlite_town)

        def unit(session: Session) -> int:
            wrong = session.get_one(Broadcast, number)
            made = correcting.begin(writer(session), wrong, **RIGHT)
            for login, stage in (("chu", "first_review"), ("fu", "second_review")):
                verdict = {"stage": stage, "passed": True, "proofs": NOTICE_PROOFS, "comment": ""}
                reviewing.review(colleague(session, login, stage), made.notice, number=2, **verdict)
            approve(session, actions.propose(writer(session), after_a_test(session, made)))
            return made.id

        right = sqlite_town.writing(unit)
        with sqlite_town.reading() as session:
            mine = BroadcastRecipient.broadcast_id == right
            rows = session.scalars(
                select(BroadcastRecipient.person_id).where(mine).order_by(BroadcastRecipient.position)
            )
            assert list(rows) == [people[1], people[0], people[3]]
        answer = sqlite_town.phone("马秀兰").says("最新通知", "1")
        assert answer.startswith("原来发的有错,已经更正,以这条为准。\n【更正:大后天停水】")


def test_nothing_is_corrected_that_nobody_got_and_by_nobody_who_may_not(sqlite_town: Town) -> None:
    number = sent.broadcast(sqlite_town)
    wang, reader = clerk(sqlite_town, "desk"), clerk(sqlite_town, "first_review", login="reader")
    wang.opens(f"/console/broadcasts/{number}/report")
    wang.sends(f"/console/broadcasts/{number}/correct", **RIGHT)
    assert "还没有人收到,不用更正" in wang.words
    assert reader.sends(f"/console/broadcasts/{number}/correct", **RIGHT).status_code == 403
    draft = sent.broadcast(sqlite_town, state="draft", begun_at=None)
    wang.sends(f"/console/broadcasts/{draft}/correct", **RIGHT)
    assert "直接改就行" in wang.words


def test_of_two_who_correct_at_once_one_finds_it_begun(town: Town) -> None:
    number = sent.broadcast(town)
    sent.to(town, number, sent.people(town, 1)[0])
    town.writing(lambda session: [writer(session), colleague(session, "ma", "desk")])

    def corrects(login: str) -> str:
        def unit(session: Session) -> str:
            try:
                correcting.begin(colleague(session, login), session.get_one(Broadcast, number), **RIGHT)
            except Refusal as why:
                return why.code
            return "begun"

        return town.writing(unit)

    said = at_once([lambda: corrects("wang"), lambda: corrects("ma")])
    assert sorted(said) == ["begun", "broadcasts.corrected_already"]
