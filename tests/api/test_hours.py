"""Hours for the mini-program: how each record stands, an objection, and whether somebody was helped."""

from __future__ import annotations

from sqlalchemy.orm import Session

from handlers.hours import actions
from models.hours import ServiceHours
from tests.api.helped import helped_by
from tests.api.minis import Mini, problem
from tests.hours.shifts import desk
from tests.neighbours import Town, frozen
from tests.sandbox.platform_process import RunningPlatform


def test_how_a_record_stands_and_an_objection(town: Town, ma: Mini) -> None:
    with frozen("2026-11-23 12:00"):
        number = helped_by(town, ma)
        town.writing(
            lambda session: actions.confirm(desk(session), session.get_one(ServiceHours, number)) and None
        )
        mine = ma.get("/me/hours").json
        assert mine["totals"] == {"provisional": 0, "confirmed": 120, "disputed": 0, "posted": 0}
        (row,) = mine["items"]
        assert (row["state"], row["posts_at"]) == ("confirmed", "2026-11-26T12:00:00+08:00")
        problem(ma.post(f"/me/hours/{number}/objection", words="少了"), 409, "hours.reason_needed")
        assert ma.post(f"/me/hours/{number}/objection", words="我做到三点才走").json["state"] == "disputed"
        assert ma.post(f"/me/hours/{number}/objection/take-back").json["state"] == "provisional"
        problem(ma.post(f"/me/hours/{number}/objection/take-back"), 409, "hours.not_now")


def test_who_was_helped_is_asked_and_nobody_else(town: Town, ma: Mini, platform: RunningPlatform) -> None:
    served = Mini(town, platform, "冶生兰").logs_in().joins("13900000009")
    with frozen("2026-11-23 12:00"):
        number = helped_by(town, ma)

        def unit(session: Session) -> None:
            row = session.get_one(ServiceHours, number)
            actions.name_served(desk(session), row, served.person(session))
            actions.confirm(desk(session), row)

        town.writing(unit)
        assert ma.get("/me/helped").json["items"] == []
        (asked,) = served.get("/me/helped").json["items"]
        assert (asked["helper"], asked["what"], asked["minutes"]) == (ma.name, "修水管", 120)
        problem(ma.post(f"/me/helped/{number}/yes"), 404, "not_found")
        assert served.post(f"/me/helped/{number}/yes").json["items"] == []
        assert ma.get("/me/hours").json["items"][0]["state"] == "confirmed"
