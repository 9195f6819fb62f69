"""Programmes are configuration: other features read them here, and an installation gets its twenty rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit
from handlers.programmes.rows import ROWS
from models.identity import Actor
from models.programmes import (
    TOLD,
    Programme,
    ProgrammeVersion,
    all_programmes,
    programme_in_words,
    programme_with_code,
    programmes,
    versions_of,
)
from models.refusal import Refusal

__all__ = [
    "all_programmes",
    "bring_back",
    "describe",
    "install_rows",
    "programme_in_words",
    "programme_with_code",
    "programmes",
    "switch_engines",
]

CHANGEABLE = frozenset(TOLD) - {"engines_off"}


def install_rows(session: Session) -> None:
    """The rows that are missing; what the staff have changed stays as they left it."""
    known = set(session.scalars(select(Programme.code)))
    session.add_all(Programme(**row) for row in ROWS if row["code"] not in known)
    session.flush()


def describe(by: Actor, programme: Programme, *, base: int | None = None, **changes: Any) -> Programme:
    """Staff change how a programme is presented; never whether it may be listed.

    Refuses with programmes.staff_only, not_changeable, newer_version, name_taken.
    """
    if not changes.keys() <= CHANGEABLE:
        raise Refusal("programmes.not_changeable")
    return _change(by, programme, base, changes, "programmes.describe")


def switch_engines(by: Actor, programme: Programme, on: Collection[str], *, base: int) -> Programme:
    """Of the engines that it is made of, those in `on` work; for those who publish."""
    if by.staff is None or "approver" not in by.staff.roles:
        raise Refusal("programmes.approver_only")
    off = [engine for engine in programme.engines if engine not in on]
    return _change(by, programme, base, {"engines_off": off}, "programmes.switch_engines")


def bring_back(by: Actor, programme: Programme, number: int) -> Programme:
    """It says again what it said in version `number`; which engines are on stays as it is."""
    old = by.session.scalar(versions_of(programme).where(ProgrammeVersion.number == number))
    if old is None:
        raise Refusal("programmes.no_such_version", number=number)
    told = {name: value for name, value in old.content.items() if name in CHANGEABLE}
    return _change(by, programme, None, told, "programmes.bring_back")


def _change(
    by: Actor, programme: Programme, base: int | None, changes: Mapping[str, Any], action: str
) -> Programme:
    """One more version, unless nothing changes. The first one keeps how it was installed beside it."""
    if by.staff is None:
        raise Refusal("programmes.staff_only")
    programme = _locked(by, programme)
    if base is not None and base != programme.version:
        raise Refusal("programmes.newer_version")
    before = programme.told()
    changed = sorted(name for name, value in changes.items() if before[name] != value)
    if not changed:
        return programme
    _check_names(
        by, programme, [changes.get("name", programme.name), *changes.get("aliases", programme.aliases)]
    )
    if programme.version == 0:
        by.session.add(ProgrammeVersion(programme_id=programme.id, number=0, content=before))
    for name in changed:
        setattr(programme, name, changes[name])
    programme.version += 1
    number, content = programme.version, programme.told()
    version = ProgrammeVersion(
        programme_id=programme.id, number=number, content=content, staff_id=by.staff.id
    )
    by.session.add(version)
    audit.note(by, action, programme, fields=changed, version=number)
    return programme


def _locked(by: Actor, programme: Programme) -> Programme:
    same = select(Programme).where(Programme.id == programme.id).with_for_update()
    return by.session.scalars(same.execution_options(populate_existing=True)).one()


def _check_names(by: Actor, programme: Programme, names: Sequence[str]) -> None:
    """A name leads to one programme."""
    others = by.session.scalars(select(Programme).where(Programme.id != programme.id))
    taken = {name: one for one in others for name in one.names}
    for name in names:
        if name in taken:
            raise Refusal(
                "programmes.name_taken", name=name, other=taken[name].name if taken[name].listed else "另一项"
            )
