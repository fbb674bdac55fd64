"""Options of the verbs that can run on a Dask cluster."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from iskdyn.errors import InputError, Problem

Command = TypeVar("Command", bound=Callable[..., object])
TLS = {
    "--tls-ca-file": ("ca-file", "Who has signed the certificates of a tls:// cluster (PEM)."),
    "--tls-cert": ("client.cert", "Our certificate for it (PEM)."),
    "--tls-key": ("client.key", "Our key (PEM), where the certificate's file does not hold it."),
}
"""Options by the names that Dask's own commands have for them, each with its place under distributed.comm.tls."""


def scheduler_option(command: Command) -> Command:
    """`--scheduler` with the files of TLS, which become settings of Dask for as long as the verb runs."""
    for name, (_, words) in reversed(TLS.items()):
        command = click.option(
            name,
            type=click.Path(path_type=Path),
            metavar="FILE",
            help=words,
            expose_value=False,
            callback=_set,
        )(command)
    return click.option(
        "--scheduler",
        metavar="ADDRESS",
        help="Run on the workers of this Dask scheduler (extra `cluster`). Whoever reaches it can run code there "
        "and here: take tls:// where others share the network.",
    )(command)


def _set(context: click.Context, parameter: click.Parameter, path: Path | None) -> None:
    if path is None:
        return
    option = parameter.opts[0]
    if not path.is_file():
        raise InputError(Problem(option, f"{path} is no file"))
    with contextlib.suppress(ImportError):  # that the package is missing is told where it is used
        import dask

        settings: contextlib.AbstractContextManager[object] = dask.config.set(
            {f"distributed.comm.tls.{TLS[option][0]}": str(path)}
        )
        context.with_resource(settings)
