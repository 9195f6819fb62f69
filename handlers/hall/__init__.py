"""The hall: one fair line, forms filled together, the diary of suggestions (engines M2, M8, M7)."""

from app.feature import Feature

feature = Feature(name="hall", title="幸福吧")
