"""Service guides: what people ask every day, found by their own words."""

from app.feature import Feature

feature = Feature(name="guides", title="办事指南")
