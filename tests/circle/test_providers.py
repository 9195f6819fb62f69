"""Providers: their papers decide whether they and their services are shown; who they are is proved by a code."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import time_machine
from sqlalchemy import select

from handlers.circle import jobs, providing
from models.circle import Provider, home_services, lapsed_are_hidden, licensed_providers
from models.plans import open_services
from models.resources import ServiceResource
from tests.circle.conftest import a_provider, a_service, days, house, joined, provider, refused, sent, service
from tests.neighbours import Phone, Town
from tests.staff.clerks import Clerk, audited, clerk


def names(town: Town) -> tuple[list[str], list[str], list[str]]:
    """Services that can be booked, those at the door, providers who may be sent."""
    with town.reading() as session:
        return (
            [one.name for one in session.scalars(open_services("circle"))],
            [one.name for one in session.scalars(home_services())],
            [one.name for one in session.scalars(licensed_providers())],
        )


def test_a_lapsed_licence_hides_its_holder_and_what_only_they_do(
    sqlite_town: Town, thursday: time_machine.Coordinates
) -> None:
    repair, hair = a_service(sqlite_town), a_service(sqlite_town, "理发")
    li = a_provider(sqlite_town, does=(repair, hair), until=days(3))
    a_provider(sqlite_town, "王师傅", does=(hair,))
    assert names(sqlite_town) == (["水电维修", "理发"],) * 2 + (["李师傅", "王师傅"],)
    thursday.shift(timedelta(days=4))
    assert names(sqlite_town) == (["理发"], ["理发"], ["王师傅"])
    with sqlite_town.reading() as session:
        assert lapsed_are_hidden(session) == []
        assert service(session, repair).licensed_until == days(-1)
    sqlite_town.writing(
        lambda s: providing.add_licence(
            house(s), provider(s, li), name="电工证", number="DG-1", valid_until=days(300)
        )
    )
    assert names(sqlite_town) == (["水电维修", "理发"],) * 2 + (["李师傅", "王师傅"],)


def test_thirty_days_before_holder_and_staff_are_told_once(sqlite_town: Town, thursday: Any) -> None:
    li = joined(sqlite_town, "李师傅", "13900002001")
    number = a_provider(sqlite_town, does=(a_service(sqlite_town),), until=days(30))
    a_provider(sqlite_town, "王师傅", until=days(31))
    code = sqlite_town.writing(lambda s: providing.issue_link(house(s), provider(s, number)))
    assert "李师傅,绑好了" in li.says(f"师傅 {code}")
    assert (
        sqlite_town.writing(lambda s: jobs.look_at_papers(house(s)))
        == "1 told, 0 jobs taken from who may not work"
    )
    assert (
        sqlite_town.writing(lambda s: jobs.look_at_papers(house(s)))
        == "0 told, 0 jobs taken from who may not work"
    )
    (told,) = sent(sqlite_town, "circle.licence_ends")
    assert told.facts["name"] == "电工证"
    page = clerk(sqlite_town, "desk")
    page.opens("/console/circle/providers")
    assert "30天内到期的证件 李师傅 电工证 到12月26日(星期六)" in page.words


def test_a_code_links_once_and_a_wrong_or_old_one_never(
    sqlite_town: Town, thursday: time_machine.Coordinates
) -> None:
    li, stranger = (
        joined(sqlite_town, name, f"1390000200{n}") for n, name in enumerate(("李存福", "路人甲"))
    )
    number = a_provider(sqlite_town)
    code = sqlite_town.writing(lambda s: providing.issue_link(house(s), provider(s, number)))
    assert "绑定码不对" in stranger.says("师傅 00000000")
    thursday.shift(timedelta(minutes=31))
    assert "绑定码不对" in li.says(f"师傅 {code}")
    code = sqlite_town.writing(lambda s: providing.issue_link(house(s), provider(s, number)))
    assert "绑好了" in li.says(f"师傅{code}")
    assert "绑定码不对" in stranger.says(f"师傅{code}")
    with sqlite_town.reading() as session:
        assert session.scalars(select(Provider)).one().person_id == li.person(session).id


def test_who_does_a_service_by_times_stands_behind_it_as_its_resource(
    sqlite_town: Town, thursday: Any
) -> None:
    repair, hair = a_service(sqlite_town), a_service(sqlite_town, "理发")
    number = a_provider(sqlite_town, does=(repair, hair))
    with sqlite_town.reading() as session:
        rows = session.scalars(select(ServiceResource)).all()
        assert {one.service_id for one in rows} == {repair, hair}
        assert {one.resource_id for one in rows} == {provider(session, number).resource_id}


# ---- the console ---------------------------------------------------------------------------------------------------


def test_a_clerk_takes_in_a_provider_with_papers_and_a_week(sqlite_town: Town, thursday: Any) -> None:
    repair = a_service(sqlite_town)
    wang = clerk(sqlite_town, "desk")
    wang.opens("/console/circle/providers/new")
    told = {"name": "李师傅", "phone": "13900002001", "kind": "person", "area": "互助中路"}
    told |= {"buffer_minutes": "40", "most_a_day": "4", "at_home": str(repair)}
    wang.sends("/console/circle/providers/new", follow=True, **told)
    assert "李师傅" in wang.words
    paper = {"name": "电工证", "number": "DG-1", "valid_until": "2026-11-20"}
    wang.sends("/console/circle/providers/1/licence", follow=True, **paper)
    assert "证件到期,不派活" in wang.words
    wang.sends("/console/circle/providers/1/licence", follow=True, **paper | {"valid_until": "2027-11-20"})
    assert "证件到期" not in wang.words
    wang.sends("/console/circle/providers/1/week", day_0="25点")
    assert "没看懂" in wang.words
    wang.sends("/console/circle/providers/1/week", follow=True, day_0="9:00-12:00")
    with sqlite_town.reading() as session:
        row = provider(session, 1)
        assert (row.resource.buffer_minutes, row.most_a_day, len(row.hours)) == (40, 4, 1)
        assert [(one.service_id, one.at_home) for one in row.works] == [(repair, True)]
        assert len(audited(session, "circle.view_provider")) >= 3


def test_a_grid_worker_and_a_stranger_do_not_see_providers(sqlite_town: Town, thursday: Any) -> None:
    a_provider(sqlite_town)
    grid = clerk(sqlite_town, "grid")
    for address in ("/console/circle/providers", "/console/circle/providers/1"):
        assert grid.opens(address).status_code == 403
        assert Clerk(sqlite_town, "nobody").opens(address).status_code == 302


def test_two_providers_are_never_called_the_same(sqlite_town: Town, thursday: Any) -> None:
    a_provider(sqlite_town)
    with refused("circle.name_taken"):
        a_provider(sqlite_town)


def test_a_resident_changes_nothing_about_providers(sqlite_town: Town, ma: Phone) -> None:
    number = a_provider(sqlite_town)
    with refused("circle.staff_only"):
        sqlite_town.writing(lambda s: providing.issue_link(ma.actor(s), provider(s, number)))
    with refused("circle.not_yours"):
        sqlite_town.writing(lambda s: providing.set_hours(ma.actor(s), provider(s, number), {}))
