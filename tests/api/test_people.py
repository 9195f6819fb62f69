"""One's own record: join, see, correct, agree and take it back, a copy, deletion, and two records made one."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from models.api_session import ApiSession
from models.audit import AuditLine
from models.base import Base
from models.idempotency import Idempotency
from models.identity import Identity, Person
from models.places import Grid, Place
from tests.api.minis import Mini, problem
from tests.neighbours import Town
from tests.sandbox.platform_process import RunningPlatform


def a_building(town: Town) -> dict[str, int]:
    def unit(session) -> dict[str, int]:  # type: ignore[no-untyped-def]
        committee = Place(kind="committee", name="互助中路社区居委会")
        estate = Place(kind="estate", name="东府佳苑", parent=committee)
        building = Place(
            kind="building", name="3号楼", parent=estate, own_grid=Grid(name="一", worker="李红")
        )
        session.add(building)
        session.flush()
        return {"committee": committee.id, "estate": estate.id, "building": building.id}

    return town.writing(unit)


def test_join_with_a_place_found_step_by_step_and_see_it(town: Town, platform: RunningPlatform) -> None:
    places = a_building(town)
    neighbour = Mini(town, platform, "白玉兰").logs_in()
    (committee,) = neighbour.get("/places").json["items"]
    (estate,) = neighbour.get("/places", inside=committee["id"]).json["items"]
    (building,) = neighbour.get("/places", inside=estate["id"]).json["items"]
    assert building == {
        "id": places["building"], "kind": "building", "name": "3号楼", "full_name": "东府佳苑3号楼"
    }  # fmt: skip
    agreed = [{"purpose": "service", "version": 1}, {"purpose": "notices", "version": 1}]
    facts = {"name": "白玉兰", "phone": "139 0000 0001", "place_id": building["id"], "consents": agreed}
    joined = neighbour.post("/me/join", **facts).json
    assert (joined["joined"], joined["phone"], joined["place"]) == (True, "13900000001", building)
    assert joined["joined_at"].endswith("+08:00")
    assert neighbour.get("/me").json == joined
    given = {one["purpose"]: one["given"] for one in neighbour.get("/me/consents").json["items"]}
    assert given == {"service": True, "notices": True, "volunteer": False}


def test_joining_stands_on_a_consent_to_the_words_of_today(town: Town, platform: RunningPlatform) -> None:
    neighbour = Mini(town, platform, "白玉兰").logs_in()
    facts = {"name": "白玉兰", "phone": "13900000001"}
    notices, old = [{"purpose": "notices", "version": 1}], [{"purpose": "service", "version": 2}]
    problem(neighbour.post("/me/join", **facts, consents=notices), 409, "people.service_needed")
    problem(neighbour.post("/me/join", **facts, consents=old), 409, "other_version")
    problem(neighbour.post("/me/join", **facts, consents=[]), 422, "invalid")
    problem(neighbour.post("/me/join", **facts), 422, "invalid")
    agreed = [{"purpose": "service", "version": 1}]
    problem(neighbour.post("/me/join", **facts, place_id=99, consents=agreed), 404, "not_found")
    problem(neighbour.post("/me/join", name="预约", phone="1390", consents=agreed), 409, "people.bad_name")
    assert neighbour.get("/me").json["joined"] is False
    with town.reading() as session:
        assert neighbour.person(session).name is None


def test_correct_one_thing_and_leave_the_others(town: Town, ma: Mini) -> None:
    places = a_building(town)
    assert ma.patch("/me", name="马秀英").json["name"] == "马秀英"
    assert ma.patch("/me", phone="13900000005", place_id=places["building"]).json["phone"] == "13900000005"
    after = ma.patch("/me", place_id=None).json
    assert (after["name"], after["phone"], after["place"]) == ("马秀英", "13900000005", None)
    problem(ma.patch("/me", name="马秀兰", phone="12"), 409, "people.bad_phone")
    assert ma.get("/me").json["name"] == "马秀英"
    problem(ma.patch("/me", name=None), 422, "invalid")


@pytest.mark.parametrize(
    "smuggled",
    [{"role": "admin"}, {"roles": ["admin"]}, {"status": "approved"}, {"points": 100}, {"openid": "o1"}, {"approved_by": 1}, {"id": 1}, {"person_id": 1}],
)  # fmt: skip
def test_b15_fields_that_are_not_ones_own_to_set_are_refused(ma: Mini, smuggled: dict[str, object]) -> None:
    problem(ma.patch("/me", name="马秀英", **smuggled), 422, "invalid")
    assert ma.get("/me").json["name"] != "马秀英", "nothing of it is done"


def test_who_has_not_joined_has_nothing_to_correct(town: Town, platform: RunningPlatform) -> None:
    problem(Mini(town, platform, "白玉兰").logs_in().patch("/me", name="马秀英"), 409, "people.not_joined")


def test_a_consent_is_taken_back_as_easily_as_given(ma: Mini) -> None:
    given = ma.post("/me/consents", purpose="volunteer", version=1).json["items"]
    assert [one["given"] for one in given] == [True, False, True]
    back = ma.post("/me/consents/volunteer/withdraw").json["items"]
    assert [one["given"] for one in back] == [True, False, False]
    problem(ma.post("/me/consents/everything/withdraw"), 404, "not_found")
    problem(ma.post("/me/consents", purpose="volunteer", version=2), 409, "other_version")


def test_a_copy_of_everything_leaves_a_line_that_it_was_taken(town: Town, ma: Mini) -> None:
    kept = ma.get("/me/export").json["kept"]
    assert kept["登记信息"]["姓名"] == "马秀兰"
    with town.reading() as session:
        line = session.scalars(select(AuditLine).where(AuditLine.action == "people.export")).one()
        assert (line.actor, line.channel) == (f"person:{ma.person(session).id}", "api")


def test_deleting_needs_the_sentence_and_then_leaves_nothing(town: Town, ma: Mini) -> None:
    problem(ma.delete("/me"), 422, "invalid")
    problem(ma.delete("/me", confirm="好"), 422, "invalid")
    assert ma.get("/me").json["name"] == "马秀兰"
    with town.reading() as session:
        person, openid = ma.person(session).id, session.get_one(Identity, ma.identity_id).openid
    assert ma.delete("/me", confirm="删除我的信息").json == {"done": True}
    problem(ma.get("/me"), 401, "sign_in")
    with town.reading() as session:
        gone = session.get_one(Person, person)
        assert (gone.name, gone.phone, gone.erased_at is None) == (None, None, False)
        for table in (ApiSession, Idempotency, Identity):
            assert session.scalars(select(table)).all() == []
        assert openid not in everything(session)


def test_deleting_in_the_chat_ends_the_mini_programs_logins_too(town: Town, ma: Mini) -> None:
    chat = town.phone("马秀兰")
    chat.says("你好", "关联手机", ma.post("/me/link-codes").json["code"], "1")
    chat.says("删除信息", "1")
    problem(ma.get("/me"), 401, "sign_in")
    with town.reading() as session:
        assert session.scalars(select(ApiSession)).all() == []
        assert [row.kind for row in session.scalars(select(Identity))] == ["oa"]


def everything(session) -> str:  # type: ignore[no-untyped-def]
    ours = [table for table in Base.metadata.sorted_tables if not table.name.startswith("toy_")]
    rows = [session.execute(select(table)).all() for table in ours]
    return repr(rows)


def test_who_comes_back_after_deleting_is_a_stranger(town: Town, ma: Mini) -> None:
    ma.delete("/me", confirm="删除我的信息")
    again = ma.logs_in()
    assert again.get("/me").json == {
        "joined": False, "joined_at": None, "name": None, "phone": None, "place": None
    }  # fmt: skip


def test_a_code_shown_in_the_mini_program_is_typed_in_the_chat(town: Town, ma: Mini) -> None:
    shown = ma.post("/me/link-codes").json
    assert re.fullmatch(r"[0-9]{6}", shown["code"])
    assert shown["expires_in"] == 300
    chat = town.phone("马秀兰")
    chat.says("你好", "关联手机", shown["code"], "1")
    with town.reading() as session:
        assert chat.person(session).id == ma.person(session).id
    assert "马" in chat.says("我的信息")
    assert ma.get("/me").json["name"] == "马秀兰"


def test_ones_own_code_is_refused(ma: Mini) -> None:
    code = ma.post("/me/link-codes").json["code"]
    problem(ma.post("/me/links", code=code), 409, "people.same_person")
