"""Roles of an office: a grid for a grid worker, what the page says does not fit, and what forms may not smuggle in."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.places import Grid
from models.staff import ROLES, StaffMember, has_holder
from models.staff_check import Finding, findings
from tests.neighbours import Town
from tests.staff.clerks import PASSWORD, Clerk, audited, clerk, hire


@pytest.fixture
def house(sqlite_town: Town) -> Town:
    return sqlite_town


@pytest.fixture
def chief(house: Town) -> Clerk:
    return clerk(house, "admin", login="chief", name="管理员")


def member(*roles: str, name: str = "王干事", number: int = 1, **more: object) -> StaffMember:
    given = {"password": "hash", "totp": "secret", "active": True} | more
    return StaffMember(id=number, login=f"m{number}", name=name, roles=list(roles), **given)


def kinds(*members: StaffMember, bound: tuple[int, ...] = ()) -> set[str]:
    return {one.kind for one in findings(members, bound)} - {"nobody", "one_administrator"}


def nobody(*members: StaffMember) -> set[str]:
    return {one.role for one in findings(members, ()) if one.kind == "nobody"}


# ---- what does not fit -----------------------------------------------------------------------------------------------


def test_an_office_where_everything_fits_is_told_so(house: Town, chief: Clerk) -> None:
    assert (
        findings(
            [
                member("admin", number=1),
                member("admin", number=2),
                member("desk", "leader", number=3),
                member("first_review", number=4),
                member("second_review", number=5),
                member("approver", number=6),
                member("care", number=7),
                member("auditor", number=8),
            ],
            (),
        )
        == []
    )
    chief.opens("/console/accounts")
    assert "要紧 没有人是“窗口干事”:居民的话没有人回" in chief.words
    assert "只有管理员一位账号管理员" in chief.words
    assert "管理员管账号,登录却只用密码" in chief.words


def test_a_needed_role_that_nobody_holds_is_named() -> None:
    assert "care" in nobody(member("desk"))
    assert "care" not in nobody(member("care"))
    assert "care" in nobody(member("care", active=False))


def test_a_role_whose_only_holder_has_no_password_yet_is_named() -> None:
    [found] = [one for one in findings([member("care", password=None)], ()) if one.kind == "not_in_yet"]
    assert found == Finding("not_in_yet", "care", ("王干事",), grave=True)


@pytest.mark.parametrize(
    ("roles", "kind"),
    [
        (("admin", "desk"), "admin_with_business"),
        (("auditor", "care"), "auditor_with_business"),
        (("first_review", "second_review"), "reviews_twice"),
        (("second_review", "approver"), "reviews_twice"),
        (("desk", "first_review"), "writes_and_reviews"),
        (("grid",), "no_grid"),
    ],
)
def test_several_hats_on_one_head_are_said(roles: tuple[str, ...], kind: str) -> None:
    assert kinds(member(*roles)) == {kind}


def test_who_reads_cries_for_help_with_a_password_alone_is_named() -> None:
    bare = member("children", totp=None)
    assert kinds(bare) == {"bare_confidential"}
    assert kinds(bare, bound=(1,)) == set()
    assert kinds(member("desk", totp=None)) == set()
    assert kinds(member("admin", totp=None)) == {"bare_administrator"}


def test_one_administrator_is_one_too_few() -> None:
    assert "one_administrator" in {one.kind for one in findings([member("admin")], ())}
    two = [member("admin"), member("admin", number=2)]
    assert "one_administrator" not in {one.kind for one in findings(two, ())}


def test_every_finding_has_its_words(house: Town, chief: Clerk) -> None:
    hire(house, "admin", "desk", "first_review", "second_review", login="all", name="一身兼")
    hire(house, "auditor", "care", "grid", login="qi", name="祁审计")
    chief.opens("/console/accounts")
    for words in (
        "又管账号又办业务",
        "又查留痕又办业务",
        "三审实际少了一道",
        "自己写的,请让别人审",
        "还没选网格",
        "登录却只用密码",
    ):
        assert words in chief.words
    assert "没有人是“”" not in chief.words


# ---- grids -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def grids(house: Town) -> list[int]:
    """第一网格, 第二网格."""

    def make(session: Session) -> list[int]:
        rows = [Grid(name=name, worker="马网格") for name in ("第一网格", "第二网格")]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]

    return house.writing(make)


def test_a_grid_worker_gets_a_grid_on_the_account_page(house: Town, chief: Clerk, grids: list[int]) -> None:
    chief.opens("/console/accounts/new")
    made = chief.sends("/console/accounts/new", name="马网格", login="ma", roles=["grid"], grid="第一网格")
    path = made.headers["Location"]
    chief.opens(path)
    assert 'value="第一网格"' in chief.page
    chief.sends(path, roles=["grid"], grid="第二网格")
    chief.opens("/console/accounts")
    assert "网格员(第二网格)" in chief.words
    chief.opens(path)
    chief.sends(path, roles=["desk"], grid="第二网格")
    with house.reading() as session:
        assert Clerk(house, "ma").member(session).grid_id is None, "nobody else has a grid"
        assert [line.facts["grid"] for line in audited(session, "staff.set_roles")] == [grids[1], None]


@pytest.mark.usefixtures("grids")
def test_a_grid_that_is_not_there_is_refused(house: Town, chief: Clerk) -> None:
    chief.opens("/console/accounts/new")
    chief.sends("/console/accounts/new", name="马网格", login="ma", roles=["grid"], grid="第九网格")
    assert "没有叫“第九网格”的网格" in chief.words
    with house.reading() as session:
        assert session.scalar(select(StaffMember).where(StaffMember.login == "ma")) is None


def test_a_role_is_held_by_who_can_sign_in(house: Town) -> None:
    hire(house, "children", login="sun")
    with house.reading() as session:
        assert has_holder(session, "children")
        assert not has_holder(session, "recovery")


def test_new_roles_sign_the_member_out_so_that_nothing_of_the_old_stays_open(
    house: Town, chief: Clerk
) -> None:
    wang = clerk(house, "desk", login="wang")
    with house.reading() as session:
        number = wang.member(session).id
    chief.opens(f"/console/accounts/{number}")
    chief.sends(f"/console/accounts/{number}", roles=["leader"])
    assert wang.opens("/console/").status_code == 302
    wang.signs_in()
    assert wang.opens("/console/talks").status_code == 403


# ---- what forms may not smuggle in (B15) -------------------------------------------------------------------------------

SMUGGLED = {"roles": "admin", "role": "admin", "status": "approved", "state": "published", "active": "0", "approved_by": "1", "staff_id": "1", "totp": "00", "password_hash": "x", "possession": "1", "id": "1"}  # fmt: skip


def test_b15_a_form_of_ones_own_account_changes_nothing_but_its_fields(house: Town) -> None:
    wang = clerk(house, "desk", login="wang")
    new = "换一个新的好密码"
    wang.opens("/console/mine")
    wang.sends("/console/mine", old=PASSWORD, password=new, again=new, **SMUGGLED)
    with house.reading() as session:
        row = wang.member(session)
        assert (row.roles, row.active, row.totp) == (["desk"], True, None)


def test_b15_the_sign_in_form_gives_no_role(house: Town) -> None:
    wang = hire(house, "desk", login="wang")
    wang.opens("/console/sign-in")
    wang.sends("/console/sign-in", login="wang", password=PASSWORD, code="", **SMUGGLED)
    assert wang.opens("/console/accounts").status_code == 403
    with house.reading() as session:
        assert wang.member(session).roles == ["desk"]


def test_b15_the_form_of_an_account_gives_no_password_and_no_proof(house: Town, chief: Clerk) -> None:
    chief.opens("/console/accounts/new")
    extra = {**SMUGGLED, "roles": ["desk"], "password": "hash", "login": "wang", "name": "王干事"}
    chief.sends("/console/accounts/new", **extra)
    with house.reading() as session:
        row = Clerk(house, "wang").member(session)
        assert (row.password, row.totp, row.active, row.roles) == (None, None, True, ["desk"])
        assert row.id != 1


@pytest.mark.parametrize("roles", [["desk", "king"], ["king"], [], ["desk", "approver"]])
def test_b15_a_role_that_is_none_and_roles_that_clash_make_no_account(
    house: Town, chief: Clerk, roles: list[str]
) -> None:
    chief.opens("/console/accounts/new")
    chief.sends("/console/accounts/new", name="某人", login="someone", roles=roles)
    with house.reading() as session:
        assert session.scalar(select(StaffMember).where(StaffMember.login == "someone")) is None


def test_the_trail_has_words_for_every_role() -> None:
    from app.channels.trail_words import fact_words

    for role, (name, _) in ROLES.items():
        assert name in fact_words({"after": [role]}), role


def test_a_command_makes_a_new_administrator_when_the_last_one_is_gone(house: Town) -> None:
    run = house.app.test_cli_runner().invoke
    assert run(args=["staff", "invite", "--login", "old", "--name", "老管理员"]).exit_code == 0
    done = run(args=["staff", "invite", "--login", "new", "--name", "新管理员", "--role", "admin"])
    path = "/console/invitation/" + done.output.strip().rpartition("/")[2]
    somebody = Clerk(house, "new")
    somebody.opens(path)
    assert somebody.sends(path, password=PASSWORD, again=PASSWORD).status_code == 302
    assert somebody.opens("/console/accounts").status_code == 200
