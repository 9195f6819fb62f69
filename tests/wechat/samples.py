"""WeChat's own test vectors, and pushes as WeChat writes them."""

from datetime import UTC, datetime

TOKEN = "AAAAA"
AES_KEY = "A" * 43
OTHER_KEY = "B" * 43
APPID = "wxba5fad812f8e6fb9"

# The official page's secure push: token, key and appid as above.
VECTOR_ENCRYPT = (
    "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzaz"
    "hZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqF"
    "IZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04="
)
VECTOR_ARGS = {
    "timestamp": "1714112445",
    "nonce": "415670741",
    "encrypt_type": "aes",
    "msg_signature": "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3",
}
VECTOR_MESSAGE = (
    b'{"ToUserName":"gh_97417a04a28d","FromUserName":"o9AgO5Kd5ggOC-bXrbNODIiE3bGY","CreateTime":1714112445,'
    b'"MsgType":"event","Event":"debug_demo","debug_str":"hello world"}'
)
VECTOR_NOW = datetime.fromtimestamp(1714112450, UTC)

ACCOUNT = "gh_1a2b3c4d5e6f"
OPENID = "oABCD1234567890abcdefghijklm"


def push_xml(fields: str, created: str = "1794000000", openid: str = OPENID) -> bytes:
    """A push with the common fields round the given ones."""
    return (
        f"<xml><ToUserName><![CDATA[{ACCOUNT}]]></ToUserName><FromUserName><![CDATA[{openid}]]></FromUserName>"
        f"<CreateTime>{created}</CreateTime>{fields}</xml>"
    ).encode()


def message_xml(kind: str, fields: str = "", msg_id: str = "24762662405509099") -> bytes:
    return push_xml(f"<MsgType><![CDATA[{kind}]]></MsgType>{fields}<MsgId>{msg_id}</MsgId>")


def text_xml(content: str, msg_id: str = "24762662405509099") -> bytes:
    return message_xml("text", f"<Content><![CDATA[{content}]]></Content>", msg_id)


def event_xml(name: str, fields: str = "", created: str = "1794000000", openid: str = OPENID) -> bytes:
    head = f"<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[{name}]]></Event>"
    return push_xml(head + fields, created, openid)
