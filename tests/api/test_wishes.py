"""Wishes: said here, reviewed by the staff, promised by another; two who promise at once get one promise."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from handlers.wishes import actions
from models.identity import Actor
from models.staff import StaffMember
from models.wishes import Claim, Wish
from tests.api.minis import V1, Mini, problem
from tests.neighbours import Town
from tests.sandbox.platform_process import RunningPlatform


def publish(town: Town, number: int, words: str = "一位老人想要一根拐杖") -> None:
    def unit(session) -> None:  # type: ignore[no-untyped-def]
        clerk = session.scalar(select(StaffMember).limit(1)) or StaffMember(
            login="li", name="李红", roles=["desk"]
        )
        session.add(clerk)
        session.flush()
        actions.review(Actor(session, staff=clerk, channel="console"), session.get_one(Wish, number), words)

    town.writing(unit)


@pytest.fixture
def han(town: Town, platform: RunningPlatform) -> Mini:
    """Who fulfils."""
    return Mini(town, platform, "韩世杰").logs_in().joins("13900000002")


def test_the_whole_way_of_a_wish(town: Town, ma: Mini, han: Mini) -> None:
    said = ma.post("/wishes", text="我叫马秀兰,想要一根拐杖", category="生活用品")
    assert said.status_code == 201
    number = said.json["id"]
    assert (said.json["state"], said.json["public_text"]) == ("said", None)
    assert town.client.get(f"{V1}/wishes").json["items"] == []
    publish(town, number)
    (card,) = town.client.get(f"{V1}/wishes").json["items"]
    assert card == {
        "id": number, "public_text": "一位老人想要一根拐杖", "category": "生活用品", "state": "public"
    }  # fmt: skip
    promised = han.post(f"/wishes/{number}/claim")
    assert (promised.status_code, promised.json["state"]) == (201, "open")
    assert han.post(f"/wishes/{number}/renew").json["can_be_renewed"] is False
    problem(han.post(f"/wishes/{number}/renew"), 409, "wishes.no_more_renewals")
    assert han.post(f"/wishes/{number}/done").json["state"] == "done"
    assert ma.post(f"/wishes/{number}/not-yet").json["state"] == "claimed"
    han.post(f"/wishes/{number}/done")
    assert ma.post(f"/wishes/{number}/confirm").json["state"] == "confirmed"
    assert ma.post(f"/wishes/{number}/thank", text="谢谢您").json["thanks_state"] == "waiting"
    assert [row["wish"]["id"] for row in han.get("/wishes/promised").json["items"]] == [number]
    assert [row["id"] for row in ma.get("/wishes/mine").json["items"]] == [number]
    assert ma.get("/wishes/promised").json["items"] == []


def test_what_is_given_back_is_there_for_others_again(town: Town, ma: Mini, han: Mini) -> None:
    number = ma.post("/wishes", text="想要一根拐杖").json["id"]
    publish(town, number)
    han.post(f"/wishes/{number}/claim")
    assert han.post(f"/wishes/{number}/give-back").json["state"] == "returned"
    problem(han.post(f"/wishes/{number}/done"), 409, "wishes.claim_over")
    assert [row["id"] for row in town.client.get(f"{V1}/wishes").json["items"]] == [number]
    assert han.post(f"/wishes/{number}/claim").status_code == 201


def test_the_rules_of_the_chat_hold_here_too(town: Town, ma: Mini, han: Mini) -> None:
    problem(ma.post("/wishes", text="拐杖"), 409, "wishes.too_short")
    problem(ma.post("/wishes", text="要" * 101), 409, "wishes.too_long")
    problem(ma.post("/wishes", text="要" * 201), 422, "invalid")
    problem(ma.post("/wishes", text="想要一根拐杖", category="房子"), 422, "invalid")
    numbers = [ma.post("/wishes", text="想要一根拐杖").json["id"] for _ in range(3)]
    problem(ma.post("/wishes", text="想要一根拐杖"), 409, "wishes.too_many")
    for number in numbers:
        publish(town, number)
    problem(ma.post(f"/wishes/{numbers[0]}/claim"), 409, "wishes.own_wish")
    for number in numbers[:2]:
        assert han.post(f"/wishes/{number}/claim").status_code == 201
    problem(han.post(f"/wishes/{numbers[2]}/claim"), 409, "wishes.too_many_claims")
    problem(ma.post(f"/wishes/{numbers[2]}/confirm"), 409, "wishes.not_now")


def test_said_for_a_neighbour_it_does_not_count_as_mine(town: Town, ma: Mini) -> None:
    other = {"name": "马福", "tie": "邻居"}
    theirs = ma.post("/wishes", text="想要一根拐杖", for_other=other).json
    assert (theirs["for_other"], theirs["helped_name"]) == (True, "马福")


def test_nobody_learns_of_a_wish_before_it_is_public(town: Town, ma: Mini, han: Mini) -> None:
    number = ma.post("/wishes", text="想要一根拐杖").json["id"]
    for step in ("claim", "renew", "give-back", "done", "confirm", "not-yet", "withdraw"):
        assert problem(han.post(f"/wishes/{number}/{step}"), 404, "not_found") == problem(
            han.post(f"/wishes/987654/{step}"), 404, "not_found"
        ), step
    problem(han.post(f"/wishes/{number}/thank", text="谢谢您"), 404, "not_found")
    publish(town, number)
    for step in ("renew", "give-back", "done", "confirm", "not-yet", "withdraw"):
        problem(han.post(f"/wishes/{number}/{step}"), 404, "not_found")
    assert ma.post(f"/wishes/{number}/withdraw").json["state"] == "withdrawn"
    problem(han.post(f"/wishes/{number}/claim"), 404, "not_found")


def test_ten_who_promise_at_once_get_one_promise(both_towns: Town, platform: RunningPlatform) -> None:
    ma = Mini(both_towns, platform, "马秀兰").logs_in().joins()
    number = ma.post("/wishes", text="想要一根拐杖").json["id"]
    publish(both_towns, number)
    helpers = [Mini(both_towns, platform, f"韩{sign}").logs_in() for sign in "一二三四五六七八九十"]
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda one: one.insists(f"/wishes/{number}/claim"), helpers))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 9
    with both_towns.reading() as session:
        assert len(session.scalars(select(Claim)).all()) == 1


def test_a_cry_for_help_is_no_wish(town: Town, ma: Mini) -> None:
    answer = ma.post("/wishes", text="我不想活了,想安静地走")
    assert (answer.status_code, answer.json["code"].partition(".")[0]) == (409, "care")
    assert ma.get("/wishes/mine").json["items"] == []
