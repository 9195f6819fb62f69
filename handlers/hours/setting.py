"""What the community sets: how much of one day counts before staff look, how long who was served is waited for."""

from __future__ import annotations

from app import audit
from handlers.hours.standing import must_be_staff
from models.base import insert_once
from models.hours import HoursTerms
from models.identity import Actor
from models.refusal import Refusal

DAY = 24 * 60
MOST_DAYS = 30


def change_terms(by: Actor, *, most_a_day: int, served_days: int) -> HoursTerms:
    """Records that are there are looked at again when something happens to them."""
    must_be_staff(by)
    if not (60 <= most_a_day <= DAY and 1 <= served_days <= MOST_DAYS):
        raise Refusal("hours.bad_terms")
    insert_once(by.session, HoursTerms, id=1, most_a_day=most_a_day, served_days=served_days)
    row = by.session.get_one(HoursTerms, 1, populate_existing=True)
    row.most_a_day, row.served_days = most_a_day, served_days
    audit.note(by, "hours.change_terms", row, most=most_a_day, days=served_days)
    return row
