"""Which tables can be taken out: their names, who may have them, whether they are about people, their columns."""

from __future__ import annotations

from app.sheets.writing import Column
from handlers.registers import tables
from handlers.registers.tables import Kind

KINDS: dict[str, Kind] = {
    "appointments": Kind(
        "预约",
        ("desk",),
        (
            Column("日期", 12),
            Column("时间", 14),
            Column("服务", 16),
            Column("编号", 8),
            Column("姓名", 12),
            Column("手机", 15),
            Column("情况", 8),
            Column("来处", 8),
        ),
        tables.appointments,
        tables.appointment_row,
        can_be_whole=True,
    ),
    "residents": Kind(
        "居民",
        ("desk",),
        (
            Column("编号", 8, is_number=True),
            Column("姓名", 14),
            Column("手机", 15),
            Column("住处", 28),
            Column("登记日期", 12),
        ),
        tables.all_residents,
        tables.resident_row,
        can_be_whole=True,
        has_period=False,
    ),
    "hours": Kind(
        "志愿时长",
        ("desk", "leader"),
        (
            Column("编号", 8, is_number=True),
            Column("姓名", 14),
            Column("次数", 8, is_number=True),
            Column("分钟", 10, is_number=True),
            Column("小时", 10, is_number=True),
        ),
        tables.hours,
        tables.hours_row,
        can_be_whole=True,
    ),
    "wishes": Kind(
        "心愿(不含姓名)",
        ("desk",),
        (
            Column("编号", 8),
            Column("类别", 12),
            Column("公开的话", 48),
            Column("情况", 10),
            Column("提出", 12),
            Column("公开", 12),
            Column("办好", 12),
            Column("确认", 12),
        ),
        tables.wishes,
        tables.wish_row,
        personal=False,
    ),
    "notices": Kind(
        "通知目录",
        ("desk", "approver"),
        (
            Column("标题", 40),
            Column("类别", 10),
            Column("来源", 20),
            Column("文号", 20),
            Column("开始", 12),
            Column("结束", 12),
            Column("情况", 8),
            Column("发布", 12),
        ),
        tables.notices,
        tables.notice_row,
        personal=False,
    ),
    "trail": Kind(
        "留痕",
        ("auditor",),
        (
            Column("序号", 8, is_number=True),
            Column("时间", 17),
            Column("谁", 12),
            Column("途径", 8),
            Column("做了什么", 20),
            Column("对象", 12),
            Column("对象编号", 10),
            Column("事实", 44),
            Column("链", 20),
        ),
        tables.trail,
        tables.trail_row,
        personal=False,
    ),
}
