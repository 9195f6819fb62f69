"""Who comes, and where to: asked in one question, once, and only what the service needs."""

from __future__ import annotations

from dataclasses import replace

from app.dialogue import Ask
from app.questions import same_place
from app.understanding.contacts import is_address, told_in
from app.understanding.phone import name_in, phone_in
from handlers.people import actions as people
from models.appointments import Contact, known_contact
from models.identity import Actor
from models.plans import Service


async def contact_for(resident: Actor, service: Service) -> Contact:
    """What is known, completed by what must be asked. A home visit asks whether it is the same door as last time."""
    known = known_contact(resident.session, resident.me, resident.helped)
    if known.address and service.home_visit:
        same = await Ask("same_door", same_place, address=known.address)
        known = known if same else replace(known, address=None)
    wanted, new = missing(known, service), people.is_new(resident)
    if len(wanted) > 1:
        said = contact_in(await Ask("contact", _some_contact, wanted=wanted, new=new))
        known = Contact(known.name or said.name, known.phone or said.phone, known.address or said.address)
    name = known.name or await Ask("your_name", _name, new=new)
    phone = known.phone or (await Ask("your_phone", _phone) if service.asks_phone else None)
    address = known.address or (await Ask("your_address", _address) if service.home_visit else None)
    return Contact(name, phone, address)


def asks_name(resident: Actor) -> bool:
    """Whether booking asks for the resident's own name, and so has said what answering means."""
    return resident.helped is None and resident.me.name is None


def missing(known: Contact, service: Service) -> list[str]:
    """Of "name", "phone", "address": what this service needs and nobody has told."""
    needed = {"name": True, "phone": service.asks_phone, "address": service.home_visit}
    return [what for what, is_needed in needed.items() if is_needed and not getattr(known, what)]


def contact_in(text: str) -> Contact:
    """Name, phone and address out of one line ("马秀兰 13900000000 5号楼2单元301"), each where it is found."""
    return Contact(*told_in(text))


def _some_contact(text: str) -> str:
    if contact_in(text) == Contact():
        raise ValueError(text)
    return text


def _name(text: str) -> str:
    name = name_in(text)
    if name is None:
        raise ValueError(text)
    return name


def _phone(text: str) -> str:
    phone = phone_in(text)
    if phone is None:
        raise ValueError(text)
    return phone


def _address(text: str) -> str:
    if not is_address(text):
        raise ValueError(text)
    return text
