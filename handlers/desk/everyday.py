"""What people ask a community all day long: the telephone, the hours, where it is; matters that cannot be done here
yet; complaints and bad words. Each gets a true answer with one thing to do, and what was written need not be written
again: a digit hands it to the staff."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from app import clock
from app.dialogue import Offer, Reply, Say
from handlers.desk import actions
from handlers.desk.chat import LONGEST, chat, is_open, office_week, opens_next
from models.desk import open_talk_of
from models.identity import Actor

LONGEST_HERE = 40  # what is longer is a story
RECEIVED = frozenset({"收到", "收到了", "已收到", "看到了"})


class Topic(NamedTuple):
    """What is asked, by its words; `key` is the answer, `name` what the answer calls it."""

    heard: re.Pattern[str]
    key: str
    name: str = ""


def _topic(heard: str, key: str, name: str = "") -> Topic:
    return Topic(re.compile(heard), key, name)


# In this order: whoever is cheated or angry is heard before the thing they name.
UPSET = (
    _topic(r"被骗|诈骗|骗子|刷单|骗我钱|要我转账|让我转账|验证码", "desk.scam"),
    _topic(
        r"投诉|举报|告状|告你们|不满意|差评|不作为|推诿|态度.{0,2}[差坏恶]|态度不好|没人[接理]|找书记|找领导|找主任"
        r"|傻[逼叉]|操你|草泥|妈的|妈逼|^滚|狗日|混[蛋账]|王八|废物|白痴|脑残|放屁|骗人|坑人|什么破|破社区|气死",
        "desk.complaint",
    ),
)
BROKEN = (
    _topic(
        r"垃圾|路灯|楼道|井盖|噪音|太吵|扰民|漏水|堵了|违停|乱停|占道|遛狗|野狗|狗叫|很臭|太脏|油烟|健身器材|扶手|结冰|路滑"
        r"|电梯|飞线|乱扔|抛物|墙皮|坏了|没人修|没人扫|没人管|不亮",
        "desk.report",
    ),
)
TOPICS = (
    _topic(r"[水电气暖]费|燃气费|煤气费|物业费|缴费|交费", "desk.matter_bills"),
    _topic(r"停水|停电|停气|没水|没电|没气|没暖气|暖气|断电|断水", "desk.matter_outage"),
    _topic(r"户口|落户|身份证|流动人口", "desk.matter_police", "户口、身份证"),
    _topic(r"结婚|离婚|领证", "desk.matter_marriage"),
    _topic(r"社保|养老[金保认]|退休|失业|就业创业|找工作(?!人)|招工|有活干", "desk.matter_work"),
    _topic(r"低保|特困|救助|困难补助|最低生活", "desk.matter_hall", "低保、救助"),
    _topic(r"残疾|残联", "desk.matter_hall", "残疾人的事"),
    _topic(r"准生|生育|怀孕|二胎|三胎|独生子女", "desk.matter_hall", "生育登记"),
    _topic(r"公租房|廉租房|保障房|租房补贴", "desk.matter_hall", "公租房"),
    _topic(r"证明|盖章|盖个章", "desk.matter_hall", "开证明"),
    _topic(r"火化|丧葬|殡葬|去世|墓地", "desk.matter_hall", "后事"),
    _topic(r"入党|党费|组织关系|党员", "desk.matter_hall", "党员的事"),
    _topic(r"上学|入学|幼儿园|学区|转学", "desk.matter_hall", "孩子上学"),
    _topic(r"疫苗|量血压|测血糖|看病|义诊", "desk.matter_hall", "看病、打疫苗"),
    _topic(r"家政|保洁|保姆|钟点工|擦玻璃|收废品|磨刀", "desk.matter_hall", "家政"),
    _topic(r"食堂|饭桌|送餐|助餐", "desk.matter_hall", "老年饭"),
    _topic(r"轮椅|拐杖|借.{0,4}[车伞药]", "desk.matter_hall", "借东西"),
    _topic(r"补贴|补助|退役|军人", "desk.matter_hall", "补贴"),
    _topic(r"房产|租房|拆迁|物业", "desk.matter_hall", "房子、物业"),
)


@chat.says("社区电话", "联系电话", "电话")
def telephone(resident: Actor) -> Say:
    return Say("telephone", open_now=is_open(resident), hours=office_week(resident))


@chat.says("上班时间", "几点上班")
def office_hours(resident: Actor) -> Say:
    hours = office_week(resident)
    return Say("office_hours", open_now=is_open(resident), hours=hours, offers={1: Offer.of_word("预约服务")})


@chat.says("社区地址", "地址", "社区在哪")
def address(_resident: Actor) -> Say:
    return Say("address")


@chat.says("你是谁")
def who_speaks(_resident: Actor) -> Say:
    return Say("who_speaks")


@chat.says("今天几号")
def today(_resident: Actor) -> Say:
    return Say("today", day=clock.today())


@chat.says("110", "119", "120")
def emergency_numbers(_resident: Actor) -> Say:
    """Typed here, they ring nowhere."""
    return Say("emergency_numbers")


@chat.says("再见")
def thanks(_resident: Actor) -> Say:
    return Say("you_are_welcome")


@chat.listens("upset")
def upset(resident: Actor, text: str) -> Reply:
    return _about(resident, text, UPSET)


@chat.listens("broken")
def broken(resident: Actor, text: str) -> Reply:
    return _about(resident, text, BROKEN)


@chat.listens("everyday")
def topic(resident: Actor, text: str) -> Reply:
    """ "收到" from somebody to whom nothing was sent that waits for it is good manners."""
    if text in RECEIVED:
        return Say("desk.you_are_welcome")
    return _about(resident, text, TOPICS)


def _about(resident: Actor, text: str, topics: Sequence[Topic]) -> Reply:
    """Who waits for the staff already has their ear: then everything goes there."""
    if len(text) > LONGEST_HERE:
        return None
    found = next((one for one in topics if one.heard.search(text)), None)
    if found is None or open_talk_of(resident.session, resident.me) is not None:
        return None
    offers = {1: pass_on.offer(text=text)}
    if found.key == "desk.matter_outage":
        offers[2] = Offer.of_word("最新通知")
    if found.key == "desk.report":
        offers = {1: Offer("matters.speak_up", {"kind": "报修", "text": text}), 2: offers[1]}
    return Say(found.key, name=found.name, offers=offers)


@chat.offered()
def pass_on(resident: Actor, text: str) -> Say:
    """To the staff, in the words in which it was said."""
    talk = actions.ask_for_person(resident, "asked")
    actions.tell(resident, talk, text[:LONGEST])
    opens = None if is_open(resident) else opens_next(resident)
    return Say("passed_on", text=text, open_now=is_open(resident), opens=opens)


chat.also_said(
    "社区电话",
    "电话多少",
    "社区电话多少",
    "电话号码",
    "你们电话",
    "你们电话多少",
    "电话是多少",
    "联系方式",
    "怎么联系",
    "值班电话",
    "书记电话",
)
chat.also_said(
    "上班时间",
    *(
        "几点上班",
        "几点下班",
        "你们几点上班",
        "什么时候上班",
        "几点开门",
        "几点关门",
        "今天上班吗",
        "周末上班吗",
    ),
    *(
        "星期六上班吗",
        "星期天上班吗",
        "中午上班吗",
        "有人上班吗",
        "值班时间",
        "今天谁值班",
        "办公时间",
        "大厅几点开门",
    ),
)
chat.also_said(
    "社区地址",
    *(
        "在哪",
        "社区在哪里",
        "社区怎么走",
        "大厅在哪",
        "你们在哪",
        "你们在哪里",
        "办事大厅在哪",
        "在什么地方",
        "怎么走",
    ),
    *("居委会在哪", "社区在什么地方", "地址在哪"),
)
chat.also_said("你是谁", "你是机器人吗", "你是真人吗", "你叫什么", "你是人吗", "你会什么", "机器人")
chat.also_said("今天几号", "今天星期几", "今天礼拜几", "今天周几", "几号了")
chat.also_said(
    "再见",
    "谢谢",
    "谢谢您",
    *("谢谢你", "谢谢啊", "谢谢了", "谢谢你们", "谢谢师傅", "多谢", "谢了", "麻烦了"),
    *("好", "好的", "好的谢谢", "好嘞", "行", "知道了", "嗯", "嗯嗯", "哦", "噢"),
    "拜拜",
    "辛苦了",
    "ok",
)
chat.also_said("人工", "人工服务", "打人工电话", "我要人工", "找个人", "我要找人", "真人", "回个话")
chat.never_guessed |= {"再见", "你是谁", "今天几号"}
