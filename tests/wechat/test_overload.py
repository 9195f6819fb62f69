"""Too many at once: a true sentence without SQL, what has a duty is kept, a cry for help gets its number, and nothing
is remembered of the rest."""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event, func, select
from wechatpy.crypto import WeChatCrypto

from app import clock
from app.overload import Line, Told, turned_away_today
from app.reception import replay_spool
from models.confidential import ConfidentialMatter
from models.identity import Identity, Person
from models.inbox import InboxRow
from models.outbox import OutboxRow
from tests.neighbours import Phone, Town
from tests.staff.clerks import clerk

CROWDED = "现在发消息的人太多,这一条没有办。请过一分钟再发一次,急事请打电话 0971-8170000。"


@contextmanager
def crowd(town: Town) -> Iterator[None]:
    """Every slot is taken and every place of the line as well."""
    town.is_marked = True  # who was told lately is remembered
    line: Line = town.app.extensions["line"]
    line._places, places = 0, line._places
    taken = [line.enter() for _ in range(town.site.settings.web.threads)]
    assert all(taken)
    try:
        yield
    finally:
        line._places = places
        for _ in taken:
            line.leave()


@contextmanager
def no_sql(town: Town) -> Iterator[None]:
    asked: list[str] = []

    def note(*given: object) -> None:
        asked.append(str(given[2]))

    engines = (town.site.database.engine, town.site.confidential.engine)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)
    assert asked == []


@pytest.fixture
def ma(sqlite_town: Town) -> Phone:
    return sqlite_town.phone("马秀兰")


def count(town: Town, model: type) -> int:
    with town.reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


# ---- pushes ----------------------------------------------------------------------------------------------------------


def test_whoever_writes_in_a_crowd_is_told_so_and_nothing_is_done(sqlite_town: Town, ma: Phone) -> None:
    with crowd(sqlite_town), no_sql(sqlite_town):
        assert ma.says("预约") == CROWDED
        assert ma.clicks("预约") == CROWDED
        assert ma.sends_place(36.6, 101.7) == CROWDED
    assert [count(sqlite_town, model) for model in (Person, Identity, InboxRow)] == [0, 0, 0]


def test_the_same_message_after_the_crowd_is_answered_as_if_it_were_new(sqlite_town: Town, ma: Phone) -> None:
    with crowd(sqlite_town):
        assert ma.says("菜单", message_id=77) == CROWDED
    assert "您想办什么" in ma.says("菜单", message_id=77)
    assert count(sqlite_town, InboxRow) == 1


def test_a_repeat_of_what_was_done_gets_its_answer_even_in_a_crowd(sqlite_town: Town, ma: Phone) -> None:
    long_ago = int(clock.now().timestamp()) - 6
    said = ma.says("菜单", message_id=78, at=long_ago)
    with crowd(sqlite_town):
        assert ma.says("菜单", message_id=78, at=long_ago) == said
        assert ma.says("菜单", message_id=79, at=long_ago) == CROWDED


def test_who_follows_or_leaves_in_a_crowd_is_noted_later(sqlite_town: Town, ma: Phone) -> None:
    han = sqlite_town.phone("韩梅")
    han.follows()
    with crowd(sqlite_town), no_sql(sqlite_town):
        assert ma.follows() == ""
        assert han.unfollows() == ""
    assert replay_spool(sqlite_town.site) == 2
    with sqlite_town.reading() as session:
        following = {one.openid: one.following for one in session.scalars(select(Identity))}
    assert following == {ma.openid: True, han.openid: False}


def test_a_cry_for_help_gets_the_number_and_is_kept(sqlite_town: Town, ma: Phone) -> None:
    with crowd(sqlite_town), no_sql(sqlite_town):
        assert "12356" in ma.says("我不想活了")
    assert replay_spool(sqlite_town.site) == 1
    with sqlite_town.site.confidential.reading() as session:
        assert len(session.scalars(select(ConfidentialMatter)).all()) == 1


class MiniPhone(Phone):
    """The same neighbour in the mini-program, whose pushes come to its own address."""

    def __init__(self, town: Town, name: str) -> None:
        super().__init__(town, name, "main")
        program, secret = town.site.settings.miniprogram("main"), town.site.settings.secrets.of_mini("main")
        self.original_id, self.token, self.door = program.original_id, secret.token, "/mini/main"
        self.crypto = WeChatCrypto(secret.token, secret.aes_key, program.appid)


def test_what_is_said_in_the_mini_program_is_kept_and_answered_later(sqlite_town: Town) -> None:
    phone = MiniPhone(sqlite_town, "马秀兰")
    with crowd(sqlite_town), no_sql(sqlite_town):
        assert phone.says("菜单") == ""
    assert replay_spool(sqlite_town.site) == 1
    with sqlite_town.reading() as session:
        assert [row.kind for row in session.scalars(select(OutboxRow))] == ["_base.answer"]


def test_an_answer_that_is_given_later_leads_to_our_pages_too(sqlite_town: Town) -> None:
    """No request is being answered then, which might know under which address we are."""
    sqlite_town.seed("guides")
    phone = MiniPhone(sqlite_town, "马秀兰")
    with crowd(sqlite_town):
        phone.says("低保怎么办")
    replay_spool(sqlite_town.site)
    with sqlite_town.reading() as session:
        (row,) = session.scalars(select(OutboxRow))
        assert f"{sqlite_town.site.settings.web.public_url}/h5/guides/" in row.facts["text"]


def test_bad_pushes_are_refused_in_a_crowd_as_always(sqlite_town: Town) -> None:
    with crowd(sqlite_town):
        assert sqlite_town.client.post("/wx/main?timestamp=1", data=b"<xml/>").status_code == 403


def test_each_answer_in_a_crowd_has_a_number_of_its_own(sqlite_town: Town) -> None:
    with crowd(sqlite_town):
        answers = [sqlite_town.client.post("/wx/main", data=b"<xml/>") for _ in range(2)]
    first, second = (answer.headers["X-Request-ID"] for answer in answers)
    assert re.fullmatch("[0-9A-F]{8}", first)
    assert first != second


def test_what_is_no_push_finds_the_same_doors_shut_in_a_crowd(sqlite_town: Town) -> None:
    def answers() -> list[int]:
        client = sqlite_town.client
        calls = [
            client.post("/wx/nobody", data=b"<xml/>"),
            client.get("/mini/nobody"),
            client.get("/wx/main?signature=x&timestamp=1&nonce=2&echostr=3"),
            client.put("/wx/main", data=b"<xml/>"),
            client.post("/wx/main", data=b"x" * 70_000),
        ]
        return [one.status_code for one in calls]

    as_always = answers()
    with crowd(sqlite_town):
        assert answers() == as_always == [404, 404, 403, 405, 413]


def test_wechat_can_make_itself_known_in_a_crowd(sqlite_town: Town, ma: Phone) -> None:
    stamp, nonce = str(int(clock.now().timestamp())), "n"
    proof = hashlib.sha1("".join(sorted([ma.token, stamp, nonce])).encode()).hexdigest()
    with crowd(sqlite_town):
        known = sqlite_town.client.get(
            f"/wx/main?signature={proof}&timestamp={stamp}&nonce={nonce}&echostr=77"
        )
    assert (known.status_code, known.text) == (200, "77")


@contextmanager
def no_room_for_the_spool(town: Town) -> Iterator[None]:
    spool = town.site.settings.data / "spool"
    spool.mkdir()
    yield
    spool.rmdir()


def test_what_cannot_be_kept_in_a_crowd_is_a_fault_that_is_told(sqlite_town: Town, ma: Phone) -> None:
    with crowd(sqlite_town):
        with no_room_for_the_spool(sqlite_town), pytest.raises(AssertionError, match=r"fault [0-9A-F]{8}"):
            ma.follows()
        assert ma.follows() == ""


def test_a_cry_that_cannot_be_kept_gets_the_number_all_the_same(sqlite_town: Town, ma: Phone) -> None:
    with crowd(sqlite_town), no_room_for_the_spool(sqlite_town):
        assert "12356" in ma.says("我不想活了")


def test_talk_in_the_middle_goes_on_after_the_crowd(sqlite_town: Town, ma: Phone) -> None:
    sqlite_town.seed("appointments")
    asked = ma.says("预约")
    with crowd(sqlite_town):
        assert ma.says("1") == CROWDED
    assert "哪个时间方便" in ma.says("1"), asked


# ---- pages and health ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/h5/", "/console/login", "/api/v1/notices"])
def test_pages_and_calls_are_told_to_come_back(sqlite_town: Town, path: str) -> None:
    with crowd(sqlite_town):
        refused = sqlite_town.client.get(path)
    assert refused.status_code == 503
    assert refused.headers["Retry-After"] == "10"
    assert re.search("没有?办成|busy|later|忙", refused.text)
    assert sqlite_town.client.get(path).status_code != 503


def test_health_is_answered_in_a_crowd_and_tells_of_it(sqlite_town: Town) -> None:
    assert sqlite_town.client.get("/readyz").json["line"] == "open"
    with crowd(sqlite_town):
        ready = sqlite_town.client.get("/readyz")
        assert (ready.status_code, ready.json["line"]) == (200, "crowded")
        assert "xingfu_waiting" in sqlite_town.client.get("/metrics").text


def test_staff_see_that_people_were_turned_away(sqlite_town: Town, ma: Phone) -> None:
    sqlite_town.site.redis.flushall()
    desk = clerk(sqlite_town, "desk")
    with crowd(sqlite_town):
        ma.says("菜单")
    page = desk.client.get("/console/duty/alarms").text
    assert "今天约1次请居民过一会儿再来" in page


def test_nobody_is_turned_away_faster_than_redis_is_told(sqlite_town: Town) -> None:
    sqlite_town.site.redis.flushall()
    now = [0.0]
    told = Told(sqlite_town.site, lambda: now[0])
    for _ in range(5):
        told.note()
    assert turned_away_today(sqlite_town.site)[0] == 1
    now[0] = 1.5
    told.note()
    assert turned_away_today(sqlite_town.site)[0] == 6


# ---- the line --------------------------------------------------------------------------------------------------------


def wait_for(line: Line, count: int) -> None:
    until = time.monotonic() + 5
    while line.waiting < count and time.monotonic() < until:
        time.sleep(0.005)
    assert line.waiting == count


def test_those_who_wait_are_served_in_the_order_in_which_they_came() -> None:
    line, served = Line(1, 10, patience=9.0), []

    def one(name: int) -> None:
        assert line.enter()
        served.append(name)
        line.leave()

    assert line.enter()
    threads = [threading.Thread(target=one, args=(name,)) for name in range(5)]
    for number, thread in enumerate(threads, 1):
        thread.start()
        wait_for(line, number)
    line.leave()
    for thread in threads:
        thread.join()
    assert served == [0, 1, 2, 3, 4]
    assert line.enter(), "the slot is free again"


def test_a_newcomer_is_turned_away_when_the_oldest_has_waited_its_time() -> None:
    line = Line(1, 10, patience=0.3)
    assert line.enter()
    outcome: list[bool] = []
    oldest = threading.Thread(target=lambda: outcome.append(line.enter()))
    oldest.start()
    wait_for(line, 1)
    time.sleep(0.35)
    started = time.monotonic()
    assert not line.enter()
    assert time.monotonic() - started < 0.3, "at once: who waits at all waits so long"
    oldest.join()
    assert (outcome, line.waiting) == ([False], 0), "nobody waits longer than the longest"


def test_a_hundred_at_once_never_take_more_slots_than_there_are() -> None:
    line, at_work, most, lock = Line(4, 200, patience=9.0), 0, 0, threading.Lock()

    def one() -> None:
        nonlocal at_work, most
        assert line.enter()
        with lock:
            at_work += 1
            most = max(most, at_work)
        time.sleep(0.001)
        with lock:
            at_work -= 1
        line.leave()

    threads = [threading.Thread(target=one) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 <= most <= 4
    assert line.waiting == 0
    assert all(line.enter() for _ in range(4))
