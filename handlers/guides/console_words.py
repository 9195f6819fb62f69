"""By what cards are found, for the staff: what was asked in vain, street words, and a box to try a question."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from app import clock
from app.channels.console import Console, attempt, find, looking, staff
from app.channels.console_forms import ConsoleForm, words
from app.channels.lists import asked_page
from app.house import normal
from handlers.guides import actions
from handlers.guides.finding import Hit, is_sure, near, worth_asking
from models.guide_misses import KEPT, WEEK, Missed, missed
from models.guides import ANSWERING, GuideCard, GuideSynonym
from models.identity import Actor

WRITERS = ("desk", "approver")
SHOWN, TOP, GUESSES = 30, 10, 3
LIKELY = 25  # somebody looks at it: lower than what residents are asked back about
LONGEST_TRY = 40


class SynonymForm(ConsoleForm):
    word = words("街坊说", actions.LONGEST_WORD, hint="例如:尕娃")
    meant = words("就是", actions.LONGEST_WORD, hint="例如:孩子")


def enter(console: Console) -> None:
    """Put these pages into the console of guides."""
    console.add_url_rule("/guides/misses", view_func=misses)
    console.add_url_rule("/guides/misses/take-up", view_func=take_up, methods=["POST"])
    console.add_url_rule("/guides/misses/drop", view_func=drop, methods=["POST"])
    console.add_url_rule("/guides/synonyms", view_func=synonyms)
    console.add_url_rule("/guides/synonyms", "add_synonym", add_synonym, methods=["POST"])
    console.add_url_rule("/guides/synonyms/<int:number>/remove", view_func=remove_synonym, methods=["POST"])
    console.add_url_rule("/guides/try", view_func=try_out)


# ---- asked in vain ---------------------------------------------------------------------------------------------------


@staff(*WRITERS)
def misses() -> str:
    """The ten most frequent of this week, or all that is kept; beside each the cards that may have been meant."""
    every, page = request.args.get("which") == "all", asked_page()
    since, most = (None, SHOWN) if every else (clock.today() - WEEK, TOP)
    with looking() as by:
        rows = missed(by.session, since, most + 1, (page - 1) * most if every else 0)
        return render_template(
            "guides/console_misses.html",
            rows=[(row, _meant(by, row)) for row in rows[:most]],
            every=every,
            page=page,
            more=every and len(rows) > most,
            kept=KEPT.days,
            titles=_titles(by),
        )


def _meant(by: Actor, row: Missed) -> list[GuideCard]:
    """What was chosen when it was offered, then what is near."""
    found = [hit.card for hit in near(by.session, row.words, GUESSES) if hit.score >= LIKELY]
    chosen = by.session.get(GuideCard, row.chosen_id) if row.chosen_id else None
    cards = [*([chosen] if chosen is not None and chosen.answers else []), *found]
    return list(dict.fromkeys(cards))[:GUESSES]


def _titles(by: Actor) -> list[str]:
    found = select(GuideCard.title).where(GuideCard.state.in_(ANSWERING)).order_by(GuideCard.title)
    return list(by.session.scalars(found))


@staff(*WRITERS)
def take_up() -> Response:
    """One click: from now on these words ask for that card (by its number, or by its name typed in)."""
    asked = request.form.get("words", "")[:100]
    number, title = request.form.get("card", type=int), request.form.get("title", "").strip()

    def unit(by: Actor) -> None:
        actions.take_up_miss(by, actions.card_named(by, number, title), asked)

    attempt(unit, done=f"“{asked}”加上了,下次就能问到。")
    return _back()


@staff(*WRITERS)
def drop() -> Response:
    asked = request.form.get("words", "")[:100]
    attempt(lambda by: actions.drop_miss(by, asked), done="去掉了,不是问办事的。")
    return _back()


def _back() -> Response:
    return redirect(url_for("guides_console.misses", which=request.args.get("which")))


# ---- street words ----------------------------------------------------------------------------------------------------


@staff(*WRITERS)
def synonyms() -> str:
    return _synonyms(SynonymForm(formdata=None))


@staff(*WRITERS)
def add_synonym() -> Response | str:
    form = SynonymForm()
    told = form.word.data or "", form.meant.data or ""
    if form.validate_on_submit() and attempt(lambda by: actions.add_synonym(by, *told), form, "记下了。"):
        return redirect(url_for("guides_console.synonyms"))
    return _synonyms(form)


@staff(*WRITERS)
def remove_synonym(number: int) -> Response:
    attempt(lambda by: actions.remove_synonym(by, find(by, GuideSynonym, number)), done="去掉了。")
    return redirect(url_for("guides_console.synonyms"))


def _synonyms(form: SynonymForm) -> str:
    with looking() as by:
        rows = by.session.scalars(select(GuideSynonym).order_by(GuideSynonym.meant, GuideSynonym.id)).all()
        return render_template("guides/console_synonyms.html", form=form, rows=rows)


# ---- trying ----------------------------------------------------------------------------------------------------------


@staff(*WRITERS)
def try_out() -> str:
    """What a resident who typed this would see, with how near each card is. Nothing is kept of it."""
    typed = normal(request.args.get("q", "")[:LONGEST_TRY])
    with looking() as by:
        hits: list[Hit] = near(by.session, typed, GUESSES) if typed else []
        return render_template(
            "guides/console_try.html",
            typed=typed,
            hits=hits,
            sure=is_sure(hits),
            asks=bool(worth_asking(hits)),
        )
