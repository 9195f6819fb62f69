"""What happens when a phone vouches for a browser at the console: it asks, the phone answers, the browser is let in.

Nothing is told to a phone that is not bound to an account of the staff; wrong digits are counted: who guesses waits.
"""

from __future__ import annotations

from dataclasses import replace

from app import audit
from models import staff_scan, staff_session, staff_wechat
from models.identity import Actor, Identity
from models.refusal import Refusal
from models.staff import StaffMember
from models.staff_scan import Purpose, StaffScan

MOST_WRONG_DIGITS = 5


# ---- the browser asks ------------------------------------------------------------------------------------------------


def ask(
    by: Actor, purpose: Purpose, *, address: str, browser: str, older: str, here: int | None = None
) -> str:
    """A new code for this browser; the secret of its cookie. `older` is the cookie that it had, `here` the session that
    asks. Refuses with staff.too_many_scans."""
    staff_scan.forget_browser(by.session, older)
    if staff_scan.has_too_many(by.session, address):
        raise Refusal("staff.too_many_scans")
    mine = {"staff_id": by.staff.id if by.staff else None, "session_id": here}
    cookie = staff_scan.begin(by.session, purpose, address=address, browser=browser, **mine)
    audit.note(by, "staff.scan_ask", None, purpose=purpose)
    return cookie


# ---- the phone answers -----------------------------------------------------------------------------------------------


def open_code(by: Actor, key: str) -> StaffScan:
    """What the scanned code asks of this phone. Refuses with staff.scan_over, and with what `_answerer` refuses."""
    row = staff_scan.by_key(by.session, key)
    if row is None or not row.is_live:
        raise Refusal("staff.scan_over")
    audit.note(_named(by, _answerer(by, row)), "staff.scan_open", row, purpose=row.purpose)
    return row


def find_typed(by: Actor, digits: str) -> StaffScan | None:
    """The code whose digits were typed in the chat; None when there is none, and the try is counted. Refuses with
    staff.too_many_digits, and with what `_answerer` refuses."""
    who = f"digits\n{_phone(by).id}"
    if staff_session.is_barred(by.session, who):
        raise Refusal("staff.too_many_digits")
    row = staff_scan.by_digits(by.session, digits)
    if row is None:
        barred = staff_session.count_try(by.session, who, MOST_WRONG_DIGITS)
        audit.note(by, "staff.scan_wrong_digits", None, locked=barred)
        return None
    audit.note(_named(by, _answerer(by, row)), "staff.scan_open", row, purpose=row.purpose)
    return row


def pick_number(by: Actor, row: StaffScan, number: int) -> bool:
    """Of three numbers the one on the computer's screen. Another one ends the code: the phone looked at another screen
    than its owner."""
    member = _answerer(by, row)
    right = number == row.number
    values = {"identity_id": _phone(by).id} if right else {}
    if row.purpose == "bind" or not _step(by, row, "asked", "matched" if right else "refused", **values):
        raise Refusal("staff.scan_over")
    if not right:
        audit.note(_named(by, member), "staff.scan_wrong_number", row)
    return right


def approve(by: Actor, row: StaffScan) -> None:
    """Yes, it is me: the browser is let in the next time it asks."""
    member = _answerer(by, row)
    same_phone = row.identity_id == _phone(by).id
    if member is None or not same_phone or not _step(by, row, "matched", "approved", staff_id=member.id):
        raise Refusal("staff.scan_over")
    audit.note(_named(by, member), "staff.scan_approve", row, purpose=row.purpose)


def agree_to_bind(by: Actor, row: StaffScan) -> int:
    """This phone is to be the account's: the number that whoever sits at the computer must type."""
    _answerer(by, row)
    if row.purpose != "bind" or not _step(by, row, "asked", "matched", identity_id=_phone(by).id):
        raise Refusal("staff.scan_over")
    audit.note(by, "staff.scan_agree", row)
    return row.number


def refuse(by: Actor, row: StaffScan) -> None:
    """It is not me: the code is void at once."""
    member = _answerer(by, row)
    if _step(by, row, "asked", "refused") or _step(by, row, "matched", "refused"):
        audit.note(_named(by, member), "staff.scan_refuse", row, purpose=row.purpose)


def _step(by: Actor, row: StaffScan, before: str, after: str, **values: int) -> bool:
    moved = staff_scan.move(by.session, row.id, before, after, **values)
    by.session.refresh(row)
    return moved


def _answerer(by: Actor, row: StaffScan) -> StaffMember | None:
    """The member whose phone this is; for a binding it must be nobody's yet, or the same member's. Refuses with
    staff.wechat_unbound, .wechat_of_another, .wechat_taken."""
    member = staff_wechat.member_of(by.session, _phone(by))
    if row.purpose == "bind":
        if member is not None and member.id != row.staff_id:
            raise Refusal("staff.wechat_taken")
    elif member is None:
        raise Refusal("staff.wechat_unbound")
    elif row.purpose == "prove" and member.id != row.staff_id:
        raise Refusal("staff.wechat_of_another")
    return member


def _phone(by: Actor) -> Identity:
    if by.identity is None:
        raise Refusal("staff.wechat_unbound")
    return by.identity


def _named(by: Actor, member: StaffMember | None) -> Actor:
    """In the trail a member of staff stands under their account, also when they act on their own phone."""
    return replace(by, staff=member)


# ---- the browser is let in -------------------------------------------------------------------------------------------


def enter(by: Actor, row: StaffScan) -> StaffMember | None:
    """Who signs in by this code, once; None when it is not approved (any more), or when they left or the phone was
    taken off their account in between."""
    if row.purpose != "enter" or not _step(by, row, "approved", "used"):
        return None
    member = staff_wechat.member_of(by.session, row.identity)
    if member is None or member.id != row.staff_id:
        return None
    audit.note(_named(by, member), "staff.sign_in", member, how="scan")
    return member


def prove(by: Actor, row: StaffScan, here: int) -> bool:
    """Whoever sits at the session `here` has been vouched for again."""
    if row.purpose != "prove" or row.session_id != here or not _step(by, row, "approved", "used"):
        return False
    staff_session.note_proof(by.session, here, possession=True)
    audit.note(by, "staff.prove", by.staff, how="scan")
    return True


def bind(by: Actor, row: StaffScan, number: int, here: int) -> bool:
    """Bind the phone that shows this number, in place of an earlier one; a wrong number ends the code. The session has
    been vouched for with it. Refuses with staff.scan_over, .wechat_taken."""
    if row.purpose != "bind" or row.session_id != here or by.staff is None:
        raise Refusal("staff.scan_over")
    right = number == row.number
    if not _step(by, row, "matched", "used" if right else "refused"):
        raise Refusal("staff.scan_over")
    if not right or row.identity is None:
        audit.note(by, "staff.scan_wrong_number", row)
        return False
    other = staff_wechat.member_of(by.session, row.identity)
    if other is not None and other.id != by.staff.id:
        raise Refusal("staff.wechat_taken")
    staff_wechat.bind(by.session, by.staff, row.identity)
    staff_session.note_proof(by.session, here, possession=True)
    audit.note(by, "staff.bind_wechat", by.staff)
    return True


def unbind(by: Actor, member: StaffMember, but: int | None = None) -> None:
    """Take the WeChat off an account: one's own, or as an administrator of somebody who lost the phone. Signed out
    everywhere (but here)."""
    mine = by.staff is not None and by.staff.id == member.id
    if by.staff is not None and not mine and "admin" not in by.staff.roles:
        raise Refusal("staff.not_yours")
    if not staff_wechat.unbind(by.session, member):
        raise Refusal("staff.nothing_bound", name=member.name)
    ended = staff_session.end_all(by.session, member, but=but if mine else None)
    audit.note(by, "staff.unbind_wechat", member, sessions=ended)
