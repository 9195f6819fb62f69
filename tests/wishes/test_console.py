"""The wishes desk at the console: anonymised and published, refused with a reason, thanks read before they go out."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from models.outbox import OutboxRow
from models.wishes import Claim, Wish
from tests.neighbours import Phone, Town
from tests.staff.clerks import Clerk, audited, clerk


@pytest.fixture
def wang(sqlite_town: Town, ma: Phone) -> Clerk:
    """马秀兰 has said a wish in which her own name and door stand."""
    ma.says("许愿", "我叫马秀兰,住3号楼2单元,想要一根拐杖", "1")
    return clerk(sqlite_town, "desk", login="wang")


def wish(wang: Clerk) -> Wish:
    with wang.town.reading() as session:
        found = session.scalars(select(Wish).order_by(Wish.id.desc())).first()
        assert found is not None
        session.expunge_all()
        return found


def kinds(wang: Clerk) -> list[str]:
    with wang.town.reading() as session:
        return list(session.scalars(select(OutboxRow.kind).order_by(OutboxRow.id)))


def publish(wang: Clerk, words: str = "一位老人想要一根拐杖") -> None:
    path = f"/console/wishes/{wish(wang).id}/review"
    wang.sends(path, public_text=words, category="生活用品", follow=True)


def test_both_texts_stand_side_by_side_and_the_draft_shows_nobody(wang: Clerk) -> None:
    wang.opens("/console/")
    assert "等审核的心愿 1" in wang.words
    wang.opens(f"/console/wishes/{wish(wang).id}")
    shown = wang.page.partition('name="public_text"')[2].partition("</textarea>")[0]
    assert "马秀兰" in wang.words
    assert "拐杖" in shown
    assert "马秀兰" not in shown
    assert "3号楼" not in shown
    with wang.town.reading() as session:
        assert len(audited(session, "wishes.read")) == 1


def test_an_anonymised_wish_becomes_public_and_the_wisher_is_told(wang: Clerk) -> None:
    publish(wang)
    assert "公开了。有微信的本人会收到消息。" in wang.words
    done = wish(wang)
    assert (done.state, done.public_text, done.category) == ("public", "一位老人想要一根拐杖", "生活用品")
    assert kinds(wang) == ["wishes.published"]
    wang.opens("/console/wishes?which=public")
    assert "一位老人想要一根拐杖" in wang.words


def test_other_words_for_a_wish_that_is_public_tell_nobody_and_do_not_say_so(wang: Clerk) -> None:
    publish(wang)
    publish(wang, "一位老人想要一根能坐的拐杖")
    assert "改好了。" in wang.words
    assert "会收到消息" not in wang.words
    assert kinds(wang) == ["wishes.published"]


def test_words_that_show_who_wishes_are_refused_beside_the_form(wang: Clerk) -> None:
    publish(wang, "3号楼的老人想要一根拐杖")
    assert "alert-danger" in wang.page
    assert "3号楼的老人想要一根拐杖" in wang.page
    assert wish(wang).state == "said"


def test_public_words_are_corrected_later(wang: Clerk) -> None:
    publish(wang)
    publish(wang, "一位奶奶想要一根轻一点的拐杖")
    assert wish(wang).public_text == "一位奶奶想要一根轻一点的拐杖"


def test_refusing_needs_a_reason_and_tells_it(wang: Clerk) -> None:
    path = f"/console/wishes/{wish(wang).id}/refuse"
    wang.sends(path, reason="")
    assert "请填写" in wang.words
    assert wish(wang).state == "said"
    wang.sends(path, reason="这件事可以走救助,工作人员会打电话")
    assert (wish(wang).state, wish(wang).reason) == ("refused", "这件事可以走救助,工作人员会打电话")
    assert kinds(wang) == ["wishes.refused"]


def test_a_promise_can_be_given_back_for_the_one_who_made_it(wang: Clerk, han: Phone) -> None:
    publish(wang)
    claim_by(wang, han)
    with wang.town.reading() as session:
        promised = session.scalars(select(Claim.id)).one()
    wang.sends(f"/console/wishes/claims/{promised}/give-back")
    assert wish(wang).state == "public"


def claim_by(wang: Clerk, phone: Phone) -> None:
    from handlers.wishes import actions

    number = wish(wang).id
    wang.town.writing(lambda session: actions.claim(phone.actor(session), session.get_one(Wish, number)))


def test_confirmed_by_telephone_thanked_and_the_thanks_read_first(wang: Clerk, ma: Phone, han: Phone) -> None:
    from handlers.wishes import actions

    publish(wang)
    claim_by(wang, han)
    number = wish(wang).id
    wang.town.writing(lambda s: actions.mark_done(han.actor(s), s.scalars(select(Claim)).one()))
    wang.opens("/console/wishes?which=confirm")
    assert "拐杖" in wang.words
    wang.sends(f"/console/wishes/{number}/confirm", answer="yes")
    assert wish(wang).state == "confirmed"
    wang.town.writing(lambda s: actions.thank(ma.actor(s), s.get_one(Wish, number), "谢谢好心人,很合手"))
    wang.opens("/console/wishes?which=thanks")
    assert "拐杖" in wang.words
    assert wang.sends(f"/console/wishes/{number}/thanks", answer="yes").status_code == 403
    chief = clerk(wang.town, "approver", login="chief")
    chief.opens("/console/")
    assert "等您看的感谢 1" in chief.words
    chief.sends(f"/console/wishes/{number}/thanks", answer="yes")
    assert (wish(wang).state, wish(wang).thanks_state) == ("thanked", "approved")
    assert kinds(wang)[-1] == "wishes.thanks"


def test_thanks_that_do_not_fit_do_not_go_out(wang: Clerk, ma: Phone, han: Phone) -> None:
    from handlers.wishes import actions

    publish(wang)
    claim_by(wang, han)
    number = wish(wang).id
    wang.town.writing(lambda s: actions.mark_done(han.actor(s), s.scalars(select(Claim)).one()))
    wang.sends(f"/console/wishes/{number}/confirm", answer="yes")
    wang.town.writing(lambda s: actions.thank(ma.actor(s), s.get_one(Wish, number), "给我打钱就好"))
    clerk(wang.town, "approver", login="chief").sends(f"/console/wishes/{number}/thanks", answer="no")
    assert wish(wang).thanks_state == "refused"
    assert "wishes.thanks" not in kinds(wang)


def test_what_is_over_cannot_be_reviewed_again(wang: Clerk) -> None:
    wang.sends(f"/console/wishes/{wish(wang).id}/refuse", reason="不合适")
    publish(wang)
    assert wish(wang).state == "refused"
    assert "alert-danger" in wang.page
