"""A page about a session asks as many questions for a crowd as for a few."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from bench.city.watch import Watch
from models.activities import ActivitySession, Enrolment
from models.activities_party import Companion, keep_answers
from models.activities_rules import Question, checked_questions
from models.identity import Person
from models.volunteers import Attendance
from tests.activities.plans import a_session
from tests.neighbours import Town, frozen
from tests.pages.visitors import Visitor
from tests.staff.clerks import clerk

DIET = Question("q1", "吃什么饭?", "choice", ("都行", "清真"), purpose="订饭")


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with frozen("2026-11-23 09:00"):
        yield


def joined(town: Town, number: int, many: int) -> None:
    """So many come with a child and a form each, and as many wait."""

    def unit(session: Session) -> None:
        held = session.get_one(ActivitySession, number)
        held.activity.questions = checked_questions([DIET])
        people = [Person(name=f"马秀{at}") for at in range(2 * many)]
        session.add_all(people)
        session.flush()
        for at, person in enumerate(people):
            row = Enrolment(session=held, person_id=person.id)
            if at >= many:
                held.line += 1
                row.state, row.line = "waiting", held.line
            else:
                held.taken += 1
            session.add(row)
            session.flush()
            if at < many:
                session.add(Companion(enrolment_id=row.id, name=f"小明{at}", child=True))
                session.add(Attendance(session_id=held.id, person_id=person.id, came_at=clock.now()))
            keep_answers(session, row, {"q1": "清真"})

    town.writing(unit)


def asked_for(town: Town, opens: Callable[[str], object], path: str) -> int:
    watch = Watch(town.site.database.engine)
    opens(path)  # once, so that nothing is asked for the first time
    with watch.path(path):
        opens(path)
    return watch.count


def test_a_crowd_is_asked_about_once_and_not_each_of_it(sqlite_town: Town) -> None:
    town, leader = sqlite_town, sqlite_town.phone("张河长")
    number = a_session(town, leader=leader, capacity=100)
    desk, phone = clerk(town, "desk"), Visitor(town, leader)
    looks = {
        f"/console/activities/sessions/{number}": desk.opens,
        f"/h5/leading/{number}": phone.opens,
    }
    counted = []
    for more in (2, 20):
        joined(town, number, more)
        counted.append({path: asked_for(town, opens, path) for path, opens in looks.items()})
    assert counted[0] == counted[1]
    assert desk.words.count("小明19") == 1
    assert desk.words.count("吃什么饭? 清真") == 22
    assert "第22位" in desk.words
    assert "到了" in phone.words
    with town.reading() as session:
        assert len(session.scalars(select(Enrolment)).all()) == 44
