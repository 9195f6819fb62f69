"""上门 for programs: ordered, seen, taken back, confirmed and opened again as the chat and the pages do."""

from __future__ import annotations

from typing import Any

import pytest

from handlers.circle import actions, visiting
from models.circle_jobs import HomeJob
from tests.api.minis import V1, Mini, problem
from tests.circle.conftest import a_provider, a_service, house, sound
from tests.neighbours import Town, frozen
from tests.races import at_once
from tests.sandbox.platform_process import RunningPlatform

THURSDAY = "2026-11-26 09:00"
TOMORROW = "2026-11-27 am"
DOOR = "5号楼2单元301"


@pytest.fixture
def repair(town: Town) -> int:
    with frozen(THURSDAY):
        number = a_service(town)
        a_provider(town, does=(number,))
    return number


def orders(mini: Mini, service: int, **more: Any) -> Any:
    return mini.insists("/circle/jobs", service_id=service, half=TOMORROW, address=DOOR, **more)


def test_what_comes_to_the_door_and_when_is_for_everybody(town: Town, repair: int) -> None:
    with frozen(THURSDAY):
        (shown,) = town.client.get(f"{V1}/circle/home-services").json["items"]
        assert (shown["service_id"], shown["name"], shown["minutes"]) == (repair, "水电维修", 60)
        halves = town.client.get(f"{V1}/circle/home-services/{repair}/halves").json["items"]
        assert halves[:2] == ["2026-11-26 am", "2026-11-26 pm"]
        nowhere = a_service(town, "理发")
        problem(town.client.get(f"{V1}/circle/home-services/{nowhere}/halves"), 404, "not_found")


def test_order_see_confirm_and_open_again(town: Town, ma: Mini, repair: int) -> None:
    with frozen(THURSDAY):
        made = orders(ma, repair, note="厨房漏水")
        assert made.status_code == 201
        job = made.json
        assert (job["state"], job["visitor"], job["address"]) == ("offered", "马秀兰", DOOR)
        assert job["provider"] is None
        town.writing(lambda s: actions.accept(house(s), s.get_one(HomeJob, job["id"])) and None)
        accepted = ma.get(f"/circle/jobs/{job['id']}").json
        assert (accepted["state"], accepted["provider"]) == ("accepted", "李师傅")
        problem(ma.post(f"/circle/jobs/{job['id']}/confirm"), 409, "circle.not_now")
        town.writing(lambda s: visiting.finish(house(s), s.get_one(HomeJob, job["id"]), "换了垫圈") and None)
        assert ma.post(f"/circle/jobs/{job['id']}/confirm").json["state"] == "closed"
        again = ma.post(f"/circle/jobs/{job['id']}/reopen").json
        assert (again["number"], again["state"]) == (job["number"], "offered")
        assert ma.post(f"/circle/jobs/{job['id']}/take-back").json["state"] == "cancelled"
        assert [one["id"] for one in ma.get("/circle/jobs").json["items"]] == [job["id"]]
    assert sound(town) == []


def test_a_call_that_is_repeated_orders_once(town: Town, ma: Mini, repair: int) -> None:
    with frozen(THURSDAY):
        first, again = (orders(ma, repair, key="once") for _ in range(2))
        assert first.json == again.json
        assert len(ma.get("/circle/jobs").json["items"]) == 1


def test_what_is_missing_or_cannot_be_is_refused(town: Town, ma: Mini, repair: int) -> None:
    with frozen(THURSDAY):
        problem(ma.post("/circle/jobs", service_id=repair, half=TOMORROW), 409, "circle.needs_address")
        over = {"service_id": repair, "address": DOOR}
        problem(ma.post("/circle/jobs", half="2026-02-30 am", **over), 409, "circle.not_that_half")
        problem(ma.post("/circle/jobs", half="2026-11-25 am", **over), 409, "circle.nobody_then")
        other = {"name": "马兰阿娘", "phone": "13900000009", "tie": "母亲"}
        assert orders(ma, repair, for_other=other).json["visitor"] == "马兰阿娘"


def test_the_last_hour_of_one_provider_goes_to_one(town: Town, ma: Mini, platform: RunningPlatform) -> None:
    with frozen(THURSDAY):
        number = a_service(town, minutes=180)
        a_provider(town, does=(number,), most_a_day=1)
        names = ("才让卓玛", "韩世杰", "祁生华")
        minis = [Mini(town, platform, name).logs_in().joins(f"1390000001{n}") for n, name in enumerate(names)]
        answers = at_once([lambda mini=mini: orders(mini, number) for mini in minis])
        assert sorted(one.status_code for one in answers) == [201, 409, 409]
    assert sound(town) == []
