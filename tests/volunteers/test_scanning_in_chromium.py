"""The leader's phone scans one pass after the other by WeChat's own scanner: our page inside the sandbox's phone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.activities import actions as activities
from models.identity import Actor
from models.passes import pass_token
from models.volunteers import Attendance
from tests.scheduler.conftest import Post, Reader, platform, post  # noqa: F401 (fixtures)

pytestmark = pytest.mark.browser


def a_running_session(post: Post, leader: Reader, *volunteers: Reader) -> int:  # noqa: F811
    def unit(session: Session) -> int:
        by = Actor(session, channel="job")
        activity = activities.plan_activity(
            by,
            title="河道清洁",
            sentence="一起来。",
            place="湟水河步道",
            leader=leader.person(session),
            listed=True,
        )
        now = clock.now()
        held = activities.plan_session(
            by, activity, starts=now - timedelta(minutes=5), ends=now + timedelta(hours=2), capacity=5
        )
        for one in volunteers:
            activities.admit(by, held, one.person(session))
        return held.id

    return post.town.writing(unit)


def shown_by(post: Post, reader: Reader) -> str:  # noqa: F811
    with post.town.reading() as session:
        token = pass_token(reader.person(session), clock.now())
    return f"{post.site.settings.web.public_url}/h5/pass/{token}"


@pytest.mark.parametrize("post", ["sqlite"], indirect=True)
def test_one_pass_after_the_other_by_wechats_scanner(post: Post, chromium: Browser) -> None:  # noqa: F811
    leader, ma, zhang = post.reader("张河长"), post.reader("马秀兰"), post.reader("张桂英")
    number = a_running_session(post, leader, ma)
    address = f"{post.site.settings.web.public_url}/h5/leading/{number}/scan"
    leader.is_told("link", f"扫签到码:{address}")
    post.deliver()
    page = chromium.new_page(viewport={"width": 390, "height": 844})
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if "Content Security" in said.text else None)
    page.goto(f"{post.platform.running.url}/phone/?neighbour={leader.number}")
    page.get_by_role("link", name=address).click()
    frame = page.frame_locator('[data-test="webview-frame"]')
    frame.get_by_role("button", name="扫签到码").click()
    page.locator('[data-test="scan-text"]').fill(shown_by(post, ma))
    page.get_by_role("button", name="扫它").click()
    expect(frame.locator("main")).to_contain_text("到了")
    # the scanner opens again by itself
    page.locator('[data-test="scan-text"]').fill(shown_by(post, zhang))
    page.get_by_role("button", name="扫它").click()
    expect(frame.locator("main")).to_contain_text("没有报名")
    frame.get_by_role("button", name="现场补报").click()
    expect(frame.locator("main")).to_contain_text("已经现场补上")
    assert refused == []
    with post.town.reading() as session:
        assert len(session.scalars(select(Attendance)).all()) == 2
    page.close()
