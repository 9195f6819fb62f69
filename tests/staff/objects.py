"""Whose rows each route opens: one line for every address with a name in it, of the console and of residents' pages.

A new route without a line fails tests/staff/test_objects.py. Say which of these it is:
- OFFICE: any row, for whoever's role the route admits (who that is, tests/staff/test_roles.py proves);
- PUBLIC: what everybody may see;
- SECRET: the address holds a secret of 80 bits or more that was given to the right one (a signed link, a one-time key);
- NO_ROW: the name in the address is no row;
- Proved(file, test): whose it is depends on more, and that test proves that others get nothing;
- or a function below that makes a row of somebody else: then it is proved that others get nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock, work
from handlers.certificates import actions as certify
from handlers.forms import actions as fill
from handlers.matters.actions import clean_photo
from handlers.volunteers import actions as volunteers
from models.activities import ActivitySession
from models.certificates import Certificate
from models.confidential import ConfidentialMatter
from models.duty import StaffLeave
from models.forms import FormDraft
from models.identity import Actor, Person
from models.matters import Matter
from models.ratings import RatingToken
from models.staff import StaffMember
from models.staff_session import StaffSession
from models.volunteers import Attendance
from models.wishes import Wish
from models.work import Work
from tests.activities.plans import a_session, digits
from tests.certificates import offices as certificates
from tests.forms import conftest as forms
from tests.matters import conftest as matters
from tests.matters.test_console import grid_worker
from tests.matters.test_rules import picture
from tests.neighbours import Phone, Town
from tests.ratings import conftest as ratings
from tests.staff.clerks import Clerk, clerk, hire
from tests.wishes import conftest as wishes

FORM_NAME = "买买提·艾力"
WISH = "想要一根拐杖,孙子在外地"
OFFICE, PUBLIC, SECRET, NO_ROW = "office", "public", "secret", "no row"


@dataclass(frozen=True)
class Proved:
    file: str
    test: str


@dataclass
class Foreign:
    """A row that is not `person`'s, although their role admits them to the route; `words` of it must not be shown."""

    person: Clerk
    names: dict[str, Any]
    words: str = ""
    untouched: Callable[[Session], bool] = field(default=lambda _session: True)


# ---- rows of others at the console -----------------------------------------------------------------------------------


def work_of_a_colleague(town: Town) -> Foreign:
    owner = hire(town, "desk", login="owner", name="李干事")

    def ask(session: Session) -> int:
        row = work.ask_for(Actor(session, staff=owner.member(session), channel="console"), "toy.count", to=3)
        session.flush()
        return row.id

    number = town.writing(ask)

    def untouched(session: Session) -> bool:
        return session.get_one(Work, number).state == "waiting"

    return Foreign(clerk(town, "desk", login="other"), {"number": number}, untouched=untouched)


def session_of_a_colleague(town: Town) -> Foreign:
    owner = clerk(town, "desk", login="owner", name="李干事")
    with town.reading() as session:
        mine = StaffSession.staff_id == owner.member(session).id
        number = session.scalars(select(StaffSession.id).where(mine)).one()

    def untouched(session: Session) -> bool:
        return session.get_one(StaffSession, number).is_live

    return Foreign(clerk(town, "desk", login="other"), {"number": number}, untouched=untouched)


def cry_of_a_child(town: Town) -> Foreign:
    cry = "有人打孩子,打得厉害"
    town.phone("马秀兰").says(cry)
    hire(town, "children", login="special", name="孙老师")
    with town.site.confidential.reading() as session:
        number = session.scalars(select(ConfidentialMatter.id)).one()

    def untouched(_session: Session) -> bool:
        with town.site.confidential.reading() as session:
            return session.get_one(ConfidentialMatter, number).handled_at is None

    return Foreign(clerk(town, "care", login="zhao"), {"number": number}, cry, untouched)


def own_account(town: Town) -> Foreign:
    """An administrator may open their own account but not change it."""
    chief = clerk(town, "admin", login="chief", name="管理员")
    second = hire(town, "admin", login="second", name="副手")
    with town.reading() as session:
        number = chief.member(session).id
        assert second.member(session).id != number

    def untouched(session: Session) -> bool:
        row = session.get_one(StaffMember, number)
        return row.active and row.roles == ["admin"]

    return Foreign(chief, {"number": number}, untouched=untouched)


def leave_of_a_colleague(town: Town) -> Foreign:
    owner, deputy = hire(town, "desk", login="owner", name="李干事"), hire(town, "desk", login="deputy")

    def go(session: Session) -> int:
        today = clock.today()
        whole = {"staff_id": owner.member(session).id, "deputy_id": deputy.member(session).id}
        row = StaffLeave(first_day=today, last_day=today + timedelta(days=3), **whole)
        session.add(row)
        session.flush()
        return row.id

    number = town.writing(go)

    def untouched(session: Session) -> bool:
        return session.get_one(StaffLeave, number).over_at is None

    return Foreign(clerk(town, "desk", login="other"), {"number": number}, untouched=untouched)


def matter_of_another_grid(town: Town) -> Foreign:
    """Said about building 3, which is not the grid of building 1."""
    matters.build(town)
    number = matters.said(town, matters.joined(town, "马秀兰", "13900000001"), photo=clean_photo(picture()))
    shot = matters.matter(town, number).photos[0].id
    worker = grid_worker(town, 1, "grid1")

    def untouched(session: Session) -> bool:
        return session.get_one(Matter, number).state == "received"

    names = {"number": number, "photo": shot, "what": "answer"}
    return Foreign(worker, names, matters.LAMP, untouched)


def resident_of_another_grid(town: Town) -> Foreign:
    """Lives in building 3, which is not the grid of building 1."""
    matters.build(town)
    theirs = matters.joined(town, "马秀兰", "13900000001")
    worker = grid_worker(town, 1, "grid1")
    with town.reading() as session:
        number = theirs.person(session).id

    def untouched(session: Session) -> bool:
        person = session.get_one(Person, number)
        return (person.name, person.erased_at) == ("马秀兰", None)

    return Foreign(worker, {"number": number}, "马秀兰", untouched)


HOUSEHOLDS = Proved(
    "tests/people/test_households_console.py",
    "test_b14_a_grid_worker_sees_households_of_their_grid_and_404_for_others",
)

HONOURS = Proved("tests/ratings/test_honours.py", "test_nobody_objects_for_somebody_else")
DOORS = Proved("tests/broadcasts/test_doors.py", "test_a_grid_worker_sees_and_ticks_only_their_own_grid")

CONSOLE: dict[str, str | Proved | Callable[[Town], Foreign]] = {
    # the house
    "console.nowhere": NO_ROW,
    "console.show": work_of_a_colleague,
    "console.part": work_of_a_colleague,
    "console.stop": work_of_a_colleague,
    "console.take_away": work_of_a_colleague,
    # staff
    "staff_console.invitation": SECRET,
    "staff_console.account": OFFICE,
    "staff_console.invite": OFFICE,
    "staff_console.deactivate": own_account,
    "staff_console.reactivate": OFFICE,
    "staff_console.reset_second_factor": own_account,
    "staff_console.unbind_wechat_of": OFFICE,
    "staff_console.end_session": session_of_a_colleague,
    # care
    "care_console.matter": cry_of_a_child,
    "care_console.handled": cry_of_a_child,
    # people
    "people_console.resident": resident_of_another_grid,
    "people_console.ask_why": resident_of_another_grid,
    "people_console.consent": resident_of_another_grid,
    "people_console.correct": resident_of_another_grid,
    "people_console.drop_fact": resident_of_another_grid,
    "people_console.open_fact": resident_of_another_grid,
    "people_console.tag": resident_of_another_grid,
    "people_console.tie": resident_of_another_grid,
    "people_console.untag": resident_of_another_grid,
    "people_console.untie": resident_of_another_grid,
    "people_console.withdraw": resident_of_another_grid,
    "people_console.write_fact": resident_of_another_grid,
    "people_console.household": HOUSEHOLDS,
    "people_console.add": HOUSEHOLDS,
    "people_console.check": HOUSEHOLDS,
    "people_console.merge": HOUSEHOLDS,
    "people_console.move": HOUSEHOLDS,
    "people_console.remove": HOUSEHOLDS,
    "people_console.retie": HOUSEHOLDS,
    "people_console.undo": HOUSEHOLDS,
    "people_console.add_place": OFFICE,
    "people_console.decide": OFFICE,
    "people_console.dissolve": OFFICE,
    "people_console.end_grid": OFFICE,
    "people_console.end_tag": OFFICE,
    "people_console.one_grid": OFFICE,
    "people_console.order_place": OFFICE,
    "people_console.rename_place": OFFICE,
    "people_console.renew_tag": OFFICE,
    "people_console.report_death": OFFICE,
    # desk
    "desk_console.talk": OFFICE,
    "desk_console.close": OFFICE,
    "desk_console.take": OFFICE,
    "desk_console.draft": OFFICE,
    "desk_console.lines": OFFICE,
    "desk_console.media": OFFICE,
    "desk_console.move": OFFICE,
    "desk_console.quick_back": OFFICE,
    "desk_console.quick_one": OFFICE,
    "desk_console.quick_retire": OFFICE,
    "desk_console.reopen": OFFICE,
    # duty
    "duty_console.call_off": leave_of_a_colleague,
    # notices
    "guides_console.guide": OFFICE,
    "guides_console.edit": OFFICE,
    "guides_console.version": OFFICE,
    "guides_console.confirm": OFFICE,
    "guides_console.retire": OFFICE,
    "guides_console.bring_back": OFFICE,
    "guides_console.add_phrasing": OFFICE,
    "guides_console.remove_phrasing": OFFICE,
    "guides_console.print_card": OFFICE,
    "guides_console.remove_synonym": OFFICE,
    "notices_console.notice": OFFICE,
    "notices_console.edit": OFFICE,
    "notices_console.publish": OFFICE,
    "notices_console.withdraw": OFFICE,
    "notices_console.allow": OFFICE,
    "notices_console.keep": OFFICE,
    "notices_console.remove_slip": OFFICE,
    "notices_console.remove_title": OFFICE,
    "notices_console.restore": OFFICE,
    "notices_console.review": OFFICE,
    "notices_console.throw_away": OFFICE,
    "notices_console.version": OFFICE,
    "broadcasts_console.broadcast": OFFICE,
    "broadcasts_console.write": OFFICE,
    "broadcasts_console.take_newest": OFFICE,
    "broadcasts_console.people": OFFICE,
    "broadcasts_console.count": OFFICE,
    "broadcasts_console.samples": OFFICE,
    "broadcasts_console.test": OFFICE,
    "broadcasts_console.test_send": OFFICE,
    "broadcasts_console.plan": OFFICE,
    "broadcasts_console.propose": OFFICE,
    "broadcasts_console.decide": OFFICE,
    "broadcasts_console.give_word": OFFICE,
    "broadcasts_console.read_later": OFFICE,
    "broadcasts_console.report": OFFICE,
    "broadcasts_console.report_sheet": OFFICE,
    "broadcasts_console.correct": OFFICE,
    "broadcasts_console.doors_of": DOORS,
    "broadcasts_console.print_doors": DOORS,
    "broadcasts_console.tick_door": DOORS,
    "broadcasts_console.wait_for_a_sign": OFFICE,
    "broadcasts_console.progress": OFFICE,
    "broadcasts_console.progress_part": OFFICE,
    "broadcasts_console.stop": OFFICE,
    "broadcasts_console.pause": OFFICE,
    "broadcasts_console.resume": OFFICE,
    "broadcasts_console.call_again": OFFICE,
    "broadcasts_console.preview": OFFICE,
    "broadcasts_console.preview_version": OFFICE,
    "broadcasts_console.cover": OFFICE,
    "broadcasts_console.review_sheet": OFFICE,
    "broadcasts_console.review_sheet_of_version": OFFICE,
    # teams
    "teams_console.team": OFFICE,
    "teams_console.edit_team": OFFICE,
    "teams_console.add_member": OFFICE,
    "teams_console.move_member": OFFICE,
    "teams_console.member": OFFICE,
    "teams_console.thank": OFFICE,
    "teams_console.turn": OFFICE,
    "teams_console.say": OFFICE,
    "teams_console.attendance": OFFICE,
    "teams_console.plan_shift": OFFICE,
    "teams_console.end_plan": OFFICE,
    "teams_console.week_of_team": OFFICE,
    "teams_console.print_week": OFFICE,
    "teams_console.review_thanks": OFFICE,
    # menus and programmes
    "menus_console.publish": OFFICE,
    "menus_console.version": OFFICE,
    "programmes_console.bring_back": OFFICE,
    "programmes_console.engines": OFFICE,
    "programmes_console.look": OFFICE,
    "programmes_console.programme": OFFICE,
    # going live
    "launch_console.confirm": OFFICE,
    "launch_console.fields": OFFICE,
    "launch_console.forget": OFFICE,
    "launch_console.take_up": OFFICE,
    # ratings
    "ratings_console.answer": OFFICE,
    "ratings_console.own": OFFICE,
    "ratings_console.suggestion": OFFICE,
    "ratings_console.ask_to_show": OFFICE,
    "ratings_console.let_pass": OFFICE,
    "ratings_console.stop": OFFICE,
    "ratings_console.turn": OFFICE,
    "ratings_console.object_to": HONOURS,
    "ratings_console.decide_appeal": OFFICE,
    # hours
    "hours_console.one": OFFICE,
    "hours_console.confirm": OFFICE,
    "hours_console.settle": OFFICE,
    "hours_console.void": OFFICE,
    "hours_console.correct": OFFICE,
    "hours_console.served": OFFICE,
    "hours_console.said_yes": OFFICE,
    "hours_console.said_no": OFFICE,
    # the time bank
    "ledger_console.one": OFFICE,
    "ledger_console.match": OFFICE,
    "ledger_console.settle": OFFICE,
    "ledger_console.cancel": OFFICE,
    "ledger_console.confirm": OFFICE,
    "ledger_console.enough": OFFICE,
    "ledger_console.account": OFFICE,
    "ledger_console.move": OFFICE,
    "ledger_console.stamp": OFFICE,
    "ledger_console.reverse": OFFICE,
    "ledger_console.limit": OFFICE,
    "ledger_console.book": OFFICE,
    "ledger_console.decide": OFFICE,
    "ledger_console.nod": OFFICE,
    "ledger_console.close_offer": OFFICE,
    "ledger_console.new_number": OFFICE,
    "ledger_console.partner_year": OFFICE,
    "ledger_console.look_at": OFFICE,
    "ledger_console.month": OFFICE,
    # proofs of service: the desk sees every volunteer
    "certificates_console.one": OFFICE,
    "certificates_console.check": OFFICE,
    "certificates_console.hang_up": OFFICE,
    "certificates_console.refuse": OFFICE,
    "certificates_console.draft": OFFICE,
    "certificates_console.paper": OFFICE,
    "certificates_console.seal": OFFICE,
    "certificates_console.scan": OFFICE,
    "certificates_console.ask_void": OFFICE,
    "certificates_console.decide_void": OFFICE,
    "certificates_console.answer": OFFICE,
    "certificates_console.volunteer": OFFICE,
    "certificates_console.complete": OFFICE,
    "certificates_console.id_number": OFFICE,
    "certificates_console.open_id": OFFICE,
    "certificates_console.remove_id": OFFICE,
    "certificates_console.entry": OFFICE,
    "certificates_console.drop_entry": OFFICE,
    "certificates_console.make_batch": Proved(
        "tests/certificates/test_national.py",
        "test_many_records_need_a_second_person_who_is_not_the_first",
    ),
    "certificates_console.decide_batch": Proved(
        "tests/certificates/test_national.py",
        "test_many_records_need_a_second_person_who_is_not_the_first",
    ),
    "certificates_console.columns": NO_ROW,
    "certificates_console.change_columns": NO_ROW,
    "certificates_console.reset_columns": NO_ROW,
    # wishes
    "wishes_console.wish": OFFICE,
    "wishes_console.confirm": OFFICE,
    "wishes_console.refuse": OFFICE,
    "wishes_console.review": OFFICE,
    "wishes_console.thanks": OFFICE,
    "wishes_console.give_back": OFFICE,
    "wishes_console.match": OFFICE,
    "wishes_console.note": OFFICE,
    "wishes_console.nudge": OFFICE,
    "wishes_console.renew": OFFICE,
    "wishes_console.partner": OFFICE,
    "wishes_console.read_word": OFFICE,
    "wishes_console.photo": OFFICE,
    "wishes_console.become_matter": OFFICE,
    # activities and volunteers
    "activities_console.plan": OFFICE,
    "activities_console.plan_series": OFFICE,
    "activities_console.series": OFFICE,
    "activities_console.edit_activity": OFFICE,
    "activities_console.people_of": OFFICE,
    "activities_console.out": OFFICE,
    "activities_console.drop_paper": OFFICE,
    "activities_console.arrange": OFFICE,
    "activities_console.change_session": OFFICE,
    "activities_console.call_off": OFFICE,
    "activities_console.restore": OFFICE,
    "activities_console.send_word": OFFICE,
    "volunteers_console.session": OFFICE,
    "volunteers_console.cancel_session": OFFICE,
    "volunteers_console.close_session": OFFICE,
    "volunteers_console.open_session": OFFICE,
    "volunteers_console.screen": OFFICE,
    "volunteers_console.tick": OFFICE,
    "volunteers_console.give_code": OFFICE,
    "volunteers_console.revoke_tablet": OFFICE,
    "volunteers_console.scans": OFFICE,
    "volunteers_console.issue_sheet": OFFICE,
    "volunteers_console.print_sheet": OFFICE,
    "volunteers_console.sheet": OFFICE,
    "volunteers_console.sheet_draft": OFFICE,
    "volunteers_console.keep_photo": OFFICE,
    "volunteers_console.sheet_photo": OFFICE,
    "volunteers_console.drop_photo": OFFICE,
    "volunteers_console.undo": OFFICE,
    "volunteers_console.offline_devices": OFFICE,
    "volunteers_console.offline_link": OFFICE,
    "volunteers_console.offline_let_go": OFFICE,
    "volunteers_console.unlisted": OFFICE,
    "volunteers_console.unlisted_drop": OFFICE,
    # petitions: whom one is about, for them it is not there (tests/petitions/test_case.py)
    **dict.fromkeys(
        [
            f"petitions_console.{one}"
            for one in (
                "petition",
                "on_paper",
                "move_on",
                "extend",
                "note",
                "exclude",
                "check",
                "link",
                "call",
                "outcome",
                "promise",
                "kept",
                "paper",
                "decide",
            )
        ],
        Proved("tests/petitions/test_case.py", "test_for_whom_it_is_about_no_address_leads_to_it"),
    ),
    "petitions_console.permitted": Proved(
        "tests/petitions/test_case.py",
        "test_somebody_else_reads_it_only_when_a_second_person_agrees_and_for_a_day",
    ),
    "petitions_console.confirm_rule": OFFICE,
    "petitions_console.end_plan": OFFICE,
    "petitions_console.come_back": OFFICE,
    # matters
    "matters_console.matter": matter_of_another_grid,
    "matters_console.assign": OFFICE,
    "matters_console.begin": matter_of_another_grid,
    "matters_console.say": matter_of_another_grid,
    "matters_console.move_due": matter_of_another_grid,
    "matters_console.again": OFFICE,
    "matters_console.photo": matter_of_another_grid,
    "matters_console.fetch": matter_of_another_grid,
    "matters_console.show_photo": OFFICE,
    "matters_console.add_after": matter_of_another_grid,
    "matters_console.check": matter_of_another_grid,
    "matters_console.guarded_one": Proved(
        "tests/matters/test_quiet.py", "test_whoever_is_named_never_reads_it"
    ),
    "matters_console.guarded_answer": Proved(
        "tests/matters/test_quiet.py", "test_whoever_is_named_never_reads_it"
    ),
    "matters_console.join": OFFICE,
    "matters_console.part": OFFICE,
    "matters_console.category": OFFICE,
    "matters_console.keep_days": NO_ROW,
    "matters_console.place": OFFICE,
    "matters_console.remove_place": OFFICE,
    # forms
    "forms_console.draft": OFFICE,
    "forms_console.complete": OFFICE,
    "forms_console.move": OFFICE,
    "forms_console.ready": OFFICE,
    "forms_console.give_back": OFFICE,
    "forms_console.print_out": OFFICE,
    "forms_console.sheet": PUBLIC,
    "forms_console.write": PUBLIC,
    "forms_console.lay_out": PUBLIC,
    "forms_console.look_over": PUBLIC,
    "forms_console.switch": PUBLIC,
    "forms_console.empty_paper": PUBLIC,
    # registers
    "registers_console.sheet": OFFICE,
    "registers_console.columns": OFFICE,
    "registers_console.take_in": OFFICE,
    "registers_console.go_on": OFFICE,
    "registers_console.take_back": OFFICE,
    "registers_console.drop": OFFICE,
    "registers_console.take": Proved(
        "tests/registers/test_export.py", "test_a_file_that_was_taken_is_not_taken_twice_and_is_nobody_elses"
    ),
    "registers_console.agree": Proved(
        "tests/registers/test_export.py",
        "test_more_than_five_hundred_people_need_a_second_person_who_is_not_the_first",
    ),
    "registers_console.refuse": OFFICE,
    # circle
    "circle_console.provider": OFFICE,
    "circle_console.add_licence": OFFICE,
    "circle_console.drop_licence": OFFICE,
    "circle_console.set_week": OFFICE,
    "circle_console.issue_link": OFFICE,
    "circle_console.unlink": OFFICE,
    "circle_console.away": OFFICE,
    "circle_console.back_again": OFFICE,
    "circle_console.job": OFFICE,
    "circle_console.assign": OFFICE,
    "circle_console.accept": OFFICE,
    "circle_console.decline": OFFICE,
    "circle_console.take_up": OFFICE,
    "circle_console.take_back": OFFICE,
    "circle_console.reopen": OFFICE,
    "circle_console.log_it": OFFICE,
    "circle_console.slip": OFFICE,
    "circle_console.order": OFFICE,
    "circle_console.drop_place": OFFICE,
    "circle_console.line": OFFICE,
    # appointments
    "appointments_console.one": OFFICE,
    "appointments_console.cancel": OFFICE,
    "appointments_console.mark": OFFICE,
    "appointments_console.move": OFFICE,
    "appointments_console.phoned": OFFICE,
    "appointments_console.slip": OFFICE,
    "appointments_console.book": OFFICE,
    "appointments_console.leave": OFFICE,
    "appointments_console.room": OFFICE,
    "appointments_console.one_series": OFFICE,
    "appointments_console.stop_series": OFFICE,
    "appointments_console.close_room": OFFICE,
    "appointments_console.reopen_room": OFFICE,
    "appointments_console.reopen": OFFICE,
    "appointments_console.service": OFFICE,
    "appointments_console.special_day": OFFICE,
    "appointments_console.as_usual": OFFICE,
    "hall_console.arrive": OFFICE,
    "hall_console.ticket": OFFICE,
    "hall_console.call_next": OFFICE,
    "hall_console.move": OFFICE,
    "hall_console.send_on": OFFICE,
    "hall_console.at_once": OFFICE,
    "hall_console.sit": OFFICE,
    "hall_console.stand": OFFICE,
    "hall_console.pause": OFFICE,
    "hall_console.go_on": OFFICE,
    "hall_console.window": OFFICE,
    "hall_console.close_window": OFFICE,
    "appointments_console.wait_to_front": OFFICE,
    "appointments_console.wait_remove": OFFICE,
    "appointments_console.wait_pass": OFFICE,
    "appointments_console.wait_take": OFFICE,
    "appointments_console.missed_decide": OFFICE,
}


# ---- rows of others on residents' pages ------------------------------------------------------------------------------


@dataclass
class Theirs:
    """A row of resident A: its names in the address, fields to send, words that nobody else may read."""

    names: dict[str, Any]
    words: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    untouched: Callable[[Session], bool] = field(default=lambda _session: True)


def stay(town: Town, a: Phone) -> Theirs:
    """A is checked in at a session of this moment (Monday at nine)."""
    number = a_session(town)
    shown = digits(town, number)

    def arrive(session: Session) -> int:
        held = session.get_one(ActivitySession, number)
        outcome = volunteers.check(a.actor(session), held, digits=shown)
        assert outcome.attendance is not None
        return outcome.attendance.id

    made = town.writing(arrive)

    def untouched(session: Session) -> bool:
        return session.get_one(Attendance, made).left_at is None

    return Theirs({"stay": made}, untouched=untouched)


def form_half_filled(town: Town, a: Phone) -> Theirs:
    """A has put a form aside, and it says how somebody is called."""

    def unit(session: Session) -> int:
        forms.install(session)
        draft = fill.begin(a.actor(session), forms.form(session))
        session.flush()
        fill.answer(a.actor(session), draft, "name", FORM_NAME)
        return draft.id

    number = town.writing(unit)

    def untouched(session: Session) -> bool:
        draft = session.get_one(FormDraft, number)
        return draft.state == "open" and draft.answers == {"name": FORM_NAME}

    names = {"number": number, "key": "sex", "step": "drop"}
    return Theirs(names, FORM_NAME, {"answer": "女"}, untouched=untouched)


def matter(town: Town, a: Phone) -> Theirs:
    """A has said something; the desk may have done it, so that only A says whether it is well done."""
    matters.build(town)
    number = matters.said(town, matters.joined(town, a.name, "13900000001"))

    def untouched(session: Session) -> bool:
        return session.get_one(Matter, number).state == "received"

    return Theirs({"number": number, "step": "withdraw"}, matters.LAMP, untouched=untouched)


def wish_in_review(town: Town, a: Phone) -> Theirs:
    """Nobody but A and the desk reads it before it is published."""
    number = wishes.said(town, a, WISH)
    before = wishes.state(town, number)

    def untouched(session: Session) -> bool:
        return session.get_one(Wish, number).state == before

    return Theirs({"number": number, "step": "withdraw"}, WISH, untouched=untouched)


def proof_in_check(town: Town, a: Phone) -> Theirs:
    """A has asked for a proof of their hours, for a purpose that is nobody else's."""
    certificates.served(town, certificates.joined(town, a.name), (120, "2026-03-05"))

    def ask(session: Session) -> int:
        row = certify.apply(a.actor(session), purpose="给儿子看")
        session.flush()
        return row.id

    number = town.writing(ask)

    def untouched(session: Session) -> bool:
        row = session.get_one(Certificate, number)
        return row.state == "applied" and not row.objections

    return Theirs({"number": number}, "给儿子看", {"text": "少了一小时"}, untouched)


def visit_to_rate(town: Town, a: Phone) -> Theirs:
    number = ratings.token(town, a, title="高龄补贴")

    def untouched(session: Session) -> bool:
        return session.get_one(RatingToken, number).state == "open"

    return Theirs({"number": number}, "高龄补贴", {"face": "1"}, untouched)


BETWEEN_TWO = Proved("tests/wishes/test_relay.py", "test_a_stranger_reads_and_says_nothing")
HOME_JOB = Proved("tests/circle/test_pages.py", "test_a_stranger_finds_nothing_of_a_job")
LED_BY_OTHERS = Proved("tests/activities/test_leading_pages.py", "test_a_stranger_leads_nothing")
SCANNED_BY_OTHERS = Proved("tests/volunteers/test_passes.py", "test_who_does_not_lead_sees_no_scanning_page")
OFFLINE = Proved("tests/volunteers/test_offline.py", "test_a_stranger_gets_and_brings_nothing")
STRANGERS = Proved("tests/pages/test_strangers.py", "test_b14_another_resident_gets_a_page_that_is_not_there")

SUGGESTIONS = Proved(
    "tests/ratings/test_suggestions.py", "test_what_is_not_public_is_not_there_for_a_stranger"
)
OTHERS_HOURS = Proved("tests/hours/test_pages.py", "test_a_stranger_sees_and_moves_nothing_of_others")
PARTY = Proved("tests/activities/test_party.py", "test_a_stranger_changes_nobodys_party")
COLLECTING = Proved(
    "tests/activities/test_collecting.py", "test_a_stranger_sees_no_code_no_list_and_hands_over_nobody"
)
VOUCHERS = Proved("tests/ledger/test_partners.py", "test_on_a_page_the_partner_types_its_number")
SHEETS = Proved(
    "tests/volunteers/test_sheets.py", "test_who_does_not_lead_types_nothing_and_learns_how_to_check_in"
)
OWN_SCANS = Proved("tests/volunteers/test_undo.py", "test_nobody_takes_back_somebody_elses_scan")

IN_NO_TEAM = Proved("tests/teams/test_pages.py", "test_a_stranger_finds_nothing_of_a_team")

PAGES: dict[str, str | Proved | Callable[[Town, Phone], Theirs]] = {
    "pages.letters": NO_ROW,
    # teams
    "circle_pages.which_half": PUBLIC,
    "circle_pages.order": PUBLIC,
    "circle_pages.one_job": HOME_JOB,
    "circle_pages.take_back": HOME_JOB,
    "circle_pages.confirm": HOME_JOB,
    "circle_pages.again": HOME_JOB,
    "circle_pages.is_it_well": HOME_JOB,
    "circle_pages.answer": HOME_JOB,
    "circle_pages.one_work": HOME_JOB,
    "circle_pages.accept_work": HOME_JOB,
    "circle_pages.decline_work": HOME_JOB,
    "circle_pages.set_out": HOME_JOB,
    "circle_pages.finish_work": HOME_JOB,
    "teams_pages.one": PUBLIC,
    "teams_pages.join": PUBLIC,
    "teams_pages.invited": SECRET,
    "teams_pages.member": IN_NO_TEAM,
    "teams_pages.move_member": IN_NO_TEAM,
    "teams_pages.show_week": IN_NO_TEAM,
    "teams_pages.lead_team": IN_NO_TEAM,
    "teams_pages.move_roster": IN_NO_TEAM,
    "teams_pages.pause_member": IN_NO_TEAM,
    "teams_pages.new_link": IN_NO_TEAM,
    "teams_pages.search_cover": IN_NO_TEAM,
    "teams_pages.word": IN_NO_TEAM,
    "teams_pages.thank": IN_NO_TEAM,
    "teams_pages.attendance": IN_NO_TEAM,
    "teams_pages.shift": IN_NO_TEAM,
    "teams_pages.swap_for": IN_NO_TEAM,
    "teams_pages.look_for_cover": IN_NO_TEAM,
    "teams_pages.move_cover": IN_NO_TEAM,
    "teams_pages.join_shift": IN_NO_TEAM,
    "teams_pages.show_thanks": Proved(
        "tests/teams/test_pages.py",
        "test_thanks_are_read_first_then_theirs_then_on_the_wall_if_they_want",
    ),
    # people
    "people_pages.ask_for": NO_ROW,
    "people_pages.correct": NO_ROW,
    "people_pages.change_consent": NO_ROW,
    "people_pages.part": STRANGERS,
    # notices
    "notices_pages.show_notice": PUBLIC,
    "guides_pages.show_card": PUBLIC,
    # broadcasts: the code is in what everybody of the audience was sent
    "broadcasts_pages.show": PUBLIC,
    "broadcasts_pages.mine": PUBLIC,
    "broadcasts_pages.opened": PUBLIC,
    "broadcasts_pages.got": PUBLIC,
    "broadcasts_pages.thanks": PUBLIC,
    # appointments
    "appointments_pages.show_service": PUBLIC,
    "appointments_pages.show_days": PUBLIC,
    "appointments_pages.show_times": PUBLIC,
    "appointments_pages.confirm": PUBLIC,
    "appointments_pages.book": PUBLIC,
    "appointments_pages.show_one": STRANGERS,
    "appointments_pages.calendar": STRANGERS,
    "appointments_pages.other_days": STRANGERS,
    "appointments_pages.other_times": STRANGERS,
    "appointments_pages.confirm_move": STRANGERS,
    "appointments_pages.move": STRANGERS,
    "appointments_pages.confirm_cancel": STRANGERS,
    "appointments_pages.cancel": STRANGERS,
    "appointments_pages.restore": STRANGERS,
    "appointments_pages.take_seat": STRANGERS,
    "appointments_pages.pass_seat": STRANGERS,
    "appointments_pages.leave_line": STRANGERS,
    "appointments_pages.wait_for": PUBLIC,
    "appointments_pages.line_up": PUBLIC,
    "appointments_pages.confirm_not_coming": STRANGERS,
    "appointments_pages.not_coming": STRANGERS,
    "appointments_pages.say": STRANGERS,
    "hall_pages.confirm": PUBLIC,
    "hall_pages.take": PUBLIC,
    "hall_pages.here": STRANGERS,
    "hall_pages.back": STRANGERS,
    "hall_pages.leave": STRANGERS,
    "hall_pages.kiosk_slip": Proved(
        "tests/hall/test_screen.py", "test_no_other_device_sees_the_line_or_takes_a_number"
    ),
    # activities and volunteers
    "activities_pages.show_activity": PUBLIC,
    "activities_pages.confirm_join": PUBLIC,
    "activities_pages.join": PUBLIC,
    "activities_pages.wait": PUBLIC,
    "activities_pages.claim": STRANGERS,
    "activities_pages.show_form": STRANGERS,
    "activities_pages.change_form": STRANGERS,
    "activities_pages.lead": LED_BY_OTHERS,
    "activities_pages.mark": LED_BY_OTHERS,
    "activities_pages.admit": LED_BY_OTHERS,
    "activities_pages.count": LED_BY_OTHERS,
    "activities_pages.word": LED_BY_OTHERS,
    "activities_pages.cancel": LED_BY_OTHERS,
    "activities_pages.restore": LED_BY_OTHERS,
    "volunteers_pages.close": LED_BY_OTHERS,
    "volunteers_pages.scans": LED_BY_OTHERS,
    "volunteers_pages.undo": LED_BY_OTHERS,
    "volunteers_pages.pick_up": COLLECTING,
    "volunteers_pages.hand_over": COLLECTING,
    "activities_pages.add_collector": COLLECTING,
    "activities_pages.end_collector": COLLECTING,
    "volunteers_pages.ask_for_sheet": SHEETS,
    "volunteers_pages.sheet": SHEETS,
    "volunteers_pages.type_sheet": SHEETS,
    "volunteers_pages.photograph_sheet": SHEETS,
    "volunteers_pages.undo_own": OWN_SCANS,
    "volunteers_pages.undone": OWN_SCANS,
    "hours_pages.say_wrong": OTHERS_HOURS,
    "hours_pages.take_back": OTHERS_HOURS,
    "hours_pages.absent": OTHERS_HOURS,
    "hours_pages.answer": OTHERS_HOURS,
    "hours_pages.of_session": OTHERS_HOURS,
    "hours_pages.confirm_all": OTHERS_HOURS,
    "hours_pages.confirm_one": OTHERS_HOURS,
    "activities_pages.confirm_leave": STRANGERS,
    "activities_pages.show_party": PARTY,
    "activities_pages.add_to_party": PARTY,
    "activities_pages.take_from_party": PARTY,
    "activities_pages.leave": STRANGERS,
    "volunteers_pages.check_in": SECRET,
    "volunteers_pages.left": stay,
    "volunteers_pages.screen": SECRET,
    "volunteers_pages.screen_code": SECRET,
    "volunteers_pages.screen_qr": SECRET,
    "volunteers_pages.held_out": SECRET,
    "volunteers_pages.open_wall": SECRET,
    "volunteers_pages.wall_code": Proved(
        "tests/volunteers/test_tablets.py", "test_a_stranger_sees_no_code_at_all"
    ),
    "volunteers_pages.tell_place": Proved(
        "tests/volunteers/test_trust.py", "test_b27_nobody_tells_a_place_for_another"
    ),
    "volunteers_pages.place_told": Proved(
        "tests/volunteers/test_trust.py", "test_b27_nobody_tells_a_place_for_another"
    ),
    "volunteers_pages.place_sdk": SECRET,
    "volunteers_pages.scan": SCANNED_BY_OTHERS,
    "volunteers_pages.scanned": SCANNED_BY_OTHERS,
    "volunteers_pages.ticked": SCANNED_BY_OTHERS,
    "volunteers_pages.scan_sdk": SCANNED_BY_OTHERS,
    # proofs of service
    "certificates_pages.one": proof_in_check,
    "certificates_pages.object_own": proof_in_check,
    "certificates_pages.withdraw": proof_in_check,
    "certificates_pages.own_scan": Proved(
        "tests/certificates/test_pages.py", "test_another_resident_gets_nothing_of_a_proof"
    ),
    "certificates_pages.object_form": PUBLIC,
    "certificates_pages.object_now": PUBLIC,
    "certificates_pages.scanned": SECRET,
    "volunteers_pages.offline_link": OFFLINE,
    "volunteers_pages.offline_make": OFFLINE,
    "volunteers_pages.offline_let_go": OFFLINE,
    "volunteers_pages.offline_page": PUBLIC,
    "volunteers_pages.offline_roster": OFFLINE,
    "volunteers_pages.offline_bring": OFFLINE,
    # wishes and ratings
    "wishes_pages.one": wish_in_review,
    "wishes_pages.claim": wish_in_review,
    "wishes_pages.move_own": wish_in_review,
    "wishes_pages.tell_time": Proved("tests/hours/test_wishes.py", "test_nobody_tells_the_time_of_others"),
    "wishes_pages.move_promised": Proved(
        "tests/wishes/test_pages.py", "test_a_stranger_moves_nothing_of_others"
    ),
    "wishes_pages.talk": BETWEEN_TWO,
    "wishes_pages.say_across": BETWEEN_TWO,
    "wishes_pages.photo": BETWEEN_TWO,
    "wishes_pages.take_photo": BETWEEN_TWO,
    "wishes_pages.answer_for_unit": Proved(
        "tests/wishes/test_partners.py", "test_nobody_else_answers_for_a_unit"
    ),
    "ratings_pages.one": visit_to_rate,
    "ratings_pages.rate": visit_to_rate,
    "ratings_pages.suggestion": PUBLIC,
    "ratings_pages.echo": PUBLIC,
    "ratings_pages.slip": SECRET,
    "ratings_pages.rate_slip": SECRET,
    "ratings_pages.own": SUGGESTIONS,
    "ratings_pages.let_show": SUGGESTIONS,
    "ratings_pages.appeal": HONOURS,
    # matters
    "ledger_pages.statement": NO_ROW,
    "ledger_pages.one": PUBLIC,
    "ledger_pages.promise": PUBLIC,
    "ledger_pages.gift": PUBLIC,
    "ledger_pages.take_gift_offered": PUBLIC,
    "ledger_pages.voucher": VOUCHERS,
    "ledger_pages.use_voucher": VOUCHERS,
    "ledger_pages.return_voucher": VOUCHERS,
    "ledger_pages.nod": Proved("tests/ledger/test_agreeing.py", "test_nobody_else_agrees"),
    "ledger_pages.move_request": Proved(
        "tests/ledger/test_pages.py", "test_a_stranger_sees_and_moves_nothing_of_others"
    ),
    "ledger_pages.move_promise": Proved(
        "tests/ledger/test_pages.py", "test_a_stranger_sees_and_moves_nothing_of_others"
    ),
    "ledger_pages.stop_offer": Proved(
        "tests/ledger/test_pages.py", "test_a_stranger_sees_and_moves_nothing_of_others"
    ),
    # petitions
    "petitions_pages.received": SECRET,
    **dict.fromkeys(
        [f"petitions_pages.{one}" for one in ("one", "step_on", "hand_in", "paper")],
        Proved("tests/petitions/test_pages.py", "test_b14_somebody_elses_is_not_there"),
    ),
    "matters_pages.say_kind": NO_ROW,
    "matters_pages.take_in": NO_ROW,
    "matters_pages.received": SECRET,
    "matters_pages.one": matter,
    "matters_pages.step_on": matter,
    "matters_pages.picture": Proved(
        "tests/matters/test_proof.py", "test_a_picture_is_seen_when_the_desk_lets_it"
    ),
    "matters_pages.follow": Proved("tests/matters/test_twins.py", "test_what_is_not_everybodys_is_not_there"),
    # forms
    "forms_pages.form": PUBLIC,
    "forms_pages.begin": PUBLIC,
    "forms_pages.field": form_half_filled,
    "forms_pages.answer": form_half_filled,
    "forms_pages.draft": form_half_filled,
    "forms_pages.step": form_half_filled,
    "forms_pages.on_paper": form_half_filled,
    # staff: a key of 160 bits on a screen, answered only by a bound phone (tests/staff/test_scan.py)
    "staff_pages.scanned": SECRET,
    "staff_pages.picked": SECRET,
    "staff_pages.agreed": SECRET,
    "staff_pages.refused": SECRET,
}
