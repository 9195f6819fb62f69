"""Hours: confirmed by the coordinator and who was served, open to objection, then posted (engine M4)."""

from app.feature import Feature
from handlers.hours import pages_leading  # noqa: F401 (its routes)
from handlers.hours.api import api
from handlers.hours.carrying import forget, merge, part
from handlers.hours.chat import chat
from handlers.hours.jobs import jobs
from handlers.hours.pages import pages
from models.hours_checks import SOUND

feature = Feature(
    name="hours",
    title="志愿时长",
    chat=chat,
    api=api,
    pages=pages,
    erase=forget,
    merge=merge,
    part=part,
    invariants=SOUND,
    jobs=jobs,
)
