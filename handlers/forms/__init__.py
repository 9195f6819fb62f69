"""Forms filled one question at a time, finished at the desk, printed large (engine M8)."""

from app.feature import Feature

feature = Feature(name="forms", title="填表")
