"""Check-ins for the mini-program: in and out by the code on the leader's screen, and one's own minutes."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, model_validator
from sqlalchemy import select

from app.channels.api import Api, found
from app.channels.api.paging import page
from app.channels.api.problems import refused
from app.channels.api.schemas import Body, Id, Moment, Page, PageQuery, Shown, Time, left_out
from handlers.volunteers import actions
from handlers.volunteers.actions import Outcome
from handlers.volunteers.trust import Seen
from handlers.volunteers.undoing import undo_own
from models.activities import ActivitySession
from models.hours import ServiceHours
from models.identity import Actor
from models.refusal import Refusal
from models.spots import Spot
from models.volunteers import Attendance, scan_of, stays_of

api = Api("volunteers", "志愿服务")


class PlaceTold(Body):
    """Where the phone says it is (GCJ-02, metres), if its owner wants to tell. Kept for a day; never needed."""

    lat: Annotated[float, Field(ge=-90, le=90)]
    lng: Annotated[float, Field(ge=-180, le=180)]
    accuracy: Annotated[float, Field(ge=0, le=100_000)]
    at: Moment = left_out()


class CheckIn(Body):
    """The four digits on the leader's screen, or the token of the link behind its code: one of them.

    `nonce` is made by the device for each scan: sent again, it is the same scan. `occurred_at` is the device's clock.
    `device` is a mark that the program makes once and keeps; `place` is told by choice.
    """

    session: Id
    digits: Annotated[str, Field(pattern=r"^[0-9]{4}$", examples=["4821"])] = left_out()
    token: Annotated[str, Field(pattern=r"^[A-Za-z0-9._=-]{1,80}$", examples=["12.kx3…"])] = left_out()
    nonce: Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{1,64}$", examples=["5c1e0b72"])]
    occurred_at: Moment = left_out()
    device: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{16,64}$", examples=["f1c09a4b77d24e12"])] = (
        left_out()
    )
    place: PlaceTold = left_out()

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["digits"]}, {"required": ["token"]}]}
    )

    @model_validator(mode="after")
    def _one_proof(self) -> CheckIn:
        if self.told("digits") == self.told("token"):
            raise ValueError("either digits or token")
        return self


class StayShown(Shown):
    """One stay; `minutes` are counted when it ends. `state` is how the record of this session stands (see
    /me/hours): None while nothing is recorded yet."""

    id: int
    session: int
    title: str = Field(examples=["环境清扫"])
    place: str
    came_at: Time
    left_at: Time | None
    minutes: int | None
    state: Literal["provisional", "confirmed", "disputed", "posted", "void"] | None


class CheckedIn(Shown):
    """What the scan came to; `repeat` changes nothing, `undone` was taken back. `walked_in`: signed up on the spot.
    `far`: the place that was told is not near; the leader may confirm all the same."""

    kind: Literal["in", "out", "repeat", "elsewhere", "undone"]
    stay: StayShown | None
    walked_in: bool
    far: bool = False


class Minutes(Page):
    """`total` of all stays, and the stays, the latest first."""

    total: int
    items: list[StayShown]


CHECK_IN = (
    "volunteers.wrong_digits",
    "volunteers.too_many_tries",
    "volunteers.code_expired",
    "volunteers.other_device",
    "volunteers.not_yet",
    "volunteers.over",
    "volunteers.called_off",
    "volunteers.elsewhere",
    "activities.full",
    "activities.is_over",
    "activities.not_listed",
)


@api.writes("/check-ins", takes=CheckIn, gives=CheckedIn, refuses=CHECK_IN)
def check_in(by: Actor, said: CheckIn) -> Any:
    """Check in, or out when in"""
    held = found(by.session, ActivitySession, said.session)
    outcome = actions.check(
        by,
        held,
        digits=said.digits,
        token=said.token,
        nonce=said.nonce,
        occurred_at=said.occurred_at,
        seen=_seen(said),
    )
    if outcome.why is not None:
        return refused(outcome.why)  # not raised: the wrong try stays counted
    return checked_in(by, outcome)


def _seen(said: CheckIn) -> Seen:
    told = said.place
    spot = Spot(told.lat, told.lng, told.accuracy, told.at) if told is not None else None
    return Seen(said.device, spot)


def checked_in(by: Actor, outcome: Outcome) -> CheckedIn:
    stay = _stay(by, outcome.attendance) if outcome.attendance else None
    far = outcome.attendance is not None and "place_far" in outcome.attendance.flags
    return CheckedIn(kind=outcome.kind, stay=stay, walked_in=outcome.walked_in, far=far)  # type: ignore[arg-type]


class TakeBack(Body):
    """The `nonce` of the check-in or check-out."""

    nonce: Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{1,64}$", examples=["5c1e0b72"])]


@api.writes(
    "/check-ins/undo",
    takes=TakeBack,
    gives=CheckedIn,
    refuses=("volunteers.no_such_scan", "volunteers.too_late_to_undo", "volunteers.hours_posted"),
)
def take_back(by: Actor, said: TakeBack) -> CheckedIn:
    """Take back a check-in or check-out of the last ten minutes"""
    scan = scan_of(by.session, by.me, said.nonce)
    if scan is None:
        raise Refusal("volunteers.no_such_scan")
    undo_own(by, scan)
    return CheckedIn(kind="undone", stay=None, walked_in=False)


@api.reads("/me/minutes", asks=PageQuery, gives=Minutes)
def minutes(by: Actor, asked: PageQuery) -> Minutes:
    """My minutes, and the stays that they come from"""
    place = (Attendance.came_at, Attendance.id)
    rows, following = page(
        by.session, stays_of(by.me), asked, place, lambda row: (row.came_at, row.id), newest_first=True
    )
    return Minutes(total=actions.minutes_of(by), items=[_stay(by, row) for row in rows], next=following)


def _stay(by: Actor, row: Attendance) -> StayShown:
    activity = row.session.activity
    record = ServiceHours.session_id == row.session_id, ServiceHours.person_id == row.person_id
    return StayShown(
        id=row.id,
        session=row.session_id,
        title=activity.title,
        place=activity.place,
        came_at=row.came_at,
        left_at=row.left_at,
        minutes=row.minutes,
        state=by.session.scalar(select(ServiceHours.state).where(*record)),
    )
