"""Mass sends and publications on their way to WeChat: drafted, and asked for with an id that makes a repeat harmless.

An errand of the scheduler: plain values are read first, no transaction is open while WeChat is asked, and the end is
written only by the claim that still owns the call (fenced by `tries`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.database import Busy
from app.site import Site
from app.wechat import mass
from app.wechat.client import WeChat
from app.wechat.errors import CREDENTIAL_PATH, Handling, NotWeChat, WeChatError
from app.wechat.quota import QUOTA_USED, next_morning
from handlers.broadcasts import article, asking, reports, sifting
from handlers.broadcasts.cutting import PUBLISH
from handlers.broadcasts.sweeping import KEY_LIVES, NOBODY_KNOWS
from models import broadcast_run as run
from models.article_media import keep_upload, uploaded
from models.broadcasts import Broadcast, BroadcastCall, BroadcastRecipient
from models.doors import ClosedDoor, close, closed_doors
from models.identity import Identity
from models.notices import NoticeVersion
from models.refusal import Refusal

log = structlog.get_logger()
LEASE = timedelta(minutes=3)
PER_MINUTE = 50  # WeChat takes 60 requests a minute (wechat.md §16)
A_MINUTE = timedelta(seconds=65)  # the same id again within a minute is refused (45066)
MOST_TRIES = 40
AGAIN = frozenset({Handling.PASSING, Handling.CREDENTIAL})
# What is advised for one resident is untrue of a call for thousands.
WHOLE_CALL = {
    sifting.UNKNOWN: "名单里有微信不认识的账号,这一批没有发出去。请再试一次;还不行,请告诉管理员,没收到的要上门说。"
}
NOBODY_LEFT = "名单里微信认识的不到两个人,这一批改成上门说。"
CONFIRM = "请管理员在手机上点确认。"
MOST_FAULTS = 8
FEWEST = 2  # mass/send takes no single openid (40130)
BROKEN = "系统出错,没有发出。请通知管理员。"
TRIAL = "名单模式:只发给名单里的人,不做群发。"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A call that this process may make; `tries` is the fence. `first_sent_at` is that of an earlier try of which
    nobody knows whether WeChat took it."""

    id: int
    tries: int
    kind: str
    app: str
    client_id: str
    draft_media_id: str | None
    first_sent_at: datetime | None
    broadcast_code: str
    version: NoticeVersion


def send_calls(site: Site) -> int:
    """Make the calls that are due, one after the other, and ask after those whose report is missing; how many."""
    done = 0
    while _is_due(site) and (claimed := site.database.writing(_claim)) is not None:
        done += 1
        _make_safely(site, claimed)
    return done + asking.ask_after(site)


def _due() -> Any:
    """What waits, and what somebody began and never ended; not what WeChat has forgotten by now (trust F27)."""
    now = clock.now()
    known = BroadcastCall.first_sent_at.is_(None) | (BroadcastCall.first_sent_at > now - KEY_LIVES)
    open_ones = BroadcastCall.state.in_(("waiting", "sending")), BroadcastCall.due <= now, known
    goes = Broadcast.state == "sending", Broadcast.rests_until.is_(None)
    return select(BroadcastCall).join(Broadcast).where(*open_ones, *goes)


def _is_due(site: Site) -> bool:
    with site.database.reading() as session:
        return session.scalar(select(_due().exists())) or False


def _claim(session: Session) -> Claimed | None:
    now = clock.now()
    recent = select(func.count()).where(BroadcastCall.first_sent_at > now - timedelta(minutes=1))
    if (session.scalar(recent) or 0) >= PER_MINUTE:
        return None
    one = _due().order_by(BroadcastCall.due, BroadcastCall.id).limit(1)
    call = session.scalar(one.with_for_update(skip_locked=True, of=BroadcastCall))
    if call is None:
        return None
    call.state, call.due, call.tries = "sending", now + LEASE, call.tries + 1
    row: Broadcast = call.broadcast
    given = call.client_id, call.draft_media_id, call.first_sent_at
    return Claimed(call.id, call.tries, call.kind, call.app, *given, row.code, row.version)


def _make_safely(site: Site, one: Claimed) -> None:
    """A fault of ours leaves the call to its lease: it comes back, and ends where staff see it when it never works."""
    try:
        _make(site, one)
    except Busy:
        raise
    except Exception:
        log.exception("call_fault", call=one.id)
        if one.tries >= MOST_FAULTS:
            _settle(site, one, **_ended("unknown" if one.first_sent_at else "failed", BROKEN))


# ---- one call --------------------------------------------------------------------------------------------------------


def _make(site: Site, one: Claimed) -> None:
    if site.settings.mode == "trial":
        _settle(site, one, **_ended("failed", TRIAL))
        return
    if (shut := _shut(site, one)) is not None:
        _settle(site, one, **_again(one, shut.until, shut.reason))
        return
    if one.kind == PUBLISH and one.first_sent_at is not None:
        _settle(site, one, **_ended("unknown", NOBODY_KNOWS))  # nothing makes a second publication harmless
        return
    try:
        media_id = one.draft_media_id or _draft(site, one)
    except Refusal as why:
        _settle(site, one, **_ended("failed", site.house.refusal_words(why)))
    except WeChatError as error:
        _settle(site, one, **_refused(one, error))
    except NotWeChat as fault:
        _settle(site, one, **_again(one, _later(one), fault.advice))
    else:
        if media_id is not None:
            _send(site, one, media_id)


def _door(one: Claimed) -> str:
    return f"{one.app} {PUBLISH if one.kind == PUBLISH else 'mass'}"


def _shut(site: Site, one: Claimed) -> ClosedDoor | None:
    """A quota that another call found spent is not asked for again before the morning (trust F15)."""
    with site.database.reading() as session:
        found = session.scalar(closed_doors().where(ClosedDoor.door == _door(one)))
        session.expunge_all()
        return found


def _draft(site: Site, one: Claimed) -> str | None:
    """The draft's id, written down before it is used; None when the call was taken away meanwhile. One for each call:
    WeChat takes it out of the box when the send succeeds."""
    wechat, settings = _wechat(site, one.app), site.settings
    link = f"{settings.web.public_url.rstrip('/')}/h5/b/{one.broadcast_code}"
    thumb = _cover(site, one, wechat)
    made = article.draft_of(one.version, settings.community, thumb_media_id=thumb, link=link)
    media_id = wechat.drafts.add([made])
    return media_id if _settle(site, one, draft_media_id=media_id) else None


def _cover(site: Site, one: Claimed, wechat: WeChat) -> str:
    picture = article.cover_png(one.version, site.settings.community)
    with site.database.reading() as session:
        known = uploaded(session, one.app, "cover", picture)
        if known is not None:
            return known.media_id
    media_id = wechat.media.add_material("image", picture, "cover.png").media_id
    site.database.writing(lambda session: keep_upload(session, one.app, "cover", picture, media_id=media_id))
    return media_id


def _send(site: Site, one: Claimed, media_id: str) -> None:
    """Written down before WeChat is asked: whoever finds the call later knows that it may have been done."""
    since = one.first_sent_at or clock.now()
    if not _settle(site, one, first_sent_at=since, due=clock.now() + LEASE):
        return
    try:
        wechat_id = _ask(site, one, media_id)
    except WeChatError as error:
        _note_quota(site, one, error)
        if not (error.errcode == sifting.UNKNOWN and _sifted(site, one)):
            _settle(site, one, **_refused(one, error))
    except NotWeChat as fault:
        _settle(site, one, **_silent(one, fault))
    else:
        site.database.writing(lambda session: _submitted(session, one, wechat_id))


def _note_quota(site: Site, one: Claimed, error: WeChatError) -> None:
    if error.handling is Handling.QUOTA:
        told = {"reason": QUOTA_USED, "errcode": error.errcode}
        site.database.writing(lambda session: close(session, _door(one), next_morning(), **told))  # type: ignore[arg-type]


def _sifted(site: Site, one: Claimed) -> bool:
    """Whether those whom WeChat does not know were found and left out: the others are sent to at once, by the same id,
    since the refused call did nothing."""
    with site.database.reading() as session:
        openids = _openids(session, one)
    try:
        strangers = sifting.strangers_among(_wechat(site, one.app).users, openids)
    except (WeChatError, NotWeChat):
        return False
    if not strangers:
        return False
    log.info("call_sifted", call=one.id, left_out=len(strangers))
    enough = len(openids) - len(strangers) >= FEWEST
    return site.database.writing(lambda session: _leave_out(session, one, strangers, enough=enough))


def _leave_out(session: Session, one: Claimed, strangers: list[str], *, enough: bool) -> bool:
    told = _again(one, clock.now(), "") if enough else _ended("cancelled", NOBODY_LEFT)
    if not _move(session, one, **told):
        return True  # somebody else has the call by now
    sifting.leave_out(session, one.id, one.app, strangers)
    if not enough:
        sifting.knock(session, one.id)
    return True


def _ask(site: Site, one: Claimed, media_id: str) -> str:
    """WeChat's id of what it accepted: the end comes by an event."""
    wechat = _wechat(site, one.app)
    if one.kind == PUBLISH:
        return wechat.publishing.submit(media_id)
    if one.kind == "mass_all":
        return wechat.mass.to_tag(None, mass.article(media_id), one.client_id).msg_id
    with site.database.reading() as session:
        openids = _openids(session, one)
    return wechat.mass.to_openids(openids, mass.article(media_id), one.client_id).msg_id


def _openids(session: Session, one: Claimed) -> list[str]:
    """Of those for whom the call was made and who still follow, one openid each: the newest."""
    newest = (
        select(func.max(Identity.id))
        .join(BroadcastRecipient, BroadcastRecipient.person_id == Identity.person_id)
        .where(BroadcastRecipient.call_id == one.id, Identity.app == one.app, Identity.following)
        .group_by(Identity.person_id)
    )
    return list(session.scalars(select(Identity.openid).where(Identity.id.in_(newest))))


# ---- what came of it -------------------------------------------------------------------------------------------------


def _submitted(session: Session, one: Claimed, wechat_id: str) -> None:
    told = {"state": "submitted", "wechat_id": wechat_id or None, "errcode": None, "reason": None}
    due = clock.now() + asking.FIRST_ASKED[one.kind == PUBLISH]
    if _move(session, one, due=due, **told):
        call = session.get_one(BroadcastCall, one.id, populate_existing=True)
        reports.use_early(session, call)


def _refused(one: Claimed, error: WeChatError) -> dict[str, Any]:
    """WeChat said no for certain: this try did nothing, so that another is harmless where it can help."""
    told = {"errcode": error.errcode}
    if error.handling is Handling.QUOTA:
        return told | _again(one, next_morning(), QUOTA_USED)
    if error.handling is Handling.PACE:
        return told | _again(one, clock.now() + A_MINUTE, error.advice)
    if one.tries < MOST_TRIES and error.handling is Handling.CONFIRMATION:
        return told | _again(one, clock.now() + A_MINUTE, CONFIRM)
    if one.tries < MOST_TRIES and (error.handling in AGAIN or error.path == CREDENTIAL_PATH):
        return told | _again(one, _later(one), error.advice)
    if one.first_sent_at is not None:  # an earlier try may have used the draft up
        return told | _ended("unknown", NOBODY_KNOWS)
    return told | _ended("failed", WHOLE_CALL.get(error.errcode, error.advice))


def _silent(one: Claimed, fault: NotWeChat) -> dict[str, Any]:
    """No valid answer: perhaps done. With its id a mass send may be asked for again in a minute, a publication not."""
    if not fault.maybe_done or fault.path == CREDENTIAL_PATH:
        return _again(one, _later(one), fault.advice)
    if one.kind == PUBLISH:
        return _ended("unknown", NOBODY_KNOWS)
    return {"state": "waiting", "due": clock.now() + A_MINUTE, "reason": fault.advice}


def _again(one: Claimed, due: datetime, reason: str) -> dict[str, Any]:
    """As it was before this try: what an earlier one may have done stays in memory."""
    return {"state": "waiting", "due": due, "reason": reason, "first_sent_at": one.first_sent_at}


def _ended(state: str, reason: str) -> dict[str, Any]:
    return {"state": state, "reason": reason, "settled_at": clock.now()}


def _settle(site: Site, one: Claimed, **values: Any) -> bool:
    """False when somebody else has the call by now, or it was taken back."""
    return site.database.writing(lambda session: _move(session, one, **values))


def _move(session: Session, one: Claimed, **values: Any) -> bool:
    mine = BroadcastCall.id == one.id, BroadcastCall.tries == one.tries
    return run.settle_calls(session, *mine, states=("sending",), **values) > 0


def _later(one: Claimed) -> datetime:
    return clock.now() + timedelta(seconds=min(300, 2 ** min(one.tries, 9)))


def _wechat(site: Site, app: str) -> WeChat:
    kind, _, name = app.partition(":")
    return site.wechat(kind, name)
