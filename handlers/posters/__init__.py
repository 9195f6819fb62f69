"""Posters and sheets to print: a QR code that can be scanned, a short code that can be typed, a phone."""

from app.feature import Feature

feature = Feature(name="posters", title="海报")
