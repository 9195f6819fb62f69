"""A household emergency in chat: the number to call at once, and a silent ticket. Nobody is asked for anything: not for
a name, not for consent, not at night, and not while others wait."""

from __future__ import annotations

from app import clock
from app.dialogue import Offer, Reply, Say
from app.understanding.emergencies import EmergencyKind, bare_emergency, emergency_in
from handlers.circle import actions
from handlers.circle.chat import chat
from models import outbox
from models.circle import EmergencyLine, home_services
from models.circle_jobs import HomeJob
from models.desk import is_idle, open_talk_of
from models.identity import Actor
from models.plans import named_in

MENDED_BY_HAND = {
    "burst": "水管",
    "sewer": "下水道",
    "heating": "水管",
}  # and what whoever comes is asked for


@chat.listens("urgent")
def urgent(resident: Actor, text: str) -> Reply:
    kind = emergency_in(text)
    return None if kind is None else _answer(resident, kind, text)


@chat.listens("broken")
def bare(resident: Actor, text: str) -> Reply:
    """Just "停电": after notices had a look whether one tells of it."""
    kind = bare_emergency(text)
    return None if kind is None else _answer(resident, kind, text)


def _answer(resident: Actor, kind: EmergencyKind, text: str) -> Reply:
    line = resident.session.get(EmergencyLine, kind)
    if line is None:
        return None
    offers = {1: over.offer(job=actions.raise_alarm(resident, kind, text))}
    if kind in MENDED_BY_HAND:
        offers[2] = _somebody_comes(resident, MENDED_BY_HAND[kind])
    return Say("circle.emergency", line=line, mended=kind in MENDED_BY_HAND, offers=offers)


def _somebody_comes(resident: Actor, what: str) -> Offer:
    """Whoever stands in the water is not asked what is to be done."""
    found = named_in(what, resident.session.scalars(home_services()).all())
    return Offer("circle.order", {"service": found[0]} if found else {})


@chat.offered()
def over(resident: Actor, job: HomeJob) -> Say:
    return Say("circle.alarm_over", job=actions.false_alarm(resident, job))


@chat.takes_over
def beside_a_talk(resident: Actor, text: str) -> Reply:
    """While somebody of the staff is talking the bot is quiet, and the words go to them; the number is sent beside."""
    kind = emergency_in(text)  # the words first: every message comes by here
    if kind is None:
        return None
    talk = open_talk_of(resident.session, resident.me)
    if talk is None or talk.state != "talking" or is_idle(talk, clock.now()):
        return None
    line = resident.session.get(EmergencyLine, kind)
    if line is not None:
        job = actions.raise_alarm(resident, kind, text)
        outbox.put(
            resident.session,
            to=resident.me,
            kind="circle.emergency_line",
            once=f"circle.emergency_line:{job.id}",
            facts={"title": line.title, "first": line.first, "whom": line.whom, "phone": line.phone or ""},
        )
    return None
