"""Windows: made, changed, sat down at, paused, left."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from app import audit, clock
from models import hall as model
from models.identity import Actor
from models.plans import Service
from models.refusal import Refusal
from models.staff import StaffMember
from models.tickets import Ticket
from models.windows import HallWindow

MOST_WINDOWS = 20
PAUSES = ("午休", "开会", "送材料", "马上回来")


def add_window(by: Actor, *, name: str, services: Sequence[Service]) -> HallWindow:
    """Refuses with hall.same_name, .too_many_windows."""
    _must_be_staff(by)
    _check_name(by, name)
    last = by.session.scalar(select(func.max(HallWindow.position))) or 0
    if len(by.session.scalars(model.windows()).all()) >= MOST_WINDOWS:
        raise Refusal("hall.too_many_windows", most=MOST_WINDOWS)
    window = HallWindow(name=name, position=last + 1, services=list(services))
    by.session.add(window)
    audit.note(by, "hall.add_window", window)
    return window


def change_window(by: Actor, window: HallWindow, *, name: str, services: Sequence[Service]) -> HallWindow:
    """Whoever waits for a service that leaves this window is called where it is done then."""
    _must_be_staff(by)
    _check_name(by, name, window)
    window.name, window.services = name, list(services)
    audit.note(by, "hall.change_window", window)
    return window


def close_window(by: Actor, window: HallWindow) -> HallWindow:
    """It is not there any more. Refuses with hall.still_here while somebody is served at it."""
    _must_be_staff(by)
    model.hold_day(by.session)
    by.session.refresh(window)
    _check_nobody_here(by, window)
    window.is_open, window.name = False, f"{window.name[:12]}(撤{window.id})"
    _empty(window)
    audit.note(by, "hall.close_window", window)
    return window


def windows_of_services(by: Actor) -> int:
    """A window for every name that stands in the services and has none yet; how many are new."""
    known = set(by.session.scalars(select(HallWindow.name)))
    named: dict[str, list[Service]] = {}
    for service in by.session.scalars(model.hall_services()):
        if service.counter[:20] not in known:
            named.setdefault(service.counter[:20], []).append(service)
    for name, services in sorted(named.items()):
        add_window(by, name=name, services=services)
    return len(named)


def sit_down(by: Actor, window: HallWindow, *, instead: bool = False) -> HallWindow:
    """Call from this window from now on; a window where one sat before is left. `instead` of who sits there: they have
    gone and forgot. Refuses with hall.window_gone, .window_taken, .still_here."""
    staff = _must_be_staff(by)
    model.hold_day(by.session)
    by.session.refresh(window)
    if not window.is_open:
        raise Refusal("hall.window_gone")
    if window.staff_id == staff.id:
        return window
    if window.staff_id is not None and not instead:
        raise Refusal("hall.window_taken", window=window, who=window.staff.name if window.staff else "")
    mine = model.window_of(by.session, staff)
    if mine is not None:
        _check_nobody_here(by, mine)
        _empty(mine)
        by.session.flush()
    window.staff_id, window.sat_at, window.paused_at, window.pause = staff.id, clock.now(), None, None
    audit.note(by, "hall.sit_down", window, instead=instead)
    return window


def stand_up(by: Actor, window: HallWindow) -> None:
    """Refuses with hall.not_your_window, .still_here."""
    _must_sit(by, window)
    _check_nobody_here(by, window)
    _empty(window)
    audit.note(by, "hall.stand_up", window)


def pause(by: Actor, window: HallWindow, words: str) -> None:
    """Nobody is called here for a while; the screen says why."""
    _must_sit(by, window)
    window.paused_at, window.pause = clock.now(), words if words in PAUSES else PAUSES[-1]
    audit.note(by, "hall.pause", window)


def go_on(by: Actor, window: HallWindow) -> None:
    _must_sit(by, window)
    window.paused_at = window.pause = None
    audit.note(by, "hall.go_on", window)


def empty_all(by: Actor) -> None:
    """The day is over: nobody sits anywhere."""
    for window in by.session.scalars(select(HallWindow).where(HallWindow.staff_id.is_not(None))).all():
        _empty(window)


def _empty(window: HallWindow) -> None:
    window.staff_id = window.sat_at = window.paused_at = window.pause = None


def _check_name(by: Actor, name: str, window: HallWindow | None = None) -> None:
    same = by.session.scalar(select(HallWindow).where(HallWindow.name == name))
    if same is not None and same is not window:
        raise Refusal("hall.same_name", name=name)


def _check_nobody_here(by: Actor, window: HallWindow) -> None:
    here = by.session.scalar(select(Ticket).where(Ticket.state == "called", Ticket.window_id == window.id))
    if here is not None:
        raise Refusal("hall.still_here", ticket=here)


def _must_sit(by: Actor, window: HallWindow) -> None:
    staff = _must_be_staff(by)
    model.hold_day(by.session)
    by.session.refresh(window)
    if window.staff_id != staff.id:
        raise Refusal("hall.not_your_window", window=window)


def _must_be_staff(by: Actor) -> StaffMember:
    if by.staff is None:
        raise Refusal("hall.staff_only")
    return by.staff
