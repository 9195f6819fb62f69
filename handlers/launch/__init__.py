"""Going live: followers from before, the menu, templates, verification files, and what is still missing, in words."""

from app.feature import Feature

feature = Feature(name="launch", title="上线")
