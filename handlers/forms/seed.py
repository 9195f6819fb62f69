"""Invented forms of invented neighbours: one half filled, some handed in, one ready to be signed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from handlers.forms import actions
from handlers.forms.loading import install
from models.forms import Form, FormDraft, all_forms
from models.identity import Actor, Person
from models.people import residents
from models.staff import StaffMember, member_by_login

ELDER = {
    "sex": "女",
    "born": "19410307",
    "hukou": "本社区",
    "since": "20080601",
    "lives_with": "和子女",
    "children": "3",
    "pension": "1850",
    "care": "有些事要人帮",
    "disability": "否",
    "bank": "社保卡",
}
PROOF = {
    "what": "居住证明",
    "address": "东府佳苑3号楼2单元402",
    "where": "城东区某小学",
    "use": "给孩子报名上学",
}
PROOF |= {"by": "跳过", "copies": "1"}


def seed(session: Session) -> None:
    """Without residents there is nobody to fill in anything."""
    install(session)
    people = list(session.scalars(residents().order_by(Person.id).limit(4)))
    if len(people) < 4 or session.scalar(select(FormDraft.id).limit(1)) is not None:
        return
    desk = Actor(session, staff=_desk(session), channel="console")
    _filled(session, people[0], "gaoling", ELDER, days=0)
    proof = _filled(session, people[1], "zhengming", PROOF, days=1)
    ready = _filled(session, people[2], "gaoling", ELDER, days=2)
    _filled(session, people[3], "laonianzheng", {"sex": "男", "born": "19580901"}, days=5)
    actions.take(desk, proof)
    actions.ready(desk, ready, "2号窗口")


def _filled(session: Session, person: Person, key: str, answers: dict[str, str], days: int) -> FormDraft:
    """Begun that many days ago, and handed in when nothing is missing."""
    by = Actor(session, person, channel="job")
    draft = actions.begin(by, session.scalars(all_forms().where(Form.key == key)).one())
    session.flush()
    known = {"name": person.name or "马秀兰", "phone": person.phone or "13900000001"}
    for field in draft.fields:
        if (words := (known | answers).get(field.key)) is not None:
            actions.answer(replace(by, channel="page"), draft, field.key, words)
    if not draft.missing:
        actions.hand_in(by, draft)
        draft.handed_in_at = clock.now() - timedelta(days=days, hours=1)
    draft.begun_at = draft.touched_at = clock.now() - timedelta(days=days, hours=1)
    return draft


def _desk(session: Session) -> StaffMember:
    known = member_by_login(session, "wang")
    if known is None:
        known = StaffMember(login="wang", name="王干事", roles=["desk"], created_at=clock.now())
        session.add(known)
        session.flush()
    return known
