"""What a party wants: who comes, in which groups, with which answers; and whether that can be at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import select

from app import clock
from app.understanding.phone import name_in
from handlers.people import actions as people
from models import activities as model
from models.activities import ActivitySession
from models.activities_audience import may_join
from models.activities_papers import has_guardian, missing
from models.activities_party import MOST_TOGETHER, Seats
from models.activities_rules import PAPERS, checked_answers, groups_of, needs_of, questions_of
from models.identity import Actor, Person
from models.proxies import acts_for
from models.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the family: on file, or just a name. A child's guardian is whoever signs it up."""

    person: Person | None = None
    name: str = ""
    child: bool = False
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """How somebody wants to join. With `comes` False they only sign up their family, and take no seat themselves."""

    group: str | None = None
    comes: bool = True
    family: tuple[Member, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)

    @property
    def seats(self) -> Seats:
        own = [self.group] if self.comes else []
        return Counter([*own, *(one.group for one in self.family)])

    @property
    def people(self) -> list[Person]:
        return [one.person for one in self.family if one.person is not None]


ALONE = Wish()


def check_wish(by: Actor, session: ActivitySession, wish: Wish) -> Wish:
    """Everything that can be said before the seats are looked at; with the groups that follow from themselves."""
    people.respect_withdrawal(by, "volunteer")
    must_be_open(session)
    if not may_join(by.session, session.activity, by.me):
        raise Refusal("activities.not_listed", session=session)
    wish = _with_groups(session, wish)
    _must_be_family(by, session, wish)
    _must_have_papers(by, session, wish)
    kept = checked_answers(questions_of(session.activity.questions), wish.answers)
    return replace(wish, answers=kept)


def must_be_open(session: ActivitySession) -> None:
    if session.state not in model.LIVE or session.joins_until <= clock.now():
        raise Refusal("activities.is_over", session=session)


def must_be_live(session: ActivitySession) -> None:
    """Read again under the lock: it may just have been called off."""
    if session.state not in model.LIVE:
        raise Refusal("activities.is_over", session=session)


# ---- what a party must be ----------------------------------------------------------------------------------


def _with_groups(session: ActivitySession, wish: Wish) -> Wish:
    """Where there is only one group for grown-ups, or for children, nobody needs to name it."""
    groups = groups_of(session.activity.groups)
    if not groups:
        return replace(wish, group=None, family=tuple(replace(one, group=None) for one in wish.family))
    family = tuple(replace(one, group=_group(session, one.group, child=one.child)) for one in wish.family)
    return replace(
        wish, group=_group(session, wish.group, child=False) if wish.comes else None, family=family
    )


def _group(session: ActivitySession, named: str | None, *, child: bool) -> str:
    fitting = groups_for(session, child=child)
    if named is None and len(fitting) == 1:
        return fitting[0]
    if named not in fitting:
        raise Refusal("activities.bad_group", session=session)
    return named


def groups_for(session: ActivitySession, *, child: bool) -> list[str]:
    """The groups that somebody of this age may choose: children those for children, where there are such."""
    groups = groups_of(session.activity.groups)
    own = [one.key for one in groups if one.minors == child]
    return own or ([one.key for one in groups] if child else [])


def is_for_children(session: ActivitySession) -> bool:
    """Children come, and of grown-ups only those who help: who opens it most likely signs up a child."""
    groups = groups_of(session.activity.groups)
    return any(one.minors for one in groups) and all(one.minors or one.helps for one in groups)


def _must_be_family(by: Actor, session: ActivitySession, wish: Wish) -> None:
    """Acting for somebody on file rests on a recorded consent; a child without a record comes with its guardian."""
    size = wish.seats.total()
    if size == 0 or (wish.family and not session.activity.family):
        raise Refusal("activities.no_family", session=session)
    if size > MOST_TOGETHER or len({one.id for one in wish.people}) < len(wish.people):
        raise Refusal("activities.too_many", most=MOST_TOGETHER)
    for one in wish.family:
        if one.person is not None:
            if one.person.id == by.me.id or acts_for(by.session, by.me, one.person) is None:
                raise Refusal("activities.not_family")
            if people.has_withdrawn(replace(by, person=one.person), "volunteer"):
                raise Refusal("activities.has_withdrawn")
        elif name_in(one.name) is None:
            raise Refusal("people.bad_name")


def _must_have_papers(by: Actor, session: ActivitySession, wish: Wish) -> None:
    """Papers must be valid on the day. Who has no record has none, but for the guardian's consent."""
    day = clock.local(session.starts).date()
    own = [(by.me, wish.group, False)] if wish.comes else []
    family = [
        (one.person, one.group, one.child or has_guardian(by.session, one.person))
        for one in wish.family
        if one.person is not None
    ]
    lacking = [
        kind
        for person, group, guardian in (*own, *family)
        for kind in missing(by.session, session.activity, person, group, day, guardian)
    ]
    for one in wish.family:
        if one.person is None:
            asked = [row for row in needs_of(session.activity.needs) if row.group in (None, one.group)]
            lacking += [row.kind for row in asked if row.kind != "guardian" or not one.child]
    if lacking:
        named = "、".join(PAPERS[kind] for kind in dict.fromkeys(lacking))
        raise Refusal("activities.needs_paper", session=session, papers=named)


def must_be_possible(session: ActivitySession, wish: Wish) -> None:
    """Nobody queues for more seats than there will ever be."""
    most = {one.key: one.capacity for one in session.groups}
    too_many = any(n > most.get(key or "", 0) for key, n in wish.seats.items()) if most else False
    if too_many or wish.seats.total() > session.capacity:
        raise Refusal("activities.never_fits", session=session)


def must_be_free(by: Actor, session: ActivitySession, wish: Wish) -> None:
    """Nobody of the family is in it already, and nobody at something else that does not bear it."""
    comers = [*([by.me] if wish.comes else []), *wish.people]
    ids = sorted(one.id for one in comers)
    mine = select(Person.id).where(Person.id.in_(ids)).order_by(Person.id)
    by.session.execute(mine.with_for_update(key_share=True))
    for one in wish.people:
        row = model.enrolment_of(by.session, session, one)
        if row is not None and row.state != "left":
            raise Refusal("activities.is_in_already", session=session, name=one.name or "")
    hard = [
        other
        for other in model.overlapping(by.session, session, ids)
        if "hard" in (session.activity.overlap, other.activity.overlap)
    ]
    if hard:
        raise Refusal("activities.overlaps", session=session, other=hard[0])
