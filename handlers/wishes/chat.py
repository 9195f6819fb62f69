"""Wishing in one sentence, and the public cards: read one, promise to fulfil it. One's own wishes are in mine.py."""

from __future__ import annotations

import re

from app.dialogue import Ask, Chat, Choose, Confirm, Offer, Reply, Say
from app.understanding.numbers import choice_number
from handlers.menu import MENU
from handlers.people import actions as people
from handlers.wishes import actions
from handlers.wishes.sentences import LONGEST, SHORTEST, is_above_cap, wish_in
from models.identity import Actor
from models.wish_lists import claimable_by, public_wishes
from models.wishes import VALUE_CAP, Claim, Wish, check_may_claim, check_may_wish, check_room, due_day

PER_PAGE = 5
NEXT_PAGE, WISH_MYSELF = 6, 7
MENU_WORDS = frozenset(word for column in MENU for word in column.words)
SAID_AT_ONCE = re.compile(
    r"(?:我?(?:有|许|想许|要许|想要许)一?个(?:小|微)?心愿|我的(?:小|微)?心愿|(?:小|微)?心愿)"
    r"\s*(?:[,:;。、]|是|就是)\s*(?P<wish>.+)"
)

chat = Chat("wishes")


# ---- wishing ------------------------------------------------------------------------------------------------------


def may_wish(resident: Actor) -> None:
    """Who took the consent back is told before the first question, whether they wish or promise."""
    people.respect_withdrawal(resident, "service")


@chat.dialogue(
    "心愿",
    "许个心愿",
    "许心愿",
    "我有个心愿",
    "许愿",
    title="许心愿",
    helper=("帮别人许愿", "替别人许愿"),
    may=may_wish,
)
async def say_wish(resident: Actor, text: str | None = None) -> Say:
    check_may_wish(resident.session, resident.me, for_other=resident.helped is not None)
    said: str = text if text is not None else await Ask("your_wish", _wish)
    costly, new = is_above_cap(said), people.is_new(resident)
    await Confirm("confirm_wish", text=said, helped=resident.helped, costly=costly, cap=VALUE_CAP, new=new)
    wish = actions.say_wish(resident, said)
    joined = resident.me.joined_at is not None
    return Say("said", wish=wish, joined=joined, offers={1: Offer.of_word("我的心愿" if joined else "登记")})


@say_wish.undo
def unsay_wish(resident: Actor, wish: Wish, **_: object) -> Say:
    return Say("unsaid", wish=actions.withdraw(resident, wish))


def _wish(text: str) -> str:
    """A digit or a button's words are no wish: they go where they belong."""
    if choice_number(text) is not None or text in MENU_WORDS:
        raise ValueError(text)
    return wish_in(text)


def said_at_once(resident: Actor, text: str) -> Reply:
    """ "我有个心愿,想要一根拐杖": read back, and a digit away from being said."""
    match = SAID_AT_ONCE.fullmatch(text)
    if match is None or not SHORTEST <= len(match["wish"]) <= LONGEST:
        return None
    return Say("wishes.is_it_this", text=match["wish"], offers={1: say_wish.offer(text=match["wish"])})


# ---- public cards ---------------------------------------------------------------------------------------------------


@chat.says("心愿站", "看心愿", "认领心愿")
def station(resident: Actor, page: int = 0) -> Say:
    rows = public_wishes().offset(page * PER_PAGE).limit(PER_PAGE + 1)
    found = list(resident.session.scalars(rows))
    if not found:
        return Say("no_more" if page else "none_public", offers={1: say_wish.offer()})
    offers: dict[int, Offer] = {n: card.offer(wish=wish) for n, wish in enumerate(found[:PER_PAGE], 1)}
    more = len(found) > PER_PAGE
    if more:
        offers[NEXT_PAGE] = station.offer(page=page + 1)
    offers[WISH_MYSELF] = say_wish.offer()
    return Say("wishes.station", wishes=found[:PER_PAGE], more=more, offers=offers)


@chat.offered()
def card(resident: Actor, wish: Wish) -> Say:
    """One wish, without anything of its wisher. A digit may be typed long after the list was shown."""
    if wish.state != "public":
        return Say("gone", wish=wish, offers={1: station.offer()})
    own = wish.wisher_id == resident.me.id
    first = Offer.of_word("我的心愿") if own else claim.offer(wish=wish)
    return Say("card", wish=wish, own=own, cap=VALUE_CAP, offers={1: first, 2: station.offer()})


@chat.dialogue("认领", "我要认领", "我来认领", title="认领心愿", may=may_wish)
async def claim(resident: Actor, wish: Wish | None = None) -> Say:
    check_room(resident.session, resident.me)
    if wish is None:
        chosen: Wish = await Choose("which_wish", claimable_by(resident.me))
    elif wish.state == "public":
        chosen = wish
    else:
        chosen = await Choose("another_wish", claimable_by(resident.me), per_page=2)
    check_may_claim(resident.session, chosen, resident.me)
    gone = ("wishes.taken", "wishes.not_public")
    await Confirm("confirm_claim", again=gone, wish=chosen, due=due_day(), new=people.is_new(resident))
    promised = actions.claim(resident, chosen)
    joined = resident.me.joined_at is not None
    following = Offer.of_word("我的心愿" if joined else "登记")
    return Say("claimed", promised=promised, joined=joined, offers={1: following})


@claim.undo
def unclaim(resident: Actor, promised: Claim, **_: object) -> Say:
    return Say("unclaimed", wish=actions.take_back_claim(resident, promised).wish)


chat.also_said("许个心愿", "我想许愿", "我要许愿", "想许个愿", "许个愿", "微心愿", "说个心愿", "提个心愿")
chat.also_said("心愿站", "有哪些心愿", "别人的心愿", "看看心愿", "帮人圆梦", "圆梦", "领个心愿", "心愿列表")
chat.also_said("帮别人许愿", "帮我妈许个心愿", "替老人许愿", "给邻居许个心愿", "帮老人许愿")
