"""Secrets that are changed while the house runs (trust F30): nothing is started again, nobody's push is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from wechatpy.crypto import WeChatCrypto

from app.site import Site
from app.wechat.caller import AppFacts
from app.wechat.client import WeChat
from app.wechat.errors import WeChatError
from tests.neighbours import Phone, Town
from tests.wechat.conftest import APPID, SECRET
from tests.wechat.stand_in import StandIn, refused, said, standing_in

NEW_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFA"


@pytest.fixture
def resident(sqlite_town: Town) -> Phone:
    phone = sqlite_town.phone("马秀兰")
    phone.follows()
    return phone


def write_secrets(site: Site, mode: int = 0o600, **changed: str | None) -> Path:
    """The account's file as an administrator writes it anew."""
    known = replace(site.settings.secrets.of("main"), **changed)  # type: ignore[arg-type]
    path = site.settings.data / "secrets" / "main.toml"
    values = {name: getattr(known, name) or "" for name in ("secret", "token", "aes_key", "aes_key_previous")}
    path.write_text("".join(f'{name} = "{value}"\n' for name, value in values.items()))
    path.chmod(mode)
    return path


def with_the_new_key(phone: Phone) -> None:
    """WeChat has taken it over: it seals, and opens our answers, with it."""
    phone.crypto = WeChatCrypto(phone.token, NEW_KEY, phone.town.site.settings.account("main").appid)


def test_f30_a_new_aes_key_needs_no_restart_and_the_old_one_still_opens(
    sqlite_town: Town, resident: Phone
) -> None:
    site, old = sqlite_town.site, resident.crypto
    before = resident.says("你好")
    write_secrets(site, aes_key=NEW_KEY, aes_key_previous=site.settings.secrets.of("main").aes_key)
    with_the_new_key(resident)
    assert resident.says("你好") == before
    resident.crypto = old
    assert resident.says("你好") == before, "what was on its way is answered with the key that it came with"


def test_f30_a_file_that_others_can_read_is_not_taken(sqlite_town: Town, resident: Phone) -> None:
    old = resident.crypto
    write_secrets(sqlite_town.site, 0o644, aes_key=NEW_KEY)
    with_the_new_key(resident)
    with pytest.raises(AssertionError, match="cannot be opened"):
        resident.says("你好")
    resident.crypto = old
    assert resident.says("你好")


def test_f30_a_stranger_without_any_key_learns_nothing_by_asking_again(
    sqlite_town: Town, resident: Phone
) -> None:
    resident.crypto = WeChatCrypto("nobody", NEW_KEY, "wx0000000000000000")
    for _ in range(3):
        with pytest.raises(AssertionError, match="cannot be opened"):
            resident.says("你好")


@pytest.fixture
def platform() -> Iterator[StandIn]:
    with standing_in() as stand_in:
        yield stand_in


def test_f30_a_new_appsecret_is_read_when_wechat_refuses_the_old_one(platform: StandIn) -> None:
    shelf = [SECRET]
    facts = AppFacts("main", APPID, SECRET, platform.url, platform.url, platform.url, frozenset({"users"}))
    wechat = WeChat(replace(facts, secret_now=lambda: shelf[0]))
    platform.answers["/cgi-bin/stable_token"] = lambda asked: (
        said(access_token="T", expires_in=7200) if asked.json["secret"] == "new" else refused(40125)
    )
    with pytest.raises(WeChatError):
        wechat.call.token.get()
    assert platform.token_fetches == 1, "while the file says the same there is nothing to try"
    shelf[0] = "new"
    assert wechat.call.token.get() == "T"
    assert platform.token_fetches == 3
