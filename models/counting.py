"""Counting what is on a list, as far as somebody wants to know it."""

from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import Session

from models.base import count_rows

COUNTED = 1000


def count_some(session: Session, rows: Select[Any]) -> int:
    """How many rows this statement finds, one more than COUNTED when there are more: nobody needs to know whether
    64,000 or 65,000 are on a list, and counting them costs more than showing a page of them."""
    return count_rows(session, rows.order_by(None).limit(COUNTED + 1))
