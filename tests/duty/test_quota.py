"""The day's quota is spent (trust F15): an administrator may ask WeChat to set it back, by hand, and it is written down."""

from __future__ import annotations

import pytest

from models.doors import closed_doors
from tests.scheduler.conftest import Post, next_half_past_eight, platform, post  # noqa: F401 — fixtures
from tests.scheduler.mishaps import CUSTOM
from tests.staff.clerks import Clerk, audited, clerk

ASKED, PAGE, DOES = "/cgi-bin/clear_quota", "/console/duty/alarms", "清零今日额度"


@pytest.fixture
def spent(post: Post) -> Post:  # noqa: F811
    """Two messages wait for the morning: one that met the end of the quota, one that came later."""
    with post.platform.faults(errcode=45009, paths=CUSTOM):
        for once in ("first", "second"):
            post.reader(once).is_told(once)
            post.deliver()
    assert {post.row(once).due for once in ("first", "second")} == {next_half_past_eight()}
    return post


def asks(post: Post, who: Clerk) -> str:  # noqa: F811
    """Press the button and wait for what comes of it."""
    answer = who.sends("/console/duty/alarms/clear-quota")
    assert answer.status_code == 302
    post.town.works()
    return who.opens(answer.location).text


def test_f15_an_administrator_clears_the_quota_and_what_waited_goes_out(spent: Post) -> None:
    boss, before = clerk(spent.town, "admin", name="赵主任"), len(spent.platform.calls(ASKED))
    assert DOES in boss.opens(PAGE).text
    assert "2条等着的消息马上接着发" in asks(spent, boss)
    spent.deliver()
    assert [spent.row(once).state for once in ("first", "second")] == ["submitted", "submitted"]
    assert len(spent.platform.calls(ASKED)) == before + 1
    assert DOES not in boss.opens(PAGE).text
    with spent.town.reading() as session:
        (line,) = audited(session, "duty.clear_quota")
        assert line.facts == {"app": "oa:main", "count": 2}
        assert session.scalars(closed_doors()).all() == []
    assert "现在没有用完的额度" in asks(spent, boss), "nothing is asked of WeChat when nothing is spent"
    assert len(spent.platform.calls(ASKED)) == before + 1


def test_f15_when_wechat_clears_no_more_this_month_everything_waits_as_before(spent: Post) -> None:
    boss = clerk(spent.town, "admin", name="赵主任")
    with spent.platform.faults(errcode=48006, paths=ASKED):
        assert "10次清零已经用完了" in asks(spent, boss)
    assert spent.row("first").due == next_half_past_eight()
    with spent.town.reading() as session:
        assert len(session.scalars(closed_doors()).all()) == 1


def test_f15_only_an_administrator_sees_the_button_and_may_press_it(spent: Post) -> None:
    before = len(spent.platform.calls(ASKED))
    for role in ("desk", "approver"):
        other = clerk(spent.town, role)
        assert DOES not in other.opens(PAGE).text
        assert other.sends("/console/duty/alarms/clear-quota").status_code == 403
    assert len(spent.platform.calls(ASKED)) == before
