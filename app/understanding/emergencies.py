"""Words that mean that a home has an emergency now: water, power, a lift, a locked door. Danger to life is not among
them: crisis.py has heard those before (a fire, gas, somebody in a lift).

A silent ticket wakes somebody, so what is asked, planned, told of or over is covered first, and only what is left is
searched. A dripping tap is no emergency. (re.VERBOSE: one thing a line.)
"""

import re
from typing import Literal

from app.understanding.numbers import plain

EmergencyKind = Literal["burst", "water", "power", "lift", "locked", "sewer", "heating"]
LONGEST = 100
_HAN = "[一-鿿]"
_ASKED = (
    "吗|么|几点|几号|多久|什么时候|啥时候|哪天|为什么|为啥|怎么收费|多少钱|会不会|要不要|是不是要"
    "|通知|公告|计划|安排|预告"
)
_LATER = "明天|后天|大后天|下周|下个月|下礼拜|周末|今晚要|要停|会停|将停"
_DEVICES = (
    "手机|电话|电动车|电瓶车|三轮车|电瓶|电池|遥控器?|手表|手环|充电宝|助听器|血压计|血糖仪|电脑|平板|轮椅|汽车|车子?|玩具|手电"
    "|电子秤|门铃|体温计|收音机|相机|耳机|门锁|燃气表|气表|水表|电卡"
)

_OVER = re.compile(
    r"修好了|已经好了|都好了|来水了|来电了|通水了|通电了|不漏了|打开了|开了锁|找到钥匙|不用来了|不用管了|没事了|解决了|赔|纠纷|补助|救济|能申请"
)
_EVERYDAY = re.compile(
    rf"""
    (?:{_DEVICES}){_HAN}{{0,3}}(?:没|断|跳)电了?
    | 停[水电气]{_HAN}{{0,2}}(?:{_ASKED})
    | (?:{_ASKED}|{_LATER}){_HAN}{{0,6}}(?:停|断|没|来)[水电]了?
    | [停断没][水电]了?{_HAN}{{0,3}}(?:{_ASKED})
    | [停断没][水电]了?{_HAN}{{0,6}}(?:费|补偿|赔偿|投诉)
    | (?:预防|防止|避免|万一|如果|要是|假如|以后){_HAN}{{0,6}}(?:停水|停电|跳闸|水管|返水|反锁|漏水|忘带钥匙)
    | (?:停水|停电|跳闸|水管|返水|防盗门|开锁|暖气){_HAN}{{0,6}}
      (?:讲座|宣传|知识|培训|演练|改造|安装|保养|公司|师傅证|广告)
    | (?:去年|前年|上次|上回|上周|上个月|那次|那年|前几天|小时候|以前){_HAN}{{0,12}}
      (?:停水|停电|断电|没电|没水|爆|淹|跳闸|返水|锁|漏水|钥匙)了?
    | (?:配|换|修|买|捡到?|找|拿){_HAN}{{0,3}}(?:钥匙|锁)
    | (?:捡|拾)到?{_HAN}{{0,6}}钥匙
    | (?:水管|水龙头|马桶|下水道|暖气){_HAN}{{0,3}}(?:多少钱|谁修|找谁|能修吗|怎么修)
    | (?:小程序|网页|公众号|链接|页面|部门|专门|窗口|澳门|热门|门户){_HAN}{{0,4}}(?:打不开|进不去|关了)
    | 学?车锁|共享单车{_HAN}{{0,4}}锁|(?:手机|账号|账户|银行卡|医保卡|社保卡|密码|号){_HAN}{{0,4}}锁
    | (?:电影|小说|新闻|视频|电视剧?|游戏){_HAN}{{0,10}}
    | 轮椅{_HAN}{{0,4}}[进回]不 | 没钱{_HAN}{{0,3}}[进回]不 | 喷水池 | 喷泉 | 爆[米款满料] | 水管工 | 淹没在 | 淹了心
    """,
    re.VERBOSE,
)

_SOURCE = "水管|管子|管道|水龙头|龙头|阀门|水阀|水表|热水器|净水器|洗衣机|上水管|自来水管?|软管|接头|水箱|太阳能|消防栓"
_HOUSE = "全家|整栋楼?|整个楼|楼里|小区"
_PLACE = "家里?|屋里?|房间|客厅|厨房|卫生间|厕所|地上|地下室|楼道|楼梯|车库|走廊"
_CRIES: dict[EmergencyKind, str] = {
    "heating": rf"""
        暖气(?:片|管|包|阀门)?{_HAN}{{0,4}}(?:爆|炸|裂|破了|喷|漏水|漏得|跑水|滋水|淌水|崩)
        | 地暖{_HAN}{{0,4}}(?:漏|爆|裂)
    """,
    "sewer": rf"""
        (?:下水道?|马桶|地漏|厕所|卫生间|化粪池|污水管?|排污管?|管道|洗菜池|水池){_HAN}{{0,5}}
          (?:返水|反水|倒灌|返上来|反上来|冒水|冒出来|冒粪|溢出来|漫出来|往外冒|往上冒|往外溢|往上返|往上反|满出来)
        | 粪水 | (?:污水|脏水|臭水){_HAN}{{0,4}}(?:倒灌|往外冒|往上冒|返上来|漫出来|流进|到处|满地|一屋)
    """,
    "burst": rf"""
        (?:{_SOURCE}){_HAN}{{0,4}}(?:爆|炸了?|崩|裂了|裂开|破了|断了|冻裂|冻破|喷|滋水|呲水|关不[住上了掉]|拧不[住上紧]|跑水|冲开)
        | (?:漏水|跑水|淌水|流水|冒水|喷水|滴水|漏)(?:得|的)?{_HAN}{{0,6}}
          (?:止不住|关不[住上]|停不下|停不住|堵不住|厉害|哗哗|满地|一地|满屋|一屋|太大|很大|大得很|不得了|泡了|淹)
        | (?:止不住|关不[住上]|哗哗地?|一直|不停地?|拼命){_HAN}{{0,3}}(?:漏水|跑水|往外冒水|喷水|往外喷)
        | 水{_HAN}{{0,3}}(?:往外喷|往外冒|喷出来|喷得|喷了|止不住|关不[住上掉]|漫出来|漫到|淹)
        | (?:{_PLACE}){_HAN}{{0,4}}(?:被水?淹|水淹|淹了|进水了|发大?水|全是水|都是水|成河|水漫|泡在水|泡水了)
        | (?:满屋子?|一屋子?|满地|一地|到处)(?:都)?是?水(?!果|泥|桶|表|仙|痘|彩) | 水漫金山
        | 楼上{_HAN}{{0,4}}(?:水{_HAN}{{0,3}}(?:漏下来|流下来|淌下来|哗哗|泡)|漏下来|漏到我家|漏得|淹到)
        | 管{_HAN}{{0,2}}爆了?
    """,
    "lift": rf"""
        电梯{_HAN}{{0,6}}(?:卡住|卡在|停在半|停在中间|悬在|半空|掉下|往下掉|坠|突然停|不动了|停住了|门夹|夹住|晃得厉害)
        | 电梯{_HAN}{{0,4}}(?:打不开门|门打不开|开不了门)
    """,
    "power": rf"""
        [停断]电了(?!{_HAN}{{0,3}}(?:{_ASKED})) | (?<!充)没有?电了
        | (?:{_PLACE}|{_HOUSE}){_HAN}{{0,4}}(?:[停断]了?电|没有?电)
        | 跳了?闸 | (?:电闸|空开|闸刀|总闸|保险丝){_HAN}{{0,4}}(?:跳|合不[上住]|推不上|烧了|断了)
        | 灯{_HAN}{{0,2}}全[都]?灭 | 一片漆黑 | 黑灯瞎火 | 电{_HAN}{{0,2}}停了
    """,
    "water": rf"""
        [停断]水了(?!{_HAN}{{0,3}}(?:{_ASKED})) | 没有?水了
        | (?:{_PLACE}|{_HOUSE}|水管|水龙头|自来水){_HAN}{{0,4}}
          (?:[停断]了?水|没有?水|不出水|不来水|不下水|没水)
        | 水{_HAN}{{0,2}}停了 | 不来水 | 一滴水[都也]?没
    """,
    "locked": rf"""
        (?:锁|关|隔|挡){_HAN}{{0,2}}在?{_HAN}{{0,2}}(?:门|屋|家|房)外面?了? | 反锁
        | [进回]不(?:去|了|成|得)(?:家|门|屋|房|单元) | (?:家|屋|房间?|单元){_HAN}{{0,2}}[进回]不(?:去|了)
        | (?:忘了?|没|忘记)(?:带|拿){_HAN}{{0,2}}钥匙
        | 钥匙{_HAN}{{0,4}}(?:忘|落|拉|锁|断|卡){_HAN}{{0,5}}(?:在|里|锁|家|屋|门|孔|了)
        | 钥匙{_HAN}{{0,2}}丢了{_HAN}{{0,6}}(?:门|家|屋|进|回)
        | (?:家|屋|房|大|防盗|单元)门{_HAN}{{0,4}}(?:打|开|拧|拉)不开
        | 门{_HAN}{{0,2}}(?:打|开|拧)不开(?!窗) | 门锁{_HAN}{{0,3}}(?:坏|卡|死|失灵|打不开|没反应|转不动)
        | 风{_HAN}{{0,5}}门{_HAN}{{0,3}}(?:关上|带上|吹上|锁上)
    """,
}
_SEARCHES = tuple((kind, re.compile(pattern, re.VERBOSE)) for kind, pattern in _CRIES.items())
_SIGNS = re.compile(r"[\s,，。.!！~～…、;；:：]+")
_COVER = "□"
_BARE: dict[str, EmergencyKind] = {"停水": "water", "断水": "water", "停电": "power", "断电": "power"}


def emergency_in(text: str) -> EmergencyKind | None:
    """The household emergency that the words tell of; None for everyday talk, questions and what is over."""
    folded = _SIGNS.sub("", plain(text)).lower()
    if len(folded) > LONGEST or _OVER.search(folded):
        return None
    left = _EVERYDAY.sub(lambda m: _COVER * len(m[0]), folded)
    return next((kind for kind, pattern in _SEARCHES if pattern.search(left)), None)


def bare_emergency(text: str) -> EmergencyKind | None:
    """Just "停水": who has a notice of it asks for that, so it is read after them."""
    return _BARE.get(plain(text).strip())
