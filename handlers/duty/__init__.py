"""Who is on duty, when the office is open, who must learn of new work, and who stands in for whom."""

from app.feature import Feature

feature = Feature(name="duty", title="值班")
