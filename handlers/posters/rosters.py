"""Who is expected at one time of an activity, line by line: people, who comes along with them, what their form says."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from models.activities import ActivitySession, Enrolment, everybody_in
from models.activities_party import answers_of, companions_of
from models.activities_rules import Question, questions_of
from models.identity import Person

MOST_ASKED = 2  # columns of the form for which an upright sheet has room


def asked_on_sheet(held: ActivitySession) -> list[Question]:
    return [one for one in questions_of(held.activity.questions) if one.shown][:MOST_ASKED]


def expected(session: Session, held: ActivitySession) -> list[list[str]]:
    """[name, last four digits, answers …] of everybody who has a seat; the form stands with the head of the party."""
    asked, lines = asked_on_sheet(held), []
    for row in session.scalars(everybody_in(held)):
        if row.state == "joined":
            lines += _party(session, row, asked)
    return lines


def _party(session: Session, row: Enrolment, asked: Sequence[Question]) -> list[list[str]]:
    answers = answers_of(session, row)
    told, nothing = [answers.get(one.key, "") for one in asked], [""] * len(asked)
    own = [[*line_of(row.person), *told]] if row.comes else []
    along = [
        [f"{one.name or ''}{'(孩子)' if one.child else ''}", "", *(told if not own and at == 0 else nothing)]
        for at, one in enumerate(companions_of(session, row))
    ]
    return own + along


def line_of(person: Person) -> list[str]:
    return [person.name or "", (person.phone or "")[-4:]]
