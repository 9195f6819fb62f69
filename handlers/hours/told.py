"""How a record stands, in words for whoever reads it: the volunteer, the leader, the staff."""

from __future__ import annotations

from app import clock
from app.words import day_words
from models.hours import ServiceHours

HELD_BACK = {
    "too_much": "账户存满了",
    "closed": "账户销了",
    "no_consent": "本人收回了同意",
    "erased": "本人已删除资料",
    "overlap": "和另一条时间重了",
    "still_in": "还没签退",
    "own_account": "动到经办人自己的账户",
}
STEPS = {
    "counted": "按签到记下",
    "recounted": "签到变了,重新算",
    "differs": "入账以后签到变了",
    "agrees": "签到又和入账一样了",
    "confirmed": "确认",
    "served_yes": "被帮的人说对",
    "served_no": "被帮的人说不对",
    "objected": "本人说不对",
    "took_back": "本人收回",
    "decided": "定下来",
    "void": "不算",
    "posted": "入账",
    "corrected": "更正",
    "written": "补记",
}


def state_words(row: ServiceHours) -> str:
    """待确认 / 已确认,几号入账 / 有异议 / 已入账, as the volunteer reads it."""
    if row.state == "posted":
        return "已入账,签到后来变了,工作人员在查" if row.differs else "已入账"
    if row.state == "disputed":
        return "有异议,工作人员在查"
    if row.state == "confirmed" and row.dispute_until is not None:
        if row.held_back == "too_much":
            return "已确认,账户存满了,用掉一些再入账"
        if row.held_back:
            return "已确认,还入不了账,工作人员在看"
        return f"已确认,{day_words(clock.local(row.dispute_until).date())}入账"
    if row.state == "void":
        return "不算"
    return "等被帮的人说一声" if row.waits_for_served else "待确认"


def may_object(row: ServiceHours) -> bool:
    """While the volunteer may still say that it is not so."""
    if row.state == "confirmed":
        return row.dispute_until is not None and row.dispute_until > clock.now()
    return row.state == "provisional"
