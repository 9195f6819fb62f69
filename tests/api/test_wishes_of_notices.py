"""通知设置 in the mini-program: topics, and the answers that wx.requestSubscribeMessage gave."""

from __future__ import annotations

from sqlalchemy import select

from models.grants import Grant
from models.topics import unwanted_by
from tests.api.minis import Mini, problem
from tests.neighbours import Town


def said(answer: str = "accept", template: str = "news") -> list[dict[str, str]]:
    return [{"template_id": template, "answer": answer}]


def test_a_topic_is_switched_off_and_the_list_says_so(town: Town, ma: Mini) -> None:
    assert all(one["wanted"] for one in ma.get("/me/topics").json["items"])
    shown = ma.post("/me/topics", topic="招聘", wanted=False).json["items"]
    assert [one["topic"] for one in shown if not one["wanted"]] == ["招聘"]
    with town.reading() as session:
        assert unwanted_by(session, ma.person(session)) == ["招聘"]
    problem(ma.post("/me/topics", topic="天气", wanted=False), 422, "invalid")


def test_a_yes_is_counted_once_however_often_the_call_is_repeated(town: Town, ma: Mini) -> None:
    assert ma.get("/me/grants").json == {"ask": ["news"], "left": 0}
    for _ in range(3):
        assert ma.post("/me/grants", key="one-tap", answers=said()).json["left"] == 1
    assert ma.post("/me/grants", answers=said()).json["left"] == 2
    assert ma.post("/me/grants", answers=said("reject")).json["left"] == 2
    assert ma.post("/me/grants", answers=said(template="of-somebody-else")).json["left"] == 2
    with town.reading() as session:
        assert [(one.identity_id, one.template_id) for one in session.scalars(select(Grant))] == [
            (ma.identity_id, "news")
        ]
    problem(ma.post("/me/grants", answers=said() * 6), 422, "invalid")
