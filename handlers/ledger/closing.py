"""What the desk does by exception and once a month: odd entries looked at, months closed."""

from __future__ import annotations

from datetime import date

from app import audit
from handlers.ledger.moves import reverse
from handlers.ledger.standing import must_be_staff, must_not_be_own
from models.base import insert_once
from models.identity import Actor
from models.ledger import TimeTransfer, house_account, keep_still
from models.ledger_months import TimeMonth, check_may_close, digest_of, figures_of, month_of
from models.ledger_odd import TimeLook


def look_at(by: Actor, transfer: TimeTransfer, *, fine: bool, reason: str = "") -> None:
    """An odd entry was asked about: it is fine, or it is reversed for a reason. Not by whoever it pays."""
    must_be_staff(by)
    must_not_be_own(by, *(leg.account.person_id for leg in transfer.postings))
    if not fine:
        reverse(by, transfer, reason)
    result, staff = "fine" if fine else "wrong", by.staff.id if by.staff else None
    if insert_once(by.session, TimeLook, transfer_id=transfer.id, result=result, staff_id=staff):
        audit.note(by, "ledger.look_at", transfer, fine=fine)


def close_month(by: Actor, month: date) -> TimeMonth:
    """Freeze the figures of a month that is over; closed twice it is one. Refuses with ledger.month_not_over,
    .earlier_month."""
    staff = must_be_staff(by)
    keep_still(by.session, house_account(by.session, "issue").id)
    known = month_of(by.session, month)
    if known is not None:
        return known
    check_may_close(by.session, month)
    row = TimeMonth(month=month, figures=figures_of(by.session, month))
    row.digest, row.staff_id = digest_of(by.session, month, row.figures), staff.id if staff else None
    by.session.add(row)
    audit.note(by, "ledger.close_month", row, digest=row.digest[:16])
    return row
