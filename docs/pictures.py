"""Draw the pictures of README and tutorial: `python docs/pictures.py [FOLDER OF levers.html AND brief.html]`."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

from PIL import Image

from iskdyn.reports.page.browser import find_browser

HERE = Path(__file__).parent
BUILT = HERE.parent / "reports" / "out"
DESK, PHONE, WIDE, PAPER = (
    {"width": 1280, "height": 800},
    {"width": 390, "height": 844},
    {"width": 1440, "height": 900},
    {"width": 794, "height": 1123},
)
LARGEST = 200_000
"""Bytes of a picture: a tutorial that is read over a slow line."""
COLOURS = 64
"""As many as the page has in two themes, with the greys of its letters."""
SETTLED = "() => 'workers' in document.documentElement.dataset"


def main() -> int:
    """Write the pictures and say how large each is; 1 where there is no browser or one is too large."""
    from playwright.sync_api import sync_playwright

    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else BUILT
    browser = find_browser()
    if browser is None:
        print("no Chromium or Chrome is installed", file=sys.stderr)
        return 1
    with sync_playwright() as tools:
        started = tools.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        first = opened(started, folder, DESK)
        sizes = {"tutorial-answer.png": shot(first, "tutorial-answer.png")}
        first.click("[data-scenario]")
        first.wait_for_timeout(4000)
        sizes["tutorial-question.png"] = shot(first, "tutorial-question.png")
        first.click("#keep")
        first.click("[data-view=compare]")
        first.wait_for_timeout(4000)
        sizes["tutorial-compare.png"] = shot(first, "tutorial-compare.png")
        sizes["picture.png"] = shot(opened(started, folder, WIDE), "picture.png")
        sizes["tutorial-phone.png"] = shot(opened(started, folder, PHONE), "tutorial-phone.png")
        brief = started.new_page(viewport=PAPER)
        brief.goto((folder / "brief.html").as_uri())
        sizes["brief.png"] = shot(brief, "brief.png")
        started.close()
    for name, size in sizes.items():
        print(f"{name}  {size:,} bytes")
    return int(max(sizes.values()) > LARGEST)


def opened(browser: Any, folder: Path, viewport: dict[str, int]) -> Any:
    """The page at a size, ready."""
    page = browser.new_page(viewport=viewport)
    page.goto((folder / "levers.html").as_uri())
    for _ in range(600):
        if page.evaluate(SETTLED):
            return page
        page.wait_for_timeout(100)
    raise SystemExit("the page does not start")


def shot(page: Any, name: str) -> int:
    """A picture of what is in sight; its size in bytes."""
    path = HERE / name
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.quantize(COLOURS).save(path, optimize=True)
    return path.stat().st_size


if __name__ == "__main__":
    sys.exit(main())
