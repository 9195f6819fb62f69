"""Ratings and suggestions over the API: once a visit, nobody learns who; a suggestion has a number at once."""

from __future__ import annotations

from sqlalchemy import select

from models.ratings import Rating
from tests.api.minis import V1, Mini, problem
from tests.api.test_strangers import to_rate
from tests.neighbours import Town, frozen
from tests.ratings.test_suggestions import answered, public
from tests.staff.clerks import hire


def test_a_visit_is_rated_once_and_nobody_learns_who(town: Town, ma: Mini) -> None:
    with frozen("2026-11-23 08:30"):
        number = to_rate(town, ma)
        assert [one["title"] for one in ma.get("/ratings").json["items"]] == ["高龄补贴"]
        assert ma.post(f"/ratings/{number}", face=3, text="很好").json == {"rated": True}
        problem(ma.post(f"/ratings/{number}", face=1), 409, "ratings.used")
        assert ma.get("/ratings").json["items"] == []
    with town.reading() as session:
        row = session.scalars(select(Rating)).one()
        assert (row.face, row.person_id) == (3, None)


def test_a_suggestion_has_a_number_and_is_agreed_with_once_it_is_public(town: Town, ma: Mini) -> None:
    with frozen("2026-11-23 08:30"):
        made = ma.post("/suggestions", text="小区门口放一条长凳").json
        assert len(made["receipt"]) == 7
        assert made["due"] == "2026-12-07"
        assert town.client.get(f"{V1}/suggestions").json["items"] == []
        problem(ma.post("/suggestions/1/echo"), 404, "not_found")
        one, other = (hire(town, "desk", login=login) for login in ("first", "second"))
        answered(town, one, made["matter_id"])
        shown = public(town, one, other, made["matter_id"])
        (card,) = town.client.get(f"{V1}/suggestions").json["items"]
        assert (card["id"], card["echoes"]) == (shown, 0)
        for _ in range(2):
            assert ma.post(f"/suggestions/{shown}/echo").json["echoes"] == 1
