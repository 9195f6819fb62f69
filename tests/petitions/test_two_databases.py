"""Two databases, two commits: a race of many for one leader, a kill between the commits, words that must stand nowhere."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.database import Database
from handlers.petitions import actions
from models.petitions import Petition
from models.petitions_plan import ReceptionTime, coming_times, taken_times_are_occupied
from models.refusal import Refusal
from models.resources import Occupation, one_at_a_time
from tests.neighbours import Town, frozen
from tests.petitions.conftest import MATTER, books, petitions, receives, runs
from tests.races import at_once
from tests.staff.clerks import clerk

CANARIES = ("拆迁补偿款三年", "金丝雀书记", "13997110001")


class Killed(Exception):
    """The process dies here."""


def test_many_who_want_one_leader_and_one_room_get_it_once(town: Town) -> None:
    receives(town, times=1, leaders=("李副区长",))
    phones = [town.phone(f"居民{number}") for number in range(6)]
    for phone in phones:
        phone.says("约接访", "2", f"{MATTER},第{phone.name}次", "1", "1", "1", "1")
    heard = at_once([lambda phone=phone: phone.says("1") for phone in phones])  # type: ignore[misc]
    assert sum("受理号" in words for words in heard) == 1
    assert all("受理号" in words or "没有了" in words or "约走" in words for words in heard)
    assert len(petitions(town)) == 1
    with town.reading() as session:
        assert one_at_a_time(session) == []
        assert taken_times_are_occupied(session) == []


def killed_after_the_lane(town: Town, unit: Callable[[Session], object]) -> None:
    """The confidential lane has committed; the process dies before the main database does."""

    def dies(session: Session) -> None:
        unit(session)
        raise Killed

    with pytest.raises(Killed):
        town.site.database.writing(dies)


def booked_half(town: Town) -> str:
    ma = town.phone("马秀兰")
    token = town.writing(lambda s: actions.keep_draft(ma.actor(s), MATTER))

    def book(session: Session) -> None:
        time_ = session.scalars(coming_times()).first()
        actions.receive(ma.actor(session), token, time_, actions.Asked(phone="13997110001"))

    killed_after_the_lane(town, book)
    return token


def test_killed_between_the_two_commits_the_number_stays_and_the_time_is_taken_again(town: Town) -> None:
    receives(town)
    booked_half(town)
    [row] = petitions(town)
    assert row.state == "received"
    with town.reading() as session:
        assert session.scalars(select(Occupation)).all() == []
    with frozen("2026-11-26 09:01"):
        assert runs(town, "tend").startswith("0 mended"), "it may still be under way"
    with frozen("2026-11-26 09:03"):
        assert runs(town, "tend").startswith("1 mended")
        assert runs(town, "tend").startswith("0 mended")
    with town.reading() as session:
        assert {one.source for one in session.scalars(select(Occupation))} == {row.source}
        assert taken_times_are_occupied(session) == []


def test_where_somebody_else_took_that_time_meanwhile_they_choose_first(sqlite_town: Town) -> None:
    town = sqlite_town
    receives(town)
    booked_half(town)
    books(town.phone("韩建国"), "物业乱收费,说了半年没有人管")
    with frozen("2026-11-26 09:03"):
        assert runs(town, "tend").startswith("1 mended")
    lost = petitions(town)[0]
    assert (lost.time_id, lost.state) == (None, "received")
    assert lost.first_until is not None
    assert one_message(town)


def one_message(town: Town) -> bool:
    from models.outbox import OutboxRow

    with town.reading() as session:
        kinds = [one.kind for one in session.scalars(select(OutboxRow))]
    return kinds.count("_base.something_new") == 1


def test_the_same_again_after_a_kill_is_the_same_petition(town: Town) -> None:
    receives(town)
    token, ma = booked_half(town), town.phone("马秀兰")

    def again(session: Session) -> actions.Received:
        time_ = session.scalars(coming_times()).first()
        return actions.receive(ma.actor(session), token, time_, actions.Asked(phone="13997110001"))

    told = town.writing(again)
    [row] = petitions(town)
    assert told.receipt == row.receipt
    with town.reading() as session:
        assert taken_times_are_occupied(session) == []
        assert len(session.scalars(select(Occupation)).all()) == 2


@pytest.mark.parametrize("what", ["withdraw", "move"])
def test_killed_while_giving_up_or_moving_nothing_stays_half(town: Town, what: str) -> None:
    receives(town)
    ma = town.phone("马秀兰")
    books(ma)
    [before] = petitions(town)

    def unit(session: Session) -> None:
        if what == "withdraw":
            actions.withdraw(ma.actor(session), before)
        else:
            free = session.scalars(coming_times().where(ReceptionTime.source.is_(None))).first()
            assert free is not None
            actions.move(ma.actor(session), before, free)

    killed_after_the_lane(town, unit)
    with frozen("2026-11-26 09:05"):
        runs(town, "tend")
        [after] = petitions(town)
        with town.reading() as session:
            held = {one.source for one in session.scalars(select(Occupation))}
            assert held == (set() if what == "withdraw" else {after.source})
            assert taken_times_are_occupied(session) == []


def test_a_leader_who_is_away_gives_those_hit_the_first_choice(sqlite_town: Town) -> None:
    town = sqlite_town
    receives(town, times=1)
    ma, han = town.phone("马秀兰"), town.phone("韩建国")
    books(ma)
    sun = clerk(town, "petitions", login="sun", name="孙专员")
    away = {"resource": "2", "day": "2026-12-03", "starts": "08:00", "ends": "18:00"}
    sun.sends("/console/petitions/plan/away", **away)
    assert "有 1 位约在那时" in sun.words
    assert petitions(town)[0].has_place, "said first"
    sun.sends("/console/petitions/plan/away", sure="1", **away)
    [row] = petitions(town)
    assert row.first_until is not None
    runs(town, "tend")
    assert one_message(town)
    assert "12月10日" not in han.says("约接访", "2", "物业乱收费,说了半年没有人管", "1", "1", "1")
    han.says("取消", "1")
    with town.reading() as session:
        first = session.scalars(coming_times().where(ReceptionTime.is_open)).first()
        assert first is not None
        assert first.kept_until is not None
        number = first.id
    town.writing(lambda s: actions.move(ma.actor(s), row, s.get_one(ReceptionTime, number)))
    assert petitions(town)[0].has_place
    with town.reading() as session:
        assert taken_times_are_occupied(session) == []
        assert one_at_a_time(session) == []


def on_disk(database: Database) -> bytes:
    path = Path(database.engine.url.database or "")
    database.dispose()
    gc.collect()
    return b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))


def opened(town: Town) -> str:
    """Every row of every table of the main database, with all that is sealed opened: what a thief with the house's own
    keys would read."""
    from models.base import Base

    with town.reading() as session:
        rows = [
            {c.key: getattr(row, c.key, None) for c in type(row).__mapper__.column_attrs}
            | {name: getattr(row, name, None) for name in ("name", "phone")}
            for mapper in Base.registry.mappers
            if mapper.local_table.name in known(session)
            for row in session.scalars(select(mapper.class_))
        ]
        return str(rows)


def known(session: Session) -> set[str]:
    tables = session.connection().exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")
    return {name for (name,) in tables}


def test_i11_no_word_of_a_petition_stands_anywhere_else(
    sqlite_town: Town, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    town = sqlite_town
    receives(town)
    ma = town.phone("马秀兰")
    ma.says("约接访", "1", CANARIES[0] + "没有到账", "2", CANARIES[1], "4", "1", CANARIES[2], "1", "1")
    assert len(petitions(town)) == 1
    assert petitions(town)[0].language == "撒拉语"
    ma.says("我的接访", "菜单")
    sun = clerk(town, "petitions", login="sun", name="孙专员")
    sun.opens("/console/petitions/1")
    sun.sends("/console/petitions/1/register", words=f"{CANARIES[0]},先登记")
    sun.sends("/console/petitions/1/accept")
    runs(town, "tend")
    everything = opened(town)
    for word in CANARIES:
        assert word not in everything, word
    files = on_disk(town.site.database) + on_disk(town.site.confidential)
    said = capsys.readouterr()
    for word in CANARIES:
        assert word.encode() not in files, word
        assert word not in said.out + said.err + caplog.text, word
    assert not re.search("petition", " ".join(_kinds(town))), "not even by the name of a kind"


def _kinds(town: Town) -> list[str]:
    from models.outbox import OutboxRow

    with town.reading() as session:
        return [row.kind for row in session.scalars(select(OutboxRow))]


def test_what_was_answered_in_confidence_is_emptied_after_an_hour(sqlite_town: Town) -> None:
    from models.identity import Actor
    from models.inbox import GUARDED, InboxRow
    from scheduler.housekeeping import empty_hidden_answers

    receives(sqlite_town)
    books(sqlite_town.phone("马秀兰"))
    with frozen("2026-11-26 10:30"):
        sqlite_town.writing(lambda session: empty_hidden_answers(Actor(session, channel="job")))
    with sqlite_town.reading() as session:
        rows = session.scalars(select(InboxRow).where(InboxRow.kind == GUARDED)).all()
        assert len(rows) > 5
        assert {row.answer for row in rows} == {""}


def test_who_is_forgotten_loses_the_tie_and_the_law_keeps_the_record(sqlite_town: Town) -> None:
    from handlers.people.actions import erase, export

    receives(sqlite_town)
    ma = sqlite_town.phone("马秀兰")
    books(ma)
    copy = sqlite_town.writing(lambda s: str(export(ma.actor(s), ma.person(s))))
    assert "拆迁" not in copy, "the desk may print a copy for somebody: nothing of it stands there"
    sqlite_town.writing(lambda s: erase(ma.actor(s), ma.person(s)))
    [row] = petitions(sqlite_town)
    assert (row.who, row.openid, row.app) == (None, None, None)
    assert row.text == MATTER
    assert "没有在办的" in ma.says("我的接访")


def test_a_time_that_is_not_theirs_to_take_is_refused(sqlite_town: Town) -> None:
    receives(sqlite_town, times=1)
    books(sqlite_town.phone("马秀兰"))
    han = sqlite_town.phone("韩建国")
    token = sqlite_town.writing(lambda s: actions.keep_draft(han.actor(s), MATTER))

    def book(session: Session) -> None:
        taken = session.scalars(coming_times()).first()
        actions.receive(han.actor(session), token, taken, actions.Asked())

    with pytest.raises(Refusal, match="time_taken"):
        sqlite_town.writing(book)
    with sqlite_town.site.confidential.reading() as session:
        assert session.scalars(select(Petition.state).where(Petition.token == token)).one() == "draft"
