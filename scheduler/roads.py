"""By which roads a message can reach its person, best first.

Template messages come first where the kind has one: WeChat keeps their `client_msg_id` for ten minutes and reports
their delivery. Customer-service text is the other road, open for 48 hours after the person spoke.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app import clock
from app.site import Site
from app.wechat.capabilities import Capability
from app.wechat.errors import NotWeChat, WeChatError
from models.allowance import WORDS_WINDOW
from scheduler.letters import Letter, Reader

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
    after: Callable[[Session, WeChatError | NotWeChat | None], None] | None = None


def roads(site: Site, letter: Letter) -> list[Road]:
    """What is left of an earlier try that may have arrived is its own road only: another would say it twice."""
    reader = letter.reader
    if reader is None:
        return []
    ways = (_custom, _template) if letter.form.words_first else (_template, _custom)
    open_ones = [road for way in ways for road in way(site, letter, reader)]
    return [road for road in open_ones if letter.road in (None, road.name) and letter.may_go_by(road.name)]


def _template(site: Site, letter: Letter, reader: Reader) -> list[Road]:
    kind, _, name = reader.app.partition(":")
    template_id = _template_id(site, name, letter) if kind == "oa" else None
    wechat = site.wechat(kind, name)
    if not template_id or not reader.following or not wechat.can(Capability.TEMPLATE):
        return []
    data, url = _card(site, letter)

    def go() -> str:
        return wechat.templates.send(
            reader.openid, template_id, data, url=url, client_msg_id=letter.client_id
        )

    return [Road("template", f"{reader.app} template", keeps_key=True, go=go)]


def _card(site: Site, letter: Letter) -> tuple[dict[str, str], str]:
    """The fields and where a touch leads. Made before anything is noted as sent: it may turn out to be impossible."""
    fields, page = letter.form.fields.items(), letter.form.page
    places = letter.template.fields if letter.template else {name: name for name, _ in fields}
    data = {
        places[name]: fitting(name, site.words.fill(source, letter.facts))
        for name, source in fields
        if name in places
    }
    return data, f"{site.settings.web.public_url.rstrip('/')}{page}" if page else ""


def _custom(site: Site, letter: Letter, reader: Reader) -> list[Road]:
    kind, _, name = reader.app.partition(":")
    wechat = site.wechat(kind, name)
    in_window = reader.spoke_at is not None and clock.now() - reader.spoke_at < WORDS_WINDOW
    if not in_window or not (wechat.can(Capability.KF) or kind == "mini"):
        return []
    text = site.words.fill(letter.form.text, letter.facts)

    def go() -> str:
        """WeChat gives no id of it and no report of delivery."""
        wechat.messages.text(reader.openid, text)
        return ""

    return [Road("custom", f"{reader.app} custom", keeps_key=False, go=go)]


def fitting(field: str, value: str) -> str:
    """A value cut to its field's limit (wechat.md §14): WeChat refuses the whole message otherwise (47003)."""
    limit = LONGEST.get(field.rstrip("0123456789"))
    one_line = " ".join(value.split()) or "无"
    return one_line if limit is None or len(one_line) <= limit else f"{one_line[: limit - 1]}…"


def _template_id(site: Site, account: str, letter: Letter) -> str | None:
    """What the staff have chosen, else what config.toml says; in the sandbox it is called by its own name."""
    logical = letter.form.template
    if logical is None:
        return None
    if letter.template is not None:
        return letter.template.template_id
    known: Mapping[str, str] = site.settings.account(account).templates
    return known.get(logical, logical if site.settings.mode == "sandbox" else None)
