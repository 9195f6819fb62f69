"""A picture that came by chat lies at the real sandbox platform, and is fetched from there when the staff ask."""

from __future__ import annotations

from datetime import timedelta

from models.matters import MatterPhoto
from tests.matters.conftest import LAMP, count, matter
from tests.roads.street import eventually
from tests.scheduler.conftest import Post, platform, post  # noqa: F401 (fixtures)
from tests.staff.clerks import clerk


def said_with_picture(post: Post) -> str:  # noqa: F811
    """A lamp and its picture, both from one phone; where the picture is shown."""
    reader, phone = post.reader(), post.platform.running.phone
    for words in ("说事", "1", LAMP, "跳过", "1", "1"):
        phone(reader.number, "send", kind="text", text=words)
    phone(reader.number, "send", kind="image")
    for digit in ("3", "1"):
        phone(reader.number, "send", kind="text", text=digit)
    eventually(lambda: count(post.town, MatterPhoto) == 1)
    one = matter(post.town)
    return f"/console/matters/{one.id}/photos/{one.photos[0].id}"


def test_a_picture_from_the_chat_is_fetched_outside_the_request(post: Post) -> None:  # noqa: F811
    address, wang = said_with_picture(post), clerk(post.town, "desk")
    assert wang.client.get(address).status_code == 404
    wang.sends(f"{address}/fetch", follow=True)
    assert "从微信取照片" in wang.words
    assert post.town.works() == 1
    shown = wang.client.get(address)
    assert (shown.status_code, shown.content_type) == (200, "image/png")
    assert clerk(post.town, "leader", login="li").opens(address).status_code == 403


def test_what_wechat_has_thrown_away_is_said_to_be_gone(post: Post) -> None:  # noqa: F811
    address = said_with_picture(post)
    post.later(timedelta(days=4))
    wang = clerk(post.town, "desk")
    wang.sends(f"{address}/fetch", follow=True)
    post.town.works()
    wang.opens("/console/work/1")
    assert "取不到了" in wang.words
