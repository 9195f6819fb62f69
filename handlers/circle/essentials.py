"""What every installation has: the lines for household emergencies, as samples until the staff have confirmed them."""

from __future__ import annotations

from sqlalchemy.orm import Session

from models.base import insert_once
from models.circle import EmergencyLine

# kind: title, what to do first, whom to call. Without a number it is the community's own.
LINES: dict[str, tuple[str, str, str, str | None]] = {
    "burst": ("水管爆了", "先关总水阀(在水表旁边),再拔掉泡水的插头。水碰到插座,别伸手。", "水电维修", None),
    "water": ("停水", "先把水龙头都关好,免得来水时跑水。", "社区", None),
    "power": ("停电", "先看邻居家有没有电。只有您家没电,看跳闸没有;一合就跳,别再合。", "供电服务", "95598"),
    "lift": ("电梯停了", "里面有人,别扒门、别跳,按梯内的警铃。困住人就打119。", "物业和社区", None),
    "locked": (
        "进不了门",
        "家里有孩子、老人或开着火,马上打110、119。没有就别撬,等开锁的来。",
        "110登记的开锁",
        "110",
    ),
    "sewer": ("下水道返水", "先别用水、别冲马桶,把东西搬高。", "水电维修", None),
    "heating": ("暖气漏水", "先关那组暖气的阀门,用盆接住。烫,别用手堵。", "水电维修", None),
}


def install(session: Session) -> None:
    for kind, (title, first, whom, phone) in LINES.items():
        insert_once(session, EmergencyLine, kind=kind, title=title, first=first, whom=whom, phone=phone)
