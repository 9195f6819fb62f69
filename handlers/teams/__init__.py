"""Teams: who is in them, whose shift it is, who stands in, and thanks."""

from app.feature import Feature

feature = Feature(name="teams", title="志愿队伍")
