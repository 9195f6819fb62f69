"""What the staff keep of providers: who they are, what they do, their papers and weeks; and what follows of it.

A service of the circle is offered as long as the last of its providers is licensed: whenever papers or works change,
its `licensed_until` is made to say so, and a service without any provider keeps what its own page says.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import func, select

from app import audit, clock, privacy
from app.understanding.phone import phone_in
from models import outbox
from models.circle import (
    LINK_LIVES,
    SOON,
    Licence,
    Provider,
    ProviderHours,
    ProviderService,
    common_licence,
    ending_licences,
    provider_of,
    providers_of,
)
from models.circle_lists import promised_alone
from models.identity import Actor
from models.plans import Hours, Service
from models.refusal import Refusal
from models.resources import CLOSED, Occupation, Resource, ServiceResource, choose_resources, leave, occupy

Weekly = Mapping[int, Sequence[Hours]]
LINK_DIGITS = 8
SHUT_FOR = timedelta(days=730)


@dataclass(frozen=True, slots=True)
class Works:
    """Services that a provider does: booked at their place, or at the residents' door too."""

    all: Collection[int]
    at_home: Collection[int]


def staff_only(by: Actor) -> None:
    if by.staff is None and by.channel != "job":
        raise Refusal("circle.staff_only")


def take_in(
    by: Actor,
    *,
    name: str,
    phone: str,
    kind: str = "person",
    area: str = "",
    buffer_minutes: int = 30,
    most_a_day: int = 6,
) -> Provider:
    """A new provider, and their time. Refuses with circle.staff_only, .bad_phone, .name_taken."""
    staff_only(by)
    _check_name(by, name)
    resource = Resource(kind="person", name=name, buffer_minutes=buffer_minutes)
    provider = Provider(name=name, kind=kind, area=area, resource=resource, most_a_day=most_a_day)
    provider.phone = _telephone(phone)
    by.session.add(provider)
    audit.note(by, "circle.take_in", provider)
    return provider


def change(by: Actor, provider: Provider, *, phone: str, buffer_minutes: int, **facts: Any) -> Provider:
    """Change name, phone, kind, area, buffer_minutes, most_a_day, is_open. What is promised stays as it is."""
    staff_only(by)
    if facts.get("name", provider.name) != provider.name:
        _check_name(by, facts["name"])
        provider.resource.name = facts["name"]
    for name, value in facts.items():
        setattr(provider, name, value)
    provider.phone = _telephone(phone)
    provider.resource.buffer_minutes = buffer_minutes
    provider.resource.is_open = provider.is_open
    audit.note(by, "circle.change_provider", provider, changed=sorted(facts))
    follow_papers(by, provider.services)
    return provider


def set_works(by: Actor, provider: Provider, works: Works) -> None:
    """Which services they do. A service that is booked by times needs them to be free, one of all who do it."""
    staff_only(by)
    before = provider.services
    wanted = list(
        by.session.scalars(select(Service).where(Service.id.in_(works.all), Service.kind == "circle"))
    )
    provider.works[:] = [ProviderService(service=one, at_home=one.id in works.at_home) for one in wanted]
    for old in by.session.scalars(
        select(ServiceResource).where(ServiceResource.resource_id == provider.resource_id)
    ).all():
        by.session.delete(old)
    by.session.flush()
    by.session.add_all(ServiceResource(service_id=one.id, resource_id=provider.resource_id) for one in wanted)
    _take_promised(by, wanted)
    audit.note(by, "circle.set_works", provider, services=sorted(one.id for one in wanted))
    follow_papers(by, {*before, *wanted})


def _take_promised(by: Actor, services: Iterable[Service]) -> None:
    """Visits that were promised before anybody stood behind the service: whoever is free has them now."""
    for service in services:
        for visit in by.session.scalars(promised_alone(service)).all():
            chosen = choose_resources(by.session, service.id, visit.slot.starts, visit.slot.ends)
            if chosen:
                occupy(by.session, chosen, visit.slot.starts, visit.slot.ends, visit.source)


def set_hours(by: Actor, provider: Provider, weekly: Weekly) -> None:
    """The week in which they may be sent. Refuses with circle.bad_hours."""
    theirs_or_staff(by, provider)
    rows = [
        ProviderHours(weekday=weekday, opens=opens, closes=closes)
        for weekday, hours in sorted(weekly.items())
        for opens, closes in _checked(hours)
    ]
    provider.hours.clear()
    by.session.flush()
    provider.hours.extend(rows)
    audit.note(by, "circle.set_hours", provider)


def add_licence(by: Actor, provider: Provider, *, name: str, number: str, valid_until: date) -> Licence:
    """A paper, or its renewal: the same number again only moves its last day."""
    staff_only(by)
    row = next((one for one in provider.licences if one.number == number), None)
    if row is None:
        row = Licence(name=name, number=number, valid_until=valid_until)
        provider.licences.append(row)
    row.name, row.valid_until, row.told_at = name, valid_until, None
    shut_after(by, provider)
    audit.note(by, "circle.add_licence", provider, until=valid_until.isoformat())
    follow_papers(by, provider.services)
    return row


def drop_licence(by: Actor, provider: Provider, licence: Licence) -> None:
    """Struck off the file: it was entered by mistake or has been replaced by another."""
    staff_only(by)
    provider.licences.remove(licence)
    shut_after(by, provider)
    audit.note(by, "circle.drop_licence", provider)
    follow_papers(by, provider.services)


def follow_papers(by: Actor, services: Iterable[Service]) -> None:
    """Each of these services is offered as long as the last of its providers may work."""
    by.session.flush()
    for service in services:
        providers = [one for one in providers_of(by.session, service) if one.is_open]
        until = common_licence(providers)
        if providers and service.licensed_until != until:
            service.licensed_until = until
            audit.note(by, "circle.follow_papers", service, until=until.isoformat() if until else None)


def shut_after(by: Actor, provider: Provider) -> None:
    """From the day after the licence on nobody can have their time; what is promised there stays until it has been
    handed over (covering.py)."""
    source, until = f"{CLOSED}licence:{provider.id}", provider.licensed_until
    leave(by.session, source)
    if until is None:
        return
    first = clock.at(until + timedelta(days=1), time())
    held = select(func.max(Occupation.ends)).where(
        Occupation.resource_id == provider.resource_id, Occupation.ends > first
    )
    last = by.session.scalar(held)
    starts = first if last is None else last + provider.buffer
    if provider.resource.is_open:
        occupy(by.session, [provider.resource], starts, starts + SHUT_FOR, source)


# ---- their WeChat --------------------------------------------------------------------------------------------------


def issue_link(by: Actor, provider: Provider) -> str:
    """A code that the provider types into the chat within half an hour: what proves whose WeChat it is."""
    staff_only(by)
    code = f"{secrets.randbelow(10**LINK_DIGITS):0{LINK_DIGITS}d}"
    provider.link_index, provider.link_until = _index(code), clock.now() + LINK_LIVES
    audit.note(by, "circle.issue_link", provider)
    return code


def link(by: Actor, code: str) -> Provider:
    """This WeChat is that provider's from now on. Refuses with circle.no_such_code, .linked_already."""
    found = by.session.scalar(
        select(Provider).where(Provider.link_index == _index(code), Provider.link_until > clock.now())
    )
    if found is None:
        raise Refusal("circle.no_such_code")
    if provider_of(by.session, by.me) not in (None, found):
        raise Refusal("circle.linked_already")
    found.person, found.link_index, found.link_until = by.me, None, None
    audit.note(by, "circle.link", found)
    return found


def unlink(by: Actor, provider: Provider) -> None:
    theirs_or_staff(by, provider)
    provider.person = None
    audit.note(by, "circle.unlink", provider)


# ---- papers that end -----------------------------------------------------------------------------------------------


def tell_of_papers(by: Actor) -> int:
    """Licences that end within a month: their holders are told once; how many."""
    told = 0
    for row in by.session.scalars(ending_licences(clock.today() + SOON)).all():
        provider = by.session.get_one(Provider, row.provider_id)
        if row.told_at is None:
            row.told_at = clock.now()
            told += 1
            _tell(by, provider, row)
    return told


def _tell(by: Actor, provider: Provider, row: Licence) -> None:
    if provider.person is not None:
        outbox.put(
            by.session,
            to=provider.person,
            kind="circle.licence_ends",
            once=f"circle.licence:{row.id}:{row.valid_until}",
            facts={"name": row.name, "until": row.valid_until.isoformat(), "at": clock.now().isoformat()},
        )
    audit.note(by, "circle.tell_of_licence", provider, until=row.valid_until.isoformat())


# ---- steps ---------------------------------------------------------------------------------------------------------


def _index(code: str) -> str:
    return privacy.keyring().blind("provider.link", code)


def theirs_or_staff(by: Actor, provider: Provider) -> None:
    if by.staff is None and by.channel != "job" and (by.person is None or provider.person_id != by.person.id):
        raise Refusal("circle.not_yours")


def _check_name(by: Actor, name: str) -> None:
    same = select(Resource.id).where(Resource.kind == "person", Resource.name == name)
    if by.session.scalar(same) is not None:
        raise Refusal("circle.name_taken", name=name)


def _telephone(told: str) -> str:
    """A mobile in its usual form; a shop may have a landline."""
    digits = "".join(sign for sign in told if sign.isdigit())
    if (phone := phone_in(told)) is not None:
        return phone
    if not 7 <= len(digits) <= 12:
        raise Refusal("circle.bad_phone")
    return told.strip()[:20]


def _checked(hours: Sequence[Hours]) -> list[Hours]:
    ordered = sorted(hours)
    overlap = any(first[1] > second[0] for first, second in pairwise(ordered))
    if overlap or any(opens >= closes for opens, closes in ordered):
        raise Refusal("circle.bad_hours")
    return ordered
