"""The rota's week: filled in, copied, with its gaps, and who cannot be told."""

from __future__ import annotations

from datetime import date

import pytest

from app import clock
from models.duty import on_duty as who_is_on_duty
from models.duty import shifts_between
from tests.duty.colleagues import member, on_duty
from tests.neighbours import Town, frozen
from tests.staff.clerks import Clerk, audited, clerk

MONDAY = date(2026, 11, 23)


@pytest.fixture
def wang(sqlite_town: Town) -> Clerk:
    with frozen("2026-11-23 09:00"):
        return clerk(sqlite_town, "desk", login="wang")


def id_of(town: Town, person: Clerk) -> int:
    with town.reading() as session:
        return person.member(session).id


def test_a_week_is_filled_in_and_shows_its_gaps_and_who_cannot_be_told(
    sqlite_town: Town, wang: Clerk
) -> None:
    with frozen("2026-11-23 09:00"):
        wang.opens("/console/duty")
        assert "还有10个半天没排人" in wang.words
        assert "微信收不到" in wang.words
        number = id_of(sqlite_town, wang)
        wang.sends(
            "/console/duty?week=2026-11-23",
            follow=True,
            **{"2026-11-23.am": number, "2026-11-24.pm": number, "2026-11-25.am": ""},
        )
        assert "值班表存好了" in wang.words
        assert "还有8个半天没排人" in wang.words
        assert "现在值班: 王干事" in wang.words
        wang.sends("/console/duty?week=2026-11-23", **{"2026-11-23.am": ""})
    with sqlite_town.reading() as session:
        assert list(shifts_between(session, MONDAY, MONDAY)) == []
        assert [line.facts["count"] for line in audited(session, "duty.set_rota")] == [2, 1]


def test_last_week_is_copied_where_nothing_stands_yet(sqlite_town: Town, wang: Clerk) -> None:
    member(sqlite_town, "li", "desk")
    member(sqlite_town, "qi", "auditor")
    on_duty(sqlite_town, "wang", "2026-11-23", "am", "pm")
    on_duty(sqlite_town, "qi", "2026-11-24", "am")
    on_duty(sqlite_town, "li", "2026-11-30", "am")
    with frozen("2026-11-27 09:00"):
        wang.signs_in()
        wang.sends("/console/duty/copy?week=2026-11-30", follow=True)
        assert "照上周排好了1个半天" in wang.words
        wang.sends("/console/duty/copy?week=2026-11-30", follow=True)
        assert "没有可以照抄的" in wang.words
    with sqlite_town.reading() as session:
        found = shifts_between(session, date(2026, 11, 30), date(2026, 12, 6))
        assert {key: row.staff.login for key, row in found.items()} == {
            (date(2026, 11, 30), "am"): "li",
            (date(2026, 11, 30), "pm"): "wang",
        }


def test_only_who_may_stand_on_the_rota_is_put_there(sqlite_town: Town, wang: Clerk) -> None:
    number = member(sqlite_town, "qi", "auditor")
    wang.signs_in()
    wang.sends("/console/duty?week=2026-11-23", **{"2026-11-23.am": number})
    assert "排班的人要在岗" in wang.words


def test_everybody_may_look_and_only_desk_and_approver_may_write(sqlite_town: Town) -> None:
    for role in ("leader", "auditor", "care", "admin"):
        stranger = clerk(sqlite_town, role)
        assert stranger.opens("/console/duty").status_code == 200
        assert "<select" not in stranger.page
        assert stranger.sends("/console/duty", **{"2026-11-23.am": 1}).status_code == 403
        assert stranger.sends("/console/duty/copy").status_code == 403


def test_who_left_is_not_on_duty(sqlite_town: Town, wang: Clerk) -> None:
    on_duty(sqlite_town, "wang", "2026-11-23", "am")

    def leaves(session) -> None:  # type: ignore[no-untyped-def]
        wang.member(session).active = False

    with frozen("2026-11-23 09:00"), sqlite_town.reading() as session:
        assert who_is_on_duty(session, clock.now()) is not None
    sqlite_town.writing(leaves)
    with frozen("2026-11-23 09:00"), sqlite_town.reading() as session:
        assert who_is_on_duty(session, clock.now()) is None
