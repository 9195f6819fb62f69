"""People in chat: the welcome, the menu, joining the community, and joining two records of one person.

What concerns one's own information stands in mine.py.
"""

from __future__ import annotations

import re

from app.dialogue import NO, YES, Ask, Chat, Choose, Confirm, Reply, Say
from app.understanding.numbers import number_in, plain
from app.understanding.phone import name_in, phone_in
from handlers.people import actions
from handlers.people.places import where_to_live
from handlers.people.policies import has_consent, policies
from models.identity import Actor
from models.linking import Merging, partable
from models.people import Purpose
from models.places import Place
from models.refusal import Refusal

chat = Chat("people")

AGREE, DISAGREE = "同意", "不同意"
MAIN = (
    ("我要办事", ("预约服务", "要带什么", "说事反映")),
    ("幸福家园", ("最新通知", "活动报名", "心愿站", "志愿服务")),
    ("我的", ("我的预约", "我的信息")),
)
MINE = ("我的预约", "我的心愿", "我说的事", "志愿时长", "我的信息")
FIRST = ("预约服务", "最新通知", "登记")
NOT_NAMES = frozenset({"更多", "下一页", "跳过", "不填", "先不填", "同意", "不同意"})
MANY_DIGITS = re.compile(r"[0-9][0-9 -]{5,}")


# ---- following and the menu --------------------------------------------------------------------------------------


@chat.event("subscribe")
def welcome(resident: Actor, _push: object) -> Reply:
    if resident.identity is None or not actions.follow(resident, resident.identity):
        return Say("people.welcome", words=FIRST)
    if resident.me.joined_at is None:
        return Say("people.welcome_back", words=FIRST)
    return Say("people.welcome_back_kept", name=resident.me.name, words=("我的预约", "最新通知", "我的信息"))


@chat.event("unsubscribe")
def farewell(resident: Actor, _push: object) -> Reply:
    if resident.identity is not None:
        actions.unfollow(resident, resident.identity)
    return None


@chat.scanned("door")
def door(resident: Actor, number: str) -> Say:
    place = resident.session.get(Place, number_in(number) or 0)
    if place is None:
        return Say("people.unknown_door")
    actions.scan_door(resident, place)
    return Say("people.door", place=place, joined=resident.me.joined_at is not None)


@chat.always("菜单", "首页", "帮助", "?", "？", "help")
def menu(_resident: Actor) -> Say:
    return Say("menu", groups=MAIN, words=[word for _, words in MAIN for word in words])


@chat.says("你好", "您好", "在吗")
def greet(_resident: Actor) -> Say:
    return Say("greeting", words=FIRST)


@chat.says("我的")
def what_is_mine(_resident: Actor) -> Say:
    return Say("mine", words=MINE)


@chat.says("大字和语音")
def large_text(_resident: Actor) -> Say:
    return Say("large_text")


@chat.says("网格员", "我的网格员")
def grid_worker(resident: Actor) -> Say:
    place = resident.me.place
    grid = place.grid if place else None
    if grid is None:
        return Say("no_grid", words=("登记" if resident.me.joined_at is None else "改住处",))
    return Say("grid_worker", grid=grid)


# ---- joining the community ---------------------------------------------------------------------------------------


@chat.dialogue("登记", "加入", "注册", title="登记")
async def join(resident: Actor) -> Say:
    on_file = resident.me.joined_at is not None
    if on_file and has_consent(resident, "service"):
        return Say("already_joined", words=("我的信息", "预约服务"))
    if await _agreement("agree_service", "service") == DISAGREE:
        return Say("join_refused", words=("最新通知", "要带什么"))
    notices = await _agreement("agree_notices", "notices")
    purposes: list[Purpose] = ["service", "notices"] if notices == AGREE else ["service"]
    if on_file:
        return _agree_again(resident, purposes)
    name = await Ask("name", name_from)
    phone = await Ask("phone", phone_from)
    place = await where_to_live(resident)
    await Confirm("join_confirm", name=name, phone=phone, place=place)
    actions.join(resident, name=name, phone=phone, place=place, purposes=purposes)
    return Say("joined", name=name, words=("预约服务", "最新通知", "心愿站"))


@join.undo
def take_back_join(resident: Actor, **_: object) -> Say:
    actions.take_back_join(resident)
    return Say("join_undone", words=("登记",))


def _agreement(key: str, purpose: Purpose) -> Choose[str]:
    return Choose(key, (AGREE, DISAGREE), by_words=yes_or_no, policy=policies()[purpose])


def _agree_again(resident: Actor, purposes: list[Purpose]) -> Say:
    for purpose in purposes:
        actions.give_consent(resident, purpose)
    return Say("agreed_again", words=("预约服务", "我的信息"))


def yes_or_no(text: str) -> list[str] | None:
    """Agreement in other words than the two on offer."""
    return [AGREE] if text in YES else [DISAGREE] if text in NO else None


def name_from(text: str) -> str:
    name = name_in(text)
    if name is None or name in NOT_NAMES:
        raise ValueError(text)
    return name


def phone_from(text: str) -> str:
    """A mobile number; digits that are none get a word of their own, anything else may be another question."""
    phone = phone_in(text)
    if phone is None and MANY_DIGITS.search(plain(text)):
        raise Refusal("people.bad_phone")
    if phone is None:
        raise ValueError(text)
    return phone


# ---- joining two records -----------------------------------------------------------------------------------------


@chat.says("关联")
def show_code(resident: Actor) -> Say:
    return Say("link_code", code=actions.issue_link_code(resident), offers={1: type_code.offer()})


@chat.dialogue("关联手机", "输入关联码", title="关联")
async def type_code(resident: Actor) -> Say:
    """Whoever shows the digits will see all that is kept of whoever types them: that is said, and asked, first."""
    code = await Ask("typed_code", six_digits)
    await Confirm("link_confirm")
    if actions.link_by_code(resident, code) is None:
        return Say("wrong_code", offers={1: type_code.offer()})
    return Say("linked", words=("我的信息", "取消关联"))


@chat.dialogue("取消关联", "解除关联", title="取消关联")
async def part(resident: Actor) -> Say:
    merging: Merging = await Choose("which_merging", partable(resident.me))
    await Confirm("part_confirm", merging=merging)
    actions.part(resident, merging)
    return Say("parted")


def six_digits(text: str) -> str:
    code = plain(text).replace(" ", "")
    if not re.fullmatch(r"[0-9]{6}", code):
        raise ValueError(text)
    return code


chat.also_said("登记", "我要登记", "登记信息", "加入社区", "填信息", "我要加入", "怎么登记")
chat.never_guessed |= {"你好", "您好", "在吗"}
chat.also_said(
    "你好",
    *("你好呀", "您好呀", "你好啊", "您好啊", "你们好", "大家好", "老师好", "同志你好", "师傅你好", "哎你好"),
    *("嗨", "喂", "喂你好", "哈喽", "在不在", "师傅", "同志", "老师", "早上好", "下午好", "晚上好"),
    *("hello", "hi"),
)
chat.also_said("我的", "看我的", "我的东西", "我的事", "我办的事")
chat.also_said("菜单", "功能", "有哪些功能", "都能干啥", "主菜单", "回到首页", "怎么用")
chat.also_said(
    "大字和语音",
    *("大字", "字太小了", "字大一点", "看不清", "看不见字", "长辈版", "老年版"),
    *("语音", "念给我听", "读给我听", "不识字", "我不识字", "不认字", "我不认字", "不会打字", "我不会打字"),
)
chat.also_said("网格员", "网格员电话", "找网格员", "谁是网格员", "网格员是谁", "包片干部")
chat.also_said("关联", "关联微信", "绑定手机", "绑定微信", "关联小程序")
