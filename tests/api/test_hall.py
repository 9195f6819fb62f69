"""Appointments: what is shown, booked, moved and cancelled is what the chat shows, books, moves and cancels."""

from __future__ import annotations

from datetime import date

import pytest

from models.appointments import Appointment
from models.plans import Service
from models.refusal import Refusal
from models.slots import Slot
from tests.api.hall import a_service, a_slot, taken
from tests.api.minis import V1, Mini, problem
from tests.neighbours import Town, frozen
from tests.sandbox.platform_process import RunningPlatform

MONDAY = "2026-11-23 08:30"


def test_services_and_their_times_are_for_everybody(town: Town) -> None:
    service, other = a_service(town), a_service(town, "理发", kind="circle", window=None)
    closed = a_service(town, "旧服务", is_open=False)
    times = [a_slot(town, service, f"2026-11-24 {hour}:00") for hour in ("09", "10")]
    with frozen(MONDAY):
        shown = town.client.get(f"{V1}/services").json
        assert [row["id"] for row in shown["items"]] == [service, other]
        assert [row["id"] for row in town.client.get(f"{V1}/services?kind=circle").json["items"]] == [other]
        assert town.client.get(f"{V1}/services/{service}").json["bring"] == ["身份证"]
        problem(town.client.get(f"{V1}/services/{closed}"), 404, "not_found")
        problem(town.client.get(f"{V1}/services/{closed}/slots?day=2026-11-24"), 404, "not_found")
        day = town.client.get(f"{V1}/services/{service}/slots?day=2026-11-24").json["items"]
        assert [(one["id"], one["free"]) for one in day] == [(times[0], 2), (times[1], 2)]
        assert day[0]["starts"] == "2026-11-24T09:00:00+08:00"
        for empty in ("2026-11-25", "0001-01-01", "9999-12-31"):
            assert town.client.get(f"{V1}/services/{service}/slots?day={empty}").json == {"items": []}
    with frozen("2026-11-24 08:30"):  # inside the lead time of an hour
        day = town.client.get(f"{V1}/services/{service}/slots?day=2026-11-24").json["items"]
        assert [one["free"] for one in day] == [0, 2]


def test_book_see_move_and_cancel(town: Town, ma: Mini) -> None:
    service = a_service(town)
    early, late = (a_slot(town, service, f"2026-11-24 {hour}:00") for hour in ("09", "10"))
    with frozen(MONDAY):
        booked = ma.post("/appointments", slot_id=early, note="腿脚不便")
        assert booked.status_code == 201
        one = booked.json
        assert (one["state"], one["visitor"], one["note"]) == ("confirmed", "马秀兰", "腿脚不便")
        assert (one["slot"]["id"], one["slot"]["free"], one["can_be_changed"]) == (early, 1, True)
        assert ma.get("/appointments").json == {"next": None, "items": [one]}
        moved = ma.post(f"/appointments/{one['id']}/rebook", slot_id=late).json
        assert (moved["number"], moved["slot"]["id"]) == (one["number"], late)
        assert (taken(town, early), taken(town, late)) == (0, 1)
        cancelled = ma.post(f"/appointments/{one['id']}/cancel").json
        assert (cancelled["state"], cancelled["can_be_changed"]) == ("cancelled", False)
        problem(ma.post(f"/appointments/{one['id']}/cancel"), 409, "appointments.not_waiting")
        assert ma.get("/appointments", when="ahead").json["items"] == []
        assert len(ma.get("/appointments").json["items"]) == 1
    with town.reading() as session:
        assert session.get_one(Appointment, one["id"]).channel == "api"


def test_what_the_mini_program_books_the_chat_shows(town: Town, ma: Mini) -> None:
    slot = a_slot(town, a_service(town))
    with frozen(MONDAY):
        code = ma.post("/me/link-codes").json["code"]
        chat = town.phone("马秀兰")
        chat.says("你好", "关联手机", code, "1")
        ma.post("/appointments", slot_id=slot)
        assert "高龄补贴" in chat.says("我的预约")


def test_a_full_time_names_free_ones_in_the_words_of_the_chat(
    town: Town, ma: Mini, platform: RunningPlatform
) -> None:
    service = a_service(town)
    full = a_slot(town, service, "2026-11-24 10:00", seats=1)
    near = [a_slot(town, service, f"2026-11-24 {hour}:00") for hour in ("09", "11")]
    other = Mini(town, platform, "才让卓玛").logs_in().joins("13900000002")
    with frozen(MONDAY):
        other.post("/appointments", slot_id=full)
        body = problem(ma.post("/appointments", slot_id=full), 409, "appointments.slot_full")
        assert [(row["kind"], row["id"]) for row in body["instead"]] == [("slot", near[0]), ("slot", near[1])]
        assert all(row["words"] for row in body["instead"])
        with town.reading() as session:
            words = town.site.house.refusal_words(
                Refusal("appointments.slot_full", slot=session.get_one(Slot, full), instead=near)
            )
        assert body["detail"] == words


def test_what_a_visit_must_know_is_asked_for_by_its_code(town: Town, platform: RunningPlatform) -> None:
    neighbour = Mini(town, platform, "白玉兰").logs_in()
    home = a_service(town, "上门理发", asks_phone=True, home_visit=True)
    slot = a_slot(town, home)
    told: dict[str, str] = {}
    with frozen(MONDAY):
        for code, field, words in (
            ("appointments.needs_name", "name", "白玉兰"),
            ("appointments.needs_phone", "phone", "13900000009"),
            ("appointments.needs_address", "address", "5号楼2单元301"),
        ):
            problem(neighbour.post("/appointments", slot_id=slot, contact=told), 409, code)
            told[field] = words
        assert neighbour.post("/appointments", slot_id=slot, contact=told).status_code == 201


def test_booked_for_somebody_else_it_is_theirs_and_mine_beside_it(town: Town, ma: Mini) -> None:
    slot = a_slot(town, a_service(town))
    mother = {"name": "马福", "phone": "13900000002", "tie": "女儿"}
    with frozen(MONDAY):
        theirs = ma.post("/appointments", slot_id=slot, for_other=mother)
        assert (theirs.status_code, theirs.json["visitor"]) == (201, "马福")
        assert ma.post("/appointments", slot_id=slot).status_code == 201
        for wrong in ({"name": "预约"}, {"phone": "12"}):
            problem(ma.post("/appointments", slot_id=slot, for_other=mother | wrong), 409, "bad_other")
    assert taken(town, slot) == 2


@pytest.mark.parametrize("number", [0, 1, 2**31 - 1])
def test_a_time_that_is_not_there_is_not_found(town: Town, ma: Mini, number: int) -> None:
    answer = ma.post("/appointments", slot_id=number)
    assert answer.status_code == (404 if number else 422)


def test_a_lapsed_licence_hides_the_service(town: Town) -> None:
    service = a_service(town, licensed_until=date(2026, 1, 1))
    with town.reading() as session:
        assert session.get(Service, service) is not None
    assert town.client.get(f"{V1}/services").json["items"] == []
    problem(town.client.get(f"{V1}/services/{service}"), 404, "not_found")
