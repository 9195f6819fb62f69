"""我的心愿: what one wished and what one promised, each a digit away from its next step."""

from __future__ import annotations

from typing import TypeAlias

from sqlalchemy.orm import Session

from app.dialogue import Ask, Choose, Confirm, Offer, Reply, Say
from handlers.wishes import actions
from handlers.wishes.chat import chat, said_at_once, say_wish, station
from handlers.wishes.relay_chat import send_word
from handlers.wishes.sentences import thanks_in
from models.identity import Actor, Person
from models.matters import Matter
from models.refusal import Refusal
from models.wish_lists import claims_of, open_claims, to_confirm, to_withdraw, wishes_of
from models.wish_words import WishWord, words_heard
from models.wishes import LEASE, Claim, Wish, live_claim

PER_PAGE = 5
NEXT_PAGE = 6
LAST_WORDS = 2
MOST_LISTED = 50  # of each kind; the staff look up what is older
SHORT_ANSWERS = frozenset({"办好了", "续", "续期", "退回", "收到了", "还没收到"})

Row: TypeAlias = tuple[Wish, Claim | None]


# ---- the list and its cards --------------------------------------------------------------------------------


@chat.says("我的心愿", "查心愿", "心愿进度", "我认领的心愿")
def mine(resident: Actor, page: int = 0) -> Say:
    rows = _rows(resident.session, resident.me)
    if not rows:
        return Say("wishes.nothing_of_mine", offers={1: say_wish.offer(), 2: station.offer()})
    if len(rows) == 1:
        return _card(resident, *rows[0])
    shown = rows[page * PER_PAGE : (page + 1) * PER_PAGE]
    offers = {number: _offer(*row) for number, row in enumerate(shown, 1)}
    more = len(rows) > (page + 1) * PER_PAGE
    if more:
        offers[NEXT_PAGE] = mine.offer(page=page + 1)
    return Say("wishes.mine", rows=shown, more=more, offers=offers)


def _rows(session: Session, person: Person) -> list[Row]:
    """What needs the person's word stands first, what is over stands last."""
    wishes = session.scalars(wishes_of(person).limit(MOST_LISTED)).all()
    claims = session.scalars(claims_of(person).limit(MOST_LISTED)).all()
    rows: list[Row] = [(wish, None) for wish in wishes]
    return sorted([*rows, *((claim.wish, claim) for claim in claims)], key=_urgency)


def _urgency(row: Row) -> int:
    wish, claim = row
    if claim is not None:
        return 1 if claim.state == "open" else 3
    return {"done": 0, "said": 2, "public": 2, "claimed": 2}.get(wish.state, 3)


def _offer(wish: Wish, claim: Claim | None) -> Offer:
    return own.offer(wish=wish) if claim is None else promised.offer(claim=claim)


def _card(resident: Actor, wish: Wish, claim: Claim | None) -> Say:
    return own_card(resident, wish) if claim is None else promised_card(resident, claim)


@chat.offered()
def own(resident: Actor, wish: Wish) -> Say:
    return own_card(resident, wish)


@chat.offered()
def promised(resident: Actor, claim: Claim) -> Say:
    return promised_card(resident, claim)


def own_card(resident: Actor, wish: Wish) -> Say:
    claim = live_claim(resident.session, wish)
    heard = _heard(resident, claim, by_wisher=True)
    matter = resident.session.get(Matter, wish.matter_id) if wish.matter_id else None
    return Say(
        "wishes.own",
        wish=wish,
        due=claim.due if claim else None,
        heard=heard,
        matter=matter,
        offers=_own_steps(wish, claim),
    )


def _heard(resident: Actor, claim: Claim | None, *, by_wisher: bool) -> list[WishWord]:
    """The latest words of both sides, oldest first."""
    if claim is None or claim.state not in ("open", "done"):
        return []
    rows = resident.session.scalars(words_heard(claim, by_wisher=by_wisher).limit(LAST_WORDS))
    return list(rows)[::-1]


def _own_steps(wish: Wish, claim: Claim | None) -> dict[int, Offer]:
    if wish.matter_id is not None:
        return {1: Offer.of_word("我说的事")}
    if wish.state == "claimed" and claim is not None:
        return {1: withdraw.offer(wish=wish), 2: send_word.offer(claim=claim)}
    if wish.state in ("said", "public"):
        return {1: withdraw.offer(wish=wish)}
    if wish.state == "done":
        return {1: received.offer(wish=wish), 2: still_waiting.offer(wish=wish)}
    if wish.state == "confirmed" and wish.thanks_state != "waiting":
        return {1: thank.offer(wish=wish)}
    return {1: say_wish.offer()}


def promised_card(resident: Actor, claim: Claim) -> Say:
    heard = _heard(resident, claim, by_wisher=False)
    if claim.state != "open":
        return Say(
            "wishes.promise_over", claim=claim, wish=claim.wish, heard=heard, offers={1: station.offer()}
        )
    steps: dict[int, Offer] = {1: finish.offer(claim=claim), 3: give_back.offer(claim=claim)}
    steps[4] = send_word.offer(claim=claim)
    if claim.can_be_renewed:
        steps[2] = renew.offer(claim=claim)
    return Say("wishes.promised", claim=claim, wish=claim.wish, days=LEASE.days, heard=heard, offers=steps)


@chat.listens("guides")
def short_answer(resident: Actor, text: str) -> Reply:
    """ "办好了", "收到了": somebody with a wish or a promise open means that one; from others it is just a word."""
    if text in SHORT_ANSWERS:
        session, me = resident.session, resident.me
        waits = session.scalar(open_claims(me).limit(1)) or session.scalar(to_confirm(me).limit(1))
        return mine.run(resident) if waits else None
    return said_at_once(resident, text)


# ---- the wisher's steps ------------------------------------------------------------------------------------


@chat.dialogue("收回心愿", "撤回心愿", title="收回心愿")
async def withdraw(resident: Actor, wish: Wish | None = None) -> Say:
    chosen: Wish = (
        wish
        if wish is not None
        else await Choose("which_to_withdraw", to_withdraw(resident.me), shown_as="wished_by_me")
    )
    await Confirm("confirm_withdraw", wish=chosen, is_promised=chosen.state == "claimed")
    return Say("withdrawn_now", wish=actions.withdraw(resident, chosen))


@withdraw.undo
def restore(resident: Actor, wish: Wish) -> Say:
    return Say("restored", wish=actions.restore(resident, wish))


@chat.dialogue("心愿收到了", title="心愿收到了")
async def received(resident: Actor, wish: Wish | None = None) -> Say:
    chosen: Wish = (
        wish
        if wish is not None
        else await Choose("which_received", to_confirm(resident.me), shown_as="wished_by_me")
    )
    confirmed = actions.confirm(resident, chosen)
    return Say("received", wish=confirmed, offers={1: thank.offer(wish=confirmed)})


@received.undo
def not_received(resident: Actor, wish: Wish) -> Say:
    return Say("not_received", wish=actions.take_back_confirmation(resident, wish))


@chat.offered()
def still_waiting(resident: Actor, wish: Wish) -> Say:
    waiting = actions.not_yet(resident, wish)
    claim = live_claim(resident.session, waiting)
    return Say("wishes.still_waiting", wish=waiting, due=claim.due if claim else None)


@chat.dialogue(title="说声谢谢")
async def thank(resident: Actor, wish: Wish) -> Say:
    if wish.state != "confirmed" or wish.thanks_state == "waiting":
        raise Refusal("wishes.not_now", wish=wish)
    words = await Ask("your_thanks", thanks_in, any_words=True)
    await Confirm("confirm_thanks", words=words)
    return Say("thanks_noted", wish=actions.thank(resident, wish, words))


@thank.undo
def unthank(resident: Actor, wish: Wish) -> Say:
    return Say("thanks_taken_back", wish=actions.take_back_thanks(resident, wish))


# ---- the claimer's steps -----------------------------------------------------------------------------------


@chat.dialogue("心愿办好了", title="心愿办好了")
async def finish(resident: Actor, claim: Claim | None = None) -> Say:
    chosen: Claim = claim if claim is not None else await Choose("which_finished", open_claims(resident.me))
    await Confirm("confirm_finished", wish=chosen.wish)
    return Say("finished", claim=actions.mark_done(resident, chosen))


@finish.undo
def unfinish(resident: Actor, claim: Claim) -> Say:
    return Say("unfinished", claim=actions.take_back_done(resident, claim))


@chat.dialogue("心愿续期", title="心愿续期")
async def renew(resident: Actor, claim: Claim | None = None) -> Say:
    chosen: Claim = claim if claim is not None else await Choose("which_to_renew", open_claims(resident.me))
    renewed = actions.renew(resident, chosen)
    return Say("renewed", claim=renewed, wish=renewed.wish)


@chat.dialogue("退回心愿", title="退回心愿")
async def give_back(resident: Actor, claim: Claim | None = None) -> Say:
    chosen: Claim = (
        claim if claim is not None else await Choose("which_to_give_back", open_claims(resident.me))
    )
    await Confirm("confirm_give_back", wish=chosen.wish, due=chosen.due)
    return Say("given_back", wish=actions.give_back(resident, chosen).wish)


@give_back.undo
def keep_it(resident: Actor, wish: Wish) -> Say:
    return Say("kept_after_all", claim=actions.claim(resident, wish), wish=wish)


chat.also_said("我的心愿", "看我的心愿", "我的心愿怎么样了", "我许的心愿", "心愿办得怎么样了", "我领的心愿")
chat.also_said("心愿收到了", "心愿实现了", "心愿办成了")
chat.also_said("心愿办好了", "心愿做完了", "我认领的办好了")
chat.also_said("退回心愿", "心愿办不了", "不想认领了", "取消认领")
