"""Nobody sees or touches what is somebody else's: every route with an id, asked by a stranger and by nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from app import clock
from handlers.activities.actions import admit
from handlers.teams import actions as teams
from models.activities import ActivitySession
from models.appointments import Appointment
from models.circle_jobs import HomeJob
from models.ratings import RatingToken
from models.strikes import Strike
from models.teams import TeamMember
from models.waiting import SlotWait
from tests.activities.plans import a_session, house
from tests.api.gifts import a_gift
from tests.api.hall import a_service, a_slot
from tests.api.helped import helped_by
from tests.api.minis import V1, Mini, problem
from tests.api.test_certificates import served
from tests.api.test_teams import a_team
from tests.forms.conftest import laid_down
from tests.hall.windows import number_of
from tests.neighbours import Town, frozen
from tests.sandbox.platform_process import RunningPlatform

MONDAY = "2026-11-23 08:30"
PUBLIC = {"notice", "service", "guide", "team", "gift", "slot", "suggestion", "form"}
"""Path arguments that name something that everybody may see."""


def routes(app: Flask) -> Iterator[tuple[Rule, str]]:
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(f"{V1}/"):
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule, method


def test_b14_whoever_has_not_logged_in_gets_nothing_but_what_is_public(town: Town) -> None:
    asked = 0
    for rule, method in routes(town.app):
        path = re.sub(r"<(int:)?[a-z_]+>", "1", rule.rule)
        answer = town.client.open(path, method=method, json={}, headers={"Idempotency-Key": "k"})
        who = town.app.view_functions[rule.endpoint].who_may  # type: ignore[attr-defined]
        if who == "resident":
            problem(answer, 401, "sign_in")
            asked += 1
        else:
            assert who == "everyone"
            assert answer.status_code in (200, 404, 422), (path, answer.text)
    assert asked > 15


@pytest.fixture
def stranger(town: Town, platform: RunningPlatform) -> Mini:
    return Mini(town, platform, "才让卓玛").logs_in().joins("13900000002")


def a_member_who_looks_for_cover(town: Town, ma: Mini) -> tuple[int, int, int]:
    """(standing, search, thanks) of a member of a team."""
    made = a_team(town, ma)

    def unit(session: Session) -> tuple[int, int, int]:
        held, me = session.get_one(ActivitySession, made.shift), ma.person(session)
        admit(house(session), held, me)
        cover = teams.ask_cover(house(session), held, asker=me)
        row = session.scalars(select(TeamMember)).one()
        thanks = teams.thank_member(house(session), row, "下雪那天还来巡院")
        return row.id, cover.id, teams.approve(house(session), thanks, "下雪那天还来巡院").id

    return town.writing(unit)


def a_place_in_line_and_a_miss(town: Town, ma: Mini, number: int) -> dict[str, int]:
    """What somebody waits for, and a visit of theirs to which nobody came."""

    def unit(session: Session) -> dict[str, int]:
        visit, me = session.get_one(Appointment, number), ma.person(session)
        day = visit.slot.starts.date()
        wait = SlotWait(person=me, service=visit.service, first=day, last=day, line=1, channel="api")
        strike = Strike(person=me, kind="hall", appointment=visit, marked_by=1, why_ended="time")
        strike.ended_at = visit.slot.ends
        session.add_all((wait, strike))
        session.flush()
        return {"wait": wait.id, "strike": strike.id}

    return town.writing(unit)


def test_b14_what_belongs_to_somebody_else_is_not_there(
    town: Town, platform: RunningPlatform, ma: Mini, stranger: Mini
) -> None:
    service = a_service(town)
    slots = [a_slot(town, service, f"2026-11-24 {hour}:00") for hour in ("09", "10")]
    hidden = a_session(town, "互助小组", listed=False)
    town.app.extensions["api"]["limits"]["writes"] = 1000  # every route within one frozen minute
    with frozen(MONDAY):
        number = ma.post("/appointments", slot_id=slots[0]).json["id"]
        wish = ma.post("/wishes", text="想要一根拐杖").json["id"]
        matter = ma.post("/matters", text="楼道灯坏了,老人摸黑上楼", kind="报修").json["id"]
        half_filled = ma.post(f"/forms/{laid_down(town)}/begin").json["id"]
        request = ma.post("/time/requests", category="小修", minutes=60, wanted_on="2026-11-24").json["id"]
        hand = (
            Mini(town, platform, "韩世杰")
            .logs_in()
            .joins("13900000003")
            .post(f"/time/requests/{request}/promise")
        )
        membership, cover, thanks = a_member_who_looks_for_cover(town, ma)
        theirs = {
            "membership": membership,
            "cover": cover,
            "thanks": thanks,
            "appointment": number,
            "exchange": request,
            "hand": hand.json["id"],
            "voucher": ma.post(f"/time/gifts/{a_gift(town)}/take").json["id"],
            "session": hidden,
            "wish": wish,
            "matter": matter,
            "visit": to_rate(town, ma),
            "form_draft": half_filled,
            "hours": helped_by(town, ma),
            "certificate": certified(town, ma),
            "ticket": number_of(town, service, ma.person),
            "job": somebody_comes_home(town, ma),
            **a_place_in_line_and_a_miss(town, ma, number),
        }
        bodies: dict[str, dict[str, object]] = {"rebook": {"slot_id": slots[1]}, "thank": {"text": "谢谢您"}}
        bodies |= {"pause": {"first": "2026-11-24", "last": "2026-11-25"}, "show": {"shown": True}}
        bodies["object"] = {"text": "少记了一小时"}
        bodies["dispute"], bodies["passes"] = {"reason": "只修了一半"}, {"code": "1234"}
        bodies["objection"] = bodies["no"] = {"words": "只来了半小时"}
        bodies["words"] = {"text": "您哪天在家方便?"}
        bodies["use"], bodies["say"] = {"number": "204817"}, {"words": "那天我在医院"}
        bodies["<int:visit>"] = {"face": 3}
        bodies["answer"] = {"field": "sex", "words": "女"}
        tried = 0
        for rule, method in routes(town.app):
            if not rule.arguments or rule.arguments <= PUBLIC or rule.arguments == {"purpose"}:
                continue
            (argument,) = rule.arguments
            assert argument in theirs, f"who may see {rule.rule}?"
            path = re.sub(r"<int:[a-z_]+>", str(theirs[argument]), rule.rule).removeprefix(V1)
            body = bodies.get(rule.rule.rpartition("/")[2], {}) if method == "POST" else {}
            asks = {"GET": stranger.get, "POST": stranger.post}[method]
            answer, nothing = asks(path, **body), asks(_missing(path), **body)
            body_of = problem(answer, 404, "not_found")
            assert body_of == problem(nothing, 404, "not_found"), (
                "a stranger must not even learn that it exists"
            )
            tried += 1
        assert tried >= 12
        assert stranger.get("/appointments").json["items"] == []
        assert [one["id"] for one in ma.get("/appointments").json["items"]] == [number]
    assert ma.get("/appointments").json["items"][0]["state"] == "confirmed"


def to_rate(town: Town, visitor: Mini) -> int:
    """The id of a visit that may be rated."""

    def unit(session: Session) -> int:
        facts = {"source": "appointment:1", "subject": "service:1", "title": "高龄补贴", "at": clock.today()}
        row = RatingToken(person=visitor.person(session), until=clock.today(), **facts)
        session.add(row)
        session.flush()
        return row.id

    return town.writing(unit)


def somebody_comes_home(town: Town, whose: Mini) -> int:
    """The id of a job of the circle."""

    def unit(session: Session) -> int:
        job = HomeJob(
            person=whose.person(session), emergency="water", state="desk", due=clock.now(), channel="api"
        )
        session.add(job)
        session.flush()
        return job.id

    return town.writing(unit)


def certified(town: Town, helper: Mini) -> int:
    """The id of a proof that was applied for."""
    served(town, helper)
    number: int = helper.post("/certificates", posting=False).json["id"]
    return number


def _missing(path: str) -> str:
    return re.sub(r"/\d+/", "/987654/", path)


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("/me/join", {"role": "staff"}),
        ("/me/join", {"joined_at": "2020-01-01T00:00:00Z"}),
        ("/appointments", {"person_id": 1}),
        ("/appointments", {"state": "done"}),
        ("/check-ins", {"minutes": 600}),
        ("/check-ins", {"person": 1}),
        ("/me/phone", {"openid": "o1"}),
    ],
)
def test_b15_fields_that_nobody_may_set_are_refused(
    town: Town, ma: Mini, path: str, more: dict[str, object]
) -> None:
    body = problem(ma.post(path, **more), 422, "invalid")
    (name,) = more
    assert {"where": f"body.{name}", "what": "extra_forbidden"} in body["errors"]


def test_b15_no_route_takes_an_openid_or_a_person_from_the_caller(town: Town) -> None:
    described = town.client.get("/api/openapi.json").text
    for word in ("openid", "person_id", "session_key", "identity"):
        assert word not in described
