"""Activities for the mini-program: what is on, joining alone or as a family, the waiting list, leaving."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from app.channels.api import Api, Problem, found
from app.channels.api.paging import page
from app.channels.api.schemas import Body, Page, PageQuery, Shown, Time, left_out, line
from handlers.activities import actions
from handlers.activities.actions import Member, Wish
from handlers.activities.asking import wards_of
from handlers.activities.standing import my_places, standing
from models.activities import ActivitySession, Enrolment, enrolment_of, joined_by
from models.activities_audience import coming, may_join
from models.activities_rules import LONGEST_ANSWER, MOST_QUESTIONS, questions_of
from models.identity import Actor

PLACE = (ActivitySession.starts, ActivitySession.id)

api = Api("activities", "活动")


class SessionShown(Shown):
    """One time that an activity takes place. `lat` and `lng` are GCJ-02."""

    id: int
    title: str = Field(examples=["广场舞"])
    sentence: str
    programme: str | None
    place: str
    lat: float | None
    lng: float | None
    starts: Time
    ends: Time
    seats_left: int
    state: Literal["planned", "open", "closed", "cancelled"]


class GroupShown(Shown):
    """The seats of one group."""

    key: str = Field(examples=["child"])
    name: str = Field(examples=["儿童"])
    seats_left: int


class QuestionShown(Shown):
    """One question of the form: what it is for, and the answers to choose from."""

    key: str
    ask: str
    kind: Literal["text", "choice", "yes_no", "number"]
    options: list[str]
    needed: bool
    purpose: str


class SessionWhole(SessionShown):
    """All that is needed to join. `family`: others may be signed up along with oneself."""

    groups: list[GroupShown]
    questions: list[QuestionShown]
    family: bool
    joins_until: Time


class SessionPage(Page):
    """The nearest first."""

    items: list[SessionShown]


class EnrolmentShown(Shown):
    """My place in a session. `place_in_line` counts from 1 while one waits; seats are kept until `offered_until`."""

    session: SessionShown
    state: Literal["joined", "left", "waiting", "offered"]
    size: int = Field(description="how many come together")
    place_in_line: int | None
    offered_until: Time | None


class MyPlaces(Shown):
    """Mine, the nearest first."""

    items: list[EnrolmentShown]


class MemberBody(Body):
    """Somebody of the family: on file (a name of those for whom I may act) or just a name."""

    name: Annotated[str, line(20, "小明")]
    child: bool = False
    group: Annotated[str, line(12, "child")] = left_out()


class AnswerBody(Body):
    """One answer of the form; `question` is its key."""

    question: Annotated[str, line(12, "q1")]
    answer: Annotated[str, line(LONGEST_ANSWER, "清真")]


class JoinBody(Body):
    """How I want to join; an empty object is me alone."""

    comes: bool = True
    group: Annotated[str, line(12, "parent")] = left_out()
    family: Annotated[list[MemberBody], Field(max_length=9)] = Field(default_factory=list)
    answers: Annotated[list[AnswerBody], Field(max_length=MOST_QUESTIONS)] = Field(default_factory=list)


@api.reads("/activities", asks=PageQuery, gives=SessionPage, who="everyone")
def what_is_on(by: Actor, asked: PageQuery) -> SessionPage:
    """Sessions that are still to begin"""
    rows, following = page(by.session, coming(), asked, PLACE, _where)
    return SessionPage(items=[shown(row) for row in rows], next=following)


@api.reads("/sessions/<int:session>", gives=SessionWhole)
def one_session(by: Actor, session: int) -> SessionWhole:
    """One session, with its groups and its form"""
    held = _known(by, session)
    groups = [GroupShown(key=one.key, name=one.name, seats_left=one.seats_left) for one in held.groups]
    questions = [
        QuestionShown(
            key=one.key,
            ask=one.ask,
            kind=one.kind,
            options=list(one.offered),
            needed=one.needed,
            purpose=one.purpose,
        )
        for one in questions_of(held.activity.questions)
    ]
    more: dict[str, Any] = {"groups": groups, "questions": questions, "family": held.activity.family}
    return SessionWhole(**shown(held).model_dump(), **more, joins_until=held.joins_until)


@api.reads("/me/places", gives=MyPlaces)
def places(by: Actor) -> MyPlaces:
    """Where I have a place, also in a waiting list"""
    rows = my_places(by, 50)
    return MyPlaces(
        items=[
            EnrolmentShown(
                session=shown(one.session),
                state=one.state,  # type: ignore[arg-type]
                size=one.size,
                place_in_line=one.place or None,
                offered_until=one.until,
            )
            for one in rows
        ]
    )


@api.reads("/me/activities", asks=PageQuery, gives=SessionPage)
def joined(by: Actor, asked: PageQuery) -> SessionPage:
    """Sessions ahead or under way that I have joined"""
    rows, following = page(by.session, joined_by(by.me), asked, PLACE, _where)
    return SessionPage(items=[shown(row) for row in rows], next=following)


JOINING = (
    "activities.answer_missing",
    "activities.answer_wrong",
    "activities.bad_group",
    "activities.full",
    "activities.is_in_already",
    "activities.is_over",
    "activities.needs_paper",
    "activities.no_family",
    "activities.not_listed",
    "activities.overlaps",
    "activities.too_many",
)


@api.writes("/sessions/<int:session>/sign-up", gives=EnrolmentShown, refuses=JOINING)
def sign_up(by: Actor, session: int) -> EnrolmentShown:
    """Take a seat; who has one keeps it"""
    return _place(by, actions.sign_up(by, _known(by, session)))


@api.writes("/sessions/<int:session>/join", takes=JoinBody, gives=EnrolmentShown, refuses=JOINING)
def join(by: Actor, said: JoinBody, session: int) -> EnrolmentShown:
    """Take the seats of a whole family, with the form; all or none"""
    return _place(by, actions.sign_up(by, _known(by, session), _wish(by, said)))


@api.writes(
    "/sessions/<int:session>/wait",
    takes=JoinBody,
    gives=EnrolmentShown,
    refuses=(*JOINING, "activities.never_fits"),
)
def wait(by: Actor, said: JoinBody, session: int) -> EnrolmentShown:
    """Queue for seats; when there are enough already, join"""
    return _place(by, actions.wait(by, _known(by, session), _wish(by, said)))


@api.writes(
    "/sessions/<int:session>/claim",
    gives=EnrolmentShown,
    refuses=("activities.is_over", "activities.no_offer", "activities.offer_gone"),
)
def claim(by: Actor, session: int) -> EnrolmentShown:
    """Take the seats that are kept for me"""
    return _place(by, actions.claim(by, _known(by, session)))


@api.writes(
    "/sessions/<int:session>/leave",
    gives=EnrolmentShown,
    refuses=("activities.not_joined", "activities.has_begun", "activities.too_late_to_leave"),
)
def leave(by: Actor, session: int) -> EnrolmentShown:
    """Give the seats back, or the place in the line"""
    return _place(by, actions.leave(by, _known(by, session)))


def _wish(by: Actor, said: JoinBody) -> Wish:
    """A name of somebody for whom I may act is that person; any other is only a name."""
    known = wards_of(by)
    family = []
    for one in said.family:
        person, child = known.get(one.name, (None, one.child))
        family.append(Member(person=person, name=one.name, child=child, group=one.group))
    answers = {one.question: one.answer for one in said.answers}
    return Wish(group=said.group, comes=said.comes, family=tuple(family), answers=answers)


def _place(by: Actor, row: Enrolment) -> EnrolmentShown:
    mine = standing(by, row)
    return EnrolmentShown(
        session=shown(row.session),
        state=row.state,  # type: ignore[arg-type]
        size=mine.size,
        place_in_line=mine.place or None,
        offered_until=row.offered_until,
    )


def _known(by: Actor, number: int) -> ActivitySession:
    """A restricted activity is not there for those who do not belong to it: its name alone would tell something."""
    held = found(by.session, ActivitySession, number)
    if not may_join(by.session, held.activity, by.me) and enrolment_of(by.session, held, by.me) is None:
        raise Problem(404, "not_found")
    return held


def shown(row: ActivitySession) -> SessionShown:
    """A session with the facts of its activity."""
    activity = row.activity
    return SessionShown(
        id=row.id,
        title=activity.title,
        sentence=activity.sentence,
        programme=activity.programme,
        place=row.place,
        lat=activity.lat,
        lng=activity.lng,
        starts=row.starts,
        ends=row.ends,
        seats_left=row.seats_left,
        state=row.state,  # type: ignore[arg-type]
    )


def _where(row: ActivitySession) -> tuple[object, int]:
    return row.starts, row.id
