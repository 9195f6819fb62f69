"""Activities: what is on, who leads it, and signing up for it (engine M3)."""

from app.feature import Feature
from handlers.activities.actions import forget
from handlers.activities.api import api
from handlers.activities.chat import chat
from handlers.activities.console import console
from handlers.activities.linked import merge, part
from handlers.activities.mine import my_enrolments
from handlers.activities.pages import pages
from handlers.activities.seed import seed
from models.activities import wrong_counts

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
    invariants=[wrong_counts],
    seed=seed,
)
