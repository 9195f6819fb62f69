"""The circle for programs: what is a walk away."""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse

from tests.api.minis import V1, Mini, problem
from tests.circle.conftest import a_landmark, a_service
from tests.neighbours import Town
from tests.sandbox.platform_process import RunningPlatform


def asks(mini: Mini, body: dict[str, Any]) -> TestResponse:
    return mini.town.client.put(f"{V1}/circle/near", json=body, headers=mini.headers)


def test_a_program_asks_by_point_or_by_name(sqlite_town: Town, platform: RunningPlatform) -> None:
    a_service(sqlite_town)
    a_landmark(sqlite_town)
    mini = Mini(sqlite_town, platform, "马秀兰").logs_in()
    by_point = asks(mini, {"lat": 36.618, "lng": 101.7921}).json["items"]
    by_name = asks(mini, {"place": "东府佳苑"}).json["items"]
    assert by_point == by_name
    assert (by_point[0]["metres"], by_point[0]["minutes"], by_point[0]["within"]) == (100, 2, True)
    problem(asks(mini, {"place": "月亮上"}), 409, "circle.no_such_place")
