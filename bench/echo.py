"""The peer: what a wechatpy user writes first. Secure mode, Flask, echo, nothing stored."""

import os
from collections.abc import Callable
from typing import Any

from flask import Flask, request
from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.replies import create_reply


def serving(words_for: Callable[[Any], str]) -> Flask:
    """Answers wechatpy's message with these words."""
    app = Flask("echo")
    crypto = WeChatCrypto(os.environ["BENCH_TOKEN"], os.environ["BENCH_AES_KEY"], os.environ["BENCH_APPID"])

    @app.post("/wx/main")
    def echo() -> str:
        signature, stamp, nonce = (request.args[name] for name in ("msg_signature", "timestamp", "nonce"))
        message = parse_message(crypto.decrypt_message(request.data, signature, stamp, nonce))
        answer: str = crypto.encrypt_message(create_reply(words_for(message), message).render(), nonce, stamp)
        return answer

    return app


app = serving(lambda message: message.content)
