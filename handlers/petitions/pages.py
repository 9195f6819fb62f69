"""视频接访 as pages of one's own: ask for a time, hand in papers, see how far it is, who has looked, and the way in.

Nothing here leaves a line in the common tables that says whose it was: a form sent twice is known by its draft.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from flask import Response, abort, current_app, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app import clock, pictures, privacy
from app.channels.page_cries import cry_for_help
from app.channels.pages import (
    Pages,
    as_resident,
    card,
    errors,
    for_residents,
    line,
    looking_on,
    refused_page,
    there_or_404,
)
from app.channels.sealed_address import opened_facts, sealed_facts
from app.understanding.numbers import plain
from app.understanding.phone import phone_in
from app.words import moment_words
from handlers.petitions import actions, lane, looking
from handlers.petitions.rights import copy_of
from handlers.petitions.sentences import LONGEST, LONGEST_NAME, LONGEST_WORDS, SHORTEST
from models.identity import Actor
from models.petitions import LANGUAGES, MOST_PAPERS, Petition, objection_until
from models.petitions_clock import spans_of, version_on
from models.petitions_lists import waiting_before
from models.petitions_plan import ReceptionTime, free_times
from models.receipts import receipt_in, spoken
from models.refusal import Refusal
from models.staff import ROLES

MOST_TIMES = 6
MOST_AT_ONCE, A_WHILE = 10, 600  # forms, seconds
PURPOSE = "petition.received"
TOKEN_LENGTH = 22
STATES = {
    "received": "收到了,在登记",
    "registered": "登记了,在看归谁管",
    "accepted": "受理了,在办",
    "refused": "不受理",
    "transferred": "转给了管这件事的单位",
    "handled": "在写答复",
    "answered": "答复了",
    "review": "在复查",
    "closed": "办结了",
    "withdrawn": "您不办了",
}
WAYS = {
    "named": ("留姓名电话", "只给信访专员看,方便联系"),
    "nameless": ("先不留名", "给您一个查询码,见面再说"),
}

pages = Pages("petitions_pages", __name__)


def act(work: Callable[[Actor], str], sorry: Callable[[Actor, Refusal], str]) -> AnyResponse:
    """Words of need go their own way first. Where a rule says no, nothing is done and the page is shown again."""
    if (page := cry_for_help()) is not None:
        return page
    if not current_app.extensions["api"]["limiter"].allow(
        f"petitions:{g.identity_id}", limit=MOST_AT_ONCE, seconds=A_WHILE
    ):
        abort(429)
    try:
        return redirect(as_resident(work), 303)
    except Refusal as why:
        refused = why
    return Response(looking_on(lambda by: sorry(by, refused)), 409)


# ---- asking ----------------------------------------------------------------------------------------------------------


@pages.get("/private/new")
@card("约接访", on_home=False)
@for_residents
def ask_for() -> str:
    return looking_on(_form)


def _form(by: Actor, why: Refusal | None = None) -> str:
    times = _offered(by.session.scalars(free_times().limit(MOST_TIMES)))
    facts: dict[str, Any] = {"times": times, "typed": request.form if why else {}, "languages": LANGUAGES}
    facts |= {
        "wrong": _wrong(why),
        "has_phone": by.me.phone is not None,
        "longest": LONGEST,
        "least": SHORTEST,
    }
    ways = [(way, *words) for way, words in WAYS.items()]
    return render_template("petitions/page_new.html", ways=ways, longest_name=LONGEST_NAME, **facts)


def _offered(times: Iterable[ReceptionTime]) -> list[tuple[int, str, str]]:
    return [(one.id, moment_words(one.starts), f"{one.leader.name},{one.room.name}") for one in times]


def _wrong(why: Refusal | None) -> dict[str, str]:
    found = errors(why, "phone", "name")
    fields = {"petitions.too_short": "text", "petitions.too_long": "text", "petitions.time_taken": "time"}
    fields |= {"petitions.leader_is_named": "time", "petitions.bad_name": "accused"}
    if why is not None and why.code in fields:
        return {fields[why.code]: next(iter(found.values()))}
    return found


@pages.post("/private/new")
@for_residents
def take_in() -> AnyResponse:
    return act(_receive, _form)


def _receive(by: Actor) -> str:
    token = privacy.keyring("confidential").blind(
        "petition.form", f"{g.identity_id}|{request.form.get('once', '')}"
    )
    token = actions.keep_draft(by, request.form.get("text", ""), token=token[:TOKEN_LENGTH])
    if request.form.get("about_staff") == "yes":
        actions.name_the_accused(by, token, line("accused"))
    time_ = there_or_404(by.session.get(ReceptionTime, request.form.get("time", 0, type=int)))
    named = request.form.get("way") == "named"
    language = request.form.get("language", "")
    asked = actions.Asked(
        name=by.me.name if named else None,
        phone=_phone(by) if named else None,
        language=language if language in LANGUAGES else None,
        companion=request.form.get("companion") == "1",
    )
    made = actions.receive(by, token, time_, asked)
    facts = {"number": made.number, "receipt": made.receipt, "code": made.code, "due": made.due.isoformat()}
    facts["starts"] = made.starts.isoformat() if made.starts else None
    return url_for(".received", sealed=sealed_facts(PURPOSE, facts, "confidential"))


def _phone(by: Actor) -> str:
    phone = phone_in(line("phone", 30)) or by.me.phone
    if phone is None:
        raise Refusal("petitions.bad_phone")
    return phone


@pages.get("/private/received/<sealed>")
@for_residents
def received(sealed: str) -> str:
    """The number, and for who gave no name the code, which stand nowhere else: so the address itself is sealed."""
    facts = opened_facts(PURPOSE, sealed, "confidential")
    return render_template("petitions/page_received.html", spoken=spoken(facts["receipt"]), **facts)


# ---- mine ------------------------------------------------------------------------------------------------------------


@pages.get("/private")
@card("我的接访", on_home=False)
@for_residents
def mine() -> str:
    def look(by: Actor) -> str:
        return render_template("petitions/page_mine.html", rows=looking.mine(by), states=STATES)

    return looking_on(look)


@pages.get("/private/<int:number>")
@for_residents
def one(number: int) -> str:
    return looking_on(lambda by: _one(by, number))


def _one(by: Actor, number: int, why: Refusal | None = None) -> str:
    with lane.looking(by) as session:
        row = there_or_404(looking.own(by, session, number))
        told = [step for step in row.steps if step.what in TOLD]
        spans = spans_of(by.session, row.rules or version_on(by.session, clock.today()))
        facts: dict[str, Any] = {"row": row, "told": told, "steps": TOLD, "states": STATES, "spans": spans}
        facts |= {"looks": _looks(row), "objection": objection_until(row, spans), "most": MOST_PAPERS}
        facts |= {"ahead": waiting_before(session, row), "times": _other_times(by, row)}
        facts |= {"wrong": errors(why), "typed": request.form, "longest": LONGEST_WORDS}
        return render_template("petitions/page_one.html", **facts)


TOLD = {
    "received": "收到",
    "registered": "登记",
    "accepted": "受理",
    "refused": "不受理",
    "transferred": "转送",
    "handled": "在写答复",
    "answered": "答复",
    "review": "复查",
    "extended": "延长办理",
    "met": "见面",
    "moved": "改了时间",
    "displaced": "原来的时间取消了",
    "promise_kept": "答应的办到了",
    "closed": "办结",
    "withdrawn": "不办了",
    "paper_lost": "有一张照片没收到,请再发一次",
}


def _looks(row: Petition) -> list[tuple[date, str, int]]:
    """(day, role, times): the office answers for it, not a name."""
    seen = Counter((clock.local(one.at).date(), ROLES[one.role][0]) for one in row.views)
    return [(day, role, times) for (day, role), times in sorted(seen.items(), reverse=True)]


def _other_times(by: Actor, row: Petition) -> list[tuple[int, str, str]]:
    if not row.is_open or row.met_at is not None:
        return []
    first = row.first_until is not None
    return _offered(by.session.scalars(free_times(first=first).limit(MOST_TIMES)))


@pages.post("/private/<int:number>/<any(move, withdraw, review, satisfied):step>")
@for_residents
def step_on(number: int, step: str) -> AnyResponse:
    def work(by: Actor) -> str:
        with lane.looking(by) as session:
            row = there_or_404(looking.own(by, session, number))
        _do(by, row, step)
        return url_for(".one", number=number)

    return act(work, lambda by, why: _one(by, number, why))


def _do(by: Actor, row: Petition, step: str) -> None:
    if step == "move":
        time_ = there_or_404(by.session.get(ReceptionTime, request.form.get("time", 0, type=int)))
        actions.move(by, row, time_)
    elif step == "withdraw":
        actions.withdraw(by, row)
    elif step == "review":
        actions.ask_for_review(by, row, request.form.get("words", ""))
    else:
        actions.say_satisfied(by, row, request.form.get("answer", ""))


# ---- papers ----------------------------------------------------------------------------------------------------------


@pages.post("/private/<int:number>/papers")
@for_residents
def hand_in(number: int) -> AnyResponse:
    """Pixels only, under the confidential key. Unpacking a picture costs a second at worst: only whose petition it is
    has it done, and no more of them than have room."""
    sent = [one for one in request.files.getlist("papers") if one.filename]

    def room(by: Actor) -> None:
        with lane.looking(by) as session:
            actions.has_room(session, there_or_404(looking.own(by, session, number)), len(sent))

    try:
        looking_on(room)
        papers = [clean_paper(one.read()) for one in sent]
    except Refusal as why:
        return Response(looking_on(lambda by, refused=why: _one(by, number, refused)), 409)  # type: ignore[misc]

    def work(by: Actor) -> str:
        with lane.looking(by) as session:
            row = there_or_404(looking.own(by, session, number))
        actions.add_papers(by, row.id, papers)
        return url_for(".one", number=number)

    return act(work, lambda by, why: _one(by, number, why))


def clean_paper(content: bytes) -> tuple[bytes, str]:
    try:
        return pictures.clean(content)
    except pictures.BadPicture as why:
        raise Refusal("petitions.bad_picture", why=why.code) from why


@pages.get("/private/<int:number>/papers/<int:paper>")
@for_residents
def paper(number: int, paper: int) -> Response:
    def look(by: Actor) -> Response:
        with lane.looking(by) as session:
            row = there_or_404(looking.own(by, session, number))
            return shown_paper(row, paper)

    return looking_on(look)


def shown_paper(row: Petition, number: int) -> Response:
    found = there_or_404(next((one for one in row.papers if one.id == number), None))
    return Response(base64.b64decode(found.content), mimetype=found.media_type)


@pages.get("/private/copy.json")
@for_residents
def copy() -> Response:
    """What is kept of my petitions, for me alone: the copy that the desk may print for somebody holds none of it."""
    kept = json.dumps({"视频接访": looking_on(copy_of)}, ensure_ascii=False, indent=1)
    answer = Response(kept, mimetype="application/json")
    answer.headers["Content-Disposition"] = 'attachment; filename="my-receptions.json"'
    return answer


# ---- by number -------------------------------------------------------------------------------------------------------


@pages.route("/private/look", methods=["GET", "POST"])
@for_residents
def look_up() -> AnyResponse | str:
    """How far it is, for who knows the number and the last four digits: no word of what was said."""
    if request.method == "GET":
        return render_template("petitions/page_look.html", wrong={}, typed={}, found=None, states=STATES)
    receipt, tail = receipt_in(line("number")), plain(line("tail", 4)).strip()
    found, wrong = None, {"number": "受理号是七位数字,请再看看。"}
    if receipt is not None:
        try:
            found = as_resident(lambda by: looking.look_up(by, receipt, tail))
        except Refusal as why:
            return Response(refused_page(why, url_for(".look_up")), 429)
        wrong = {"": "没找到:受理号和后四位要对得上。"}
    facts = {"wrong": {} if found else wrong, "typed": request.form, "found": found}
    return render_template("petitions/page_look.html", states=STATES, **facts)
