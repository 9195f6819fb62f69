"""A town for each test, behind doors that stand already.

Building the web application (a thousand addresses) and taking it away again costs more than most tests do. What is one
town's own is made anew for each test: settings, databases, words, features, the doors of WeChat, Redis, limits of pace.
The application that stands in front of the site is used again, with the pages that it has compiled; one that a test
has changed is not. A test that makes the application remember something of its own sets `town.is_marked`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from apiflask import APIFlask

from app import create_app
from app.channels.api import callers
from app.logs import start_logs
from app.settings import Settings
from app.site import Site
from tests.neighbours import Town

_standing: dict[str, list[tuple[Site, APIFlask]]] = defaultdict(list)
OWN = {"data", "database", "redis", "secrets"}  # settings that the application does not know by heart


@contextmanager
def living(settings: Settings) -> Iterator[Town]:
    """A town with these settings; its site is closed behind it."""
    standing = _standing[settings.model_dump_json(exclude=OWN)]
    site, app = _moved_in(*standing.pop(), settings) if standing else _built(settings)
    town, before = Town(site, app), _plan(app)
    try:
        yield town
    finally:
        site.close()
        if town.app is app and not town.is_marked and _plan(app) == before:
            standing.append((site, app))


def _built(settings: Settings) -> tuple[Site, APIFlask]:
    site = Site(settings)
    return site, create_app(site)


def _moved_in(site: Site, app: APIFlask, settings: Settings) -> tuple[Site, APIFlask]:
    """Everything that knows this site finds it as if it had just been opened: nothing of the last town is left in it."""
    vars(site).clear()
    Site.__init__(site, settings)
    start_logs(settings)  # to where this test listens
    app.config["SECRET_KEY"] = site.session_key
    app.extensions["api"] = {"limiter": callers.make_limiter(site), "limits": dict(callers.LIMITS)}
    app._got_first_request = False
    return site, app


def _plan(app: APIFlask) -> tuple[Any, ...]:
    """What a test could have changed: addresses, views, what runs before and after, configuration, servers in between."""
    hooks = (
        app.before_request_funcs,
        app.after_request_funcs,
        app.teardown_request_funcs,
        app.url_default_functions,
        app.template_context_processors,
    )
    return (
        len(list(app.url_map.iter_rules())),
        dict(app.view_functions),
        [{name: list(found) for name, found in hook.items()} for hook in hooks],
        {name: value for name, value in app.config.items() if name != "SECRET_KEY"},
        {name: id(value) for name, value in app.extensions.items() if name != "api"},
        (dict(app.jinja_env.globals), dict(app.jinja_env.filters)),
        app.wsgi_app,
    )
