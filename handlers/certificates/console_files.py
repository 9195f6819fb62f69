"""The volunteer's file at the console: opened by a POST that says for what, completed, the identity number apart."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import IntegerField, SelectField, SelectMultipleField
from wtforms.validators import NumberRange, Optional
from wtforms.widgets import CheckboxInput

from app import clock
from app.channels.console import as_staff, attempt, find, staff
from app.channels.console_forms import ConsoleForm, WhoseForm, choices, day, words
from handlers.certificates import files
from handlers.certificates.console import DESK, console
from handlers.certificates.sentences import ENTRY_WORDS
from handlers.people import actions as people
from models.activities_papers import papers_of
from models.certificate_lists import certificates_of
from models.hours import minutes_by_state
from models.identity import Actor, Person
from models.people import live_consent
from models.proxies import live_proxies
from models.sight import sees
from models.volunteer_file import ID_TYPES, SERVICE_TYPES, VolunteerEntry, entries_of, needs_guardian


class FileForm(ConsoleForm):
    skills = words("会什么", files.LONGEST_SKILLS, needed=False, hint="比如:理发、会藏语、会修水电")
    service_types = SelectMultipleField(
        "愿意做哪些", choices=choices({one: one for one in SERVICE_TYPES}), option_widget=CheckboxInput()
    )
    area = words("服务区域", files.LONGEST_AREA, needed=False)
    born = day("出生日期", needed=False, hint="没有身份证号、又可能不满18岁的才填", default=None)


class IdForm(ConsoleForm):
    kind = SelectField("证件类型", choices=choices({one: one for one in ID_TYPES}))
    number = words("证件号码", 24, autocomplete="off")
    paper = words("签字的同意书放在哪", 60, needed=False, hint="本人以前同意过的可以不填")


class EntryForm(ConsoleForm):
    kind = SelectField("哪一类", choices=choices(ENTRY_WORDS))
    text = words("内容", files.LONGEST_ENTRY)
    on = day("哪一天")
    given_by = words("哪个单位", files.LONGEST_GIVER, needed=False)
    hours = IntegerField("培训几小时", [Optional(), NumberRange(1, 500, message="请填1到500之间的数。")])


class FindForm(WhoseForm):
    pass


@console.route("/certificates/files", methods=["GET", "POST"])
@staff(*DESK)
def find_file() -> Response | str:
    """Whose file: the phone first, then who of those with it."""
    form, found = FindForm(), {}
    if form.validate_on_submit():
        found = as_staff(lambda by: _found(by, form.phone.data))
        if form.offer(found) and form.person.data in found:
            return redirect(url_for("certificates_console.volunteer", number=form.person.data), 307)
    return render_template("certificates/console_find.html", form=form, found=found)


def _found(by: Actor, phone: str) -> dict[str, str]:
    return {str(one.id): one.name or "" for one in people.find_by_phone(by, phone, purpose="certificate")}


@console.post("/certificates/files/<int:number>")
@staff(*DESK)
def volunteer(number: int) -> str:
    """A POST, so that no link or reload looks at somebody by itself."""
    return _show(number)


def _show(number: int, **forms: ConsoleForm) -> str:
    def unit(by: Actor) -> str:
        person = _seen(by, number)
        people.view(by, person)
        kept = files.open_file(by, person)
        session = by.session
        filled = FileForm(formdata=None)
        filled.skills.data, filled.area.data = kept.skills, kept.area
        filled.service_types.data = kept.service_types
        filled.born.data = kept.birthday if kept.born else None
        facts: dict[str, Any] = {"person": person, "kept": kept, "kinds": ENTRY_WORDS, "today": clock.today()}
        facts |= {
            "entries": session.scalars(entries_of(person)).all(),
            "papers": session.scalars(papers_of(person)).all(),
        }
        facts |= {
            "minutes": minutes_by_state(session, person),
            "proofs": session.scalars(certificates_of(person)).all(),
        }
        facts["guardians"] = [
            one.holder
            for one in session.scalars(live_proxies(person))
            if one.kind == "guardian" and one.ward_id == person.id
        ]
        facts["needs_guardian"] = needs_guardian(session, person)
        facts["agreed"] = live_consent(session, person, "id_number") is not None
        made: dict[str, ConsoleForm] = {
            "file": filled,
            "paper": IdForm(formdata=None),
            "entry": EntryForm(formdata=None),
        }
        return render_template("certificates/console_file.html", **facts, **(made | forms))

    return as_staff(unit)


def _seen(by: Actor, number: int) -> Person:
    person = find(by, Person, number)
    if by.staff is None or person.erased_at is not None or not sees(by.session, by.staff, person):
        abort(404)
    return person


@console.post("/certificates/files/<int:number>/complete")
@staff(*DESK)
def complete(number: int) -> str:
    form = FileForm()
    if form.validate() and attempt(
        lambda by: files.complete(
            by,
            _seen(by, number),
            skills=form.skills.data or "",
            service_types=form.service_types.data or (),
            area=form.area.data or "",
            born=form.born.data,
        ),
        form,
        "记下了。",
    ):
        return _show(number)
    return _show(number, file=form)


@console.post("/certificates/files/<int:number>/id-number")
@staff(*DESK)
def id_number(number: int) -> str:
    form = IdForm()
    if form.validate() and attempt(
        lambda by: files.write_id_number(
            by, _seen(by, number), form.kind.data, form.number.data, paper=form.paper.data or ""
        ),
        form,
        "记下了,平时遮着。",
    ):
        return _show(number)
    form.number.data = ""
    return _show(number, paper=form)


@console.post("/certificates/files/<int:number>/open-id")
@staff(*DESK, fresh=True)
def open_id(number: int) -> str:
    """The whole number on a page of its own, after a reason; its holder sees that it was opened."""
    reason = request.form.get("reason", "")
    shown = attempt(lambda by: files.open_id_number(by, _seen(by, number), reason))
    if shown is None:
        return _show(number)
    value = shown.it

    def unit(by: Actor) -> str:
        person = _seen(by, number)
        kept = files.open_file(by, person)
        facts: dict[str, Any] = {"person": person, "kind": kept.id_type, "value": value}
        return render_template("certificates/console_id.html", today=clock.today(), **facts)

    return as_staff(unit)


@console.post("/certificates/files/<int:number>/remove-id")
@staff(*DESK)
def remove_id(number: int) -> str:
    attempt(lambda by: files.remove_id_number(by, _seen(by, number)), done="证件号码删掉了。")
    return _show(number)


@console.post("/certificates/files/<int:number>/entry")
@staff(*DESK)
def entry(number: int) -> str:
    form = EntryForm()
    if form.validate() and attempt(
        lambda by: files.add_entry(
            by,
            _seen(by, number),
            form.kind.data,
            form.text.data,
            day=form.on.data,
            given_by=form.given_by.data or "",
            minutes=form.hours.data * 60 if form.hours.data else None,
        ),
        form,
        "记下了。",
    ):
        return _show(number)
    return _show(number, entry=form)


@console.post("/certificates/files/<int:number>/entry/<int:line>/drop")
@staff(*DESK)
def drop_entry(number: int, line: int) -> str:
    def unit(by: Actor) -> None:
        person, row = _seen(by, number), find(by, VolunteerEntry, line)
        if row.person_id != person.id:
            abort(404)
        files.drop_entry(by, row)

    attempt(unit, done="拿掉了。")
    return _show(number)
