"""The form in which a notice is written: looked at while typing, kept every few seconds, saved as a version."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, HiddenField, SelectField, SelectMultipleField, ValidationError
from wtforms.widgets import CheckboxInput

from app import clock
from app.channels.console import Console, as_staff, attempt, find, looking, staff
from app.channels.console_forms import ConsoleForm, choices, day, lines_of, sentence, words
from app.channels.console_login import signed_in
from app.channels.console_words import hour_words
from app.understanding.numbers import number_in
from app.understanding.pasted import JOINERS, as_lines
from handlers.notices import actions, reading, reviewing
from handlers.notices.checking import checks_of
from handlers.notices.console_shown import known, look_of, offices
from handlers.notices.parts import (
    LONGEST_ARTICLE_TITLE,
    LONGEST_NAME,
    LONGEST_SECOND,
    LONGEST_SUMMARY,
    LONGEST_TITLE,
)
from models.identity import Actor
from models.notices import CATEGORIES, LANGUAGES, Notice, NoticeVersion, kept_by, newest

MOST_THINGS = 8
CLEANED = ("title", "summary", "bring", "body", "source", "source_number", "article_title")
SECOND = ("language", "other", "text", "written_by", "checked_by")
CHECK_NAMES = {
    "dates": "日期",
    "names": "姓名和职务",
    "slips": "像错别字的",
    "links": "网址",
    "second": "译文",
}
DONE = "存好了。请看看居民收到的样子。"


class NoticeForm(ConsoleForm):
    title = words("标题", LONGEST_TITLE, hint="说清是什么事,给谁的")
    summary = sentence(
        "给居民看的话",
        LONGEST_SUMMARY,
        rows=8,
        hint="一句一行,先说要做什么,再说为什么。可以从 Word 里粘过来,格式会去掉,条目会留着。",
    )
    bring = sentence("要带什么", 400, needed=False, rows=4, hint="一行一样")
    category = SelectField("类别", choices=choices({name: name for name in CATEGORIES}))
    source = words("来源", 60, hint="哪个单位发的")
    source_number = words("文号", 60, needed=False)
    valid_from = day("从哪天开始")
    valid_until = day("到哪天为止", needed=False, hint="过了这天自己就不再回答;不填就一直有效")
    body = sentence("原文", 20_000, needed=False, rows=4, hint="照原样放着备查,网页上看得到,不发到聊天里")
    article_title = words(
        "文章标题", LONGEST_ARTICLE_TITLE, needed=False, hint="发成文章用;上面的标题超过32个字才要填"
    )
    second_language = SelectField(
        "哪种文字", choices=choices({"": "不用", **{name: name for name in LANGUAGES}}), default=""
    )
    second_other = words("是什么文字", LONGEST_NAME, needed=False, hint="选了“其他”才填")
    second_text = sentence("译文", LONGEST_SECOND, needed=False, rows=5, hint="由懂的人写,不用机器译")
    second_written_by = words("谁写的", LONGEST_NAME, needed=False)
    second_checked_by = words("谁核对过", LONGEST_NAME, needed=False, hint="另一个懂的人")
    second_still = BooleanField("汉字改过,译文又对过一遍,还对得上")
    as_written = BooleanField("必须这样写(大白话分不到80也发)")
    ticked = SelectMultipleField(
        "提醒的这几样,真要这样写", choices=choices(CHECK_NAMES), option_widget=CheckboxInput()
    )
    base = HiddenField()

    def validate_bring(self, field: Any) -> None:
        if len(lines_of(field.data)) > MOST_THINGS:
            raise ValidationError(f"最多{MOST_THINGS}样,多了记不住。")

    def cleaned(self) -> NoticeForm:
        """What was pasted becomes plain lines before it is checked."""
        for name in CLEANED:
            self[name].data = as_lines(self[name].data or "")
        self.second_text.data = as_lines(self.second_text.data or "", keeps=JOINERS)
        for name in ("title", "source", "source_number", "article_title"):
            self[name].data = " ".join(self[name].data.split("\n"))
        return self

    def parts(self) -> dict[str, Any]:
        told = {name: self[name].data or "" for name in CLEANED}
        told |= {"category": self.category.data, "bring": lines_of(self.bring.data), "second": self.second()}
        return told | {"valid_from": self.valid_from.data, "valid_until": self.valid_until.data}

    def second(self) -> dict[str, Any] | None:
        """The block in another language; without a language there is none."""
        told = {name: self[f"second_{name}"].data or "" for name in SECOND}
        other = told.pop("other")
        if not told["language"]:
            return None
        told["language"] = other if told["language"] == LANGUAGES[-1] else told["language"]
        return told | {"still": self.second_still.data}


def enter(console: Console) -> None:
    """Put these pages into the console of notices."""
    both = ["GET", "POST"]
    console.add_url_rule("/notices/new", view_func=write, methods=both)
    console.add_url_rule("/notices/<int:number>/edit", view_func=edit, methods=both)
    console.add_url_rule("/notices/look", view_func=look, methods=["POST"])
    console.add_url_rule("/notices/keep/<int:number>", view_func=keep, methods=["POST"])
    console.add_url_rule("/notices/throw-away/<int:number>", view_func=throw_away, methods=["POST"])


@staff("desk")
def write() -> Response | str:
    form = _form(0, {})

    def unit(by: Actor) -> Notice:
        stands = {"as_written": form.as_written.data, "ticked": form.ticked.data or ()}
        made = actions.draft(by, **stands, **form.parts())
        actions.forget_kept(by, 0)
        return made

    if form.validate_on_submit() and (made := attempt(unit, form, DONE)):
        return redirect(url_for("notices_console.notice", number=made.it.id))
    return _page(form, 0)


@staff("desk", "approver")
def edit(number: int) -> Response | str:
    """Whoever changes it makes a version; what is published goes on answering until the version is published too."""
    with looking() as by:
        row = find(by, Notice, number)
        last = newest(by.session, row)
        newest_number = last.number
        facts = _facts(last)
    form = _form(number, facts)

    def unit(by: Actor) -> None:
        base = number_in(form.base.data)
        stands = {"as_written": form.as_written.data, "ticked": form.ticked.data or ()}
        actions.edit(by, find(by, Notice, number), base=base, **stands, **form.parts())
        actions.forget_kept(by, number)

    if form.validate_on_submit() and attempt(unit, form, DONE):
        return redirect(url_for("notices_console.notice", number=number))
    if form.form_errors:
        form.base.data = (
            newest_number  # it was said that somebody else has saved: the next time is on purpose
        )
    return _page(form, number)


def _facts(last: NoticeVersion) -> dict[str, Any]:
    """The newest version as the form shows it."""
    facts = last.parts | {"as_written": last.as_written, "ticked": last.ticked, "base": last.number}
    block = facts.pop("second") or {}
    known = block.get("language", "") in ("", *LANGUAGES)
    facts |= {f"second_{name}": block.get(name, "") for name in SECOND}
    if not known:
        facts |= {"second_language": LANGUAGES[-1], "second_other": block["language"]}
    return facts | {"bring": "\n".join(facts["bring"])}


def _form(about: int, facts: dict[str, Any]) -> NoticeForm:
    """What was sent; on opening what was kept while writing, otherwise the newest version."""
    if request.method == "POST":
        return NoticeForm().cleaned()
    with looking() as by:
        kept = kept_by(by.session, signed_in().staff_id, about)
        if kept is None:
            return NoticeForm(data=facts)
        at, typed = hour_words(kept.kept_at), _typed(kept.fields)
    flash(f"这是您{at}没存完的,自动留着。不要了,按页面下面的“扔掉没存的”。", "warning")
    return NoticeForm(data=facts | typed)


def _typed(fields: dict[str, str]) -> dict[str, Any]:
    """Kept fields as a form takes them."""
    days = {name: _day(fields.get(name, "")) for name in ("valid_from", "valid_until")}
    boxes = {name: fields.get(name) == "y" for name in ("as_written", "second_still")}
    return fields | days | boxes | {"ticked": fields.get("ticked", "").split()}


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None


def _page(form: NoticeForm, about: int) -> str:
    with looking() as by:
        facts: dict[str, Any] = _looked(by, form) | {"form": form, "about": about}
        facts["kept"] = kept_by(by.session, signed_in().staff_id, about) is not None
        facts["row"] = find(by, Notice, about) if about else None
        return render_template("notices/console_write.html", **facts)


# ---- while typing ----------------------------------------------------------------------------------------------------


@staff("desk", "approver")
def look() -> str:
    """How it would look and read now; asked for when the typing pauses. Nothing is written."""
    with looking() as by:
        return render_template("notices/console_look.html", **_looked(by, NoticeForm().cleaned()))


def _looked(by: Actor, form: NoticeForm) -> dict[str, Any]:
    parts = form.parts()
    if not parts["title"] and not parts["summary"]:
        return {"card": "", "personal": [], "checks": []}
    parts["valid_from"] = parts["valid_from"] or clock.today()
    told = "\n".join((parts["title"], parts["summary"], *parts["bring"], parts["source"], parts["body"]))
    checks = checks_of(parts, known(by))
    facts = {"personal": reading.personal_in(told, offices(by)), "checks": checks}
    return look_of(parts) | facts | {"ticked": form.ticked.data or ()}


@staff("desk", "approver")
def keep(number: int) -> str:
    """Kept while writing: what a closed window would lose. A new notice has the number 0."""
    second = (f"second_{name}" for name in (*SECOND, "still"))
    names = (*CLEANED, "category", "valid_from", "valid_until", "as_written", "base", *second)
    fields = {name: request.form[name] for name in names if name in request.form}
    fields["ticked"] = " ".join(request.form.getlist("ticked"))
    kept = as_staff(lambda by: reviewing.keep(by, number, fields))
    return f"{hour_words(clock.now())} 自动留了一份" if kept else "太长了,没有自动留。请按“存好”。"


@staff("desk", "approver")
def throw_away(number: int) -> Response:
    attempt(lambda by: actions.forget_kept(by, number), done="没存的扔掉了。")
    if number:
        return redirect(url_for("notices_console.notice", number=number))
    return redirect(url_for("notices_console.notices"))
