"""The register under many hands: every number once, none left out, on both databases."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.certificates import issuing
from models.certificates import Certificate, digest_of, gaps_in_register
from models.identity import Actor, Person
from models.staff import StaffMember
from models.volunteer_file import NumberSeries
from tests.neighbours import Town
from tests.races import at_once

PAPERS = 12


class PrinterJam(Exception):
    """What happens after a number was drawn and before the unit ends."""


def ready_ones(session: Session) -> list[int]:
    """Proofs that have hung for eight days, each of another neighbour; and a clerk."""
    session.add(StaffMember(login="clerk", name="王干事", roles=["desk"]))
    people = [Person() for _ in range(PAPERS)]
    session.add_all(people)
    session.flush()
    hung, told = clock.now() - timedelta(days=8), {"name": "某", "id_covered": "", "hours": "1"}
    rows = [
        Certificate(
            person_id=person.id,
            state="ready",
            until=clock.today(),
            channel="chat",
            content=told,
            digest=digest_of(told),
            minutes=60,
            posted_on="board",
            posting_since=hung,
            posting_until=hung + timedelta(days=7),
        )
        for person in people
    ]
    session.add_all(rows)
    session.flush()
    return [row.id for row in rows]


def prints(town: Town, number: int, *, jams: bool = False) -> str:
    def unit(session: Session) -> str:
        staff = session.scalars(select(StaffMember)).one()
        row = session.get_one(Certificate, number)
        issuing.ask_for_paper(Actor(session, staff=staff, channel="console"), row)
        if jams:
            raise PrinterJam
        return row.number or ""

    try:
        return town.site.database.writing(unit)
    except PrinterJam:
        return "jam"


def test_numbers_drawn_at_once_have_no_gap_and_no_double(town: Town) -> None:
    papers = town.writing(ready_ones)
    drawn = at_once([lambda n=n, i=i: prints(town, n, jams=i % 3 == 2) for i, n in enumerate(papers)])  # type: ignore[misc]
    again = at_once([lambda n=n: prints(town, n) for n in papers])  # type: ignore[misc]
    year = clock.today().year
    assert drawn.count("jam") == PAPERS // 3
    assert sorted(again) == [f"HZZL-{year}-{one:04}" for one in range(1, PAPERS + 1)]
    assert [one for one in drawn if one != "jam"] == [
        second for first, second in zip(drawn, again, strict=True) if first != "jam"
    ], "printed again it is the same number"
    with town.reading() as session:
        assert gaps_in_register(session) == []
        assert session.get_one(NumberSeries, f"certificate:{year}").last == PAPERS


def test_one_proof_printed_by_two_gets_one_number(town: Town) -> None:
    (first, *_) = town.writing(ready_ones)
    assert len(set(at_once([lambda: prints(town, first) for _ in range(4)]))) == 1
    with town.reading() as session:
        assert session.get_one(NumberSeries, f"certificate:{clock.today().year}").last == 1
