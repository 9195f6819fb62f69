"""Petitions received by video: a room, a leader, papers, clocks of the law; nothing of it is seen elsewhere (C4)."""

from app.feature import Feature

feature = Feature(name="petitions", title="视频接访")
