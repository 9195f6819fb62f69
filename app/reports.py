"""What WeChat reports of messages that we have sent. Nobody waits for words; why one failed is told to the staff."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from app.cards import all_maps, card_for, kinds_by_notice, notice_names
from app.site import Site
from app.wechat.errors import meaning_of
from app.wechat.events import TemplateDone
from app.wechat.grants import NoticeResult, SubscriptionsSent
from models import grants, outbox
from models.grants import KIND_OF_ROAD
from models.identity import Actor, Identity
from models.notice_results import note_result

NO_GRANT = 43101
REASONS = {"user block": "本人不收公众号的消息。", "system failed": "微信没有送到,请打电话告诉本人。"}
OTHER = "微信没有送到,请打电话告诉本人。"


def note_report(site: Site, by: Actor, push: TemplateDone | SubscriptionsSent) -> None:
    if isinstance(push, TemplateDone):
        reason = None if push.ok else REASONS.get(push.status, OTHER)
        outbox.receipt(by.session, push.msg_id, delivered=push.ok, reason=reason)
    elif by.identity is not None:
        at = datetime.fromtimestamp(push.created, UTC)
        for result in push.results:
            _note_notice(site, by.session, by.identity, result, at)


def _note_notice(site: Site, session: Session, reader: Identity, result: NoticeResult, at: datetime) -> None:
    reason = None if result.ok else meaning_of(result.errcode).advice
    kinds = _kinds_of(site, session, reader, result.template_id)
    note_result(session, reader, kinds, result.msg_id, ok=result.ok, reason=reason)
    if result.errcode == NO_GRANT:
        grants.end(session, reader.id, result.template_id, at)


def _kinds_of(site: Site, session: Session, reader: Identity, template_id: str) -> list[str]:
    """The messages of ours that go by this template of the app; any notice, when the staff have changed it since."""
    names, maps = notice_names(site.words), all_maps(session)
    road = next(road for road, kind in KIND_OF_ROAD.items() if kind == reader.kind)
    cards = {ours: card_for(site.settings, maps, reader.app, road, ours) for ours in names}
    by_it = [ours for ours, card in cards.items() if card is not None and card.template_id == template_id]
    return kinds_by_notice(site.words, by_it or names)
