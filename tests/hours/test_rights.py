"""A person's hours as a whole: a copy of them, erased, joined with a second record of the person and parted again."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cli import check_invariants
from handlers.hours import actions
from handlers.hours.carrying import kept_of
from handlers.people import actions as people
from models.hours import HoursStep, ServiceHours
from models.linking import Merging
from tests.activities.plans import on_file
from tests.hours.shifts import (
    IN_THE_WINDOW,
    SHIFT_OVER,
    WINDOW_OVER,
    a_shift,
    balance,
    desk,
    does,
    posts,
    records,
)
from tests.neighbours import Phone, Town, frozen


def test_a_copy_says_what_became_of_each_record(sqlite_town: Town) -> None:
    phone = sqlite_town.phone("马秀兰")
    a_shift(sqlite_town, phone)
    with frozen(SHIFT_OVER):
        does(sqlite_town, actions.confirm, phone, 90, "路上花了半小时")
    with frozen(IN_THE_WINDOW):
        does(sqlite_town, actions.object_to, phone, "我做到11点半才走", by=phone)
        (line,) = sqlite_town.writing(lambda session: kept_of(session, phone.person(session)))["志愿时长"]
        assert (line["分钟"], line["情况"]) == (90, "有异议,工作人员在查")
        assert (line["您说的"], line["办的时候写的"]) == ("我做到11点半才走", "路上花了半小时")


def test_who_is_erased_leaves_minutes_without_a_word(sqlite_town: Town) -> None:
    phone = sqlite_town.phone("马秀兰")
    a_shift(sqlite_town, phone)
    with frozen(SHIFT_OVER):
        does(sqlite_town, actions.confirm, phone, 90, "路上花了半小时")
    with frozen(WINDOW_OVER):
        posts(sqlite_town)
        sqlite_town.writing(lambda session: people.erase(phone.actor(session), phone.person(session)))
        with sqlite_town.reading() as session:
            row = session.scalars(select(ServiceHours)).one()
            assert (row.person_id, row.state, row.minutes) == (None, "posted", 90)
            assert [step.words for step in session.scalars(select(HoursStep))] == [None] * 3
        assert check_invariants(sqlite_town.site) == []


def test_records_go_over_and_come_back_with_what_was_posted(sqlite_town: Town) -> None:
    kept, gone = sqlite_town.phone("马秀兰"), sqlite_town.phone("马秀兰的旧手机")
    a_shift(sqlite_town, gone)
    with frozen(SHIFT_OVER):
        on_file(sqlite_town, kept)
        does(sqlite_town, actions.confirm, gone)
    with frozen(WINDOW_OVER):
        posts(sqlite_town)
        owner = sqlite_town.writing(lambda session: gone.person(session).id)
        _link(sqlite_town, kept, gone)
        assert _owners(sqlite_town) != [owner]
        assert balance(sqlite_town, kept) == 120
        assert records(sqlite_town)[0]["state"] == "posted"
        assert check_invariants(sqlite_town.site) == []

        def part(session: Session) -> None:
            people.part(desk(session), session.scalars(select(Merging)).one())

        sqlite_town.writing(part)
        assert _owners(sqlite_town) == [owner]
        assert check_invariants(sqlite_town.site) == []


def _link(town: Town, kept: Phone, gone: Phone) -> None:
    code: Any = town.writing(lambda session: people.issue_link_code(kept.actor(session)))
    town.writing(lambda session: people.link_by_code(gone.actor(session), code))


def _owners(town: Town) -> list[int | None]:
    with town.reading() as session:
        return list(session.scalars(select(ServiceHours.person_id)))
