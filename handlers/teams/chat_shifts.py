"""Shifts in chat: one's own, one that wants a hand, handing one on or swapping it, standing in for somebody."""

from __future__ import annotations

from app.dialogue import Choose, Confirm, Offer, Reply, Say
from handlers.activities import actions as activities
from handlers.teams import actions
from handlers.teams.chat import LISTED, chat
from handlers.teams.covering import mates, name_for, swaps_with
from models.activities import ActivitySession
from models.identity import Actor
from models.teams import TeamMember, memberships
from models.teams_covers import Cover, asked_for_by, asked_of, open_cover
from models.teams_shifts import open_shifts, shifts_of

EVERYBODY, ONE, SWAP, COMES = "问能来的队友", "只请一位队友替我", "跟一位队友换一个班", "不换了,我能来"
CAN, CANNOT = "能去", "去不了"

chat.also_said("我的班", "我什么时候值班", "看值班表", "这周谁值班", "排班表", "我哪天巡逻")
chat.also_said("换班", "我来不了", "今天来不了", "值班来不了", "找人替我", "帮我找人替班", "不能值班")
chat.also_said("替班", "我能替", "我来替", "我可以替班", "替他去")
chat.also_said("报班", "我能来值班", "还有班吗", "哪个班缺人", "我要值班")


@chat.says("我的班", "值班表", "班表")
def my_shifts(resident: Actor) -> Reply:
    """The next of one's own, each with its digit; what others ask, and what wants a hand."""
    if resident.session.scalar(memberships(resident.me).limit(1)) is None:
        return Say("no_team", offers={1: Offer.of_word("加入队伍")})
    rows = list(resident.session.scalars(shifts_of(resident.me).limit(LISTED)).unique())
    asked = resident.session.scalar(asked_of(resident.me).limit(1)) is not None
    gaps = resident.session.scalar(open_shifts(resident.me).limit(1)) is not None
    offers: dict[int, Offer] = {n: swap.offer(held=held) for n, held in enumerate(rows, 1)}
    offers |= ({6: take_gap.offer()} if gaps else {}) | ({7: stand_in.offer()} if asked else {})
    looked = [open_cover(resident.session, held, resident.me) is not None for held in rows]
    return Say("my_shifts", rows=rows, looked=looked, gaps=gaps, asked=asked, offers=offers)


# ---- a shift that wants a hand ---------------------------------------------------------------------------------------


@chat.dialogue("报班", title="报一个班")
async def take_gap(resident: Actor) -> Say:
    held: ActivitySession = await Choose(
        "which_gap", open_shifts(resident.me), shown_as="shift_told", per_page=LISTED
    )
    await Confirm("confirm_gap", held=held)
    enrolment = activities.sign_up(resident, held)
    return Say("on_shift", session=enrolment.session, offers={5: my_shifts.offer()})


@take_gap.undo
def leave_gap(resident: Actor, session: ActivitySession) -> Say:
    return Say("off_shift", session=activities.leave(resident, session).session)


# ---- handing on ------------------------------------------------------------------------------------------------------


@chat.dialogue("换班", "来不了", "我来不了", title="换班")
async def swap(resident: Actor, held: ActivitySession | None = None) -> Say:
    shift: ActivitySession = (
        held
        if held is not None
        else await Choose("which_shift", shifts_of(resident.me), shown_as="shift_told", per_page=LISTED)
    )
    looked = open_cover(resident.session, shift, resident.me)
    ways = (COMES,) if looked is not None else (EVERYBODY, ONE, SWAP)
    way: str = await Choose("how_to_swap", ways, held=shift, looked=looked is not None)
    mate, other = await _with_whom(resident, shift, way)
    name = mate.shown_name if mate is not None else ""
    if looked is None:
        await Confirm("confirm_swap", held=shift, who=name, other=other.starts if other is not None else None)
    if looked is not None:
        return Say("comes_after_all", cover=actions.withdraw(resident, looked), held=shift)
    to = mate.person if mate is not None else None
    cover = actions.ask_cover(resident, shift, to=to, other=other)
    return Say("looking", cover=cover, who=name, held=shift, offers={5: my_shifts.offer()})


async def _with_whom(
    resident: Actor, held: ActivitySession, way: str
) -> tuple[TeamMember | None, ActivitySession | None]:
    if way in (EVERYBODY, COMES):
        return None, None
    mate: TeamMember = await Choose("which_mate", lambda: mates(resident, held), shown_as="mate_told")
    if way == ONE:
        return mate, None
    other: ActivitySession = await Choose(
        "which_other", lambda: swaps_with(resident, held, mate), shown_as="shift_told"
    )
    return mate, other


@swap.undo
def no_swap(resident: Actor, cover: Cover, held: ActivitySession, **_: object) -> Say:
    back = actions.undo if cover.state == "taken" else actions.withdraw
    return Say("comes_after_all", cover=back(resident, cover), held=held)


# ---- standing in -----------------------------------------------------------------------------------------------------


@chat.dialogue("替班", title="替班")
async def stand_in(resident: Actor) -> Say:
    cover: Cover = await Choose("which_cover", asked_of(resident.me), per_page=LISTED)
    asker = name_for(resident, cover, cover.asker) if cover.asker is not None else ""
    other = cover.other.starts if cover.other is not None else None
    said: str = await Choose("can_you", (CAN, CANNOT), held=cover.session, who=asker, other=other)
    if said == CAN:
        return Say(
            "takes", cover=actions.take(resident, cover), held=cover.session, offers={5: my_shifts.offer()}
        )
    return Say("takes_not", cover=actions.decline(resident, cover), held=cover.session)


@stand_in.undo
def give_back(resident: Actor, cover: Cover, held: ActivitySession) -> Say:
    return Say("gave_back", cover=actions.undo(resident, cover), held=held)


@chat.says("撤销换班")
def undo_swap(resident: Actor) -> Reply:
    """For who asked: the yes came while they were not in the talk."""
    found = resident.session.scalar(asked_for_by(resident.me).where(Cover.state == "taken").limit(1))
    if found is None:
        return Say("nothing_to_undo", offers={1: my_shifts.offer()})
    return Say("gave_back", cover=actions.undo(resident, found), held=found.session)
