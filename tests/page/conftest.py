"""The page, built once; its modules for node; and a browser where there is one."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from driving import until

from iskdyn.reports.page.build import gather, page_text
from iskdyn.reports.page.bundle import FOLDER
from iskdyn.reports.page.data import Sources, page_data
from iskdyn.simulate.node import node_command
from iskdyn.study import open_study

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="session")
def sources() -> Sources:
    """What the page of the repository's study is made from."""
    return gather(open_study(ROOT))


@pytest.fixture(scope="session")
def data(sources: Sources) -> dict[str, Any]:
    """What the page holds besides its code."""
    return page_data(sources)


@pytest.fixture(scope="session")
def html(sources: Sources) -> str:
    """The page as text."""
    return page_text(sources)


@pytest.fixture(scope="session")
def page_file(html: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page as a file."""
    path = tmp_path_factory.mktemp("page") / "levers.html"
    path.write_text(html, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def node(data: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """`node(code, given)`: what `code` returns, a function body that may import the page's modules.

    Inside, `data` is the page's data and `given` the argument.
    """
    command = node_command()
    if command is None:
        pytest.skip("node is not installed")
    folder = Path(shutil.copytree(FOLDER / "js", tmp_path_factory.mktemp("modules") / "js"))
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "data.json").write_text(json.dumps(data))

    def run(code: str, given: object = None) -> Any:
        (folder / "given.json").write_text(json.dumps(given))
        (folder / "case.js").write_text(
            'import fs from "node:fs";\n'
            "const read = (name) => JSON.parse(fs.readFileSync(name));\n"
            'const data = read("data.json"), given = read("given.json");\n'
            "globalThis.DATA = data;\n"
            f"const answer = await (async () => {{ {code} }})();\n"
            'fs.writeFileSync("answer.json", JSON.stringify(answer ?? null));\n'
        )
        done = subprocess.run(
            [command, "case.js"], cwd=folder, capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode == 0, done.stderr
        return json.loads((folder / "answer.json").read_text())

    return run


@pytest.fixture
def opened(browser: Any, page_file: Path) -> Iterator[Callable[..., Any]]:
    """`opened(width, height, dark=False, path=None, hash="")`: a page of this size, ready."""
    contexts = []

    def at(
        width: int = 1280, height: int = 800, *, dark: bool = False, path: Path | None = None, hash: str = ""
    ) -> Any:
        scheme = "dark" if dark else "light"
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, accept_downloads=True
        )
        contexts.append(context)
        context.set_default_timeout(120_000)
        page = context.new_page()
        page.messages = []
        page.on("console", lambda message: page.messages.append(message.text))
        page.on("pageerror", lambda error: page.messages.append(str(error)))
        page.goto((path or page_file).as_uri() + (hash or "#explore"))
        until(page, "() => 'workers' in document.documentElement.dataset")
        return page

    yield at
    for context in contexts:
        context.close()
