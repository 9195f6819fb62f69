"""Which of an account's templates speaks for ours: what the staff have chosen, else what config.toml says; in the
sandbox a template is called by its own name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.settings import Settings
from app.words import MessageForm, Words
from models.launch import TemplateMap

Maps: TypeAlias = Mapping[tuple[str, str, str], TemplateMap]


@dataclass(frozen=True, slots=True)
class Card:
    """A template of the account. `fields` says into which of its fields each of ours goes (None: of the same name);
    `lasting` when one yes to it is for many messages."""

    template_id: str
    fields: Mapping[str, str] | None = None
    lasting: bool = False


def all_maps(session: Session) -> Maps:
    """Everything that the staff have chosen: (account, road, our name) → the row."""
    return {(row.account, row.road, row.ours): row for row in session.scalars(select(TemplateMap))}


def card_for(settings: Settings, maps: Maps, app: str, road: str, ours: str | None) -> Card | None:
    """Ours for this app ("oa:main") by this road ("template", "notice" or "mini"); None where it has none."""
    if ours is None:
        return None
    kind, _, name = app.partition(":")
    row = maps.get((name, road, ours))
    if row is not None:
        return Card(row.template_id, dict(row.fields), row.lasting)
    written = _written(settings, kind, name, road).get(ours, ours if settings.mode == "sandbox" else None)
    return None if written is None else Card(written)


def _written(settings: Settings, kind: str, name: str, road: str) -> Mapping[str, str]:
    if kind == "mini":
        return settings.miniprogram(name).notices
    account = settings.account(name)
    return account.notices if road == "notice" else account.templates


def cards_to_ask(settings: Settings, words: Words, session: Session, app: str) -> list[Card]:
    """The subscription notices that people may be asked for in this app. Those for long and those for once are never
    asked for together: WeChat refuses that."""
    maps, road = all_maps(session), "mini" if app.startswith("mini:") else "notice"
    found = [card_for(settings, maps, app, road, ours) for ours in notice_names(words)]
    cards = [one for one in found if one is not None]
    return [one for one in cards if one.lasting == cards[0].lasting]


def notice_names(words: Words) -> list[str]:
    """Our subscription notices: whatever a message of the house goes by."""
    return list(dict.fromkeys(form.notice for form in _with_notice(words) if form.notice))


def kinds_by_notice(words: Words, ours: Iterable[str]) -> list[str]:
    """The kinds of messages that go by these subscription notices."""
    wanted = set(ours)
    return [kind for kind in sorted(words.forms()) if words.form(kind).notice in wanted]


def _with_notice(words: Words) -> list[MessageForm]:
    forms = (words.form(kind) for kind in sorted(words.forms()))
    return [form for form in forms if form.notice is not None]
