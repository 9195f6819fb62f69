"""What residents agree to: templates/people/policies.toml, one purpose at a time, with its version and its words."""

import hashlib
import tomllib
from dataclasses import dataclass
from functools import cache

from app.words import TEMPLATES
from models import agreed
from models.identity import Actor
from models.people import PURPOSES, SEPARATE, AnyPurpose, live_consent


@dataclass(frozen=True, slots=True)
class Policy:
    """`text` is what is read out before asking; `refused` says what does not work without this consent."""

    purpose: AnyPurpose
    version: int
    title: str
    text: str
    refused: str

    @property
    def text_hash(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


@cache
def policies() -> dict[str, Policy]:
    """All purposes in the order in which they are shown, those that everybody is asked for first."""
    written = tomllib.loads((TEMPLATES / "people" / "policies.toml").read_text(encoding="utf-8"))
    return {purpose: Policy(purpose, **written[purpose]) for purpose in (*PURPOSES, *SEPARATE)}


def policy(purpose: AnyPurpose) -> Policy:
    """For other features that ask for one consent: its words."""
    return policies()[purpose]


def has_consent(by: Actor, purpose: AnyPurpose) -> bool:
    """Whether `by` agreed to this purpose in today's words: a new version must be asked for again."""
    given = live_consent(by.session, by.me, purpose)
    return given is not None and given.version == policies()[purpose].version


def has_withdrawn(by: Actor, purpose: AnyPurpose) -> bool:
    """Whether `by` once agreed to this purpose and does not any more."""
    return agreed.has_withdrawn(by.session, by.me, purpose)
