"""By which road a message reaches its person, and what WeChat's answer means for its row.

Template messages come first where the kind has one: WeChat keeps their `client_msg_id` for ten minutes and reports
their delivery. Customer-service text is the other road, open for 48 hours after the person spoke.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock, metrics
from app.site import Site
from app.wechat.capabilities import Capability
from app.wechat.client import WeChat
from app.wechat.errcodes import Handling
from app.wechat.errors import NotWeChat, WeChatError
from app.words import MessageForm
from models import outbox
from models.identity import Identity, Person
from models.outbox import Claimed, OutboxRow

log = structlog.get_logger()
WINDOW = timedelta(hours=48)
KEY_LIVES = timedelta(minutes=9)
# client_msg_id lives ten minutes at WeChat (wechat.md §14); a minute is kept for the way.
MOST_TRIES = 8
PERSON_OUT_OF_REACH = frozenset({Handling.WINDOW, Handling.GRANT, Handling.UNREACHABLE})
ROAD_CLOSED = frozenset({Handling.CAPABILITY, Handling.CONTENT, Handling.CONFIGURATION})
NEXT_ROAD = PERSON_OUT_OF_REACH | ROAD_CLOSED
AGAIN = frozenset({Handling.PASSING, Handling.PACE, Handling.CREDENTIAL})


@dataclass(frozen=True, slots=True)
class Letter:
    """All that sending needs, read before: no transaction is open while WeChat is asked."""

    row: OutboxRow
    form: MessageForm
    identity: Identity | None
    openid: str
    following: bool
    spoke_at: datetime | None
    erased: bool


@dataclass(frozen=True, slots=True)
class Road:
    name: str
    keeps_key: bool
    go: Callable[[], str]


def send(site: Site, claimed: Claimed) -> None:
    """Send one claimed row by the first road that takes it."""
    letter = _read(site, claimed)
    if letter is None:
        return
    ending = _not_to_be_sent(site, letter)
    if ending is not None:
        _settle(site, claimed, settled_at=clock.now(), **ending)
        return
    if _may_have_left(letter):
        _settle(
            site, claimed, state="unknown", settled_at=clock.now(), reason="不知道是否已送达,请打电话问一下。"
        )
        return
    _try_roads(site, claimed, letter)


def _try_roads(site: Site, claimed: Claimed, letter: Letter) -> None:
    reason = "公众号联系不到本人,请打电话或上门。"
    code: int | None = None
    for road in _roads(site, letter):
        if not _settle(site, claimed, road=road.name, first_sent_at=letter.row.first_sent_at or clock.now()):
            return
        try:
            wechat_id = road.go()
        except WeChatError as error:
            if error.handling in NEXT_ROAD:
                reason, code = error.advice, error.errcode
                continue
            _settle(site, claimed, **_after_refusal(error, letter.row, road))
            return
        except NotWeChat as silence:
            _settle(site, claimed, **_after_silence(silence, letter.row, road))
            return
        _settle(site, claimed, state="submitted", wechat_id=wechat_id or None, errcode=None, reason=None)
        metrics.sent.labels(road.name, "submitted").inc()
        return
    metrics.sent.labels("none", "failed").inc()
    _settle(site, claimed, state="failed", settled_at=clock.now(), errcode=code, reason=reason)


def _roads(site: Site, letter: Letter) -> list[Road]:
    identity = letter.identity
    if identity is None:
        return []
    kind, _, name = identity.app.partition(":")
    wechat = site.wechat(kind, name)
    facts = letter.row.facts
    roads = []
    template_id = _template_id(site, name, letter.form.template) if kind == "oa" else None
    if template_id and letter.following and wechat.can(Capability.TEMPLATE):
        roads.append(Road("template", True, lambda: _send_template(site, wechat, letter, template_id)))
    in_window = letter.spoke_at is not None and clock.now() - letter.spoke_at < WINDOW
    if in_window and (wechat.can(Capability.KF) or kind == "mini"):
        text = site.words.fill(letter.form.text, facts)
        roads.append(Road("custom", False, lambda: _send_text(wechat, letter.openid, text)))
    return roads


def _send_text(wechat: WeChat, openid: str, text: str) -> str:
    """Customer-service text; WeChat gives no id and no report of delivery."""
    wechat.messages.text(openid, text)
    return ""


def _send_template(site: Site, wechat: WeChat, letter: Letter, template_id: str) -> str:
    facts = letter.row.facts
    data = {
        name: fitting(name, site.words.fill(source, facts)) for name, source in letter.form.fields.items()
    }
    url = f"{site.settings.web.public_url.rstrip('/')}{letter.form.page}" if letter.form.page else ""
    return wechat.templates.send(
        letter.openid, template_id, data, url=url, client_msg_id=letter.row.client_id
    )


LONGEST = {
    "thing": 20,
    "name": 10,
    "phrase": 5,
    "character_string": 32,
    "number": 32,
    "letter": 32,
    "phone_number": 17,
}


def fitting(field: str, value: str) -> str:
    """A value cut to its field's limit (wechat.md §14): WeChat refuses the whole message otherwise (47003)."""
    limit = LONGEST.get(field.rstrip("0123456789"))
    one_line = " ".join(value.split()) or "无"
    return one_line if limit is None or len(one_line) <= limit else f"{one_line[: limit - 1]}…"


def _template_id(site: Site, account: str, logical: str | None) -> str | None:
    """The account's id of a template; in the sandbox it is called by its own name."""
    if logical is None:
        return None
    known: Mapping[str, str] = site.settings.account(account).templates
    return known.get(logical, logical if site.settings.mode == "sandbox" else None)


def _read(site: Site, claimed: Claimed) -> Letter | None:
    with site.database.reading() as session:
        row = session.get(OutboxRow, claimed.id)
        if row is None or row.tries != claimed.tries:
            return None
        person = session.get_one(Person, row.person_id)
        identity = _best_identity(session, person)
        openid = identity.openid if identity else ""
        spoke_at, following = (identity.spoke_at, identity.following) if identity else (None, False)
        return Letter(
            row,
            site.words.form(row.kind),
            identity,
            openid,
            following,
            spoke_at,
            person.erased_at is not None,
        )


def _best_identity(session: Session, person: Person) -> Identity | None:
    """The account before the mini-program, the one that follows before one that left."""
    mine = select(Identity).where(Identity.person_id == person.id)
    order = (Identity.following.desc(), Identity.kind.desc(), Identity.spoke_at.desc())
    return session.scalar(mine.order_by(*order).limit(1))


def _not_to_be_sent(site: Site, letter: Letter) -> dict[str, Any] | None:
    row = letter.row
    if row.useful_until is not None and clock.now() >= row.useful_until:
        return {"state": "expired", "reason": "过了时间,没有再发。"}
    if letter.erased:
        return {"state": "cancelled", "reason": "本人已删除资料。"}
    if site.settings.mode == "trial" and letter.openid not in site.settings.testers:
        return {"state": "cancelled", "reason": "名单模式:只发给名单里的人。"}
    return None


def _may_have_left(letter: Letter) -> bool:
    """An earlier claim began to send and never wrote down the end, and no key protects a second sending."""
    row = letter.row
    if row.first_sent_at is None:
        return False
    return row.road != "template" or clock.now() - row.first_sent_at > KEY_LIVES


def _after_refusal(error: WeChatError, row: OutboxRow, road: Road) -> dict[str, Any]:
    """WeChat said no for certain: nothing was sent, so trying again is harmless where it can help."""
    told = {"errcode": error.errcode, "reason": error.advice}
    if error.handling is Handling.DONE:
        return {"state": "submitted", "wechat_id": str(error.answer.get("msg_id", "")) or None}
    if error.handling is Handling.QUOTA:
        return told | {"state": "waiting", "due": _next_midnight(), "first_sent_at": None}
    if error.handling in AGAIN and row.tries < MOST_TRIES:
        return told | {"state": "waiting", "due": _later(row.tries), "first_sent_at": None}
    metrics.sent.labels(road.name, "failed").inc()
    return told | {"state": "failed", "settled_at": clock.now()}


def _after_silence(silence: NotWeChat, row: OutboxRow, road: Road) -> dict[str, Any]:
    """No valid answer. It may have been sent: only a key, or the certainty that it never left, allows a second try."""
    told = {"reason": silence.advice}
    if not silence.maybe_done and row.tries < MOST_TRIES:
        return told | {"state": "waiting", "due": _later(row.tries), "first_sent_at": None}
    if road.keeps_key and row.tries < MOST_TRIES:
        return told | {"state": "waiting", "due": _later(row.tries)}
    metrics.sent.labels(road.name, "unknown").inc()
    return told | {"state": "unknown", "settled_at": clock.now()}


def _later(tries: int) -> datetime:
    return clock.now() + timedelta(seconds=min(300, 2**tries))


def _next_midnight() -> datetime:
    return clock.at(clock.today() + timedelta(days=1), time(0, 1))


def _settle(site: Site, claimed: Claimed, **values: Any) -> bool:
    return site.database.writing(lambda session: outbox.settle(session, claimed, **values))
