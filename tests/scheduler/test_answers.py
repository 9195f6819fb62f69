"""What WeChat answers, and what follows from it: again later, by another road, to the staff, or never."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from app import clock
from handlers.duty.alarms import checks
from tests.roads.street import eventually
from tests.scheduler.conftest import Post, next_half_past_eight
from tests.scheduler.mishaps import CUSTOM, LEASE_OVER, TEMPLATE, TOKEN, begins_and_dies


def test_a_passing_fault_is_tried_again_and_nothing_doubles(post: Post) -> None:
    reader = post.reader()
    reader.is_told("again")
    with post.platform.faults(busy=True, paths=CUSTOM):
        post.deliver()
    row = post.row("again")
    assert (row.state, row.errcode, row.first_sent_at) == ("waiting", -1, None)
    post.later(timedelta(seconds=10))
    post.deliver()
    assert post.row("again").state == "submitted"
    assert len(reader.received("custom")) == 1


@pytest.mark.parametrize("fault", [{"http_500": True}, {"html": True}], ids=str)
def test_f14_an_answer_that_is_none_never_counts_as_sent(post: Post, fault: dict[str, Any]) -> None:
    reader = post.reader()
    reader.is_reminded("card")
    with post.platform.faults(**fault, paths=[TEMPLATE, CUSTOM]):
        post.deliver()
        assert (post.row("card").state, post.row("card").road) == ("waiting", "template")
        reader.is_told("words")
        post.deliver()
        assert post.row("words").state == "unknown"
    post.later(timedelta(seconds=30))
    post.deliver()
    assert eventually(lambda: post.row("card").state == "delivered")


def test_without_a_token_nothing_has_left_so_everything_waits(post: Post) -> None:
    reader = post.reader()
    reader.is_told("words")
    with post.platform.faults(html=True, paths=TOKEN):
        post.deliver()
    row = post.row("words")
    assert (row.state, row.first_sent_at) == ("waiting", None)
    post.later(timedelta(minutes=1))
    post.deliver()
    assert post.row("words").state == "submitted"


def test_f17_a_refused_token_is_renewed_once_and_not_for_every_message(post: Post) -> None:
    reader = post.reader()
    for number in range(5):
        reader.is_told(f"t{number}")
    before = len(post.platform.calls(TOKEN))
    with post.platform.faults(bad_token=True, paths=CUSTOM):
        post.deliver()
        assert alarm(post) == ("bad", 40001)
    assert {post.row(f"t{number}").state for number in range(5)} == {"waiting"}
    assert len(post.platform.calls(TOKEN)) - before <= 1
    for _ in range(5):
        post.later(timedelta(minutes=5))
        post.deliver()
    assert alarm(post)[0] == "good"
    assert [one["text"] for one in reader.received("custom")] == ["您好"] * 5


def alarm(post: Post) -> tuple[str, int]:
    """How bad the page finds it, and of which code of WeChat it speaks."""
    with post.town.reading() as session:
        found = next(one for one in checks(session, post.site) if one.title == "微信接口")
    return found.level, next((int(code) for code in re.findall(r"\d{5}", found.words)), 0)


def test_f17_a_token_that_ends_while_many_are_sent_delays_nobody(post: Post) -> None:
    readers = [post.reader(f"邻居{number}") for number in range(8)]
    for turn in range(4):
        for number, reader in enumerate(readers):
            reader.is_told(f"{turn}-{number}")
        post.platform.control("POST", "/tokens/expire")
        post.site.redis.delete(f"wechat:token:{post.site.main.app.appid}:fresh")  # a minute later
        post.deliver()
        assert {post.row(f"{turn}-{number}").state for number in range(8)} == {"submitted"}


def test_f15_a_quota_that_is_spent_is_left_alone_until_the_next_morning(post: Post) -> None:
    reader, others = post.reader(), [post.reader(f"邻居{number}") for number in range(3)]
    reader.is_told("first")
    with post.platform.faults(errcode=45009, paths=CUSTOM):
        post.deliver()
        asked = len(post.platform.calls(CUSTOM))
        for number, other in enumerate(others):
            other.is_told(f"q{number}")
        post.deliver()
    assert len(post.platform.calls(CUSTOM)) == asked, "a door known to be shut is not knocked at"
    row = post.row("first")
    assert (row.state, row.reason, row.due) == (
        "waiting",
        "今日额度用完,明早8:30继续。",
        next_half_past_eight(),
    )
    post.later(next_half_past_eight() - clock.now() + timedelta(seconds=5))
    post.deliver()
    assert {post.row(once).state for once in ("first", "q0", "q1", "q2")} == {"submitted"}


def test_f12_five_silences_in_a_row_are_enough_for_a_while(post: Post) -> None:
    reader = post.reader()
    for number in range(8):
        reader.is_told(f"s{number}")
    with post.platform.faults(http_500=True, paths=CUSTOM):
        post.deliver()
    states = [post.row(f"s{number}").state for number in range(8)]
    assert (states.count("unknown"), states.count("waiting")) == (5, 3)


@pytest.mark.parametrize("code", [43004, 48001, 40037])
def test_f18_where_the_first_road_is_closed_the_next_one_is_taken(post: Post, code: int) -> None:
    reader = post.reader()
    reader.is_reminded("card")
    with post.platform.faults(errcode=code, paths=TEMPLATE):
        post.deliver()
    assert (post.row("card").state, post.row("card").road) == ("submitted", "custom")
    assert "高龄补贴" in reader.received("custom")[0]["text"]


def test_f18_where_no_road_is_left_staff_read_why(post: Post) -> None:
    reader = post.reader()
    reader.is_told("window")
    with post.platform.faults(errcode=45015, paths=CUSTOM):
        post.deliver()
    row = post.row("window")
    assert (row.state, row.errcode) == ("failed", 45015)
    assert row.reason
    reader.is_told("silent for days", due=clock.now() + timedelta(hours=49))
    post.later(timedelta(hours=50))
    post.deliver()
    assert (post.row("silent for days").state, post.row("silent for days").reason) == (
        "failed",
        "公众号联系不到本人,请打电话或上门。",
    )


@pytest.mark.parametrize("post", ["sqlite"], indirect=True)
def test_f18_what_will_never_work_is_asked_once_and_told_to_staff_in_words(post: Post) -> None:
    """Each for another neighbour; afterwards their telephone is what is left."""
    codes = (43004, 43101, 43019, 45015, 45047, 48001, 50002)
    for code in codes:
        post.reader(f"邻居{code}").is_told(f"never {code}")
        before = len(post.platform.calls(CUSTOM))
        with post.platform.faults(errcode=code, paths=CUSTOM):
            for _ in range(3):
                post.deliver()
                post.later(timedelta(seconds=20))
        assert len(post.platform.calls(CUSTOM)) - before == 1
        row = post.row(f"never {code}")
        assert (row.state, row.errcode) == ("failed", code)
        assert re.search(r"[\u4e00-\u9fff]{4,}", row.reason or "")
    with post.town.reading() as session:
        lost = next(one for one in checks(session, post.site) if one.title == "今天没送到的")
    assert lost.words.endswith("条没送到,请窗口打电话。")


def test_a_card_that_may_have_arrived_is_not_told_again_by_another_road(post: Post) -> None:
    reader = post.reader()
    begins_and_dies(post, reader, "card")
    post.later(LEASE_OVER)
    with post.platform.faults(errcode=43004, paths=TEMPLATE):
        post.deliver()
    assert post.row("card").state == "unknown"
    assert not reader.received("custom")


def test_a_refusal_does_not_make_an_earlier_sending_forgotten(post: Post) -> None:
    reader = post.reader()
    begins_and_dies(post, reader, "card")
    began = post.row("card").first_sent_at
    post.later(LEASE_OVER)
    with post.platform.faults(busy=True, paths=TEMPLATE):
        post.deliver()
    assert (post.row("card").state, post.row("card").first_sent_at) == ("waiting", began)


def test_a_message_of_which_no_words_can_be_made_ends_where_staff_see_it(post: Post) -> None:
    reader = post.reader()
    reader.gets("_base.answer", "broken", {})
    reader.gets("nobody.knows_this", "no such form", {})
    reader.is_told("sound")
    for _ in range(9):
        post.deliver()
        post.later(LEASE_OVER)
    assert {post.row(once).state for once in ("broken", "no such form")} == {"failed"}
    assert post.row("sound").state == "submitted"
