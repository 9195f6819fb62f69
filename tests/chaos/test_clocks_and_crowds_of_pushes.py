"""Pushes that come many times or all at once, a clock that jumps, a shelf of files that is gone (trust F20, F22, F23, F25).

The clock that jumps is the house's own (app/clock.py asks no other, in every program): its offset is moved, here and under
the running programs in tests/chaos/test_house.py. What asks the machine itself, because it must not be moved (the lead, the
clock of WeChat), is given another time by hand."""

from __future__ import annotations

import secrets
import shutil
from collections import Counter
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import audit, clock, files
from app.channels.kept_files import shown_file
from app.site import Site
from app.wechat.quota import next_morning
from app.wechat.tokens import SharedToken
from handlers.appointments import actions, seats
from models import leader
from models.appointments import Appointment, one_place_each, seats_equal_appointments
from models.audit import AuditLine
from models.audit_chain import broken_chain, chain_next
from models.base import count_rows
from models.desk import DeskTalk
from models.identity import Actor, Identity, Person
from models.inbox import InboxRow
from models.refusal import Refusal
from models.schedule import Schedule
from models.slots import Slot
from models.stored_file import StoredFile
from tests.appointments.desk import MORNING, opened
from tests.chaos.accounts import Account
from tests.chaos.conftest import size
from tests.neighbours import Phone, Town, frozen, message_ids
from tests.races import MOST_TRIES, at_once
from tests.roads.street import was_not_done

pytestmark = pytest.mark.heavy
STORM, AT_ONCE = size(5000, least=100), 8


def test_f20_a_push_that_comes_four_times_on_two_workers_and_an_hour_later_is_one(
    town: Town, account: Account
) -> None:
    with closing(Site(town.site.settings)) as site:
        here, there = town.phone("马秀兰"), Town(site).phone("马秀兰")
        here.follows()
        xml = here.xml("text", f"<Content>人工</Content><MsgId>{next(message_ids)}</MsgId>")
        answers = at_once([lambda phone=phone: until_done(phone, xml) for phone in (here, there) * 2])
        with frozen(f"{clock.local(clock.now() + timedelta(hours=1)):%Y-%m-%d %H:%M}"):
            answers.append(until_done(there, xml))
    account.accepted, account.retries = 1, 4
    assert len(set(answers)) == 1
    assert answers[0]
    with town.reading() as session:
        account.doubled = count_rows(session, select(DeskTalk)) - 1
        assert count_rows(session, select(InboxRow)) == 2


def until_done(phone: Phone, xml: str) -> str:
    """What was not done, because the house was too busy, comes again."""
    for _ in range(MOST_TRIES):
        if not was_not_done(answer := phone.deliver(xml)):
            break
    return answer


def test_f22_a_storm_of_newcomers_is_everybody_once(town: Town, account: Account) -> None:
    """Every third push comes twice, as WeChat repeats what it did not hear an answer to."""
    phones = [town.phone(f"邻居{number}") for number in range(STORM)]
    pushes = [
        (phone, phone.xml("event", "<Event>subscribe</Event><EventKey></EventKey>")) for phone in phones
    ]
    pushes += pushes[::3]
    for first in range(0, len(pushes), AT_ONCE):
        at_once([lambda one=one: until_done(*one) for one in pushes[first : first + AT_ONCE]])
    account.accepted, account.retries = STORM, len(pushes) - STORM
    with town.reading() as session:
        known = Counter(session.scalars(select(Identity.openid).where(Identity.following)))
        account.lost = len({phone.openid for phone in phones} - set(known))
        account.doubled = count_rows(session, select(Person)) - STORM
    assert set(known.values()) == {1}


def jump(town: Town, hours: float) -> None:
    """Somebody sets the clock of the machine: no time passes, and it is another time."""
    (town.site.settings.data / "clock").write_text(str(hours * 3600))


def books(town: Town, phone: Phone, step: str) -> str:
    def unit(session: Session) -> str:
        slot = session.scalars(select(Slot).order_by(Slot.id.desc()).limit(1)).one()
        try:
            by = phone.actor(session)
            by.me.name = by.me.name or "马秀兰"
            seats.hold(by, slot) if step == "hold" else actions.book(by, slot)
        except Refusal as why:
            return why.code
        return "done"

    return town.writing(unit)


@pytest.mark.parametrize("hours", [1, -1])
def test_f23_a_clock_that_jumps_while_a_seat_is_held_gives_it_to_one(
    town: Town, account: Account, hours: float
) -> None:
    opened(town, MORNING, capacity=1, horizon_days=6)
    first, second = town.phone("马秀兰"), town.phone("才让卓玛")
    assert books(town, first, "hold") == "done"
    jump(town, hours)
    got = [books(town, second, "hold"), books(town, second, "book"), books(town, first, "book")]
    jump(town, 0)
    got += [books(town, second, "book"), books(town, first, "book")]
    with town.reading() as session:
        slot = session.scalars(select(Slot).order_by(Slot.id.desc()).limit(1)).one()
        account.accepted = 1
        account.doubled = count_rows(session, select(Appointment).where(Appointment.slot_id == slot.id)) - 1
        assert [*seats_equal_appointments(session), *one_place_each(session)] == []
    assert got.count("done") >= 1


def test_f23_a_lead_from_before_the_clock_was_set_back_is_nobodys(town: Town, account: Account) -> None:
    assert town.writing(lambda session: leader.lead(session, "one"))
    assert not town.writing(lambda session: leader.lead(session, "other"))
    later = (
        update(Schedule).where(Schedule.job == leader.ROW).values(next_due=clock.now() + timedelta(hours=1))
    )
    town.writing(lambda session: session.execute(later) and None)
    assert town.writing(lambda session: leader.lead(session, "other")), "it would have led for an hour"
    account.accepted, account.doubled = 1, int(town.writing(lambda session: leader.lead(session, "one")))


def test_f23_a_token_lives_by_its_own_seconds_and_the_trail_keeps_its_order(
    town: Town, account: Account
) -> None:
    fetched: list[int] = []

    def fetch() -> tuple[str, int]:
        fetched.append(1)
        return "T", 7200

    token = SharedToken(f"jumping {secrets.token_hex(4)}", fetch, town.site.redis)
    for hours in (0, 1, -1, 30, -30, 0):
        jump(town, hours)
        assert token.get() == "T"
        town.writing(
            lambda session: audit.note(Actor(session, channel="job"), "duty.set_rota", None, count=1)
        )
        town.writing(lambda session: chain_next(session, 100))
    account.accepted, account.doubled = 1, len(fetched) - 1
    with town.reading() as session:
        lines = session.scalars(select(AuditLine.seq).order_by(AuditLine.id)).all()
        assert lines == list(range(1, len(lines) + 1))
        assert broken_chain(session) == []


@pytest.mark.parametrize(
    ("before", "day", "morning"),
    [
        ("2026-11-26 23:59:59", "2026-11-27", "2026-11-28"),
        ("2028-02-28 23:59:59", "2028-02-29", "2028-03-01"),
        ("2026-12-31 23:59:59", "2027-01-01", "2027-01-02"),
    ],
)
def test_f23_midnight_of_every_kind_is_a_new_day_and_no_gap(
    sqlite_town: Town, account: Account, before: str, day: str, morning: str
) -> None:
    phone = sqlite_town.phone("马秀兰")
    with frozen(before) as moved:
        phone.follows()
        assert phone.says("最新通知")
        assert f"{clock.today()}" == before[:10]
        moved.shift(timedelta(seconds=1))
        assert f"{clock.today()}" == day
        assert f"{clock.local(next_morning()):%Y-%m-%d %H:%M}" == f"{morning} 08:30"
        assert phone.says("最新通知")
        account.accepted = 2
    with sqlite_town.reading() as session:
        account.lost = 3 - count_rows(session, select(InboxRow))


def test_f25_a_picture_whose_bytes_are_gone_shows_its_place_and_nothing_else_stops(
    sqlite_town: Town, account: Account
) -> None:
    def keep(session: Session) -> int:
        return files.store(session, b"pixels", purpose="desk.media", name="a.jpg", media_type="image/jpeg").id

    numbers = [sqlite_town.writing(keep) for _ in range(2)]
    with sqlite_town.reading() as session:
        gone, whole = (session.get_one(StoredFile, number) for number in numbers)
        files.path_of(gone.key).unlink()
        with sqlite_town.app.test_request_context():
            instead, shown = shown_file(gone), shown_file(whole)
            assert (instead.status_code, instead.mimetype) == (404, "image/svg+xml")
            assert (shown.status_code, shown.mimetype) == (200, "image/jpeg")
    shelf = sqlite_town.site.settings.data / "files"
    shutil.rmtree(shelf)
    shelf.write_text("no folder any more")
    with pytest.raises(OSError):
        sqlite_town.writing(keep)
    assert sqlite_town.phone("马秀兰").says("最新通知"), "talking needs no shelf"
    with sqlite_town.reading() as session:
        account.accepted, account.lost = 2, 2 - count_rows(session, select(StoredFile))
