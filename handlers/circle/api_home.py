"""上门 for the mini-program: who comes to the door and when, one's own jobs, and whether it is well."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from app.channels.api import Problem, found, own
from app.channels.api.helped import ForOther, helping
from app.channels.api.paging import page
from app.channels.api.schemas import Body, Id, Page, PageQuery, Shown, Time, left_out, line
from handlers.circle import actions, visiting
from handlers.circle.api import api
from handlers.circle.home import known_home
from models.appointments import Contact
from models.circle import home_services
from models.circle_fit import HalfDay, free_halves
from models.circle_jobs import HomeJob, jobs_of
from models.identity import Actor
from models.plans import Service
from models.refusal import Refusal

NOW = ("circle.not_now",)
ORDERING = (
    "circle.too_many",
    "circle.needs_name",
    "circle.needs_phone",
    "circle.needs_address",
    "circle.not_that_half",
    "circle.nobody_then",
)
Half = Annotated[str, line(13, "2026-11-27 am"), Field(pattern=r"^\d{4}-\d{2}-\d{2} (am|pm)$")]


class HomeServiceShown(Shown):
    """What somebody comes to the door for."""

    service_id: int
    name: str = Field(examples=["水电维修"])
    summary: str
    minutes: int


class HomeServiceList(Shown):
    """In the order of the house."""

    items: list[HomeServiceShown]


class HalfList(Shown):
    """The half days of the coming week on which somebody can come, soonest first: "2026-11-27 am"."""

    items: list[str] = Field(examples=[["2026-11-27 am", "2026-11-27 pm"]])


class HomeWanted(Body):
    """What is to be done, and on which half day. Name, phone and door are left out when they are known already."""

    service_id: Id
    half: Half
    name: Annotated[str, line(20, "马秀兰")] = left_out()
    phone: Annotated[str, line(20, "13900000001")] = left_out()
    address: Annotated[str, line(60, "5号楼2单元301")] = left_out()
    note: Annotated[str, line(60, "厨房水龙头漏水")] = left_out()
    for_other: ForOther = left_out()


class HomeJobShown(Shown):
    """A job. `starts` is about when they come; while it is `offered` the provider has not said yes yet."""

    id: int
    number: str = Field(examples=["上门0012"])
    service: str
    state: Literal["offered", "desk", "accepted", "under_way", "done", "closed", "cancelled"]
    starts: Time | None
    provider: str | None
    phone: str | None
    visitor: str | None
    address: str | None
    log: str | None
    can_be_taken_back: bool
    can_be_reopened: bool


class HomeJobPage(Page):
    """One's own, the newest first."""

    items: list[HomeJobShown]


@api.reads("/circle/home-services", gives=HomeServiceList, who="everyone")
def what(by: Actor) -> HomeServiceList:
    """What somebody comes to the door for"""
    rows = by.session.scalars(home_services()).all()
    return HomeServiceList(
        items=[
            HomeServiceShown(service_id=one.id, name=one.name, summary=one.summary, minutes=one.minutes)
            for one in rows
        ]
    )


@api.reads("/circle/home-services/<int:service>/halves", gives=HalfList, who="everyone")
def halves(by: Actor, service: int) -> HalfList:
    """When somebody can come"""
    return HalfList(items=[one.code for one in free_halves(by.session, _offered(by, service))])


@api.writes("/circle/jobs", takes=HomeWanted, gives=HomeJobShown, status=201, refuses=ORDERING)
def order(by: Actor, said: HomeWanted) -> HomeJobShown:
    """Somebody is to come to the door"""
    if said.told("for_other"):
        by = helping(by, said.for_other)
    known, service = known_home(by), _offered(by, said.service_id)
    contact = Contact(
        _told(said, "name") or known.name,
        _told(said, "phone") or known.phone,
        _told(said, "address") or known.address,
    )
    try:
        half = HalfDay.read(said.half)
    except ValueError:
        raise Refusal("circle.not_that_half") from None
    return _shown(actions.order(by, service, half, contact, words=_told(said, "note")))


@api.reads("/circle/jobs", asks=PageQuery, gives=HomeJobPage)
def mine(by: Actor, asked: PageQuery) -> HomeJobPage:
    """Who comes to me"""
    place = (HomeJob.created_at, HomeJob.id)
    rows, following = page(
        by.session, jobs_of(by.me), asked, place, lambda row: (row.created_at, row.id), newest_first=True
    )
    return HomeJobPage(items=[_shown(row) for row in rows], next=following)


@api.reads("/circle/jobs/<int:job>", gives=HomeJobShown)
def one(by: Actor, job: int) -> HomeJobShown:
    """One of them"""
    return _shown(own(by.session, HomeJob, job, by.me))


@api.writes("/circle/jobs/<int:job>/take-back", gives=HomeJobShown, refuses=NOW)
def take_back(by: Actor, job: int) -> HomeJobShown:
    """Nobody needs to come any more"""
    return _shown(actions.take_back(by, own(by.session, HomeJob, job, by.me)))


@api.writes("/circle/jobs/<int:job>/confirm", gives=HomeJobShown, refuses=NOW)
def confirm(by: Actor, job: int) -> HomeJobShown:
    """It is as the log says"""
    return _shown(visiting.confirm(by, own(by.session, HomeJob, job, by.me)))


@api.writes("/circle/jobs/<int:job>/reopen", gives=HomeJobShown, refuses=(*NOW, "circle.too_late_to_reopen"))
def reopen(by: Actor, job: int) -> HomeJobShown:
    """It is not well: again, under the same number"""
    return _shown(visiting.reopen(by, own(by.session, HomeJob, job, by.me)))


def _offered(by: Actor, number: int) -> Service:
    row = by.session.scalar(home_services().where(Service.id == found(by.session, Service, number).id))
    if row is None:
        raise Problem(404, "not_found")
    return row


def _told(said: HomeWanted, name: str) -> str | None:
    return getattr(said, name) if said.told(name) else None


def _shown(job: HomeJob) -> HomeJobShown:
    """The provider's number is for the days on which they come."""
    provider = job.provider if job.state in ("accepted", "under_way") else None
    return HomeJobShown(
        id=job.id,
        number=job.number,
        service=job.public_name,
        state=job.state,  # type: ignore[arg-type]
        starts=job.starts,
        provider=provider.name if provider else None,
        phone=provider.phone if provider else None,
        visitor=job.name,
        address=job.address,
        log=job.log,
        can_be_taken_back=job.is_open,
        can_be_reopened=job.can_be_reopened,
    )
