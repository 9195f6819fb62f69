"""A picture of what was delivered, for the staff alone: neither the wisher nor anybody else ever sees it."""

from __future__ import annotations

from app import audit, clock, files, pictures
from handlers.wishes.standing import must_be_claimer
from models.identity import Actor
from models.refusal import Refusal
from models.wish_proofs import MOST_PROOFS, PROOFS_KEPT, WishProof, count_proofs, proofs_of
from models.wishes import Claim, Wish, hold


def clean_proof(content: bytes) -> tuple[bytes, str]:
    """The picture as pixels alone, before the unit of work: it takes its time. Refuses wishes.bad_photo."""
    try:
        return pictures.clean(content)
    except pictures.BadPicture as why:
        raise Refusal("wishes.bad_photo") from why


def keep_proof(by: Actor, promised: Claim, picture: tuple[bytes, str]) -> WishProof:
    """Keep a cleaned picture for a year. Refuses with wishes.not_yours, .claim_over, .too_many_photos."""
    hold(by.session, promised.wish)
    by.session.refresh(promised)
    must_be_claimer(by, promised)
    if promised.state not in ("open", "done"):
        raise Refusal("wishes.claim_over", claim=promised)
    if count_proofs(by.session, promised) >= MOST_PROOFS:
        raise Refusal("wishes.too_many_photos", most=MOST_PROOFS)
    content, media_type = picture
    proof = WishProof(claim=promised)
    proof.file = files.store(
        by.session,
        content,
        purpose="wishes.proof",
        name="照片",
        media_type=media_type,
        owner=promised.person,
        until=clock.now() + PROOFS_KEPT,
    )
    by.session.add(proof)
    audit.note(by, "wishes.keep_proof", promised, wish=promised.wish_id)
    return proof


def remove_proofs(by: Actor, wish: Wish) -> None:
    """They go when what was said in the wish goes."""
    for proof in by.session.scalars(proofs_of(*wish.claims)).all():
        if proof.file is not None:
            files.remove(by.session, proof.file)
