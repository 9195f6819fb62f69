"""The next town behind the same doors (tests/towns.py): nobody and nothing of the last one is known there."""

from __future__ import annotations

import shutil
from pathlib import Path

from app.settings import load_settings
from tests.neighbours import Town
from tests.pages.visitors import Visitor
from tests.staff.clerks import clerk
from tests.towns import living


def test_browsers_of_one_town_are_let_in_and_those_of_the_last_are_strangers(
    tmp_path: Path, empty_sqlite: Path, valkey_server: str
) -> None:
    apps, browsers, desks = [], [], []
    for name in ("first", "second"):
        shutil.copytree(empty_sqlite, tmp_path / name)
        environ = {"XINGFU_DATA": str(tmp_path / name), "XINGFU_REDIS__URL": valkey_server}
        url = {"XINGFU_DATABASE__URL": f"sqlite:///{tmp_path / name}/town.db"}
        with living(load_settings(environ | url)) as town:
            for old in browsers + desks:
                old.town = town
                old.client.application = town.app
            assert [one.opens("/h5/me").status for one in browsers] == [302] * len(browsers)
            assert [one.opens("/console/").status_code for one in desks] == [302] * len(desks)
            browsers.append(greeted(town))
            desks.append(clerk(town, "desk"))
            assert browsers[-1].opens("/h5/me").status == 200
            assert desks[-1].opens("/console/").status_code == 200
            apps.append(town.app)
    assert apps[0] is apps[1]


def greeted(town: Town) -> Visitor:
    ma = town.phone("马秀兰")
    ma.follows()
    return Visitor(town, ma)
