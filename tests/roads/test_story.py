"""One neighbour's road through the whole house, with three kinds of account; phone side in, database out.

The account may do much (verified 服务号), less (verified government 公众号: no codes with scenes, no template messages)
or nothing but answer (unverified). The road must be walkable with each: what the platform forbids is typed instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import select

from app import clock
from models.activities import Activity, ActivitySession
from models.appointments import Appointment
from models.identity import Identity
from models.outbox import OutboxRow
from models.slots import Slot
from models.volunteers import Attendance
from models.wishes import Claim, Wish
from tests.roads.desk import Clerk
from tests.roads.street import Neighbour, Street, eventually, minutes, option
from tests.stack import Stack

ACCOUNT = """
[[accounts]]
name = "main"
appid = "wx3d1f8a2b6c9e4705"
original_id = "gh_5a1c9e3b7d20"
kind = "{kind}"
verified = {verified}
government = {government}
"""


@dataclass(frozen=True)
class Kind:
    """What the platform lets this account do."""

    name: str
    kind: str
    verified: bool
    government: bool

    @property
    def has_codes(self) -> bool:
        return self.kind == "service" and self.verified

    @property
    def has_menu(self) -> bool:
        return self.verified


KINDS = (
    Kind("verified service account", "service", verified=True, government=False),
    Kind("verified government subscription", "subscription", verified=True, government=True),
    Kind("unverified", "subscription", verified=False, government=False),
)


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: kind.name.replace(" ", "-"))
def kind(request: pytest.FixtureRequest) -> Kind:
    given: Kind = request.param
    return given


@pytest.fixture(scope="module")
def street(kind: Kind, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    folder: Path = tmp_path_factory.mktemp("story")
    config = folder / "config.toml"
    settings = {"verified": str(kind.verified).lower(), "government": str(kind.government).lower()}
    config.write_text(ACCOUNT.format(kind=kind.kind, **settings), encoding="utf-8")
    with Stack(folder / "data", config=config) as stack:
        walked = Street(stack)
        yield walked
        walked.close()


def test_a_neighbour_walks_the_whole_road(street: Street, kind: Kind) -> None:
    held = next_session(street)
    street.move_to(held.starts - timedelta(hours=2))
    resident = arrives(street, kind)
    reads_a_notice(resident)
    appointment = books(resident, kind)
    wishes(resident)
    volunteers(resident, kind, held)
    is_reminded(resident, kind, appointment)


# ---- the steps -------------------------------------------------------------------------------------------------------


def arrives(street: Street, kind: Kind) -> Neighbour:
    """Follows by the code at the door where there are such codes; else by the account's name."""
    resident = street.neighbour("白玉兰")
    if kind.has_codes:
        words = resident.scans(street.printed_code("door:1"))
        assert "门牌码" in words
    else:
        words = resident.follows()
    assert "幸福大家庭" in words
    assert street.one(select(Identity.following).where(resident.me))
    return resident


def reads_a_notice(resident: Neighbour) -> None:
    listed = resident.says("最新通知")
    words = resident.says(option(listed, "高龄补贴"))
    assert "身份证" in words
    assert "来源" in words


def books(resident: Neighbour, kind: Kind) -> Any:
    """Counted from the touch of the menu: at most five messages."""
    services = resident.clicks("预约服务") if kind.has_menu else resident.says("预约服务")
    resident.sent = 0
    times = resident.says(option(services, "高龄补贴"))
    asked = resident.says(option(times, "点", without="今天"))
    assert "姓名" in asked
    echo = resident.says("白玉兰")
    assert echo.endswith("1 对 2 要改")
    booked = resident.says("1")
    assert "约好了" in booked
    assert "预约号" in booked
    assert resident.sent <= 5
    mine = select(Appointment.id, Appointment.state, Slot.starts).join(Slot)
    found = resident.street.one(
        mine.join(Identity, Identity.person_id == Appointment.person_id).where(resident.me)
    )
    assert found.state == "confirmed"
    return found


def wishes(resident: Neighbour) -> None:
    """Says a wish, the desk makes it public without a name, another neighbour promises it: one lease with a due day."""
    street, wish = resident.street, "想要一张竹编小板凳"
    assert "对吗" in resident.says("许个心愿", wish)
    assert "收到了" in resident.says("1")
    number = street.one(
        select(Wish.id).join(Identity, Identity.person_id == Wish.wisher_id).where(resident.me)
    )
    desk = Clerk(street, "wang")
    desk.opens(f"/console/wishes/{number}")
    public = "一位老人想要一张竹编小板凳"
    desk.sends(f"/console/wishes/{number}/review", public_text=public, category="其他")
    helper = street.follower("热心的邻居")
    card = helper.says(option(helper.says("心愿站"), "小板凳"))
    assert "白玉兰" not in card
    assert "认领" in helper.says("1")
    assert "您认领了" in helper.says("1")
    promised = select(Claim.state).join(Identity, Identity.person_id == Claim.person_id).where(helper.me)
    assert street.one(promised) == "open"
    assert street.one(select(Wish.state).where(Wish.id == number)) == "claimed"


def next_session(street: Street) -> Any:
    """The first session of the invented neighbourhood that anybody may join and that is still some hours away."""
    later = ActivitySession.starts > street.now + timedelta(hours=3)
    anybody = Activity.listed, Activity.team_id.is_(None), Activity.family.is_(False)
    planned = select(
        ActivitySession.id, ActivitySession.starts, Activity.id.label("activity"), Activity.title
    ).join(Activity)
    return street.rows(planned.where(later, *anybody).order_by(ActivitySession.starts))[0]


def volunteers(resident: Neighbour, kind: Kind, held: Any) -> None:
    """Signs up, types the digits of the leader's screen when coming and again when going."""
    street = resident.street
    screen = screen_of(street, held)
    listed = resident.says("活动报名")
    assert "对吗" in resident.says(option(listed, held.title))
    assert "报好名了" in resident.says("1")
    street.move_to(held.starts + minutes(5))
    asks_for_digits(resident, kind, held)
    assert "签到好了" in resident.says(digits_on(screen))
    street.move_to(held.starts + minutes(65.5))
    asks_for_digits(resident, kind, held)
    assert "签退好了" in resident.says(digits_on(screen))
    assert "1小时" in resident.says("志愿时长")
    stay = select(Attendance.minutes, Attendance.session_id)
    mine = stay.join(Identity, Identity.person_id == Attendance.person_id).where(resident.me)
    assert street.one(mine) == (60, held.id)


def screen_of(street: Street, held: Any) -> str:
    """The leader opens the screen with the code that turns over from the console."""
    leader = Clerk(street, "ma")
    leader.opens(f"/console/sessions/{held.id}")
    return leader.sends(f"/console/sessions/{held.id}/screen").url


def asks_for_digits(resident: Neighbour, kind: Kind, held: Any) -> None:
    """The printed code never checks anybody in: it asks for what stands on the screen now."""
    if kind.has_codes:
        words = resident.scans(resident.street.printed_code(f"session:{held.id}"))
    else:
        words = resident.says("签到")
    assert "4位数字" in words


def digits_on(screen: str) -> str:
    """The four digits that the leader's screen shows at this moment."""
    return str(requests.get(f"{screen}/code", timeout=10).json()["digits"])


def is_reminded(resident: Neighbour, kind: Kind, appointment: Any) -> None:
    """On the evening before, by the best road that the account has; without any road the desk is told to call."""
    street = resident.street
    mine = OutboxRow.person_id.in_(select(Identity.person_id).where(resident.me))
    reminder = (
        OutboxRow.kind == "appointments.reminder"
    ) & mine  # weekly visits of others are reminded of as well
    due = street.one(select(OutboxRow.due).where(reminder))
    assert clock.local(due).date() == clock.local(appointment.starts).date() - timedelta(days=1)
    if kind.verified and not kind.has_codes:
        speaks_again(resident, due - timedelta(hours=20))
    street.move_to(due + minutes(1))
    ends = eventually(lambda: settled(street, reminder))
    if kind.has_codes:
        assert ends == ("template", "delivered")
        cards = [[row["value"] for row in each["rows"]] for each in resident.received("template")]
        assert sum("高龄补贴" in values for values in cards) == 1
    elif kind.verified:
        assert ends == ("custom", "submitted")
        assert "高龄补贴" in resident.received("custom")[-1]["text"]
    else:
        assert ends == (None, "failed")
        assert not street.control("GET", "/sent", via="custom")


def speaks_again(resident: Neighbour, moment: datetime) -> None:
    """Over a weekend WeChat's 48 hours would be gone: whoever said something since may be answered."""
    if moment > resident.street.now:
        resident.street.move_to(moment)
    assert resident.says("我的预约")


def settled(street: Street, which: Any) -> Any:
    """(road, state) of the row once nothing more is to be expected, else None."""
    road, state = street.one(select(OutboxRow.road, OutboxRow.state).where(which))
    ended = state in ("delivered", "failed", "unknown") or (road == "custom" and state == "submitted")
    return (road, state) if ended else None
