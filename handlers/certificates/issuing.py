"""The number, the paper, the seal: what makes a checked record a proof, and what makes it void again.

The number is drawn in the unit that first makes the paper for the seal. That paper alone has no watermark; everything
before it says 服务记录(未盖章).
"""

from __future__ import annotations

from app import audit, clock, files, work
from app.pictures import BadPicture, clean
from handlers.certificates.actions import MOST_AT_ONCE, words_in
from handlers.certificates.messages import tell
from handlers.certificates.standing import must_be_staff, owner_of, step
from handlers.people import actions as people
from models.certificate_lists import changed_since_frozen
from models.certificates import Certificate, hold, terms
from models.identity import Actor
from models.refusal import Refusal
from models.sight import need_sight, need_staff
from models.volunteer_file import draw
from models.work import Work

PDF_BEGINS, LARGEST_SCAN = b"%PDF-", 10 * 1024 * 1024
SEEN_ON_PAPER = "people.open_sensitive"


def ask_for_paper(by: Actor, certificate: Certificate) -> Work:
    """The paper for the seal, with its number, drawn now if it has none yet. Printed again it is the same paper."""
    need_sight(by, owner_of(certificate))
    row = hold(by.session, certificate)
    if row.state == "ready":
        draw_number(by, row)
    if row.state not in ("printed", "issued"):
        raise Refusal("certificates.not_now", state=row.state)
    _note_number_seen(by, row)
    return _work(by, row, draft=False)


def ask_for_draft(by: Actor, certificate: Certificate) -> Work:
    """As it will look, with the watermark, the identity number covered."""
    need_sight(by, owner_of(certificate))
    if certificate.content is None:
        raise Refusal("certificates.not_now", state=certificate.state)
    return _work(by, certificate, draft=True)


def _work(by: Actor, row: Certificate, *, draft: bool) -> Work:
    made = work.ask_for(by, "certificates.paper", certificate=row.id, draft=draft)
    by.session.flush()
    return made


def draw_number(by: Actor, row: Certificate) -> None:
    """The next of this year. Two who print at once wait for each other; a unit that fails gives its number back."""
    year, rule = clock.today().year, terms(by.session)
    ordinal = draw(by.session, f"certificate:{year}")
    row = step(by, row, "printed")
    row.year, row.ordinal, row.number = year, ordinal, f"{rule.prefix}-{year}-{ordinal:04}"
    row.printed_at, row.printed_by_id = clock.now(), by.staff.id if by.staff else None
    audit.note(by, "certificates.number", row, number=row.number)


def _note_number_seen(by: Actor, row: Certificate) -> None:
    """The whole identity number stands on the paper: its holder sees that somebody had it in hand."""
    if row.content and row.content["id_covered"]:
        people.keep_reason(
            by, owner_of(row), SEEN_ON_PAPER, f"打印志愿服务记录证明 {row.number}", "id_number"
        )
        audit.note(by, SEEN_ON_PAPER, owner_of(row), kind="id_number")
    audit.note(by, "certificates.print", row)


# ---- the seal --------------------------------------------------------------------------------------------------------


def seal(by: Actor, certificate: Certificate, scan: bytes) -> Certificate:
    """The sealed paper was scanned: a picture in a new file, or a PDF as it is. Now it is a proof."""
    must_be_staff(by)
    media_type = "application/pdf"
    if not scan.startswith(PDF_BEGINS):
        scan, media_type = _picture(scan)
    if len(scan) > LARGEST_SCAN:
        raise Refusal("certificates.scan_too_large")
    row = step(by, certificate, "issued")
    name = f"{row.number}.{'pdf' if media_type == 'application/pdf' else media_type.rpartition('/')[2]}"
    kept = files.store(
        by.session,
        scan,
        purpose="certificates.scan",
        name=name,
        media_type=media_type,
        owner=owner_of(row),
    )
    row.scan_id, row.issued_at = kept.id, clock.now()
    audit.note(by, "certificates.seal", row, size=kept.size, sha256=kept.sha256[:12])
    tell(by, row, "issued")
    return row


def _picture(content: bytes) -> tuple[bytes, str]:
    try:
        return clean(content)
    except BadPicture:
        raise Refusal("certificates.bad_scan") from None


# ---- void ------------------------------------------------------------------------------------------------------------


def ask_void(by: Actor, certificate: Certificate, reason: str) -> Certificate:
    """It cannot be undone, so a second person has to agree."""
    row = hold(by.session, certificate)
    if row.state not in ("printed", "issued") or row.void_asked_by_id is not None:
        raise Refusal("certificates.not_now", state=row.state)
    row.reason, row.void_asked_by_id = words_in(reason), need_staff(by).id
    audit.note(by, "certificates.ask_void", row, number=row.number)
    return row


def decide_void(by: Actor, certificate: Certificate, *, yes: bool) -> Certificate:
    """The number stays in the register with the reason and is never used again."""
    staff, row = need_staff(by), hold(by.session, certificate)
    if row.void_asked_by_id is None or row.state not in ("printed", "issued"):
        raise Refusal("certificates.not_now", state=row.state)
    if not yes:
        row.reason = row.void_asked_by_id = None
        audit.note(by, "certificates.keep", row, number=row.number)
        return row
    if row.void_asked_by_id == staff.id:
        raise Refusal("certificates.not_yourself")
    row = step(by, row, "void")
    row.voided_by_id = staff.id
    audit.note(by, "certificates.void", row, number=row.number)
    tell(by, row, "void")
    return row


# ---- hours that changed afterwards -----------------------------------------------------------------------------------


def note_corrections(by: Actor) -> int:
    """An hour in a numbered proof was changed or taken back: whoever looks it up reads so, its person is told."""
    changed = by.session.scalars(changed_since_frozen().limit(MOST_AT_ONCE)).all()
    for row in changed:
        row.corrected_at = clock.now()
        audit.note(by, "certificates.correct", row, number=row.number)
        tell(by, row, "corrected")
    return len(changed)
