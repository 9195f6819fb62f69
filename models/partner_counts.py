"""A partner's year in counts: pieces taken, used, come back, and the minutes that neighbours gave for them."""

from __future__ import annotations

from datetime import date, time
from typing import NamedTuple

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from app import clock
from models.ledger import TimeAccount
from models.partners import PartnerOffer, PartnerVoucher


class YearLine(NamedTuple):
    """One offer in one year."""

    title: str
    pieces: int
    taken: int
    used: int
    back: int
    minutes: int


def year_of_partner(session: Session, account: TimeAccount, year: int) -> list[YearLine]:
    """Vouchers that were taken in the year, by offer."""
    begins = clock.at(date(year, 1, 1), time())
    ends = clock.at(date(year + 1, 1, 1), time())
    used = func.sum(case((PartnerVoucher.state == "used", 1), else_=0))
    back = func.sum(case((PartnerVoucher.state.in_(("returned", "expired")), 1), else_=0))
    rows = session.execute(
        select(PartnerOffer, func.count(PartnerVoucher.id), used, back)
        .join(PartnerVoucher, PartnerVoucher.offer_id == PartnerOffer.id)
        .where(PartnerOffer.account_id == account.id, PartnerVoucher.at >= begins, PartnerVoucher.at < ends)
        .group_by(PartnerOffer.id)
        .order_by(PartnerOffer.id)
    )
    return [
        YearLine(offer.title, offer.pieces, count, int(gone), int(returned), int(gone) * offer.minutes)
        for offer, count, gone, returned in rows
    ]
