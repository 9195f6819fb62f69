"""Cursors, entity tags, pace, and what happens when the database or Redis is away."""

from __future__ import annotations

import base64
import re
from datetime import date

import pytest
from sqlalchemy import text

from app.redis import Limiter, Resilient, connect
from app.settings import RedisServer
from handlers.notices import actions
from models.identity import Actor
from tests.activities.plans import a_session
from tests.api.hall import a_service, a_slot
from tests.api.minis import V1, Mini, problem
from tests.neighbours import Town, frozen

MONDAY = "2026-11-23 08:30"


def notices(town: Town, count: int) -> None:
    def unit(session) -> None:  # type: ignore[no-untyped-def]
        by = Actor(session, channel="job")
        for number in range(count):
            facts = {
                "category": ("政策", "健康")[number % 2],
                "source": "社区",
                "summary": "高龄补贴怎么领。",
            }
            row = actions.draft(by, title=f"通知{number:02}", valid_from=date(2026, 1, 1), **facts)
            actions.publish(by, row)

    town.writing(unit)


def walk(town: Town, path: str, **query: object) -> list[str]:
    """All titles of a list, page by page."""
    titles, cursor = [], None
    for _ in range(50):
        asked = {**query, **({"cursor": cursor} if cursor else {})}
        page = town.client.get(V1 + path, query_string=asked).json
        titles += [row["title"] for row in page["items"]]
        cursor = page["next"]
        if cursor is None:
            return titles
    raise AssertionError("the list has no end")


def test_pages_show_every_row_once_in_order(both_towns: Town) -> None:
    with frozen(MONDAY):
        notices(both_towns, 23)  # all published at one instant: the id decides
        newest = [f"通知{number:02}" for number in reversed(range(23))]
        for limit in (1, 7, 23, 50):
            assert walk(both_towns, "/notices", limit=limit) == newest
        assert walk(both_towns, "/notices", limit=5, category="健康") == newest[1::2]
        assert sorted(walk(both_towns, "/notices", limit=4, q="高龄补贴")) == sorted(newest)
        first = a_session(both_towns, "合唱", "2026-11-24 09:00")
        again = a_session(both_towns, "书法", "2026-11-24 09:00")
        a_session(both_towns, "快板", "2026-11-23 19:00")
        assert walk(both_towns, "/activities", limit=1) == ["快板", "合唱", "书法"]
        assert first < again


def test_a_row_that_comes_meanwhile_moves_nobody(town: Town) -> None:
    notices(town, 4)
    page = town.client.get(f"{V1}/notices?limit=2").json
    notices(town, 1)
    rest = town.client.get(f"{V1}/notices?limit=2&cursor={page['next']}").json
    assert [row["title"] for row in rest["items"]] == ["通知01", "通知00"]


@pytest.mark.parametrize(
    "said",
    [
        "x",
        '["2026-01-01", 1]',
        "[1]",
        '["2026-01-01T00:00:00+00:00", "1"]',
        "[" * 9,
        "[null, 1e3]",
        "[5, 99999999999]",
    ],
)
def test_a_cursor_of_somebody_else_is_the_end(town: Town, ma: Mini, said: str) -> None:
    cursor = base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")
    for path in ("/notices", "/services", "/notices?q=补贴"):
        sign = "&" if "?" in path else "?"
        problem(town.client.get(f"{V1}{path}{sign}cursor={cursor}"), 404, "no_such_page")
    problem(ma.get("/appointments", cursor=cursor), 404, "no_such_page")


def test_public_reads_carry_a_tag_and_answer_304_while_nothing_has_changed(town: Town) -> None:
    service = a_service(town)
    a_slot(town, service)
    notices(town, 1)
    paths = (
        "/notices",
        "/notices/1",
        "/programmes",
        "/services",
        f"/services/{service}",
        "/activities",
        "/places",
    )
    for path in (*paths, f"/services/{service}/slots?day=2026-11-24"):
        first = town.client.get(V1 + path)
        tag = first.headers["ETag"]
        again = town.client.get(V1 + path, headers={"If-None-Match": tag})
        assert (first.status_code, again.status_code, again.data) == (200, 304, b""), path
        assert again.headers["ETag"] == tag
        assert first.headers["Cache-Control"] == "no-cache"
    before = town.client.get(f"{V1}/notices").headers["ETag"]
    notices(town, 1)
    assert town.client.get(f"{V1}/notices", headers={"If-None-Match": before}).status_code == 200


def test_what_is_personal_is_never_kept_on_the_way(ma: Mini) -> None:
    for path in ("/me", "/appointments", "/me/export", "/me/minutes"):
        answer = ma.get(path)
        assert answer.headers["Cache-Control"] == "no-store"
        assert "ETag" not in answer.headers


@pytest.mark.parametrize("redis", ["there", "away"])
def test_b29_who_calls_too_fast_waits_and_nobody_else_does(
    town: Town, ma: Mini, platform, redis: str
) -> None:  # type: ignore[no-untyped-def]
    other = Mini(town, platform, "才让卓玛").logs_in()
    town.app.extensions["api"]["limits"] |= {"reads": 5, "everyone": 3, "login": 2}
    if redis == "away":
        town.app.extensions["api"]["limiter"] = without_redis(town)
    with frozen(MONDAY):  # within one minute
        statuses = [ma.get("/me").status_code for _ in range(7)]
        assert statuses == [200] * 5 + [429] * 2
        answer = ma.get("/me")
        problem(answer, 429, "too_fast")
        assert answer.headers["Retry-After"] == "60"
        assert other.get("/me").status_code == 200
        assert [town.client.get(f"{V1}/programmes").status_code for _ in range(5)] == [200] * 3 + [429] * 2
        login = {"app": "main", "code": "x"}
        tries = [town.client.post(f"{V1}/login", json=login).status_code for _ in range(4)]
        assert tries[-1] == 429


def without_redis(town: Town) -> Limiter:
    away = town.site.settings.model_copy(update={"redis": RedisServer(url="redis://127.0.0.1:9/0")})
    return Limiter(Resilient(connect(away)))


def test_a_database_that_is_held_gives_a_true_answer_and_nothing_is_done(town: Town, ma: Mini) -> None:
    slot = a_slot(town, a_service(town))
    with town.site.database.engine.connect() as holding:
        holding.execute(text("SELECT 1"))  # BEGIN IMMEDIATE: nobody else writes
        answer = ma.post("/appointments", key="held", slot_id=slot)
        problem(answer, 503, "busy")
        assert answer.headers["Retry-After"]
        holding.rollback()
    with frozen(MONDAY):
        assert ma.post("/appointments", key="held", slot_id=slot).status_code == 201


def test_b33_a_fault_of_ours_is_a_number_and_never_a_traceback(town: Town, ma: Mini) -> None:
    with town.site.database.engine.begin() as connection:
        connection.execute(text("UPDATE person SET name = X'0102'"))  # cannot be opened by any key
    answer = ma.get("/me")
    body = problem(answer, 500, "fault")
    assert re.fullmatch(r"[0-9A-F]{8}", body["number"])
    assert body["number"] in body["detail"]
    assert "Unreadable" not in answer.text
