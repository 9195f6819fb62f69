"""Teams for the mini-program: what there is, joining, one's own standing, the week that members see, thanks."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, Strict
from sqlalchemy import Select

from app.channels.api import Api, Problem, found
from app.channels.api.paging import page
from app.channels.api.schemas import Body, Day, Page, PageQuery, Query, Shown, Time, left_out, line
from handlers.teams import actions
from handlers.teams.week import monday_of, week
from models import teams as model
from models.activities import ActivitySession
from models.identity import Actor
from models.teams import Team, TeamMember
from models.teams_thanks import Thanks, on_the_wall, thanks_to

Kind = Literal["patrol", "volunteers", "art", "other"]
State = Literal["asked", "invited", "active", "refused", "left"]
JOINING = ("teams.invited_only", "teams.full", "teams.join_first", "teams.resting", "teams.bad_called")

api = Api("teams", "志愿队伍")


class TeamShown(Shown):
    """A team as everybody may read about it. `entry`: "ask" takes who asks, "invited" only whom its leader invites."""

    id: int
    name: str = Field(examples=["阿娘巡逻队"])
    kind: Kind
    programme: str | None
    sentence: str
    contact_hours: str
    entry: Literal["ask", "invited"]
    state: Literal["active", "resting"]


class TeamPage(Page):
    """In the order in which they were founded."""

    items: list[TeamShown]


class MembershipShown(Shown):
    """My standing in a team. `called` is what fellow members call me."""

    id: int
    team: TeamShown
    state: State
    role: Literal["leader", "deputy", "member"]
    called: str
    phone_shown: bool
    paused_from: date | None
    paused_until: date | None


class MembershipPage(Page):
    """In the order in which I came to know them."""

    items: list[MembershipShown]


class JoiningTeam(Body):
    """`called`: what fellow members shall call me. `phone_shown`: whether the leaders see my number."""

    called: Annotated[str, line(10, "马阿娘")] = left_out()
    phone_shown: bool = left_out()


class Pausing(Body):
    """The first and the last day on which nobody plans or asks me."""

    first: Annotated[Day, Strict(False)]
    last: Annotated[Day, Strict(False)]


class ShiftShown(Shown):
    """One shift: how many are wanted and how many are still missing."""

    id: int
    title: str
    place: str
    starts: Time
    ends: Time
    state: Literal["planned", "open", "closed", "cancelled"]


class RosterShown(ShiftShown):
    """A shift with who comes, each by the name that they chose."""

    hands: list[str]
    wanted: int
    missing: int


class WeekShown(Shown):
    """Seven days from Monday."""

    monday: date
    shifts: list[RosterShown]


class WeekQuery(Query):
    """Any day of the week; without it, this one."""

    day: Day = left_out()


class ThanksShown(Shown):
    """A word of thanks that the staff have read. `shown_as` is the name on the wall."""

    id: int
    what: str
    text: str | None
    shown: bool | None
    shown_as: str | None
    at: Time


class ThanksPage(Page):
    """The newest first."""

    items: list[ThanksShown]


class WallLine(Shown):
    """What stands on the wall."""

    text: str | None
    shown_as: str | None
    what: str


class WallPage(Page):
    """The newest first; nobody is ranked or counted."""

    items: list[WallLine]


class Showing(Body):
    """Whether it may stand on the wall."""

    shown: bool


# ---- what there is -------------------------------------------------------------------------------------------------


@api.reads("/teams", asks=PageQuery, gives=TeamPage, who="everyone")
def teams(by: Actor, asked: PageQuery) -> TeamPage:
    """Teams of the neighbourhood"""
    place = (Team.made_at, Team.id)
    rows, following = page(by.session, model.teams(), asked, place, lambda row: (row.made_at, row.id))
    return TeamPage(items=[shown_team(row) for row in rows], next=following)


@api.reads("/teams/<int:team>", gives=TeamShown, who="everyone")
def one(by: Actor, team: int) -> TeamShown:
    """One team"""
    return shown_team(found(by.session, Team, team))


@api.writes("/teams/<int:team>/join", takes=JoiningTeam, gives=MembershipShown, status=201, refuses=JOINING)
def join(by: Actor, said: JoiningTeam, team: int) -> MembershipShown:
    """Ask to be let into a team"""
    row = actions.ask(
        by, found(by.session, Team, team), called=said.called or "", phone_shown=said.phone_shown is True
    )
    return _membership(row)


# ---- my standing ---------------------------------------------------------------------------------------------------


@api.reads("/memberships", asks=PageQuery, gives=MembershipPage)
def memberships(by: Actor, asked: PageQuery) -> MembershipPage:
    """My teams"""
    mine: Select[TeamMember] = model.memberships(by.me, "asked", "invited", "active")
    rows, following = page(by.session, mine, asked, (TeamMember.changed_at, TeamMember.id), _place)
    return MembershipPage(items=[_membership(row) for row in rows], next=following)


def _place(row: TeamMember) -> tuple[object, int]:
    return row.changed_at, row.id


@api.writes("/memberships/<int:membership>/accept", takes=JoiningTeam, gives=MembershipShown, refuses=JOINING)
def accept(by: Actor, said: JoiningTeam, membership: int) -> MembershipShown:
    """Yes to an invitation"""
    row = _own(by, membership)
    return _membership(
        actions.accept(by, row, called=said.called or "", phone_shown=said.phone_shown is True)
    )


@api.writes("/memberships/<int:membership>/decline", gives=MembershipShown)
def decline(by: Actor, membership: int) -> MembershipShown:
    """No to an invitation, or my question taken back"""
    return _membership(actions.decline_invitation(by, _own(by, membership)))


@api.writes("/memberships/<int:membership>/leave", gives=MembershipShown, refuses=("teams.last_leader",))
def leave(by: Actor, membership: int) -> MembershipShown:
    """Leave a team; my shifts ahead are short of a hand"""
    return _membership(actions.leave(by, _own(by, membership)))


@api.writes(
    "/memberships/<int:membership>/pause", takes=Pausing, gives=MembershipShown, refuses=("teams.bad_pause",)
)
def pause(by: Actor, said: Pausing, membership: int) -> MembershipShown:
    """Away for some days: my shifts of those days are offered to others"""
    row = _own(by, membership)
    actions.pause(by, row, said.first, said.last)
    return _membership(row)


@api.writes("/memberships/<int:membership>/back", gives=MembershipShown)
def back(by: Actor, membership: int) -> MembershipShown:
    """Back before the time"""
    return _membership(actions.come_back(by, _own(by, membership)))


@api.reads("/memberships/<int:membership>/week", asks=WeekQuery, gives=WeekShown)
def show_week(by: Actor, asked: WeekQuery, membership: int) -> WeekShown:
    """Who comes when, in one week of a team of mine"""
    row = _own(by, membership)
    if row.state != "active":
        raise Problem(404, "not_found")
    monday = monday_of(asked.day.isoformat() if asked.day else "")
    days = week(by, row.team, monday)
    shifts = [
        RosterShown.model_validate(
            {
                **shift_facts(slot.held),
                "hands": [hand.row.shown_name if hand.row else "一位邻居" for hand in slot.hands],
                "wanted": slot.wanted,
                "missing": slot.missing,
            }
        )
        for day in days
        for slot in day.slots
    ]
    return WeekShown(monday=monday, shifts=shifts)


# ---- thanks --------------------------------------------------------------------------------------------------------


@api.reads("/thanks", asks=PageQuery, gives=WallPage, who="everyone")
def wall(by: Actor, asked: PageQuery) -> WallPage:
    """Words of thanks that volunteers let stand on the wall"""
    place = (Thanks.at, Thanks.id)
    rows, following = page(by.session, on_the_wall(), asked, place, _when, newest_first=True)
    lines = [WallLine(text=row.public_text, shown_as=row.shown_as, what=row.what) for row in rows]
    return WallPage(items=lines, next=following)


@api.reads("/thanks/mine", asks=PageQuery, gives=ThanksPage)
def own_thanks(by: Actor, asked: PageQuery) -> ThanksPage:
    """Thanks that I was given"""
    place = (Thanks.at, Thanks.id)
    rows, following = page(by.session, thanks_to(by.me), asked, place, _when, newest_first=True)
    return ThanksPage(items=[_thanks(row) for row in rows], next=following)


def _when(row: Thanks) -> tuple[object, int]:
    return row.at, row.id


@api.writes("/thanks/<int:thanks>/show", takes=Showing, gives=ThanksShown)
def show(by: Actor, said: Showing, thanks: int) -> ThanksShown:
    """Whether this word may stand on the wall"""
    row = found(by.session, Thanks, thanks)
    if row.person_id != by.me.id or row.state != "approved":
        raise Problem(404, "not_found")
    return _thanks(actions.choose_shown(by, row, said.shown))


# ---- rows ----------------------------------------------------------------------------------------------------------


def _own(by: Actor, number: int) -> TeamMember:
    row = found(by.session, TeamMember, number)
    if by.me.id not in (row.person_id, row.guardian_id):
        raise Problem(404, "not_found")
    return row


def shown_team(row: Team) -> TeamShown:
    return TeamShown.model_validate({name: getattr(row, name) for name in TeamShown.model_fields})


def _membership(row: TeamMember) -> MembershipShown:
    same = ("id", "state", "role", "phone_shown", "paused_from", "paused_until")
    told = {name: getattr(row, name) for name in same}
    return MembershipShown.model_validate({**told, "team": shown_team(row.team), "called": row.shown_name})


def _thanks(row: Thanks) -> ThanksShown:
    same = {name: getattr(row, name) for name in ("id", "what", "shown", "shown_as", "at")}
    return ThanksShown.model_validate({**same, "text": row.public_text})


def shift_facts(held: ActivitySession) -> dict[str, object]:
    same = {name: getattr(held, name) for name in ("id", "place", "starts", "ends", "state")}
    return {**same, "title": held.activity.title}
