"""Invented notices of a living neighbourhood."""

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from app import clock
from handlers.notices import actions, knowing
from models.identity import Actor

DEMO = (
    (
        "高龄补贴开始登记",
        "政策",
        "区民政局(演示)",
        "满80岁的老人可以领高龄补贴。到社区大厅2号窗口登记,家里人可以代办。不收钱。",
        ("老人身份证", "户口本", "银行卡"),
        60,
    ),
    (
        "老年体检,周三上午免费",
        "健康",
        "社区卫生服务站(演示)",
        "65岁以上老人免费体检,早上不要吃饭。走不动的,打电话我们上门。",
        ("身份证", "医保卡"),
        20,
    ),
    (
        "东府佳苑后天停水",
        "停水停电",
        "供水公司(演示)",
        "东府佳苑1号楼到6号楼,后天早上9点到下午5点停水。请提前接好水。",
        (),
        3,
    ),
    (
        "居住证怎么办",
        "办事",
        "派出所便民点(演示)",
        "外地来的居民,住满半年可以办居住证。15个工作日拿证,不收钱。",
        ("身份证", "租房合同或房产证", "一寸照片1张"),
        180,
    ),
    (
        "招聘会:十六家单位招人",
        "招聘",
        "社区就业服务站(演示)",
        "保洁、保安、服务员、收银员都招。不用报名,直接来,当场谈。",
        ("身份证", "简历(没有也行)"),
        10,
    ),
    (
        "医保参保缴费到年底截止",
        "政策",
        "区医保局(演示)",
        "城乡居民医保每人每年400元,年底前交,明年看病才能报销。手机微信能交,大厅也能交。",
        ("身份证",),
        38,
    ),
    (
        "煤气安全:睡前关阀门",
        "安全",
        "社区安全员(演示)",
        "天冷了,睡前关好煤气阀门,窗户留一条缝。闻到煤气味,先开窗,到屋外打119。",
        (),
        90,
    ),
    (
        "藏历新年,请来一起过",
        "活动",
        "社区居委会(演示)",
        "藏历新年前,请来社区一起跳锅庄、喝奶茶。不收钱,不用报名。哪天办,看下一条通知。",
        (),
        75,
    ),
)
# A greeting that everybody here knows how to write; longer texts come from people who write the language.
SECOND = {
    "藏历新年,请来一起过": {
        "language": "藏文",
        "text": "ལོ་གསར་བཀྲ་ཤིས་བདེ་ལེགས།",
        "written_by": "卓玛(演示)",
        "checked_by": "才让(演示)",
    }
}
# Invented, as everybody here is.
LEADERS = (
    ("马守信", "社区党委书记"),
    ("马守信", "居委会主任"),
    ("祁玉兰", "居委会副主任"),
    ("卓玛才仁", "社区民族团结联络员"),
)
SLIPS = (("互住中路", "互助中路"), ("东俯佳苑", "东府佳苑"))


# What waits for its first review, and a change of a notice that goes on answering meanwhile.
WAITING: dict[str, Any] = {
    "title": "冬季取暖补贴开始办了",
    "category": "政策",
    "source": "区民政局(演示)",
    "summary": "低保户可以领取暖补贴,每户600元。\n带上身份证到2号窗口办。\n走不动的,打电话我们上门。",
    "bring": ("身份证", "低保证"),
}
CHANGED = ("居住证怎么办", "外地来的居民,住满半年可以办居住证。10个工作日拿证,不收钱。")


def seed(session: Session) -> None:
    by, today = Actor(session, channel="job"), clock.today()
    for title, category, source, summary, bring, days in reversed(DEMO):
        notice = actions.draft(
            by,
            title=title,
            category=category,
            source=source,
            summary=summary,
            bring=bring,
            second=SECOND.get(title),
            valid_from=today,
            valid_until=today + timedelta(days=days),
        )
        actions.publish(by, notice)
        if title == CHANGED[0]:
            actions.edit(by, notice, summary=CHANGED[1])
    actions.draft(by, **WAITING, valid_from=today, valid_until=today + timedelta(days=120))
    for name, office in LEADERS:
        knowing.add_title(by, name, office)
    for wrong, meant in SLIPS:
        knowing.add_slip(by, wrong, meant)
