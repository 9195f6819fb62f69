"""The words by which cards are found change one after the other, and every process hears of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from models.base import insert_once
from models.guides import GuideEdition, digest_now


@contextmanager
def changing_words(session: Session) -> Iterator[None]:
    """Whoever changes what finds a card holds this row: two at once would each leave a digest without the other's
    words."""
    insert_once(session, GuideEdition, id=1, digest="")
    row = session.get_one(GuideEdition, 1, with_for_update=True, populate_existing=True)
    yield
    session.flush()
    row.digest = digest_now(session)
    session.flush()
