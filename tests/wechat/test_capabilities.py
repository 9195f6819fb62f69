"""The platform's table of account kinds, as the three kinds of account that the road test walks with."""

from app.wechat.capabilities import EVERYONE, capabilities


def test_a_verified_service_account_can_do_everything():
    allowed = capabilities("service", verified=True)
    assert allowed >= {
        "menu",
        "kf",
        "users",
        "template",
        "qrcode",
        "oauth",
        "mass_tag",
        "mass_openid",
        "bizsend",
    }


def test_a_verified_subscription_account_has_no_templates_and_no_parametric_codes():
    allowed = capabilities("subscription", verified=True)
    assert allowed >= {"menu", "kf", "users", "mass_tag", "freepublish"}
    assert not allowed & {"template", "qrcode", "mass_openid", "oauth"}


def test_government_subscription_accounts_have_oauth():
    assert "oauth" in capabilities("subscription", verified=True, government=True)
    assert not capabilities("subscription", verified=True, government=True) & {"template", "qrcode"}


def test_an_unverified_account_answers_passively_and_little_more():
    for kind in ("service", "subscription"):
        assert capabilities(kind, verified=False, government=True) == EVERYONE
        assert not capabilities(kind, verified=False) & {"menu", "kf", "users", "qrcode", "oauth", "template"}
