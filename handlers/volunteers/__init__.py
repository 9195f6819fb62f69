"""Volunteers: checking in and out at a session by a code that turns over, and the minutes that follow (engine M4)."""

from app.feature import Feature
from handlers.volunteers import (  # noqa: F401 — they enter their addresses
    collecting_pages,
    offline_console,
    offline_pages,
    pass_api,
    pass_pages,
    place_pages,
    sheet_console,
    sheet_pages,
    tablet_console,
    tablet_pages,
    undo_console,
    undo_pages,
)
from handlers.volunteers.api import api
from handlers.volunteers.chat import chat
from handlers.volunteers.console import console
from handlers.volunteers.jobs import jobs
from handlers.volunteers.pages import pages
from handlers.volunteers.rights import forget, merge, my_stays, part
from handlers.volunteers.seed import seed
from models.stays import overlaps, still_open, too_many_minutes

feature = Feature(
    name="volunteers",
    title="志愿服务",
    chat=chat,
    console=console,
    api=api,
    pages=pages,
    export=my_stays,
    erase=forget,
    merge=merge,
    part=part,
    invariants=[overlaps, too_many_minutes, still_open],
    jobs=jobs,
    waits=tablet_console.waits,
    seed=seed,
)
