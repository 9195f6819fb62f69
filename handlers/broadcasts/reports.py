"""What WeChat says later of a mass send or a publication: counts, an address, or why it did not happen."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.wechat.events import MassDone, PublishDone
from models.base import insert_once
from models.broadcast_run import EarlyCallReport
from models.broadcasts import BroadcastCall

MASS, PUBLISH = "mass", "publish"
KINDS = {MASS: ("mass_openids", "mass_all"), PUBLISH: ("publish",)}
# MASSSENDJOBFINISH err(number) and publish_status (wechat.md §5, §17), and what to do about each.
WHY = {
    40001: "管理员在手机上没有同意这次群发。问清楚以后可以再试一次,不占次数。",
    40002: "管理员30分钟内没有在手机上确认。请管理员守着手机,再试一次,不占次数。",
    10001: "微信认为是广告,没有发。改了内容再发一条。",
    20001: "微信认为涉及政治内容,没有发。请改内容,或者请街道看。",
    20002: "微信认为内容低俗,没有发。请改内容。",
    20004: "微信认为涉及社会敏感内容,没有发。请改内容,或者请街道看。",
    20006: "微信认为涉及违法犯罪,没有发。请改内容。",
    20008: "微信认为涉及欺诈,没有发。请改内容。",
    20013: "微信认为侵犯版权,没有发。请换成自己写的。",
    21000: "微信没有通过这篇内容,没有发。请改内容。",
    22000: "微信认为是互相推广,没有发。请去掉别家公众号。",
    30001: "原创校验没有通过,没有发。请换成自己写的。",
    30002: "原创校验没有通过,没有发。请换成自己写的。",
    30003: "原创校验没有通过,没有发。请换成自己写的。",
}
PUBLISHED, PUBLISHING = 0, 1
NOT_PUBLISHED = {
    2: "原创校验没有通过,文章没有发布。",
    3: "微信没有发布成这篇文章,请再试一次。",
    4: "微信审核没有通过,文章没有发布。",
    5: "文章发布后被删掉了。",
    6: "文章发布后被微信封禁了。",
}


def of_mass(push: MassDone) -> dict[str, Any]:
    counts = {"total": push.total, "filter": push.filtered, "sent": push.delivered, "error": push.failed}
    url = push.articles[0].url if push.articles else None
    digits = "".join(filter(str.isdigit, push.status))
    return {"ok": push.ok, "counts": counts, "url": url, "code": int(digits) if digits else None}


def of_publication(status: int, urls: tuple[str, ...]) -> dict[str, Any]:
    return {"ok": status == PUBLISHED, "counts": None, "url": urls[0] if urls else None, "code": status}


def take_mass(session: Session, push: MassDone) -> bool:
    return take(session, MASS, push.msg_id, of_mass(push))


def take_publication(session: Session, push: PublishDone) -> bool:
    if push.status == PUBLISHING:
        return False
    urls = tuple(article.url for article in push.articles)
    return take(session, PUBLISH, push.publish_id, of_publication(push.status, urls))


def take(session: Session, kind: str, wechat_id: str, report: dict[str, Any]) -> bool:
    """Write it into its call; one of a call that we do not know yet is kept for a day (trust F21)."""
    mine = BroadcastCall.wechat_id == wechat_id, BroadcastCall.kind.in_(KINDS[kind])
    call = session.scalar(select(BroadcastCall).where(*mine).with_for_update())
    if call is None:
        if wechat_id:
            insert_once(session, EarlyCallReport, kind=kind, wechat_id=wechat_id, report=report)
        return False
    if call.state == "submitted":
        settle(call, report)
    return True


def settle(call: BroadcastCall, report: dict[str, Any]) -> None:
    call.state = "done" if report["ok"] else "failed"
    call.counts, call.article_url = report["counts"], report["url"] or call.article_url
    call.settled_at = clock.now()
    if not report["ok"]:
        call.errcode, call.reason = report["code"], _why(call, report["code"])


def _why(call: BroadcastCall, code: int | None) -> str:
    if call.kind == PUBLISH:
        return NOT_PUBLISHED.get(code or 0, NOT_PUBLISHED[3])
    return WHY.get(code or 0, "微信没有发成,没有说原因。请看公众号后台,再试一次。")


def use_early(session: Session, call: BroadcastCall) -> bool:
    """A report that came before we knew the call's id."""
    kind = PUBLISH if call.kind == PUBLISH else MASS
    early = session.get(EarlyCallReport, (kind, call.wechat_id)) if call.wechat_id else None
    if early is None:
        return False
    settle(call, early.report)
    session.delete(early)
    return True
