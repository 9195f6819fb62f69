"""One token for all threads and processes; fetched once, renewed once, never in a loop (trust F17, I13)."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.wechat.errors import Handling, NotWeChat, WeChatError
from app.wechat.tokens import SharedToken, _lifetime
from tests.wechat.conftest import SECRET
from tests.wechat.stand_in import Said, refused, said

INFO = "/cgi-bin/user/info"
OPENID = "oABCD1234567890abcdefghijklm"


def at_once(number, function):
    """Run it in that many threads that start together."""
    barrier = threading.Barrier(number)

    def run(_):
        barrier.wait()
        return function()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(run, range(number)))


def a_minute_later(redis):
    """The last fetch is a minute ago."""
    redis.delete("wechat:token:wx1234567890abcdef:fresh")


def test_eight_threads_without_a_token_fetch_one(wechat, platform):
    platform.answers["/cgi-bin/stable_token"] = said(access_token="T", expires_in=7200)
    at_once(8, lambda: wechat.users.get(OPENID))
    assert platform.token_fetches == 1
    assert len(platform.of(INFO)) == 8


def test_four_processes_share_one_token_through_redis(make, platform):
    processes = [make() for _ in range(4)]
    platform.answers["/cgi-bin/stable_token"] = Said(said(access_token="T", expires_in=7200).body, wait=0.2)
    each = iter(processes)
    at_once(4, lambda: next(each).users.get(OPENID))
    assert platform.token_fetches == 1


@pytest.mark.parametrize("kind", ["absent", "none"])
def test_without_redis_each_process_fetches_once(make, platform, absent_redis, kind):
    wechat = make(redis=absent_redis if kind == "absent" else None)
    at_once(8, lambda: wechat.users.get(OPENID))
    assert platform.token_fetches == 1


def test_a_token_outlives_the_process_that_fetched_it(make, platform, redis):
    make().users.get(OPENID)
    make().users.get(OPENID)
    assert platform.token_fetches == 1
    assert 0 < redis.ttl("wechat:token:wx1234567890abcdef") <= 7200 - 300


def test_the_stable_token_is_asked_for_without_force(wechat, platform):
    wechat.users.get(OPENID)
    assert platform.of("/cgi-bin/stable_token")[0].json == {
        "grant_type": "client_credential",
        "appid": "wx1234567890abcdef",
        "secret": SECRET,
        "force_refresh": False,
    }


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
def test_f17_a_dead_token_costs_one_fetch_and_one_repeat(wechat, platform, redis, errcode):
    wechat.call.token.get()
    a_minute_later(redis)
    platform.answers[INFO] = [refused(errcode), said(subscribe=1, openid=OPENID)]
    assert wechat.users.get(OPENID).following
    assert [asked.query["access_token"] for asked in platform.of(INFO)] == ["T1", "T2"]
    assert platform.token_fetches == 2


def test_f17_a_token_that_is_always_refused_ends_after_two_calls(wechat, platform, redis):
    wechat.call.token.get()
    a_minute_later(redis)
    platform.answers[INFO] = refused(40001)
    with pytest.raises(WeChatError) as fault:
        wechat.users.get(OPENID)
    assert fault.value.handling is Handling.CREDENTIAL
    assert len(platform.of(INFO)) == 2
    assert platform.token_fetches == 2


@pytest.mark.parametrize("with_redis", [True, False])
def test_i13_a_token_that_is_refused_while_it_is_fresh_is_not_fetched_again(
    make, platform, redis, with_redis
):
    wechat = make(redis=redis if with_redis else None)
    platform.answers[INFO] = refused(40001)
    for _ in range(20):
        with pytest.raises(WeChatError):
            wechat.users.get(OPENID)
    assert platform.token_fetches == 1
    assert len(platform.of(INFO)) == 20


def test_i13_of_four_processes_whose_token_is_refused_one_fetches_in_a_minute(make, platform, redis):
    processes = [make() for _ in range(4)]
    for one in processes:
        one.users.get(OPENID)
    a_minute_later(redis)
    platform.answers[INFO] = refused(40001)
    for _ in range(5):
        for one in processes:
            with pytest.raises(WeChatError):
                one.users.get(OPENID)
    assert platform.token_fetches == 2


def test_f17_a_flapping_token_recovers_each_minute(wechat, platform, redis):
    wechat.call.token.get()
    for _ in range(3):
        a_minute_later(redis)
        platform.answers[INFO] = [refused(42001), said(subscribe=1)]
        assert wechat.users.get(OPENID).following
    assert platform.token_fetches == 4


def test_a_token_replaced_by_another_process_is_used_instead_of_fetching(make, platform, redis):
    one, other = make(), make()
    one.users.get(OPENID)
    other.users.get(OPENID)
    a_minute_later(redis)
    platform.answers[INFO] = lambda asked: (
        refused(42001) if asked.query["access_token"] == "T1" else said(subscribe=1)
    )
    assert one.users.get(OPENID).following
    assert other.users.get(OPENID).following
    assert platform.token_fetches == 2


def test_a_wrong_secret_is_a_matter_of_configuration(wechat, platform):
    platform.answers["/cgi-bin/stable_token"] = refused(40001, "invalid credential")
    with pytest.raises(WeChatError) as fault:
        wechat.users.get(OPENID)
    assert fault.value.handling is Handling.CONFIGURATION
    assert not platform.of(INFO)


def test_while_the_platform_is_slow_waiting_threads_fail_with_the_first(make, platform):
    platform.answers["/cgi-bin/stable_token"] = Said(b"<html>", content_type="text/html", wait=0.3)
    wechat = make(redis=None)

    def failing():
        with pytest.raises(NotWeChat):
            wechat.users.get(OPENID)

    at_once(8, failing)
    assert platform.token_fetches < 8


def test_a_process_that_died_with_the_lock_holds_nobody_for_long(redis, monkeypatch):
    monkeypatch.setattr("app.wechat.tokens._LONGEST_WAIT", 0.2)
    redis.set("wechat:x:lock", "somebody", px=60_000)
    assert SharedToken("x", lambda: ("T", 7200), redis).get() == "T"


def test_nobody_opens_the_lock_of_another(redis):
    def fetch():
        redis.set("wechat:x:lock", "another")
        return "T", 7200

    SharedToken("x", fetch, redis).get()
    assert redis.get("wechat:x:lock") == "another"


def test_bytes_from_redis_are_read_too(valkey_socket, redis):
    from redis import Redis

    redis.set("wechat:x", "T", px=60_000)
    assert SharedToken("x", lambda: ("other", 7200), Redis(unix_socket_path=str(valkey_socket))).get() == "T"


@pytest.mark.parametrize(("expires_in", "seconds"), [(7200, 6900), (601, 301), (345, 172.5), (2, 1), (0, 1)])
def test_a_value_is_used_until_wechat_renews_it(expires_in, seconds):
    assert _lifetime(expires_in) == seconds


@pytest.mark.parametrize(
    "answer", [said(expires_in=7200), said(access_token="T"), said(access_token=5, expires_in=1)]
)
def test_an_answer_without_a_token_is_no_token(wechat, platform, answer):
    platform.answers["/cgi-bin/stable_token"] = answer
    with pytest.raises(NotWeChat):
        wechat.users.get(OPENID)
