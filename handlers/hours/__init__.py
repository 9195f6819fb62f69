"""Hours: confirmed by the coordinator and who was served, open to objection, then posted (engine M4)."""

from app.feature import Feature

feature = Feature(name="hours", title="志愿时长")
