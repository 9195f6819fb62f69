"""Passwords and second factors: argon2id hashes that carry their own parameters, RFC 6238 codes that work once."""

from __future__ import annotations

import base64
import hmac
import os
import re
from urllib.parse import quote

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from app import clock
from models.refusal import Refusal
from models.staff import StaffMember

SHORTEST = 8
LONGEST = 128
# OWASP's argon2id of 2023: 19 MiB, two passes, one lane. A sign-in costs about 40 ms.
LENGTH, PASSES, LANES, KIBIBYTES = 32, 2, 1, 19_456
# The hash of a password that nobody knows: an account that does not exist takes as long as a wrong password.
NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$6YnzqqTvQuxU4p+DfBjtOQ$o0UTzLr4ywXVIdWSoTg/Yh7SyLhKuI0DoKzHmSvkeGk"
STEP = 30
DIGITS = 6

COMMON = frozenset(
    "password passw0rd p@ssw0rd password1 password123 iloveyou sunshine princess football baseball superman batman"
    " trustno1 welcome welcome1 letmein whatever computer internet administrator admin123 admin888 admin1234 root1234"
    " adminadmin test1234 testtest changeme default1 qwertyuiop qwerty123 qwerty12 qwer1234 qwe12345 asdfghjkl asdf1234"
    " zxcvbnm123 1q2w3e4r 1q2w3e4r5t 1qaz2wsx 1qazxsw2 q1w2e3r4 qazwsxedc zaq12wsx abc12345 abcd1234 abc123456 a1234567"
    " a12345678 a123456789 aa123456 aa12345678 aaa12345 abcdefgh abcdefg1 woaini1314 woaini520 woaini123 5201314"
    " 13145200 520520520 5201314520 1314520520 88888888 66666666 12341234 123123123 147258369 159357456 123456abc"
    " 12345678a 123456789a 12345qwert 123qweasd qweasdzxc q123456789 w123456789 z123456789 zxc123456 asd123456"
    " wang1234 li123456 zhang123 xiaoming dongdong tiankong nihao123 mima1234 mimamima woshishui gongzuo1 zhongguo"
    " china123 beijing2008 qinghai1 qinghai123 dragon123 monkey123 shadow12 master12 michael1 jennifer starwars".split()
)
CONTEXT = ("互助", "幸福", "大家庭", "社区", "西宁", "huzhu", "xingfu", "xining", "shequ", "dajiating")
_ONE_KIND = re.compile(r"(.)\1*|(.{1,4})\2+")
_ROWS = ("01234567890", "09876543210", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm")


def check_password(password: str, member: StaffMember) -> None:
    """Refuses with staff.password_short, .password_long, .password_common, .password_context."""
    if len(password) < SHORTEST:
        raise Refusal("staff.password_short", least=SHORTEST)
    if len(password) > LONGEST:
        raise Refusal("staff.password_long", most=LONGEST)
    plain = password.lower()
    if plain in COMMON or _ONE_KIND.fullmatch(plain) or any(plain in row for row in _ROWS):
        raise Refusal("staff.password_common")
    if any(word in plain for word in (*CONTEXT, member.login.lower(), member.name)):
        raise Refusal("staff.password_context")


def hashed(password: str) -> str:
    made = Argon2id(salt=os.urandom(16), length=LENGTH, iterations=PASSES, lanes=LANES, memory_cost=KIBIBYTES)
    return made.derive_phc_encoded(password.encode())


def is_password(password: str, member: StaffMember | None) -> bool:
    """Whether it is theirs; takes as long for those who have none or do not exist."""
    known = member.password if member is not None and member.active else None
    try:
        Argon2id.verify_phc_encoded(password.encode()[: LONGEST * 4], known or NOBODY)
    except (InvalidKey, ValueError):
        return False
    return known is not None


# ---- the second factor -----------------------------------------------------------------------------------------------


def new_secret() -> str:
    """20 random bytes as hex: what RFC 4226 recommends for SHA-1."""
    return os.urandom(20).hex()


def code_of(secret: str, step: int) -> str:
    """The six digits of one 30-second step."""
    made = TOTP(bytes.fromhex(secret), DIGITS, SHA1(), STEP)  # noqa: S303 (RFC 6238; what every phone's app does)
    return made.generate(step * STEP).decode()


def step_of_code(secret: str, code: str, after: int | None = None) -> int | None:
    """The step whose code this is, now or one step beside it, and later than `after`; None when it is none of them."""
    now = int(clock.now().timestamp()) // STEP
    given = "".join(code.split()).encode()
    right = [
        step for step in (now - 1, now, now + 1) if hmac.compare_digest(code_of(secret, step).encode(), given)
    ]
    return next((step for step in right if after is None or step > after), None)


def address_for_app(secret: str, member: StaffMember, issuer: str) -> str:
    """What the QR code says to an authenticator app."""
    key = typed_secret(secret).replace(" ", "")
    label = quote(f"{issuer}:{member.login}")
    return f"otpauth://totp/{label}?secret={key}&issuer={quote(issuer)}&digits={DIGITS}&period={STEP}"


def typed_secret(secret: str) -> str:
    """The secret as one types it into an app by hand: base32 in groups of four."""
    key = base64.b32encode(bytes.fromhex(secret)).decode().rstrip("=")
    return " ".join(key[start : start + 4] for start in range(0, len(key), 4))
