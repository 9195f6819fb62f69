"""What visitors do on their way because it opens doors: a card is opened, somebody sits down at a window, something is
closed that can be opened again. Each is done once, in good will, with what is said here; an empty one is as it is shown."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

from tests.fuzz.forms import filled
from tests.pages.visitors import Form
from tests.registers.offices import HEAD, line
from tests.registers.workbooks import workbook

Fields = dict[str, str | Callable[[], Any]]
REASON = "楼道灯坏了,请来看看"
ENDS = ("closes", "ends")


def _sheet() -> tuple[BytesIO, str]:
    return BytesIO(workbook([HEAD, line("冶生兰", "13900000091", "东府佳苑", "3号楼", "1单元")])), "居民.xlsx"


OPENERS: dict[str, Fields] = {
    # the console, in this order
    "people_console.resident": {},
    "people_console.tag": {},
    "people_console.tie": {},
    "people_console.write_fact": {"f-kind": "身份证号", "f-value": "11010519491231002X"},
    "people_console.report_death": {},
    "hall_console.sit": {},
    "hall_console.pause": {},
    "hall_console.go_on": {},
    "hall_console.call_next": {},
    "registers_console.sheets": {"file": _sheet, "pasted": ""},
    "registers_console.export": {"whole": "y"},
    "certificates_console.check": {},
    "certificates_console.paper": {},
    "certificates_console.ask_batch": {},
    "certificates_console.change_columns": {},
    "matters_console.join": {},
    "activities_console.call_off": {},
    "appointments_console.special_day": {"hours": "9:00-12:00"},
    "appointments_console.close_day": {},
    "appointments_console.mark": {},
    "broadcasts_console.begin": {},
    "broadcasts_console.write": {"send_at": "", "useful_until": ""},
    "broadcasts_console.people": {},
    "circle_console.away": {},
    "circle_console.decline": {},
    "desk_console.close": {},
    "desk_console.quick_retire": {},
    "guides_console.retire": {},
    "ledger_console.nod": {},
    "notices_console.withdraw": {},
    "notices_console.keep": {},
    "petitions_console.outcome": {},
    "petitions_console.promise": {},
    "ratings_console.switch_honours": {},
    "staff_console.new_account": {"grid": "", "login": "xinlai"},
    "staff_console.deactivate": {},
    "volunteers_console.tick": {},
    "volunteers_console.offline_link": {},
    "volunteers_console.issue_sheet": {},
    # residents' pages
    "activities_pages.join": {},
    "appointments_pages.book": {},
    "appointments_pages.cancel": {},
    "circle_pages.order": {},
    "circle_pages.accept_work": {},
    "circle_pages.set_out": {},
    "circle_pages.finish_work": {},
    "circle_pages.take_days": {"first": "2026-12-01", "last": "2026-12-01"},
    "forms_pages.begin": {},
    "hall_pages.take": {},
    "hours_pages.say_wrong": {},
    "ledger_pages.promise": {},
    "ledger_pages.take_gift_offered": {},
    "petitions_pages.take_in": {},
    "teams_pages.look_for_cover": {},
    "volunteers_pages.offline_make": {},
    "wishes_pages.claim": {},
}


def well_meant(form: Form, said: Fields) -> dict[str, Any]:
    """All that is shown, a reason wherever words are wanted, and a time that ends after it began."""
    fields = filled(form, 0)
    for name, kind in form.kinds.items():
        if (
            kind in ("text", "textarea")
            and not (form.values.get(name) or "").strip()
            and not form.choices.get(name)
        ):
            fields[name] = REASON
        elif kind == "time" and name in ENDS:
            fields[name] = "18:00"
    return fields | {name: value() if callable(value) else value for name, value in said.items()}
