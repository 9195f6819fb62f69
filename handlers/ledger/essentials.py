"""What every community has: the account that issues hours, the pool, and the terms."""

from __future__ import annotations

from sqlalchemy.orm import Session

from models.base import insert_once
from models.ledger import HOUSE_KINDS, TimeTerms, house_account


def install(session: Session) -> None:
    for kind in HOUSE_KINDS:
        house_account(session, kind)
    insert_once(session, TimeTerms, id=1)
