"""My information in chat: see it, correct it, take a copy, delete it, see who looked, agree and take it back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from app import clock
from app.dialogue import Ask, Choose, Confirm, Dialogue, Say
from app.understanding.phone import mask_name, mask_phone
from handlers.people import actions
from handlers.people.chat import AGREE, DISAGREE, chat, name_from, phone_from, yes_or_no
from handlers.people.places import where_to_live
from handlers.people.policies import has_consent, has_withdrawn, policies
from models.identity import Actor
from models.people import PURPOSES, AnyPurpose, live_consents
from models.places import Place
from models.refusal import Refusal
from models.sensitive import KINDS

MOST_DAYS = 10


# ---- seeing ------------------------------------------------------------------------------------------------------


@chat.says("我的信息", "个人信息")
def my_information(resident: Actor) -> Say:
    me = resident.me
    if me.joined_at is None or me.phone is None:
        known = mask_name(me.name) if me.name else None
        return Say("hardly_known", name=known, words=("登记", "我的全部信息", "隐私", "删除信息"))
    offers = {1: change_name.offer(), 2: change_phone.offer(), 3: change_place.offer(), 4: everything.offer()}
    offers |= {5: who_looked.offer(), 6: privacy.offer(), 7: delete.offer()}
    name, phone = mask_name(me.name or ""), mask_phone(me.phone)
    return Say("my_information", offers=offers, name=name, phone=phone, place=me.place)


@chat.says("我的全部信息")
def everything(resident: Actor) -> Say:
    """The copy that the law promises (L06), as text; what is longer than a card follows by "更多"."""
    return Say("everything", lines=list(_lines(actions.export(resident, resident.me))))


def _lines(kept: Mapping[str, Any]) -> Iterator[str]:
    for heading, value in kept.items():
        if isinstance(value, Mapping):
            yield heading
            yield from _lines(value)
        elif isinstance(value, (list, tuple)):
            yield heading
            yield from (_one_line(item) for item in value)
        else:
            yield f"{heading}:{value}"


def _one_line(item: Any) -> str:
    parts = item.values() if isinstance(item, Mapping) else [item]
    return "· " + ",".join(str(part) for part in parts if part is not None)


@chat.says("谁看过", "谁看过我的信息")
def who_looked(resident: Actor) -> Say:
    """Role and day of every look; what was sensitive is named."""
    looks = actions.who_looked(resident.session, resident.me)
    told = Counter((clock.local(look.at).date(), "、".join(look.roles), look.what) for look in looks)
    return Say("who_looked", days=list(told.items())[:MOST_DAYS])


# ---- correcting --------------------------------------------------------------------------------------------------


@chat.dialogue("改姓名", "改名字", title="改姓名")
async def change_name(resident: Actor) -> Say:
    if (before := resident.me.name) is None:
        return Say("join_first", words=("登记",))
    name = await Ask("new_name", name_from, before=before)
    actions.correct_name(resident, name)
    return Say("name_changed", name=name, before=before)


@change_name.undo
def name_as_before(resident: Actor, before: str, **_: object) -> Say:
    actions.correct_name(resident, before)
    return Say("name_changed", name=before, before=before)


@chat.dialogue("改手机", "改电话", "换手机号", title="改手机")
async def change_phone(resident: Actor) -> Say:
    if (before := resident.me.phone) is None:
        return Say("join_first", words=("登记",))
    phone = await Ask("new_phone", phone_from, before=mask_phone(before))
    actions.correct_phone(resident, phone)
    return Say("phone_changed", phone=phone, before=before)


@change_phone.undo
def phone_as_before(resident: Actor, before: str, **_: object) -> Say:
    actions.correct_phone(resident, before)
    return Say("phone_changed", phone=before, before=before)


@chat.dialogue("改住处", "改地址", "搬家了", title="改住处")
async def change_place(resident: Actor) -> Say:
    if resident.me.joined_at is None:
        return Say("join_first", words=("登记",))
    before = resident.me.place
    place = await where_to_live(resident)
    await Confirm("place_confirm", place=place)
    actions.correct_place(resident, place)
    return Say("place_changed", place=place, before=before)


@change_place.undo
def place_as_before(resident: Actor, before: Place | None, **_: object) -> Say:
    actions.correct_place(resident, before)
    return Say("place_changed", place=before, before=before)


# ---- consents ----------------------------------------------------------------------------------------------------


@chat.says("隐私", "隐私政策", "我的同意")
def privacy(resident: Actor) -> Say:
    """Every purpose by its digit: one message here and one digit take a consent back, or give it again (L02). What was
    agreed to one by one for a programme stands below."""
    own = resident.session.scalars(live_consents(resident.me)).all()
    separate = [kind for kind in KINDS if kind in {consent.purpose for consent in own}]
    steps = {purpose: _step(resident, purpose) for purpose in (*PURPOSES, *separate)}
    offers = {digit: step.offer(purpose=own) for digit, (own, step) in enumerate(steps.items(), 1)}
    rows = [(policies()[own], step is take_back, step is restore) for own, step in steps.items()]
    return Say("privacy", offers=offers, rows=rows)


def _step(resident: Actor, purpose: AnyPurpose) -> Dialogue:
    if has_consent(resident, purpose):
        return take_back
    return restore if has_withdrawn(resident, purpose) else agree


@chat.dialogue(title="撤回同意")
async def take_back(resident: Actor, purpose: AnyPurpose) -> Say:
    actions.withdraw_consent(resident, purpose)
    return _taken_back(purpose)


@take_back.undo
def agree_as_before(resident: Actor, purpose: AnyPurpose, **_: object) -> Say:
    actions.give_consent(resident, purpose)
    return Say("agreed", title=policies()[purpose].title)


def _taken_back(purpose: AnyPurpose) -> Say:
    policy, offers = policies()[purpose], {1: restore.offer(purpose=purpose)}
    words: dict[str, Any] = {"title": policy.title, "refused": policy.refused, "text": policy.text}
    return Say("taken_back", purpose=purpose, offers=offers, **words)


@chat.dialogue(title="同意")
async def agree(resident: Actor, purpose: AnyPurpose) -> Say:
    if purpose == "service" and resident.me.joined_at is None:
        return Say("join_first", words=("登记",))
    policy = policies()[purpose]
    if has_consent(resident, purpose):
        raise Refusal("people.already_agreed", title=policy.title)
    if await Choose("agree_again", (AGREE, DISAGREE), by_words=yes_or_no, policy=policy) == DISAGREE:
        raise Refusal("people.not_agreed", title=policy.title, refused=policy.refused)
    actions.give_consent(resident, purpose)
    return Say("agreed", title=policy.title, purpose=purpose)


@chat.dialogue(title="恢复同意")
async def restore(resident: Actor, purpose: AnyPurpose) -> Say:
    """The digit is the yes: the purpose's words stand above it."""
    if has_consent(resident, purpose):
        raise Refusal("people.already_agreed", title=policies()[purpose].title)
    actions.give_consent(resident, purpose)
    return Say("agreed", title=policies()[purpose].title, purpose=purpose)


@restore.undo
@agree.undo
def take_back_as_before(resident: Actor, purpose: AnyPurpose, **_: object) -> Say:
    actions.withdraw_consent(resident, purpose)
    return _taken_back(purpose)


@chat.dialogue("不再通知我", "退订", "停止接收", title="不再通知")
async def no_more_notices(resident: Actor) -> Say:
    actions.withdraw_consent(resident, "notices")
    return _taken_back("notices")


no_more_notices.undo(agree_as_before)


# ---- deleting ----------------------------------------------------------------------------------------------------


@chat.dialogue("删除信息", "删除我的信息", "注销", title="删除信息")
async def delete(resident: Actor) -> Say:
    await Confirm("delete_confirm")
    actions.erase(resident, resident.me)
    return Say("deleted")


chat.also_said("我的信息", "我的资料", "修改信息")
chat.also_said("删除信息", "删掉我的信息", "注销账号", "删资料", "把我删了", "退出社区")
chat.also_said(
    "不再通知我",
    *("别再发了", "别发了", "不要再发了", "不要发消息", "不要发通知", "不要通知了", "不收通知", "不收消息"),
    *(
        "不想收通知",
        "不想收消息",
        "关掉通知",
        "别给我发消息",
        "别给我发通知",
        "不要给我发通知",
        "别再给我发通知",
    ),
    *("取消订阅", "退订所有", "全部退订", "TD"),
)
chat.also_said("改手机", "换手机号了", "电话换了", "手机号换了")
chat.also_said("隐私", "隐私保护", "同意了什么", "撤回同意")
