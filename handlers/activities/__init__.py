"""Activities: what is on, who leads it, and signing up for it (engine M3)."""

from app.feature import Feature
from handlers.activities import (  # noqa: F401 — they enter their pages
    console_papers,
    console_plan,
    console_session,
    pages_collecting,
    pages_joining,
    pages_leading,
    pages_party,
)
from handlers.activities.actions import forget
from handlers.activities.api import api
from handlers.activities.chat import chat
from handlers.activities.console import console
from handlers.activities.jobs import jobs
from handlers.activities.linked import merge, part
from handlers.activities.mine import my_enrolments
from handlers.activities.pages import pages
from handlers.activities.seed import seed
from models.activities_line import broken_lines, late_offers
from models.activities_party import overdue_answers
from models.activities_seats import wrong_counts

feature = Feature(
    name="activities",
    title="活动报名",
    chat=chat,
    console=console,
    console_menu=(("活动", "activities_console.activities", "activity"),),
    api=api,
    pages=pages,
    export=my_enrolments,
    erase=forget,
    merge=merge,
    part=part,
    invariants=[wrong_counts, broken_lines, late_offers, overdue_answers],
    jobs=jobs,
    seed=seed,
)
