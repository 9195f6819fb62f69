"""Acting for somebody without a phone of their own, as the chat's helper mode does."""

from __future__ import annotations

from typing import Annotated

from app.channels.api.problems import Problem
from app.channels.api.schemas import Body, left_out, line
from app.understanding.phone import name_in, phone_in
from models.identity import Actor, Helped


class ForOther(Body):
    """For whom it is; `tie` is what you are to them (女儿, 邻居, 网格员)."""

    name: Annotated[str, line(30, "马福")]
    phone: Annotated[str, line(30, "13900000002")] = left_out()
    tie: Annotated[str, line(20, "女儿")]


def helping(by: Actor, said: ForOther) -> Actor:
    """The caller, acting for the one who is told. Raises Problem 409 when that is no name or no phone number."""
    name = name_in(said.name)
    phone = phone_in(said.phone) if said.told("phone") else None
    if name is None or (phone is None and said.told("phone")):
        raise Problem(409, "bad_other")
    return by.helping(Helped(name, phone, said.tie))
