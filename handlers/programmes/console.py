"""The twenty programmes, for the staff: what each says in the chat, its hours and contact, and which engines are on."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import HiddenField, IntegerField, ValidationError
from wtforms.validators import InputRequired, NumberRange

from app.channels import console_forms as forms
from app.channels.console import Console, attempt, current_site, find, looking, staff
from app.channels.console_forms import NEEDED, ConsoleForm, lines_of
from app.channels.console_login import signed_in
from app.understanding.numbers import number_in
from app.understanding.pasted import as_lines
from app.understanding.plain import read
from handlers.programmes import actions
from models.identity import Actor
from models.menus import current_version
from models.programmes import ENGINES, Programme, all_programmes, versions_of

HISTORY, MOST_WORDS, MOST_ALIASES, LONGEST_CARD = 20, 6, 30, 300

console = Console("programmes_console", __name__)


class ProgrammeForm(ConsoleForm):
    name = forms.words("名字", 20)
    sentence = forms.sentence("一句话说清", 120, rows=2, hint="是什么,给谁的。一句话,最好不超过40个字")
    hours = forms.words("什么时候", 60, needed=False, hint="比如:周一到周五 9:00–18:00")
    contact = forms.words("找谁问", 60, needed=False, hint="办公电话,不填就用社区的电话。不写个人手机")
    words = forms.sentence(
        "现在能办什么", 120, needed=False, rows=4, hint="居民说了就有回答的话,一行一个,会排成数字"
    )
    later = forms.words("还不能办的", 80, needed=False, hint="如实说,比如:借书以后开通,现在到文化站办。")
    aliases = forms.sentence("别的叫法", 400, needed=False, rows=4, hint="居民这样说也找得到它,一行一个")
    menu_place = forms.words("在菜单哪一行", 20, needed=False, list="menu-lines")
    position = IntegerField("排第几", [InputRequired(NEEDED), NumberRange(1, 99, "1到99。")])
    base = HiddenField()

    def cleaned(self) -> ProgrammeForm:
        for name in ("name", "sentence", "hours", "contact", "words", "later", "aliases", "menu_place"):
            self[name].data = as_lines(self[name].data or "")
        for name in ("name", "sentence", "hours", "contact", "later", "menu_place"):
            self[name].data = " ".join(self[name].data.split("\n"))
        return self

    def validate_words(self, field: Any) -> None:
        told = lines_of(field.data)
        if len(told) > MOST_WORDS:
            raise ValidationError(f"最多{MOST_WORDS}个,多了看不过来。")
        if silent := [word for word in told if not current_site().house.has_word(word)]:
            raise ValidationError(f"说“{silent[0]}”没有回答,请换一个。")

    def validate_aliases(self, field: Any) -> None:
        told = lines_of(field.data)
        if len(told) > MOST_ALIASES or any(not 2 <= len(name) <= 20 for name in told):
            raise ValidationError(f"最多{MOST_ALIASES}个,每个2到20个字。")

    def told(self) -> dict[str, Any]:
        """What the programme shall say; an empty line of the form is nothing."""
        lists = {name: list(dict.fromkeys(lines_of(self[name].data))) for name in ("words", "aliases")}
        lines = {name: self[name].data or None for name in ("hours", "contact", "later", "menu_place")}
        return (
            {"name": self.name.data, "sentence": self.sentence.data, "position": self.position.data}
            | lists
            | lines
        )


@console.get("/programmes")
@staff("desk", "approver")
def programmes() -> str:
    with looking() as by:
        rows = by.session.scalars(all_programmes()).all()
        return render_template("programmes/console_list.html", rows=rows, engines=ENGINES)


@console.route("/programmes/<int:number>", methods=["GET", "POST"])
@staff("desk", "approver")
def programme(number: int) -> Response | str:
    """The form with the card beside it; the approver's switches below. Only the desk saves texts."""
    with looking() as by:
        row = find(by, Programme, number)
        facts = row.told() | {"base": row.version}
        facts |= {name: "\n".join(facts[name]) for name in ("words", "aliases")}
    form = ProgrammeForm().cleaned() if request.method == "POST" else ProgrammeForm(data=facts)
    if request.method == "POST" and _saved(number, form):
        return redirect(url_for("programmes_console.programme", number=number))
    with looking() as by:
        return _page(by, find(by, Programme, number), form)


def _saved(number: int, form: ProgrammeForm) -> bool:
    if not signed_in().has("desk") or not form.validate_on_submit():
        return False
    base = number_in(form.base.data) or 0

    def unit(by: Actor) -> None:
        actions.describe(by, find(by, Programme, number), base=base, **form.told())

    return attempt(unit, form, "改好了,居民现在就能看到。") is not None


def _page(by: Actor, row: Programme, form: ProgrammeForm) -> str:
    if form.form_errors:
        form.base.data = row.version
    told = form.told() if request.method == "POST" else row.told()
    facts: dict[str, Any] = _shown(row, told) | {"row": row, "form": form, "engines": ENGINES}
    menu = current_version(by.session)
    lines = [line["name"] for column in menu.columns for line in column["lines"]] if menu else []
    facts |= {"lines": lines, "history": by.session.scalars(versions_of(row).limit(HISTORY)).all()}
    return render_template("programmes/console_programme.html", **facts)


@console.post("/programmes/<int:number>/look")
@staff("desk", "approver")
def look(number: int) -> str:
    """The card while somebody types."""
    with looking() as by:
        row = find(by, Programme, number)
        return render_template(
            "programmes/console_look.html", **_shown(row, ProgrammeForm().cleaned().told())
        )


def _shown(row: Programme, told: dict[str, Any]) -> dict[str, Any]:
    """What the chat answers to its name, with these texts and the engines as they are."""
    house = current_site().house
    if not row.listed:
        card = house.say_in("programmes", "private_programme", {})
    else:
        draft = Programme(**told | {"engines": row.engines, "engines_off": row.engines_off})
        known = [word for word in draft.offered if house.has_word(word)]
        number = {word: digit for digit, word in enumerate(known, 1)}
        card = house.say_in(
            "programmes", "programme", {"programme": SimpleNamespace(**told), "number": number}
        )
    told_words = f"{told['sentence'] or ''}\n{told['later'] or ''}"
    return {"card": card, "longest": LONGEST_CARD, "plainness": read(told_words.strip()), "row": row}


@console.post("/programmes/<int:number>/engines")
@staff("approver")
def engines(number: int) -> Response:
    on, base = request.form.getlist("on"), request.form.get("base", 0, type=int)

    def unit(by: Actor) -> None:
        actions.switch_engines(by, find(by, Programme, number), on, base=base)

    attempt(unit, done="改好了。关掉的功能,这个项目的介绍里不再提。")
    return redirect(url_for("programmes_console.programme", number=number))


@console.post("/programmes/<int:number>/bring-back")
@staff("desk")
def bring_back(number: int) -> Response:
    version = request.form.get("version", -1, type=int)
    attempt(lambda by: actions.bring_back(by, find(by, Programme, number), version), done="改回去了。")
    return redirect(url_for("programmes_console.programme", number=number))
