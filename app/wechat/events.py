"""What WeChat reports: people following and tapping, sends that ended, grants, rights withdrawn, news of
the account.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from app.wechat.coordinates import gcj02
from app.wechat.push import Kinds, Push, degrees, kind, name, rows, scene, sent, unix, whole

EVENTS: Kinds = {}


class Event(Push):
    """Something that happened. The same second may hold several of one person: `key` tells them apart."""

    __slots__ = ()


class Report(Event):
    """Not about a person: the sender is a name of the system, and nobody of ours."""

    __slots__ = ()


@kind(EVENTS, "subscribe")
class Subscribe(Event):
    """Somebody follows; `scene` and `ticket` are set when it was through a parametric QR code."""

    event_key: str = sent("EventKey", read=name)
    scene: str = sent("EventKey", read=scene)
    ticket: str = sent("Ticket", read=name, private=True)


@kind(EVENTS, "unsubscribe")
class Unsubscribe(Event):
    """Somebody left. The law asks for deletion of what is not needed any more."""


@kind(EVENTS, "SCAN")
class Scan(Event):
    """A follower scanned a parametric QR code."""

    scene: str = sent("EventKey", read=scene)
    ticket: str = sent("Ticket", read=name, private=True)


@kind(EVENTS, "LOCATION")
class LocationReport(Event):
    """Where the person is, in WGS-84 (messages of kind location are GCJ-02); precision in metres."""

    lat: float | None = sent("Latitude", read=degrees, private=True)
    lng: float | None = sent("Longitude", read=degrees, private=True)
    precision: float | None = sent("Precision", read=degrees)

    @property
    def place(self) -> tuple[float, float] | None:
        """(latitude, longitude) in GCJ-02, the system that everything of ours is kept in."""
        return gcj02(self.lat, self.lng) if self.lat is not None and self.lng is not None else None


@kind(EVENTS, "CLICK")
class Click(Event):
    event_key: str = sent("EventKey", read=name)


@kind(EVENTS, "VIEW")
class View(Event):
    url: str = sent("EventKey", read=name)
    menu_id: str = sent("MenuId", read=name)


@kind(EVENTS, "view_miniprogram")
class MiniProgramView(Event):
    path: str = sent("EventKey", read=name)
    menu_id: str = sent("MenuId", read=name)


@kind(EVENTS, "scancode_push", "scancode_waitmsg")
class ScanCode(Event):
    """A code scanned from the menu; with `scancode_waitmsg` the person waits for an answer."""

    event_key: str = sent("EventKey", read=name)
    scan_type: str = sent("ScanCodeInfo", "ScanType", read=name)
    result: str = sent("ScanCodeInfo", "ScanResult", read=name)


def _picture_sums(value: Any) -> tuple[str, ...]:
    return tuple(name(row.get("PicMd5Sum")) for row in rows(value))


@kind(EVENTS, "pic_sysphoto", "pic_photo_or_album", "pic_weixin")
class Pictures(Event):
    """Pictures chosen from the menu; they follow as image messages."""

    event_key: str = sent("EventKey", read=name)
    count: int = sent("SendPicsInfo", "Count", read=whole)
    md5: tuple[str, ...] = sent("SendPicsInfo", "PicList", "item", read=_picture_sums)


@kind(EVENTS, "location_select")
class PlaceSelected(Event):
    """A place chosen from the menu, in GCJ-02; a location message follows."""

    event_key: str = sent("EventKey", read=name)
    lat: float | None = sent("SendLocationInfo", "Location_X", read=degrees, private=True)
    lng: float | None = sent("SendLocationInfo", "Location_Y", read=degrees, private=True)
    scale: int = sent("SendLocationInfo", "Scale", read=whole)
    label: str = sent("SendLocationInfo", "Label", private=True)
    place: str = sent("SendLocationInfo", "Poiname", private=True)


def _template_status(value: Any) -> str:
    """`success`, `user block`, `system failed`: pages differ in spaces and capitals."""
    status = re.sub(r"\s+", " ", name(value).lower()).removeprefix("failed:")
    return status.strip()


@kind(EVENTS, "TEMPLATESENDJOBFINISH")
class TemplateDone(Event):
    msg_id: str = sent("MsgID", read=name)
    status: str = sent("Status", read=_template_status)

    @property
    def ok(self) -> bool:
        return self.status == "success"


@dataclass(frozen=True, slots=True)
class SentArticle:
    index: int
    url: str


def _listed(value: Any, index: str, url: str) -> tuple[SentArticle, ...]:
    return tuple(SentArticle(whole(row.get(index)), name(row.get(url))) for row in rows(value))


def _articles(value: Any) -> tuple[SentArticle, ...]:
    return tuple(
        SentArticle(whole(row.get("ArticleIdx")), name(row.get("ArticleUrl"))) for row in rows(value)
    )


@kind(EVENTS, "MASSSENDJOBFINISH")
class MassDone(Report):
    """`status` is `send success`, `send fail` or `err(number)`."""

    msg_id: str = sent("MsgID", read=name)
    status: str = sent("Status", read=name)
    total: int = sent("TotalCount", read=whole)
    filtered: int = sent("FilterCount", read=whole)
    delivered: int = sent("SentCount", read=whole)
    failed: int = sent("ErrorCount", read=whole)
    copyright_state: int = sent("CopyrightCheckResult", "CheckState", read=whole)
    articles: tuple[SentArticle, ...] = sent("ArticleUrlResult", "ResultList", "item", read=_articles)

    @property
    def ok(self) -> bool:
        return self.status.lower() == "send success"


def _published(value: Any) -> tuple[SentArticle, ...]:
    return _listed(value, "idx", "article_url")


def _numbers(value: Any) -> tuple[int, ...]:
    given = value if isinstance(value, list) else [value]
    return tuple(whole(item) for item in given if item not in (None, ""))


@kind(EVENTS, "PUBLISHJOBFINISH")
class PublishDone(Report):
    """`status` 0 published, 1 publishing, 2 not original, 3 failed, 4 refused, 5 deleted, 6 banned."""

    publish_id: str = sent("PublishEventInfo", "publish_id", read=name)
    status: int = sent("PublishEventInfo", "publish_status", read=whole)
    article_id: str = sent("PublishEventInfo", "article_id", read=name)
    articles: tuple[SentArticle, ...] = sent("PublishEventInfo", "article_detail", "item", read=_published)
    failed: tuple[int, ...] = sent("PublishEventInfo", "fail_idx", read=_numbers)


@kind(EVENTS, "wxa_media_check")
class MediaChecked(Event):
    """The verdict on a picture or sound of the mini-program, up to 30 minutes later."""

    appid: str = sent("appid", read=name)
    trace_id: str = sent("trace_id", read=name)
    errcode: int = sent("errcode", read=whole)
    suggest: str = sent("result", "suggest", read=name)
    label: int = sent("result", "label", read=whole)


@kind(EVENTS, "user_enter_tempsession")
class TempSession(Event):
    """Somebody opened the mini-program's customer service: two messages within a minute are allowed."""

    session_from: str = sent("SessionFrom", private=True)


@kind(EVENTS, "kf_create_session")
class StaffSessionOpened(Event):
    staff: str = sent("KfAccount", read=name)


@kind(EVENTS, "kf_close_session")
class StaffSessionClosed(Event):
    staff: str = sent("KfAccount", read=name)


@kind(EVENTS, "kf_switch_session")
class StaffSessionPassed(Event):
    from_staff: str = sent("FromKfAccount", read=name)
    to_staff: str = sent("ToKfAccount", read=name)


def _revoked(value: Any) -> tuple[int, ...]:
    given = value if isinstance(value, list) else name(value).split(",")
    return tuple(whole(code) for code in given if code != "")


class _Rights(Event):
    """A person's decision about own data: who (`person`), in which app, about what (`revoked`, WeChat's
    codes).
    """

    __slots__ = ()


@kind(EVENTS, "user_info_modified")
class InfoModified(_Rights):
    person: str = sent("OpenID", read=name, private=True)
    appid: str = sent("AppID", read=name)
    revoked: tuple[int, ...] = sent("RevokeInfo", read=_revoked)


@kind(EVENTS, "user_authorization_revoke")
class AuthorizationRevoked(_Rights):
    """The person took a consent back: what was collected under it must be deleted."""

    person: str = sent("OpenID", read=name, private=True)
    appid: str = sent("AppID", read=name)
    unionid: str = sent("UnionID", read=name, private=True)
    revoked: tuple[int, ...] = sent("RevokeInfo", read=_revoked)
    plugin_id: str = sent("PluginID", read=name)
    open_pid: str = sent("OpenPID", read=name, private=True)


@kind(EVENTS, "user_authorization_cancellation")
class AuthorizationCancelled(AuthorizationRevoked):
    """The person closed the WeChat account: everything must be deleted."""


@kind(EVENTS, "qualification_verify_success")
class QualificationVerified(Event):
    expires: int = sent("ExpiredTime", read=unix)


@kind(EVENTS, "naming_verify_success")
class NamingVerified(QualificationVerified):
    pass


@kind(EVENTS, "annual_renew")
class AnnualRenew(QualificationVerified):
    """WeChat's verification is due for renewal."""


@kind(EVENTS, "verify_expired")
class VerifyExpired(QualificationVerified):
    """WeChat's verification has run out: the account loses most of its calls."""


@kind(EVENTS, "qualification_verify_fail")
class QualificationFailed(Event):
    failed_at: int = sent("FailTime", read=unix)
    reason: str = sent("FailReason")


@kind(EVENTS, "naming_verify_fail")
class NamingFailed(QualificationFailed):
    pass


@kind(EVENTS, "wxa_punish_event", "wxa_illegal_record", "wxa_appeal_record")
class PlatformPenalty(Event):
    """WeChat punishes or answers an appeal: staff must read `raw`."""


@kind(EVENTS, "debug_demo")
class DebugDemo(Event):
    """What the platform's push debugger sends."""

    debug_str: str = sent("debug_str")


@kind(EVENTS, "")
class UnknownEvent(Event):
    """An event that WeChat has added since: answered `success` and counted."""
