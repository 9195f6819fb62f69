"""The one place that speaks WeChat: sealed pushes come in as typed messages, calls go out with every fault
named.

Of wechatpy 1.8.18 the renderers of the rarer answers are used as they are, imported when there is one to render: it
brings all of requests with it, 7 MB of each web process. What fails in it (unbounded 40001 retries, no time-outs,
unescaped CDATA, secrets in exception texts, XML only) is done here instead and compared with it in tests/wechat.
"""
