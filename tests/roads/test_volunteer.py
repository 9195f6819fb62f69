"""The whole life of one volunteer, over the phone and the console: joins, signs up, scans in and out, the hours are
confirmed and posted, an hour goes to an old neighbour whose tap is repaired with it, and there is a sealed proof."""

from __future__ import annotations

import re
from datetime import time, timedelta
from io import BytesIO
from typing import Any

import requests
from PIL import Image
from sqlalchemy import func, select

from app import clock
from models.activities import ActivitySession
from models.certificates import Certificate
from models.hours import ServiceHours
from models.identity import Identity, Person
from models.ledger import TimeAccount, TimePosting
from tests.roads.desk import Clerk
from tests.roads.street import Neighbour, Street, eventually, minutes, option
from tests.roads.test_story import digits_on, next_session, screen_of

NAME, PHONE = "祁生华", "13900008881"
OLD, OLD_PHONE = "马秀英", "13900008882"
REPAIRER, REPAIRER_PHONE = "韩世杰", "13900008883"
HOUR = 60


def test_the_whole_life_of_one_volunteer(street: Street) -> None:
    held = next_session(street)
    street.move_to(held.starts - timedelta(hours=2))
    volunteer = joins(street, NAME, PHONE)
    serves(volunteer, held)
    is_confirmed_and_posted(volunteer, held)
    gives_an_hour(volunteer)
    has_a_tap_repaired(street)
    has_a_proof(volunteer)
    sound(street)


def joins(street: Street, name: str, phone: str) -> Neighbour:
    """Follows and registers, question by question, and agrees to what is asked."""
    resident = street.follower(name)
    words = resident.says("登记")
    for _ in range(12):
        if "登记好了" in words:
            break
        words = resident.says(_answer(words, name, phone))
    assert "登记好了" in words
    return resident


def _answer(words: str, name: str, phone: str) -> str:
    """What somebody says to this question; with nothing to tell, the first of what is offered."""
    told = {"您怎么称呼": name, "您的手机号": phone, "“跳过”": "跳过"}
    return next((answer for question, answer in told.items() if question in words), "1")


def serves(volunteer: Neighbour, held: Any) -> None:
    """Signs up in the chat, types the digits of the screen when coming and again when going."""
    street, screen = volunteer.street, screen_of(volunteer.street, held)
    assert "对吗" in volunteer.says(option(volunteer.says("活动报名"), held.title))
    assert "报好名了" in volunteer.says("1")
    street.move_to(held.starts + minutes(2))
    assert "4位数字" in volunteer.says("签到")
    assert "签到好了" in volunteer.says(digits_on(screen))
    street.move_to(held.starts + minutes(92.5))
    volunteer.says("签退")
    assert "签退好了" in volunteer.says(digits_on(screen))
    assert "待确认1小时30分钟" in volunteer.says("志愿时长")


def is_confirmed_and_posted(volunteer: Neighbour, held: Any) -> None:
    """The coordinator confirms when it is over; nobody objects for 72 hours; then it stands in the time bank, once."""
    street = volunteer.street
    ends = street.one(select(ActivitySession.ends).where(ActivitySession.id == held.id))
    street.move_to(ends + minutes(40))
    clerk = Clerk(street, "ma")
    clerk.opens(f"/console/sessions/{held.id}")
    clerk.sends(f"/console/sessions/{held.id}/close")
    mine = ServiceHours.session_id == held.id, ServiceHours.person_id == person_of(volunteer)
    row = street.one(select(ServiceHours.id).where(*mine))
    clerk.opens(f"/console/hours/{row}")
    clerk.sends(f"/console/hours/{row}/confirm", minutes="90")
    assert "已确认1小时30分钟" in volunteer.says("志愿时长")
    street.move_to(street.now + timedelta(hours=71))
    assert balance(volunteer) is None
    street.move_to(street.now + timedelta(hours=2))
    eventually(lambda: balance(volunteer) == 90, seconds=30, seen=lambda: balance(volunteer))
    assert "已入账1小时30分钟" in volunteer.says("志愿时长")


def gives_an_hour(volunteer: Neighbour) -> None:
    """To the community's pool, for those who cannot earn."""
    volunteer.says("送时间", "1", "1小时")
    assert "送出" in volunteer.says("1")
    assert balance(volunteer) == 30


def has_a_tap_repaired(street: Street) -> None:
    """An old neighbour asks for a repair, agrees to who comes, both say that it was so; the pool gives her the hour."""
    old, repairer = joins(street, OLD, OLD_PHONE), joins(street, REPAIRER, REPAIRER_PHONE)
    old.says(option(old.says("请人帮忙"), "小修"), "1小时", "明天", "水龙头漏水")
    assert "登出去了" in old.says("1")
    repairer.says(option(repairer.says("换服务"), "小修"), "1")
    said = repairer.says("1")
    assert "答应好了" in said
    assert OLD_PHONE not in said
    assert f"{REPAIRER}(登记过)说能来" in old.says("我的时间", "1")
    assert REPAIRER_PHONE in old.says("1", "1")
    assert OLD_PHONE in repairer.says("我的时间", "1")
    assert "问邻居一声" in repairer.says("1")
    assert "辛苦您了" in repairer.says("1")
    assert "记给邻居了" in old.says("我的时间", "1", "1", "1")
    assert (balance(old), balance(repairer)) == (-HOUR, HOUR)
    grants_an_hour(street, old)
    assert balance(old) == 0


def grants_an_hour(street: Street, old: Neighbour) -> None:
    clerk = Clerk(street, "wang")
    account = street.one(select(TimeAccount.id).where(TimeAccount.person_id == person_of(old)))
    clerk.opens(f"/console/time/accounts/{account}")
    typed = {"kind": "grant", "hours": "1小时", "category": "志愿服务", "reason": "自己不能挣时间的老人"}
    clerk.sends(f"/console/time/accounts/{account}/move", once="road", **typed)


def has_a_proof(volunteer: Neighbour) -> None:
    """Applied for in the chat, checked, hung for seven days, printed, sealed; its code is genuine for everybody."""
    street = volunteer.street
    words = volunteer.says("开志愿证明", "1", "升学", "1")
    assert "对吗" in words
    volunteer.says("1")
    number = street.one(select(Certificate.id).where(Certificate.person_id == person_of(volunteer)))
    clerk = Clerk(street, "wang")
    clerk.opens(f"/console/certificates/{number}")
    clerk.sends(f"/console/certificates/{number}/check", how="lines")
    street.move_to(clock.at(clock.local(street.now).date() + timedelta(days=8), time(9, 9, 40)))
    state = select(Certificate.state).where(Certificate.id == number)
    eventually(lambda: street.one(state) == "ready", seconds=40, seen=lambda: street.one(state))
    clerk = Clerk(street, "wang")
    clerk.opens(f"/console/certificates/{number}")
    clerk.sends(f"/console/certificates/{number}/paper")
    eventually(lambda: street.one(state) == "printed", seconds=60, seen=lambda: street.one(state))
    clerk.opens(f"/console/certificates/{number}")
    seal(street, clerk, number)
    assert street.one(state) == "issued"
    called = street.one(select(Certificate.number).where(Certificate.id == number))
    assert re.fullmatch(r"HZZL-\d{4}-\d{4}", called)
    assert f"{called},盖好章了" in volunteer.says("志愿证明")
    assert "1.5小时" in verified(street, called, NAME[:1])
    assert "1.5小时" not in verified(street, called, "王")


def verified(street: Street, number: str, initial: str) -> str:
    """What anybody reads who types the number and the first sign of the name."""
    address = f"{street.stack.web}/h5/certificates/verify"
    return requests.post(address, data={"number": number, "initial": initial}, timeout=10).text


def seal(street: Street, clerk: Clerk, number: int) -> None:
    """The sealed paper, taken with a telephone."""
    drawn = BytesIO()
    Image.new("RGB", (60, 80), "white").save(drawn, "JPEG")
    clerk.sends_file(f"/console/certificates/{number}/seal", "scan", "sealed.jpg", drawn.getvalue())


def person_of(neighbour: Neighbour) -> int:
    return int(neighbour.street.one(select(Identity.person_id).where(neighbour.me)))


def balance(neighbour: Neighbour) -> int | None:
    """Whole minutes on the account; None while there is none."""
    mine = select(TimeAccount.balance).where(TimeAccount.person_id == person_of(neighbour))
    rows = neighbour.street.rows(mine)
    return int(rows[0][0]) if rows else None


def sound(street: Street) -> None:
    """Nothing was made out of nothing, and nobody is there twice."""
    assert street.one(select(func.sum(TimePosting.minutes))) == 0
    assert street.one(select(func.sum(TimeAccount.balance))) == 0
    assert street.one(select(func.count()).select_from(Person).where(Person.erased_at.is_not(None))) == 0
