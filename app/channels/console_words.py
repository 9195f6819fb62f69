"""How the console says when something was, is, or ends: short, for people who look at many lines."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from app import clock
from app.words import day_words

MINUTE = timedelta(minutes=1)


def ago_words(instant: datetime) -> str:
    """ "刚刚", "12分钟前", "3小时前", "昨天16:20", or the day; of what is still to come the time or the day."""
    passed = clock.now() - instant
    if passed < timedelta():
        return _ahead(instant)
    if passed < MINUTE:
        return "刚刚"
    if passed < timedelta(hours=1):
        return f"{passed // MINUTE}分钟前"
    if clock.local(instant).date() == clock.today():
        return f"{passed // timedelta(hours=1)}小时前"
    return _day_and_time(instant)


def _ahead(instant: datetime) -> str:
    is_today = clock.local(instant).date() == clock.today()
    return f"{clock.local(instant):%H:%M}" if is_today else _day_and_time(instant)


def _day_and_time(instant: datetime) -> str:
    here = clock.local(instant)
    days = (clock.today() - here.date()).days
    near = {1: "昨天", -1: "明天"}.get(days)
    day = near or day_words(here.date()).partition("(")[0]
    return f"{day}{here:%H:%M}"


def waited_words(since: datetime) -> str:
    """ "12分钟", "3小时": how long somebody has waited."""
    words = ago_words(since)
    return "不到1分钟" if words == "刚刚" else words.removesuffix("前")


def left_words(until: datetime) -> str:
    """How long there is still time: "47小时", "20分钟", "" when it is over."""
    left = until - clock.now()
    if left <= timedelta():
        return ""
    return f"{left // timedelta(hours=1)}小时" if left >= timedelta(hours=1) else f"{left // MINUTE}分钟"


def left_exactly_words(until: datetime) -> str:
    """ "47小时20分", "35秒": where every minute may count."""
    seconds = max(0, int((until - clock.now()).total_seconds()))
    hours, minutes = seconds // 3600, seconds % 3600 // 60
    if hours:
        return f"{hours}小时{minutes}分"
    return f"{minutes}分" if minutes else f"{seconds}秒"


def hour_words(instant: datetime) -> str:
    """ "09:20" on the community's wall clock."""
    return f"{clock.local(instant):%H:%M}"


def covered(phone: str | None) -> str:
    """ "139****0001": enough to ask "does your number end in …?"."""
    return f"{phone[:3]}****{phone[-4:]}" if phone and len(phone) == 11 else (phone or "")


def stamp_words(instant: datetime) -> str:
    """ "11-23 09:20:05", with the year when it is not this one."""
    here = clock.local(instant)
    return f"{here:%m-%d %H:%M:%S}" if here.year == clock.today().year else f"{here:%Y-%m-%d %H:%M}"


SYSTEMS = {"MicroMessenger": "微信", "iPhone": "苹果手机", "Android": "安卓手机", "Windows": "Windows 电脑"}
SYSTEMS |= {"Mac OS": "苹果电脑", "Linux": "Linux 电脑"}


def browser_words(user_agent: str) -> str:
    """Enough to know one's own machine again."""
    return next((words for sign, words in SYSTEMS.items() if sign in user_agent), "一台设备")


def iso_day(instant: datetime) -> str:
    return clock.local(instant).date().isoformat()


def local_day(instant: datetime) -> date:
    return clock.local(instant).date()


FILTERS = {
    "iso_day": iso_day,
    "local_day": local_day,
    "ago": ago_words,
    "waited": waited_words,
    "left": left_words,
    "left_exactly": left_exactly_words,
    "hour": hour_words,
    "covered": covered,
    "stamp": stamp_words,
    "browser": browser_words,
}
