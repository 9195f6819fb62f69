"""The time bank for the mini-program: hours, a request from the asking to the paying, keys that make twice once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from app import clock
from handlers.ledger import actions
from models.identity import Actor
from tests.api.minis import Mini, problem
from tests.neighbours import Town, frozen
from tests.sandbox.platform_process import RunningPlatform

MONDAY = "2026-11-23 08:30"


@pytest.fixture
def two(sqlite_town: Town, platform: RunningPlatform) -> Iterator[tuple[Mini, Mini]]:
    made = [
        Mini(sqlite_town, platform, name).logs_in().joins(phone)
        for name, phone in (("马秀兰", "13900000001"), ("韩世杰", "13900000002"))
    ]
    with frozen(MONDAY):
        yield made[0], made[1]


def test_hours_from_the_asking_to_the_paying(two: tuple[Mini, Mini]) -> None:
    ma, han = two
    assert ma.get("/time").json == {"balance": 0, "held": 0, "free": 240, "points": 0.0}
    asked = {"category": "小修", "minutes": 90, "wanted_on": "2026-11-24", "text": "水龙头漏水"}
    number = ma.post("/time/requests", key="k1", **asked).json["id"]
    assert ma.post("/time/requests", key="k1", **asked).json["id"] == number
    assert ma.get("/time").json["held"] == 90
    (shown,) = han.get("/time/requests").json["items"]
    assert "text" not in shown
    problem(ma.post(f"/time/requests/{number}/promise"), 409, "ledger.own_request")
    hand = han.post(f"/time/requests/{number}/promise").json["id"]
    assert han.post(f"/time/promises/{hand}/contact").json == {"asker": None, "text": None}
    problem(han.post(f"/time/promises/{hand}/done"), 409, "ledger.not_agreed")
    assert ma.post(f"/time/requests/{number}/helpers").json["items"] == []
    (seen,) = ma.post(f"/time/requests/{number}/candidates").json["items"]
    assert seen == {"hand": hand, "name": "韩世杰", "area": "", "known": False}
    assert ma.post(f"/time/candidates/{hand}/agree").json["state"] == "matched"
    told = han.post(f"/time/promises/{hand}/contact").json
    assert (told["asker"]["phone"], told["text"]) == ("13900000001", "水龙头漏水")
    assert ma.post(f"/time/requests/{number}/helpers").json["items"][0]["phone"] == "13900000002"
    assert han.post(f"/time/promises/{hand}/done").json["state"] == "done"
    assert ma.post(f"/time/requests/{number}/confirm").json["state"] == "paid"
    assert han.get("/time").json["balance"] == 90
    assert [one["minutes"] for one in han.get("/time/entries").json["items"]] == [90]
    problem(ma.post(f"/time/requests/{number}/cancel"), 409, "ledger.not_now")


def test_what_does_not_fit_is_refused_in_words(two: tuple[Mini, Mini]) -> None:
    ma, _ = two
    asked = {"category": "小修", "wanted_on": "2026-11-24"}
    for minutes in (-60, 0, 7, 481, 1e309, "60"):
        assert ma.post("/time/requests", minutes=minutes, **asked).status_code in (400, 422)
    problem(ma.post("/time/requests", minutes=300, **asked), 409, "ledger.short")


def test_what_a_partner_gives_is_taken_used_and_given_back(two: tuple[Mini, Mini]) -> None:
    ma, han = two

    def unit(session: Session) -> str:
        house = Actor(session, channel="job")
        partner = actions.open_named(house, "organisation", "光明影院")
        actions.make_offer(house, partner, actions.Gift("电影票1张", 2, 60, clock.today()))
        return actions.new_partner_number(house, partner)

    number = ma.town.writing(unit)
    (gift,) = ma.get("/time/gifts").json["items"]
    assert (gift["title"], gift["left"], gift["minutes"]) == ("电影票1张", 2, 60)
    taken = ma.post(f"/time/gifts/{gift['id']}/take", key="g1").json
    assert ma.post(f"/time/gifts/{gift['id']}/take", key="g1").json["id"] == taken["id"]
    assert ma.get("/time").json["held"] == 60
    assert len(ma.get("/time/vouchers").json["items"][0]["code"]) == 10
    wrong = "000000" if number != "000000" else "111111"
    path = f"/time/vouchers/{taken['id']}"
    assert ma.post(f"{path}/use", number=wrong).json["right"] is False
    assert ma.post(f"{path}/use", number=number).json["voucher"]["state"] == "used"
    problem(ma.post(f"{path}/return"), 409, "ledger.voucher_over")
    other = han.post(f"/time/gifts/{gift['id']}/take").json["id"]
    assert han.post(f"/time/vouchers/{other}/return").json["state"] == "returned"
    assert (ma.get("/time").json["balance"], han.get("/time").json["held"]) == (-60, 0)
