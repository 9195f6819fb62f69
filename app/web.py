"""The Flask application: channels mounted in front of a site, headers that browsers must see, health, metrics."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from apiflask import APIFlask
from flask import Flask, Response
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer
from prometheus_client import CONTENT_TYPE_LATEST

from app import cli, errors, health, metrics, overload, request_ids, static_files
from app.addresses import Id, LazyRule, Word
from app.bodies import WholeBodies
from app.channels import api, console, pages, wechat
from app.flags import flag_words
from app.logs import start_logs
from app.proxies import BehindProxies, OwnHosts
from app.site import Site
from app.web_policy import page_policy
from app.words import TEMPLATES, clock_words, day_words, hours_words, moment_words, week_words

LARGEST_UPLOAD = 10 * 1024 * 1024


def make_app(site: Site) -> APIFlask:
    start_logs(site.settings)
    app = App(
        "app",
        title=f"{site.settings.community.account_name} API",
        version="1",
        docs_path=None,
        spec_path="/api/openapi.json",
        template_folder=str(TEMPLATES),
    )
    app.extensions["site"] = site
    app.session_interface = Sessions()
    app.config |= _config(site)
    app.url_rule_class = LazyRule
    app.url_map.converters |= {"int": Id, "default": Word, "string": Word}
    app.jinja_env.filters |= {
        "day": day_words,
        "week": week_words,
        "clock": clock_words,
        "moment": moment_words,
        "hours": hours_words,
        "flags": flag_words,
    }
    app.context_processor(lambda: {"community": site.settings.community, "mode": site.settings.mode})
    request_ids.install(app)
    for channel in (wechat, api, pages, console):
        channel.install(app, site)
    api.describe_nothing_else(app)
    cli.install(app, site)
    errors.install(app)
    static_files.install(app)
    overload.install(app, site)
    app.wsgi_app = WholeBodies(app.wsgi_app, LARGEST_UPLOAD)  # type: ignore[assignment,method-assign]
    _install_health(app, site)
    app.after_request(_headers(site))
    is_known = site.settings.mode != "sandbox"  # a developer's machine has many names
    app.wsgi_app = OwnHosts(app.wsgi_app, site.settings.web.public_url if is_known else None)  # type: ignore[method-assign]
    if site.settings.web.trusted_proxies:
        app.wsgi_app = BehindProxies(app.wsgi_app, site.settings.web.trusted_proxies)  # type: ignore[method-assign]
    return app


class App(APIFlask):
    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Nothing of ours is asynchronous; Flask looks at each hook and view again with every request."""
        return func


class Sessions(SecureCookieSessionInterface):
    """Signed cookies, by one signer for as long as the key is the same."""

    signer: tuple[object, URLSafeTimedSerializer | None] = (None, None)

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        if self.signer[0] != app.secret_key:
            self.signer = app.secret_key, super().get_signing_serializer(app)
        return self.signer[1]


def _config(site: Site) -> dict[str, object]:
    secure = site.settings.web.public_url.startswith("https")
    return {
        "SECRET_KEY": site.session_key,
        "MAX_CONTENT_LENGTH": LARGEST_UPLOAD,
        "SESSION_COOKIE_NAME": "__Host-session" if secure else "session",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "JSON_SORT_KEYS": False,
    }


def _headers(site: Site):  # type: ignore[no-untyped-def]
    policy = page_policy(site)

    def add(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        return response

    return add


def _install_health(app: APIFlask, site: Site) -> None:
    @app.get("/healthz")
    @app.doc(hide=True)
    def alive() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz")
    @app.doc(hide=True)
    def ready() -> tuple[dict[str, object], int]:
        found = health.health(site)
        told = {"status": found.status, "mode": site.settings.mode, "host": site.settings.host.name}
        leads = found.lead.holder.partition(" ")[0] if found.lead else None
        looks = {look.name: look.told() for look in found.looks}
        return {
            **told,
            "leader": leads,
            "line": app.extensions["line"].state,
            "checks": looks,
        }, 200 if found.serves else 503

    @app.get("/metrics")
    @app.doc(hide=True)
    def show_metrics() -> Response:
        return Response(metrics.exposition(health.figures(site)), content_type=CONTENT_TYPE_LATEST)
