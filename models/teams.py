"""Teams of neighbours (阿娘巡逻队, 夏都志愿者, a dance group): what a team is, who is in it and who leads it.

Who leaves keeps the row, so that coming back is the same row. What a leader may see and do hangs on the row alone: it
ends in the moment in which somebody stops leading. Shifts are sessions of activities that have this team
(teams_shifts.py), so that checking in, hours, reminders and calling off are those of every activity.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Date,
    ForeignKey,
    Select,
    String,
    UniqueConstraint,
    case,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, joinedload, mapped_column, relationship

from app import clock
from app.understanding.phone import mask_name
from models.base import Base, Instant, Sealed
from models.identity import Person
from models.ledger import TimeAccount
from models.staff import StaffMember

KINDS = ("patrol", "volunteers", "art", "other")
ENTRIES = ("ask", "invited")
ROLES = ("leader", "deputy", "member")
LEADING = ("leader", "deputy")
STATES = ("asked", "invited", "active", "refused", "left")
MOST_MEMBERS = 500
LONGEST_PAUSE = timedelta(days=366)
INVITE_LIVES = timedelta(days=7)
WORDS_IN, MOST_WORDS = timedelta(days=7), 3


class Team(Base):
    """`entry`: whoever wants may ask ("ask"), or only who has the leader's link comes in ("invited"). `staff_id` is who
    of the staff looks after it. Fewer than `least` is shown to the leaders, more than `most` are not taken. With
    `listed` its shifts stand on the public list of activities too; members alone can sign up for them either way.
    `invite` is the secret of the leaders' link until `invite_until`."""

    __tablename__ = "team"
    __table_args__ = (
        UniqueConstraint("name"),
        CheckConstraint("kind IN ('patrol', 'volunteers', 'art', 'other')", name="kind"),
        CheckConstraint("entry IN ('ask', 'invited')", name="entry"),
        CheckConstraint("state IN ('active', 'resting')", name="state"),
        CheckConstraint("least >= 0 AND most >= least AND most > 0", name="size"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(10))
    programme: Mapped[str | None] = mapped_column(String(40), index=True)
    sentence: Mapped[str] = mapped_column(String(120))
    contact_hours: Mapped[str] = mapped_column(String(40), default="")
    entry: Mapped[str] = mapped_column(String(8), default="ask")
    listed: Mapped[bool] = mapped_column(default=False)
    least: Mapped[int] = mapped_column(default=2)
    most: Mapped[int] = mapped_column(default=40)
    state: Mapped[str] = mapped_column(String(8), default="active")
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff_member.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("time_account.id"))
    invite: Mapped[str | None] = mapped_column(Sealed("team.invite"))
    invite_until: Mapped[datetime | None] = mapped_column(Instant)
    made_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    staff: Mapped[StaffMember | None] = relationship()
    account: Mapped[TimeAccount | None] = relationship()

    def is_invite(self, secret: str) -> bool:
        live = self.invite is not None and self.invite_until is not None and self.invite_until > clock.now()
        return live and self.invite == secret


class TeamMember(Base):
    """Somebody's standing in a team: `asked` (waits for the leader), `invited` (waits for them), `active`, `refused`,
    `left`. `called` is the name that fellow members see, as the member chose it; `phone_shown` lets the leaders see the
    number (and, of a leader, the members). A child is in it by its guardian (`guardian_id`), who hears and answers for
    it. Between `paused_from` and `paused_until`, both included, nobody asks or plans them."""

    __tablename__ = "team_member"
    __table_args__ = (
        UniqueConstraint("team_id", "person_id"),
        CheckConstraint("role IN ('leader', 'deputy', 'member')", name="role"),
        CheckConstraint("state IN ('asked', 'invited', 'active', 'refused', 'left')", name="state"),
        CheckConstraint("(paused_from IS NULL) = (paused_until IS NULL)", name="pause"),
        CheckConstraint("paused_until IS NULL OR paused_until >= paused_from", name="pause_order"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    guardian_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    role: Mapped[str] = mapped_column(String(8), default="member")
    state: Mapped[str] = mapped_column(String(8), default="asked")
    how: Mapped[str] = mapped_column(String(8), default="asked")
    called: Mapped[str | None] = mapped_column(Sealed("team_member.called"))
    phone_shown: Mapped[bool] = mapped_column(default=False)
    paused_from: Mapped[date | None] = mapped_column(Date)
    paused_until: Mapped[date | None] = mapped_column(Date)
    since: Mapped[datetime | None] = mapped_column(Instant)
    until: Mapped[datetime | None] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant, default=clock.now)

    team: Mapped[Team] = relationship(lazy="joined")
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    guardian: Mapped[Person | None] = relationship(foreign_keys=[guardian_id])

    @property
    def shown_name(self) -> str:
        """What fellow members see."""
        return self.called or mask_name(self.person.name or "") or "一位队友"

    @property
    def whole_name(self) -> str:
        """What leaders and the staff see."""
        return self.person.name or self.called or f"居民{self.person_id}号"

    @property
    def answers(self) -> Person:
        """Who is told and asked: the guardian of a child."""
        return self.guardian or self.person

    def is_paused_on(self, day: date) -> bool:
        if self.paused_from is None or self.paused_until is None:
            return False
        return self.paused_from <= day <= self.paused_until

    @property
    def is_away(self) -> bool:
        """Paused now or later."""
        return self.paused_until is not None and self.paused_until >= clock.today()


class TeamWord(Base):
    """A word that was said to the whole team: counted, so that nobody is talked at every day."""

    __tablename__ = "team_word"

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"), index=True)
    words: Mapped[str] = mapped_column(Sealed("team_word.words"))
    told: Mapped[int]
    at: Mapped[datetime] = mapped_column(Instant, default=clock.now)


# ---- teams -------------------------------------------------------------------------------------------------


def teams() -> Select[Team]:
    return select(Team).order_by(Team.state, Team.name)


def open_teams(person: Person | None = None) -> Select[Team]:
    """Teams that may be asked to be let in; without those in which this person stands already."""
    found = select(Team).where(Team.state == "active", Team.entry == "ask")
    if person is not None:
        mine = TeamMember.team_id == Team.id, TeamMember.person_id == person.id
        found = found.where(~exists().where(*mine, TeamMember.state.in_(("asked", "invited", "active"))))
    return found.order_by(Team.name)


def hold(session: Session, team: Team) -> None:
    """Keep the team's row still until the unit ends: members are counted under it, leaders too."""
    mine = select(Team.id).where(Team.id == team.id)
    session.execute(mine.with_for_update(key_share=True))
    session.refresh(team)


# ---- who is in it ------------------------------------------------------------------------------------------


def member_of(session: Session, team: Team, person: Person) -> TeamMember | None:
    """This person's row, whatever it says, fresh from the database."""
    mine = TeamMember.team_id == team.id, TeamMember.person_id == person.id
    return session.scalar(select(TeamMember).where(*mine).execution_options(populate_existing=True))


def members(team: Team, *states: str) -> Select[TeamMember]:
    """The leaders first, then in the order in which they came."""
    rank = case((TeamMember.role == "leader", 0), (TeamMember.role == "deputy", 1), else_=2)
    mine = TeamMember.team_id == team.id, TeamMember.state.in_(states or ("active",))
    return (
        select(TeamMember)
        .where(*mine)
        .options(joinedload(TeamMember.person))
        .order_by(rank, TeamMember.since, TeamMember.id)
    )


def count(session: Session, team: Team) -> int:
    mine = TeamMember.team_id == team.id, TeamMember.state == "active"
    return session.scalar(select(func.count()).select_from(TeamMember).where(*mine)) or 0


def memberships(person: Person, *states: str) -> Select[TeamMember]:
    """This person's teams, also those in which they stand for a child."""
    theirs = or_(TeamMember.person_id == person.id, TeamMember.guardian_id == person.id)
    return (
        select(TeamMember)
        .where(theirs, TeamMember.state.in_(states or ("active",)))
        .options(joinedload(TeamMember.person))
        .order_by(TeamMember.id)
    )


def leaders(team: Team) -> Select[TeamMember]:
    return members(team).where(TeamMember.role.in_(LEADING))


def leads_team(session: Session, team: Team, person: Person) -> bool:
    mine = TeamMember.team_id == team.id, TeamMember.person_id == person.id
    leading = TeamMember.state == "active", TeamMember.role.in_(LEADING)
    return session.scalar(select(TeamMember.id).where(*mine, *leading)) is not None


def led_teams(person: Person) -> Select[Team]:
    mine = TeamMember.person_id == person.id, TeamMember.state == "active", TeamMember.role.in_(LEADING)
    return select(Team).where(Team.id.in_(select(TeamMember.team_id).where(*mine))).order_by(Team.name)


def leaderless() -> Select[Team]:
    """Teams at work that nobody among the members leads: the staff do what a leader would."""
    led = exists().where(
        TeamMember.team_id == Team.id, TeamMember.state == "active", TeamMember.role.in_(LEADING)
    )
    return select(Team).where(Team.state == "active", ~led).order_by(Team.name)


def asking() -> Select[TeamMember]:
    """Who waits to be let into a team, the longest first."""
    return (
        select(TeamMember).where(TeamMember.state == "asked").order_by(TeamMember.changed_at, TeamMember.id)
    )


def is_member(team_id: InstrumentedAttribute[int | None], person: Person) -> ColumnElement[bool]:
    """The condition on a column that names a team: this person is in it."""
    mine = TeamMember.team_id == team_id, TeamMember.person_id == person.id
    return exists().where(*mine, TeamMember.state == "active")


def is_team_leader(team_id: InstrumentedAttribute[int | None], person: Person) -> ColumnElement[bool]:
    mine = TeamMember.team_id == team_id, TeamMember.person_id == person.id
    return exists().where(*mine, TeamMember.state == "active", TeamMember.role.in_(LEADING))


# ---- words -------------------------------------------------------------------------------------------------


def words_left(session: Session, team: Team) -> int:
    """How many more words may go to the whole team these seven days."""
    lately = TeamWord.team_id == team.id, TeamWord.at > clock.now() - WORDS_IN
    said = session.scalar(select(func.count()).select_from(TeamWord).where(*lately)) or 0
    return max(0, MOST_WORDS - said)


# ---- what must hold ----------------------------------------------------------------------------------------


def ownerless(session: Session) -> list[str]:
    """Every team that is at work has a leader among its members, or somebody of the staff who looks after it."""
    found = leaderless().where(Team.staff_id.is_(None))
    return [f"team {team.id} has neither leader nor owner" for team in session.scalars(found)]


def odd_members(session: Session) -> list[str]:
    """Nobody twice in a team (the database refuses that too), none over the team's size, no active without a day."""
    rows = select(TeamMember.id).where(TeamMember.state == "active", TeamMember.since.is_(None))
    broken = [f"member {number} is in it since never" for number in session.scalars(rows)]
    counted = (
        select(TeamMember.team_id, func.count(), func.count(func.distinct(TeamMember.person_id)))
        .where(TeamMember.state == "active")
        .group_by(TeamMember.team_id)
    )
    return broken + [
        f"team {team}: {n} rows, {people} people"
        for team, n, people in session.execute(counted)
        if n != people
    ]
