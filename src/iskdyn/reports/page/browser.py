"""A browser on this machine, to print the page."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from iskdyn.errors import GateError, Problem

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LIMIT = 60.0
"""Seconds that a print may take: many times what it takes, since a browser that hangs says nothing."""


def find_browser() -> str | None:
    """The path of a Chromium or Chrome, None where there is none."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def print_pdf(browser: str, page: Path, target: Path) -> None:
    """The page printed as A4 sheets.

    Parameters
    ----------
    browser : the command of a Chromium
    page : the HTML file
    target : the PDF file; written only if all of the page was printed

    Raises
    ------
    GateError : the browser wrote nothing in time
    """
    with tempfile.TemporaryDirectory(prefix="iskdyn-print-") as folder:
        sheets = Path(folder, "sheets.pdf")
        command = [
            browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}",
            "--no-pdf-header-footer", f"--print-to-pdf={sheets}", "--virtual-time-budget=10000",
            page.resolve().as_uri(),
        ]  # fmt: skip
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=LIMIT)  # noqa: S603
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            raise GateError(Problem("pdf", f"the browser could not print {page.name}: {error}")) from error
        printed = sheets.read_bytes() if sheets.exists() else b""
    if not printed.rstrip().endswith(b"%%EOF"):  # a browser on a full disk ends as if all were well
        raise GateError(Problem("pdf", f"the browser printed nothing, or not all, of {page.name}"))
    target.write_bytes(printed)
