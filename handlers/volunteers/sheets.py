"""Sign-in sheets: made for a session, photographed when they are full, typed in by rows.

Each row becomes scans through `tick`, with nonces of sheet, line and revision: typed twice or by two people it is one
record; correcting it is an undo and new scans. Who scanned as well is counted by their scans.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from app import audit, clock, files
from app.understanding.sounds import syllables
from app.words import clock_words
from handlers.activities import actions as activities
from handlers.volunteers import sheet_people, sheet_times, undoing
from handlers.volunteers.actions import hold, tick
from models import activities as plan
from models import outbox, scan_undo
from models import sheets as model
from models import volunteers as attendance
from models.activities import ActivitySession, Enrolment
from models.activities_party import companions_of
from models.identity import Actor, Person
from models.refusal import Refusal
from models.sheets import MOST_PHOTOS, MOST_SHEETS, PHOTOS_KEPT, SheetLine, SheetPhoto, SignInSheet

FEWEST_LINES, SPARE_LINES = 15, 5
LONGEST_WHO, LONGEST_TIME = 40, 12
# What became of a row: taken in, as it was, nothing written, a scan stands, the end was added to a scan, taken back.
TAKEN, SAME, BLANK, SCANNED, ENDED, CLEARED = "taken", "same", "blank", "scanned", "ended", "cleared"


@dataclass(frozen=True, slots=True)
class Row:
    """One line as it was typed. `seen` is the revision of the line that the one who typed had before their eyes."""

    line: int
    came: str = ""
    left: str = ""
    who: str = ""
    seen: int = 0

    @property
    def is_blank(self) -> bool:
        return not (self.came.strip() or self.left.strip())


# ---- making it -------------------------------------------------------------------------------------------------------


def issue(by: Actor, held: ActivitySession) -> SignInSheet:
    """A new sheet: those who have joined in the order of pinyin, who comes along with them, and empty lines."""
    activities.must_lead(by, held)
    plan.hold(by.session, held)
    if held.state not in plan.LIVE:
        raise Refusal("activities.is_over", session=held)
    last = select(func.max(SignInSheet.number)).where(SignInSheet.session_id == held.id)
    number = (by.session.scalar(last) or 0) + 1
    if number > MOST_SHEETS:
        raise Refusal("volunteers.sheets_enough", most=MOST_SHEETS)
    sheet = SignInSheet(session=held, session_id=held.id, number=number)
    sheet.staff_id = by.staff.id if by.staff is not None else None
    by.session.add(sheet)
    by.session.flush()
    _rule_lines(by, sheet)
    audit.note(by, "volunteers.issue_sheet", sheet, session=held.id)
    return sheet


def _rule_lines(by: Actor, sheet: SignInSheet) -> None:
    lines = [line for row in _in_order(by, sheet.session) for line in _lines_for(by, row)]
    empty = max(FEWEST_LINES - len(lines), SPARE_LINES)
    for number, line in enumerate([*lines, *(SheetLine() for _ in range(empty))], 1):
        line.sheet_id, line.line = sheet.id, number
        by.session.add(line)
    by.session.flush()


def _in_order(by: Actor, held: ActivitySession) -> list[Enrolment]:
    rows = [row for row in by.session.scalars(plan.everybody_in(held)) if row.state == "joined"]
    return sorted(rows, key=lambda row: (syllables(row.person.name or ""), row.id))


def _lines_for(by: Actor, row: Enrolment) -> list[SheetLine]:
    own = [SheetLine(printed=True, person_id=row.person_id)] if row.comes else []
    along = companions_of(by.session, row)
    return own + [SheetLine(printed=True, companion_id=one.id) for one in along]


def mark_printed(by: Actor, sheet: SignInSheet) -> None:
    sheet.printed_at = clock.now()
    audit.note(by, "volunteers.print_sheet", sheet, session=sheet.session_id)


# ---- its photo -------------------------------------------------------------------------------------------------------


def keep_photo(by: Actor, sheet: SignInSheet, content: bytes, media_type: str) -> SheetPhoto:
    """A cleaned picture, sealed, for as long as hours may be argued about."""
    activities.must_lead(by, sheet.session)
    plan.hold(by.session, sheet.session)
    if len(list(by.session.scalars(model.photos_of(sheet)))) >= MOST_PHOTOS:
        raise Refusal("volunteers.sheet_photos_enough", most=MOST_PHOTOS)
    until, name = clock.now() + PHOTOS_KEPT, f"签到表{sheet.number}"
    file = files.store(
        by.session, content, purpose="volunteers.sheet", name=name, media_type=media_type, until=until
    )
    photo = SheetPhoto(sheet_id=sheet.id, file_id=file.id)
    by.session.add(photo)
    audit.note(by, "volunteers.keep_sheet_photo", sheet, session=sheet.session_id)
    return photo


def drop_photo(by: Actor, sheet: SignInSheet, photo: SheetPhoto) -> None:
    activities.must_lead(by, sheet.session)
    audit.note(by, "volunteers.drop_sheet_photo", sheet, session=sheet.session_id)
    files.remove(by.session, photo.file)


# ---- typing it in ----------------------------------------------------------------------------------------------------


def keep_draft(by: Actor, sheet: SignInSheet, rows: list[Row]) -> None:
    """What is typed and not taken in yet, for whoever goes on."""
    activities.must_lead(by, sheet.session)
    kept = {str(row.line): [row.who, row.came, row.left] for row in rows if row.who or not row.is_blank}
    if kept != (sheet.draft or {}):
        sheet.draft = kept or None


def take(by: Actor, sheet: SignInSheet, row: Row, *, newcomers: bool = False) -> str:
    """One row of the sheet: what became of it. `newcomers`: who is not on file and wrote name and phone is registered.

    Raises Refusal, in words for beside the row: what is wrong with the time or the name, typed_meanwhile by somebody
    else, hours_posted, people.consent_needed …"""
    held = sheet.session
    activities.must_lead(by, held)
    plan.hold(by.session, held)
    line = model.line_of(by.session, sheet, row.line)
    if line is None:
        raise Refusal("volunteers.sheet_no_line")
    if row.is_blank:
        return _clear(by, sheet, line, row)
    if line.companion_id is not None:
        raise Refusal("volunteers.sheet_companion")
    came, left = (sheet_times.moment_of(one, held) for one in (row.came, row.left))
    if came is not None and left is not None and left < came:
        raise Refusal("volunteers.sheet_order")
    person = _person(by, held, line, row, newcomers)
    if line.revision and (line.person_id, line.came_at, line.left_at) == (person.id, came, left):
        return SAME
    _must_be_seen(line, row)
    return _write(by, sheet, line, person, came, left)


def _person(by: Actor, held: ActivitySession, line: SheetLine, row: Row, newcomers: bool) -> Person:
    if line.person is not None and (line.printed or not row.who.strip()):
        return line.person
    if line.person is not None and sheet_people.is_called(line.person, row.who):
        return line.person
    return sheet_people.the_one(by, held, row.who, newcomers=newcomers)


def _must_be_seen(line: SheetLine, row: Row) -> None:
    if line.revision != row.seen:
        told = [clock_words(one) for one in (line.came_at, line.left_at) if one is not None]
        raise Refusal("volunteers.sheet_typed_meanwhile", told="到".join(told) or "空着")


def _clear(by: Actor, sheet: SignInSheet, line: SheetLine, row: Row) -> str:
    """Nothing is written on most lines. One that was taken in and is emptied by who saw it is taken back."""
    if line.came_at is None and line.left_at is None:
        return BLANK
    if line.revision != row.seen:
        return SAME
    if line.person is not None:
        _must_not_be_posted(by, sheet, line.person)
        _take_back(by, sheet, line)
        _tell(by, sheet, line, line.person, "sheet_cleared")
    _forget_line(line)
    audit.note(by, "volunteers.clear_line", line, session=sheet.session_id)
    return CLEARED


def _write(
    by: Actor,
    sheet: SignInSheet,
    line: SheetLine,
    person: Person,
    came: datetime | None,
    left: datetime | None,
) -> str:
    held = sheet.session
    hold(by, held, person)
    _must_not_be_posted(by, sheet, person)
    again = line.revision > 0 and line.person_id == person.id
    _take_back(by, sheet, line)
    stay = _scanned(by, held, person)
    if stay is not None and not _may_end(stay, left):
        _forget_line(line)
        return SCANNED
    if stay is None and came is None:
        raise Refusal("volunteers.sheet_no_came")
    line.person, line.came_at, line.left_at = person, came, left
    line.revision += 1
    by.session.flush()
    if came is not None and stay is None:
        _tick(by, sheet, line, person, "in", came)
    if left is not None:
        _tick(by, sheet, line, person, "out", left)
    audit.note(by, "volunteers.type_line", line, session=held.id, revision=line.revision)
    if again:
        _tell(by, sheet, line, person, "sheet_changed")
    return TAKEN if stay is None else ENDED


def _tick(
    by: Actor, sheet: SignInSheet, line: SheetLine, person: Person, way: attendance.Way, at: datetime
) -> None:
    nonce = _nonce(sheet, line, way)
    tick(by, sheet.session, person, way, nonce=nonce, occurred_at=at, seen="from_sheet")


def _nonce(sheet: SignInSheet, line: SheetLine, way: str) -> str:
    return f"sheet:{sheet.id}:{line.line}:{way}:{line.revision}"


def _forget_line(line: SheetLine) -> None:
    """Nothing of it counts any more, if anything did."""
    if line.came_at is not None or line.left_at is not None:
        line.revision += 1
    if not line.printed:
        line.person = None
    line.came_at = line.left_at = None


def _scanned(by: Actor, held: ActivitySession, person: Person) -> attendance.Attendance | None:
    """The last stay of somebody who scanned, or is on another sheet; this line's own scans are taken back by now."""
    found = [row for row in by.session.scalars(attendance.stays_in(held)) if row.person_id == person.id]
    return found[-1] if found else None


def _may_end(stay: attendance.Attendance, left: datetime | None) -> bool:
    """Who scanned in and wrote on the sheet when they left."""
    return left is not None and (stay.left_at is None or stay.auto_out) and left >= stay.came_at


def _take_back(by: Actor, sheet: SignInSheet, line: SheetLine) -> None:
    if line.revision == 0 or line.person is None:
        return
    for way in ("in", "out"):
        nonce = _nonce(sheet, line, way)
        scan = attendance.scan_of(by.session, line.person, nonce)
        if scan is not None and scan.voided_at is None:
            undoing.undo(by, sheet.session, line.person, undoing.Decision(nonce, "sheet"))


def _must_not_be_posted(by: Actor, sheet: SignInSheet, person: Person) -> None:
    if scan_undo.is_posted(by.session, sheet.session, person):
        raise Refusal("volunteers.hours_posted")


def _tell(by: Actor, sheet: SignInSheet, line: SheetLine, person: Person, key: str) -> None:
    held = sheet.session
    when = [one.isoformat() if one is not None else "" for one in (line.came_at, line.left_at)]
    outbox.put(
        by.session,
        to=person,
        kind=f"volunteers.{key}",
        once=f"volunteers.{key}:{line.id}:{line.revision}",
        facts={
            "activity": held.activity.title,
            "at": held.starts.isoformat(),
            "came": when[0],
            "left": when[1],
        },
        useful_until=clock.now() + undoing.TOLD_WITHIN,
    )
