"""When a day's quota that is spent (45009, 45028) is tried again, and how that is told to the staff (trust F15)."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from app import clock

MORNING = time(8, 30)
QUOTA_USED = "今日额度用完,明早8:30继续。"


def next_morning() -> datetime:
    """WeChat counts from midnight; nobody wants to be told anything then."""
    return clock.at(clock.today() + timedelta(days=1), MORNING)
