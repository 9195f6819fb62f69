"""Keeping the rules of matters: working days, categories, settings, places on the map. Each change leaves the whole
rule as it is now, with who made it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from app import audit
from app.understanding.lines import one_line
from handlers.matters.dispatch import may_take
from handlers.matters.standing import must_be_desk
from models.base import insert_once
from models.identity import Actor
from models.matter_rules import (
    SETTINGS,
    WORKING_DAYS,
    MatterCategory,
    MatterPlace,
    MatterRule,
    MatterRuleVersion,
    MatterSettings,
    settings_of,
)
from models.refusal import Refusal
from models.staff import StaffMember

MOST_WORDS, LONGEST_WORD, MOST_DAYS = 30, 12, 60
# name, words, metres, days, shared, goes to, unit, working days, needs a picture afterwards, needs a look, asks after
FIRST: tuple[tuple[str, str, int, int, bool, str, str | None, int | None, bool, bool, int], ...] = (
    ("路灯", "路灯 楼道灯 声控灯 灯不亮 灯坏 灯又坏", 30, 14, True, "grid", None, None, True, True, 14),
    ("河道", "河边 河道 湟水 河里 河堤", 30, 7, True, "grid", None, 0, True, True, 7),
    ("垃圾", "垃圾 没人扫 杂物 卫生死角", 30, 7, True, "grid", None, 1, True, True, 7),
    ("井盖", "井盖", 20, 14, True, "grid", None, 1, True, True, 14),
    ("路面", "路面 路上有坑 积水 结冰 台阶", 30, 14, True, "grid", None, None, True, True, 14),
    ("占道", "占道 乱停 消防通道 飞线", 30, 3, True, "grid", None, None, True, True, 7),
    ("电梯", "电梯", 30, 7, True, "unit", "物业", 1, False, True, 14),
    ("漏水", "漏水 水管 下水 堵了 渗水 返水", 10, 7, False, "unit", "物业", None, False, True, 28),
    ("水电暖", "暖气 停水 停电 没水 没电", 200, 3, False, "desk", None, 1, False, False, 7),
    ("噪音", "噪音 太吵 扰民 音响", 50, 7, False, "grid", None, None, False, False, 14),
    ("其他", "", 30, 7, False, "desk", None, None, False, False, 0),
)
KEPT = (
    *(
        "name",
        "position",
        "words",
        "metres",
        "days",
        "shared",
        "goes_to",
        "unit",
        "keeper_id",
        "working_days",
    ),
    *("needs_after", "needs_check", "asks_after", "active", "version"),
)


def install_rules(by: Actor) -> None:
    """The working days of each kind and the first categories, where nobody has said otherwise."""
    for kind, days in WORKING_DAYS.items():
        insert_once(by.session, MatterRule, kind=kind, working_days=days)
    if by.session.get(MatterSettings, SETTINGS) is None:
        insert_once(by.session, MatterSettings, id=SETTINGS, check_days=3)
        for position, row in enumerate(FIRST):
            _install(by, position, row)


def _install(by: Actor, position: int, row: tuple[Any, ...]) -> None:
    named = (
        "metres",
        "days",
        "shared",
        "goes_to",
        "unit",
        "working_days",
        "needs_after",
        "needs_check",
        "asks_after",
    )
    facts = dict(zip(named, row[2:], strict=True)) | {"words": row[1].split(), "position": position}
    insert_once(by.session, MatterCategory, name=row[0], active=True, version=1, **facts)


def keep_working_days(by: Actor, kind: str, days: int) -> MatterRule:
    """Refuses with matters.bad_rule."""
    must_be_desk(by)
    if kind not in WORKING_DAYS or not 1 <= days <= MOST_DAYS:
        raise Refusal("matters.bad_rule")
    insert_once(by.session, MatterRule, kind=kind, working_days=days)
    rule = by.session.get_one(MatterRule, kind, populate_existing=True, with_for_update=True)
    rule.working_days = days
    _remember(by, f"kind:{kind}", {"working_days": days})
    return rule


def add_category(by: Actor, name: str, **facts: Any) -> MatterCategory:
    """Refuses with matters.bad_rule, .name_taken, .cannot_take."""
    must_be_desk(by)
    name = one_line(name)
    if not insert_once(by.session, MatterCategory, name=name, **_first_facts()):
        raise Refusal("matters.name_taken", name=name)
    row = by.session.scalars(select(MatterCategory).where(MatterCategory.name == name)).one()
    return rewrite_category(by, row, name=name, **facts)


def _first_facts() -> dict[str, Any]:
    yes_no = dict.fromkeys(("shared", "needs_after", "needs_check"), False)
    return (
        {"words": [], "metres": 30, "days": 7, "goes_to": "desk", "asks_after": 0, "position": 50}
        | yes_no
        | {
            "active": True,
            "version": 0,
        }
    )


def rewrite_category(
    by: Actor, row: MatterCategory, *, seen: int | None = None, **facts: Any
) -> MatterCategory:
    """Of two who change it at once the second is told. Refuses with matters.bad_rule, .name_taken, .cannot_take,
    .rule_changed_meanwhile."""
    must_be_desk(by)
    row = by.session.get_one(MatterCategory, row.id, populate_existing=True, with_for_update=True)
    if seen is not None and row.version != seen:
        raise Refusal("matters.rule_changed_meanwhile")
    facts = _good(by, row, facts)
    for name, value in facts.items():
        setattr(row, name, value)
    row.version += 1
    by.session.flush()
    _remember(by, f"category:{row.id}", {name: getattr(row, name) for name in KEPT})
    return row


def _good(by: Actor, row: MatterCategory, facts: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(facts)
    if "words" in found:
        found["words"] = _words(found["words"])
    if name := found.get("name"):
        found["name"] = one_line(name)
        others = select(MatterCategory.id).where(MatterCategory.id != row.id)
        if by.session.scalar(others.where(MatterCategory.name == found["name"])) is not None:
            raise Refusal("matters.name_taken", name=found["name"])
    unit = found.get("goes_to") == "unit"
    keeper = by.session.get(StaffMember, found["keeper_id"]) if found.get("keeper_id") else None
    if unit and keeper is not None and not may_take(keeper):
        raise Refusal("matters.cannot_take")
    days = found.get("working_days")
    if (days is not None and not 0 <= days <= MOST_DAYS) or (unit and not found.get("unit")):
        raise Refusal("matters.bad_rule")
    return found


def _words(typed: list[str]) -> list[str]:
    words = list(dict.fromkeys(one_line(word) for word in typed if word.strip()))
    if len(words) > MOST_WORDS or any(not 1 < len(word) <= LONGEST_WORD for word in words):
        raise Refusal("matters.bad_words", most=MOST_WORDS, longest=LONGEST_WORD)
    return words


def keep_settings(
    by: Actor, owner: StaffMember | None, lead: StaffMember | None, check_days: int
) -> MatterSettings:
    """Both of the desk. Refuses with matters.cannot_take, .bad_rule."""
    must_be_desk(by)
    if any(one is not None and (not one.active or "desk" not in one.roles) for one in (owner, lead)):
        raise Refusal("matters.cannot_take")
    if not 1 <= check_days <= MOST_DAYS:
        raise Refusal("matters.bad_rule")
    insert_once(by.session, MatterSettings, id=SETTINGS, check_days=check_days)
    row = settings_of(by.session)
    row.owner, row.lead, row.check_days = owner, lead, check_days
    by.session.flush()
    _remember(by, "settings", {"owner": row.owner_id, "lead": row.lead_id, "check_days": check_days})
    return row


def _remember(by: Actor, rule: str, body: Mapping[str, Any]) -> None:
    staff = by.staff.id if by.staff else None
    by.session.add(MatterRuleVersion(rule=rule, body=dict(body), staff_id=staff))
    audit.note(by, "matters.keep_rule", None, rule=rule)


# ---- places on the map -----------------------------------------------------------------------------------------------


def keep_place(by: Actor, row: MatterPlace | None, **facts: Any) -> MatterPlace:
    """A new one, or one that is moved. Refuses with matters.bad_point, .name_taken."""
    must_be_desk(by)
    facts["name"] = one_line(facts["name"])
    if not (-90 <= facts["lat"] <= 90 and -180 <= facts["lng"] <= 180 and 10 <= facts["metres"] <= 3000):
        raise Refusal("matters.bad_point")
    same = by.session.scalar(select(MatterPlace).where(MatterPlace.name == facts["name"]))
    if same is not None and same is not row:
        raise Refusal("matters.name_taken", name=facts["name"])
    row = row or MatterPlace()
    for name, value in facts.items():
        setattr(row, name, value)
    by.session.add(row)
    by.session.flush()
    audit.note(by, "matters.keep_place", row, name=row.name)
    return row


def remove_place(by: Actor, row: MatterPlace) -> None:
    must_be_desk(by)
    by.session.delete(row)
    audit.note(by, "matters.remove_place", None, name=row.name)
