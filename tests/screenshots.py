"""`make screenshots`: take the picture of the README again, from a stack of its own with its clock on a workday."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path

import requests
from PIL import Image
from playwright.sync_api import sync_playwright

from tests.chromium import find
from tests.stack import PROJECT, Stack

PICTURE = PROJECT / "docs" / "pictures" / "phone.png"
WORKDAY = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)  # Monday morning in Xining
NEIGHBOUR = "han-yumei"
TALK = ("预约", "高龄补贴", "明早", "1", "韩玉梅", "1")
PHONE = {"width": 390, "height": 844}
WIDTH = 585


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, Stack(Path(folder) / "data") as stack:
        sandbox = stack.status()["phone"].removesuffix("/phone")
        talk(sandbox)
        shot = Path(folder) / "phone.png"
        take(f"{sandbox}/phone/?neighbour={NEIGHBOUR}", shot)
        with Image.open(shot) as full:
            small = full.convert("RGB").resize((WIDTH, WIDTH * full.height // full.width)).quantize(64)
        small.save(PICTURE, optimize=True)


def talk(sandbox: str) -> None:
    """A neighbour follows and books, on the phone."""
    offset = (WORKDAY - datetime.now(UTC)).total_seconds()
    requests.put(f"{sandbox}/control/api/clock", json={"offset": offset}, timeout=10).raise_for_status()
    phone = f"{sandbox}/phone/api/{NEIGHBOUR}/main"
    requests.post(f"{phone}/follow", json={}, timeout=30).raise_for_status()
    for words in TALK:
        requests.post(f"{phone}/send", json={"kind": "text", "text": words}, timeout=30).raise_for_status()


def take(address: str, to: Path) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport=PHONE, device_scale_factor=2)
        page.goto(address)
        page.locator("[data-test=log]").get_by_text("约好了").wait_for()
        page.screenshot(path=to)
        browser.close()


if __name__ == "__main__":
    main()
