"""Thanks in chat: one's own, and a word to somebody who helped."""

from __future__ import annotations

from app.dialogue import Ask, Choose, Confirm, Offer, Reply, Say
from handlers.teams import actions
from handlers.teams.chat import LISTED, chat
from handlers.teams.sentences import thanks_in
from handlers.teams.thanking import served_lately
from models.hours import ServiceHours
from models.identity import Actor
from models.teams_thanks import Thanks, thanks_to

chat.also_said("收到的感谢", "谁谢我了", "有人谢我吗", "我的感谢")
chat.also_said("感谢志愿者", "我想谢谢志愿者", "表扬志愿者", "谢谢帮我的人")


@chat.says("收到的感谢", "我收到的感谢")
def own_thanks(resident: Actor) -> Reply:
    rows = list(resident.session.scalars(thanks_to(resident.me).limit(LISTED)))
    if not rows:
        return Say("no_thanks")
    return Say(
        "own_thanks", rows=rows, offers={n: one_thanks.offer(row=row) for n, row in enumerate(rows, 1)}
    )


@chat.offered()
def one_thanks(resident: Actor, row: Thanks) -> Say:
    shown = row.shown is True
    offers: dict[int, Offer] = {1: (hide if shown else show).offer(row=row)}
    return Say("one_thanks", row=row, shown=shown, offers=offers)


@chat.offered()
def show(resident: Actor, row: Thanks) -> Say:
    return Say("thanks_shown", row=actions.choose_shown(resident, row, True))


@chat.offered()
def hide(resident: Actor, row: Thanks) -> Say:
    return Say("thanks_hidden", row=actions.choose_shown(resident, row, False))


@chat.dialogue("感谢志愿者", title="感谢志愿者")
async def thank(resident: Actor) -> Say:
    hours: ServiceHours = await Choose(
        "which_help", served_lately(resident.me), shown_as="help_told", per_page=LISTED
    )
    words: str = await Ask("your_thanks", thanks_in)
    await Confirm("confirm_thanks", words=words)
    actions.thank_for_service(resident, hours, words)
    return Say("thanked_now")
