"""A WeChat platform on one's own machine.

It plays api.weixin.qq.com and the residents' phones, so that the whole system can be tried, tested and shown
without an account, a domain or a network. It enforces the platform's limits instead of merely answering "ok":
what works here has met the same windows, quotas and signatures as the real thing. It imports nothing of the
community's own code and talks to it over HTTP only, as WeChat would.
"""
