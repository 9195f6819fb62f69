"""The rows of this feature beside the person's own: household, tags, guardians and proxies, sensitive facts. How they
are told, forgotten, and moved when two records become one or are parted again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from app import clock
from app.words import day_words, moment_words
from handlers.people.household_changes import leave, settle
from handlers.people.policies import policies
from models.deaths import DeathReport
from models.households import (
    HEAD,
    Household,
    HouseholdChange,
    HouseholdMember,
    household_at,
    members_of,
    stay_of,
    stays_of,
)
from models.identity import Actor, Person
from models.people import Consent
from models.proxies import Proxy, acts_for, proxies_of
from models.sensitive import SensitiveFact, StaffReason, facts_of, id_number_covered
from models.tags import Tagging, taggings_of

TIE_WORDS = {
    "head": "户主",
    "spouse": "配偶",
    "child": "子女",
    "parent": "父母",
    "grandchild": "孙辈",
    "sibling": "兄弟姐妹",
    "relative": "亲属",
    "tenant": "租住",
    "lodger": "暂住",
}
PROXY_WORDS = {
    ("guardian", True): "您是监护人,孩子是{}",
    ("guardian", False): "您的监护人是{}",
    ("proxy", True): "您可以替{}办事",
    ("proxy", False): "{}可以替您办事",
}


# ---- a copy ----------------------------------------------------------------------------------------------------


def export_rows(session: Session, person: Person) -> dict[str, Any]:
    return {
        "住户": [_stay_told(stay) for stay in session.scalars(stays_of(person))],
        "标签": [_tagging_told(one) for one in session.scalars(taggings_of(person))],
        "监护和代办": [proxy_words(one, person) for one in session.scalars(proxies_of(person))],
        "敏感信息": [_fact_told(fact) for fact in session.scalars(facts_of(person))],
    }


def _stay_told(stay: HouseholdMember) -> dict[str, str]:
    told = {"户号": f"第{stay.household_id}户", "住处": stay.household.address, "身份": TIE_WORDS[stay.tie]}
    told["从"] = day_words(stay.since)
    if stay.until is not None:
        told["到"] = day_words(stay.until)
    elif stay.temporary_until is not None:
        told["暂住到"] = day_words(stay.temporary_until)
    return told


def _tagging_told(tagging: Tagging) -> dict[str, str]:
    return {"标签": tagging.tag.name, "用途": tagging.tag.purpose, "用到": day_words(tagging.tag.until)}


def proxy_words(proxy: Proxy, person: Person) -> str:
    """As the person reads it, with the other side's name."""
    words = PROXY_WORDS[proxy.kind, proxy.holder_id == person.id]
    told = words.format(proxy.other_side(person).name or "对方") + f"({day_words(proxy.given_at)}起)"
    return f"{told},{day_words(proxy.ended_at)}停了" if proxy.ended_at else told


def _fact_told(fact: SensitiveFact) -> dict[str, str]:
    """An identity number stays covered: the copy may lie about on a phone."""
    value = id_number_covered(fact.value) if fact.kind == "id_number" else fact.value
    told = {"种类": policies()[fact.kind].title, "内容": value, "项目": fact.programme}
    return told | {"记下": moment_words(fact.at), "删掉": day_words(fact.goes_on)}


# ---- being forgotten -------------------------------------------------------------------------------------------


def erase_rows(by: Actor, person: Person) -> None:
    """The household goes on without them; who only knew them knows them no more."""
    session = by.session
    stay = stay_of(session, person)
    if stay is not None:
        leave(by, [stay], "erased")
        settle(by, stay.household, "empty")
    homes = select(HouseholdMember.household_id).where(HouseholdMember.person_id == person.id)
    touched = or_(HouseholdChange.household_id.in_(homes), HouseholdChange.other_id.in_(homes))
    session.execute(update(HouseholdChange).where(touched).values(before=None, after=None, reason=None))
    reports = DeathReport.person_id == person.id
    session.execute(update(DeathReport).where(reports).values(relative=None, proof=None))
    session.execute(update(Consent).where(Consent.person_id == person.id).values(on_paper=None))
    for table in (HouseholdMember, Tagging, SensitiveFact, StaffReason):
        session.execute(delete(table).where(table.person_id == person.id))
    session.execute(delete(Proxy).where(or_(Proxy.holder_id == person.id, Proxy.ward_id == person.id)))


# ---- two records of one person ---------------------------------------------------------------------------------


def merge_rows(by: Actor, kept: Person, gone: Person) -> dict[str, Any] | None:
    """What would double stays with the second record: its home is left, its tie ends, until the two are parted."""
    session = by.session
    remembered: dict[str, Any] = {}
    stay = stay_of(session, gone)
    if stay is not None and stay_of(session, kept) is not None:
        remembered |= {"stay": stay.id, "ties": _ties_in(session, stay.household)}
        leave(by, [stay], "merged")
        settle(by, stay.household, "empty")
    else:
        _move(session, HouseholdMember, kept, gone)
    doubled = list(_merge_proxies(by, kept, gone))
    if doubled:
        remembered["proxies"] = doubled
    tags = set(session.scalars(select(Tagging.tag_id).where(Tagging.person_id == kept.id)))
    kinds = set(session.scalars(select(SensitiveFact.kind).where(SensitiveFact.person_id == kept.id)))
    _move(session, Tagging, kept, gone, Tagging.tag_id.not_in(tags))
    _move(session, SensitiveFact, kept, gone, SensitiveFact.kind.not_in(kinds))
    _move(session, StaffReason, kept, gone)
    waiting = DeathReport.person_id == kept.id, DeathReport.state == "waiting"
    if session.scalar(select(DeathReport.id).where(*waiting)) is None:
        _move(session, DeathReport, kept, gone)
    return remembered or None


def _move(session: Session, table: Any, kept: Person, gone: Person, *more: Any) -> None:
    session.flush()
    session.execute(update(table).where(table.person_id == gone.id, *more).values(person_id=kept.id))


def _merge_proxies(by: Actor, kept: Person, gone: Person) -> Iterator[int]:
    """Ties of the second record; those that ended here because they would double or tie somebody to themselves."""
    for proxy in by.session.scalars(proxies_of(gone)).all():
        holder = kept if proxy.holder_id == gone.id else proxy.holder
        ward = kept if proxy.ward_id == gone.id else proxy.ward
        doubles = proxy.ended_at is None and acts_for(by.session, holder, ward) is not None
        if holder.id != ward.id and not doubles:
            proxy.holder, proxy.ward = holder, ward
        elif proxy.ended_at is None:
            proxy.ended_at = clock.now()
            yield proxy.id
        by.session.flush()


def part_rows(by: Actor, gone: Person, remembered: dict[str, Any] | None) -> None:
    """What ended only because the two were one begins again, if nothing else stands there by now."""
    remembered = remembered or {}
    for number in remembered.get("proxies", ()):
        proxy = by.session.get(Proxy, number)
        if proxy is not None and acts_for(by.session, proxy.holder, proxy.ward) is None:
            proxy.ended_at = None
    stay = by.session.get(HouseholdMember, remembered["stay"]) if "stay" in remembered else None
    if stay is not None and stay.person_id == gone.id and _stands_again(by, stay.household):
        _come_back(by.session, stay, remembered["ties"])


def _come_back(session: Session, stay: HouseholdMember, ties: dict[str, str]) -> None:
    """With the ties that were, if the same people live there; otherwise as a relative of whoever is head now."""
    others = session.scalars(members_of(stay.household)).all()
    tie = HEAD if not others else "relative" if stay.tie == HEAD else stay.tie
    if {str(one.id) for one in (*others, stay)} == set(ties):
        for one in sorted(others, key=lambda other: other.tie != HEAD):
            one.tie = ties[str(one.id)]
            session.flush()
        tie = ties[str(stay.id)]
    stay.tie, stay.until, stay.why = tie, None, None
    session.flush()


def _ties_in(session: Session, home: Household) -> dict[str, str]:
    return {str(one.id): one.tie for one in session.scalars(members_of(home))}


def _stands_again(by: Actor, home: Household) -> bool:
    if home.ended_at is None:
        return True
    if home.why != "empty" or household_at(by.session, home.place, home.door) is not None:
        return False
    home.ended_at = home.why = None
    return True
