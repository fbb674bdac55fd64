"""PySD's parser run where it can be stopped: it can hang, recurse and exhaust the memory on damaged text."""

from __future__ import annotations

import pickle
import subprocess
import sys
import threading
import warnings
from ast import literal_eval
from pathlib import Path
from types import TracebackType
from typing import Any

from iskdyn.errors import ModelError, Problem
from iskdyn.model.limits import oversized
from iskdyn.model.place import locate
from iskdyn.model.program import Program
from iskdyn.model.source import index_source

TIME_LIMIT = 120.0
"""Seconds after which reading is given up."""


class Parser:
    """A worker process that reads models; one that hangs is ended and started anew.

    Parameters
    ----------
    time_limit : seconds for one file

    Use it as a context manager to read many files with one worker.
    """

    def __init__(self, time_limit: float = TIME_LIMIT) -> None:
        self.time_limit = time_limit
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Parser:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the worker."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def read(self, path: Path) -> Program:
        """The model of a file; a `ModelError` with all problems if it has none."""
        process = self._process = self._process or self._start()
        timer = threading.Timer(self.time_limit, process.kill)
        timer.start()
        try:
            answer = self._ask(process, path)
        finally:
            timer.cancel()
        if isinstance(answer, Program):
            return answer
        raise ModelError(answer)

    def _ask(self, process: subprocess.Popen[bytes], path: Path) -> Program | list[Problem]:
        try:
            if process.stdin is None or process.stdout is None:
                raise EOFError
            process.stdin.write(f"{path.resolve()}\n".encode())
            process.stdin.flush()
            answer: Program | list[Problem] = pickle.load(process.stdout)  # noqa: S301 - our own worker
        except (EOFError, OSError, pickle.UnpicklingError):
            self.close()
            message = (
                f"the parser broke off or took more than {self.time_limit:g} seconds; look for open brackets"
            )
            place = f"{path.name}:1"
            return [Problem(place, message)]
        return answer

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", "from iskdyn.model.parse import work; work()"]
        return subprocess.Popen(  # noqa: S603 - this interpreter and this module
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )


def work() -> None:
    """The worker: a path a line on standard input, an answer on standard output."""
    warnings.simplefilter("ignore")
    sys.setrecursionlimit(10_000)
    output = sys.stdout.buffer
    sys.stdout = sys.stderr
    for line in sys.stdin:
        path = Path(line.rstrip("\n"))
        try:
            answer: Program | list[Problem] = parse_here(path)
        except ModelError as error:
            answer = list(error.problems)
        pickle.dump(answer, output)
        output.flush()


def parse_here(path: Path) -> Program:
    """Read a model in this process."""
    from iskdyn.model.assemble import translate_model

    data = path.read_bytes()
    text = data.decode("utf-8", errors="replace")
    if problems := oversized(path, text):
        raise ModelError(problems)
    try:
        abstract = abstract_model(path)
    except MemoryError:
        raise
    except Exception as error:  # PySD raises whatever its visitors raise
        place, reason = locate(path, text, error)
        raise ModelError(Problem(place, f"cannot be parsed: {reason}")) from error
    return translate_model(path, data, index_source(path, text), abstract)


def abstract_model(path: Path) -> Any:
    """PySD's reading of a file, none of whose text is evaluated.

    PySD calls `eval` on numbers, points and the limits of tables; of limits its grammar takes any text at all.
    """
    from pysd.translators.vensim import vensim_element
    from pysd.translators.vensim.vensim_file import VensimFile
    from pysd.translators.xmile import xmile_element
    from pysd.translators.xmile.xmile_file import XmileFile

    vensim_element.eval = xmile_element.eval = _literal  # found before the built-in function
    file = VensimFile(path) if path.suffix.lower() == ".mdl" else XmileFile(path)
    file.parse()
    return file.get_abstract_model()


def _literal(text: str) -> Any:
    """The number, text or points written there."""
    try:
        return literal_eval(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        raise ValueError(f"'{text.strip()[:60]}' is not a number, a text or points") from None
