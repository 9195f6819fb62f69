"""Two records of one person become one: by equal UnionID, by six digits shown here and typed there, or at the desk.

Each joining is audited, told to the person, and can be parted for 30 days.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update

import handlers
from app import audit, clock
from app.house import load_features
from handlers.people.rights import erase_features
from models import outbox
from models.identity import Actor, Person
from models.linking import (
    CODE_LIVES,
    MOST_WRONG_CODES,
    PART_WITHIN,
    LinkCode,
    Merging,
    WrongCode,
    code_index,
    give_back,
    moved_between,
    rows_of,
    settling,
    wrong_codes_of,
)
from models.refusal import Refusal
from models.sight import need_staff

FIELDS = ("name", "phone", "place", "joined_at")


def issue_link_code(by: Actor) -> str:
    """Whoever types these digits elsewhere is the one to whom they were shown."""
    return issue_code(by, "link")


def issue_code(by: Actor, kind: str) -> str:
    """Six digits for five minutes; an earlier code of the same person and kind dies."""
    earlier = LinkCode.person_id == by.me.id, LinkCode.kind == kind, LinkCode.used_at.is_(None)
    by.session.execute(update(LinkCode).where(*earlier).values(used_at=clock.now()))
    code = f"{secrets.randbelow(1_000_000):06d}"
    row = LinkCode(
        person_id=by.me.id, kind=kind, code_index=code_index(code), expires_at=clock.now() + CODE_LIVES
    )
    by.session.add(row)
    audit.note(by, "people.issue_link_code", row, kind=kind)
    return code


def link_by_code(by: Actor, code: str) -> Merging | None:
    """Join the record that showed this code with the one that typed it.

    None when the code fits nobody: the try is counted, which a Refusal would undo. Raises Refusal
    people.too_many_codes after five of them within five minutes, people.same_person for one's own code.
    """
    need_tries(by)
    shown_by = take_code(by, code, "link")
    if shown_by is None:
        count_wrong_code(by)
        return None
    return _merge(by, shown_by, by.me, "code")


def need_tries(by: Actor) -> None:
    if wrong_codes_of(by.session, by.me) >= MOST_WRONG_CODES:
        raise Refusal("people.too_many_codes")


def count_wrong_code(by: Actor) -> None:
    by.session.add(WrongCode(person_id=by.me.id))
    audit.note(by, "people.wrong_link_code", by.me)


def note_unionid(by: Actor, unionid: str) -> Person:
    """The platform said who this is across our apps. An equal UnionID elsewhere makes the two records one."""
    twin = by.session.scalar(select(Person).where(Person.unionid == unionid))
    while twin is not None and twin.merged_into_id is not None:
        twin = by.session.get(Person, twin.merged_into_id)
    if twin is not None and twin.id != by.me.id:
        return _merge(by, twin, by.me, "unionid").kept
    if twin is None and by.me.unionid is None:
        by.me.unionid = unionid
        audit.note(by, "people.note_unionid", by.me)
    return by.me


def link_at_desk(by: Actor, one: Person, other: Person, *, reason: str) -> Merging:
    """Staff have seen that these are one person and say why."""
    need_staff(by)
    return _merge(by, one, other, "desk", reason)


def part(by: Actor, merging: Merging) -> Person:
    """Make two records of one again, within 30 days; the record that had been joined to the other."""
    kept, gone = merging.kept, merging.gone
    if by.staff is None and kept.id != by.me.id:
        raise Refusal("people.not_yours")
    _lock(by, kept, gone)
    if merging.parted_at is not None or merging.at <= clock.now() - PART_WITHIN or kept.erased_at is not None:
        raise Refusal("people.cannot_part")
    if kept.merged_into_id is not None:
        raise Refusal("people.cannot_part")
    give_back(by.session, merging.moved, kept=kept, gone=gone)
    for feature in load_features(handlers.FEATURES):
        if feature.part is not None:
            feature.part(by, kept, gone, merging.moved.get(feature.name))
    _empty(by, merging)
    gone.merged_into_id, merging.parted_at = None, clock.now()
    audit.note(by, "people.part", merging, kept=kept.id, gone=gone.id)
    for person in (kept, gone):
        _tell(by, person, "people.parted", f"people.parted:{merging.id}:{person.id}")
    return gone


def settle_linked(by: Actor, most: int = 200) -> int:
    """After 30 days the second record keeps nothing of its own any more: no name, no phone, no row that doubled."""
    old = list(by.session.scalars(settling().limit(most)))
    for merging in old:
        gone = merging.gone
        erase_features(by, gone)
        merging.moved = {}
        merging.settled_at, merging.reason = clock.now(), None
        audit.note(by, "people.settle_linked", merging)
    return len(old)


def forget_codes(by: Actor) -> int:
    """Codes of yesterday, right and wrong, are of no use to anybody."""
    yesterday = clock.now() - timedelta(days=1)
    old = delete(LinkCode).where(LinkCode.expires_at < yesterday).returning(LinkCode.id)
    wrong = delete(WrongCode).where(WrongCode.at < yesterday).returning(WrongCode.id)
    return len(by.session.scalars(old).all()) + len(by.session.scalars(wrong).all())


# ---- joining ---------------------------------------------------------------------------------------------------


def take_code(by: Actor, code: str, kind: str) -> Person | None:
    """Whoever showed this code; it is used up by one counted UPDATE."""
    live = (
        LinkCode.kind == kind,
        LinkCode.code_index == code_index(code),
        LinkCode.used_at.is_(None),
        LinkCode.expires_at > clock.now(),
    )
    statement = update(LinkCode).where(*live).values(used_at=clock.now()).returning(LinkCode.person_id)
    found = by.session.execute(statement.execution_options(synchronize_session=False)).first()
    return by.session.get(Person, found[0]) if found else None


def _merge(by: Actor, one: Person, other: Person, how: str, reason: str | None = None) -> Merging:
    if one.id == other.id:
        raise Refusal("people.same_person")
    _lock(by, one, other)
    if any(person.merged_into_id or person.erased_at for person in (one, other)):
        raise Refusal("people.cannot_link")
    kept, gone = sorted((one, other), key=lambda person: (person.joined_at is None, person.id))
    merging = Merging(kept=kept, gone=gone, how=how, reason=reason)
    by.session.add(merging)
    merging.moved = _move_rows(by, kept, gone)
    merging.filled = _fill(by, kept, gone)
    gone.merged_into_id = kept.id
    audit.note(by, "people.link", merging, how=how, kept=kept.id, gone=gone.id)
    _tell(by, kept, "people.linked", f"people.linked:{merging.id}")
    return merging


def _lock(by: Actor, *persons: Person) -> None:
    """Always in the order of ids, so that two joinings never wait for each other."""
    ids = sorted(person.id for person in persons)
    rows = select(Person).where(Person.id.in_(ids)).order_by(Person.id).with_for_update()
    by.session.scalars(rows.execution_options(populate_existing=True)).all()


def _move_rows(by: Actor, kept: Person, gone: Person) -> dict[str, Any]:
    session = by.session
    session.flush()
    before, remembered = rows_of(session, gone), {}
    for feature in load_features(handlers.FEATURES):
        if feature.merge is not None:
            remembered[feature.name] = feature.merge(by, kept, gone)
    session.flush()
    moved = moved_between(before, rows_of(session, kept))
    return {**moved, **{name: facts for name, facts in remembered.items() if facts}}


def _fill(by: Actor, kept: Person, gone: Person) -> list[str]:
    """Fields that only the second record had; it keeps its own until the joining is settled."""
    filled = [name for name in FIELDS if getattr(kept, name) is None and getattr(gone, name) is not None]
    for name in filled:
        setattr(kept, name, getattr(gone, name))
    if kept.unionid is None and gone.unionid is not None:
        unionid, gone.unionid = gone.unionid, None
        by.session.flush()
        kept.unionid = unionid
        filled.append("unionid")
    return filled


def _empty(by: Actor, merging: Merging) -> None:
    """Take back what `_fill` gave, where it has not been changed since."""
    kept, gone = merging.kept, merging.gone
    if "unionid" in merging.filled:
        unionid, kept.unionid = kept.unionid, None
        by.session.flush()
        gone.unionid = unionid
    for name in FIELDS:
        if name in merging.filled and getattr(kept, name) == getattr(gone, name):
            setattr(kept, name, None)


def _tell(by: Actor, person: Person, kind: str, once: str) -> None:
    outbox.put(by.session, to=person, kind=kind, once=once, facts={"at": clock.now().isoformat()})
