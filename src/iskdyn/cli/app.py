"""What all verbs of the command line share: the group, its options, its errors and exit codes.

Exit codes: 0 fine; 1 a check or a gate failed; 2 the input is wrong; 130 interrupted, with what was
reached saved.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from iskdyn import __version__
from iskdyn.draws import N_DRAWS, SEED
from iskdyn.errors import GateError, InputError, IskdynError, ModelWarning, Problem, told
from iskdyn.shown import plain_text

if TYPE_CHECKING:
    from iskdyn.app import Progress, Result

# The kernels use the cores; threads of small matrix products only stand in their way. Before NumPy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

INTERRUPTED, PIPE_CLOSED = 130, 141
"""Exit codes as a shell gives them for Ctrl-C and a closed pipe: 128 and the number of the signal."""
_JSON = "iskdyn.json"


class Verbs(click.Group):
    """Verbs whose errors become one message a problem and an exit code."""

    def invoke(self, context: click.Context) -> object:
        """Run the verb."""
        try:
            if sys.stdout is None:
                raise OSError(errno.EBADF, "it is closed", "output")
            with warnings.catch_warnings():
                warnings.simplefilter("default", ModelWarning)
                warnings.showwarning = _show_warning(warnings.showwarning)
                found = super().invoke(context)
            sys.stdout.flush()
            return found
        except IskdynError as error:
            _show_problems(error, as_json=bool(context.meta.get(_JSON)))
            context.exit(error.exit_code)
        except MemoryError:
            scarce = InputError(Problem("memory", "there is not enough of it; ask for less at once"))
            _show_problems(scarce, as_json=bool(context.meta.get(_JSON)))
            context.exit(scarce.exit_code)
        except RecursionError:
            deep = InputError(Problem("input", "is nested too deep to be read; write it flatter"))
            _show_problems(deep, as_json=bool(context.meta.get(_JSON)))
            context.exit(deep.exit_code)
        except BrokenPipeError:
            _leave_stdout()  # whoever read the output has seen enough: as silent as a program that SIGPIPE ends
            context.exit(PIPE_CLOSED)
        except OSError as error:
            _leave_stdout()
            where = error.filename or "the output or the working folder"
            click.echo(f"{plain_text(str(where))}: {error.strerror or error}", err=True)
            context.exit(InputError.exit_code)
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            context.exit(INTERRUPTED)


def _show_warning(others: Callable[..., None]) -> Callable[..., None]:
    """What is said of a model as one line of its own; other warnings as before."""

    def show(
        message: Warning | str, category: type[Warning], *where: str | int, **more: TextIO | str | None
    ) -> None:
        if issubclass(category, ModelWarning):
            click.echo(f"note: {message}", err=True)
        else:
            others(message, category, *where, **more)

    return show


def _leave_stdout() -> None:
    """Send what is still to be written nowhere, or Python tries it again when it ends, and complains."""
    with contextlib.suppress(OSError, ValueError, AttributeError):  # AttributeError: there is none
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _show_problems(error: IskdynError, *, as_json: bool) -> None:
    if as_json:
        problems = [{"place": one.place, "message": one.message} for one in error.problems]
        click.echo(json.dumps({"problems": problems}, indent=1))
    for line in told(error.problems):
        click.echo(plain_text(line), err=True)


def _remember_json(context: click.Context, _: click.Parameter, value: bool) -> bool:
    context.meta[_JSON] = value
    return value


@contextlib.contextmanager
def progress_of(what: str, *, quiet: bool) -> Iterator[Progress]:
    """A progress bar on the error stream, as the functions of `iskdyn.app` call it."""
    from iskdyn.output import progress_bar

    with progress_bar(None, what, quiet=quiet) as bar:

        def progress(done: int, total: int | None, step: str = "") -> None:
            bar.total = total
            bar.set_postfix_str(step, refresh=False)
            bar.update(done - bar.n)

        yield progress


def show(result: Result[object], *, as_json: bool) -> None:
    """Print what a verb gave; exit with 1 where it did not pass."""
    for note in result.notes:
        click.echo(note, err=True)
    click.echo(result.json if as_json else result.text)
    for problem in () if as_json else result.problems:
        click.echo(plain_text(str(problem)), err=True)
    if not result.passed:
        sys.exit(GateError.exit_code)


study_option = click.option(
    "--study",
    "study_path",
    type=click.Path(path_type=Path),
    help="Folder of the study; by default the nearest.",
)
method_option = click.option(
    "--method",
    type=click.Choice(["euler", "rk2", "rk4"]),
    help="How stocks are integrated; by default as the model's file asks.",
)
draws_option = click.option(
    "--draws",
    type=click.IntRange(10, 100_000),
    default=N_DRAWS,
    show_default=True,
    help="How many versions of the model are run; brief, page and report show as many.",
)
seed_option = click.option(
    "--seed", type=click.IntRange(0), default=SEED, show_default=True, help="Which of them."
)
without_option = click.option(
    "--without", metavar="NAME",
    help="Strike out the facts of this source, or the fact of this id; takes a minute of processor or more.",
)  # fmt: skip
json_option = click.option(
    "--json", "as_json", is_flag=True, callback=_remember_json, help="Print JSON for a machine to read."
)
quiet_option = click.option("--quiet", is_flag=True, help="Show no progress bar.")


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="iskdyn")
def main() -> None:
    """Run, fit, check and report a calibrated system-dynamics model.

    Exit codes: 0 fine, 1 a check failed, 2 the input is wrong, 130 interrupted.
    """
