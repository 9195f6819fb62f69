"""Teams in chat: joining one, one's own teams, away for some days, leaving. Shifts are in chat_shifts.py."""

from __future__ import annotations

from datetime import date, timedelta

from app import clock
from app.dialogue import Ask, Chat, Choose, Confirm, Offer, Reply, Say
from app.understanding.when import Impossible, day_in
from handlers.people import actions as people
from handlers.teams import actions
from handlers.teams.own_rows import ROLES
from handlers.teams.roster import is_child
from handlers.teams.standing import may_lead
from models.identity import Actor
from models.people import live_consent
from models.refusal import Refusal
from models.teams import LONGEST_PAUSE, Team, TeamMember, memberships, open_teams

LISTED = 4
MINE = ("asked", "invited", "active")

chat = Chat("teams")
chat.also_said("加入队伍", "我要加入队伍", "我想加入志愿队", "有哪些志愿队", "志愿队伍有哪些", "想进巡逻队")
chat.also_said("我的队伍", "我在哪个队", "我的志愿队", "看我的队伍")
chat.also_said("停班", "这几天来不了", "我要停班", "出远门不排班", "暂停排班")
chat.also_said("退出队伍", "我要退队", "不在队里了", "离开队伍")


def may_join(resident: Actor) -> None:
    """Who took the consent back is told before the list; so are children, and whom we do not know by name."""
    people.respect_withdrawal(resident, "volunteer")
    if is_child(resident, resident.me):
        raise Refusal("teams.guardian_needed")
    if resident.me.name is None:
        raise Refusal("teams.join_first")


@chat.dialogue("加入队伍", "志愿队伍", "队伍", "加入志愿队", title="加入队伍", may=may_join)
async def join(resident: Actor, team: Team | None = None) -> Say:
    chosen: Team = (
        team if team is not None else await Choose("which_team", open_teams(resident.me), per_page=LISTED)
    )
    new = live_consent(resident.session, resident.me, "volunteer") is None
    await Confirm("confirm_joining", name=chosen.name, what=chosen.sentence, new=new)
    row = actions.ask(resident, chosen, phone_shown=True)
    return Say("asked" if row.state == "asked" else "is_in", member=row, offers={5: mine.offer()})


@join.undo
def take_back(resident: Actor, member: TeamMember) -> Say:
    row = (
        actions.leave(resident, member)
        if member.state == "active"
        else actions.decline_invitation(resident, member)
    )
    return Say("not_in", member=row)


# ---- one's own -----------------------------------------------------------------------------------------------------


@chat.says("我的队伍", "我的队")
def mine(resident: Actor) -> Reply:
    rows = list(resident.session.scalars(memberships(resident.me, *MINE).limit(LISTED)))
    if not rows:
        return Say("no_team", offers={1: Offer(join.name)})
    return Say(
        "my_teams",
        rows=rows,
        roles=ROLES,
        offers={n: card.offer(member=row) for n, row in enumerate(rows, 1)},
    )


@chat.offered()
def card(resident: Actor, member: TeamMember) -> Say:
    """One team, and what may be done there. A digit may be typed long after the list was shown."""
    if member.state == "invited":
        offers = {1: accept.offer(member=member), 2: not_me.offer(member=member)}
        return Say("invitation", member=member, offers=offers)
    if member.state != "active":
        return Say("waits_for_leader" if member.state == "asked" else "not_in", member=member)
    offers = {1: Offer.of_word("我的班"), 2: away.offer(member=member), 3: leave.offer(member=member)}
    if member.is_away:
        offers[2] = back.offer(member=member)
    leads = may_lead(resident, member.team)
    return Say("one_team", member=member, role=ROLES[member.role], leads=leads, offers=offers)


@chat.dialogue(title="答应加入")
async def accept(resident: Actor, member: TeamMember) -> Say:
    new = live_consent(resident.session, resident.me, "volunteer") is None
    team = member.team
    await Confirm("confirm_joining", name=team.name, what=team.sentence, new=new)
    return Say("is_in", member=actions.accept(resident, member, phone_shown=True), offers={5: mine.offer()})


@chat.offered()
def not_me(resident: Actor, member: TeamMember) -> Say:
    return Say("not_in", member=actions.decline_invitation(resident, member))


# ---- away ----------------------------------------------------------------------------------------------------------


@chat.dialogue("停班", title="停班")
async def away(resident: Actor, member: TeamMember | None = None) -> Say:
    chosen = member if member is not None else await _which(resident)
    first: date = await Ask("away_from", _day)
    last: date = await Ask("away_until", _day)
    await Confirm("confirm_away", name=chosen.team.name, first=first, last=last)
    shifts = actions.pause(resident, chosen, first, last)
    return Say("is_away", member=chosen, shifts=shifts, offers={5: back.offer(member=chosen)})


@away.undo
def not_away(resident: Actor, member: TeamMember, **_: object) -> Say:
    return Say("is_back", member=actions.come_back(resident, member))


@chat.offered()
def back(resident: Actor, member: TeamMember) -> Say:
    return Say("is_back", member=actions.come_back(resident, member))


def _day(text: str) -> date:
    reading = day_in(text, clock.local(clock.now()))
    if reading is None:
        raise ValueError(text)
    if isinstance(reading, Impossible) or not reading.sure:
        raise Refusal("teams.no_such_day")
    if not clock.today() <= reading.day <= clock.today() + LONGEST_PAUSE - timedelta(days=1):
        raise Refusal("teams.no_such_day")
    return reading.day


async def _which(resident: Actor) -> TeamMember:
    """Not asked of who is in one team only."""
    rows = list(resident.session.scalars(memberships(resident.me)))
    if len(rows) == 1:
        return rows[0]
    chosen: TeamMember = await Choose("which_own_team", memberships(resident.me), per_page=LISTED)
    return chosen


# ---- leaving -------------------------------------------------------------------------------------------------------


@chat.dialogue("退出队伍", "退队", title="退出队伍")
async def leave(resident: Actor, member: TeamMember | None = None) -> Say:
    chosen = member if member is not None else await _which(resident)
    await Confirm("confirm_leaving", name=chosen.team.name)
    return Say("has_left", member=actions.leave(resident, chosen))
