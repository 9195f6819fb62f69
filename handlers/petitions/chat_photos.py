"""Papers of a petition, photographed and sent one after the other in chat. The talk keeps that something was sent,
never what; a picture that is sent here goes into the confidential lane and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.dialogue import Ask, Choose, Unkept
from handlers.petitions import looking, photos
from handlers.petitions.chat import chat
from models.identity import Actor
from models.petitions import MOST_PAPERS
from models.refusal import Refusal

PHOTO_MARK = "照片〔"
SENT, DROPPED, DONE = "sent", "dropped", "done"
DONE_WORDS = frozenset({"1", "好了", "发完了", "完了", "没有了", "没了", "就这些", "一"})
DROP_WORDS = frozenset({"删掉", "删了", "发错了", "不要这张", "撤回", "删除"})


@chat.dialogue("交材料照片", "发材料照片", "接访材料", "交接访材料", title="交材料")
async def hand_in_papers(resident: Actor) -> Unkept:
    """One after the other, counted; the last one can be taken back."""
    number = await _which_one(resident)
    said = ""
    while said != DONE:
        count = photos.count_of(resident, number)
        said = await Ask("papers", _heard(resident, number), any_words=True, count=count, most=MOST_PAPERS)
    return Unkept("papers_in", count=photos.count_of(resident, number))


async def _which_one(resident: Actor) -> int:
    rows = [row for row in looking.mine(resident) if row.is_open and row.met_at is None]
    if not rows:
        raise Refusal("petitions.none_open")
    if len(rows) == 1:
        return rows[0].id
    numbers = {row.number: row.id for row in rows}
    return numbers[await Choose("which_petition", list(numbers), shown_as="petition_told")]


def _heard(resident: Actor, number: int) -> Callable[[str], str]:
    def parse(words: str) -> str:
        if words.startswith(PHOTO_MARK):
            photos.send(resident, number, words.removeprefix(PHOTO_MARK))
            return SENT
        bare = words.strip().rstrip("。.!！")
        if bare in DROP_WORDS:
            photos.take_back(resident, number)
            return DROPPED
        if bare in DONE_WORDS:
            return DONE
        raise Refusal("petitions.only_pictures")

    return parse


@chat.answers_with("image", "papers")
def pictured(image: Any) -> str:
    return f"{PHOTO_MARK}{image.media_id}"


chat.also_said("交材料照片", "材料拍照发", "把材料拍给你们", "证据照片", "交证据")
