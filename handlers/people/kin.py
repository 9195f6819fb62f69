"""Acting for family in chat: the one who trusts shows six digits, the one who is trusted types them; either ends it."""

from __future__ import annotations

from app.dialogue import Ask, Choose, Confirm, Say
from handlers.people import actions
from handlers.people.chat import AGREE, DISAGREE, chat, six_digits, yes_or_no
from handlers.people.own_rows import proxy_words
from handlers.people.policies import policies
from models.identity import Actor
from models.proxies import Proxy, live_proxies
from models.refusal import Refusal

MOST_SHOWN = 8


def _on_file(resident: Actor) -> None:
    if resident.me.joined_at is None:
        raise Refusal("people.not_joined")


@chat.dialogue("让家人代办", "找家人代办", title="让家人代办", may=_on_file)
async def let_family_act(resident: Actor) -> Say:
    """Showing the code is the consent, so its words come first."""
    answer = await Choose("proxy_agree", (AGREE, DISAGREE), by_words=yes_or_no, policy=policies()["proxy"])
    if answer == DISAGREE:
        return Say("proxy_refused")
    return Say("proxy_code", code=actions.issue_proxy_code(resident))


@chat.dialogue("替家人办", "替家人代办", title="替家人办", may=_on_file)
async def act_for_family(resident: Actor) -> Say:
    code = await Ask("proxy_code_typed", six_digits)
    proxy = actions.become_proxy(resident, code)
    if proxy is None:
        return Say("proxy_wrong_code", offers={1: act_for_family.offer()})
    return Say("proxy_made", name=proxy.ward.name)


@chat.says("我的代办", "代办")
def my_proxies(resident: Actor) -> Say:
    shown = resident.session.scalars(live_proxies(resident.me).limit(MOST_SHOWN)).all()
    offers = {digit: end_proxy.offer(proxy=one) for digit, one in enumerate(shown, 1)}
    return Say("my_proxies", offers=offers, lines=[proxy_words(one, resident.me) for one in shown])


@chat.dialogue(title="停掉代办")
async def end_proxy(resident: Actor, proxy: Proxy) -> Say:
    await Confirm("proxy_end_confirm", line=proxy_words(proxy, resident.me))
    actions.end_proxy(resident, proxy)
    return Say("proxy_stopped")


chat.also_said("让家人代办", "让儿女代办", "让孩子帮我办", "授权家人")
chat.also_said("替家人办", "替父母办", "帮爸妈办")
chat.also_said("我的代办", "谁替我办", "取消代办", "监护人")
