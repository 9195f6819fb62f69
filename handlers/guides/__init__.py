"""Service guides: what people ask every day, found by their own words."""

from datetime import datetime

from sqlalchemy.orm import Session

from app import clock
from app.feature import Feature, Waits
from handlers.guides.api import api
from handlers.guides.chat import chat
from handlers.guides.console import console
from handlers.guides.finding import warm_up
from handlers.guides.jobs import JOBS
from handlers.guides.loading import install
from handlers.guides.pages import pages
from handlers.guides.seed import seed
from handlers.guides.works import WORKS
from models.base import count_rows
from models.guides import (
    GuideCard,
    confirmed_cards_say_by_whom_and_until_when,
    overdue_cards,
    the_edition_is_of_these_words,
)


def overdue(session: Session, since: datetime | None) -> int:
    """Cards past their review day (since then)."""
    late = overdue_cards()
    if since is not None:
        late = late.where(GuideCard.review_by >= clock.local(since).date())
    return count_rows(session, late)


# Nothing of a person is kept here (models/guide_misses.py), so there is nothing to export, erase or join.
feature = Feature(
    name="guides",
    title="办事指南",
    chat=chat,
    api=api,
    pages=pages,
    console=console,
    console_menu=(("指南", "guides_console.guides", "guide"),),
    jobs=JOBS,
    works=WORKS,
    waits=(Waits("过了核对日的办事卡", ("desk", "approver"), overdue),),
    essentials=install,
    warm=warm_up,
    seed=seed,
    invariants=[confirmed_cards_say_by_whom_and_until_when, the_edition_is_of_these_words],
)
