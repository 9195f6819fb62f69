"""带句话: who promised and who wished say something to each other, by one digit or in words that the staff read first;
and the units that are asked for wishes nobody has promised."""

from __future__ import annotations

from app.dialogue import Ask, Confirm, Offer, Reply, Say
from app.understanding.numbers import choice_number
from handlers.wishes import actions
from handlers.wishes.chat import chat, station
from handlers.wishes.relay import ready_words
from handlers.wishes.sentences import thanks_in
from models.identity import Actor
from models.refusal import Refusal
from models.wish_partners import WishAsk, asked_of, partner_of
from models.wish_words import WishWord
from models.wishes import Claim, due_day

PER_PAGE = 5


@chat.dialogue(title="带句话")
async def send_word(resident: Actor, claim: Claim) -> Say:
    if claim.state not in ("open", "done"):
        raise Refusal("wishes.claim_over", claim=claim)
    ready = ready_words(by_wisher=claim.wish.wisher_id == resident.me.id)
    text = await Ask("your_word", lambda said: _word(said, ready), any_words=True, ready=ready)
    if text not in ready:
        await Confirm("confirm_word", words=text)
    word = actions.send_word(resident, claim, text)
    return Say("word_sent", word=word, offers={1: Offer.of_word("我的心愿")})


@send_word.undo
def unsend_word(resident: Actor, word: WishWord) -> Say:
    actions.take_back_word(resident, word)
    return Say("word_taken_back")


def _word(said: str, ready: tuple[str, ...]) -> str:
    number = choice_number(said)
    if number is None:
        return thanks_in(said)
    if not 1 <= number <= len(ready):
        raise ValueError(said)
    return ready[number - 1]


# ---- partner units -----------------------------------------------------------------------------------------


@chat.says("单位心愿", "请我们看的心愿")
def asked(resident: Actor) -> Reply:
    units = list(resident.session.scalars(partner_of(resident.me)))
    found = list(resident.session.scalars(asked_of(*units).limit(PER_PAGE)))
    if not found:
        return Say("wishes.nobody_asks", offers={1: station.offer()})
    offers = {number: asked_card.offer(ask=one) for number, one in enumerate(found, 1)}
    return Say("wishes.asked", asks=found, offers=offers)


@chat.offered()
def asked_card(resident: Actor, ask: WishAsk) -> Say:
    if ask.state != "asked":
        return Say("gone", wish=ask.wish, offers={1: station.offer()})
    return Say(
        "wishes.asked_card",
        ask=ask,
        wish=ask.wish,
        offers={1: promise_for_unit.offer(ask=ask), 2: decline.offer(ask=ask)},
    )


@chat.dialogue(title="替单位认领")
async def promise_for_unit(resident: Actor, ask: WishAsk) -> Say:
    await Confirm("confirm_for_unit", wish=ask.wish, unit=ask.partner.name, due=due_day())
    return Say("claimed", promised=actions.promise_for_unit(resident, ask), joined=True, offers=_my_wishes())


@promise_for_unit.undo
def unpromise(resident: Actor, promised: Claim, **_: object) -> Say:
    return Say("unclaimed", wish=actions.take_back_claim(resident, promised).wish)


@chat.offered()
def decline(resident: Actor, ask: WishAsk) -> Say:
    actions.decline(resident, ask)
    return Say("wishes.declined", wish=ask.wish, offers={1: Offer.of_word("单位心愿")})


def _my_wishes() -> dict[int, Offer]:
    return {1: Offer.of_word("我的心愿")}
