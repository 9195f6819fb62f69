"""A person's teams as a whole: what we keep, erasing it, and two records that become one and are parted again."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from app import audit, clock
from app.words import day_words, moment_words
from handlers.teams.covering import end
from handlers.teams.roster import free_shifts
from models import teams as model
from models.identity import Actor, Person
from models.teams import LEADING, TeamMember
from models.teams_covers import Cover, CoverAsk
from models.teams_thanks import Thanks, thanks_by, thanks_to

STATES = {
    "asked": "等队长同意",
    "invited": "请您加入,等您回话",
    "active": "在队里",
    "refused": "没有收",
    "left": "离开了",
}
ROLES = {"leader": "队长", "deputy": "副队长", "member": "队员"}
ENDS = {
    "open": "还在找人",
    "taken": "有人替了",
    "undone": "撤销了",
    "withdrawn": "不换了",
    "refused": "对方去不了",
    "nobody": "没有人替",
    "over": "这一班没有了",
}
SAID = {"said": "等工作人员看", "approved": "转到了", "refused": "没有转"}
# What of a row is a standing: it moves with it.
STANDING = ("role", "state", "how", "called", "phone_shown", "paused_from", "paused_until", "since", "until")
RANK = {"active": 3, "invited": 2, "asked": 1}
LEADS = {"leader": 2, "deputy": 1}


def kept_of(session: Session, person: Person) -> dict[str, Any]:
    """Teams, searches for cover, thanks; of others' words only what the person may read."""
    rows = session.scalars(model.memberships(person, *model.STATES)).all()
    asked = session.scalars(select(Cover).where(Cover.asker_id == person.id).order_by(Cover.id)).all()
    got = session.scalars(thanks_to(person)).all()
    said = session.scalars(thanks_by(person)).all()
    kept: dict[str, Any] = {
        "志愿队伍": [_row_told(row, person) for row in rows],
        "请人替的班": [
            {
                "班": one.session.activity.title,
                "时间": moment_words(one.session.starts),
                "情况": ENDS[one.state],
            }
            for one in asked
        ],
        "收到的感谢": [{"为": one.what, "话": one.public_text or ""} for one in got],
        "说过的感谢": [{"为": one.what, "话": one.text or "", "情况": SAID[one.state]} for one in said],
    }
    return {heading: lines for heading, lines in kept.items() if lines}


def _row_told(row: TeamMember, person: Person) -> dict[str, str]:
    told = {"队伍": row.team.name, "是": ROLES[row.role], "情况": STATES[row.state]}
    told |= {"队友看到的名字": row.shown_name, "队长能看到电话": "能" if row.phone_shown else "不能"}
    if row.person_id != person.id:
        told["替谁"] = row.person.name or "孩子"
    if row.since is not None:
        told["从"] = day_words(row.since)
    if row.paused_from is not None and row.paused_until is not None:
        told["停班"] = f"{day_words(row.paused_from)}到{day_words(row.paused_until)}"
    return told


# ---- erased ------------------------------------------------------------------------------------------------


def forget(by: Actor, person: Person) -> None:
    """Searches end, seats ahead go back, rows go; thanks that others were told stay theirs, without who said it. A team
    that nobody leads or looks after any more rests."""
    open_ones = select(Cover).where(Cover.asker_id == person.id, Cover.state == "open")
    for cover in by.session.scalars(open_ones).all():
        end(by, cover, "over")
    for row in by.session.scalars(model.memberships(person, *model.STATES)).all():
        _forget_row(by, row, person)
    by.session.execute(delete(CoverAsk).where(CoverAsk.person_id == person.id))
    _set(by, Cover, "asker_id", person, None)
    _set(by, Cover, "taker_id", person, None)
    mine = update(Thanks).where(Thanks.person_id == person.id)
    by.session.execute(
        mine.values(person_id=None, text=None, public_text=None, shown_as=None, shown=None),
        execution_options={"synchronize_session": "fetch"},
    )
    unread = update(Thanks).where(Thanks.giver_id == person.id)
    by.session.execute(
        unread.values(giver_id=None, text=None), execution_options={"synchronize_session": "fetch"}
    )
    by.session.execute(delete(Thanks).where(Thanks.state == "said", Thanks.text.is_(None)))
    audit.note(by, "teams.forget", person)


def _forget_row(by: Actor, row: TeamMember, person: Person) -> None:
    free_shifts(by, row.team, row.person)
    model.hold(by.session, row.team)
    if row.person_id != person.id:
        row.guardian, row.state, row.role, row.until = None, "left", "member", clock.now()
        return
    team, led = row.team, row.role in LEADING
    by.session.delete(row)
    by.session.flush()
    nobody = by.session.scalar(model.leaders(team).limit(1)) is None
    if led and nobody and team.staff_id is None and team.state == "active":
        team.state = "resting"


def _set(by: Actor, table: Any, column: str, person: Person, value: int | None) -> None:
    mine = update(table).where(getattr(table, column) == person.id).values({column: value})
    by.session.execute(mine, execution_options={"synchronize_session": "fetch"})


# ---- two records of one person -------------------------------------------------------------------------------


def merge(by: Actor, kept: Person, gone: Person) -> list[list[Any]]:
    """Rows move; where both are in one team the better standing counts, under the row of `kept`, and how both stood is
    for `part`: [[kept's, gone's, kept's now], …]."""
    _end_own(by, kept, gone)
    theirs = select(TeamMember).where(TeamMember.person_id == gone.id).order_by(TeamMember.team_id)
    doubled = [made for row in by.session.scalars(theirs).all() if (made := _hand_over(by, row, kept))]
    _move_asks(by, kept, gone)
    for table, column in (
        (TeamMember, "guardian_id"),
        (Cover, "asker_id"),
        (Cover, "taker_id"),
        (Thanks, "person_id"),
        (Thanks, "giver_id"),
    ):
        _set(by, table, column, gone, kept.id)
    audit.note(by, "teams.merge", kept, doubled=len(doubled))
    return doubled


def _end_own(by: Actor, kept: Person, gone: Person) -> None:
    """Searches of either about the same shift, or of one that the other was asked to take, are over."""
    asked = select(CoverAsk.cover_id).where(CoverAsk.person_id.in_((kept.id, gone.id)))
    both = select(Cover.session_id).where(Cover.asker_id == kept.id, Cover.state == "open")
    mine = Cover.asker_id == gone.id, Cover.session_id.in_(both)
    crossed = Cover.asker_id.in_((kept.id, gone.id)), Cover.id.in_(asked)
    found = select(Cover).where(Cover.state == "open", or_(mine[0] & mine[1], crossed[0] & crossed[1]))
    for cover in by.session.scalars(found).all():
        end(by, cover, "over")


def _hand_over(by: Actor, theirs: TeamMember, kept: Person) -> list[Any] | None:
    model.hold(by.session, theirs.team)
    mine = model.member_of(by.session, theirs.team, kept)
    if mine is None:
        theirs.person = kept
        by.session.flush()
        return None
    before = [_standing(mine), _standing(theirs)]
    if _rank(theirs) > _rank(mine):
        for name in STANDING:
            setattr(mine, name, getattr(theirs, name))
    if theirs.state in RANK:
        theirs.state, theirs.role = "left", "member"
    by.session.flush()
    return [*before, _standing(mine)]


def _rank(row: TeamMember) -> tuple[int, int]:
    return RANK.get(row.state, 0), LEADS.get(row.role, 0)


def _move_asks(by: Actor, kept: Person, gone: Person) -> None:
    """One that both were asked stays with `gone`."""
    known = select(CoverAsk.cover_id).where(CoverAsk.person_id == kept.id).scalar_subquery()
    mine = CoverAsk.person_id == gone.id, CoverAsk.cover_id.not_in(known)
    by.session.execute(
        update(CoverAsk).where(*mine).values(person_id=kept.id),
        execution_options={"synchronize_session": "fetch"},
    )


def part(by: Actor, kept: Person, gone: Person, doubled: list[list[Any]] | None) -> None:
    """Both stand as they did, unless the one row has been changed since. Seats went back with the enrolments."""
    for kept_was, gone_was, then in doubled or ():
        mine, theirs = (by.session.get(TeamMember, was[0]) for was in (kept_was, gone_was))
        if mine is not None and _standing(mine) == then:
            _restore(mine, kept_was)
        if theirs is not None:
            _restore(theirs, gone_was)
    by.session.flush()
    audit.note(by, "teams.part", gone, doubled=len(doubled or ()))


def _standing(row: TeamMember) -> list[Any]:
    """The id first, then the standing, as JSON."""
    values = (getattr(row, name) for name in STANDING)
    return [row.id, *(one.isoformat() if isinstance(one, date | datetime) else one for one in values)]


def _restore(row: TeamMember, was: list[Any]) -> None:
    told = dict(zip(STANDING, was[1:], strict=True))
    for name in ("paused_from", "paused_until"):
        told[name] = date.fromisoformat(told[name]) if told[name] else None
    for name in ("since", "until"):
        told[name] = datetime.fromisoformat(told[name]) if told[name] else None
    for name, value in told.items():
        setattr(row, name, value)
