"""Words across: who promised and who wished talk without knowing each other. A ready sentence goes at once, one's own
words when a person of the staff has read them: what is shown to others is read by somebody first."""

from __future__ import annotations

import tomllib
from functools import cache

from app import audit
from app.words import TEMPLATES
from handlers.wishes import messages, sentences
from handlers.wishes.standing import must_be_staff
from models.identity import Actor
from models.refusal import Refusal
from models.wish_words import MOST_A_DAY, WishWord, said_today
from models.wishes import Claim, hold, live_claim


@cache
def ready_words(*, by_wisher: bool) -> tuple[str, ...]:
    """What may be said with one digit, by this side (templates/wishes/ready_words.toml)."""
    told = tomllib.loads((TEMPLATES / "wishes" / "ready_words.toml").read_text(encoding="utf-8"))
    return tuple(told["wisher" if by_wisher else "claimer"])


def send_word(by: Actor, promised: Claim, text: str) -> WishWord:
    """Say something to the other side, while the promise is open or waits to be confirmed (2 to 60 signs).

    Refuses with wishes.not_yours, .claim_over, .too_many_words, .too_short, .too_long.
    """
    by_wisher = _stands_as_wisher(by, promised)
    wish = hold(by.session, promised.wish)
    live = live_claim(by.session, wish)
    if live is None or live.id != promised.id or wish.state not in ("claimed", "done"):
        raise Refusal("wishes.claim_over", claim=promised)
    if said_today(by.session, promised, from_wisher=by_wisher) >= MOST_A_DAY:
        raise Refusal("wishes.too_many_words", most=MOST_A_DAY)
    word = WishWord(wish=wish, claim=promised, from_wisher=by_wisher)
    word.text = sentences.thanks_in(text)
    by.session.add(word)
    by.session.flush()
    audit.note(by, "wishes.send_word", word, wish=wish.id)
    if word.text in ready_words(by_wisher=by_wisher):
        _pass(by, word)
    return word


def take_back_word(by: Actor, word: WishWord) -> None:
    """Undo words that nobody has read; ready ones only while their message waits."""
    _stands_as_wisher(by, word.claim, must_be=word.from_wisher)
    hold(by.session, word.wish)
    by.session.refresh(word)
    if word.state == "refused" or (word.state == "passed" and not messages.take_back_word(by, word)):
        raise Refusal("wishes.word_is_read")
    audit.note(by, "wishes.take_back_word", word, wish=word.wish_id)
    by.session.delete(word)
    by.session.flush()


def pass_word(by: Actor, word: WishWord) -> WishWord:
    """A person of the staff has read it: the other side is told."""
    _pass(by, _to_read(by, word))
    audit.note(by, "wishes.pass_word", word, wish=word.wish_id)
    return word


def refuse_word(by: Actor, word: WishWord) -> WishWord:
    """It does not go across; who wrote it is told so, and may say it otherwise or by telephone."""
    _to_read(by, word).state = "refused"
    audit.note(by, "wishes.refuse_word", word, wish=word.wish_id)
    messages.tell_of_word(by, word, "wishes.word_refused", to_author=True)
    return word


def _to_read(by: Actor, word: WishWord) -> WishWord:
    staff = must_be_staff(by)
    hold(by.session, word.wish)
    by.session.refresh(word)
    if word.state != "waiting":
        raise Refusal("wishes.word_is_read")
    word.read_by = staff.id if staff else None
    return word


def _pass(by: Actor, word: WishWord) -> None:
    word.state = "passed"
    messages.tell_of_word(by, word, "wishes.word")


def _stands_as_wisher(by: Actor, promised: Claim, *, must_be: bool | None = None) -> bool:
    """Which side the one who acts is on; anybody else is refused."""
    sides = {promised.wish.wisher_id: True, promised.person_id: False}
    side = sides.get(by.me.id) if by.person is not None else None
    if side is None or must_be not in (None, side):
        raise Refusal("wishes.not_yours")
    return side
