"""What happens to accounts: made, invited, given roles, closed; and who signs in, with which proof."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import audit, clock
from handlers.staff import passwords
from models import staff as model
from models import staff_session, staff_wechat
from models.identity import Actor
from models.places import Grid
from models.refusal import Refusal
from models.staff import INVITATION_LIVES, ROLES, StaffInvitation, StaffMember

LOGIN = re.compile(r"[a-z][a-z0-9._-]{1,19}")
LONGEST_NAME = 20

# ---- accounts --------------------------------------------------------------------------------------------------------


def add(by: Actor, *, login: str, name: str, roles: Collection[str], grid: Grid | None = None) -> StaffMember:
    """A new account without a password. Refuses with staff.bad_login, .bad_name, .login_taken and what roles refuse."""
    if not LOGIN.fullmatch(login):
        raise Refusal("staff.bad_login")
    if not 0 < len(name.strip()) <= LONGEST_NAME:
        raise Refusal("staff.bad_name", most=LONGEST_NAME)
    if model.member_by_login(by.session, login) is not None:
        raise Refusal("staff.login_taken", login=login)
    wanted = _checked(roles)
    member = StaffMember(login=login, name=name.strip(), roles=wanted, grid_id=_grid(wanted, grid))
    by.session.add(member)
    audit.note(by, "staff.add", member, roles=member.roles)
    return member


def invite(by: Actor, member: StaffMember) -> str:
    """The secret of a one-time link to choose a (new) password; it works for a day, and older ones no more."""
    if not member.active:
        raise Refusal("staff.not_active", name=member.name)
    model.forget_invitations(by.session, member)
    key = secrets.token_urlsafe(24)
    expires = clock.now() + INVITATION_LIVES
    row = StaffInvitation(staff=member, key_index=model.invitation_index(key), expires_at=expires)
    by.session.add(row)
    audit.note(by, "staff.invite", member)
    return key


def set_roles(
    by: Actor, member: StaffMember, roles: Collection[str], grid: Grid | None = None
) -> StaffMember:
    """Give and take roles; signed out everywhere. Nobody changes their own, and one administrator always remains."""
    _not_oneself(by, member)
    member = _locked(by, member)
    wanted = _checked(roles)
    if "admin" not in wanted:
        _not_the_last_administrator(by, member)
    before, member.roles = member.roles, wanted
    member.grid_id = _grid(wanted, grid)
    ended = staff_session.end_all(by.session, member)
    facts = {"before": before, "after": wanted, "grid": member.grid_id, "sessions": ended}
    audit.note(by, "staff.set_roles", member, **facts)
    return member


def deactivate(by: Actor, member: StaffMember) -> StaffMember:
    """They left: signed out at once, everywhere; links die, WeChat is unbound; what they did stays under their name."""
    _not_oneself(by, member)
    member = _locked(by, member)
    _not_the_last_administrator(by, member)
    member.active = False
    model.forget_invitations(by.session, member)
    staff_wechat.unbind(by.session, member)
    ended = staff_session.end_all(by.session, member)
    audit.note(by, "staff.deactivate", member, sessions=ended)
    return member


def reactivate(by: Actor, member: StaffMember) -> StaffMember:
    """They are back; the password of before is not: a new link lets them choose one."""
    member = _locked(by, member)
    member.active, member.password = True, None
    audit.note(by, "staff.reactivate", member)
    return member


def end_session(by: Actor, session: staff_session.StaffSession) -> None:
    """Sign one browser out. One's own anybody may; those of others an administrator."""
    me = _me(by)
    if session.staff_id != me.id and "admin" not in me.roles:
        raise Refusal("staff.not_yours")
    staff_session.end(by.session, session.id)
    audit.note(by, "staff.end_session", session, of=session.staff_id)


# ---- signing in ------------------------------------------------------------------------------------------------------


def choose_password(by: Actor, key: str, password: str) -> StaffMember:
    """Whoever holds the link chooses the password, once; every browser that was signed in is out."""
    invitation = model.live_invitation(by.session, key)
    if invitation is None:
        raise Refusal("staff.link_used")
    passwords.check_password(password, invitation.staff)
    member = model.take_invitation(by.session, key)
    if member is None:
        raise Refusal("staff.link_used")
    member.password = passwords.hashed(password)
    staff_session.end_all(by.session, member)
    audit.note(replace(by, staff=member), "staff.choose_password", member)
    return member


def change_password(by: Actor, new: str, here: int) -> None:
    """One's own, after the old one proved that it is them (`prove_again`); every other browser is signed out, `here`
    (the id of this session) stays."""
    me = _locked(by, _me(by))
    passwords.check_password(new, me)
    me.password = passwords.hashed(new)
    ended = staff_session.end_all(by.session, me, but=here)
    audit.note(by, "staff.change_password", me, sessions=ended)


@dataclass(frozen=True, slots=True)
class Knock:
    """Somebody at the door: which account they name, from where, and the stored hash that their password fits."""

    login: str
    address: str
    fitting: str | None


def knock(session: Session, login: str, address: str, password: str = "") -> Knock | None:
    """As slow for accounts that do not exist. To be asked before the unit of work: whoever knocks must not hold
    everybody's write lock while argon2id takes its time. None for an address that is shut out: nothing is hashed for it
    and nothing written, for strangers must not make the trail grow at will."""
    if staff_session.is_shut_out(session, address):
        return None
    if not password:
        return Knock(login, address, None)
    member = model.member_by_login(session, login)
    fits = passwords.is_password(password, member) and member is not None
    return Knock(login, address, member.password if fits and member is not None else None)


def sign_in(by: Actor, who: Knock, code: str) -> StaffMember | None:
    """The member, or None: unknown, wrong, closed and locked are told apart for nobody. Counted per account and
    address; the caller commits either way."""
    login, address = who.login, who.address
    if staff_session.is_locked(by.session, login, address):
        locked = staff_session.count_locked(by.session, address)
        audit.note(by, "staff.sign_in_locked", locked=locked)
        return None
    member = model.member_by_login(by.session, login)
    if member is not None and _still_fits(member, who.fitting) and _proves(by, member, code):
        staff_session.forgive(by.session, login, address)
        audit.note(replace(by, staff=member), "staff.sign_in", member)
        return member
    locked = staff_session.count_failure(by.session, login, address)
    audit.note(by, "staff.sign_in_failed", member, locked=locked)
    return None


def _still_fits(member: StaffMember, fitting: str | None) -> bool:
    """Whether the hash that was found is theirs now: the password may have been changed in between."""
    return member.active and fitting is not None and hmac.compare_digest(member.password or "", fitting)


def prove_again(by: Actor, here: int, who: Knock, code: str) -> bool:
    """Whether their password or a code shows that it is still them in the session `here`; counted like a sign-in, so
    the caller commits either way."""
    me, address = _locked(by, _me(by)), who.address
    if staff_session.is_locked(by.session, me.login, address):
        audit.note(by, "staff.prove_locked")
        return False
    by_code = me.totp is not None and bool(code) and _proves(by, me, code)
    if by_code or _still_fits(me, who.fitting):
        staff_session.forgive(by.session, me.login, address)
        staff_session.note_proof(by.session, here, possession=by_code)
        audit.note(by, "staff.prove", me)
        return True
    locked = staff_session.count_failure(by.session, me.login, address)
    audit.note(by, "staff.prove_failed", me, locked=locked)
    return False


def sign_out(by: Actor) -> None:
    audit.note(by, "staff.sign_out", _me(by))


# ---- the second factor -----------------------------------------------------------------------------------------------


def enrol_second_factor(by: Actor, secret: str, code: str, here: int) -> None:
    """From the next sign-in on the app's code is asked for; it is taken once the first one is right, and that one
    vouches for the session `here`."""
    me = _locked(by, _me(by))
    if me.totp is not None:
        raise Refusal("staff.has_second_factor")
    step = passwords.step_of_code(secret, code)
    if step is None:
        raise Refusal("staff.wrong_code")
    me.totp, me.totp_step = secret, step
    staff_session.note_proof(by.session, here, possession=True)
    audit.note(by, "staff.enrol_second_factor", me)


def reset_second_factor(by: Actor, member: StaffMember) -> StaffMember:
    """The phone is lost: an administrator (not for themselves) takes the second factor off; signed out everywhere."""
    _not_oneself(by, member)
    member = _locked(by, member)
    member.totp = member.totp_step = None
    ended = staff_session.end_all(by.session, member)
    audit.note(by, "staff.reset_second_factor", member, sessions=ended)
    return member


def _proves(by: Actor, member: StaffMember, code: str) -> bool:
    """Who has a second factor shows a code that was not shown before."""
    if member.totp is None:
        return True
    member = _locked(by, member)
    step = passwords.step_of_code(member.totp or "", code, member.totp_step)
    if step is None:
        return False
    member.totp_step = step
    return True


# ---- rules -----------------------------------------------------------------------------------------------------------


def _checked(roles: Collection[str]) -> list[str]:
    wanted = [role for role in ROLES if role in roles]
    if not wanted or len(wanted) != len(set(roles)):
        raise Refusal("staff.no_such_role")
    pair = model.clash(wanted)
    if pair is not None:
        raise Refusal("staff.roles_clash", one=ROLES[pair[0]][0], other=ROLES[pair[1]][0])
    return wanted


def _grid(roles: Collection[str], grid: Grid | None) -> int | None:
    """The grid of a grid worker; nobody else has one."""
    return grid.id if grid is not None and "grid" in roles else None


def _not_oneself(by: Actor, member: StaffMember) -> None:
    if by.staff is not None and by.staff.id == member.id:
        raise Refusal("staff.not_oneself")


def _not_the_last_administrator(by: Actor, member: StaffMember) -> None:
    if "admin" in member.roles and not model.other_administrators(by.session, member):
        raise Refusal("staff.last_administrator")


def _me(by: Actor) -> StaffMember:
    if by.staff is None:
        raise Refusal("staff.not_yours")
    return by.staff


def _locked(by: Actor, member: StaffMember) -> StaffMember:
    by.session.flush()
    same = select(StaffMember).where(StaffMember.id == member.id)
    return by.session.scalars(same.with_for_update().execution_options(populate_existing=True)).one()
