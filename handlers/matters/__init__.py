"""What residents report: a lamp, rubbish, a neighbour's noise; a number at once, an owner and a due time always."""

from app.feature import Feature

feature = Feature(name="matters", title="说事")
