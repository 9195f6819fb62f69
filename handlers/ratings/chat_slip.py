""" "评价 123456": the six digits of a number slip, then one of three faces and a word. Who rates is not kept."""

from __future__ import annotations

import re

from app.dialogue import Ask, Choose, Go, Offer, Reply, Say, Unkept
from app.understanding.numbers import plain
from handlers.ratings import actions
from handlers.ratings.chat import chat, words_of
from models.identity import Actor
from models.ratings import FACES
from models.refusal import Refusal

SLIP = re.compile(r"评价(?:码)?[\s:,。]*([0-9]{6})")


@chat.takes_over
def slip_typed(resident: Actor, text: str) -> Reply:
    """Also in the middle of another talk: the words are long enough to mean nothing else."""
    typed = SLIP.fullmatch(plain(text).strip())
    if typed is None:
        return None
    try:
        visit = actions.look_at_slip(resident, typed[1])
    except Refusal as why:
        return Say(why.code, **why.facts)
    if visit is None:
        return Say("ratings.slip_not_found", offers={1: Offer.of_word("人工")})
    return Go(rate_slip.offer(code=typed[1], title=visit.title))


@chat.dialogue(title="评价")
async def rate_slip(resident: Actor, code: str, title: str) -> Say:
    face: int = await Choose("which_slip_face", tuple(FACES), shown_as="face_told", title=title)
    words: str = await Ask("your_slip_words", words_of(resident), any_words=True)
    actions.rate_by_slip(resident, code, face, words)
    return Unkept("thanks_for_slip", offers={1: Offer.of_word("菜单")})
