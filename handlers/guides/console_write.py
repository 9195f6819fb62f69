"""The form in which a card is written, with the resident's phone and the 大白话分 beside it."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms import HiddenField, SelectField, ValidationError

from app.channels.console import Console, attempt, find, looking, staff
from app.channels.console_forms import ConsoleForm, choices, lines_of, sentence, words
from app.understanding.numbers import number_in
from handlers.guides import actions
from handlers.guides.actions import LONGEST, MOST_THINGS
from handlers.guides.console_look import look_of
from models.guides import PARTS, TOPICS, GuideCard, content_of, newest
from models.identity import Actor
from models.plans import Service

WRITERS = ("desk", "approver")
DONE = "存好了。请另一位同事核对,核对以后居民才看得到。"


class CardForm(ConsoleForm):
    title = words("名称", LONGEST["title"], hint="居民平常怎么叫,就怎么写")
    topic = SelectField("哪一类", choices=choices({name: name for name in TOPICS}))
    terms = words("词怎么讲", LONGEST["terms"], needed=False, hint="例如:低保就是最低生活保障")
    who = sentence("能不能办", LONGEST["who"], rows=3, hint="谁能办、有什么条件,一句一个意思")
    bring = sentence("要带什么", 400, needed=False, rows=5, hint="一行一样;不用带就空着")
    hours = words("时间", LONGEST["hours"], needed=False)
    place = words("在哪", LONGEST["place"], needed=False)
    takes = words("多久", LONGEST["takes"], needed=False)
    phone = words("电话", LONGEST["phone"], needed=False, hint="不填就是社区电话")
    service = SelectField("能预约什么", choices=[], validate_choice=False)
    source = words("依据", LONGEST["source"], hint="哪个文件、哪个单位说的")
    owner = words("谁负责", LONGEST["owner"], hint="岗位,例如:民政岗")
    base = HiddenField()

    def validate_bring(self, field: Any) -> None:
        if len(lines_of(field.data)) > MOST_THINGS:
            raise ValidationError(f"最多{MOST_THINGS}样,多了记不住。")

    def parts(self) -> dict[str, Any]:
        told = {name: self[name].data or "" for name in PARTS}
        return told | {"bring": lines_of(self.bring.data), "service": self.service.data or None}


def enter(console: Console) -> None:
    """Put these pages into the console of guides."""
    both = ["GET", "POST"]
    console.add_url_rule("/guides/new", view_func=write, methods=both)
    console.add_url_rule("/guides/<int:number>/edit", view_func=edit, methods=both)
    console.add_url_rule("/guides/look", view_func=look, methods=["POST"])


@staff(*WRITERS)
def write() -> Response | str:
    form = CardForm()
    if form.validate_on_submit() and (
        made := attempt(lambda by: actions.draft(by, form.parts()), form, DONE)
    ):
        return redirect(url_for("guides_console.guide", number=made.it.id))
    return _page(form, None)


@staff(*WRITERS)
def edit(number: int) -> Response | str:
    """Residents go on reading the old words until somebody else has confirmed the new ones."""
    with looking() as by:
        last = newest(by.session, find(by, GuideCard, number))
        newest_number = last.number
        facts = last.content | {"bring": "\n".join(last.content["bring"]), "base": newest_number}
    form = CardForm() if request.method == "POST" else CardForm(data=facts)

    def unit(by: Actor) -> None:
        base = number_in(form.base.data)
        actions.edit(by, find(by, GuideCard, number), form.parts(), base)

    if form.validate_on_submit() and attempt(unit, form, DONE):
        return redirect(url_for("guides_console.guide", number=number))
    if form.form_errors:
        form.base.data = (
            newest_number  # it was said that somebody else has saved: the next time is on purpose
        )
    return _page(form, number)


def _page(form: CardForm, number: int | None) -> str:
    with looking() as by:
        names = list(by.session.scalars(select(Service.name).order_by(Service.position, Service.id)))
        form.service.choices = choices({"": "不用预约", **{name: name for name in names}})
        row = find(by, GuideCard, number) if number else None
        return render_template("guides/console_write.html", form=form, row=row, **_looked(form, row))


@staff(*WRITERS)
def look() -> str:
    """How it would look and read now; asked for when the typing pauses. Nothing is written."""
    return render_template("guides/console_look.html", **_looked(CardForm(), None))


def _looked(form: CardForm, row: GuideCard | None) -> dict[str, Any]:
    parts = content_of(form.parts())
    if not parts["title"] and not parts["who"]:
        return {"card": ""}
    return look_of(row, parts, parts["service"] is not None)
