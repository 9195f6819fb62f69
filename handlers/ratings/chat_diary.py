"""提建议 in chat: what the idea is, whether everybody may read it without a name; a number and a last day at once."""

from __future__ import annotations

from app.dialogue import Ask, Choose, Confirm, Offer, Say, Unkept
from app.understanding.numbers import choice_number
from app.wechat.messages import Voice
from handlers.matters import actions as matters
from handlers.people import actions as people
from handlers.ratings import actions
from handlers.ratings.chat import chat
from handlers.ratings.sentences import VOICE
from handlers.ratings.suggesting import Said
from models.diary import KIND, public_suggestions
from models.identity import Actor
from models.matters import Matter, last_day

WAYS = ("open", "closed", "nameless")
SHORTEST, LONGEST = 4, 500
TOLD_IN_CHAT = 3
VOICE_MARK = "语音〔"


def may_say(resident: Actor) -> None:
    people.respect_withdrawal(resident, "service")


@chat.dialogue("提建议", "写日志", "幸福日志", "写幸福日志", title="提建议", may=may_say)
async def suggest(resident: Actor) -> Say:
    said: str = await Ask("what_idea", _idea)
    way: str = await Choose("which_showing", WAYS, shown_as="showing_told")
    new, due = way != "nameless" and people.is_new(resident), last_day(resident.session, KIND)
    text = VOICE if said.startswith(VOICE_MARK) else said
    await Confirm("confirm_idea", text=text, way=way, due=due, new=new)
    contact = "anonymous" if way == "nameless" else "confidential"
    voice_id = said.removeprefix(VOICE_MARK) if said.startswith(VOICE_MARK) else None
    told = Said(VOICE if voice_id else said, contact, may_show=way != "closed", voice_id=voice_id)
    made = actions.suggest(resident, told)
    if made.code is not None:
        return Unkept("idea_nameless", number=made.matter.number, code=made.code, due=made.matter.due)
    return Say("idea_said", matter=made.matter, offers={1: Offer.of_word("我说的事"), 2: read.offer()})


@chat.answers_with("voice", "what_idea")
def spoken(voice: Voice) -> str:
    """A voice is for ears: it is kept, a colleague listens and writes it down."""
    return f"{VOICE_MARK}{voice.media_id}"


@suggest.undo
def unsay(resident: Actor, matter: Matter, **_: object) -> Say:
    return Say("idea_unsaid", number=matters.withdraw(resident, matter).number)


def _idea(words: str) -> str:
    if words.startswith(VOICE_MARK):
        return words
    if choice_number(words) is not None or not SHORTEST <= len(words) <= LONGEST:
        raise ValueError(words)
    return words


@chat.says("看建议", "大家的建议", "看幸福日志", "建议公开")
def read(resident: Actor) -> Say:
    """The newest answers; the rest stands on the page."""
    rows = resident.session.scalars(public_suggestions().limit(TOLD_IN_CHAT)).all()
    return Say("ideas_read", rows=rows, offers={1: suggest.offer()})


chat.also_said("提建议", "我要提建议", "我有个建议", "提个建议", "提意见", "我有建议", "写建议", "意见箱")
chat.also_said("看建议", "建议的回话", "大家提了什么建议")
