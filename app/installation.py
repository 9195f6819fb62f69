"""What one installation consists of: its programs in their order, its addresses, and what the sandbox must know."""

import http.client
import json
import re
import socket
import sys
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from app.embedded_valkey import socket_path
from app.prepare import is_current
from app.processes import Program
from app.settings import PROJECT, Account, AppSecrets, BadSettings, MiniProgram, Settings

Stages = tuple[tuple[Program, ...], ...]


PROGRAMS = ("valkey", "sandbox", "web", "scheduler", "delivery")


def chosen(settings: Settings, only: str) -> tuple[str, ...]:
    """The programs of this host: all that belong here, or those that are named ("web,delivery"). BadSettings."""
    names = tuple(name.strip() for name in only.split(",") if name.strip())
    if strange := next((name for name in names if name not in PROGRAMS), None):
        raise BadSettings(f"--only: there is no program {strange}; there are {', '.join(PROGRAMS)}")
    absent = {"valkey": not settings.embeds_valkey, "sandbox": settings.mode != "sandbox"}
    return tuple(name for name in names or PROGRAMS if not absent.get(name))


def stages(settings: Settings, programs: tuple[str, ...] | None = None) -> Stages:
    """First what the others stand on, then the house itself; they end in the opposite order. The web is awaited: three
    programs that load side by side on two cores keep residents waiting for twice as long."""
    programs = chosen(settings, "") if programs is None else programs
    makers = {
        "valkey": _valkey,
        "sandbox": _sandbox,
        "web": _web,
        "scheduler": _scheduler,
        "delivery": _delivery,
    }
    made = {name: make(settings) for name, make in makers.items() if name in programs}
    ground = [] if is_current(settings) else [_python("prepare", "app.prepare", once=True)]
    ground += [made[name] for name in ("valkey", "sandbox") if name in made]
    return tuple(ground), tuple(made[name] for name in ("web", "scheduler", "delivery") if name in made)


def ports(settings: Settings, programs: tuple[str, ...] | None = None) -> list[tuple[str, int]]:
    """Every (host, port) that must be free."""
    programs = chosen(settings, "") if programs is None else programs
    all_ports = {
        "web": (settings.web.host, settings.web.port),
        "sandbox": ("127.0.0.1", settings.sandbox_port),
    }
    return [place for name, place in all_ports.items() if name in programs]


def _scheduler(_settings: Settings) -> Program:
    return _python("scheduler", "scheduler")


def _delivery(_settings: Settings) -> Program:
    return _python("delivery", "scheduler.delivery")


def _python(name: str, module: str, *arguments: str, once: bool = False) -> Program:
    return Program(name, (sys.executable, "-m", module, *arguments), once=once)


def _valkey(settings: Settings) -> Program:
    path = socket_path(settings.data)
    argv = (sys.executable, "-m", "app.embedded_valkey", str(settings.data))
    return Program("valkey", argv, healthy=lambda: _pongs(path))


def _sandbox(settings: Settings) -> Program:
    folder = settings.data / "sandbox"
    argv = (
        *(sys.executable, "-m", "sandbox", "--port", str(settings.sandbox_port), "--data", str(folder)),
        *("--apps", str(apps_file(settings)), "--clock-file", str(settings.data / "clock")),
    )
    return Program("sandbox", argv, healthy=_answers(settings.sandbox_port, "/control/api/state"))


def _web(settings: Settings) -> Program:
    web = settings.web
    host = "127.0.0.1" if web.host in {"0.0.0.0", "::"} else web.host  # noqa: S104 - asked, not bound
    argv = (sys.executable, "-m", "app.serve")
    return Program("web", argv, healthy=_answers(web.port, "/healthz", host), awaited=True)


def _answers(port: int, path: str, host: str = "127.0.0.1") -> Callable[[], bool]:
    def ask() -> bool:
        connection = http.client.HTTPConnection(host, port, timeout=2)
        try:
            connection.request("GET", path)
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    return ask


def _pongs(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(1)
        try:
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def status(settings: Settings) -> dict[str, Any]:
    """What `make status` prints. Secrets are shown in sandbox mode only; elsewhere they are null."""
    sandbox = settings.mode == "sandbox"
    account = settings.accounts[0]
    secrets = settings.secrets.of(account.name)
    web, platform = settings.web.public_url.rstrip("/"), f"http://127.0.0.1:{settings.sandbox_port}"
    return {
        "web": web,
        "phone": f"{platform}/phone" if sandbox else None,
        "console": f"{web}/console",
        "api_docs": f"{web}/api/docs",
        "control": f"{platform}/control" if sandbox else None,
        "webhook": {
            "url": f"{web}/wx/{account.name}",
            "token": secrets.token if sandbox else None,
            "aes_key": secrets.aes_key if sandbox else None,
            "appid": account.appid,
            "account": account.original_id,
        },
        "miniprogram": {"appid": next((program.appid for program in settings.miniprograms), None)},
    }


def apps_file(settings: Settings) -> Path:
    return settings.data / "sandbox" / "apps.json"


def apps_of(settings: Settings) -> dict[str, Any]:
    """The accounts as the sandbox platform registers them, with their secrets."""
    secrets = settings.secrets
    return {
        "accounts": [_account(settings, each, secrets.of(each.name)) for each in settings.accounts],
        "miniprograms": [
            _miniprogram(settings, each, secrets.of_mini(each.name)) for each in settings.miniprograms
        ],
    }


def _account(settings: Settings, account: Account, secrets: AppSecrets) -> dict[str, Any]:
    return _registration(settings, account, secrets, "wx") | {
        "kind": account.kind,
        "verified": account.verified,
        "government": account.government,
        "oauth_domain": urlsplit(settings.web.public_url).netloc,
        "templates": _templates(account.templates) + _notices(account.notices),
    }


def _miniprogram(settings: Settings, program: MiniProgram, secrets: AppSecrets) -> dict[str, Any]:
    taken = {account.name for account in settings.accounts}  # the platform has one list of names, we have two
    name = f"mini-{program.name}" if program.name in taken else program.name
    more = {"name": name, "format": program.format, "templates": _notices(program.notices)}
    return _registration(settings, program, secrets, "mini") | more


def _registration(
    settings: Settings, app: Account | MiniProgram, secrets: AppSecrets, door: str
) -> dict[str, Any]:
    return {
        "name": app.name,
        "appid": app.appid,
        "account": app.original_id,
        "secret": secrets.secret,
        "token": secrets.token,
        "aes_key": secrets.aes_key,
        "encryption": app.encryption,
        "push_url": f"{settings.local_url}/{door}/{app.name}",
        "display_name": settings.community.account_name,
    }


def _templates(ids: Mapping[str, str]) -> list[dict[str, Any]]:
    """The templates that our messages use: every field of every message, its kind being its name without number."""
    return _cards(ids, "template", "fields")


def _notices(ids: Mapping[str, str]) -> list[dict[str, Any]]:
    """The subscription notices: each is allowed for one message."""
    return [notice | {"type": 2} for notice in _cards(ids, "notice", "notice_fields")]


def _cards(
    ids: Mapping[str, str], called: str, filled: str, folder: Path = PROJECT / "templates"
) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob("*/messages.toml")):
        for form in tomllib.loads(path.read_text("utf-8")).values():
            if name := form.get(called):
                title = form.get("title", name)
                card = {"template_id": ids.get(name, name), "title": title, "fields": {}}
                fields = found.setdefault(name, card)["fields"]
                fields.update({field: re.sub(r"\d+$", "", field) for field in form.get(filled, {})})
    return list(found.values())


def apps_text(settings: Settings) -> str:
    return json.dumps(apps_of(settings), ensure_ascii=False, indent=1)
