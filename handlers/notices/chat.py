"""Reading notices in chat: the latest, by category, by words, one of them."""

from __future__ import annotations

from collections.abc import Sequence

from app.dialogue import Ask, Chat, Choose, Offer, Reply, Say
from models.identity import Actor
from models.notice_search import covers, search
from models.notices import CATEGORIES, Notice, current_list
from models.reach import correction_of_notice

chat = Chat("notices")
PER_PAGE = 5
SURE = 0.6
SHORTEST_QUERY = 2


@chat.says("最新通知", "通知", "新闻", "有什么通知", "社区通知")
def latest(resident: Actor, page: int = 0, category: str = "") -> Say:
    found = current_list(category).page(resident.session, page * PER_PAGE, PER_PAGE + 1)
    if not found:
        return Say("no_more" if page else "none", category=category)
    offers = _numbered(found[:PER_PAGE])
    more = len(found) > PER_PAGE
    if more:
        offers[PER_PAGE + 1] = latest.offer(page=page + 1, category=category)
    return Say("list", notices=found[:PER_PAGE], more=more, category=category, offers=offers)


@chat.offered()
def read(resident: Actor, notice: Notice) -> Say:
    """One notice. A digit may be typed long after the list was shown: what has expired, or was put right, says so."""
    correction = correction_of_notice(resident.session, notice)
    if correction is not None and correction.notice_id != notice.id:
        offers = {1: read.offer(notice=correction.notice), 2: latest.offer()}
        return Say("corrected", notice=notice, correct=correction.notice, offers=offers)
    if not notice.is_current:
        return Say("expired", notice=notice, offers={1: latest.offer()})
    return Say(
        "one",
        notice=notice,
        corrected=correction is not None,
        offers={1: Offer.of_word("预约服务"), 2: latest.offer(), 3: Offer.of_word("人工")},
    )


@chat.dialogue("通知分类", "分类看通知", title="分类看通知")
async def by_category(resident: Actor) -> Say:
    category = await Choose("which_category", CATEGORIES, per_page=len(CATEGORIES))
    reply = latest.run(resident, category=category)
    return reply if isinstance(reply, Say) else Say("none", category=category)


@chat.dialogue("查通知", "找通知", "搜通知", title="查通知")
async def find(resident: Actor) -> Say:
    words = await Ask("search_words", _query, any_words=True)
    return _found(search(resident.session, words, PER_PAGE)) or Say("nothing_found", query=words)


@chat.listens("search")
def about(resident: Actor, text: str) -> Reply:
    """Words that no feature claims may be about a notice: then it is offered, never just shown."""
    if len(text) < SHORTEST_QUERY or text.isdigit():
        return None
    fitting = [notice for notice in search(resident.session, text, PER_PAGE) if covers(notice, text) >= SURE]
    return _found(fitting)


def _found(notices: Sequence[Notice]) -> Say | None:
    if not notices:
        return None
    return Say("notices.found", notices=notices, offers=_numbered(notices))


def _numbered(notices: Sequence[Notice]) -> dict[int, Offer]:
    return {number: read.offer(notice=notice) for number, notice in enumerate(notices, 1)}


def _query(text: str) -> str:
    if len(text) > 40:
        raise ValueError(text)
    return text


chat.also_said(
    "最新通知",
    "看通知",
    "看看通知",
    "最近有什么通知",
    "社区有啥通知",
    "公告",
    "新通知",
    "有啥消息",
    "最新消息",
)
chat.also_said("查通知", "搜索通知", "查一下通知", "找一条通知")
