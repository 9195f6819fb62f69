"""Going live: examined in words, followers from before, templates that fit, files at the root, points that people see."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import func, select

from app import clock
from handlers.launch import doctor
from handlers.launch.findings import points
from handlers.launch.followers import import_followers
from handlers.launch.templates import our_templates, titles
from models.identity import Actor, Identity
from models.launch import Examination, LaunchTick, TemplateMap, fitting_fields, last_examination
from models.work import Work
from tests.neighbours import Town
from tests.roads.street import eventually
from tests.scheduler.conftest import Post
from tests.staff.clerks import Clerk, audited, clerk


@pytest.fixture
def admin(post: Post) -> Clerk:
    return clerk(post.town, "admin")


def does(post: Post, person: Clerk, path: str) -> str:
    """Ask for long work, let it be done, and read what came of it."""
    answer = person.sends(path)
    assert answer.status_code == 302
    assert post.town.works() == 1
    person.opens(answer.location)
    return person.words


def states(post: Post) -> dict[str, str]:
    with post.town.reading() as session:
        last = last_examination(session)
        assert last is not None
        return {one["key"]: one["state"] for one in last.findings}


def test_the_examination_says_in_words_what_is_missing_and_what_is_good(post: Post, admin: Clerk) -> None:
    admin.opens("/console/launch")
    assert "还没有检查过" in admin.words
    assert "要办" in does(post, admin, "/console/launch/examine")
    found = states(post)
    assert found["token"] == "good"
    assert found["address"] == "bad"
    assert found["templates"] == "good"
    admin.opens("/console/launch")
    assert "不是 https" in admin.words
    assert "微信认我们的 AppID" in admin.words
    assert admin.words.index("不是 https") < admin.words.index("微信认我们的 AppID"), (
        "what is bad stands first"
    )


def test_what_wechat_refuses_is_told_with_its_own_advice(post: Post, admin: Clerk) -> None:
    with post.platform.faults(errcode=40164):
        does(post, admin, "/console/launch/examine")
    assert states(post)["followers"] == "bad"
    admin.opens("/console/launch")
    assert "40164" in admin.words
    assert "白名单" in admin.words


def test_followers_from_before_are_noted_once_and_those_who_left_meanwhile_are_not_written_to(
    post: Post, admin: Clerk
) -> None:
    before, gone = post.reader("石榴花"), post.reader("早走的人")
    post.town.writing(lambda session: session.execute(Identity.__table__.delete()))
    post.town.writing(lambda s: s.add(held(gone.openid)))
    post.platform.running.phone(gone.number, "unfollow")
    post.town.writing(lambda s: s.execute(Identity.__table__.delete().where(Identity.openid != gone.openid)))
    post.town.writing(lambda s: s.execute(Identity.__table__.update().values(following=True)))
    words = does(post, admin, "/console/launch/followers")
    assert "新记下" in words
    with post.town.reading() as session:
        known = {row.openid: row.following for row in session.scalars(select(Identity))}
        count = len(known)
    assert known[before.openid] is True
    assert known[gone.openid] is False
    again = import_followers(
        post.site, lambda unit: post.town.writing(lambda s: unit(Actor(s, channel="job")))
    )
    assert (again["new"], again["gone"]) == (0, 0)
    with post.town.reading() as session:
        assert session.scalar(select(func.count()).select_from(Identity)) == count


def held(openid: str) -> Identity:
    from models.identity import Person

    past = clock.now() - timedelta(days=9)
    return Identity(
        kind="oa",
        app="oa:main",
        openid=openid,
        person=Person(),
        following=True,
        follow_changed_at=past,
        created_at=past,
    )


def test_a_chosen_template_is_used_by_the_next_message_with_its_own_fields(post: Post, admin: Clerk) -> None:
    does(post, admin, "/console/launch/examine")
    with post.town.reading() as session:
        last = last_examination(session)
        assert last is not None
        wish = next(one for one in last.templates if one["template_id"] == "wish")
    ours = our_templates(post.site)["appointment"]
    page = f"/console/launch/templates/appointment?template={wish['template_id']}"
    admin.opens(page)
    assert admin.client.get("/console/launch/templates").status_code == 200
    fields = fitting_fields(ours.fields, wish["fields"])
    chosen = {f"field-{mine}": theirs for mine, theirs in fields.items()}
    admin.sends("/console/launch/templates/appointment", template=wish["template_id"], follow=True, **chosen)
    empty = [one for one in wish["fields"] if one not in fields.values()]
    if empty:
        assert "没有内容可填" in admin.words
    admin.opens("/console/launch/templates/appointment?template=appointment")
    same = {f"field-{one}": one for one in ours.fields}
    swapped = same | {"field-thing1": "thing3", "field-thing3": "thing1"}
    admin.sends("/console/launch/templates/appointment", template="appointment", follow=True, **swapped)
    assert "对上了" in admin.words
    reader = post.reader()
    reader.is_reminded("m1")
    post.deliver()
    eventually(lambda: post.row("m1").state == "delivered")
    (card,) = reader.received("template")
    assert card["rows"][0]["value"] == "2号窗口"
    assert card["rows"][2]["value"] == "高龄补贴"
    admin.sends("/console/launch/templates/appointment/forget")
    with post.town.reading() as session:
        assert session.scalars(select(TemplateMap)).all() == []


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"field-thing1": "time2", "field-time2": "thing1"}, "种类不对"),
        ({"field-thing1": "thing3"}, "两次"),
        ({"field-thing1": ""}, "没有内容可填"),
        ({"field-thing1": "thing99"}, "没有“thing99”"),
    ],
)
def test_fields_that_wechat_would_refuse_are_refused_here(
    post: Post, admin: Clerk, wrong: dict[str, str], words: str
) -> None:
    does(post, admin, "/console/launch/examine")
    same = {f"field-{one}": one for one in our_templates(post.site)["appointment"].fields}
    admin.sends(
        "/console/launch/templates/appointment", template="appointment", follow=True, **(same | wrong)
    )
    assert words in admin.words
    with post.town.reading() as session:
        assert session.scalars(select(TemplateMap)).all() == []


# ---- files, points, roles --------------------------------------------------------------------------------------------


@pytest.fixture
def chief(sqlite_town: Town) -> Clerk:
    return clerk(sqlite_town, "admin")


def lay_down(person: Clerk, name: str, content: bytes) -> int:
    person.opens("/console/launch")
    data = {"csrf_token": person.token(), "file": (BytesIO(content), name)}
    answer = person.client.post("/console/launch/files", data=data, content_type="multipart/form-data")
    person.page = answer.text
    return answer.status_code


def test_a_verification_file_is_served_at_the_root_as_it_was_given(sqlite_town: Town, chief: Clerk) -> None:
    assert sqlite_town.client.get("/MP_verify_AbC123xyz.txt").status_code == 404
    assert lay_down(chief, "MP_verify_AbC123xyz.txt", b"AbC123xyz\n") == 302
    served = sqlite_town.client.get("/MP_verify_AbC123xyz.txt")
    assert (served.text, served.mimetype) == ("AbC123xyz", "text/plain")
    chief.sends("/console/launch/files/1/take-up")
    assert sqlite_town.client.get("/MP_verify_AbC123xyz.txt").status_code == 404


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("evil.html", b"abc"),
        ("../../MP_verify_a.txt", b"abc"),
        ("MP_verify_AbC.txt", "<script>坏".encode()),
        ("MP_verify_AbC.txt", b"a" * 300),
        ("MP_verify_AbC.txt", b""),
        ("robots.txt.exe", b"abc"),
    ],
)
def test_any_other_file_is_refused_with_what_to_do(
    sqlite_town: Town, chief: Clerk, name: str, content: bytes
) -> None:
    assert lay_down(chief, name, content) == 200
    assert "微信" in chief.words
    with sqlite_town.reading() as session:
        assert audited(session, "launch.lay_down") == []


def test_a_point_that_only_a_person_sees_is_confirmed_with_a_name_and_can_be_taken_back(
    sqlite_town: Town, chief: Clerk
) -> None:
    key = next(iter(points()))
    chief.opens("/console/launch")
    chief.sends(f"/console/launch/points/{key}/done", follow=True)
    assert "王干事" in chief.words
    chief.sends(f"/console/launch/points/{key}/open")
    chief.sends("/console/launch/points/nonsense/done")
    with sqlite_town.reading() as session:
        assert session.scalars(select(LaunchTick)).all() == []
        assert len(audited(session, "launch.confirm")) == 2


def test_only_the_administrator_opens_the_launch(sqlite_town: Town) -> None:
    for role in ("desk", "approver", "auditor", "grid"):
        person = clerk(sqlite_town, role)
        assert person.opens("/console/launch").status_code == 403
        assert person.sends("/console/launch/examine").status_code == 403
    with sqlite_town.reading() as session:
        assert session.scalars(select(Work)).all() == []


def test_every_template_of_ours_has_a_name_for_a_clerk(sqlite_town: Town) -> None:
    assert set(our_templates(sqlite_town.site)) <= set(titles())


def test_the_doctor_on_the_command_line_says_the_same_and_ends_badly_when_something_is_bad(
    post: Post,
) -> None:
    done = post.town.app.test_cli_runner().invoke(args=["wechat", "doctor"])
    assert done.exit_code == 1, "the sandbox has no https"
    assert "✗ 对外网址" in done.output
    assert "✓ 账号凭据" in done.output
    assert len(doctor.NEEDED_ROLES) > 0
    with post.town.reading() as session:
        assert session.scalar(select(func.count()).select_from(Examination)) == 1
    done = post.town.app.test_cli_runner().invoke(args=["wechat", "import-followers"])
    assert done.exit_code == 0, done.output
    assert "followers" in done.output


def test_a_subscription_notice_is_mapped_for_the_account_and_for_the_mini_program(
    post: Post, admin: Clerk
) -> None:
    does(post, admin, "/console/launch/examine")
    assert states(post)["notices"] == "good"
    admin.opens("/console/launch/templates")
    assert "订阅通知:居民点过“允许”的" in admin.words
    assert "小程序订阅消息" in admin.words
    for road in ("notice", "mini"):
        admin.opens(f"/console/launch/templates/news?road={road}&template=news")
        same = {f"field-{one}": one for one in our_templates(post.site, road)["news"].fields}
        admin.sends("/console/launch/templates/news", road=road, template="news", follow=True, **same)
        assert "对上了" in admin.words
    with post.town.reading() as session:
        rows = session.scalars(select(TemplateMap).order_by(TemplateMap.road)).all()
        assert [(one.road, one.ours, one.account) for one in rows] == [
            ("mini", "news", "main"),
            ("notice", "news", "main"),
        ]
    admin.sends("/console/launch/templates/news/forget?road=mini")
    with post.town.reading() as session:
        assert [one.road for one in session.scalars(select(TemplateMap))] == ["notice"]
    assert admin.client.get("/console/launch/templates/news?road=else&template=news").status_code == 404
    assert (
        admin.client.get("/console/launch/templates/appointment?road=notice&template=news").status_code == 404
    )
