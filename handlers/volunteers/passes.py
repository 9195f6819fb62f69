"""Own passes: what somebody holds out to the leader, and what the leader does with it.

A pass never checks anybody in by itself. Whoever photographs it holds nothing: it is sealed, lives for five minutes,
and only those who lead a session that is on can redeem it, seeing whose it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from app import clock
from handlers.activities import actions as activities
from handlers.volunteers import actions, collecting
from handlers.volunteers.actions import Outcome
from models import activities as plan
from models import passes as model
from models import volunteers
from models.activities import ActivitySession
from models.identity import Actor, Person
from models.proxies import acts_for, live_proxies
from models.refusal import Refusal
from models.volunteers import Attendance

LONGEST = 400
WAY = "/h5/pass/"
SCREEN = "/h5/checkin/"


@dataclass(frozen=True, slots=True)
class Today:
    """One session of today, with the digits to be read out there, and the stay that is open."""

    session: ActivitySession
    digits: str
    stay: Attendance | None


@dataclass(frozen=True, slots=True)
class Pass:
    """What `person` holds out at this moment. `token` goes into the code; it is another one two minutes later."""

    person: Person
    token: str
    turns_at: datetime
    days: list[Today]

    @property
    def path(self) -> str:
        return WAY + self.token


def wards(by: Actor) -> list[Person]:
    """For whom this resident may hold out a pass: a child, an old father."""
    return [one.ward for one in by.session.scalars(live_proxies(by.me)) if one.holder_id == by.me.id]


def show(by: Actor, person: Person) -> Pass:
    """This person's pass, for themselves or for who acts for them."""
    if person.id != by.me.id and acts_for(by.session, by.me, person) is None:
        raise Refusal("volunteers.not_your_pass")
    now, here = clock.now(), volunteers.open_stay(by.session, person)
    days = [
        Today(
            held,
            model.digits_of(by.session, held, person),
            here if here is not None and here.session_id == held.id else None,
        )
        for held in by.session.scalars(model.sessions_today(person)).all()
    ]
    return Pass(person, model.pass_token(person, now), now + model.PASS_TURNS, days)


def redeem(by: Actor, held: ActivitySession, code: str, *, admit: bool = False) -> Outcome:
    """The leader has scanned a pass or typed its digits: in when out, out when in. `admit`: also who has not signed up.

    Raises Refusal: activities.not_leader, pass_unknown, pass_digits_unknown, pass_is_screen, pass_expired, not_yet,
    over, called_off, not_signed_up, child_is_fetched, elsewhere, activities.has_withdrawn.
    """
    activities.must_lead(by, held)
    person, nonce = whose(by, held, code)
    actions.must_be_time(held)
    here = volunteers.open_stay(by.session, person)
    if here is None or here.session_id != held.id:
        activities.must_not_have_withdrawn(by, person)
        if not admit and not plan.has_joined(by.session, held, person):
            raise Refusal("volunteers.not_signed_up", session=held, person=person)
    else:
        collecting.must_not_be_a_child(by, held, person)
    return actions.tick(by, held, person, "turn", nonce=nonce, seen="by_pass")


def whose(by: Actor, held: ActivitySession, code: str) -> tuple[Person, str | None]:
    """Whose pass this is, and the nonce that makes the same code, scanned by two leaders, one record."""
    code = "".join(code.split())[:LONGEST]
    if len(code) == 4 and code.isascii() and code.isdigit():
        person = model.person_of(by.session, held, code)
        if person is None or person.erased_at is not None:
            raise Refusal("volunteers.pass_digits_unknown", session=held)
        return person, None
    token = code.rpartition(WAY)[2]
    person = holder(by, token)
    if person is None:
        is_screen = SCREEN in code
        raise Refusal("volunteers.pass_is_screen" if is_screen else "volunteers.pass_unknown", session=held)
    return person, f"pass:{held.id}:{sha256(token.encode()).hexdigest()[:32]}"


def holder(by: Actor, token: str) -> Person | None:
    """Who shows this token now; None for what we never made. Raises Refusal pass_expired."""
    shown = model.read_token(token)
    if shown is None:
        return None
    if not shown.is_fresh(clock.now()):
        raise Refusal("volunteers.pass_expired")
    person = model.goes_on(by.session, by.session.get(Person, shown.person_id))
    return None if person is None or person.erased_at is not None else person
