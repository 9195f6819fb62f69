"""What a browser may load and do on our pages: ours alone, no inline script or style."""

from __future__ import annotations

from app.site import Site

CSP = (
    "default-src 'self'{scripts}; img-src 'self' data:; frame-ancestors {frames}; base-uri 'none';"
    " form-action 'self'"
)


def page_policy(site: Site, scripts: str = "") -> str:
    """`scripts` is one other origin whose scripts may run. The sandbox phone shows our pages in a frame; WeChat itself
    opens them as a page."""
    frames = site.settings.platform.oauth_base if site.settings.mode == "sandbox" else "'none'"
    more = f"; script-src 'self' {scripts}" if scripts else ""
    return CSP.format(frames=frames, scripts=more)
