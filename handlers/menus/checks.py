"""Whether every line of a menu leads somewhere today."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy.orm import Session

from app.house import House
from handlers.programmes import actions as programmes
from models.menus import Columns, Fault, faults


def faults_of(
    house: House, session: Session, columns: Columns, pages: Collection[str] | None = None
) -> list[Fault]:
    """`pages` are the paths that exist; None where they cannot be asked: then a page counts as existing."""

    def answers(word: str) -> bool:
        return bool(word) and (
            house.has_word(word) or programmes.programme_in_words(session, word) is not None
        )

    told = {line["target"] for column in columns for line in column["lines"]} if pages is None else pages
    return faults(columns, answers, told)
