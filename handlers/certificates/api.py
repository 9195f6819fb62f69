"""Proofs of volunteer service for the mini-program: one's own, applying, taking back, saying what is wrong."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, Strict

from app.channels.api import Api, Problem, found
from app.channels.api.paging import page
from app.channels.api.schemas import Body, Day, Page, PageQuery, Shown, Time, left_out, line
from handlers.certificates import actions
from handlers.certificates.chat import purpose_in, said_in
from models.certificate_lists import certificates_of
from models.certificates import Certificate
from models.identity import Actor
from models.refusal import Refusal

State = Literal["applied", "checked", "posting", "ready", "printed", "issued", "refused", "withdrawn", "void"]

api = Api("certificates", "志愿证明")


class Proof(Shown):
    """A proof of one's own service. `minutes` are told once staff have checked it; `reason` says why it was refused or
    made void."""

    id: int
    state: State
    number: str | None = Field(examples=["HZZL-2026-0001"])
    since: date | None
    until: date
    purpose: str | None
    minutes: int | None
    posting_until: Time | None
    reason: str | None
    corrected: bool
    asked_at: Time


class ProofPage(Page):
    """The newest first."""

    items: list[Proof]


class Applying(Body):
    """From which day until which (left out: all, until today). `posting`: it may also hang on the community's page,
    with a covered name and no place; otherwise it hangs on the board only."""

    since: Annotated[Day, Strict(False)] = left_out()
    until: Annotated[Day, Strict(False)] = left_out()
    purpose: Annotated[str, line(40, "升学")] = left_out()
    posting: bool


class WhatIsWrong(Body):
    """What is not right in it."""

    text: Annotated[str, line(300, "3月5日的巡逻少记了1小时")]


class ObjectionDue(Shown):
    """Answered by the end of this day."""

    due: date


@api.reads("/certificates", asks=PageQuery, gives=ProofPage)
def mine(by: Actor, asked: PageQuery) -> ProofPage:
    """My proofs of volunteer service"""
    place = (Certificate.asked_at, Certificate.id)
    rows, following = page(
        by.session,
        certificates_of(by.me),
        asked,
        place,
        lambda row: (row.asked_at, row.id),
        newest_first=True,
    )
    return ProofPage(items=[_proof(row) for row in rows], next=following)


@api.writes(
    "/certificates",
    takes=Applying,
    gives=Proof,
    status=201,
    refuses=(
        "certificates.name_needed",
        "certificates.no_hours",
        "certificates.under_way",
        "certificates.bad_period",
        "certificates.bad_purpose",
    ),
)
def apply(by: Actor, said: Applying) -> Proof:
    """Apply for a proof of my service"""
    purpose = purpose_in(said.purpose) if said.told("purpose") else ""
    since = said.since if said.told("since") else None
    until = said.until if said.told("until") else None
    if since is not None and until is not None and since > until:
        raise Refusal("certificates.bad_period")
    row = actions.apply(by, since=since, until=until, purpose=purpose, posting=said.posting)
    by.session.flush()
    return _proof(row)


@api.writes("/certificates/<int:certificate>/withdraw", gives=Proof, refuses=("certificates.not_now",))
def withdraw(by: Actor, certificate: int) -> Proof:
    """I do not want it any more"""
    return _proof(actions.withdraw(by, _mine(by, certificate)))


@api.writes(
    "/certificates/<int:certificate>/object",
    takes=WhatIsWrong,
    gives=ObjectionDue,
    status=201,
    refuses=("certificates.nothing_to_object", "certificates.enough_objections", "certificates.bad_words"),
)
def object_to(by: Actor, said: WhatIsWrong, certificate: int) -> ObjectionDue:
    """Something in it is not right"""
    return ObjectionDue(due=actions.object_to(by, _mine(by, certificate), said_in(said.text)).due)


def _mine(by: Actor, number: int) -> Certificate:
    """Somebody else's is not there."""
    row = found(by.session, Certificate, number)
    if row.person_id != by.me.id:
        raise Problem(404, "not_found")
    return row


def _proof(row: Certificate) -> Proof:
    return Proof(
        id=row.id,
        state=row.state,  # type: ignore[arg-type]
        number=row.number,
        since=row.since,
        until=row.until,
        purpose=row.purpose,
        minutes=row.minutes,
        posting_until=row.posting_until,
        reason=row.reason,
        corrected=row.corrected_at is not None,
        asked_at=row.asked_at,
    )
