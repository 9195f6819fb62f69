"""What the staff see when something goes wrong: what happened, what to do, and that nothing was half done."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

import structlog
from flask import Response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from app.channels.foreign_forms import SentFromElsewhere
from app.database import Busy, TooLarge

log = structlog.get_logger()

WORDS: Mapping[int, tuple[str, str]] = {
    400: ("这一页没有办成", "请回到上一页,再试一次。"),
    403: ("您的角色不能做这件事", "这次尝试已经记下。确实需要的话,请账号管理员给您加角色。"),
    404: ("没有这一页", "可能已经处理完,或者链接不全。"),
    405: ("不能这样打开", "请从菜单重新打开。"),
    413: ("内容太大了", "请分几次提交。"),
    429: ("试得太快了", "请等一分钟再试。"),
    500: ("这边出了点问题", "什么也没有改。请再试一次;还不行,请把下面的编号告诉管理员。"),
    503: ("刚才没有办成", "系统正忙,什么也没有改。请等几秒钟,再试一次。"),
}
ELSEWHERE = ("这一步没有做", "它不是从工作台的页面来的,什么也没有改。请在工作台里打开这一页,再做一次。")
OLD_PAGE = ("这一页放得太久了", "登录换过或者过期了。请回到上一页刷新,再提交一次。")


def http_error(error: HTTPException) -> AnyResponse:
    """Answers of Flask's own (redirects, aborted responses) go out as they are."""
    if error.response is not None or error.code is None or error.code < 400:
        return error.get_response()
    if isinstance(error, SentFromElsewhere):
        return _page(403, *ELSEWHERE)
    return _page(400, *OLD_PAGE) if isinstance(error, CSRFError) else _page(error.code)


def busy(error: Busy) -> AnyResponse:
    log.warning("page_not_done", reason=str(error), route=str(request.url_rule))
    return _page(503)


def too_large(_: TooLarge) -> AnyResponse:
    return _page(400)


def fault(error: Exception) -> AnyResponse:
    number = secrets.token_hex(3).upper()
    log.exception("page_fault", number=number, route=str(request.url_rule))
    return _page(500, number=number)


def _page(code: int, what: str = "", todo: str = "", number: str = "") -> AnyResponse:
    known = WORDS.get(code, WORDS[400])
    facts = {"what": what or known[0], "todo": todo or known[1], "number": number}
    if code == 503:  # who it is was not asked: they may well be signed in
        facts["again"] = request.full_path.rstrip("?") if request.method == "GET" else "/console/"
    return Response(render_template("_base/console_error.html", **facts), code)


ANSWERS = ((HTTPException, http_error), (Busy, busy), (TooLarge, too_large), (Exception, fault))
