"""What partners give, for the mini-program: what may be taken, one's own vouchers, and their use at the partner's."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from app.channels.api import Problem, found
from app.channels.api.paging import page
from app.channels.api.schemas import Body, Page, PageQuery, Shown, Time
from handlers.ledger import actions
from handlers.ledger.api import api
from models.identity import Actor
from models.partners import PartnerOffer, PartnerVoucher, open_offers, vouchers_of

VoucherState = Literal["held", "used", "returned", "expired"]


class Gift(Shown):
    """What a partner gives; `minutes` is what one piece costs (0: nothing), `left` how many are left."""

    id: int
    partner: str
    title: str
    text: str
    minutes: int
    left: int
    each_person: int
    until: date


class GiftPage(Page):
    """What has been offered longest stands first."""

    items: list[Gift]


class Voucher(Shown):
    """One piece of mine; `code` is shown at the partner, while it is held."""

    id: int
    gift: Gift
    code: str | None
    state: VoucherState
    at: Time


class VoucherPage(Page):
    """The newest first."""

    items: list[Voucher]


class Till(Body):
    """The partner's own number, typed by the partner."""

    number: Annotated[str, Field(pattern=r"^[0-9]{6}$", examples=["204817"])]


class Used(Shown):
    """Whether the number was right; a wrong one is counted, and after a few the desk must do it."""

    right: bool
    voucher: Voucher


@api.reads("/time/gifts", asks=PageQuery, gives=GiftPage)
def gifts(by: Actor, asked: PageQuery) -> GiftPage:
    """What partners give to neighbours who help"""
    place = (PartnerOffer.at, PartnerOffer.id)
    rows, following = page(by.session, open_offers(), asked, place, lambda row: (row.at, row.id))
    return GiftPage(items=[_gift(row) for row in rows], next=following)


@api.writes(
    "/time/gifts/<int:gift>/take",
    gives=Voucher,
    status=201,
    refuses=("ledger.offer_gone", "ledger.offer_taken", "ledger.short", "ledger.join_first"),
)
def take(by: Actor, gift: int) -> Voucher:
    """Take one piece: what it costs is set aside"""
    return _voucher(actions.take(by, found(by.session, PartnerOffer, gift)))


@api.reads("/time/vouchers", asks=PageQuery, gives=VoucherPage)
def vouchers(by: Actor, asked: PageQuery) -> VoucherPage:
    """My vouchers"""
    place = (PartnerVoucher.person_id, PartnerVoucher.id)
    rows, following = page(
        by.session, vouchers_of(by.me), asked, place, lambda row: (row.person_id, row.id), newest_first=True
    )
    return VoucherPage(items=[_voucher(row) for row in rows], next=following)


@api.writes(
    "/time/vouchers/<int:voucher>/use",
    takes=Till,
    gives=Used,
    refuses=("ledger.voucher_over", "ledger.voucher_locked"),
)
def use(by: Actor, said: Till, voucher: int) -> Used:
    """The partner takes it: its number is typed on my phone"""
    row = _mine(by, voucher)
    right = actions.use_here(by, row, said.number)
    return Used(right=right, voucher=_voucher(row))


@api.writes("/time/vouchers/<int:voucher>/return", gives=Voucher, refuses=("ledger.voucher_over",))
def give_back(by: Actor, voucher: int) -> Voucher:
    """Give it back: somebody else may have it"""
    return _voucher(actions.give_back(by, _mine(by, voucher)))


def _mine(by: Actor, number: int) -> PartnerVoucher:
    row = found(by.session, PartnerVoucher, number)
    if row.person_id != by.me.id:
        raise Problem(404, "not_found")
    return row


def _gift(row: PartnerOffer) -> Gift:
    same = {name: getattr(row, name) for name in Gift.model_fields if name != "partner"}
    return Gift.model_validate(same | {"partner": row.account.name or ""})


def _voucher(row: PartnerVoucher) -> Voucher:
    facts = {"id": row.id, "gift": _gift(row.offer), "state": row.state, "at": row.at}
    return Voucher.model_validate(facts | {"code": row.code if row.state == "held" else None})
