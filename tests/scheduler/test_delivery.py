"""What becomes of a message: on the real sandbox platform, on both databases."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import create_engine, select

from app import clock
from app.database import Busy
from app.site import Site
from models import outbox
from models.identity import Identity, Person
from models.outbox import EarlyReceipt, OutboxRow
from scheduler.delivery import Delivery
from tests.roads.street import eventually
from tests.scheduler.conftest import Post, Reader, next_half_past_eight
from tests.servers import PROJECT

TEMPLATE, CUSTOM, TOKEN = (
    "/cgi-bin/message/template/send",
    "/cgi-bin/message/custom/send",
    "/cgi-bin/stable_token",
)
LEASE_OVER = timedelta(seconds=61)


def test_a_card_arrives_and_its_row_ends_delivered(post: Post) -> None:
    reader = post.reader()
    reader.is_reminded("r1")
    assert post.deliver() == 1
    eventually(lambda: post.row("r1").state == "delivered")
    (card,) = reader.received("template")
    assert "高龄补贴" in [row["value"] for row in card["rows"]]
    assert post.row("r1").settled_at is not None


def test_words_without_a_card_go_by_customer_service(post: Post) -> None:
    reader = post.reader()
    reader.is_told("a1", "师傅明早九点来。")
    post.deliver()
    assert (post.row("a1").state, post.row("a1").road) == ("submitted", "custom")
    assert [each["text"] for each in reader.received("custom")] == ["师傅明早九点来。"]


def test_the_words_of_the_desk_reach_the_resident_and_a_card_calls_who_was_silent_too_long(
    post: Post,
) -> None:
    reader = post.reader()
    facts = {"text": "路灯明天来修。", "at": clock.now().isoformat()}
    reader.gets("desk.reply", "d1", facts)
    post.deliver()
    assert [each["text"] for each in reader.received("custom")] == ["路灯明天来修。"]
    assert reader.received("template") == []
    post.later(timedelta(hours=49))
    reader.gets("desk.reply", "d2", facts)
    post.deliver()
    assert (post.row("d2").road, len(reader.received("template"))) == ("template", 1)


def test_nothing_is_sent_before_its_time_and_nothing_after_its_use(post: Post) -> None:
    reader = post.reader()
    now = clock.now()
    reader.is_told("early", due=now + timedelta(hours=3), useful_until=now + timedelta(hours=4))
    assert post.deliver() == 0
    post.later(timedelta(hours=5))
    post.deliver()
    assert post.row("early").state == "expired"
    assert not reader.received("custom")


def test_to_one_person_messages_go_in_the_order_in_which_they_were_written(post: Post) -> None:
    reader = post.reader()
    for number in range(4):
        reader.is_told(f"n{number}", f"第{number}条")
    post.deliver()
    assert [each["text"] for each in reader.received("custom")] == [f"第{number}条" for number in range(4)]


def test_a_row_is_claimed_by_one_process_only(post: Post) -> None:
    reader = post.reader()
    for number in range(30):
        reader.is_told(f"c{number}")
    barrier, taken = threading.Barrier(3), []

    def claim() -> None:
        barrier.wait()
        for _ in range(5):
            taken.extend(post.town.writing(lambda session: outbox.claim(session, 8, LEASE_OVER)))

    together = [threading.Thread(target=claim) for _ in range(3)]
    [one.start() for one in together]
    [one.join() for one in together]
    assert len(taken) == len({one.id for one in taken}) == 30


def test_who_was_overtaken_can_no_longer_write_the_end(post: Post) -> None:
    post.reader().is_told("fence")
    (first,) = post.town.writing(lambda session: outbox.claim(session, 1, LEASE_OVER))
    post.later(2 * LEASE_OVER)
    (second,) = post.town.writing(lambda session: outbox.claim(session, 1, LEASE_OVER))
    assert not post.town.writing(lambda session: outbox.settle(session, first, state="failed"))
    assert post.town.writing(lambda session: outbox.settle(session, second, state="submitted"))
    assert post.row("fence").state == "submitted"


# ---- killed between WeChat's yes and our note ------------------------------------------------------------------------


def test_a_killed_sender_doubles_nothing(post: Post) -> None:
    """The card is sent again with its key and seen once; words, which have no key, are left to the staff."""
    card, words = post.reader("等卡片的人"), post.reader("等话的人")
    card.is_reminded("card")
    words.is_told("words")
    kill_while_sending(post, lambda: card.received("template") and words.received("custom"))
    assert {post.row("card").state, post.row("words").state} == {"sending"}
    assert post.deliver() == 0, "the lease still holds"
    post.later(LEASE_OVER)
    post.deliver()
    assert post.row("card").state in ("submitted", "delivered")
    assert post.row("card").wechat_id
    assert (post.row("words").state, post.row("words").reason) == (
        "unknown",
        "不知道是否已送达,请打电话问一下。",
    )
    assert len(card.received("template")) == len(words.received("custom")) == 1
    key = post.row("card").client_id
    eventually(lambda: sum(key in call["request"] for call in post.platform.calls(TEMPLATE)) == 2)


def test_a_card_whose_key_has_died_meanwhile_is_not_repeated(post: Post) -> None:
    reader = post.reader()
    begins_and_dies(post, reader, "late")
    post.later(timedelta(minutes=20))
    post.deliver()
    assert post.row("late").state == "unknown"
    assert len(reader.received("template")) == 1


def begins_and_dies(post: Post, reader: Reader, once: str) -> None:
    """A card that the platform has taken and of which we noted only that its sending began."""
    reader.is_reminded(once)
    (claimed,) = post.town.writing(lambda session: outbox.claim(session, 1, LEASE_OVER))
    began = {"road": "template", "first_sent_at": clock.now()}
    post.town.writing(lambda session: outbox.settle(session, claimed, **began))
    data = {"thing1": "高龄补贴", "time2": "2026年12月1日 09:30", "thing3": "2号窗口", "thing4": "请带身份证"}
    key = post.row(once).client_id
    post.site.main.templates.send(reader.openid, "appointment", data, client_msg_id=key)


def kill_while_sending(post: Post, arrived: Callable[[], Any]) -> None:
    """A real delivery process is killed after the platform took the message and before it answered."""
    settings = post.site.settings
    environ = {name: value for name, value in os.environ.items() if not name.startswith("XINGFU_")} | {
        "XINGFU_DATA": str(settings.data),
        "XINGFU_PORT": str(settings.web.port),
        "XINGFU_CONFIG": "",
        "XINGFU_DATABASE__URL": settings.database.url,
        "XINGFU_REDIS__URL": settings.redis.url,
    }
    with post.platform.faults(slow_seconds=4, paths=[TEMPLATE, CUSTOM]):
        command = [sys.executable, "-m", "scheduler.delivery"]
        process = subprocess.Popen(
            command, cwd=PROJECT, env=environ, stdout=subprocess.DEVNULL, start_new_session=True
        )
        try:
            eventually(arrived)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def test_a_report_that_comes_before_our_own_note_is_matched_later(post: Post) -> None:
    reader = post.reader()
    reader.is_reminded("early")
    with post.platform.faults(slow_seconds=1, paths=TEMPLATE):
        post.deliver()
    assert eventually(lambda: post.row("early").state == "delivered")
    with post.town.reading() as session:
        assert session.scalars(select(EarlyReceipt)).all() == []


def test_what_wechat_has_answered_is_written_down_although_the_database_is_locked(post: Post) -> None:
    reader = post.reader()
    reader.is_reminded("locked")
    with post.platform.faults(slow_seconds=1, paths=TEMPLATE):
        sending = threading.Thread(target=post.deliver)
        sending.start()
        eventually(lambda: reader.received("template"))
        with locked(post.site.settings.database.url):
            time.sleep(3.5)  # longer than the house waits for a lock, and than the platform takes to answer
    sending.join()
    assert post.row("locked").state in ("submitted", "delivered")
    assert len(reader.received("template")) == 1


@contextmanager
def locked(url: str) -> Iterator[None]:
    """Somebody else holds the outbox."""
    engine = create_engine(url)
    with closing(engine.connect()) as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA busy_timeout=3000")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.exec_driver_sql("LOCK TABLE outbox IN ACCESS EXCLUSIVE MODE")
        yield
        connection.rollback()
    engine.dispose()


def test_a_busy_database_only_delays(post: Post) -> None:
    post.reader().is_told("patient")
    with locked(post.site.settings.database.url), pytest.raises(Busy):
        post.deliver()
    assert post.deliver() == 1


# ---- what WeChat says ------------------------------------------------------------------------------------------------


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
def test_an_answer_that_is_none_never_counts_as_sent(post: Post, fault: dict[str, Any]) -> None:
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


def test_a_refused_token_is_renewed_once_and_not_for_every_message(post: Post) -> None:
    reader = post.reader()
    for number in range(6):
        reader.is_told(f"t{number}")
    before = len(post.platform.calls(TOKEN))
    with post.platform.faults(bad_token=True, paths=CUSTOM):
        post.deliver()
    assert {post.row(f"t{number}").state for number in range(6)} == {"waiting"}
    assert len(post.platform.calls(TOKEN)) - before <= 2


def test_a_token_that_ends_while_many_are_sent_delays_nobody(post: Post) -> None:
    readers = [post.reader(f"邻居{number}") for number in range(8)]
    for turn in range(4):
        for number, reader in enumerate(readers):
            reader.is_told(f"{turn}-{number}")
        post.platform.control("POST", "/tokens/expire")
        post.deliver()
        assert {post.row(f"{turn}-{number}").state for number in range(8)} == {"submitted"}


def test_a_quota_that_is_spent_is_left_alone_until_the_next_morning(post: Post) -> None:
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


def test_five_silences_in_a_row_are_enough_for_a_while(post: Post) -> None:
    reader = post.reader()
    for number in range(8):
        reader.is_told(f"s{number}")
    with post.platform.faults(http_500=True, paths=CUSTOM):
        post.deliver()
    states = [post.row(f"s{number}").state for number in range(8)]
    assert (states.count("unknown"), states.count("waiting")) == (5, 3)


@pytest.mark.parametrize("code", [43004, 48001, 40037])
def test_where_the_first_road_is_closed_the_next_one_is_taken(post: Post, code: int) -> None:
    reader = post.reader()
    reader.is_reminded("card")
    with post.platform.faults(errcode=code, paths=TEMPLATE):
        post.deliver()
    assert (post.row("card").state, post.row("card").road) == ("submitted", "custom")
    assert "高龄补贴" in reader.received("custom")[0]["text"]


def test_where_no_road_is_left_staff_read_why(post: Post) -> None:
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


# ---- to whom ---------------------------------------------------------------------------------------------------------


def test_a_trial_sends_to_its_testers_only(post: Post) -> None:
    tester, other = post.reader("测试的人"), post.reader("别的人")
    for reader, once in ((tester, "tester"), (other, "other")):
        reader.is_told(once)
    trial = Site(post.site.settings.model_copy(update={"mode": "trial", "testers": (tester.openid,)}))
    with closing(Delivery(trial)) as delivery:
        delivery.deliver_due()
    trial.close()
    assert (post.row("tester").state, post.row("other").state) == ("submitted", "cancelled")
    assert not other.received("custom")


def test_whoever_was_erased_is_not_written_to(post: Post) -> None:
    reader = post.reader()
    reader.is_told("erased")

    def unit(session: Any) -> None:
        reader.person(session).erased_at = clock.now()

    post.town.writing(unit)
    post.deliver()
    assert post.row("erased").state == "cancelled"


def test_of_two_accounts_the_one_that_was_heard_of_last_is_used(post: Post) -> None:
    reader = post.reader()

    def unit(session: Any) -> None:
        silent = Identity(
            kind="oa", app="oa:main", openid="oNeverSpoke", following=True, person=reader.person(session)
        )
        session.add(silent)

    post.town.writing(unit)
    reader.is_told("one of two")
    post.deliver()
    assert len(reader.received("custom")) == 1


def test_a_person_without_an_account_is_called_by_telephone(post: Post) -> None:
    def unit(session: Any) -> None:
        somebody = Person()
        session.add(somebody)
        session.flush()
        outbox.put(session, to=somebody, kind="_base.answer", once="nobody", facts={"text": "您好"})

    post.town.writing(unit)
    post.deliver()
    assert post.row("nobody").state == "failed"


def test_what_was_taken_back_in_time_never_leaves(post: Post) -> None:
    reader = post.reader()
    reader.is_told("back")
    assert post.town.writing(lambda session: outbox.cancel(session, "back"))
    assert post.deliver() == 0
    assert not post.town.writing(lambda session: outbox.cancel(session, "back"))


def test_the_same_message_written_twice_is_one(post: Post) -> None:
    reader = post.reader()
    reader.is_told("once")
    reader.is_told("once")
    assert post.deliver() == 1
    with post.town.reading() as session:
        assert session.scalar(select(sa.func.count()).select_from(OutboxRow)) == 1
