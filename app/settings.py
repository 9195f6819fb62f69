"""Everything an installation may decide, read once, checked before anything starts.

Order of strength: config.toml < environment (XINGFU_WEB__PORT) < file that the environment names (…_FILE).
A wrong key, a placeholder or a secret in config.toml refuses to start with one line that says what to change:
an installation that guesses is worse for residents than one that stands still until a person has looked.
"""

import ipaddress
import os
import re
import socket
import sys
from collections.abc import Mapping
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from app import failpoints
from app.embedded_valkey import socket_path
from app.secrets_store import AppSecrets, Secrets, read_secrets
from app.settings_sources import BadSettings, explain, gather

__all__ = ["Account", "AppSecrets", "BadSettings", "MiniProgram", "Secrets", "Settings", "load_settings"]

PROJECT = Path(__file__).resolve().parent.parent
Mode = Literal["sandbox", "trial", "live"]
Encryption = Literal["secure", "compatible", "plain"]

MOVED = "moved-to-postgresql"  # in DATA: the rows of the SQLite files beside it go on elsewhere

DEMO_PHONE = "0971-8170000"
DEMO_APPID = "wx3d1f8a2b6c9e4705"
DEMO_MINI_APPID = "wx7b60e2c4a91d5f38"


def _listed(value: object) -> object:
    """Lists arrive from the environment as "a, b"."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


Listed = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]{0,15}$")]
AppId = Annotated[str, Field(pattern=r"^wx[0-9a-zA-Z]{16}$")]
OriginalId = Annotated[str, Field(pattern=r"^gh_[0-9a-zA-Z]{6,20}$")]


class Section(BaseModel):
    """Frozen, and an unknown key is a fault: a typing error must not silently keep a default."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Community(Section):
    name: str = "互助中路社区"
    account_name: str = "幸福大家庭"
    phone: Annotated[str, Field(min_length=5)] = DEMO_PHONE
    address: str = "西宁市城东区互助中路社区党群服务中心"
    office_hours: str = "周一至周五 8:30–12:00、14:00–18:00"


class Web(Section):
    public_url: str
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65534)] = 8000
    workers: Annotated[int, Field(ge=1, le=32)] = 2
    threads: Annotated[int, Field(ge=1, le=64)] = 4
    waiting: Annotated[int, Field(ge=0, le=1000)] = 120
    patience_ms: Annotated[int, Field(ge=0, le=1500)] = 700
    trusted_proxies: Listed = ()

    @model_validator(mode="after")
    def _addresses_are_addresses(self) -> Self:
        for proxy in self.trusted_proxies:
            ipaddress.ip_network(proxy, strict=False)
        parts = urlsplit(self.public_url)
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path not in {"", "/"}:
            raise ValueError("web.public_url must look like https://host, without a path")
        return self


class Host(Section):
    """One of the machines that run this house together; each has a name of its own."""

    name: Annotated[str, Field(pattern=r"^[0-9A-Za-z._-]{1,40}$")]


class Database(Section):
    """`pool`: connections that each process keeps; app/pools.py has the arithmetic."""

    url: str = Field(repr=False)
    pool: Annotated[int, Field(ge=2, le=20)] = 10


class RedisServer(Section):
    url: str = Field(repr=False)


class Delivery(Section):
    """How messages leave. Between `quiet_from` and `quiet_until` ("21:00", "08:00") no broadcast is sent that is not
    urgent; answers and reminders to one person go at any hour."""

    at_once: Annotated[int, Field(ge=1, le=256)] = 64
    per_second: Annotated[int, Field(ge=1, le=1000)] = 50
    quiet_from: time = time(21)
    quiet_until: time = time(8)


class Platform(Section):
    api_base: str
    oauth_base: str
    qr_base: str


class Account(Section):
    """One WeChat account. Its kind and verification decide what the platform lets it do (wechat.md §1)."""

    name: Name
    appid: AppId
    original_id: OriginalId
    kind: Literal["service", "subscription"] = "service"
    verified: bool = True
    government: bool = False
    encryption: Encryption = "secure"
    # logical name in templates/*/messages.toml → id of the template in this account
    templates: dict[str, str] = Field(default_factory=dict)
    # the same for subscription notices, which people allow one by one
    notices: dict[str, str] = Field(default_factory=dict)


class MiniProgram(Section):
    name: Name
    appid: AppId
    original_id: OriginalId
    encryption: Encryption = "secure"
    format: Literal["json", "xml"] = "json"
    notices: dict[str, str] = Field(default_factory=dict)


class Settings(Section):
    mode: Mode = "sandbox"
    data: Path
    host: Host
    community: Community = Field(default_factory=Community)
    web: Web
    database: Database
    redis: RedisServer
    platform: Platform
    delivery: Delivery = Field(default_factory=Delivery)
    accounts: tuple[Account, ...]
    miniprograms: tuple[MiniProgram, ...] = ()
    testers: Annotated[Listed, Field(max_length=5)] = ()
    secrets: Secrets = Field(repr=False, exclude=True)

    @property
    def apps(self) -> tuple["Account | MiniProgram", ...]:
        return (*self.accounts, *self.miniprograms)

    def account(self, name: str) -> Account:
        """The account called `name`; KeyError when there is none."""
        return _named(self.accounts, name)

    def miniprogram(self, name: str) -> MiniProgram:
        """The mini-program called `name`; KeyError when there is none."""
        return _named(self.miniprograms, name)

    @property
    def embeds_valkey(self) -> bool:
        """Whether we start Valkey ourselves: yes unless another address was configured."""
        return self.redis.url == f"unix://{socket_path(self.data)}"

    @property
    def sandbox_port(self) -> int:
        return self.web.port + 1

    @property
    def local_url(self) -> str:
        """Where this machine itself reaches the web process, past any reverse proxy."""
        host = "127.0.0.1" if self.web.host in {"0.0.0.0", "::"} else self.web.host  # noqa: S104 - asked, not bound
        return f"http://{f'[{host}]' if ':' in host else host}:{self.web.port}"


App = TypeVar("App", Account, MiniProgram)


def _named(apps: tuple[App, ...], name: str) -> App:
    for app in apps:
        if app.name == name:
            return app
    raise KeyError(name)


def load_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """All settings of this installation; BadSettings is one line for the person who starts it."""
    given = gather(environ, PROJECT / "config.toml")
    complete = _with_defaults(given.values)
    try:
        settings = Settings.model_validate(complete | {"secrets": Secrets()})
    except ValidationError as error:
        raise BadSettings(explain(error, given, Settings)) from None
    _check_names(settings)
    _check_mode(settings)
    _check_moved(settings)
    _arm_failpoints(settings.mode, environ.get(failpoints.VARIABLE, ""))
    secrets = read_secrets(
        settings.data,
        accounts=[account.name for account in settings.accounts],
        miniprograms=[program.name for program in settings.miniprograms],
        environ=environ,
        make_missing=settings.mode == "sandbox",
    )
    return settings.model_copy(update={"secrets": secrets})


def settings_or_end() -> Settings:
    """For a program's first line: what is wrong with the settings is its last one."""
    try:
        return load_settings()
    except BadSettings as fault:
        sys.exit(str(fault))


def data_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Where the installation keeps everything, without judging the other settings."""
    return _data_of(gather(environ, PROJECT / "config.toml").values)


def _data_of(given: dict[str, Any]) -> Path:
    return Path(given.get("data") or PROJECT / "data").expanduser().absolute()


def _with_defaults(given: dict[str, Any]) -> dict[str, Any]:
    """What follows from mode, data and port when it is not said; an empty text means "not said"."""
    data = _data_of(given)
    sandbox = given.get("mode", "sandbox") == "sandbox"
    web = given.get("web")
    port = web.get("port", 8000) if isinstance(web, dict) else 8000
    values = given | {"data": data}
    _fill(values, "host", {"name": re.sub(r"[^0-9A-Za-z._-]", "-", socket.gethostname())[:40] or "host"})
    _fill(values, "web", {"public_url": f"http://127.0.0.1:{port}"})
    _fill(values, "database", {"url": f"sqlite:///{data / 'xingfu.db'}"})
    _fill(values, "redis", {"url": f"unix://{socket_path(data)}"})
    _fill(values, "platform", _sandbox_platform(port) if sandbox else REAL_PLATFORM)
    if sandbox:
        values.setdefault("accounts", [DEMO_ACCOUNT])
        values.setdefault("miniprograms", [DEMO_MINIPROGRAM])
    values.setdefault("accounts", [])
    return values


def _fill(values: dict[str, Any], section: str, defaults: dict[str, str]) -> None:
    said = values.get(section, {})
    if isinstance(said, dict):
        values[section] = defaults | {key: value for key, value in said.items() if value != ""}


REAL_PLATFORM = {
    "api_base": "https://api.weixin.qq.com",
    "oauth_base": "https://open.weixin.qq.com",
    "qr_base": "https://mp.weixin.qq.com",
}
DEMO_ACCOUNT = {"name": "main", "appid": DEMO_APPID, "original_id": "gh_5a1c9e3b7d20"}
DEMO_MINIPROGRAM = {"name": "main", "appid": DEMO_MINI_APPID, "original_id": "gh_c48f0d6b2e91"}


def _sandbox_platform(port: object) -> dict[str, str]:
    base = f"http://127.0.0.1:{int(str(port)) + 1}" if str(port).isdecimal() else "http://127.0.0.1"
    return {"api_base": base, "oauth_base": base, "qr_base": base}


def _check_names(settings: Settings) -> None:
    if not settings.accounts:
        raise BadSettings("config.toml: no [[accounts]]: write appid and original_id of the WeChat account")
    for names in ([a.name for a in settings.accounts], [m.name for m in settings.miniprograms]):
        if len(set(names)) < len(names):
            raise BadSettings("config.toml: two [[accounts]] or two [[miniprograms]] have the same name")


def _check_mode(settings: Settings) -> None:
    problem = _sandbox_problem(settings) if settings.mode == "sandbox" else _real_problem(settings)
    if settings.mode == "live" and not problem:
        problem = _live_problem(settings)
    if problem:
        raise BadSettings(f"{problem} (mode = {settings.mode})")


def _check_moved(settings: Settings) -> None:
    """Residents who wrote into the files that were left behind would be lost, and a backup of these is none."""
    if settings.database.url.startswith("sqlite") and (mark := settings.data / MOVED).exists():
        raise BadSettings(
            "database.url: this house has moved to PostgreSQL, name its address; "
            f"or remove {mark} and go on with the SQLite files of that day"
        )


def _sandbox_problem(settings: Settings) -> str | None:
    """Invented neighbours must never reach the real platform."""
    for key, address in settings.platform.model_dump().items():
        if (urlsplit(address).hostname or "").endswith("weixin.qq.com"):
            return f"platform.{key} points at the real WeChat; use trial or live for that"
    return None


def _real_problem(settings: Settings) -> str | None:
    for app in settings.apps:
        if app.appid in {DEMO_APPID, DEMO_MINI_APPID}:
            return f'the appid of "{app.name}" is still the sandbox\'s; write your own'
    if settings.community.phone == DEMO_PHONE:
        return "community.phone is still the invented number; residents are told to call it"
    found = (_address_problem(key, address) for key, address in settings.platform.model_dump().items())
    return next((problem for problem in found if problem), None)


def _address_problem(key: str, address: str) -> str | None:
    """WeChat itself or a proxy on this machine: a slip in writing must not carry residents' data abroad (trust L11)."""
    parts = urlsplit(address)
    if parts.hostname in {"127.0.0.1", "::1", "localhost"}:
        return None
    if parts.scheme != "https":
        return f"platform.{key} must be https: secrets travel there"
    if not (parts.hostname or "").endswith(".weixin.qq.com"):
        return f"platform.{key} is not WeChat's: secrets travel there"
    return None if parts.path in {"", "/"} else f"platform.{key} must be https://host, without a path"


def _live_problem(settings: Settings) -> str | None:
    for app in settings.apps:
        if app.encryption != "secure":
            return f'encryption of "{app.name}" must be "secure"'
    if not settings.web.public_url.startswith("https://"):
        return "web.public_url must be https"
    if (settings.data / "clock").exists():
        return f"{settings.data / 'clock'} exists: a moved clock belongs to the sandbox; delete it"
    return None


def _arm_failpoints(mode: Mode, said: str) -> None:
    if said and mode != "sandbox":
        raise BadSettings(
            f"{failpoints.VARIABLE} ends programs on purpose: in the sandbox only (mode = {mode})"
        )
    try:
        failpoints.arm(said)
    except failpoints.BadFailpoint as error:
        raise BadSettings(f"{failpoints.VARIABLE}: {error}") from None
