"""WeChat's JavaScript on a page of ours: the signature by which it may run there, and the script's address.

WeChat is asked for its ticket at most once in two hours (it is kept for all processes), by a call of the browser's own:
no page waits for it, and without it every page goes on working.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import structlog
from flask import Response, request

from app import clock
from app.channels.page_login import current_site
from app.said import parts_of
from app.web_policy import page_policy
from app.wechat.capabilities import Capability
from app.wechat.errors import NotWeChat, WeChatError

log = structlog.get_logger()
SCRIPTS = "https://res.wx.qq.com"
SCRIPT = "/open/js/jweixin-1.6.0.js"


def sdk_script() -> str | None:
    """Where this browser gets WeChat's script; None where there is no WeChat to talk to."""
    site = current_site()
    if not site.main.can(Capability.JSSDK):
        return None
    if site.settings.mode == "sandbox":
        return site.settings.platform.oauth_base + SCRIPT
    return SCRIPTS + SCRIPT if "MicroMessenger" in request.user_agent.string else None


def let_sdk_run(response: Response, script: str | None) -> Response:
    """This page, and only this one, may load WeChat's script."""
    if script is not None:
        parts = urlsplit(script)
        policy = page_policy(current_site(), scripts=f"{parts.scheme}://{parts.netloc}")
        response.headers["Content-Security-Policy"] = policy
    return response


def signature(page: str) -> dict[str, Any] | None:
    """What wx.config takes for this address of ours; None when WeChat gives no ticket just now."""
    site = current_site()
    try:
        return site.main.jssdk.config(page, clock.now())
    except (WeChatError, NotWeChat) as fault:
        log.warning("page_not_signed", reason=str(fault))
        return None


def is_ours(page: str, path: str) -> bool:
    """Whether this is the page at `path` of our own house: nothing else is signed."""
    ours, asked = urlsplit(current_site().settings.web.public_url), parts_of(page)
    return (asked.scheme, asked.netloc, asked.path) == (ours.scheme, ours.netloc, path)
