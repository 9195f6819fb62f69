"""The chain of the audit lines: each one's hash covers the one before it, so a line that was taken out, put in or
changed shows. Lines get their place a minute after they were written, in the order in which they were committed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, select
from sqlalchemy.orm import Session

from app import clock
from models.audit import AuditHead, AuditLine

GENESIS = "0" * 64
AT_ONCE = 5000
AT_ONE_NIGHT, NIGHTS, LATELY = 200_000, 30, 3


def link(previous: str, line: AuditLine | Row[Any]) -> str:
    """The chain value of a line: SHA-256 over the previous value and everything the line says."""
    said = [
        line.id,
        line.at.isoformat(),
        line.actor,
        line.channel,
        line.action,
        line.object_kind,
        line.object_id,
    ]
    text = json.dumps([previous, line.seq, *said, line.facts], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def chain_next(session: Session, most: int) -> int:
    """Give up to `most` lines their place behind the last one; how many."""
    seq, previous = last_link(session)
    unchained = select(AuditLine).where(AuditLine.chain.is_(None)).order_by(AuditLine.id).limit(most)
    lines = session.scalars(unchained).all()
    for line in lines:
        seq += 1
        line.seq = seq
        previous = line.chain = link(previous, line)
    return len(lines)


def last_link(session: Session) -> tuple[int, str]:
    """(seq, chain) of the last line that has its place; of the last purged one when time has taken all."""
    newest = select(AuditLine).where(AuditLine.seq.is_not(None)).order_by(AuditLine.seq.desc()).limit(1)
    line = session.scalar(newest)
    return (line.seq or 0, line.chain or GENESIS) if line else _anchor(session)


def _anchor(session: Session) -> tuple[int, str]:
    purged = select(AuditHead).where(AuditHead.purged).order_by(AuditHead.seq.desc()).limit(1)
    head = session.scalar(purged)
    return (head.seq, head.chain) if head else (0, GENESIS)


def broken_chain(session: Session) -> list[str]:
    """Trust I10: what does not fit, in words; at most the first break, since everything behind it hangs on it.

    The heads that were told to people must lie on the chain too.
    """
    return _broken_between(session, _anchor(session), None)


def broken_chain_tonight(session: Session) -> list[str]:
    """The same for one night (trust I10): all of a trail that is short; of a long one, which takes a minute for each
    three million lines, what the last days wrote, and one part of the rest, so that each line is looked at once in
    NIGHTS. A stretch begins at a head that was told to people and must end at the next one."""
    anchor, (last, _) = _anchor(session), last_link(session)
    if last - anchor[0] <= AT_ONE_NIGHT:
        return broken_chain(session)
    told = select(AuditHead.seq, AuditHead.chain).where(AuditHead.seq > anchor[0]).order_by(AuditHead.seq)
    heads = [anchor, *((seq, chain) for seq, chain in session.execute(told.distinct()))]
    tonight, lately = clock.today().toordinal() % NIGHTS, len(heads) - LATELY
    for number, head in enumerate(heads):
        if number >= lately or number % NIGHTS == tonight:
            until = heads[number + 1][0] if number + 1 < len(heads) else None
            if broken := _broken_between(session, head, until):
                return broken
    return []


def _broken_between(session: Session, head: tuple[int, str], until: int | None) -> list[str]:
    """The first break behind this head, as far as the line `until`."""
    seq, previous = head
    heads = {one.seq: one.chain for one in session.scalars(select(AuditHead))}
    for line in _in_order(session, seq, until):
        if line.seq != seq + 1:
            return [f"audit lines {seq + 1} to {(line.seq or 0) - 1} are missing"]
        if line.chain != link(previous, line):
            return [f"audit line {line.seq} does not fit the one before it"]
        if heads.get(line.seq, line.chain) != line.chain:
            return [f"audit line {line.seq} is not what was told on its day"]
        seq, previous = line.seq, line.chain
    later = [at for at in heads if seq < at <= (until or at)]
    return [f"audit lines {seq + 1} to {max(later)} are missing"] if later else []


def _in_order(session: Session, after: int, until: int | None) -> Iterator[Row[Any]]:
    """Columns, not objects: a million lines are read in half a minute and in no memory."""
    columns = (AuditLine.id, AuditLine.seq, AuditLine.chain, AuditLine.at, AuditLine.actor, AuditLine.channel)
    said = (AuditLine.action, AuditLine.object_kind, AuditLine.object_id, AuditLine.facts)
    while True:
        part = select(*columns, *said).where(AuditLine.seq > after).order_by(AuditLine.seq).limit(AT_ONCE)
        part = part if until is None else part.where(AuditLine.seq <= until)
        lines = session.execute(part).all()
        yield from lines
        if len(lines) < AT_ONCE:
            return
        after = lines[-1].seq


def tell_head(session: Session) -> AuditHead | None:
    """Keep where the chain stands now; None while there is nothing new."""
    seq, chain = last_link(session)
    if not seq or session.scalar(select(func.max(AuditHead.seq))) == seq:
        return None
    head = AuditHead(seq=seq, chain=chain)
    session.add(head)
    return head


def purge(session: Session, before: datetime) -> int:
    """Take away lines of before, which must have their place; the chain begins anew behind the last of them."""
    old = (
        select(AuditLine)
        .where(AuditLine.at < before, AuditLine.seq.is_not(None))
        .order_by(AuditLine.at.desc(), AuditLine.seq.desc())
    )
    last = session.scalar(old.limit(1))
    if last is None or last.seq is None or last.chain is None:
        return 0
    younger = select(func.min(AuditLine.seq)).where(AuditLine.at >= before)
    stop = min(last.seq, (session.scalar(younger) or last.seq + 1) - 1)
    end = session.scalar(select(AuditLine).where(AuditLine.seq == stop))
    if end is None or end.chain is None:
        return 0
    session.add(AuditHead(seq=stop, chain=end.chain, purged=True))
    gone = session.execute(delete(AuditLine).where(AuditLine.seq <= stop).returning(AuditLine.id)).all()
    return len(gone)
