"""Unpacking a picture costs a second at worst: it is done for whose row it is about and for nobody else (B13, B14).

Every form with a number in its address gets pictures under every name that some form has for a file.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from PIL import ImageFile

from app import pictures
from tests.matters.test_rules import picture
from tests.neighbours import Town
from tests.pages.visitors import Visitor
from tests.security.test_hostile_words import address
from tests.staff.clerks import Clerk, clerk

FILES = ("photo", "after", "papers", "scan", "file")


@pytest.fixture
def unpacked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was unpacked so far."""
    seen: list[str] = []
    load = ImageFile.ImageFile.load

    def noted(image: ImageFile.ImageFile) -> object:
        seen.append(str(image.format))
        return load(image)

    monkeypatch.setattr(ImageFile.ImageFile, "load", noted)
    return seen


def with_pictures(**fields: str) -> dict[str, object]:
    return {**fields, **{name: (BytesIO(picture()), f"{name}.jpg") for name in FILES}}


def numbered(town: Town, prefix: str, number: int) -> Iterator[str]:
    """Where something is sent about one row."""
    for rule in town.app.url_map.iter_rules():
        if rule.rule.startswith(prefix) and "POST" in (rule.methods or ()) and "<int:" in rule.rule:
            yield address(rule, number)


def test_b13_b14_pictures_about_somebody_elses_row_are_not_unpacked(
    inhabited: Town, unpacked: list[str]
) -> None:
    stranger, tried = Visitor(inhabited, inhabited.phone("路人")), 0
    for number in (1, 999_999):
        for path in numbered(inhabited, "/h5", number):
            stranger.client.post(path, data=with_pictures(once=str(tried), text="还是不行"))
            tried += 1
            assert unpacked == [], path
    assert tried > 60


def test_b13_b14_pictures_about_what_a_colleague_does_not_see_are_not_unpacked(
    inhabited: Town, everyone: Clerk, unpacked: list[str]
) -> None:
    elsewhere, tried = clerk(inhabited, "grid", login="elsewhere"), 0
    for who, number in ((elsewhere, 1), (everyone, 999_999)):
        token = who.token()
        for path in numbered(inhabited, "/console", number):
            who.client.post(path, data=with_pictures(csrf_token=token))
            tried += 1
            assert unpacked == [], path
    assert tried > 200


def test_b13_a_picture_about_ones_own_is_unpacked(sqlite_town: Town, unpacked: list[str]) -> None:
    """Else the walks above would prove nothing."""
    ma = Visitor(sqlite_town, sqlite_town.phone("马秀兰"))
    ma.sends("/h5/matters/say/建议", text="门口放一张长凳", contact="named", **with_pictures(once="k"))
    assert unpacked
    unpacked.clear()
    ma.sends("/h5/matters/1/unsolved", **with_pictures(once="k"))
    assert unpacked


def test_b13_many_pictures_at_once_are_unpacked_one_after_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before, eight small files that say forty million pixels took five gigabytes at the same time."""
    load, turn, at_once = ImageFile.ImageFile.load, threading.Lock(), list[bool]()

    def slowly(image: ImageFile.ImageFile) -> object:
        at_once.append(turn.acquire(blocking=False))
        time.sleep(0.02)
        if at_once[-1]:
            turn.release()
        return load(image)

    monkeypatch.setattr(ImageFile.ImageFile, "load", slowly)
    with ThreadPoolExecutor(4) as people:
        assert len(list(people.map(lambda _: pictures.clean(picture()), range(8)))) == 8
    assert set(at_once) == {True}
