"""A person's teams as a whole: told, erased, joined with another record and parted again."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.people import actions as people
from handlers.teams import actions
from handlers.teams.own_rows import forget, kept_of
from models.activities import ActivitySession
from models.identity import Actor, Person
from models.linking import Merging
from models.staff import member_by_login
from models.teams import Team, TeamMember, ownerless
from models.teams_covers import Cover
from models.teams_shifts import strangers_on_shift
from models.teams_thanks import Thanks
from tests.activities.plans import house
from tests.neighbours import Town
from tests.staff.clerks import hire
from tests.teams.bands import (
    HAN,
    LEADER,
    LI,
    a_team,
    cover_states,
    known,
    looked_after,
    on,
    planned,
    row_id,
    standing,
    who_comes,
)


def at_desk(session: Session) -> Actor:
    return Actor(session, staff=member_by_login(session, "desk"), channel="console")


def busy_han(town: Town) -> tuple[int, int]:
    """韩 is in a team, on a shift for which he looks for cover, and was thanked."""
    team = a_team(town, HAN, LI)
    first, *_ = planned(town, team)
    on(town, first, HAN)

    def unit(session) -> None:  # type: ignore[no-untyped-def]
        actions.ask_cover(town.phone(HAN).actor(session), session.get_one(ActivitySession, first))
        row = session.get_one(TeamMember, row_id(town, team, HAN))
        thanks = actions.thank_member(town.phone(LEADER).actor(session), row, "下雪那天还来巡院")
        actions.approve(house(session), thanks, thanks.text or "")

    town.writing(unit)
    looked_after(town)
    return team, first


def test_a_person_gets_a_copy_of_all_of_it(sqlite_town: Town) -> None:
    busy_han(sqlite_town)
    with sqlite_town.reading() as session:
        kept = kept_of(session, sqlite_town.phone(HAN).person(session))
    assert kept["志愿队伍"][0]["队伍"] == "阿娘夜巡队"
    assert kept["请人替的班"][0]["情况"] == "还在找人"
    assert kept["收到的感谢"][0]["话"] == "下雪那天还来巡院"


def test_erasing_ends_searches_gives_seats_back_and_leaves_no_word(sqlite_town: Town) -> None:
    team, first = busy_han(sqlite_town)
    sqlite_town.writing(lambda s: forget(house(s), sqlite_town.phone(HAN).person(s)))
    assert standing(sqlite_town, team, HAN) == ""
    assert cover_states(sqlite_town) == ["over"]
    assert who_comes(sqlite_town, first) == set()
    with sqlite_town.reading() as session:
        cover, thanks = session.scalars(select(Cover)).one(), session.scalars(select(Thanks)).one()
        assert cover.asker_id is None
        assert (thanks.person_id, thanks.text, thanks.public_text) == (None, None, None)
        assert strangers_on_shift(session) == []


def test_a_team_whose_last_leader_is_erased_rests(sqlite_town: Town) -> None:
    team = a_team(sqlite_town, HAN)
    sqlite_town.writing(lambda s: forget(house(s), sqlite_town.phone(LEADER).person(s)))
    with sqlite_town.reading() as session:
        assert session.get_one(Team, team).state == "resting"
        assert ownerless(session) == []


def test_the_last_leader_of_a_team_that_nobody_looks_after_cannot_just_leave(sqlite_town: Town) -> None:
    a_team(sqlite_town, HAN)
    phone = sqlite_town.phone(LEADER)
    phone.says("退出队伍")
    assert "只有您一位队长" in phone.says("1")


def test_two_records_of_one_member_become_one_and_are_parted_as_they_were(sqlite_town: Town) -> None:
    team = a_team(sqlite_town, HAN, LI)
    hire(sqlite_town, "desk", login="desk")
    sqlite_town.writing(
        lambda s: (
            actions.set_role(house(s), s.get_one(TeamMember, row_id(sqlite_town, team, LI)), "deputy").id
        )
    )
    kept, gone = row_id(sqlite_town, team, HAN), row_id(sqlite_town, team, LI)

    def link(session) -> None:  # type: ignore[no-untyped-def]
        han, li = (sqlite_town.phone(one).person(session) for one in (HAN, LI))
        people.link_at_desk(at_desk(session), han, li, reason="同一个人两个微信")

    sqlite_town.writing(link)

    def roles(session) -> list[tuple[str, str]]:  # type: ignore[no-untyped-def]
        rows = [session.get_one(TeamMember, one) for one in (kept, gone)]
        return [(row.state, row.role) for row in rows]

    with sqlite_town.reading() as session:
        assert roles(session) == [("active", "deputy"), ("left", "member")]
        assert session.scalars(select(Person).where(Person.merged_into_id.is_not(None))).one()

    def part(session) -> None:  # type: ignore[no-untyped-def]
        people.part(at_desk(session), session.scalars(select(Merging)).one())

    sqlite_town.writing(part)
    with sqlite_town.reading() as session:
        assert roles(session) == [("active", "member"), ("active", "deputy")]


def test_a_membership_of_one_record_alone_moves_and_comes_back(sqlite_town: Town) -> None:
    known(sqlite_town, HAN)
    team = a_team(sqlite_town, LI)
    hire(sqlite_town, "desk", login="desk")
    row = row_id(sqlite_town, team, LI)

    def link(session) -> None:  # type: ignore[no-untyped-def]
        han, li = (sqlite_town.phone(one).person(session) for one in (HAN, LI))
        people.link_at_desk(at_desk(session), han, li, reason="同一个人两个微信")

    with sqlite_town.reading() as session:
        ids = {one: sqlite_town.phone(one).person(session).id for one in (HAN, LI)}
    sqlite_town.writing(link)
    with sqlite_town.reading() as session:
        assert session.get_one(TeamMember, row).person_id == ids[HAN]
    sqlite_town.writing(lambda s: people.part(at_desk(s), s.scalars(select(Merging)).one()).id)
    with sqlite_town.reading() as session:
        assert session.get_one(TeamMember, row).person_id == ids[LI]
