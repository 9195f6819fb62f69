"""Tokens, tickets, addresses, quotas and request ids: what an app may ask whatever its kind."""

from __future__ import annotations

import secrets
from typing import Any

from sandbox import tokens
from sandbox.apps import App
from sandbox.errors import Refused
from sandbox.gateway import OK, Answer, Call, Endpoints
from sandbox.journal import masked
from sandbox.periods import day_of, month_of
from sandbox.platform import count, usage
from sandbox.rules import CLEAR_QUOTA_PER_MONTH, DAILY_QUOTAS, MINUTE_QUOTAS, RID_DAYS, TOKEN_LIFE

endpoints = Endpoints()


@endpoints.get("/cgi-bin/token", token=False)
def token(call: Call) -> Answer:
    app = _app(call, call.args)
    _spend(call, app, "/cgi-bin/token")
    value, seconds = tokens.classic(call.db, app, call.now)
    return {"access_token": value, "expires_in": seconds}


@endpoints.post("/cgi-bin/stable_token", token=False)
def stable_token(call: Call) -> Answer:
    app = _app(call, call.body)
    _spend(call, app, "/cgi-bin/stable_token")
    value, seconds = tokens.stable(call.db, app, call.now, bool(call.body.get("force_refresh")))
    return {"access_token": value, "expires_in": seconds}


def _app(call: Call, given: Any) -> App:
    app = tokens.known_app(call.platform.apps, str(given.get("appid") or ""), str(given.get("secret") or ""))
    if given.get("grant_type") != "client_credential":
        raise Refused(40002)
    return app


def _spend(call: Call, app: App, path: str) -> None:
    per_minute = MINUTE_QUOTAS.get(path)
    if per_minute and call.platform.minutes.count(app.name, path, call.now) > per_minute:
        raise Refused(45011)
    if count(call.db, app.name, path, day_of(call.now)) > DAILY_QUOTAS[path]:
        raise Refused(45009)


@endpoints.get("/cgi-bin/ticket/getticket", needs="jssdk")
def js_ticket(call: Call) -> Answer:
    """The same ticket for two hours."""
    if call.args.get("type") not in ("jsapi", "wx_card"):
        raise Refused(40097)
    slot = "ticket " + call.args["type"]
    row = call.db.execute(
        "SELECT * FROM token WHERE app = ? AND slot = ? AND until > ? ORDER BY issued DESC",
        (call.app.name, slot, call.now),
    ).fetchone()
    ticket = row["token"] if row else "sM4A" + secrets.token_urlsafe(61)
    if row is None:
        values = (ticket, call.app.name, slot, call.now, call.now + TOKEN_LIFE, call.now)
        call.db.execute(
            "INSERT INTO token (token, app, slot, issued, until, killed) VALUES (?, ?, ?, ?, ?, ?)", values
        )
    return {**OK, "ticket": ticket, "expires_in": TOKEN_LIFE}


@endpoints.get("/cgi-bin/getcallbackip", serves="both")
def callback_addresses(call: Call) -> Answer:
    return {"ip_list": ["127.0.0.1", "::1"]}


@endpoints.get("/cgi-bin/get_api_domain_ip", serves="both")
def api_addresses(call: Call) -> Answer:
    return {"ip_list": ["127.0.0.1"]}


@endpoints.post("/cgi-bin/clear_quota", serves="both")
def clear_quota(call: Call) -> Answer:
    if call.body.get("appid") != call.app.appid:
        raise Refused(40013)
    return _clear(call, call.app)


@endpoints.both("/cgi-bin/clear_quota/v2", token=False)
def clear_quota_by_secret(call: Call) -> Answer:
    given = {**call.args, **call.body}
    return _clear(
        call, tokens.known_app(call.platform.apps, given.get("appid", ""), given.get("appsecret", ""))
    )


def _clear(call: Call, app: App) -> Answer:
    if count(call.db, app.name, "clear_quota", month_of(call.now)) > CLEAR_QUOTA_PER_MONTH:
        raise Refused(48006)
    call.db.execute(
        "DELETE FROM usage WHERE app = ? AND period = ? AND what LIKE '/%'", (app.name, day_of(call.now))
    )
    return OK


@endpoints.post("/cgi-bin/openapi/quota/get", serves="both")
def quota(call: Call) -> Answer:
    path = str(call.body.get("cgi_path", ""))
    if path.startswith("/sns/"):
        raise Refused(76022)
    if path not in DAILY_QUOTAS:
        raise Refused(76021)
    limit, used = DAILY_QUOTAS[path], usage(call.db, call.app.name, path, day_of(call.now))
    rate = {"call_count": MINUTE_QUOTAS[path], "refresh_second": 60} if path in MINUTE_QUOTAS else {}
    daily = {"daily_limit": limit, "used": used, "remain": max(0, limit - used)}
    return {**OK, "quota": daily, "rate_limit": rate}


@endpoints.post("/cgi-bin/openapi/rid/get", serves="both")
def request_by_rid(call: Call) -> Answer:
    row = call.db.execute(
        "SELECT * FROM call WHERE rid = ? AND at > ?", (str(call.body.get("rid", "")), call.now - RID_DAYS)
    ).fetchone()
    if row is None:
        raise Refused(76001)
    if row["app"] not in (None, call.app.name):
        raise Refused(76002)
    found = {
        "invoke_time": int(row["at"]),
        "cost_in_ms": row["ms"],
        "request_url": masked(row["query"]),
        "request_body": row["request"],
        "response_body": row["response"],
        "client_ip": row["client"],
    }
    return {**OK, "request": found}
