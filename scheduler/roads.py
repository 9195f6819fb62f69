"""By which roads a message can reach its person, best first (wechat.md §19).

What came of somebody's own business goes by template first: WeChat keeps its `client_msg_id` for ten minutes and
reports its delivery. Everything else goes by customer service, open for 48 hours after the person spoke, then by a
subscription notice that they have allowed: the account's keeps the same key, the mini-program's keeps none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from sqlalchemy.orm import Session

from app import clock
from app.site import Site
from app.wechat.capabilities import Capability
from app.wechat.client import WeChat
from app.wechat.errors import CREDENTIAL_PATH, NotWeChat, WeChatError
from models import grants
from models.allowance import KEPT_FOR_ANSWERS, WORDS_WINDOW
from models.grants import Spending
from models.notice_results import own_id
from models.outbox import BROADCAST
from scheduler.letters import Letter, Reader

Fault: TypeAlias = WeChatError | NotWeChat | None
NO_GRANT = 43101
MINI_STATES = {"live": "formal", "trial": "trial", "sandbox": "developer"}
LONGEST = {
    "thing": 20,
    "name": 10,
    "phrase": 5,
    "character_string": 32,
    "number": 32,
    "letter": 32,
    "phone_number": 17,
}


@dataclass(frozen=True, slots=True)
class Road:
    """`go` sends and gives WeChat's id of the message ("" where there is none); `keeps_key`: sending again with the
    same key is harmless for a while; `door` names app and road, for all who share its quota. `before` is asked in the
    unit that notes the beginning: False when the road is not open to this message any more. `after` is told in the
    unit that writes down what came of the road: what WeChat said, None when it took the message."""

    name: str
    door: str
    keeps_key: bool
    go: Callable[[], str]
    before: Callable[[Session], bool] | None = None
    after: Callable[[Session, Fault], None] | None = None


def roads(site: Site, letter: Letter) -> list[Road]:
    """What is left of an earlier try that may have arrived is its own road only: another would say it twice."""
    card_first = letter.form.result and not letter.form.words_first
    names = (
        ("template", "custom", "notice", "mini") if card_first else ("custom", "notice", "mini", "template")
    )
    left = [name for name in names if letter.road in (None, name) and letter.may_go_by(name)]
    return [road for name in left for reader in letter.readers for road in WAYS[name](site, letter, reader)]


# ---- cards ---------------------------------------------------------------------------------------------------------


def _template(site: Site, letter: Letter, reader: Reader) -> Iterator[Road]:
    """Only for what came of a person's own business: news by template costs the account its templates (40249)."""
    card, wechat = reader.cards.get("template"), _client(site, reader)
    if not (card and letter.form.result and reader.following and wechat.can(Capability.TEMPLATE)):
        return
    data, url = _filled(site, letter, reader, "template"), _page(site, letter)

    def go() -> str:
        return wechat.templates.send(
            reader.openid, card.template_id, data, url=url, client_msg_id=letter.client_id
        )

    yield Road("template", f"{reader.app} template", keeps_key=True, go=go)


def _notice(site: Site, letter: Letter, reader: Reader) -> Iterator[Road]:
    """By the account; who never followed gets it in WeChat's own folder. Its answer names no message: we give it a
    name of our own, by which its later report is found."""
    card, wechat = reader.cards.get("notice"), _client(site, reader)
    if not card or reader.left or not wechat.can(Capability.BIZSEND):
        return
    data, url = _filled(site, letter, reader, "notice"), _page(site, letter)

    def go() -> str:
        wechat.notices.bizsend(reader.openid, card.template_id, data, url=url, client_msg_id=letter.client_id)
        return own_id(letter.id)

    price = _Price(letter, "notice", Spending(reader.identity_id, card.template_id), clock.now())
    yield Road("notice", f"{reader.app} notice", True, go, before=price.pay, after=price.settle)


def _mini(site: Site, letter: Letter, reader: Reader) -> Iterator[Road]:
    card, wechat = reader.cards.get("mini"), _client(site, reader)
    if not card:
        return
    data = _filled(site, letter, reader, "mini")
    page = letter.fill(site.words, letter.form.mini_page or "")
    state = MINI_STATES[site.settings.mode]

    def go() -> str:
        sent = wechat.notices.mini(reader.openid, card.template_id, data, page=page, state=state)
        return sent or own_id(letter.id)

    price = _Price(letter, "mini", Spending(reader.identity_id, card.template_id), clock.now())
    yield Road("mini", f"{reader.app} mini", False, go, before=price.pay, after=price.settle)


def _filled(site: Site, letter: Letter, reader: Reader, road: str) -> dict[str, str]:
    """Made before anything is noted as sent: it may turn out to be impossible. All readers of one app get the same."""
    card, form = reader.cards[road], letter.form
    fields = form.fields if road == "template" else form.notice_fields

    def make() -> dict[str, str]:
        places = card.fields if card.fields is not None else {name: name for name in fields}
        return {
            places[name]: fitting(name, letter.fill(site.words, source))
            for name, source in fields.items()
            if name in places
        }

    return letter.once((reader.app, road), make)


def _page(site: Site, letter: Letter) -> str:
    """Where a touch leads."""
    page = letter.fill(site.words, letter.form.page or "")
    return f"{site.settings.web.public_url.rstrip('/')}{page}" if page else ""


def fitting(field: str, value: str) -> str:
    """A value cut to its field's limit (wechat.md §14): WeChat refuses the whole message otherwise (47003)."""
    limit = LONGEST.get(field.rstrip("0123456789"))
    one_line = " ".join(value.split()) or "无"
    return one_line if limit is None or len(one_line) <= limit else f"{one_line[: limit - 1]}…"


# ---- what people have allowed is spent -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Price:
    """One grant for one message. An earlier try of which nobody knows whether it arrived has paid already."""

    letter: Letter
    road: str
    spending: Spending
    made_at: datetime

    @property
    def paid_before(self) -> bool:
        return self.letter.road == self.road

    def pay(self, session: Session) -> bool:
        return self.paid_before or grants.spend(session, self.spending)

    def settle(self, session: Session, fault: Fault) -> None:
        """WeChat has none left, or has not taken the message for certain: then the grant is still there."""
        if isinstance(fault, WeChatError) and fault.errcode == NO_GRANT:
            grants.end(session, *self.spending, self.made_at)
        elif fault is not None and not self.paid_before and not _may_have_gone(fault):
            grants.give_back(session, self.spending)


def _may_have_gone(fault: WeChatError | NotWeChat) -> bool:
    return isinstance(fault, NotWeChat) and fault.maybe_done and fault.path != CREDENTIAL_PATH


# ---- words -----------------------------------------------------------------------------------------------------------


def _custom(site: Site, letter: Letter, reader: Reader) -> Iterator[Road]:
    wechat = _client(site, reader)
    if not _listens(letter, reader) or not (wechat.can(Capability.KF) or reader.app.startswith("mini:")):
        return
    text = letter.fill(site.words, letter.form.text)

    def go() -> str:
        """WeChat gives no id of it and no report of delivery."""
        wechat.messages.text(reader.openid, text)
        return ""

    yield Road("custom", f"{reader.app} custom", keeps_key=False, go=go)


def _listens(letter: Letter, reader: Reader) -> bool:
    """Within 48 hours of the person's own words. A broadcast leaves room for the answers of people."""
    if reader.spoke_at is None or clock.now() - reader.spoke_at >= WORDS_WINDOW:
        return False
    return letter.rank != BROADCAST or reader.words_left > KEPT_FOR_ANSWERS


WAYS = {"template": _template, "custom": _custom, "notice": _notice, "mini": _mini}


def _client(site: Site, reader: Reader) -> WeChat:
    kind, _, name = reader.app.partition(":")
    return site.wechat(kind, name)
