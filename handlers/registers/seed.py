"""An invented sheet that was taken in a week ago, and a table that was taken out: so that the pages are not empty."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from app import clock
from handlers.registers import actions
from handlers.registers.checking import Line
from models.identity import Actor
from models.registers import RegisterExport, RegisterImport
from models.staff import StaffMember, member_by_login

PEOPLE = (("杨有福", "13900000031"), ("冶秀英", "13900000032"), ("仁青卓玛", "13900000033"))


def seed(session: Session) -> None:
    """Only where the invented colleagues are."""
    clerk = member_by_login(session, "wang")
    if clerk is None:
        return
    _taken_in(Actor(session, staff=clerk, channel="job"), clerk)
    today = clock.today()
    facts = {"first": f"{today - timedelta(days=30)}", "last": f"{today}", "form": "xlsx"}
    asked = RegisterExport(staff_id=clerk.id, kind="notices", facts=facts, rows=7, state="taken")
    session.add(asked)


def _taken_in(by: Actor, clerk: StaffMember) -> None:
    week_ago = clock.now() - timedelta(days=7)
    sheet = RegisterImport(
        staff_id=clerk.id,
        name="湖滨小区登记表.xlsx",
        state="done",
        lines=len(PEOPLE),
        good=len(PEOPLE),
        basis="2026年登记簿第2册",
        made_at=week_ago,
        began_at=week_ago,
        ended_at=week_ago,
    )
    by.session.add(sheet)
    by.session.flush()
    lines = [Line(number, [], name=name, phone=phone) for number, (name, phone) in enumerate(PEOPLE, 2)]
    actions.write_lines(by, sheet, lines)
