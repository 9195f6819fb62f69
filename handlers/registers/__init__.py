"""Registers in and out: sheets read with care and checked cell by cell, undone within a day, taken out watermarked."""

from app.feature import Feature

feature = Feature(name="registers", title="台账")
