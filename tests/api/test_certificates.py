"""Proofs of service through the API: applied for once however often it is sent, withdrawn, objected to."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from handlers.ledger.essentials import install
from tests.api.minis import Mini, problem
from tests.certificates.offices import checked, gave, named_issuer
from tests.neighbours import Town, frozen


def served(town: Town, helper: Mini) -> None:
    def unit(session: Session) -> None:
        install(session)
        gave(session, helper.person(session), 130, date(2026, 3, 5))

    town.writing(unit)


def test_a_proof_is_applied_for_followed_and_objected_to(town: Town, ma: Mini) -> None:
    with frozen("2026-11-23 09:00"):
        problem(ma.post("/certificates", posting=True), 409, "certificates.no_hours")
        served(town, ma)
        made = ma.post("/certificates", posting=True, since="2026-01-01", purpose="升学")
        assert made.status_code == 201, made.text
        number = made.json["id"]
        assert (made.json["state"], made.json["since"], made.json["until"]) == (
            "applied",
            "2026-01-01",
            "2026-11-23",
        )
        problem(
            ma.post("/certificates", posting=False, since="2026-09-01", until="2026-03-01"),
            409,
            "certificates.bad_period",
        )
        named_issuer(town)
        checked(town, number)
        (shown,) = ma.get("/certificates").json["items"]
        assert (shown["state"], shown["minutes"], shown["purpose"]) == ("posting", 130, "升学")
        said = ma.post(f"/certificates/{number}/object", text="少记了一小时")
        assert (said.status_code, said.json) == (201, {"due": "2026-11-30"})
        assert ma.post(f"/certificates/{number}/withdraw").json["state"] == "withdrawn"
        problem(ma.post(f"/certificates/{number}/withdraw"), 409, "certificates.not_now")
