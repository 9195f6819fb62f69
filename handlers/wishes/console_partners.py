"""The desk beside a promise: words to be read before they go across, pictures of what was delivered, wishes that are
really cases, and the partner units that look at what nobody has promised."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, IntegerField, SelectMultipleField, widgets
from wtforms.validators import NumberRange

from app import audit
from app.channels.console import Card, Line, as_staff, attempt, find, looking, staff
from app.channels.console_forms import WhoseForm, choices, words
from app.channels.kept_files import shown_file
from handlers.people import actions as people
from handlers.wishes import actions
from handlers.wishes.console import SHOWN_TODAY, console
from models.base import count_rows
from models.identity import Actor, Person
from models.matters import KINDS
from models.refusal import Refusal
from models.wish_partners import MOST_OF_PARTNER, WishPartner, asks_for, load, partners, unclaimed
from models.wish_proofs import WishProof
from models.wish_words import WishWord, words_waiting
from models.wishes import CATEGORIES, Wish

NOBODY = "没有登记过这个号码。请先在“居民”里登记联系人。"


class PartnerForm(WhoseForm):
    """The unit, and whose phone it is that speaks for it."""

    name = words("单位名称", 40)
    categories = SelectMultipleField(
        "看哪几类心愿(不选就都看)",
        choices=choices({one: one for one in CATEGORIES}),
        option_widget=widgets.CheckboxInput(),
    )
    most = IntegerField("手上最多几个", [NumberRange(1, MOST_OF_PARTNER, "1到10个。")], default=3)
    active = BooleanField("还请他们看", default=True)


# ---- partner units -------------------------------------------------------------------------------------------------


@console.get("/wishes/partners")
@staff("desk", "approver")
def partner_list() -> str:
    with looking() as by:
        rows = [(one, load(by.session, one)) for one in by.session.scalars(partners())]
        waiting = [(one, list(by.session.scalars(asks_for(one)))) for one in by.session.scalars(unclaimed())]
        return render_template("wishes/console_partners.html", rows=rows, waiting=waiting)


@console.route("/wishes/partners/new", methods=["GET", "POST"])
@staff("desk", "approver")
def new_partner() -> Response | str:
    return _edit(None)


@console.route("/wishes/partners/<int:number>", methods=["GET", "POST"])
@staff("desk", "approver")
def partner(number: int) -> Response | str:
    return _edit(number)


def _edit(number: int | None) -> Response | str:
    """The phone first, then whose it is, then the unit is kept."""
    form = PartnerForm()
    found: dict[str, str] = {}
    if form.validate_on_submit():
        found = as_staff(lambda by: _persons(by, form.phone.data))
        asked_before = form.offer(found) and form.person.data in found
        if asked_before and attempt(lambda by: _keep(by, number, form), form, "记下了。"):
            return redirect(url_for("wishes_console.partner_list"))
        if not found:
            form.phone.errors = [*form.phone.errors, NOBODY]

    def unit(by: Actor) -> str:
        row = find(by, WishPartner, number) if number is not None else None
        if row is not None and not form.is_submitted():
            form.name.data, form.categories.data = row.name, row.categories
            form.most.data, form.active.data = row.most, row.active
        return render_template("wishes/console_partner.html", row=row, form=form, found=found)

    return as_staff(unit)


def _persons(by: Actor, phone: str) -> dict[str, str]:
    persons = people.find_by_phone(by, phone, purpose="wish")
    return {str(one.id): one.name or "没留姓名" for one in persons}


def _keep(by: Actor, number: int | None, form: PartnerForm) -> None:
    actions.keep_partner(
        by,
        find(by, WishPartner, number) if number is not None else None,
        name=form.name.data,
        person=find(by, Person, int(form.person.data)),
        categories=form.categories.data,
        most=form.most.data,
        active=form.active.data,
    )


# ---- words across --------------------------------------------------------------------------------------------------


@console.post("/wishes/words/<int:number>")
@staff("desk", "approver")
def read_word(number: int) -> Response:
    passes = request.form.get("answer") == "yes"
    step, done = (
        (actions.pass_word, "转过去了。") if passes else (actions.refuse_word, "没有转,告诉写的人了。")
    )
    wish: list[int] = []

    def unit(by: Actor) -> None:
        word = find(by, WishWord, number)
        wish[:] = [word.wish_id]
        step(by, word)

    attempt(unit, done=done)
    return redirect(url_for("wishes_console.wish", number=wish[0]))


@console.today("desk", "approver")
def words_to_read(by: Actor) -> Card:
    rows = by.session.scalars(words_waiting().limit(SHOWN_TODAY)).all()
    lines = [
        Line(f"心愿{one.wish.number}号", url_for("wishes_console.wish", number=one.wish_id), one.at)
        for one in rows
    ]
    address = lines[0].address if lines else url_for("wishes_console.wishes", which="claimed")
    return Card("要转的心愿留言", count_rows(by.session, words_waiting()), address, lines)


# ---- pictures ------------------------------------------------------------------------------------------------------


@console.get("/wishes/<int:number>/photos/<int:photo>")
@staff("desk", "approver")
def photo(number: int, photo: int) -> Response:
    """A picture of what was delivered; that it was looked at is written down."""

    def unit(by: Actor) -> Response:
        row, found = find(by, Wish, number), find(by, WishProof, photo)
        if found.claim.wish_id != row.id or found.file is None:
            abort(404)
        audit.note(by, "wishes.see_photo", row)
        return shown_file(found.file)

    return as_staff(unit)


# ---- a wish that is a case -----------------------------------------------------------------------------------------


@console.post("/wishes/<int:number>/matter")
@staff("desk")
def become_matter(number: int) -> Response:
    kind = request.form.get("kind", "")

    def unit(by: Actor) -> None:
        if kind not in KINDS:
            raise Refusal("matters.no_such_kind", kind=kind)
        actions.become_matter(by, find(by, Wish, number), kind)

    if attempt(unit):
        flash("转成“说事”了,有微信的本人会收到消息。心愿号留着。", "success")
    return redirect(url_for("wishes_console.wish", number=number))
