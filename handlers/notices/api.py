"""Notices for the mini-program: the latest, by category, by words, one of them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from app.channels.api import Api, Problem, found
from app.channels.api.paging import MOST_RANKED, page, ranked_page
from app.channels.api.schemas import Page, PageQuery, Shown, Time, left_out, line
from models.identity import Actor
from models.notice_search import search
from models.notices import Notice, current_notices

Category = Literal["政策", "办事", "活动", "停水停电", "安全", "健康", "招聘", "其他"]

api = Api("notices", "通知")


class NoticeQuery(PageQuery):
    """`q` searches; what fits best comes first, then, and a category does not narrow it."""

    category: Category = left_out()
    q: Annotated[str, line(50, "高龄补贴")] = left_out()


class NoticeShown(Shown):
    """`summary` is in plain words, `bring` what to take along; after `valid_until` it is not shown any more."""

    id: int
    title: str = Field(examples=["高龄补贴怎么领"])
    category: Category
    source: str
    source_number: str | None
    summary: str
    bring: list[str]
    valid_from: date
    valid_until: date | None
    published_at: Time | None


class NoticeWhole(NoticeShown):
    """With the official words, unchanged."""

    body: str


class NoticePage(Page):
    """Notices, the newest first; the best first when searching."""

    items: list[NoticeShown]


@api.reads("/notices", asks=NoticeQuery, gives=NoticePage, who="everyone")
def notices(by: Actor, asked: NoticeQuery) -> NoticePage:
    """Notices that hold today"""
    if asked.told("q"):
        rows, following = ranked_page(search(by.session, asked.q, MOST_RANKED), asked)
    else:
        place = (Notice.published_at, Notice.id)
        told = current_notices(asked.category)
        rows, following = page(by.session, told, asked, place, _place, newest_first=True)
    return NoticePage(items=[NoticeShown.model_validate(_facts(row)) for row in rows], next=following)


@api.reads("/notices/<int:notice>", gives=NoticeWhole, who="everyone")
def notice(by: Actor, notice: int) -> NoticeWhole:
    """One notice"""
    row = found(by.session, Notice, notice)
    if not row.is_current:
        raise Problem(404, "not_found")
    return NoticeWhole.model_validate(_facts(row) | {"body": row.body})


def _place(row: Notice) -> tuple[object, int]:
    return row.published_at, row.id


def _facts(row: Notice) -> dict[str, object]:
    names = ("id", "title", "category", "source", "source_number", "summary", "bring")
    days = ("valid_from", "valid_until", "published_at")
    return {name: getattr(row, name) for name in (*names, *days)}
