"""The accounts and mini-programs registered with this platform, as the apps file names them.

The file is authoritative at every start; what the control page changes while running (say, an account that loses
its verification) lasts until the next start, so that a forgotten experiment never hides the configuration.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from threading import Lock
from typing import Any

SECRET_FIELDS = ("secret", "token", "aes_key")
FIXED_FIELDS = ("name", "appid", "account", "mini")


class BadApps(Exception):
    """The apps file or a change to it cannot be used; the text is one clear line."""


@dataclass(frozen=True)
class Template:
    """kind: None = category template of template/send, 2 = one-time and 3 = long-term subscription notice."""

    template_id: str
    title: str
    fields: dict[str, str]
    labels: dict[str, str] = field(default_factory=dict)
    options: dict[str, list[str]] = field(default_factory=dict)
    type: int | None = None


@dataclass(frozen=True)
class App:
    name: str
    appid: str
    secret: str
    account: str
    token: str
    aes_key: str
    push_url: str
    mini: bool = False
    encryption: str = "secure"
    format: str = "xml"
    kind: str = "service"
    verified: bool = True
    government: bool = False
    oauth_domain: str = ""
    display_name: str = ""
    templates: tuple[Template, ...] = ()
    pages: tuple[str, ...] = ()

    def template(self, template_id: str) -> Template | None:
        return next((each for each in self.templates if each.template_id == template_id), None)

    def public(self) -> dict[str, Any]:
        return {key: value for key, value in asdict(self).items() if key not in SECRET_FIELDS}


CHANGEABLE = frozenset(each.name for each in fields(App)) - frozenset(FIXED_FIELDS)


def _template(raw: dict[str, Any]) -> Template:
    known = {each.name for each in fields(Template)}
    return Template(**{key: value for key, value in raw.items() if key in known})


def _app(raw: dict[str, Any], mini: bool) -> App:
    known = {each.name for each in fields(App)}
    values = {key: value for key, value in raw.items() if key in known}
    values["templates"] = tuple(_template(each) for each in raw.get("templates", ()))
    values["pages"] = tuple(raw.get("pages", ()))
    values["display_name"] = raw.get("display_name") or raw.get("name", "")
    return _checked(App(**{**values, "mini": mini}))


def _checked(app: App) -> App:
    if app.encryption not in ("secure", "compatible", "plain"):
        raise BadApps(
            f"app {app.name}: encryption must be secure, compatible or plain, not {app.encryption!r}"
        )
    if app.format not in ("xml", "json") or (app.format == "json" and not app.mini):
        raise BadApps(f"app {app.name}: only a mini-program may take JSON, not {app.format!r}")
    if app.kind not in ("service", "subscription"):
        raise BadApps(f"app {app.name}: kind must be service or subscription, not {app.kind!r}")
    if len(app.aes_key) != 43:
        raise BadApps(f"app {app.name}: aes_key must have 43 characters")
    return app


class Apps:
    def __init__(self, apps: list[App]) -> None:
        self._lock = Lock()
        self._apps = {app.name: app for app in apps}
        if len(self._apps) != len(apps):
            raise BadApps("two apps have the same name")

    @classmethod
    def load(cls, file: Path) -> Apps:
        """Raises BadApps naming what is wrong with the file."""
        try:
            raw = json.loads(file.read_text(encoding="utf-8"))
            accounts = [_app(each, mini=False) for each in raw.get("accounts", [])]
            return cls(accounts + [_app(each, mini=True) for each in raw.get("miniprograms", [])])
        except (OSError, ValueError) as error:
            raise BadApps(f"cannot read {file}: {error}") from error
        except (TypeError, KeyError, AttributeError) as error:
            raise BadApps(f"{file} does not describe apps: {error}") from error

    def all(self) -> list[App]:
        return list(self._apps.values())

    def named(self, name: str) -> App | None:
        return self._apps.get(name)

    def by_appid(self, appid: str) -> App | None:
        return next((app for app in self.all() if app.appid == appid), None)

    def change(self, name: str, changes: dict[str, Any]) -> App:
        """Raises BadApps on an unknown app, an unknown field or a value that no app may have."""
        unknown = set(changes) - CHANGEABLE
        if unknown:
            raise BadApps(f"cannot change {', '.join(sorted(unknown))}")
        with self._lock:
            if name not in self._apps:
                raise BadApps(f"no app is named {name}")
            self._apps[name] = _checked(replace(self._apps[name], **_typed(changes)))
            return self._apps[name]


def _typed(changes: dict[str, Any]) -> dict[str, Any]:
    made = dict(changes)
    if "templates" in made:
        made["templates"] = tuple(_template(each) for each in made["templates"])
    if "pages" in made:
        made["pages"] = tuple(made["pages"])
    return made
