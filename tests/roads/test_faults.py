"""Bad days: programs die, the platform breaks, the database is locked. Residents get true answers, nothing doubles."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from app.run_record import birth
from models.appointments import Appointment
from models.identity import Identity
from models.inbox import InboxRow
from models.outbox import OutboxRow
from tests.roads.street import Neighbour, Street, eventually, locked, option, secret_of, shown

LONGEST_SECONDS = 4.5  # WeChat waits for five
NOT_DONE = "没办成"
TEMPLATE, CUSTOM, TOKEN = (
    "/cgi-bin/message/template/send",
    "/cgi-bin/message/custom/send",
    "/cgi-bin/stable_token",
)


@pytest.fixture(scope="module", autouse=True)
def logs_hold_no_secret(street: Street) -> Iterator[None]:
    """Whatever happened in this module: its secrets, openids and phones are in no log."""
    yield
    told = {each["openid"] for each in street.control("GET", "/pushes", limit=1000)}
    assert told
    canaries = told | {value for value in secret_of(street.stack.data).values() if len(value) > 10}
    for log in (street.stack.data / "logs").glob("*.log"):
        text = log.read_text("utf-8", "replace")
        assert not [canary for canary in canaries if canary in text], log.name


@pytest.fixture(autouse=True)
def good_weather(street: Street) -> Iterator[None]:
    """Every test leaves the platform without faults and every program running."""
    yield
    street.control("POST", "/faults/reset")
    eventually(
        lambda: all(birth(street.stack.pid(name)) for name in ("web", "valkey", "scheduler", "delivery"))
    )


def at_the_confirmation(resident: Neighbour) -> str:
    """The echo of a booking that waits for its yes."""
    services = resident.says("预约服务")
    times = resident.says(option(services, "理发"))
    resident.says(option(times, "后天"))
    return resident.says("白玉兰")


def appointments_of(resident: Neighbour) -> int:
    mine = select(func.count()).select_from(Appointment)
    joined = mine.join(Identity, Identity.person_id == Appointment.person_id)
    return int(resident.street.one(joined.where(resident.me)))


# ---- programs that die -----------------------------------------------------------------------------------------------


def test_a_killed_web_process_loses_nothing_of_a_talk(street: Street) -> None:
    resident = street.follower("被打断的人")
    echo = at_the_confirmation(resident)
    assert echo.endswith("1 对 2 要改")
    before = street.stack.pid("web")
    street.stack.kill("web")
    eventually(lambda: street.stack.pid("web") not in {0, before})
    booked = eventually(lambda: words_if_served(resident, "1"))
    assert "约好了" in booked
    assert appointments_of(resident) == 1


def words_if_served(resident: Neighbour, text: str) -> str:
    """The answer, "" while nobody serves (the platform then says that the account is away)."""
    words = resident.says(text)
    return "" if "暂时无法提供服务" in words else words


def test_without_valkey_residents_are_answered_as_before(street: Street) -> None:
    resident = street.follower("没有缓存的人")
    street.stack.kill("valkey")
    for _ in range(3):
        answer = resident.act("send", kind="text", text="最新通知")
        assert answer["push"]["ms"] < LONGEST_SECONDS * 1000
        assert "最新通知" in shown(answer)
    eventually(lambda: birth(street.stack.pid("valkey")))


def test_a_killed_delivery_sends_what_was_waiting(street: Street) -> None:
    resident = street.follower("等回话的人")
    resident.says("你好")
    street.stack.kill("delivery")
    reminder = due_reminder(resident)
    street.move_to(reminder + timedelta(minutes=1))
    eventually(lambda: resident.received("template"), 20)
    assert len(resident.received("template")) == 1


def due_reminder(resident: Neighbour) -> Any:
    """Books and tells when the reminder is due."""
    at_the_confirmation(resident)
    assert "约好了" in resident.says("1")
    return resident.street.one(reminders(resident, OutboxRow.due))


def reminders(resident: Neighbour, *columns: Any) -> Any:
    mine = select(*columns).join(Identity, Identity.person_id == OutboxRow.person_id)
    return mine.where(resident.me, OutboxRow.kind == "appointments.reminder")


# ---- pushes that come twice, or in the wrong order ---------------------------------------------------------------------


def test_f20_a_push_that_comes_five_times_at_once_has_one_effect_and_one_answer(street: Street) -> None:
    resident = street.follower("发了一次的人")
    at_the_confirmation(resident)
    push = resident.act("send", kind="text", text="1")["push"]
    repeats = street.control("POST", f"/pushes/{push['id']}/repeat", times=5, at_once=True)["deliveries"]
    assert {each["status"] for each in repeats} == {200}
    assert len({each["body"] for each in repeats}) == 1
    assert "约好了" in repeats[0]["body"]
    assert appointments_of(resident) == 1


def test_f20_five_copies_of_the_very_first_push_meet_on_two_workers(street: Street) -> None:
    resident = street.neighbour("同时到的人")
    with street.faults(duplicate_pushes=True):
        resident.follows()
        resident.says("最新通知")
    rows = street.rows(select(Identity.id).where(resident.me))
    assert len(rows) == 1
    seen = select(func.count()).select_from(InboxRow).join(Identity, Identity.person_id == InboxRow.person_id)
    assert street.one(seen.where(resident.me)) == 2


def test_f21_leaving_that_overtakes_following_still_ends_in_leaving(street: Street) -> None:
    resident = street.neighbour("来了又走的人")
    now = int(street.now.timestamp())
    with ThreadPoolExecutor(2) as pool, street.faults(out_of_order=True):
        first = pool.submit(resident.act, "event", event="subscribe", EventKey="", CreateTime=now)
        time.sleep(0.2)
        pool.submit(resident.act, "event", event="unsubscribe", EventKey="", CreateTime=now + 1).result()
        first.result()
    assert street.one(select(Identity.following).where(resident.me)) is False


def test_f21_an_answer_that_overtakes_its_question_books_nothing(street: Street) -> None:
    resident = street.follower("手快的人")
    services = resident.says("预约服务")
    digit = option(services, "理发")
    with ThreadPoolExecutor(2) as pool, street.faults(out_of_order=True):
        first = pool.submit(resident.says, digit)
        time.sleep(0.2)
        pool.submit(resident.says, "1").result()
        first.result()
    assert appointments_of(resident) == 0


# ---- a database that is locked -----------------------------------------------------------------------------------------


def test_a_locked_database_gives_a_true_sentence_in_time_and_loses_no_farewell(street: Street) -> None:
    waiting, leaving = street.follower("等着的人"), street.follower("要走的人")
    at_the_confirmation(waiting)
    with locked(street.stack.data / "xingfu.db", 8):
        with ThreadPoolExecutor(2) as pool:
            asked = pool.submit(waiting.act, "send", kind="text", text="1")
            left = pool.submit(leaving.act, "unfollow")
            answer, farewell = asked.result(), left.result()
        assert NOT_DONE in shown(answer)
        assert answer["push"]["deliveries"] == 1
        assert answer["push"]["ms"] < LONGEST_SECONDS * 1000
        assert farewell["push"]["ms"] < LONGEST_SECONDS * 1000
    assert appointments_of(waiting) == 0
    assert "约好了" in waiting.says("1"), "the talk stands where it stood"
    eventually(lambda: street.one(select(Identity.following).where(leaving.me)) is False)
    assert not (street.stack.data / "spool").exists()


# ---- a platform that breaks ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [{"http_500": True}, {"html": True}, {"busy": True}, {"bad_token": True}, {"slow_seconds": 9}],
    ids=lambda fault: next(iter(fault)),
)
def test_f13_f14_f17_a_bad_hour_of_the_platform_only_delays_the_reminder(
    street: Street, fault: dict[str, Any]
) -> None:
    resident = street.follower("等提醒的人")
    due = due_reminder(resident)
    with street.faults(**fault, paths=TEMPLATE, times=1 if "slow_seconds" in fault else None):
        street.move_to(due + timedelta(minutes=1))
        eventually(lambda: street.one(reminders(resident, OutboxRow.tries)) >= 1, 20)
        answer = resident.act("send", kind="text", text="你好")
        assert answer["push"]["ms"] < 4000, "sending is nowhere on the way of an answer"
    patience = 90  # a sender that was killed in the middle holds its row until the lease of a minute ends
    eventually(lambda: catches_up(street, resident), patience, lambda: how_it_stands(resident))
    assert len(resident.received("template")) == 1


def how_it_stands(resident: Neighbour) -> list[Any]:
    columns = (
        OutboxRow.state,
        OutboxRow.road,
        OutboxRow.tries,
        OutboxRow.due,
        OutboxRow.errcode,
        OutboxRow.reason,
    )
    log = (resident.street.stack.data / "logs" / "delivery.log").read_text("utf-8")
    return [*resident.street.rows(reminders(resident, *columns)), resident.street.now, log[-800:]]


def catches_up(street: Street, resident: Neighbour) -> bool:
    """Waits until delivered; the pauses between the tries are skipped by the clock."""
    state, due = street.one(reminders(resident, OutboxRow.state, OutboxRow.due))
    if state == "waiting" and due > street.now:
        street.move_to(due + timedelta(seconds=1))
    return bool(state == "delivered")


@pytest.mark.parametrize(("code", "ends"), [(48001, ("custom", "submitted")), (45009, (None, "waiting"))])
def test_f15_f18_what_the_platform_refuses_ends_as_designed(
    street: Street, code: int, ends: tuple[str, str]
) -> None:
    resident = street.follower("被拒的人")
    due = due_reminder(resident)
    paths = TEMPLATE if code == 48001 else [TEMPLATE, CUSTOM]
    with street.faults(errcode=code, paths=paths):
        street.move_to(due + timedelta(minutes=1))
        asked = reminders(resident, OutboxRow.road, OutboxRow.state)
        eventually(lambda: tuple(street.one(asked)) == ends, 20, lambda: how_it_stands(resident))


def test_no_message_of_the_platform_is_in_the_logs_with_its_address(street: Street) -> None:
    """Runs after the broken calls: their lines are there, without token."""
    text = (street.stack.data / "logs" / "delivery.log").read_text("utf-8")
    assert "wechat_call_failed" in text
    assert not re.search(r"access_token=[\w-]{8,}", text)
