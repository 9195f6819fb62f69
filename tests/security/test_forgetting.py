""" "Delete me" leaves nothing: not in a database, a journal, a log, a file, an export, nor after an old backup (L06, I11)."""

from __future__ import annotations

import gc
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary, select, type_coerce

from app import clock, files, forgotten, privacy
from app.backup import make_backup, restore_backup
from app.rekey import sealed_columns
from app.site import Site
from handlers.desk import actions as desk
from handlers.desk.jobs import forget_words
from handlers.people import actions as people
from handlers.wishes import actions as wishes
from models.desk import DeskTalk
from models.identity import Actor, Person
from models.outbox import OutboxRow
from models.places import estates
from scheduler.housekeeping import forget_old_letters
from tests.neighbours import Phone, Town, frozen
from tests.staff.clerks import clerk

NAME, PHONE = "雒桂英", "13912345678"
WISH, TOLD, NOTE = "想要一副紫檀拐杖", "家里的石榴树死了", "她说的是石榴树"
CANARIES = (NAME, PHONE, "紫檀拐杖", "石榴树")


@pytest.fixture
def known(sqlite_town: Town) -> Phone:
    """A neighbour of whom much is kept: joined, a wish, a talk with the staff, an answer on its way, a picture."""
    sqlite_town.seed("people", "appointments")
    luo = sqlite_town.phone("雒阿姨")
    luo.says("你好")

    def unit(session) -> None:  # type: ignore[no-untyped-def]
        by = luo.actor(session)
        people.join(
            by, name=NAME, phone=PHONE, place=session.scalars(estates()).first(), purposes=("service",)
        )
        wishes.say_wish(by, WISH)
        talk = desk.ask_for_person(by, "asked")
        desk.tell(by, talk, TOLD)
        files.store(
            session, WISH.encode(), purpose="toy", name=f"{NAME}.txt", media_type="text/plain", owner=by.me
        )

    sqlite_town.writing(unit)
    luo.says("人工 " + TOLD)
    person = clerk(sqlite_town, "desk")
    person.opens("/console/talks/1")
    person.sends("/console/talks/1", text=f"{NAME}您好,{TOLD},知道了", seen="99")
    person.sends("/console/talks/1", text=NOTE, do="note")
    return luo


def forget(luo: Phone) -> None:
    luo.town.writing(lambda session: people.erase(luo.actor(session), luo.actor(session).me))


def on_disk(data: Path) -> bytes:
    gc.collect()
    return b"".join(path.read_bytes() for path in sorted(data.rglob("*")) if path.is_file())


def opened(town: Town) -> str:
    """Everything sealed that our keys open, and every plain value of every table."""
    found: list[str] = []
    with town.reading() as session:
        for one in sealed_columns("main"):
            keys = [one.table.c.row_key] if one.by_row else []
            rows = session.execute(
                select(type_coerce(one.column, LargeBinary), *keys).where(one.column.is_not(None))
            )
            for value, *key in rows:
                found.append(privacy.unseal(one.purpose, bytes(value), *key).decode("utf-8", "replace"))
    file = Path(town.site.database.engine.url.database or "")
    with closing(sqlite3.connect(file)) as connection:
        found.append("\n".join(connection.iterdump()))
    kept = [privacy.unseal(files.PURPOSE, path.read_bytes(), path.name) for path in files.all_paths()]
    found += [content.decode("utf-8", "replace") for content in kept]
    return "\n".join(found)


def test_i11_what_is_personal_stands_nowhere_on_disk_in_clear(known: Phone) -> None:
    disk = on_disk(known.town.site.settings.data)
    assert [canary for canary in CANARIES if canary.encode() in disk] == []
    assert {canary for canary in CANARIES if canary in opened(known.town)} == set(CANARIES), (
        "the test must see them"
    )


def test_l06_after_delete_me_no_key_opens_a_word_of_it(known: Phone) -> None:
    forget(known)
    left = opened(known.town)
    assert [canary for canary in CANARIES if canary in left] == []
    with known.town.reading() as session:
        told = select(OutboxRow.state).where(OutboxRow.kind == "desk.reply")
        assert set(session.scalars(told)) == {"cancelled"}


def test_l06_who_was_forgotten_stays_forgotten_when_an_older_backup_comes_back(known: Phone) -> None:
    town, data = known.town, known.town.site.settings.data
    make_backup(town.site.settings, data / "backups" / "before.backup")
    forget(known)
    assert len(forgotten.known(data)) == 1
    town.site.close()
    restore_backup(town.site.settings, data / "backups" / "before.backup", force=True)
    again = Town(Site(town.site.settings))
    with again.reading() as session:
        assert NAME in {person.name for person in session.scalars(select(Person))}
    assert forgotten.forget_again(again.site) == 1
    assert forgotten.forget_again(again.site) == 0
    assert [canary for canary in CANARIES if canary in opened(again)] == []
    again.site.close()


def test_a_forgetting_that_was_rolled_back_is_not_listed(known: Phone) -> None:
    def unit(session) -> None:  # type: ignore[no-untyped-def]
        people.erase(known.actor(session), known.actor(session).me)
        raise KeyError("not today")

    with pytest.raises(KeyError):
        known.town.writing(unit)
    assert forgotten.known(known.town.site.settings.data) == set()


def test_l10_what_was_said_at_the_desk_is_forgotten_a_month_after_the_talk_was_closed(known: Phone) -> None:
    town, month = known.town, clock.local(clock.now()) + timedelta(days=31)
    town.writing(lambda s: desk.close(known.actor(s), s.get_one(DeskTalk, 1)))
    assert town.writing(lambda s: forget_words(Actor(s, channel="job"))) == "0 talks"
    with frozen(f"{month:%Y-%m-%d %H:%M}"):
        assert town.writing(lambda s: forget_words(Actor(s, channel="job"))) == "1 talks"
        assert town.writing(lambda s: forget_words(Actor(s, channel="job"))) == "0 talks"
        assert town.writing(lambda s: forget_old_letters(Actor(s, channel="job"))) != "0 letters"
        person = clerk(town, "desk", login="later")
        person.opens("/console/talks/1")
        assert "已经清除" in person.words
    left = opened(town)
    assert "石榴树" not in left
    assert NAME in left, "the person is still known"
