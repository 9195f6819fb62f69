"""评价 in chat: which visit, one of three faces by digit, a word if one likes, an answer if one wants it."""

from __future__ import annotations

from collections.abc import Callable

from app.dialogue import Ask, Chat, Choose, Offer, Say
from handlers.ratings import actions, sentences
from models.identity import Actor
from models.ratings import FACES, RatingToken, open_tokens

NOTHING_MORE = frozenset({"1", "没有", "没了", "没有了", "不说了", "不用"})

chat = Chat("ratings")


@chat.dialogue("评价", "评一评", "打分", title="评价")
async def rate(resident: Actor, token: RatingToken | None = None) -> Say:
    chosen: RatingToken = (
        token if token is not None else await Choose("which_visit", open_tokens(resident.me))
    )
    face: int = await Choose("which_face", tuple(FACES), shown_as="face_told", visit=chosen)
    words: str = await Ask("your_words", words_of(resident), any_words=True)
    wants = words != "" and await Choose("which_answer", ("no", "yes"), shown_as="answer_told") == "yes"
    actions.rate(resident, chosen, face, words, wants_answer=wants)
    more = resident.session.scalar(open_tokens(resident.me).limit(1)) is not None
    return Say(
        "thanks_for_it", more=more, wants=wants, offers={1: rate.offer() if more else Offer.of_word("菜单")}
    )


def words_of(resident: Actor) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text in NOTHING_MORE:
            return ""
        return sentences.words_in(resident.session, text) or ""

    return parse


chat.also_said("评价", "我要评价", "给个评价", "评价一下", "我要打分", "满意度", "给好评")
