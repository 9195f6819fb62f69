"""Numbers of the hall for programs: how the services stand, a number, where it was called, given back."""

from __future__ import annotations

from tests.api.minis import Mini, problem
from tests.appointments.desk import MONDAY, slot_at
from tests.hall.windows import calls, hall, sits, walk_in
from tests.neighbours import Town, frozen
from tests.sandbox.platform_process import RunningPlatform


def test_programs_take_show_and_give_back_numbers(sqlite_town: Town, platform: RunningPlatform) -> None:
    town = sqlite_town
    with frozen("2026-11-23 09:15"):
        service = hall(town)[0]
        walk_in(town, service)
        ma = Mini(town, platform, "马秀兰").logs_in().joins("13900001234")
        shown = ma.get("/hall/services").json["items"]
        assert [(one["name"], one["waiting"], one["gives_numbers"]) for one in shown] == [("老年证", 1, True)]
        made = ma.post("/hall/numbers", service_id=service)
        assert made.status_code == 201
        assert (made.json["number"], made.json["before"], made.json["state"]) == (2, 1, "waiting")
        problem(ma.post("/hall/numbers", service_id=service), 409, "hall.has_number")
        sits(town)
        calls(town)
        calls(town)
        assert [one["window"] for one in ma.get("/hall/numbers").json["items"]] == ["2号窗口"]
        problem(ma.post(f"/hall/numbers/{made.json['id']}/come-back"), 409, "hall.not_aside")
        assert ma.post(f"/hall/numbers/{made.json['id']}/give-back").json["state"] == "left"
        assert ma.get("/hall/numbers").json["items"] == []


def test_programs_say_that_a_booked_visit_is_here(sqlite_town: Town, platform: RunningPlatform) -> None:
    town = sqlite_town
    with frozen("2026-11-23 08:30"):
        hall(town)
        ma = Mini(town, platform, "马秀兰").logs_in().joins("13900001234")
        stranger = Mini(town, platform, "路人").logs_in().joins("13900001235")
        with town.reading() as session:
            slot = slot_at(session, MONDAY, "10:00").id
        number = ma.post("/appointments", slot_id=slot).json["id"]
        problem(stranger.post("/hall/arrivals", appointment_id=number), 404, "not_found")
        here = ma.post("/hall/arrivals", appointment_id=number)
        assert here.status_code == 201
        assert (here.json["number"], here.json["booked"]) == (1, True)
        assert ma.post("/hall/arrivals", appointment_id=number).json["id"] == here.json["id"]
