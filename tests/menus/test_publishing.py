"""Sending the menu to WeChat: by the command and by the console, what is said when WeChat refuses, and two at once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import select

from app.schema import migrate
from app.settings import load_settings
from app.site import Site
from app.web import make_app
from handlers.menus import actions
from models.identity import Actor
from models.menus import MenuPublication, MenuVersion, current_version, for_wechat, publications
from models.staff import member_by_login
from scheduler import opening
from tests.menus.test_editor import filled
from tests.neighbours import Town
from tests.staff.clerks import Clerk, audited, clerk
from tests.wechat.stand_in import Asked, Said, StandIn, refused, said, serve

CREATE = "/cgi-bin/menu/create"


@pytest.fixture
def wechat() -> Iterator[StandIn]:
    stand_in = StandIn()
    server = serve(stand_in)
    yield stand_in
    server.shutdown()
    server.server_close()


@pytest.fixture
def there(town: Town, wechat: StandIn) -> Town:
    """A town whose WeChat is the stand-in, on both databases."""
    object.__setattr__(town.site.settings.platform, "api_base", wechat.url)
    town.seed("programmes", "menus")
    return town


@pytest.fixture
def wang(there: Town) -> Clerk:
    return clerk(there, "desk", login="wang")


@pytest.fixture
def li(there: Town) -> Clerk:
    return clerk(there, "approver", login="li", name="李主任")


def save(wang: Clerk, **changes: str) -> int:
    """A version of the desk's; its number."""
    wang.opens("/console/menu")
    assert wang.sends("/console/menu", **filled(wang.page) | changes).status_code == 302, wang.words
    with wang.town.reading() as session:
        return session.scalars(select(MenuVersion.id).order_by(MenuVersion.id.desc())).first() or 0


def current(town: Town) -> int:
    with town.reading() as session:
        version = current_version(session)
        return version.id if version else 0


def test_a_version_is_published_and_an_old_one_comes_back(
    there: Town, wechat: StandIn, wang: Clerk, li: Clerk
) -> None:
    number = save(wang, c0l0="办事预约", c0l0t="预约服务")
    assert current(there) == 1
    answer = li.sends(f"/console/menu/versions/{number}/publish")
    assert "/console/work/" in answer.headers["Location"]
    assert there.works() == 1
    assert f"第{number}版菜单交给微信了" in li.opens(answer.headers["Location"]).text
    assert current(there) == number
    first = wechat.of(CREATE)[-1].json["button"][0]["sub_button"][0]
    assert first == {"type": "click", "name": "办事预约", "key": "预约服务"}
    assert "发布第2版" in li.opens("/console/menu").text

    li.opens("/console/menu/versions/1")
    assert "看过了,发布这一版" in li.words
    li.sends("/console/menu/versions/1/publish")
    there.works()
    assert current(there) == 1
    assert wechat.of(CREATE)[-1].json == for_wechat(actions.beginning(), there.site.settings.web.public_url)
    with there.reading() as session:
        assert len(audited(session, "menus.publish")) == 2


def test_when_wechat_refuses_residents_keep_the_old_menu_and_the_staff_read_why(
    there: Town, wechat: StandIn, wang: Clerk, li: Clerk
) -> None:
    number = save(wang, c0l0="办事预约", c0l0t="预约服务")
    wechat.answers[CREATE] = refused(40018)
    page = li.sends(f"/console/menu/versions/{number}/publish").headers["Location"]
    there.works()
    assert "微信没有收下" in li.opens(page).text
    assert "40018" in li.page
    assert current(there) == 1


def test_two_publications_at_once_end_in_one_truth(
    there: Town, wechat: StandIn, wang: Clerk, li: Clerk
) -> None:
    """While the first is on its way to WeChat, another worker sends the second and is done before it."""
    one = save(wang, c0l0="办事预约", c0l0t="预约服务")
    two = save(wang, c0l0="先预约", c0l0t="预约服务")
    for number in (one, two):
        li.sends(f"/console/menu/versions/{number}/publish")
    shown: list[str] = []

    def slow(asked: Asked) -> Said:
        name = asked.json["button"][0]["sub_button"][0]["name"]
        if len(wechat.of(CREATE)) == 1:
            assert there.works() == 1
        shown.append(name)
        return said(errcode=0, errmsg="ok")

    wechat.answers[CREATE] = slow
    there.works()
    assert current(there) == two
    assert shown[-1] == "先预约"
    with there.reading() as session:
        assert len(session.scalars(publications()).all()) == 2


def test_b16_who_made_a_version_does_not_send_it_and_others_may_not_either(there: Town, wang: Clerk) -> None:
    number = save(wang, c0l0="办事预约", c0l0t="预约服务")
    assert wang.sends(f"/console/menu/versions/{number}/publish").status_code == 403

    def promote(session):  # type: ignore[no-untyped-def]
        wang.member(session).roles = ["approver"]

    there.writing(promote)
    wang.sends(f"/console/menu/versions/{number}/publish", follow=True)
    assert "要请另一位同事" in wang.words
    leader = clerk(there, "leader")
    assert leader.opens("/console/menu").status_code == 403
    assert leader.sends("/console/menu/versions/1/publish").status_code == 403
    with there.reading() as session:
        assert session.scalar(select(MenuPublication)) is None


def test_b15_two_who_save_at_once_hear_of_each_other(there: Town, wang: Clerk) -> None:
    zhao = clerk(there, "desk", login="zhao")
    forms = []
    for person, name in ((wang, "我家"), (zhao, "家里")):
        person.opens("/console/menu")
        forms.append((person, filled(person.page) | {"c2": name}))
    with ThreadPoolExecutor(2) as pool:
        codes = list(pool.map(lambda one: one[0].sends("/console/menu", **one[1]).status_code, forms))
    assert sorted(codes) == [200, 302]
    with there.reading() as session:
        assert len(session.scalars(select(MenuVersion)).all()) == 2


# ---- the command and the sandbox -------------------------------------------------------------------------------------


def command(wechat: StandIn, data: Path) -> tuple[int, str]:
    site = Site(load_settings({"XINGFU_DATA": str(data), "XINGFU_PLATFORM__API_BASE": wechat.url}))
    migrate(site.settings.database.url)
    try:
        done = make_app(site).test_cli_runner().invoke(args=["publish-menu"])
        return done.exit_code, done.output.splitlines()[-1]
    finally:
        site.close()


def test_the_command_sends_the_menu_of_the_beginning(wechat: StandIn, tmp_path: Path) -> None:
    assert command(wechat, tmp_path) == (0, "the menu is published")
    (asked,) = wechat.of(CREATE)
    assert [column["name"] for column in asked.json["button"]] == ["我要办事", "幸福家园", "我的"]


def test_the_command_says_in_one_line_why_it_could_not(wechat: StandIn, tmp_path: Path) -> None:
    wechat.answers[CREATE] = refused(40018)
    code, told = command(wechat, tmp_path)
    assert code == 1
    assert told.startswith("Error: the menu was not published")
    assert "40018" in told


def test_the_sandbox_opens_with_the_current_menu(
    there: Town, wechat: StandIn, wang: Clerk, li: Clerk
) -> None:
    number = save(wang, c0l0="办事预约", c0l0t="预约服务")

    def published(session):  # type: ignore[no-untyped-def]
        by = Actor(session, staff=member_by_login(session, "li"), channel="console")
        actions.note_published(by, actions.begin_publication(by, number).id)

    there.writing(published)
    opening.open_account(there.site)
    assert wechat.of(CREATE)[-1].json["button"][0]["sub_button"][0]["name"] == "办事预约"
