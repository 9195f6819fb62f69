"""The envelope of pushes: WeChat's own vectors, wechatpy beside ours, and whatever must not come through."""

import json
import secrets
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wechatpy.crypto import PrpCrypto, WeChatCrypto
from wechatpy.crypto.base import WeChatCipher

from app.wechat.codec import Key, signature
from app.wechat.errors import BadPush
from app.wechat.sealing import LARGEST_PUSH, Seal
from tests.wechat.samples import (
    AES_KEY,
    APPID,
    OTHER_KEY,
    TOKEN,
    VECTOR_ARGS,
    VECTOR_ENCRYPT,
    VECTOR_MESSAGE,
    VECTOR_NOW,
    text_xml,
)

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def outer(ciphertext: str) -> bytes:
    return f"<xml><ToUserName>gh</ToUserName><Encrypt><![CDATA[{ciphertext}]]></Encrypt></xml>".encode()


def sealed_push(message: bytes, key: str = AES_KEY, appid: str = APPID) -> tuple[dict[str, str], bytes]:
    """What WeChat would send right now."""
    return signed(Key(key, appid).seal(message))


def signed(ciphertext: str, token: str = TOKEN, at: datetime = NOW) -> tuple[dict[str, str], bytes]:
    args = {"timestamp": str(int(at.timestamp())), "nonce": "415670741", "encrypt_type": "aes"}
    args["msg_signature"] = signature(token, args["timestamp"], args["nonce"], ciphertext)
    return args, outer(ciphertext)


def plain_args(at: datetime = NOW) -> dict[str, str]:
    args = {"timestamp": str(int(at.timestamp())), "nonce": "486452656"}
    return args | {"signature": signature(TOKEN, args["timestamp"], args["nonce"])}


def refusal(seal: Seal, args: dict[str, str], body: bytes, now: datetime = NOW) -> BadPush:
    with pytest.raises(BadPush) as refused:
        seal.open(args, body, now)
    return refused.value


@pytest.fixture
def seal() -> Seal:
    return Seal(TOKEN, AES_KEY, APPID)


def test_the_official_greeting_is_echoed(seal):
    args = {"timestamp": "1714036504", "nonce": "1514711492", "echostr": "4375120948345356249"}
    args["signature"] = "f464b24fc39322e44b38aa78f5edd27bd1441696"
    assert seal.greeting(args) == "4375120948345356249"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"signature": "f464b24fc39322e44b38aa78f5edd27bd1441697"}, 403),
        ({"signature": ""}, 403),
        ({"signature": "é" * 40}, 403),
        ({"nonce": "1514711493"}, 403),
        ({"echostr": ""}, 400),
        ({"echostr": "<b>\n"}, 400),
    ],
)
def test_a_greeting_of_somebody_else_is_refused(seal, change, status):
    args = {"timestamp": "1714036504", "nonce": "1514711492", "echostr": "4375120948345356249"}
    args["signature"] = "f464b24fc39322e44b38aa78f5edd27bd1441696"
    with pytest.raises(BadPush) as refused:
        seal.greeting(args | change)
    assert refused.value.status == status


def test_the_official_plain_signature_is_accepted_in_plain_mode():
    args = {"timestamp": "1714037059", "nonce": "486452656"}
    args["signature"] = "899cf89e464efb63f54ddac96b0a0a235f53aa78"
    seal = Seal(TOKEN, AES_KEY, APPID, encryption="plain")
    assert seal.open(args, b"<xml/>", datetime.fromtimestamp(1714037060, UTC)) == b"<xml/>"


def test_the_official_sealed_push_opens(seal):
    assert seal.open(VECTOR_ARGS, outer(VECTOR_ENCRYPT), VECTOR_NOW) == VECTOR_MESSAGE


def test_the_official_sealed_push_opens_in_json_form(seal):
    body = json.dumps({"ToUserName": "gh_97417a04a28d", "Encrypt": VECTOR_ENCRYPT}).encode()
    assert seal.open(VECTOR_ARGS, body, VECTOR_NOW) == VECTOR_MESSAGE


def test_the_official_answer_is_sealed_to_the_same_bytes():
    official = "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ=="
    assert Key(AES_KEY, APPID).unseal(official) == b'{"demo_resp":"good luck"}'
    assert signature(TOKEN, "1713424427", "415670741", official) == "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1"
    salt = b"707722b803182950"  # the page's sixteen random characters
    assert Key(AES_KEY, APPID).seal(b'{"demo_resp":"good luck"}', salt) == official


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=400))
def test_wechatpy_opens_what_we_seal_and_we_open_what_it_seals(text):
    key = Key(AES_KEY, APPID)
    reference = PrpCrypto(b"\0" * 32)
    assert reference.decrypt(key.seal(text.encode()), APPID) == text
    assert key.unseal(reference.encrypt(text, APPID).decode()).decode() == text


def test_wechatpy_opens_our_whole_answer(seal):
    answer = "<xml><Content><![CDATA[您好]]></Content></xml>"
    closed = seal.close(answer, "415670741", NOW)
    parts = {tag: closed.split(f"<{tag}>")[1].split(f"</{tag}>")[0] for tag in ("MsgSignature", "TimeStamp")}
    proof = parts["MsgSignature"].removeprefix("<![CDATA[").removesuffix("]]>")
    crypto = WeChatCrypto(TOKEN, AES_KEY, APPID)
    assert crypto.decrypt_message(closed, proof, parts["TimeStamp"], "415670741") == answer


def test_a_json_answer_is_sealed_as_json(seal):
    closed = json.loads(seal.close('{"demo_resp":"good luck"}', "415670741", NOW))
    assert Key(AES_KEY, APPID).unseal(closed["Encrypt"]) == b'{"demo_resp":"good luck"}'
    expected = signature(TOKEN, str(closed["TimeStamp"]), "415670741", closed["Encrypt"])
    assert closed["MsgSignature"] == expected
    assert closed["Nonce"] == "415670741"


@pytest.mark.parametrize("answer", ["", "success"])
def test_nothing_to_say_is_said_in_clear(seal, answer):
    assert seal.close(answer, "1", NOW) == "success"


def test_b30_a_nonce_cannot_smuggle_anything_into_the_answer(seal):
    closed = seal.close("<xml><a>1</a></xml>", "1]]></Nonce><Encrypt>", NOW)
    assert "</Nonce><Encrypt>" not in closed
    assert closed.count("<Encrypt>") == 1


def test_a_push_under_the_previous_key_is_opened_and_answered_with_it():
    seal = Seal(TOKEN, AES_KEY, APPID, previous_key=OTHER_KEY)
    args, body = sealed_push(text_xml("您好"), key=OTHER_KEY)
    opened = seal.open(args, body, NOW)
    assert opened == text_xml("您好")
    ciphertext = seal.close("<xml>1</xml>", "1", NOW, opened).split("CDATA[")[1].split("]]")[0]
    assert Key(OTHER_KEY, APPID).unseal(ciphertext) == b"<xml>1</xml>"
    args, body = sealed_push(text_xml("您好"))
    opened = seal.open(args, body, NOW)
    ciphertext = seal.close("<xml>1</xml>", "1", NOW, opened).split("CDATA[")[1].split("]]")[0]
    assert Key(AES_KEY, APPID).unseal(ciphertext) == b"<xml>1</xml>"


def test_without_a_previous_key_its_pushes_are_refused(seal):
    args, body = sealed_push(text_xml("您好"), key=OTHER_KEY)
    assert refusal(seal, args, body).status == 400


def test_b05_compatible_mode_believes_the_sealed_half_only():
    args, _ = signed(ciphertext := Key(AES_KEY, APPID).seal(text_xml("真")))
    body = f"<xml><Content>假</Content><Encrypt>{ciphertext}</Encrypt></xml>".encode()
    seal = Seal(TOKEN, AES_KEY, APPID, encryption="compatible")
    assert seal.open(args, body, NOW) == text_xml("真")
    assert "<Encrypt>" in seal.close("<xml>1</xml>", "1", NOW)
    assert refusal(seal, plain_args(), text_xml("假")).status == 403


def test_b05_a_plain_push_is_refused_in_secure_mode(seal):
    assert refusal(seal, plain_args(), text_xml("您好")).status == 403


def test_b05_a_downgrade_is_refused(seal):
    args, body = sealed_push(text_xml("您好"))
    for encrypt_type in (None, "raw", "AES "):
        lowered = {name: value for name, value in args.items() if name != "encrypt_type"}
        if encrypt_type:
            lowered["encrypt_type"] = encrypt_type
        assert refusal(seal, lowered, body).status == 403
    assert refusal(seal, args, text_xml("no Encrypt in it")).status == 403


def test_b05_plain_mode_refuses_what_it_cannot_open():
    args, body = sealed_push(text_xml("您好"))
    seal = Seal(TOKEN, AES_KEY, APPID, encryption="plain")
    assert refusal(seal, args, body).status == 403
    assert refusal(seal, args | plain_args(), body).status == 400


@pytest.mark.parametrize("wrong", [None, "", "0" * 40, "é", "\ud800"])
def test_b05_a_missing_or_wrong_signature_is_refused(seal, wrong):
    args, body = sealed_push(text_xml("您好"))
    args = {name: value for name, value in args.items() if name != "msg_signature"}
    if wrong is not None:
        args["msg_signature"] = wrong
    assert refusal(seal, args, body).status == 403


def test_b05_the_signature_covers_the_body(seal):
    args, _ = sealed_push(text_xml("您好"))
    _, other = sealed_push(text_xml("转账"))
    assert refusal(seal, args, other).status == 403


def test_b05_a_push_of_another_app_is_refused(seal):
    args, body = sealed_push(text_xml("您好"), appid="wx0000000000000000")
    assert refusal(seal, args, body).status == 403


@pytest.mark.parametrize("minutes", [-9.9, -1, 0, 1, 9.9])
def test_b06_wechats_own_retries_come_through(seal, minutes):
    args, body = sealed_push(text_xml("您好"))
    for _ in range(3):
        assert seal.open(args, body, NOW + timedelta(minutes=minutes)) == text_xml("您好")


@pytest.mark.parametrize("minutes", [-11, 11, 60 * 24 * 365])
def test_b06_a_replay_after_ten_minutes_is_refused(seal, minutes):
    args, body = sealed_push(text_xml("您好"))
    assert refusal(seal, args, body, NOW + timedelta(minutes=minutes)).status == 403


@pytest.mark.parametrize("timestamp", ["", "abc", "-1", "1e9", "１７１４", "9" * 400, "1714112445.0"])
def test_b06_a_strange_timestamp_is_refused(seal, timestamp):
    args, body = sealed_push(text_xml("您好"))
    assert refusal(seal, args | {"timestamp": timestamp}, body).status == 403


def test_b04_a_push_above_64_kb_is_refused_before_it_is_read(seal):
    args, _ = sealed_push(text_xml("您好"))
    assert refusal(seal, args, b"x" * (LARGEST_PUSH + 1)).status == 413


@pytest.mark.parametrize(
    "ciphertext",
    ["", "A", "AAAA", "!!!!", "你好", "=" * 64, "A" * 43, "A" * 44, "QUFB" * 8, "\ud800" * 4],
)
def test_b03_signed_garbage_is_one_typed_error(seal, ciphertext):
    args, body = signed(ciphertext) if ciphertext.isascii() else (signed("x")[0], outer("x"))
    assert refusal(seal, args, body).status in (400, 403)


def test_b03_three_thousand_signed_garbage_ciphertexts_are_one_typed_error(seal):
    for size in range(0, 160, 16):
        for _ in range(300):
            args, body = signed(b64encode(secrets.token_bytes(size)).decode())
            assert refusal(seal, args, body).status in (400, 403)


def test_b03_every_wrong_padding_and_length_is_refused():
    key = Key(AES_KEY, APPID)
    cipher = WeChatCipher(b64decode(AES_KEY + "="))
    good = b"r" * 16 + (2).to_bytes(4, "big") + b"ok" + APPID.encode()

    def sealed(plain: bytes) -> str:
        return b64encode(cipher.encrypt(plain)).decode()

    pad = 64 - len(good)
    assert key.unseal(sealed(good + bytes([pad]) * pad)) == b"ok"
    for last in (0, 33, 255, pad + 1):
        with pytest.raises(ValueError):
            key.unseal(sealed(good + bytes([pad]) * (pad - 1) + bytes([last])))
    too_long = b"r" * 16 + (2**31).to_bytes(4, "big") + b"ok" + APPID.encode()
    with pytest.raises(ValueError):
        key.unseal(sealed(too_long + bytes([pad]) * pad))
    assert len(good + bytes([pad]) * pad) % 32 == 0


@pytest.mark.parametrize("body", [b"", b"garbage", b"<xml/>", b"{}", b"[]", b"\xff\xfe", b"<xml><Encrypt>"])
def test_a_body_that_is_no_envelope_is_refused(seal, body):
    args, _ = sealed_push(text_xml("您好"))
    assert refusal(seal, args, body).status in (400, 403)


def test_b02_two_ciphertexts_in_one_envelope_are_refused(seal):
    args, _ = sealed_push(text_xml("您好"))
    body = b"<xml><Encrypt>a</Encrypt><Encrypt>b</Encrypt></xml>"
    assert refusal(seal, args, body).status == 400


@pytest.mark.parametrize("key", ["", "A" * 42, "A" * 44, "!" * 43])
def test_an_impossible_key_is_refused_when_the_seal_is_made(key):
    with pytest.raises(ValueError):
        Seal(TOKEN, key, APPID)


@settings(max_examples=300, deadline=None)
@given(
    st.binary(max_size=300),
    st.dictionaries(st.sampled_from([*VECTOR_ARGS, "signature"]), st.text(max_size=50)),
)
def test_b03_whatever_comes_in_the_only_error_is_badpush(body, args):
    for encryption in ("secure", "compatible", "plain"):
        seal = Seal(TOKEN, AES_KEY, APPID, OTHER_KEY, encryption)
        with pytest.raises(BadPush):
            seal.open(args, body, NOW)


def test_the_seal_says_nothing_of_its_secrets(seal):
    assert AES_KEY not in repr(seal)
    assert TOKEN not in repr(seal)


@pytest.mark.parametrize(
    "form", ["<xml><Encrypt>{}</Encrypt></xml>", "\n<xml>\n<Encrypt><![CDATA[{}]]></Encrypt></xml>"]
)
def test_an_envelope_in_another_form_of_xml_opens_too(seal, form):
    args, _ = signed(ciphertext := Key(AES_KEY, APPID).seal(text_xml("您好")))
    assert seal.open(args, form.format(ciphertext).encode(), NOW) == text_xml("您好")


def test_words_that_look_like_an_envelope_do_not_confuse_compatible_mode():
    args, _ = signed(ciphertext := Key(AES_KEY, APPID).seal(text_xml("真")))
    fake = "<Content><![CDATA[<Encrypt><![CDATA[AAAA]]]]><![CDATA[></Encrypt>]]></Content>"
    seal = Seal(TOKEN, AES_KEY, APPID, encryption="compatible")
    body = f"<xml>{fake}<Encrypt><![CDATA[{ciphertext}]]></Encrypt></xml>".encode()
    assert seal.open(args, body, NOW) == text_xml("真")


def test_b01_a_document_type_round_a_good_envelope_is_refused(seal):
    args, body = sealed_push(text_xml("您好"))
    assert refusal(seal, args, b'<!DOCTYPE xml [<!ENTITY e "x">]>' + body).status == 400
