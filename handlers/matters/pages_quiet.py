"""Telling of wrongdoing without a name, as pages: open to everybody, since nobody is asked who they are. The number and
the code are shown once; with both of them the answer is read and a word is added.

Nothing of it goes through the forms that remember who sent them (app/channels/page_forms.py).
"""

from __future__ import annotations

from flask import render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.channels.page_cries import answer_to_cry
from app.channels.page_forms import once_key, refusal_words
from app.channels.page_login import current_site
from app.channels.pages import for_everybody, not_too_often
from app.understanding.numbers import plain
from handlers.matters import guarded
from handlers.matters.pages import pages
from models.identity import Actor
from models.receipts import receipt_in
from models.refusal import Refusal

MOST_AT_ONCE, A_WHILE = 30, 600  # forms of one address, seconds
MOST_OF_ONE = 10  # looks for one number, from everywhere: six digits are not to be tried out
STATES = {"received": "收到了", "working": "正在核实", "done": "有结果了"}


@pages.route("/matters/quiet", methods=["GET", "POST"])
@for_everybody
def quiet() -> Response | str:
    """Say it: a big box and nothing else."""
    if request.method == "GET":
        return _say({}, {})
    _not_too_often()
    text = request.form.get("text", "")
    if (page := answer_to_cry(text, None)) is not None:
        return page
    once = request.form.get("once") or once_key()
    try:
        given = current_site().database.writing(lambda s: guarded.receive(_nobody(s), text, once))
    except Refusal as why:
        return Response(_say({"text": text, "once": once}, {"text": refusal_words(why)}), 409)
    return render_template("matters/page_quiet_given.html", given=given)


def _say(typed: dict[str, str], wrong: dict[str, str]) -> str:
    once = typed.get("once") or once_key()
    return render_template(
        "matters/page_quiet.html", typed=typed, wrong=wrong, once=once, most=guarded.LONGEST
    )


@pages.route("/matters/quiet/look", methods=["GET", "POST"])
@for_everybody
def quiet_look() -> Response | str:
    """How far it is, and a word more, for who has the number and the code."""
    if request.method == "GET":
        return _look({}, {}, None)
    _not_too_often()
    receipt, code = receipt_in(request.form.get("number", "")), plain(request.form.get("code", "")).strip()
    words, wrong = request.form.get("words", "").strip(), dict[str, str]()
    if receipt is None:
        return _look(request.form.to_dict(), {"number": "编号是七位数字,请再看看。"}, None)
    _not_too_often(f"number:{receipt}", MOST_OF_ONE)
    if words:
        try:
            current_site().database.writing(lambda s: guarded.add(_nobody(s), receipt, code, words))
        except Refusal as why:
            wrong = {"words": refusal_words(why)}
    with current_site().database.reading() as session:
        told = guarded.look(_nobody(session), receipt, code)
    if told is None:
        return _look(request.form.to_dict(), {"": "没找到:编号和口令码要对得上。"}, None)
    return _look({"number": receipt, "code": code}, wrong, told)


def _look(typed: dict[str, str], wrong: dict[str, str], told: guarded.Told | None) -> str:
    return render_template("matters/page_quiet_look.html", typed=typed, wrong=wrong, told=told, states=STATES)


def _nobody(session: Session) -> Actor:
    return Actor(session, channel="page")


def _not_too_often(what: str = "", most: int = MOST_AT_ONCE) -> None:
    """By the address of the network or by what is asked for, in memory that is gone after ten minutes."""
    not_too_often(f"quiet:{what or request.remote_addr}", most, A_WHILE)
