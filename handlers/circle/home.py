"""上门 in chat: what is to be done, on which half day, where; within five messages. And what became of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from app import clock
from app.dialogue import Ask, Choose, Confirm, Offer, Reply, Say
from app.questions import same_place
from app.understanding.contacts import Told, told_in
from app.understanding.readings import Impossible
from app.understanding.when import moment_in
from handlers.circle import actions, following, visiting
from handlers.circle.chat import chat
from handlers.people import actions as people
from models.appointments import Contact, known_contact
from models.circle import home_services
from models.circle_fit import HalfDay, free_halves
from models.circle_jobs import HomeJob, jobs_of, last_asked, last_done
from models.identity import Actor
from models.plans import Service, named_in
from models.refusal import Refusal

MOST = 5
WELL = frozenset({"1", "好了", "已经好了", "对", "对的", "都好了"})
NOT_WELL = frozenset({"2", "没好", "还没好", "不对", "没修好", "还是不行", "又坏了"})


def may_order(resident: Actor) -> None:
    """Who took the consent back is told before the first question."""
    people.respect_withdrawal(resident, "service")


class ChooseHalf(Choose[str]):
    """One of the half days on which somebody can come, also by words: "明天下午"."""

    hears = True


@chat.dialogue(
    "上门",
    "上门服务",
    "叫师傅",
    "哪天上门",
    "约上门",
    title="约上门",
    helper=("帮别人叫师傅",),
    may=may_order,
)
async def order(resident: Actor, service: Service | None = None) -> Say:
    session = resident.session
    wanted = service or await which_work(session)
    code: str = await ChooseHalf(
        "which_half",
        lambda: [one.code for one in free_halves(session, wanted)],
        by_words=_said(session, wanted),
        shown_as="half_told",
        service=wanted,
    )
    contact = await _contact(resident)
    new = people.is_new(resident)
    await Confirm("confirm_home", service=wanted, half=code, contact=contact, helped=resident.helped, new=new)
    job = actions.order(resident, wanted, HalfDay.read(code), contact)
    return Say("ordered", job=job, offers={6: take_back.offer(job=job)})


def which_work(session: Session) -> Choose[Service]:
    return Choose("which_work", home_services(), by_words=_named(session))


@order.undo
def undo_order(resident: Actor, job: HomeJob) -> Say:
    return Say("taken_back", job=actions.take_back(resident, job))


async def _contact(resident: Actor) -> Contact:
    """What is known is not asked; a known door is asked for a yes."""
    known = known_home(resident)
    if known.address:
        same: bool = await Ask("same_home", same_place, address=known.address)
        known = known if same else Contact(known.name, known.phone, None)
    wanted = [what for what in ("name", "phone", "address") if not getattr(known, what)]
    if not wanted:
        return known
    text: str = await Ask("home_contact", _whole(wanted), wanted=wanted, new=people.is_new(resident))
    said = told_in(text)
    return Contact(known.name or said.name, known.phone or said.phone, known.address or said.address)


def known_home(resident: Actor) -> Contact:
    """From the person, from the last job, from the last appointment at home; of somebody who is helped, their own."""
    known = known_contact(resident.session, resident.me, resident.helped)
    name = resident.helped.name if resident.helped else resident.me.name
    last = next(
        (one for one in resident.session.scalars(jobs_of(resident.me).limit(MOST)) if one.name == name), None
    )
    if last is None or name is None:
        return known
    return Contact(known.name, known.phone or last.phone, last.address or known.address)


def _whole(wanted: Sequence[str]) -> Callable[[str], str]:
    """A line in which everything that is asked for is found."""

    def parse(text: str) -> str:
        said: Told = told_in(text)
        if any(getattr(said, what) is None for what in wanted):
            raise ValueError(text)
        return text

    return parse


def _named(session: Session) -> Callable[[str], list[Service] | None]:
    return lambda text: named_in(text, session.scalars(home_services()).all()) or None


def _said(session: Session, service: Service) -> Callable[[str], list[str] | None]:
    """The free half days that words name."""

    def by_words(text: str) -> list[str] | None:
        reading = moment_in(text, clock.local(clock.now()))
        if reading is None or isinstance(reading, Impossible):
            return None
        part = None if reading.clock is None else ("am" if reading.clock.start.hour < 12 else "pm")
        free = free_halves(session, service)
        fitting = [one.code for one in free if one.day in reading.day.candidates and part in (None, one.part)]
        if not fitting:
            raise Refusal("circle.not_that_half")
        return fitting

    return by_words


# ---- mine ----------------------------------------------------------------------------------------------------------


@chat.says("我的上门", "上门到哪了", "师傅到哪了", "我的单子")
def mine(resident: Actor) -> Say:
    rows = list(resident.session.scalars(jobs_of(resident.me).limit(MOST)))
    if not rows:
        return Say("circle.no_jobs", offers={1: order.offer()})
    if len(rows) == 1:
        return one_of_mine(resident, rows[0])
    offers: dict[int, Offer] = {n: one.offer(job=row) for n, row in enumerate(rows, 1)}
    return Say("circle.my_jobs", jobs=rows, offers=offers)


@chat.says("好了吗", "好了没", "修好了吗", "修好了没", "修好没有", "弄好了吗")
def how_far(resident: Actor) -> Say:
    """Of whom nobody is on the way to may mean what they have told the community."""
    if resident.session.scalar(jobs_of(resident.me).limit(1)) is not None:
        return mine.run(resident)  # type: ignore[return-value]
    return Say("circle.how_far", offers={1: Offer.of_word("我说的事"), 2: mine.offer()})


@chat.offered()
def one(resident: Actor, job: HomeJob) -> Say:
    return one_of_mine(resident, job)


def one_of_mine(resident: Actor, job: HomeJob) -> Say:
    if job.person_id != resident.me.id:
        raise Refusal("circle.not_yours")
    offers: dict[int, Offer] = {}
    if job.is_open:
        offers[6] = take_back.offer(job=job)
    elif job.state == "done":
        offers |= {1: confirm.offer(job=job), 2: again.offer(job=job)}
    elif job.can_be_reopened:
        offers[2] = again.offer(job=job)
    return Say("circle.one_job", job=job, offers=offers)


@chat.offered()
def take_back(resident: Actor, job: HomeJob) -> Say:
    return Say("circle.taken_back", job=actions.take_back(resident, job))


@chat.offered()
def confirm(resident: Actor, job: HomeJob) -> Say:
    return Say("circle.confirmed", job=visiting.confirm(resident, job))


@chat.offered()
def again(resident: Actor, job: HomeJob) -> Say:
    return Say(
        "circle.opened_again", job=visiting.reopen(resident, job), offers={6: take_back.offer(job=job)}
    )


# ---- is it well? -----------------------------------------------------------------------------------------------------


def answer_digits(resident: Actor, text: str) -> Reply:
    """1 or 2 to what we asked last: whether it is well after three days, whether the log is right."""
    if text not in WELL | NOT_WELL:
        return None
    asked = last_asked(resident.session, resident.me)
    if asked is not None:
        return well_or_not(resident, asked.id, text in WELL)
    job = last_done(resident.session, resident.me)
    if job is None:
        return None
    return confirm.run(resident, job=job) if text in WELL else again.run(resident, job=job)


def well_or_not(resident: Actor, number: int, is_well: bool) -> Say:
    if is_well:
        following.well(resident, following.mine(resident, number))
        return Say("circle.glad")
    job = following.not_well(resident, following.mine(resident, number))
    return Say("circle.opened_again", job=job, offers={6: take_back.offer(job=job)})


chat.also_said(
    "上门", "师傅上门", "叫个师傅", "找个师傅", "请师傅上门", "能不能上门", "上门修", "上门理发", "约师傅"
)
chat.also_said("我的上门", "师傅什么时候来", "师傅几点来", "师傅来了没", "查上门")
