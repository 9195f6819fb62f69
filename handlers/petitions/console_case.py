"""One petition at the console: the file made ready, the session, each step that the law knows, who is kept out."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import SelectField

from app import clock
from app.channels.console import as_staff, attempt, looking, staff
from app.channels.console_forms import ConsoleForm, choices, day, sentence, words
from app.channels.pages import there_or_404
from handlers.petitions import actions, lane
from handlers.petitions.console import STATES, console
from handlers.petitions.meeting import CHECKS, LONGEST_LINK
from handlers.petitions.pages import shown_paper
from handlers.petitions.reading import waiting_permits
from handlers.petitions.sentences import LONGEST_MINUTES, LONGEST_NAME, LONGEST_WORDS
from handlers.petitions.standing import HANDLERS, role_for
from models.identity import Actor
from models.petitions import STEPS, Petition, objection_until
from models.petitions_clock import spans_of, version_on
from models.staff import StaffMember, staff_names

STEP_NAMES = {
    "received": "收到",
    "registered": "登记",
    "accepted": "受理",
    "refused": "不受理",
    "transferred": "转送",
    "handled": "办好,写答复",
    "answered": "答复",
    "review": "复查",
    "closed": "办结",
    "withdrawn": "来访人不办了",
    "paper_lost": "一张照片没有取到,请他再发",
    "extended": "延长期限",
    "met": "接访结果",
    "moved": "改了时间",
    "displaced": "时间取消了",
    "note": "备注",
    "excluded": "请人回避",
    "warned": "快到期,提醒过",
    "alarmed": "超期,提醒过",
    "promise_kept": "承诺办到了",
}
# way → (button, what is written, hint); the order in which they stand on the page.
WAYS = {
    "register": ("登记", "备注(只有同事看得到)", ""),
    "accept": ("受理", "备注(只有同事看得到)", "从今天起算办理期限"),
    "transfer": ("转给别的单位", "转给哪个单位、为什么", "来访人看得到"),
    "refuse": ("不受理", "理由", "来访人看得到,要写清楚依据和去哪里办"),
    "handle": ("办好了,写答复", "备注(只有同事看得到)", ""),
    "answer": ("答复来访人", "答复", "来访人看得到;区里单位的答复也写在这里"),
    "review": ("复查", "备注(只有同事看得到)", "来访人当面或者打电话请求的"),
    "close": ("办结", "备注(只有同事看得到)", ""),
}
LEADS = {"register": "registered", "accept": "accepted", "transfer": "transferred", "refuse": "refused"}
LEADS |= {"handle": "handled", "answer": "answered", "review": "review", "close": "closed"}
MUST_SAY = ("transfer", "refuse", "answer")
ANSWERS = {"": "没有问或没有说", "yes": "满意", "partly": "一般", "no": "不满意"}


class OutcomeForm(ConsoleForm):
    outcome = sentence("结果(来访人看得到)", LONGEST_WORDS, rows=3)
    minutes = sentence("记录(只有同事看得到)", LONGEST_MINUTES, needed=False, rows=6)
    name = words("来访人姓名(约的时候没留名的)", LONGEST_NAME, needed=False)
    satisfied = SelectField("结束时问:这次接待满意吗", choices=choices(ANSWERS))


class PromiseForm(ConsoleForm):
    said = sentence("答应了什么", 200, rows=2)
    owner = words("谁负责", LONGEST_NAME)
    due = day("哪天以前", default=None)


@console.get("/petitions/<int:number>")
@staff(*HANDLERS, fresh=True)
def petition(number: int) -> str:
    """That it was opened stands in the trail before anything is read."""
    if not as_staff(lambda by: actions.open_one(by, number)):
        abort(404)
    return _shown(number, "petitions/console_case.html")


@console.get("/petitions/<int:number>/print")
@staff(*HANDLERS, fresh=True)
def on_paper(number: int) -> str:
    """One case on paper; there is no way to take out several."""
    if not as_staff(lambda by: actions.open_one(by, number)):
        abort(404)
    return _shown(number, "petitions/console_paper.html")


def _shown(number: int, template: str) -> str:
    with looking() as by, lane.looking(by) as session:
        row = there_or_404(session.get(Petition, number))
        return render_template(template, **_facts(by, row), asks=waiting_permits(session, number))


def _facts(by: Actor, row: Petition) -> dict[str, Any]:
    spans = spans_of(by.session, row.rules or version_on(by.session, clock.today()))
    names = staff_names(by.session)
    ways = {way: WAYS[way] for way in WAYS if LEADS[way] in STEPS[row.state]}
    facts: dict[str, Any] = {"row": row, "names": names, "states": STATES, "steps": STEP_NAMES, "ways": ways}
    facts |= {
        "spans": spans,
        "objection": objection_until(row, spans),
        "checks": CHECKS,
        "must_say": MUST_SAY,
    }
    facts |= {"outcome_form": OutcomeForm(formdata=None), "promise_form": PromiseForm(formdata=None)}
    facts |= {"others": {one: name for one, name in names.items() if one not in row.excluded}}
    facts |= {
        "longest": LONGEST_WORDS,
        "longest_link": LONGEST_LINK,
        "satisfied": ANSWERS,
        "now": clock.now(),
    }
    return facts


def _back(number: int) -> Response:
    return redirect(url_for(".petition", number=number))


# ---- steps -----------------------------------------------------------------------------------------------------------


@console.post(
    "/petitions/<int:number>/<any(register, accept, transfer, refuse, handle, answer, review, close):way>"
)
@staff(*HANDLERS)
def move_on(number: int, way: str) -> Response:
    said, seen = request.form.get("words", ""), request.form.get("seen")
    attempt(lambda by: actions.move_on(by, number, way, said, seen=seen), done=f"{WAYS[way][0]}:记下了。")
    return _back(number)


@console.post("/petitions/<int:number>/extend")
@staff(*HANDLERS)
def extend(number: int) -> Response:
    reason = request.form.get("words", "")
    attempt(lambda by: actions.extend(by, number, reason), done="期限延长了,来访人看得到理由。")
    return _back(number)


@console.post("/petitions/<int:number>/note")
@staff(*HANDLERS)
def note(number: int) -> Response:
    said = request.form.get("words", "")
    attempt(lambda by: actions.write_note(by, number, said), done="记下了。")
    return _back(number)


@console.post("/petitions/<int:number>/exclude")
@staff(*HANDLERS)
def exclude(number: int) -> Response:
    """Who finds that it is about a colleague, or about themselves: from then on it is not there for them."""
    who = request.form.get("who", 0, type=int)

    def unit(by: Actor) -> bool:
        there_or_404(by.session.get(StaffMember, who))
        actions.exclude(by, number, who)
        return by.staff is not None and by.staff.id == who

    attempt(unit, done="他看不到这一件了。")
    return redirect(url_for(".petitions"))


# ---- the session -----------------------------------------------------------------------------------------------------


@console.post("/petitions/<int:number>/check")
@staff(*HANDLERS)
def check(number: int) -> Response:
    what, done = request.form.get("what", ""), request.form.get("done") == "1"
    if what not in CHECKS:
        abort(404)
    attempt(lambda by: actions.check_off(by, number, what, done))
    return _back(number)


@console.post("/petitions/<int:number>/link")
@staff(*HANDLERS)
def link(number: int) -> Response:
    typed = request.form.get("link", "")
    attempt(lambda by: actions.set_link(by, number, typed), done="会议地址记下了,请试一次。")
    return _back(number)


@console.post("/petitions/<int:number>/call")
@staff(*HANDLERS)
def call(number: int) -> Response:
    attempt(lambda by: actions.call_in(by, number), done="他的网页上写着“轮到您了”。")
    return _back(number)


@console.post("/petitions/<int:number>/outcome")
@staff(*HANDLERS)
def outcome(number: int) -> Response:
    form = OutcomeForm()
    told = actions.Outcome(
        form.outcome.data or "", form.minutes.data or "", form.satisfied.data or None, form.name.data or ""
    )
    attempt(lambda by: actions.write_outcome(by, number, told), done="结果记下了,来访人看得到。")
    return _back(number)


@console.post("/petitions/<int:number>/promise")
@staff(*HANDLERS)
def promise(number: int) -> Response:
    form = PromiseForm()
    said, owner, until = form.said.data or "", form.owner.data or "", form.due.data or clock.today()
    attempt(lambda by: actions.promise(by, number, said, owner, until), done="承诺记下了。")
    return _back(number)


@console.post("/petitions/<int:number>/promise/<int:which>/kept")
@staff(*HANDLERS)
def kept(number: int, which: int) -> Response:
    attempt(lambda by: actions.keep_promise(by, number, which), done="记下了,来访人看得到。")
    return _back(number)


@console.get("/petitions/<int:number>/papers/<int:which>")
@staff(*HANDLERS, fresh=True)
def paper(number: int, which: int) -> Response:
    """A picture of the case that is open: it was written down when the case was opened."""
    with looking() as by, lane.looking(by) as session:
        row = there_or_404(session.get(Petition, number))
        if role_for(by, row) is None:
            abort(404)
        return shown_paper(row, which)
