"""The same neighbour at the mini-program: logs in, calls the API, and becomes one person with the one in the chat."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import requests
from sqlalchemy import select

from app import clock
from models.identity import Identity
from tests.roads.street import Neighbour, Street

APP = "mini-main"  # the platform has one list of names for accounts and mini-programs


class Mini:
    """One neighbour's mini-program, over HTTP."""

    def __init__(self, holder: Neighbour) -> None:
        self.stack, self.holder = holder.street.stack, holder
        self.token = self.asks("POST", "/login", app="main", code=self._code())["token"]

    def _code(self) -> str:
        address = f"{self.stack.sandbox}/phone/api/{self.holder.number}/mini/{APP}/login"
        return str(requests.post(address, timeout=10).json()["code"])

    def asks(self, method: str, path: str, **body: Any) -> Any:
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        if hasattr(self, "token"):
            headers["Authorization"] = f"Bearer {self.token}"
        given = {"json": body} if method == "POST" else {"params": body}
        answer = requests.request(
            method, f"{self.stack.web}/api/v1{path}", headers=headers, timeout=10, **given
        )
        assert answer.status_code < 300, answer.text
        return answer.json()


def test_a_login_reads_notices_and_services(street: Street) -> None:
    mini = Mini(street.neighbour("只用小程序的人"))
    notices = mini.asks("GET", "/notices")["items"]
    assert any("高龄补贴" in each["title"] for each in notices)
    assert any(each["name"] == "理发" for each in mini.asks("GET", "/services")["items"])


def test_six_digits_make_chat_and_mini_program_one_person(street: Street) -> None:
    holder = street.follower("两边都用的人")
    mini = Mini(holder)
    assert people_of(holder) == 1, "only the chat is known by its openid"
    found = re.search(r"\b(\d{6})\b", holder.says("关联"))
    assert found
    mini.asks("POST", "/me/links", code=found[1])
    joined = street.one(select(Identity.person_id).where(holder.me))
    both = street.rows(select(Identity.kind).where(Identity.person_id == joined))
    assert sorted(row.kind for row in both) == ["mini", "oa"]


def people_of(holder: Neighbour) -> int:
    return len(holder.street.rows(select(Identity.person_id).where(holder.me)))


def test_what_is_booked_in_the_mini_program_is_seen_in_the_chat(street: Street) -> None:
    holder = street.follower("先约后看的人")
    mini = Mini(holder)
    found = re.search(r"\b(\d{6})\b", holder.says("关联"))
    assert found
    mini.asks("POST", "/me/links", code=found[1])
    service = next(each for each in mini.asks("GET", "/services")["items"] if each["name"] == "理发")
    day = clock.local(street.now + timedelta(days=2)).date().isoformat()
    times = mini.asks("GET", f"/services/{service['id']}/slots", day=day)["items"]
    slot = [one for one in times if one["free"]][-1]
    mini.asks("POST", "/appointments", slot_id=slot["id"], contact={"name": "白玉兰"})
    assert "理发" in holder.says("我的预约")
