"""The authorise page of web login: who is holding this phone?

A browser on one's own machine has no WeChat login, so the page asks which neighbour is looking. The phone page sets
the cookie `sandbox_neighbour` and never sees the question.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from flask import Blueprint, Response, make_response, redirect, request

from sandbox import codes
from sandbox.apps import App
from sandbox.neighbours import Neighbour, everyone, find
from sandbox.platform import Platform
from sandbox.rules import capabilities
from sandbox.state import read_settings

COOKIE = "sandbox_neighbour"
SCOPES = ("snsapi_base", "snsapi_userinfo")

PAGE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1"><title>{title}</title>
<style>
body{{margin:0;background:#f4f5f3;color:#222;font:17px/1.6 system-ui,"PingFang SC","Noto Sans CJK SC",sans-serif}}
main{{max-width:26rem;margin:0 auto;padding:2.5rem 1.25rem}}
h1{{font-size:1.35rem;margin:0 0 .4rem}} p{{color:#555;margin:.2rem 0 1.4rem}}
ul{{list-style:none;margin:0;padding:0;background:#fff;border-radius:.6rem;overflow:hidden}}
li+li{{border-top:1px solid #eceeea}}
a{{display:flex;align-items:center;gap:.8rem;padding:.8rem 1rem;color:inherit;text-decoration:none}}
a:focus-visible,a:hover{{background:#eef6f0}}
i{{width:2.5rem;height:2.5rem;border-radius:.4rem;color:#fff;font-style:normal;display:grid;place-items:center}}
</style>
<main><h1>{title}</h1>{body}</main></html>"""


class BadRequest(Exception):
    """What the authorise page shows instead of a choice: code and text of the platform."""


def pages(platform: Platform) -> Blueprint:
    blueprint = Blueprint("oauth", __name__)

    @blueprint.get("/connect/oauth2/authorize")
    def authorise() -> Response:
        try:
            app = _checked(platform, request.args)
        except BadRequest as error:
            return _page("授权出错", f"<p>{escape(str(error))}</p>")
        with platform.store.reading() as db:
            chosen = _chosen(find(db, request.args.get("as", "")), find(db, request.cookies.get(COOKIE, "")))
            people = everyone(db)
        return _picker(app, people) if chosen is None else _back(platform, app, chosen)

    return blueprint


def _chosen(asked: Neighbour | None, remembered: Neighbour | None) -> Neighbour | None:
    return asked or remembered


def _checked(platform: Platform, args: Mapping[str, str]) -> App:
    app = platform.apps.by_appid(args.get("appid", ""))
    if app is None:
        raise BadRequest("10013 AppID 参数错误")
    if args.get("response_type") != "code":
        raise BadRequest("10003 response_type 参数错误")
    if args.get("scope") not in SCOPES or "oauth" not in capabilities(app):
        raise BadRequest("10005 Scope 参数错误或没有 Scope 权限")
    if len(args.get("state", "")) > 128:
        raise BadRequest("10009 state 参数错误")
    if not _same_host(args.get("redirect_uri", ""), app.oauth_domain):
        raise BadRequest("10003 redirect_uri 域名与后台配置不一致")
    return app


def _same_host(address: str, domain: str) -> bool:
    """Exactly the configured host: no subdomain, no other port where the configuration names one."""
    try:
        parts = urlsplit(address)
        host = parts.netloc if ":" in domain else parts.hostname
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(domain) and host == domain


def _back(platform: Platform, app: App, neighbour: Neighbour) -> Response:
    scope = request.args["scope"]
    with platform.store.writing() as db:
        snapshot = scope == "snsapi_userinfo" and bool(read_settings(db)["snapshot_user"])
        code = codes.issue(db, codes.Grant(app, neighbour.id, "web", scope, snapshot), platform.clock.now())
    answer = make_response(redirect(_with(request.args["redirect_uri"], code, request.args.get("state", ""))))
    answer.set_cookie(COOKIE, neighbour.id, samesite="Lax")
    return answer


def _with(address: str, code: str, state: str) -> str:
    parts = urlsplit(address)
    query = [*parse_qsl(parts.query, keep_blank_values=True), ("code", code), ("state", state)]
    return urlunsplit(parts._replace(query=urlencode(query)))


def _picker(app: App, people: list[Neighbour]) -> Response:
    rows = "".join(
        f'<li><a href="?{escape(urlencode({**request.args, "as": each.id}))}">'
        f'<i style="background:{each.colour}">{escape(each.name[0])}</i>{escape(each.name)}</a></li>'
        for each in people
    )
    return _page(
        "您是哪位邻居？", f"<p>“{escape(app.display_name)}”想知道您是谁。请选一位继续。</p><ul>{rows}</ul>"
    )


def _page(title: str, body: str) -> Response:
    response = Response(PAGE.format(title=title, body=body), mimetype="text/html")
    response.headers["Cache-Control"] = "no-store"
    return response
