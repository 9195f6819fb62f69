"""The lists that every notice is compared with: leaders' names with their titles, and the office's own slips."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.channels.console import Console, attempt, find, looking, staff
from app.channels.console_forms import ConsoleForm, words
from app.understanding.plain import grave_slips
from app.understanding.plain import slips as common_slips
from handlers.notices import knowing
from models.titles import (
    LONGEST_NAME,
    LONGEST_SLIP,
    LONGEST_TITLE,
    KnownSlip,
    KnownTitle,
    listed_slips,
    listed_titles,
)

WHO = ("desk", "approver")


class TitleForm(ConsoleForm):
    name = words("姓名", LONGEST_NAME)
    title = words("职务", LONGEST_TITLE, hint="写全,例如“社区党委书记”")


class SlipForm(ConsoleForm):
    wrong = words("错的", LONGEST_SLIP)
    meant = words("对的", LONGEST_SLIP)


def enter(console: Console) -> None:
    """Put these pages into the console of notices."""
    console.add_url_rule("/notices/known", view_func=known)
    console.add_url_rule("/notices/known/titles", view_func=add_title, methods=["POST"])
    console.add_url_rule("/notices/known/slips", view_func=add_slip, methods=["POST"])
    console.add_url_rule("/notices/known/titles/<int:number>", view_func=remove_title, methods=["POST"])
    console.add_url_rule("/notices/known/slips/<int:number>", view_func=remove_slip, methods=["POST"])


@staff(*WHO)
def known() -> str:
    return _page(TitleForm(formdata=None), SlipForm(formdata=None))


@staff(*WHO)
def add_title() -> Response | str:
    form = TitleForm()
    told = form.name.data or "", form.title.data or ""
    if form.validate_on_submit() and attempt(lambda by: knowing.add_title(by, *told), form, "记下了。"):
        return _back()
    return _page(form, SlipForm(formdata=None))


@staff(*WHO)
def add_slip() -> Response | str:
    form = SlipForm()
    told = form.wrong.data or "", form.meant.data or ""
    if form.validate_on_submit() and attempt(lambda by: knowing.add_slip(by, *told), form, "记下了。"):
        return _back()
    return _page(TitleForm(formdata=None), form)


@staff(*WHO)
def remove_title(number: int) -> Response:
    attempt(lambda by: knowing.remove(by, find(by, KnownTitle, number)), done="去掉了。")
    return _back()


@staff(*WHO)
def remove_slip(number: int) -> Response:
    attempt(lambda by: knowing.remove(by, find(by, KnownSlip, number)), done="去掉了。")
    return _back()


def _page(title_form: TitleForm, slip_form: SlipForm) -> str:
    with looking() as by:
        facts = {
            "people": by.session.scalars(listed_titles()).all(),
            "slips": by.session.scalars(listed_slips()).all(),
            "common": len(common_slips()) + len(grave_slips()),
        }
        return render_template(
            "notices/console_known.html", title_form=title_form, slip_form=slip_form, **facts
        )


def _back() -> Response:
    return redirect(url_for("notices_console.known"))
