"""Certificates of volunteer service: the volunteer's file, the proof, its register, the national export."""

from app.feature import Feature

feature = Feature(name="certificates", title="志愿证明")
