"""Hours: confirmed by the coordinator and who was served, open to objection, then posted (engine M4)."""

from app.feature import Feature
from handlers.hours.carrying import forget, merge, part
from handlers.hours.jobs import jobs
from models.hours_checks import SOUND

feature = Feature(
    name="hours", title="志愿时长", erase=forget, merge=merge, part=part, invariants=SOUND, jobs=jobs
)
