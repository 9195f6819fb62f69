"""WeChat's protection of sends to everybody (trust F24): the administrator must say yes on the phone. Who says no, or
nothing for half an hour, spends nothing; staff see why and try again with one button."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select, update

from app import clock
from handlers.broadcasts.calls import send_calls
from models.broadcasts import BroadcastCall
from models.means import mass_in_month
from tests.broadcasts.test_calls import articles, on_sqlite, the_call, to_readers
from tests.roads.street import eventually
from tests.scheduler.conftest import Post
from tests.staff.clerks import clerk


@pytest.fixture
def guarded(post: Post) -> Iterator[Post]:
    """The administrator's phone rings before anything goes to everybody."""
    post.platform.control("PUT", "/settings", mass_confirm=True)
    yield post
    post.platform.control("PUT", "/settings", mass_confirm=False)


def decide(post: Post, *, ok: bool) -> None:
    """What the administrator says on the phone."""
    post.platform.control("POST", f"/mass/{the_call(post, 'mass_all').wechat_id}/confirm", ok=ok)


def counted(post: Post) -> int:
    """How many of the month's mass messages somebody has had, as the planner counts them."""
    with post.town.reading() as session:
        return session.scalar(select(func.count()).select_from(mass_in_month(clock.now()).subquery())) or 0


@on_sqlite
def test_f24_a_send_that_was_not_confirmed_costs_nothing_and_one_button_tries_it_again(guarded: Post) -> None:
    sending, readers = to_readers(guarded)
    to_all = update(BroadcastCall).values(kind="mass_all")
    guarded.town.writing(lambda session: session.execute(to_all) and None)
    send_calls(guarded.site)
    assert the_call(guarded, "mass_all").state == "submitted"
    assert articles(readers) == [0, 0, 0], "nobody gets anything before the administrator has said yes"
    assert counted(guarded) == len(readers)
    decide(guarded, ok=False)
    failed = eventually(lambda: failed_call(guarded))
    assert "再试一次" in str(failed.reason)
    assert "不占次数" in str(failed.reason)
    assert counted(guarded) == 0, "it is none of the four of a month"
    assert send_calls(guarded.site) == 0, "nobody tries it again but a person"
    sending.carry_on()
    chief = clerk(guarded.town, "approver", name="赵主任")
    assert "再试一次" in chief.opens(f"/console/broadcasts/{failed.broadcast_id}/progress").text
    assert chief.sends(f"/console/broadcasts/calls/{failed.id}/again").status_code == 302
    send_calls(guarded.site)
    second = the_call(guarded, "mass_all")
    assert second.state == "submitted", "WeChat has not counted it either: only one a day goes to everybody"
    assert second.client_id != failed.client_id
    decide(guarded, ok=True)
    eventually(lambda: the_call(guarded, "mass_all").state == "done")
    assert articles(readers) == [1, 1, 1]
    chief.sends(f"/console/broadcasts/calls/{failed.id}/again")
    assert send_calls(guarded.site) == 0, "what was sent is not tried again, whoever presses"
    assert (
        clerk(guarded.town, "leader").sends(f"/console/broadcasts/calls/{failed.id}/again").status_code == 403
    )


def failed_call(post: Post) -> BroadcastCall | None:
    found = the_call(post, "mass_all")
    return found if found.state == "failed" else None
