"""The account's menu: what is sent to WeChat, and that every line of it answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.settings import load_settings
from app.site import Site
from app.web import make_app
from handlers.menu import MENU, menu_for_wechat
from tests.neighbours import Town
from tests.wechat.stand_in import StandIn, refused, serve


@pytest.fixture
def wechat() -> Iterator[StandIn]:
    stand_in = StandIn()
    server = serve(stand_in)
    yield stand_in
    server.shutdown()
    server.server_close()


def publish(wechat: StandIn, data: Path) -> tuple[int, str]:
    site = Site(load_settings({"XINGFU_DATA": str(data), "XINGFU_PLATFORM__API_BASE": wechat.url}))
    try:
        done = make_app(site).test_cli_runner().invoke(args=["publish-menu"])
        return done.exit_code, done.output.splitlines()[-1]
    finally:
        site.close()


def test_the_command_sends_the_whole_menu(wechat: StandIn, tmp_path: Path) -> None:
    assert publish(wechat, tmp_path) == (0, "the menu is published")
    (asked,) = wechat.of("/cgi-bin/menu/create")
    assert asked.json == menu_for_wechat()


def test_the_command_says_in_one_line_why_it_could_not(wechat: StandIn, tmp_path: Path) -> None:
    wechat.answers["/cgi-bin/menu/create"] = refused(40018)
    code, said = publish(wechat, tmp_path)
    assert code == 1
    assert said.startswith("Error: the menu was not published")
    assert "40018" in said


def test_the_menu_keeps_within_wechats_limits() -> None:
    buttons = menu_for_wechat()["button"]
    assert len(buttons) == 3
    for column in buttons:
        assert len(column["name"].encode()) <= 16
        assert 1 <= len(column["sub_button"]) <= 5
        assert all(len(line["name"].encode()) <= 60 for line in column["sub_button"])


def test_the_menu_lines_of_this_feature_answer_a_tap(sqlite_town: Town) -> None:
    own = ("大字和语音", "我的信息")
    assert set(own) <= {word for column in MENU for word in column.words}
    for word in own:
        assert len(sqlite_town.phone("路人").clicks(word)) > 20
