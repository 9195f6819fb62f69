"""Web login behind the authorise page: code for token, refresh, user info, check."""

from __future__ import annotations

import secrets
import sqlite3

from sandbox import codes, tokens
from sandbox.apps import App
from sandbox.errors import Refused
from sandbox.gateway import OK, Answer, Call, Endpoints
from sandbox.neighbours import find
from sandbox.rules import MINUTE_QUOTAS, REFRESH_LIFE, TOKEN_LIFE, capabilities
from sandbox.state import read_settings

endpoints = Endpoints()


@endpoints.get("/sns/oauth2/access_token", token=False, sns=True)
def exchange(call: Call) -> Answer:
    app = _app(call, "authorization_code")
    code = call.args.get("code", "")
    if not code:
        raise Refused(41008)
    row = codes.redeem(call.db, app, "web", code, call.now)
    answer = _issued(call, app, row["openid"], row["neighbour"], row["scope"])
    if row["snapshot"]:
        answer["is_snapshotuser"] = 1
    elif row["scope"] == "snsapi_userinfo":
        answer.update(unionid_of(call.db, row["neighbour"]))
    return answer


def _app(call: Call, grant_type: str) -> App:
    app = tokens.known_app(call.platform.apps, call.args.get("appid", ""), call.args.get("secret", ""))
    if call.args.get("grant_type") != grant_type:
        raise Refused(40002)
    if "oauth" not in capabilities(app):
        raise Refused(48001)
    path = "/sns/oauth2/access_token"
    if call.platform.minutes.count(app.name, path, call.now) > MINUTE_QUOTAS[path]:
        raise Refused(45011)
    return app


def _issued(call: Call, app: App, openid: str, neighbour: str, scope: str) -> dict[str, object]:
    token, refresh = "96_" + secrets.token_urlsafe(60), "96_" + secrets.token_urlsafe(60)
    life = (call.now + TOKEN_LIFE, call.now + REFRESH_LIFE)
    row = (token, refresh, app.name, openid, neighbour, scope, *life)
    call.db.execute("INSERT INTO web_token VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
    shown = {"access_token": token, "expires_in": TOKEN_LIFE, "refresh_token": refresh}
    return {**shown, "openid": openid, "scope": scope}


def unionid_of(db: sqlite3.Connection, neighbour: str) -> dict[str, str]:
    """Empty unless the apps are bound to one Open Platform account."""
    known = find(db, neighbour) if read_settings(db)["unionid"] else None
    return {"unionid": known.unionid} if known else {}


@endpoints.get("/sns/oauth2/refresh_token", token=False, sns=True)
def refresh(call: Call) -> Answer:
    app = call.platform.apps.by_appid(call.args.get("appid", ""))
    if app is None:
        raise Refused(40013)
    given = call.args.get("refresh_token", "")
    row = call.db.execute(
        "SELECT * FROM web_token WHERE refresh = ? AND app = ?", (given, app.name)
    ).fetchone()
    if row is None:
        raise Refused(40030)
    if row["refresh_until"] <= call.now:
        raise Refused(42002)
    call.db.execute("UPDATE web_token SET until = ? WHERE refresh = ?", (call.now + TOKEN_LIFE, given))
    shown = {"access_token": row["token"], "expires_in": TOKEN_LIFE, "refresh_token": given}
    return {**shown, "openid": row["openid"], "scope": row["scope"]}


def _bearer(call: Call) -> sqlite3.Row:
    token = call.args.get("access_token", "")
    if not token:
        raise Refused(41001)
    row: sqlite3.Row | None = call.db.execute("SELECT * FROM web_token WHERE token = ?", (token,)).fetchone()
    if row is None:
        raise Refused(40001)
    if row["until"] <= call.now:
        raise Refused(42001)
    if row["openid"] != call.args.get("openid"):
        raise Refused(40003)
    return row


@endpoints.get("/sns/auth", token=False, sns=True)
def check(call: Call) -> Answer:
    _bearer(call)
    return OK


@endpoints.get("/sns/userinfo", token=False, sns=True)
def user_info(call: Call) -> Answer:
    """Sex and place are empty since 2021. Raises Refused 48001 when the scope was base."""
    row = _bearer(call)
    if row["scope"] != "snsapi_userinfo":
        raise Refused(48001)
    known = find(call.db, row["neighbour"])
    shown = {"openid": row["openid"], "nickname": known.name if known else "微信用户"}
    empty = {"sex": 0, "province": "", "city": "", "country": "", "headimgurl": "", "privilege": []}
    return {**shown, **empty, **unionid_of(call.db, row["neighbour"])}
