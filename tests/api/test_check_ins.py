"""Activities and check-ins: sign up, come, go, and the minutes that follow; wrong digits are counted."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.activities import ActivitySession
from models.programmes import Programme
from tests.activities.plans import a_session, digits, taken, token
from tests.activities.test_waiting import with_family
from tests.api.minis import V1, Mini, problem
from tests.neighbours import Town, frozen
from tests.sandbox.platform_process import RunningPlatform

NINE = "2026-11-23 09:00"


def test_sign_up_leave_and_see_what_is_on(town: Town, ma: Mini) -> None:
    with frozen("2026-11-23 08:00"):
        number = a_session(town, capacity=1)
        a_session(town, "互助小组", listed=False)
        (shown,) = town.client.get(f"{V1}/activities").json["items"]
        assert (shown["id"], shown["title"], shown["seats_left"]) == (number, "河道清洁", 1)
        joined = ma.post(f"/sessions/{number}/sign-up").json
        assert (joined["state"], joined["session"]["seats_left"]) == ("joined", 0)
        assert ma.post(f"/sessions/{number}/sign-up").json == joined
        assert [row["id"] for row in ma.get("/me/activities").json["items"]] == [number]
        left = ma.post(f"/sessions/{number}/leave").json
        assert (left["state"], left["session"]["seats_left"]) == ("left", 1)
        assert ma.get("/me/activities").json["items"] == []
    with frozen("2026-11-23 09:30"):
        problem(ma.post(f"/sessions/{number}/sign-up"), 409, "activities.is_over")


def test_a_full_session_names_another(town: Town, ma: Mini, platform: RunningPlatform) -> None:
    other = Mini(town, platform, "才让卓玛").logs_in()
    with frozen("2026-11-23 08:00"):
        number, free = a_session(town, capacity=1), a_session(town, "合唱", "2026-11-24 09:00")
        other.post(f"/sessions/{number}/sign-up")
        body = problem(ma.post(f"/sessions/{number}/sign-up"), 409, "activities.full")
        assert [(row["kind"], row["id"]) for row in body["instead"]] == [("activity_session", free)]


def test_a_family_joins_waits_and_claims(town: Town, ma: Mini, platform: RunningPlatform) -> None:
    other = Mini(town, platform, "才让卓玛").logs_in()
    with frozen("2026-11-20 08:00"):
        number = with_family(town, a_session(town, capacity=2))
        son = {"name": "小明", "child": True}
        whole = ma.get(f"/sessions/{number}").json
        assert (whole["family"], whole["groups"], whole["questions"]) == (True, [], [])
        joined = ma.post(f"/sessions/{number}/join", family=[son]).json
        assert (joined["state"], joined["size"], joined["session"]["seats_left"]) == ("joined", 2, 0)
        problem(other.post(f"/sessions/{number}/claim"), 409, "activities.no_offer")
        problem(other.post(f"/sessions/{number}/join", family=[son] * 2), 409, "activities.full")
        waits = other.post(f"/sessions/{number}/wait").json
        assert (waits["state"], waits["place_in_line"]) == ("waiting", 1)
        ma.post(f"/sessions/{number}/leave")
        (kept,) = other.get("/me/places").json["items"]
        assert (kept["state"], kept["offered_until"]) == ("offered", "2026-11-20T20:00:00+08:00")
        assert other.post(f"/sessions/{number}/claim").json["state"] == "joined"


def test_in_and_out_by_digits_and_by_the_link(town: Town, ma: Mini) -> None:
    with frozen(NINE) as moved:
        number = a_session(town)
        came = ma.post("/check-ins", session=number, digits=digits(town, number), nonce="n1")
        assert came.status_code == 200
        assert (came.json["kind"], came.json["walked_in"]) == ("in", True)
        moved.shift(90 * 60)
        went = ma.post("/check-ins", session=number, token=token(town, number), nonce="n2").json
        assert (went["kind"], went["stay"]["minutes"], went["stay"]["title"]) == ("out", 90, "河道清洁")
        total = ma.get("/me/minutes").json
        assert (total["total"], [row["minutes"] for row in total["items"]]) == (90, [90])
        assert taken(town, number) == 1


def test_one_scan_sent_twice_by_two_calls_is_one_scan(town: Town, ma: Mini) -> None:
    with frozen(NINE):
        number = a_session(town)
        body = {"session": number, "digits": digits(town, number), "nonce": "n1"}
        first, again = ma.post("/check-ins", **body), ma.post("/check-ins", **body)
        assert (first.json["kind"], again.json["stay"]) == ("in", first.json["stay"])
        assert ma.get("/me/minutes").json["items"] == [first.json["stay"]]


def test_b28_the_devices_clock_is_believed_within_reason(town: Town, ma: Mini) -> None:
    with frozen(NINE):
        number = a_session(town)
        for nonce, claimed, shown in (
            ("a", "2026-11-23T08:59:30+08:00", "2026-11-23T08:59:30+08:00"),
            ("b", "0001-01-01T00:00:00+14:00", None),
            ("c", "9999-12-31T23:59:59-12:00", None),
        ):
            body = {"session": number, "digits": digits(town, number), "nonce": nonce}
            answer = ma.post("/check-ins", **body, occurred_at=claimed)
            assert answer.status_code == 200, answer.text
            if shown:
                assert answer.json["stay"]["came_at"] == shown


def test_b19_five_wrong_digits_and_no_sixth_try(town: Town, ma: Mini) -> None:
    with frozen(NINE):
        number = a_session(town)
        right = digits(town, number)
        wrong = f"{(int(right) + 1) % 10000:04}"
        for _ in range(4):
            problem(
                ma.post("/check-ins", session=number, digits=wrong, nonce="n"), 409, "volunteers.wrong_digits"
            )
        for guess in (wrong, right):
            answer = ma.post("/check-ins", session=number, digits=guess, nonce="n")
            problem(answer, 409, "volunteers.too_many_tries")
        assert ma.get("/me/minutes").json["items"] == []


def test_a_repeat_of_a_wrong_try_is_not_another_try(town: Town, ma: Mini) -> None:
    with frozen(NINE):
        number = a_session(town)
        wrong = f"{(int(digits(town, number)) + 1) % 10000:04}"
        answers = [
            ma.post("/check-ins", key="same", session=number, digits=wrong, nonce="n") for _ in range(8)
        ]
        assert len({answer.data for answer in answers}) == 1
        assert (
            ma.post("/check-ins", session=number, digits=digits(town, number), nonce="n").status_code == 200
        )


def test_b26_a_photograph_of_the_screen_is_worth_nothing_a_minute_later(town: Town, ma: Mini) -> None:
    with frozen(NINE) as moved:
        number = a_session(town)
        seen = {"digits": digits(town, number)}, {"token": token(town, number)}
        moved.shift(90)
        for proof in seen:
            answer = ma.post("/check-ins", session=number, nonce="n", **proof)
            problem(answer, 409, "volunteers.code_expired")


def test_exactly_one_proof_is_needed(town: Town, ma: Mini) -> None:
    for body in ({}, {"digits": "1234", "token": "1.x"}, {"digits": "12345"}, {"digits": "１２３４"}):
        problem(ma.post("/check-ins", session=1, nonce="n", **body), 422, "invalid")


def test_programmes_are_told_as_in_the_chat(town: Town) -> None:
    town.seed("programmes")
    shown = town.client.get(f"{V1}/programmes").json["items"]
    names = [one["name"] for one in shown]
    assert "幸福心愿站" in names
    assert all(one["sentence"] for one in shown)
    with town.reading() as session:
        hidden = session.scalars(select(Programme.name).where(Programme.listed.is_(False))).all()
    assert not set(hidden) & set(names)


def test_a_leader_redeems_what_a_volunteer_holds_out(town: Town, ma: Mini, platform: RunningPlatform) -> None:
    leader = Mini(town, platform, "张河长").logs_in()
    with frozen("2026-11-23 08:40") as moved:
        number = a_session(town)
        makes_leader(town, number, leader)
        ma.post(f"/sessions/{number}/sign-up")
        (mine,) = ma.get("/me/passes").json["items"]
        assert mine["mine"] is True
        (today,) = mine["today"]
        assert today["session"] == number
        path = f"/sessions/{number}/passes"
        problem(ma.post(path, code=mine["code"]), 404, "not_found")
        problem(leader.post(path, code="/h5/pass/AAAA"), 409, "volunteers.pass_unknown")
        came = leader.post(path, code=mine["code"]).json
        assert (came["kind"], came["walked_in"]) == ("in", False)
        moved.shift(3600)
        assert leader.post(path, code=today["digits"]).json["kind"] == "out"
        problem(leader.post(path, code=mine["code"], nonce="x"), 422, "invalid")
        other = Mini(town, platform, "才让卓玛").logs_in()
        theirs = other.get("/me/passes").json["items"][0]["code"]
        problem(leader.post(path, code=theirs), 409, "volunteers.not_signed_up")
        assert leader.post(path, code=theirs, admit=True).json["walked_in"] is True


def makes_leader(town: Town, number: int, leader: Mini) -> None:
    def unit(session: Session) -> None:
        session.get_one(ActivitySession, number).activity.leader = leader.person(session)

    town.writing(unit)


def test_b26_a_photo_is_refused_after_sixty_seconds_at_every_step(town: Town, ma: Mini) -> None:
    for hour, second in ((9, 0), (14, 29)):
        with frozen(f"2026-11-23 {hour:02}:00:{second:02}") as moved:
            number = a_session(town, f"活动{hour}", f"2026-11-23 {hour:02}:00")
            photo = ({"token": token(town, number)}, {"digits": digits(town, number)})
            moved.shift(60)
            for way, proof in enumerate(photo):
                answer = ma.post("/check-ins", session=number, nonce=f"n{hour}.{way}", **proof)
                problem(answer, 409, "volunteers.code_expired")


def test_b27_place_and_device_are_told_by_choice(town: Town, ma: Mini) -> None:
    with frozen(NINE):
        number = a_session(town)
        placed(town, number)
        body = {"session": number, "token": token(town, number), "device": "d" * 20}
        far = {"lat": 36.7, "lng": 101.78, "accuracy": 20}
        assert ma.post("/check-ins", nonce="n0", **body, place=far | {"lat": 91}).status_code == 422
        assert ma.post("/check-ins", nonce="n1", **body, place=far).json["far"] is True
        again = ma.post("/check-ins", nonce="n2", **body | {"device": "e" * 20})
        problem(again, 409, "volunteers.other_device")


def placed(town: Town, number: int) -> None:
    def unit(session: Session) -> None:
        activity = session.get_one(ActivitySession, number).activity
        activity.lat, activity.lng = 36.6232, 101.7804

    town.writing(unit)
