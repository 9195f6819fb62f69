"""Thanks: said by a leader, the staff or who was served; read by the staff first; shown on the wall if the volunteer
wants."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Select, exists, select

from app import audit, clock
from handlers.teams import messages
from handlers.teams.sentences import thanks_in, what_shows
from handlers.teams.standing import is_staff, must_be_staff, must_lead
from models.activities import ActivitySession
from models.hours import ServiceHours
from models.identity import Actor, Person
from models.refusal import Refusal
from models.teams import Team, TeamMember
from models.teams_thanks import Thanks
from models.volunteers import Attendance

SERVED_WITHIN = timedelta(days=60)
MOST_A_DAY = 10


# ---- said --------------------------------------------------------------------------------------------------


def thank_member(by: Actor, row: TeamMember, words: str, held: ActivitySession | None = None) -> Thanks:
    """A leader, or the staff, to somebody of the team; after a shift, or just so."""
    must_lead(by, row.team)
    if by.person is not None and by.person.id == row.person_id:
        raise Refusal("teams.not_oneself")
    if held is not None and (held.activity.team_id != row.team_id or not _was_there(by, held, row.person)):
        raise Refusal("teams.was_not_there")
    what = held.activity.title if held is not None else row.team.name
    source = "staff" if is_staff(by) else "leader"
    return _say(by, row.person, words, what=what, source=source, team=row.team, held=held)


def _was_there(by: Actor, held: ActivitySession, person: Person) -> bool:
    mine = Attendance.session_id == held.id, Attendance.person_id == person.id
    return bool(by.session.scalar(select(exists().where(*mine))))


def served_lately(person: Person) -> Select[ServiceHours]:
    """When somebody gave their time for this person, and has not been thanked for it by them."""
    thanked = exists().where(
        Thanks.giver_id == person.id,
        Thanks.person_id == ServiceHours.person_id,
        Thanks.at >= ServiceHours.ended_at,
    )
    return (
        select(ServiceHours)
        .where(
            ServiceHours.served_id == person.id,
            ServiceHours.person_id.is_not(None),
            ServiceHours.ended_at > clock.now() - SERVED_WITHIN,
            ServiceHours.state != "void",
            ~thanked,
        )
        .order_by(ServiceHours.ended_at.desc(), ServiceHours.id.desc())
    )


def thank_for_service(by: Actor, hours: ServiceHours, words: str) -> Thanks:
    """Who was served, to who served; whose name they may not know."""
    if hours.served_id != by.me.id or hours.person is None:
        raise Refusal("teams.not_served")
    return _say(by, hours.person, words, what=hours.what, source="served", held=hours.session)


def _say(
    by: Actor,
    person: Person,
    words: str,
    *,
    what: str,
    source: str,
    team: Team | None = None,
    held: ActivitySession | None = None,
) -> Thanks:
    line = thanks_in(words)
    if by.person is not None:
        today = Thanks.giver_id == by.person.id, Thanks.at > clock.now() - timedelta(days=1)
        if len(by.session.scalars(select(Thanks.id).where(*today)).all()) >= MOST_A_DAY:
            raise Refusal("teams.enough_thanks", most=MOST_A_DAY)
    row = Thanks(person=person, team=team, session=held, what=what, source=source, text=line)
    row.giver = by.person if by.staff is None else None
    row.staff_id = by.staff.id if by.staff is not None else None
    by.session.add(row)
    audit.note(by, "teams.thank", row, source=source)
    return row


# ---- read by the staff -------------------------------------------------------------------------------------


def approve(by: Actor, row: Thanks, words: str) -> Thanks:
    """What may be read, as it was said or as the staff put it. Who said it does not approve it."""
    _must_review(by, row)
    line = thanks_in(words)
    giver = row.giver.name if row.giver is not None else None
    fault = what_shows(line, giver, row.person.name if row.person is not None else None)
    if fault:
        raise Refusal("teams.thanks_shows", what=fault)
    row.state, row.public_text = "approved", line
    _settle(by, row)
    if row.person is not None:
        messages.tell(by, row.person, "thanked", f"{row.id}", what=row.what, at=clock.now().isoformat())
    return row


def refuse_thanks(by: Actor, row: Thanks) -> Thanks:
    """It is not handed on; nobody hears that it was said."""
    _must_review(by, row)
    row.state = "refused"
    _settle(by, row)
    return row


def _must_review(by: Actor, row: Thanks) -> None:
    must_be_staff(by)
    if row.state != "said":
        raise Refusal("teams.read_already")
    if by.staff is not None and row.staff_id == by.staff.id:
        raise Refusal("teams.own_thanks_refused")


def _settle(by: Actor, row: Thanks) -> None:
    row.reviewed_by, row.reviewed_at = by.staff.id if by.staff else None, clock.now()
    audit.note(by, "teams.review_thanks", row, state=row.state)


# ---- the volunteer's own word ------------------------------------------------------------------------------


def choose_shown(by: Actor, row: Thanks, shown: bool) -> Thanks:
    """Whether it may stand on the wall; changed as often as they like."""
    if row.person_id != by.me.id or row.state != "approved":
        raise Refusal("teams.not_yours")
    if row.shown != shown:
        row.shown, row.shown_as = shown, called(by, row) if shown else None
        audit.note(by, "teams.show_thanks", row, shown=shown)
    return row


def called(by: Actor, row: Thanks) -> str:
    """The name on the wall: as their team calls them, never more."""
    mine = select(TeamMember).where(TeamMember.person_id == row.person_id, TeamMember.state == "active")
    rows = by.session.scalars(mine.order_by(TeamMember.id)).all()
    own = next((one for one in rows if one.team_id == row.team_id), rows[0] if rows else None)
    return own.shown_name if own is not None else "一位志愿者"
