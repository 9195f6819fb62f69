"""Hours: confirmed by the coordinator and who was served, open to objection, then posted (engine M4)."""

from app.feature import Feature
from handlers.hours.carrying import forget, merge, part

feature = Feature(name="hours", title="志愿时长", erase=forget, merge=merge, part=part)
