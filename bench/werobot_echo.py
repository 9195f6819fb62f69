"""The other peer: WeRoBot as its users write it, without sessions. Secure mode, echo, nothing stored."""

import os

import werobot

robot = werobot.WeRoBot(
    token=os.environ["BENCH_TOKEN"],
    encoding_aes_key=os.environ["BENCH_AES_KEY"],
    app_id=os.environ["BENCH_APPID"],
    enable_session=False,
)


@robot.text
def echo(message):
    return message.content


app = robot.wsgi
