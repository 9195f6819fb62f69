"""上报: what the national system has not heard yet, a batch of it as a file, and which columns the file has."""

from __future__ import annotations

import re
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import SelectField

from app.channels.console import Card, Line, attempt, find, looking, staff
from app.channels.console_forms import ConsoleForm, choices
from app.channels.console_login import signed_in
from handlers.certificates import national
from handlers.certificates.console import DESK, LOOKERS, console
from handlers.certificates.national_fields import (
    DAY_FORMS,
    FIELDS,
    SAME,
    TITLES,
    Template,
    covered_cells,
    mapping_of,
)
from models import certificate_export as model
from models.certificate_export import ENTITIES, NationalBatch, NationalMapping
from models.identity import Actor
from models.registers import MOST_ALONE

SHOWN, SHOWN_TODAY, PREVIEWED, SPARE = 20, 5, 8, 2
PLACE = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3})?")
WHICH = {"changes": "只报变化(新的、改过的、撤掉的)", "all": "全部再报一遍"}
FORMS = {"xlsx": "Excel 表格(xlsx)", "csv": "纯文本表格(csv)"}
STATES = {"waiting": ("等第二个人同意", "wait"), "agreed": ("可以做", "calm")}
STATES |= {"refused": ("没有同意", "bad"), "made": ("做好了", "good")}


class BatchForm(ConsoleForm):
    entity = SelectField("报什么", choices=choices(TITLES))
    which = SelectField("报哪些", choices=choices(WHICH))
    form = SelectField("做成", choices=choices(FORMS))


@console.get("/certificates/national", endpoint="national")
@staff(*LOOKERS)
def batches() -> str:
    return _page(BatchForm(formdata=None))


def _page(form: BatchForm) -> str:
    me = signed_in()
    with looking() as by:
        session = by.session
        rows = session.scalars(model.batches().limit(SHOWN)).all()
        facts: dict[str, Any] = {"form": form, "rows": rows, "titles": TITLES, "states": STATES}
        waiting = session.scalars(model.waiting_batches()).all()
        facts["others"] = [one for one in waiting if one.staff_id != me.staff_id]
        facts["counts"] = {entity: national.shown(session, entity) for entity in ENTITIES}
        return render_template("certificates/console_national.html", most=MOST_ALONE, **facts)


@console.post("/certificates/national")
@staff(*DESK, fresh=True)
def ask_batch() -> Response | str:
    """A small one begins at once; a large one waits for somebody else."""
    form = BatchForm()

    def unit(by: Actor) -> int | None:
        only_changes = form.which.data == "changes"
        batch = national.ask(by, form.entity.data, only_changes=only_changes, form=form.form.data)
        by.session.flush()
        return national.ask_to_make(by, batch) if batch.may_be_made else None

    if not (form.validate_on_submit() and (asked := attempt(unit, form))):
        return _page(form)
    if asked.it:
        return redirect(url_for("console.show", number=asked.it))
    return redirect(url_for("certificates_console.national"))


@console.post("/certificates/national/<int:number>/make")
@staff(*DESK, fresh=True)
def make_batch(number: int) -> Response:
    if made := attempt(lambda by: national.ask_to_make(by, find(by, NationalBatch, number))):
        return redirect(url_for("console.show", number=made.it))
    return redirect(url_for("certificates_console.national"))


@console.post("/certificates/national/<int:number>/<any(agree, refuse):answer>")
@staff(*LOOKERS)
def decide_batch(number: int, answer: str) -> Response:
    yes = answer == "agree"
    done = "同意了。要的人24小时内可以做。" if yes else "没有同意,要的人看得到。"
    attempt(lambda by: national.decide(by, find(by, NationalBatch, number), yes=yes), done=done)
    return redirect(url_for("certificates_console.national"))


# ---- which columns ---------------------------------------------------------------------------------------------------


@console.get("/certificates/national/columns/<any(volunteers, hours):entity>")
@staff(*LOOKERS)
def columns(entity: str) -> str:
    with looking() as by:
        return _columns(by, entity, mapping_of(by.session, entity))


def _columns(by: Actor, entity: str, mapping: Template, why: str = "") -> str:
    """With the newest records below, as the file would hold them; numbers and names covered."""
    rows = [
        (covered_cells(mapping, cells), one.mark.batch_id if one.mark else 0, one.change == SAME)
        for one, cells in national.first_rows(by.session, entity, mapping, PREVIEWED)
    ]
    facts: dict[str, Any] = {"entity": entity, "titles": TITLES, "mapping": mapping, "rows": rows, "why": why}
    facts |= {"fields": {field: label for field, (label, _) in FIELDS[entity].items()}, "spare": SPARE}
    facts |= {"day_forms": DAY_FORMS, "is_own": by.session.get(NationalMapping, entity) is not None}
    return render_template("certificates/console_columns.html", **facts)


@console.post("/certificates/national/columns/<any(volunteers, hours):entity>")
@staff(*DESK)
def change_columns(entity: str) -> Response | str:
    """ "看看样子" shows what the file would hold and keeps nothing; "记下" keeps it."""
    mapping = Template(tuple(_typed()), request.form.get("day_form", ""))
    if any(field not in FIELDS[entity] for _, field in mapping.columns) or mapping.day_form not in DAY_FORMS:
        abort(400)
    if request.form.get("look"):
        with looking() as by:
            return _columns(by, entity, mapping)
    if attempt(
        lambda by: national.change_mapping(by, entity, mapping.columns, mapping.day_form),
        done="记下了,以后的文件照这个写。",
    ):
        return redirect(url_for("certificates_console.columns", entity=entity))
    with looking() as by:
        return _columns(by, entity, mapping)


def _typed() -> list[tuple[str, str]]:
    """Columns with a head, in the order of the numbers that stand before them."""
    told = request.form
    rows = zip(told.getlist("place"), told.getlist("head"), told.getlist("field"), strict=False)
    placed = [
        (float(place) if PLACE.fullmatch(place) else 99.0, " ".join(head.split()), field)
        for place, head, field in rows
    ]
    return [(head, field) for _, head, field in sorted(placed, key=lambda one: one[0]) if head]


@console.post("/certificates/national/columns/<any(volunteers, hours):entity>/reset")
@staff(*DESK)
def reset_columns(entity: str) -> Response:
    attempt(lambda by: national.reset_mapping(by, entity), done="用回原来的列。")
    return redirect(url_for("certificates_console.columns", entity=entity))


# ---- 今天 ------------------------------------------------------------------------------------------------------------


@console.today(*LOOKERS)
def batches_to_agree(by: Actor) -> Card:
    me = by.staff.id if by.staff else 0
    rows = [one for one in by.session.scalars(model.waiting_batches()) if one.staff_id != me]
    address = url_for("certificates_console.national")
    lines = [
        Line(f"{one.staff.name}要报{TITLES[one.entity]},{one.rows}行", address, one.asked_at)
        for one in rows[:SHOWN_TODAY]
    ]
    return Card("等您同意的上报", len(rows), address, lines, nothing="没有等着同意的上报。")
