"""Who may enter where: every route of the console by every role and by nobody (trust.md B14, B16)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session
from werkzeug.routing import AnyConverter, IntegerConverter, Rule

from app.channels.console import MENU
from app.database import Database
from models.staff import ROLES
from tests.neighbours import Town
from tests.staff.clerks import Clerk, audited, clerk

BY_ITSELF = {"staff_console.sign_out"}  # would end the walk; tests/staff/test_sign_in.py
BUSINESS = (
    "desk",
    "people",
    "notices",
    "broadcasts",
    "wishes",
    "matters",
    "appointments",
    "activities",
    "volunteers",
    "hours",
    "ledger",
    "care",
)


def console_rules(town: Town) -> Iterator[tuple[Rule, str]]:
    for rule in town.app.url_map.iter_rules():
        if rule.rule.startswith("/console") and rule.endpoint not in BY_ITSELF:
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                yield rule, method


def who_may(town: Town, rule: Rule) -> str:
    return str(town.app.view_functions[rule.endpoint].who_may)  # type: ignore[attr-defined]


def path_of(rule: Rule) -> str:
    """An address of this rule that names a row which is not there."""
    with_names = rule.build({name: _nothing(rule, name) for name in rule.arguments})
    assert with_names is not None
    return with_names[1]


def _nothing(rule: Rule, name: str) -> str | int:
    converter = rule._converters[name]
    if isinstance(converter, AnyConverter):
        return min(converter.items)
    return 999_999 if isinstance(converter, IntegerConverter) else "nowhere"


def go(person: Clerk, rule: Rule, method: str) -> int:
    if method == "GET":
        return person.opens(path_of(rule)).status_code
    return person.sends(path_of(rule)).status_code


@pytest.mark.parametrize("role", ROLES)
def test_b16_each_role_enters_what_its_routes_say_and_nothing_else(sqlite_town: Town, role: str) -> None:
    person, wrong = clerk(sqlite_town, role), []
    refused = 0
    for rule, method in console_rules(sqlite_town):
        who = who_may(sqlite_town, rule)
        admitted = who in ("everyone", "staff:any") or role in who.removeprefix("staff:").split(",")
        refused += not admitted
        if (go(person, rule, method) == 403) is admitted:
            wrong.append(f"{method} {rule.rule}: {who}")
    assert wrong == []
    with sqlite_town.reading() as session:
        assert len(audited(session, "staff.refused")) == refused


def test_b14_nobody_enters_without_signing_in(sqlite_town: Town) -> None:
    stranger, wrong = Clerk(sqlite_town, "nobody"), []
    stranger.opens("/console/sign-in")
    token = stranger.token()
    for rule, method in console_rules(sqlite_town):
        if who_may(sqlite_town, rule) == "everyone":
            continue
        answer = stranger.client.open(
            path_of(rule), method=method, data={"csrf_token": token} if method == "POST" else None
        )
        if answer.status_code != 302 or not answer.headers["Location"].startswith("/console/sign-in"):
            wrong.append(f"{method} {rule.rule}: {answer.status_code}")
    assert wrong == []


def test_b17_every_post_of_the_console_wants_a_token(sqlite_town: Town) -> None:
    person = clerk(sqlite_town, "desk", "leader", "care", "admin", login="many")
    wrong = [
        rule.rule
        for rule, method in console_rules(sqlite_town)
        if method == "POST" and person.client.post(path_of(rule)).status_code != 400
    ]
    assert wrong == []


def test_the_administrator_sees_no_business_and_business_sees_no_accounts(sqlite_town: Town) -> None:
    admitted: dict[str, set[str]] = {}
    for rule, _ in console_rules(sqlite_town):
        who = who_may(sqlite_town, rule).removeprefix("staff:").split(",")
        admitted.setdefault(rule.endpoint.partition("_console")[0], set()).update(who)
    for feature in BUSINESS:
        assert admitted[feature].isdisjoint({"admin", "auditor", "any", "everyone"}), feature
    assert admitted["care"] == {"care", "children", "recovery"}
    assert admitted["staff"] == {"admin", "auditor", "any", "everyone"}


def test_every_role_opens_something_or_says_that_it_does_not(sqlite_town: Town) -> None:
    opened = {
        role for rule, _ in console_rules(sqlite_town) for role in who_may(sqlite_town, rule)[6:].split(",")
    }
    assert [role for role, (_, what) in ROLES.items() if (role in opened) is ("还没有" in what)] == []


def test_only_approvers_publish(sqlite_town: Town) -> None:
    for rule, _ in console_rules(sqlite_town):
        if rule.rule.endswith(("/publish", "/withdraw")):
            assert who_may(sqlite_town, rule) == "staff:approver"


MENUS = {
    "admin": "值班 上线 账号",
    "desk": "对话 说事 预约 叫号 填表 生活圈 心愿 评价 活动 队伍 时长 证明 交换站 时间审核 通知 群发 指南 菜单 项目 海报 居民 住户 上门 台账 值班",
    "first_review": "通知 群发 指南 值班",
    "second_review": "通知 群发 指南 值班",
    "approver": "预约 叫号 填表 生活圈 心愿 评价 保密反映 活动 队伍 时长 证明 时间审核 通知 群发 指南 菜单 项目 海报 台账 值班",
    "grid": "说事 居民 住户 上门 值班",
    "leader": "活动 队伍 时长 海报 台账 值班",
    "care": "接访 紧急求助 值班",
    "petitions": "接访 保密反映 值班",
    "children": "紧急求助 值班",
    "recovery": "紧急求助 值班",
    "auditor": "台账 值班 留痕",
}


@pytest.mark.parametrize("role", ROLES)
def test_the_menu_of_each_role_is_what_it_may_open(sqlite_town: Town, role: str) -> None:
    """Every word: a word more is access that nobody decided on."""
    person = clerk(sqlite_town, role)
    nav = person.opens("/console/").text.partition('<nav class="menu"')[2].partition("</nav>")[0]
    found = [part.partition("</span>")[0] for part in nav.split("<span>")[1:]]
    assert " ".join(found[1:]) == MENUS[role]
    assert found[0] == "今天"
    assert found[1:] == sorted(found[1:], key=MENU.index), "in the order of a clerk's day"
    for address in re.findall(r'<a href="([^"]+)"', nav):
        assert person.opens(address).status_code in (200, 302), address


def test_an_address_that_does_not_exist_says_so_in_words(sqlite_town: Town) -> None:
    person = clerk(sqlite_town, "desk")
    assert person.opens("/console/no/such/page").status_code == 404
    assert "没有这一页" in person.words


def test_a_busy_database_is_told_with_what_to_do(sqlite_town: Town) -> None:
    person = clerk(sqlite_town, "desk")
    other, answers = Database(sqlite_town.site.database.url), []

    def hold(session: Session) -> None:
        session.execute(text("UPDATE staff_member SET name = name"))
        answers.append(person.opens("/console/talks/1").status_code)

    other.writing(hold)
    other.dispose()
    assert answers == [503]
    assert "什么也没有改" in person.words


def test_a_browser_lets_an_account_have_fewer_than_all_roles(sqlite_town: Town) -> None:
    """ "required" on one of several boxes asks for this very box before the form is sent."""
    admin = clerk(sqlite_town, "admin")
    admin.opens("/console/accounts/new")
    boxes = re.findall(r'<input[^>]*name="roles"[^>]*>', admin.page)
    assert len(boxes) == len(ROLES)
    assert not [box for box in boxes if "required" in box]
