"""Wishes for the mini-program: public cards, one's own, what one has promised, and each next step."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from app.channels.api import Api, Problem, found
from app.channels.api.helped import ForOther, helping
from app.channels.api.paging import page
from app.channels.api.schemas import Body, Page, PageQuery, Shown, Time, left_out, line
from handlers.wishes import actions
from models.identity import Actor
from models.wish_lists import all_claims_of, public_wishes, wishes_of
from models.wish_words import WishWord, words_heard
from models.wishes import PROMISED, Claim, Wish, live_claim

Category = Literal["生活用品", "学习用品", "上门帮忙", "陪伴", "其他"]
State = Literal["said", "public", "claimed", "done", "confirmed", "thanked", "refused", "withdrawn"]
KEEPING = ("wishes.claim_over",)
WISHERS = ("wishes.not_now",)

api = Api("wishes", "心愿站")


class WishCard(Shown):
    """What everybody may read: words that the staff have approved, and nothing of who wishes."""

    id: int
    public_text: str | None = Field(examples=["一位老人想要一根拐杖"])
    category: Category
    state: State


class WishPage(Page):
    """Who has waited longest stands first."""

    items: list[WishCard]


class OwnWish(WishCard):
    """What I said, and how far it is. `reason` says why the staff did not publish it."""

    text: str | None
    for_other: bool
    helped_name: str | None
    reason: str | None
    thanks: str | None
    thanks_state: Literal["waiting", "approved", "refused"] | None
    said_at: Time


class OwnWishPage(Page):
    """The newest first."""

    items: list[OwnWish]


class Promise(Shown):
    """A wish that I promised to fulfil until the end of the day `due`."""

    wish: WishCard
    state: Literal["open", "done", "returned", "expired", "ended"]
    due: date
    can_be_renewed: bool


class PromisePage(Page):
    """The newest first."""

    items: list[Promise]


class Wishing(Body):
    """One sentence of 4 to 100 signs; nobody but the staff reads it before they have reviewed it."""

    text: Annotated[str, line(200, "想要一根拐杖")]
    category: Category = left_out()
    for_other: ForOther = left_out()


class WordShown(Shown):
    """A sentence between who promised and who wished. What one wrote oneself waits for the staff to pass it on."""

    id: int
    mine: bool
    text: str
    state: Literal["waiting", "passed", "refused"]
    at: Time


class WordPage(Page):
    """The newest first."""

    items: list[WordShown]


class Word(Body):
    """Something for the other side, in 2 to 60 characters: no names, no numbers."""

    text: Annotated[str, line(100, "您哪天在家方便?")]


class Thanks(Body):
    """A word for whoever fulfilled the wish; the staff read it before it goes on."""

    text: Annotated[str, line(100, "谢谢您送来的拐杖")]


# ---- reading -------------------------------------------------------------------------------------------------------


@api.reads("/wishes", asks=PageQuery, gives=WishPage, who="everyone")
def station(by: Actor, asked: PageQuery) -> WishPage:
    """Wishes that wait for somebody"""
    place = (Wish.published_at, Wish.id)
    rows, following = page(by.session, public_wishes(), asked, place, lambda row: (row.published_at, row.id))
    return WishPage(items=[_card(row) for row in rows], next=following)


@api.reads("/wishes/mine", asks=PageQuery, gives=OwnWishPage)
def mine(by: Actor, asked: PageQuery) -> OwnWishPage:
    """What I wished, for myself and for others"""
    place = (Wish.said_at, Wish.id)
    rows, following = page(
        by.session, wishes_of(by.me), asked, place, lambda row: (row.said_at, row.id), newest_first=True
    )
    return OwnWishPage(items=[_own(row) for row in rows], next=following)


@api.reads("/wishes/promised", asks=PageQuery, gives=PromisePage)
def promised(by: Actor, asked: PageQuery) -> PromisePage:
    """What I promised"""
    place = (Claim.claimed_at, Claim.id)
    rows, following = page(
        by.session,
        all_claims_of(by.me),
        asked,
        place,
        lambda row: (row.claimed_at, row.id),
        newest_first=True,
    )
    return PromisePage(items=[_promise(row) for row in rows], next=following)


# ---- the wisher ----------------------------------------------------------------------------------------------------


@api.writes(
    "/wishes",
    takes=Wishing,
    gives=OwnWish,
    status=201,
    refuses=("wishes.too_short", "wishes.too_long", "wishes.too_many"),
)
def say_wish(by: Actor, said: Wishing) -> OwnWish:
    """Say a wish"""
    by = helping(by, said.for_other) if said.told("for_other") else by
    category = said.category if said.told("category") else "其他"
    return _own(actions.say_wish(by, said.text, category=category))


@api.writes("/wishes/<int:wish>/withdraw", gives=OwnWish, refuses=WISHERS)
def withdraw(by: Actor, wish: int) -> OwnWish:
    """Take my wish back"""
    return _own(actions.withdraw(by, _mine(by, wish)))


@api.writes("/wishes/<int:wish>/confirm", gives=OwnWish, refuses=WISHERS)
def confirm(by: Actor, wish: int) -> OwnWish:
    """My wish is fulfilled"""
    return _own(actions.confirm(by, _mine(by, wish)))


@api.writes("/wishes/<int:wish>/not-yet", gives=OwnWish, refuses=WISHERS)
def not_yet(by: Actor, wish: int) -> OwnWish:
    """My wish is not fulfilled yet: the promise goes on"""
    return _own(actions.not_yet(by, _mine(by, wish)))


@api.writes(
    "/wishes/<int:wish>/thank",
    takes=Thanks,
    gives=OwnWish,
    refuses=(*WISHERS, "wishes.too_short", "wishes.too_long"),
)
def thank(by: Actor, said: Thanks, wish: int) -> OwnWish:
    """Thank whoever fulfilled it"""
    return _own(actions.thank(by, _mine(by, wish), said.text))


# ---- who fulfils it --------------------------------------------------------------------------------------------------


@api.writes(
    "/wishes/<int:wish>/claim",
    gives=Promise,
    status=201,
    refuses=("wishes.taken", "wishes.not_public", "wishes.own_wish", "wishes.too_many_claims"),
)
def claim(by: Actor, wish: int) -> Promise:
    """Promise to fulfil a wish within seven days"""
    row = found(by.session, Wish, wish)
    if row.wisher_id != by.me.id and row.state not in ("public", *PROMISED):
        raise Problem(404, "not_found")
    return _promise(actions.claim(by, row))


@api.writes("/wishes/<int:wish>/renew", gives=Promise, refuses=(*KEEPING, "wishes.no_more_renewals"))
def renew(by: Actor, wish: int) -> Promise:
    """Seven days more, once"""
    return _promise(actions.renew(by, _promised(by, wish)))


@api.writes("/wishes/<int:wish>/give-back", gives=Promise, refuses=KEEPING)
def give_back(by: Actor, wish: int) -> Promise:
    """Let go of a promise: the wish waits for somebody else"""
    return _promise(actions.give_back(by, _promised(by, wish)))


@api.writes("/wishes/<int:wish>/done", gives=Promise, refuses=KEEPING)
def done(by: Actor, wish: int) -> Promise:
    """It is done; the wisher is asked"""
    return _promise(actions.mark_done(by, _promised(by, wish)))


# ---- between the two -------------------------------------------------------------------------------------------------


@api.reads("/wishes/<int:wish>/words", asks=PageQuery, gives=WordPage)
def words(by: Actor, asked: PageQuery, wish: int) -> WordPage:
    """What was said about a promise of mine, or of my wish"""
    promised, by_wisher = _side(by, wish)
    place = (WishWord.at, WishWord.id)
    heard = words_heard(promised, by_wisher=by_wisher).order_by(None)
    rows, following = page(by.session, heard, asked, place, lambda row: (row.at, row.id), newest_first=True)
    return WordPage(items=[_word(row, by_wisher=by_wisher) for row in rows], next=following)


@api.writes(
    "/wishes/<int:wish>/words",
    takes=Word,
    gives=WordShown,
    status=201,
    refuses=(*KEEPING, "wishes.too_many_words", "wishes.too_short", "wishes.too_long"),
)
def say_across(by: Actor, said: Word, wish: int) -> WordShown:
    """Say something to the other side"""
    promised, by_wisher = _side(by, wish)
    return _word(actions.send_word(by, promised, said.text), by_wisher=by_wisher)


def _side(by: Actor, number: int) -> tuple[Claim, bool]:
    """The promise between the caller and somebody, and whether the caller wished; else it is not there."""
    row = found(by.session, Wish, number)
    if row.wisher_id != by.me.id:
        return _promised(by, number), False
    live = live_claim(by.session, row)
    if live is None:
        raise Problem(404, "not_found")
    return live, True


def _word(row: WishWord, *, by_wisher: bool) -> WordShown:
    facts = {"id": row.id, "mine": row.from_wisher == by_wisher, "text": row.text}
    return WordShown.model_validate({**facts, "state": row.state, "at": row.at})


# ---- rows ------------------------------------------------------------------------------------------------------------


def _mine(by: Actor, number: int) -> Wish:
    row = found(by.session, Wish, number)
    if row.wisher_id != by.me.id:
        raise Problem(404, "not_found")
    return row


def _promised(by: Actor, number: int) -> Claim:
    """The caller's latest promise of this wish; somebody else's is not there."""
    row = by.session.scalar(all_claims_of(by.me).where(Claim.wish_id == found(by.session, Wish, number).id))
    if row is None:
        raise Problem(404, "not_found")
    return row


def _card(row: Wish) -> WishCard:
    return WishCard.model_validate({name: getattr(row, name) for name in WishCard.model_fields})


def _own(row: Wish) -> OwnWish:
    return OwnWish.model_validate({name: getattr(row, name) for name in OwnWish.model_fields})


def _promise(row: Claim) -> Promise:
    facts = {"state": row.state, "due": row.due, "can_be_renewed": row.can_be_renewed}
    return Promise.model_validate({"wish": _card(row.wish), **facts})
