"""Everything a process needs, opened once: settings, databases, words, features, Redis, and the doors of our apps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from redis.exceptions import RedisError

from app import clock, files, forgotten, links, privacy
from app.database import Database, confidential_url
from app.pools import lane_pool
from app.redis import connect
from app.secrets_store import AppSecrets, Secrets
from app.settings import Account, MiniProgram, Settings
from app.wechat.capabilities import capabilities
from app.wechat.client import AppFacts, WeChat
from app.words import Words
from handlers import FEATURES
from models.outbox import WAKE

if TYPE_CHECKING:
    from redis import Redis

    from app.feature import Feature
    from app.house import House
    from app.wechat.sealing import Seal


@dataclass(frozen=True, slots=True)
class Door:
    """One of our apps at WeChat: how its pushes are opened and by which name they come."""

    name: str
    kind: str
    appid: str
    original_id: str
    seal: Seal


class Site:
    """One community's installation, as every process of it sees it."""

    def __init__(
        self, settings: Settings, features: Sequence[Feature] | None = None, *more_words: Path
    ) -> None:
        self.settings = settings
        privacy.use_keys(settings.secrets.sealing)
        files.use_folder(settings.data / "files")
        links.use_public_url(settings.web.public_url)
        clock.use_offset_file(settings.data / "clock" if settings.mode == "sandbox" else None)
        pool = settings.database.pool
        self.database = Database(settings.database.url, pool)
        self.confidential = Database(confidential_url(settings.database.url), lane_pool(pool))
        self.database.confidential = self.confidential
        self._features = features
        names = FEATURES if features is None else [feature.name for feature in features]
        self.words = Words(names, settings.community.model_dump(), *more_words)
        self.database.after_commit = self._after_commit
        self._secrets = settings.secrets

    @cached_property
    def house(self) -> House:
        """All features. Who only carries messages never asks for them, and does without their pages in its memory."""
        from app.house import House, load_features

        return House(load_features(FEATURES) if self._features is None else self._features, self.words)

    @cached_property
    def doors(self) -> dict[str, Door]:
        """How the pushes to each of our apps are opened: for who receives them."""
        return _doors(self.settings, self._secrets)

    @cached_property
    def session_key(self) -> str:
        """Signs browser cookies; derived, so that every process has the same one."""
        return privacy.keyring().blind("web", "session cookies")

    @cached_property
    def redis(self) -> Redis:
        return connect(self.settings)

    def _after_commit(self, notes: dict[Any, Any]) -> None:
        """Who was forgotten is listed beside the database, removed files go. Something new in the outbox: Redis carries
        the wake-up call, and only that."""
        forgotten.write_down(self.settings.data, notes)
        files.take_away(notes)
        if notes.get(WAKE):
            with suppress(RedisError):
                self.redis.rpush(WAKE, 1)
                self.redis.ltrim(WAKE, -1, -1)

    def door_again(self, door: Door) -> Door | None:
        """The same door with the secrets that stand in the files by now; None when they are the ones it has.

        Asked when a push does not open, so that a key that was changed at WeChat needs no restart (trust F30)."""
        known = f"{door.kind}:{door.name}"
        secrets = self._secrets.again()
        if secrets != self._secrets:
            self._secrets, self.doors = secrets, _doors(self.settings, secrets)
        return self.doors[known] if self.doors[known] is not door else None

    @cached_property
    def main(self) -> WeChat:
        """The client of the community's own account."""
        return self.wechat("oa", self.settings.accounts[0].name)

    def wechat(self, kind: str, name: str) -> WeChat:
        """The client of one of our apps; `kind` is "oa" or "mini"."""
        return self._clients[f"{kind}:{name}"]

    @cached_property
    def _clients(self) -> dict[str, WeChat]:
        made = {
            f"oa:{a.name}": WeChat(_account_facts(a, self.settings), self.redis)
            for a in self.settings.accounts
        }
        minis = {
            f"mini:{m.name}": WeChat(_mini_facts(m, self.settings), self.redis)
            for m in self.settings.miniprograms
        }
        return made | minis

    def close(self) -> None:
        """Every connection that nobody uses now; what is asked afterwards opens new ones."""
        self.database.dispose()
        self.confidential.dispose()
        if "redis" in vars(self):
            self.redis.close()


def _doors(settings: Settings, secrets: Secrets) -> dict[str, Door]:
    doors = {f"oa:{a.name}": _account_door(a, secrets.of(a.name)) for a in settings.accounts}
    return doors | {f"mini:{m.name}": _mini_door(m, secrets.of_mini(m.name)) for m in settings.miniprograms}


def _account_door(account: Account, secrets: AppSecrets) -> Door:
    from app.wechat.sealing import Seal

    seal = Seal(secrets.token, secrets.aes_key, account.appid, secrets.aes_key_previous, account.encryption)
    return Door(account.name, "oa", account.appid, account.original_id, seal)


def _mini_door(mini: MiniProgram, secrets: AppSecrets) -> Door:
    from app.wechat.sealing import Seal

    seal = Seal(secrets.token, secrets.aes_key, mini.appid, secrets.aes_key_previous, mini.encryption)
    return Door(mini.name, "mini", mini.appid, mini.original_id, seal)


def _account_facts(account: Account, settings: Settings) -> AppFacts:
    allowed = capabilities(account.kind, account.verified, account.government)
    return _facts(account, lambda secrets: secrets.of(account.name).secret, settings, allowed)


def _mini_facts(mini: MiniProgram, settings: Settings) -> AppFacts:
    return _facts(mini, lambda secrets: secrets.of_mini(mini.name).secret, settings, frozenset({"mini"}))


def _facts(
    app: Account | MiniProgram,
    secret: Callable[[Secrets], str],
    settings: Settings,
    allowed: frozenset[str],
) -> AppFacts:
    platform = settings.platform
    return AppFacts(
        name=app.name,
        appid=app.appid,
        secret=secret(settings.secrets),
        secret_now=lambda: secret(settings.secrets.again()),
        api_base=platform.api_base,
        oauth_base=platform.oauth_base,
        qr_base=platform.qr_base,
        capabilities=allowed,
    )
