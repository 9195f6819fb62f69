"""Idempotency-Key: the second time is the first time's answer, whatever races and whatever breaks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app import clock
from models.appointments import Appointment
from models.confidential import ConfidentialMatter
from models.idempotency import Idempotency
from models.identity import Identity, Person
from scheduler.housekeeping import forget_old_calls
from tests.activities.plans import house
from tests.api.hall import a_service, a_slot, taken
from tests.api.minis import V1, Mini, problem
from tests.neighbours import Town, frozen
from tests.sandbox.platform_process import RunningPlatform

MONDAY = "2026-11-23 08:30"


@pytest.fixture
def slot(town: Town) -> int:
    return a_slot(town, a_service(town))


def test_b24_the_same_call_again_is_answered_with_the_same_bytes_and_done_once(
    town: Town, ma: Mini, slot: int
) -> None:
    with frozen(MONDAY):
        first = ma.post("/appointments", key="once", slot_id=slot)
        again = ma.post("/appointments", key="once", slot_id=slot)
    assert (first.status_code, first.data) == (201, again.data)
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
    assert "Idempotent-Replayed" not in first.headers
    assert taken(town, slot) == 1


def test_b24_a_refusal_is_repeated_too(town: Town, ma: Mini) -> None:
    late = a_slot(town, a_service(town), "2026-11-23 08:40")
    with frozen(MONDAY):
        first = ma.post("/appointments", key="late", slot_id=late)
        assert (
            problem(first, 409, "appointments.too_soon")
            == ma.post("/appointments", key="late", slot_id=late).json
        )


def test_b24_the_same_key_with_another_body_or_for_another_step_is_refused(
    town: Town, ma: Mini, slot: int
) -> None:
    with frozen(MONDAY):
        number = ma.post("/appointments", key="k", slot_id=slot).json["id"]
        problem(ma.post("/appointments", key="k", slot_id=slot, note="带轮椅"), 409, "other_body")
        problem(ma.post(f"/appointments/{number}/cancel", key="k"), 409, "other_body")
    assert taken(town, slot) == 1


def test_two_neighbours_may_use_the_same_key(
    town: Town, ma: Mini, platform: RunningPlatform, slot: int
) -> None:
    other = Mini(town, platform, "才让卓玛").logs_in().joins("13900000002")
    with frozen(MONDAY):
        assert ma.post("/appointments", key="k", slot_id=slot).status_code == 201
        assert other.post("/appointments", key="k", slot_id=slot).status_code == 201
    assert taken(town, slot) == 2


@pytest.mark.parametrize("key", [None, "", "键", "a b", "x" * 256])
def test_b24_a_call_without_a_usable_key_does_nothing(
    town: Town, ma: Mini, slot: int, key: str | None
) -> None:
    headers = dict(ma.headers)
    if key is not None:
        headers["Idempotency-Key"] = key.encode().decode("latin-1")
    answer = town.client.post(f"{V1}/appointments", json={"slot_id": slot}, headers=headers)
    problem(answer, 400, "key_needed")
    assert taken(town, slot) == 0


def test_what_was_not_valid_may_be_sent_again_corrected_under_the_same_key(
    town: Town, ma: Mini, slot: int
) -> None:
    problem(ma.post("/appointments", key="k", slot_id="one"), 422, "invalid")
    with frozen(MONDAY):
        assert ma.post("/appointments", key="k", slot_id=slot).status_code == 201


def test_b24_a_hundred_twins_at_once_are_one_booking_and_one_answer(
    both_towns: Town, platform: RunningPlatform
) -> None:
    ma = Mini(both_towns, platform, "马秀兰").logs_in().joins()
    both_towns.app.extensions["api"]["limits"]["writes"] = 10_000
    slot = a_slot(both_towns, a_service(both_towns), "2099-11-24 09:00")
    with ThreadPoolExecutor(25) as pool:
        answers = list(pool.map(lambda _: ma.insists("/appointments", key="twin", slot_id=slot), range(100)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.data for answer in answers}) == 1
    assert sum("Idempotent-Replayed" not in answer.headers for answer in answers) == 1
    assert taken(both_towns, slot) == 1


def test_twenty_neighbours_on_two_seats_are_two_bookings(both_towns: Town, platform: RunningPlatform) -> None:
    names = [f"马{sign}兰" for sign in "一二三四五六七八九十春夏秋冬金银玉香云雪"]
    minis = [Mini(both_towns, platform, name).logs_in().joins() for name in names]
    slot = a_slot(both_towns, a_service(both_towns), "2099-11-24 09:00", seats=2)
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda one: one.insists("/appointments", slot_id=slot), minis))
    assert sorted(answer.status_code for answer in answers) == [201] * 2 + [409] * 18
    assert {answer.json["code"] for answer in answers if answer.status_code == 409} == {
        "appointments.slot_full"
    }
    assert taken(both_towns, slot) == 2


def test_a_cry_for_help_in_a_form_goes_the_confidential_way(town: Town, ma: Mini, slot: int) -> None:
    words = "我不想活了"
    with frozen(MONDAY):
        answer = ma.post("/appointments", key="cry", slot_id=slot, note=words)
        again = ma.post("/appointments", key="cry", slot_id=slot, note=words)
    body = problem(answer, 409, answer.json["code"])
    assert body["code"].startswith("care.")
    assert again.data == answer.data
    assert taken(town, slot) == 0
    with town.reading() as session:
        assert session.scalar(select(func.count()).select_from(Appointment)) == 0
        assert (
            session.scalar(select(func.count()).select_from(Idempotency).where(Idempotency.key == "cry")) == 0
        )
    with town.site.confidential.reading() as session:
        assert [row.text for row in session.scalars(select(ConfidentialMatter))] == [words]


def test_b24_a_call_under_way_at_wechat_says_so_and_a_lost_one_may_be_taken_up(
    town: Town, platform: RunningPlatform
) -> None:
    neighbour = Mini(town, platform, "白玉兰").logs_in()
    code = neighbour.code("phone")
    platform.control("PUT", "/faults", paths="/wxa/business", slow_seconds=1)
    try:
        with ThreadPoolExecutor(2) as pool:
            slow = pool.submit(neighbour.post, "/me/phone", key="p", code=code)
            while _row(town, "p") is None:
                pass
            twin = neighbour.post("/me/phone", key="p", code=code)
            answer = slow.result()
    finally:
        platform.control("POST", "/faults/reset")
    problem(twin, 409, "in_flight")
    assert twin.headers["Retry-After"] == "1"
    assert answer.status_code == 200
    assert neighbour.post("/me/phone", key="p", code=code).data == answer.data

    def lose(session) -> None:  # type: ignore[no-untyped-def]
        row = session.scalars(select(Idempotency).where(Idempotency.key == "p")).one()
        row.status, row.body, row.taken_at = None, None, clock.now() - timedelta(minutes=2)

    town.writing(lose)
    problem(neighbour.post("/me/phone", key="p", code=code), 409, "phone_refused")
    assert _row(town, "p") is None


def _row(town: Town, key: str) -> Idempotency | None:
    with town.reading() as session:
        return session.scalar(select(Idempotency).where(Idempotency.key == key))


def test_answers_are_sealed_and_forgotten_after_two_days(town: Town, ma: Mini) -> None:
    with town.reading() as session:
        raw = session.connection().exec_driver_sql("SELECT body FROM idempotency").scalars().all()
    assert raw
    assert not any("马秀兰".encode() in bytes(body) or b"139" in bytes(body) for body in raw)
    assert town.writing(lambda s: forget_old_calls(house(s))) == "0 calls, 0 logins"

    def age(session) -> None:  # type: ignore[no-untyped-def]
        for row in session.scalars(select(Idempotency)):
            row.taken_at = clock.now() - timedelta(hours=49)

    town.writing(age)
    assert town.writing(lambda s: forget_old_calls(house(s))) == "1 calls, 0 logins"


def test_two_records_becoming_one_do_not_lose_the_answers(town: Town, ma: Mini) -> None:
    chat = town.phone("马秀兰")
    shown = chat.says("关联")
    code = next(word for word in "".join(c if c.isdigit() else " " for c in shown).split() if len(word) == 6)
    first = ma.post("/me/links", key="link", code=code)
    again = ma.post("/me/links", key="link", code=code)
    assert (first.status_code, first.data) == (200, again.data)
    with town.reading() as session:
        assert ma.person(session).id == chat.person(session).id
        gone = session.scalars(select(Person).where(Person.merged_into_id.is_not(None))).one()
        assert session.scalar(select(func.count()).where(Identity.person_id == gone.id)) == 0


def test_a_wrong_link_code_is_counted_although_it_is_refused(town: Town, ma: Mini) -> None:
    for _ in range(5):
        problem(ma.post("/me/links", code="000000"), 409, "wrong_code")
    problem(ma.post("/me/links", code="000000"), 409, "people.too_many_codes")
