"""Guardians and proxies: agreed to at the desk, or by six digits that one shows and the other types; either ends it."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from app import audit, clock
from handlers.people.consents import give_consent, keep_reason, withdraw
from handlers.people.linking import count_wrong_code, issue_code, need_tries, take_code
from models import outbox
from models.base import insert_once
from models.identity import Actor, Person
from models.proxies import KINDS, Proxy, ProxyKind, acts_for, live_proxies
from models.refusal import Refusal
from models.sight import need_sight

MOST_WARDS = 10


def issue_proxy_code(by: Actor) -> str:
    """Six digits for five minutes: whoever types them may act for the one who shows them."""
    if by.me.joined_at is None:
        raise Refusal("people.not_joined")
    return issue_code(by, "proxy")


def become_proxy(by: Actor, code: str) -> Proxy | None:
    """The one who types the code acts for the one who showed it, who agreed by showing it. None when the code fits
    nobody: the try is counted, which a Refusal would undo."""
    need_tries(by)
    if by.me.joined_at is None:
        raise Refusal("people.not_joined")
    ward = take_code(by, code, "proxy")
    if ward is None:
        count_wrong_code(by)
        return None
    return _tie(by, "proxy", holder=by.me, ward=ward, how="code")


def tie_at_desk(by: Actor, kind: ProxyKind, *, holder: Person, ward: Person, paper: str) -> Proxy:
    """Staff have both papers before them; for a child under 14 the guardian has signed a consent of its own."""
    if kind not in KINDS:
        raise Refusal("people.no_such_kind")
    for person in (holder, ward):
        need_sight(by, person)
        if person.joined_at is None or person.erased_at is not None or person.merged_into_id is not None:
            raise Refusal("people.not_on_file")
    if by.staff is not None:
        keep_reason(by, ward, "people.tie", paper, kind)
    return _tie(by, kind, holder=holder, ward=ward, how="desk", paper=paper)


def end_proxy(by: Actor, proxy: Proxy) -> None:
    """Either side, or staff who were asked to; the other side is told."""
    own = by.person is not None and by.person.id in (proxy.holder_id, proxy.ward_id)
    if not own:
        need_sight(by, proxy.ward)
    if proxy.ended_at is not None:
        return
    proxy.ended_at = clock.now()
    by.session.flush()
    _let_go_of_consent(by, proxy)
    audit.note(by, "people.end_proxy", proxy, kind=proxy.kind)
    for person in (proxy.holder, proxy.ward):
        if by.person is None or person.id != by.person.id:
            _tell(by, person, "people.proxy_ended", f"people.proxy_ended:{proxy.id}:{person.id}")


def _tie(
    by: Actor, kind: ProxyKind, *, holder: Person, ward: Person, how: str, paper: str | None = None
) -> Proxy:
    if holder.id == ward.id:
        raise Refusal("people.same_person")
    ids = sorted((holder.id, ward.id))
    by.session.scalars(select(Person).where(Person.id.in_(ids)).order_by(Person.id).with_for_update()).all()
    if acts_for(by.session, holder, ward) is not None:
        raise Refusal("people.acts_already")
    live = by.session.scalars(live_proxies(holder)).all()
    if len([one for one in live if one.holder_id == holder.id]) >= MOST_WARDS:
        raise Refusal("people.too_many_wards")
    insert_once(
        by.session, Proxy, kind=kind, holder_id=holder.id, ward_id=ward.id, how=how, given_at=clock.now()
    )
    proxy = acts_for(by.session, holder, ward)
    if proxy is None:
        raise RuntimeError("a proxy that was just written is gone")
    give_consent(replace(by, person=ward), kind, on_paper=paper)
    audit.note(by, "people.tie", proxy, kind=kind, how=how)
    for person in (holder, ward):
        _tell(by, person, "people.proxy_begun", f"people.proxy_begun:{proxy.id}:{person.id}")
    return proxy


def _let_go_of_consent(by: Actor, proxy: Proxy) -> None:
    """The consent ends with the last tie of its kind."""
    left = live_proxies(proxy.ward).where(Proxy.kind == proxy.kind, Proxy.ward_id == proxy.ward_id)
    if by.session.scalars(left).first() is None:
        withdraw(replace(by, person=proxy.ward), proxy.kind)  # type: ignore[arg-type]


def _tell(by: Actor, person: Person, kind: str, once: str) -> None:
    """Who has no WeChat with us is told at the desk, or by the other one."""
    if person.identities:
        outbox.put(by.session, to=person, kind=kind, once=once, facts={"at": clock.now().isoformat()})
