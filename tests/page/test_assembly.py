"""The page put together: modules, policy, size."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path
from typing import Any

import pytest

from iskdyn.draws import N_DRAWS
from iskdyn.errors import InternalError
from iskdyn.reports.page.bundle import bundle, script_json

SCRIPT = re.compile(r'<script id="(\w+)">(.*?)</script>', re.DOTALL)


def write(folder: Path, **modules: str) -> Path:
    for name, text in modules.items():
        (folder / f"{name}.js").write_text(text)
    return folder


def test_a_module_comes_after_what_it_imports_and_once(tmp_path: Path) -> None:
    write(
        tmp_path,
        app='import { b } from "./b.js";\nimport { c } from "./c.js";\nb(c);\n',
        b='import { c } from "./c.js";\nexport const b = () => c;\n',
        c="export const c = 1;\n",
    )
    text = bundle("app.js", tmp_path)
    assert [text.count(line) for line in ("const c = 1;", "const b = () => c;", "b(c);")] == [1, 1, 1]
    assert text.index("const c") < text.index("const b") < text.index("b(c)")
    assert "import" not in text
    assert "export" not in text


def test_modules_that_import_each_other_are_refused(tmp_path: Path) -> None:
    write(tmp_path, a='import { b } from "./b.js";\n', b='import { a } from "./a.js";\n')
    with pytest.raises(InternalError, match="imports itself"):
        bundle("a.js", tmp_path)


def test_a_name_that_two_modules_declare_is_refused(tmp_path: Path) -> None:
    write(
        tmp_path,
        a='import { b } from "./b.js";\nconst same = 1;\n',
        b="export const b = 2;\nconst same = 3;\n",
    )
    with pytest.raises(InternalError, match=r"'same' is declared in b\.js too"):
        bundle("a.js", tmp_path)


def test_data_cannot_end_its_script() -> None:
    assert "</script" not in script_json({"says": "</script><b>"})


def test_the_policy_names_every_script_by_its_hash_and_lets_nothing_out(html: str) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)
    assert policy is not None
    for _, text in SCRIPT.findall(html):
        assert base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() in policy[1]
    assert "connect-src 'none'" in policy[1]
    assert "unsafe" not in policy[1].replace("'wasm-unsafe-eval'", "")  # compiled code; no text is run


def test_the_page_is_small_enough_to_send(html: str) -> None:
    assert len(html.encode()) <= 600_000


def test_the_page_holds_its_draws_and_every_outcome_human_cost_first(
    data: dict[str, Any], sources: Any
) -> None:
    assert data["n"] == N_DRAWS
    assert len(base64.b64decode(data["draws"])) == 2 * N_DRAWS * len(data["parameters"])
    human = [one["human"] for one in data["outcomes"]]
    assert human == sorted(human, reverse=True)
    assert [one["name"] for one in data["outcomes"]] == list(sources.study.settings.headline)


def test_every_ready_scenario_is_on_the_page_or_named_as_being_elsewhere(
    data: dict[str, Any], sources: Any
) -> None:
    here = {one["title"] for one in data["scenarios"]}
    assert here | set(data["elsewhere"]) == {one.title for one in sources.study.scenarios.values()}
    assert len(here) >= 6


def test_nothing_is_fetched_or_stored_by_the_pages_code(html: str) -> None:
    code = " ".join(text for name, text in SCRIPT.findall(html) if name != "data")
    for word in (
        "fetch(",
        "XMLHttpRequest",
        "WebSocket",
        "localStorage",
        "sessionStorage",
        "indexedDB",
        "eval(",
        "importScripts",
    ):
        assert word not in code
