"""The 15-minute circle: who helps nearby, comes home, and asks afterwards (花7)."""

from app.feature import Feature

feature = Feature(name="circle", title="身边服务")
