"""What stands on the lines of a sign-in sheet: people, who comes along with them, what their form says."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from models.activities import ActivitySession, enrolment_of
from models.activities_party import answers_of
from models.activities_rules import Question, questions_of
from models.identity import Person
from models.sheets import SheetLine, SignInSheet, lines_of

MOST_ASKED = 2  # columns of the form for which an upright sheet has room


def asked_on_sheet(held: ActivitySession) -> list[Question]:
    return [one for one in questions_of(held.activity.questions) if one.shown][:MOST_ASKED]


def ruled(session: Session, sheet: SignInSheet) -> list[list[str]]:
    """[name, last four digits, answers …] of every line; an empty one is empty, whoever was found for it later."""
    asked = asked_on_sheet(sheet.session)
    return [_told(session, sheet.session, line, asked) for line in session.scalars(lines_of(sheet))]


def _told(session: Session, held: ActivitySession, line: SheetLine, asked: Sequence[Question]) -> list[str]:
    nothing = [""] * len(asked)
    if not line.printed:
        return ["", "", *nothing]
    if line.companion is not None:
        return [f"{line.companion.name or ''}{'(孩子)' if line.companion.child else ''}", "", *nothing]
    if line.person is None:
        return ["", "", *nothing]
    row = enrolment_of(session, held, line.person)
    answers = answers_of(session, row) if row is not None else {}
    return [*line_of(line.person), *(answers.get(one.key, "") for one in asked)]


def line_of(person: Person) -> list[str]:
    return [person.name or "", (person.phone or "")[-4:]]
