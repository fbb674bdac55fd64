"""Members on a Dask cluster: the same kernel and the same blocks as here, so the same results to the last bit.

The kernel is chosen here, from the whole call, and members are cut into parts of whole blocks whose size does
not depend on the number of workers. Every member is computed for itself in its lane, so on one kind of
processor no cut can change a result.

Whoever reaches a Dask scheduler can run any code on it, on its workers and, through what they send back, here: use
one that only you reach, or one with TLS. For a `tls://` address the certificates are those of Dask's own settings
`distributed.comm.tls`: in its file, as DASK_DISTRIBUTED__COMM__TLS__CA_FILE, ...__CLIENT__CERT and ...__CLIENT__KEY, or
by the options of the command line, which set the same.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

from iskdyn.arrays import Array
from iskdyn.compile.runtime_llvm import LANES
from iskdyn.errors import InputError, Problem
from iskdyn.simulate.runner import Runner


class Cluster(Protocol):
    """What is asked of a Dask client, whose own methods have no types."""

    def submit(self, function: Callable[..., object], *arguments: object, pure: bool) -> object:
        """A task that a worker runs."""
        ...

    def gather(self, futures: Sequence[object]) -> list[Array]:
        """The results of tasks, in their order."""
        ...

    def wait_for_workers(self, n_workers: int, timeout: float) -> None:
        """OSError if there are not so many in time."""
        ...

    def close(self) -> None:
        """Leave the cluster."""
        ...


Send = Callable[[Runner, Array, int], Array]
"""(runner, (n, n_inputs) values, number of the first member) -> (n, n_outputs, n_times) array."""

TIME_LIMIT = 10
"""Seconds to wait for the scheduler, and for its first worker: one that is there answers at once."""
MOST_MEMBERS, MOST_BYTES = 1024, 16 * 1024 * 1024
"""Size of one part, members and bytes of its result: enough work to be worth sending, little enough that many
workers get some."""


@contextmanager
def members_on(scheduler: str | None) -> Iterator[Send]:
    """Where members run: in this process, or on the cluster whose scheduler has this address.

    Raises
    ------
    InputError : `distributed` is not installed, or no scheduler or no worker answers within `TIME_LIMIT`.
    """
    if scheduler is None:
        yield lambda runner, values, first: runner(values, first=first)
        return
    client = _connect(scheduler)
    try:
        yield lambda runner, values, first: _on_workers(client, runner, values, first)
    finally:
        client.close()


class ClusterRunner:
    """A prepared `Runner` whose members run on a cluster; to be closed, or used in a `with` block.

    Attributes
    ----------
    inputs, outputs, times : as of the runner
    """

    def __init__(self, runner: Runner, scheduler: str) -> None:
        self.inputs, self.outputs, self.times = runner.inputs, runner.outputs, runner.times
        self._runner = runner
        self._client = _connect(scheduler)

    def __call__(self, values: ArrayLike, *, first: int = 0) -> Array:
        """(n, n_outputs, n_times) array, equal to the runner's own; see `Runner`."""
        return _on_workers(self._client, self._runner, np.ascontiguousarray(values, dtype=float), first)

    def close(self) -> None:
        """Leave the cluster."""
        self._client.close()

    def __enter__(self) -> ClusterRunner:
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()


def part_size(runner: Runner) -> int:
    """Members sent at a time: whole blocks, by the size of the result only."""
    most = MOST_BYTES // max(8 * len(runner.outputs) * len(runner.times), 1)
    return max(LANES, min(MOST_MEMBERS, most) // LANES * LANES)


def _on_workers(client: Cluster, runner: Runner, values: Array, first: int) -> Array:
    from concurrent.futures import CancelledError

    from distributed.scheduler import KilledWorker

    carried = copy.copy(runner)
    carried.threads = 1
    held = client.submit(_kept, carried, pure=False)
    size = part_size(runner)
    parts = [
        client.submit(_run_part, held, values[start : start + size], first + start, pure=False)
        for start in range(0, len(values), size)
    ]
    try:
        return np.concatenate(client.gather(parts))
    except CancelledError as error:
        message = f"the scheduler was lost before the end; run it again ({error})"
        raise InputError(Problem("scheduler", message)) from error
    except (ImportError, RuntimeError, OSError, KilledWorker) as error:
        message = (
            f"a worker could not run the members; it needs memory and the same version of iskdyn ({error})"
        )
        raise InputError(Problem("scheduler", message)) from error


def _kept(runner: Runner) -> Runner:
    """The runner as a task of its own, which is made again where the worker that holds it is lost.

    `Client.scatter` to all workers waits without end for one that is lost meanwhile.
    """
    return runner


def _run_part(runner: Runner, values: Array, first: int) -> Array:
    return runner(values, first=first)


def _connect(scheduler: str) -> Cluster:
    try:
        from distributed import Client
    except ImportError as error:
        message = "a cluster needs the package 'distributed': pip install 'iskdyn[cluster]'"
        raise InputError(Problem("scheduler", message)) from error
    connect: Any = Client
    if scheduler.startswith("tls://"):
        _check_certificates(scheduler)
    try:
        client: Cluster = connect(scheduler, timeout=TIME_LIMIT, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        message = (
            f"expected the address of a Dask scheduler, like 127.0.0.1:8786; nobody answers at {scheduler!r}"
        )
        raise InputError(Problem("scheduler", f"{message} within {TIME_LIMIT} s ({error})")) from error
    try:
        client.wait_for_workers(1, timeout=TIME_LIMIT)
    except OSError as error:
        client.close()
        message = (
            f"the scheduler at {scheduler!r} has no worker after {TIME_LIMIT} s; start one (dask worker)"
        )
        raise InputError(Problem("scheduler", message)) from error
    return client


def _check_certificates(scheduler: str) -> None:
    """An InputError where Dask has none or cannot read them: its client would wait for 20 s, and end in a traceback."""
    from distributed.security import Security

    security: Any = Security
    try:
        missing = security().get_connection_args("client")["ssl_context"] is None
        given = "give --tls-ca-file, --tls-cert and --tls-key, or Dask's settings"
        message = f"{scheduler!r} asks for certificates: {given}"
    except OSError as error:
        missing, message = True, f"the certificates of {scheduler!r} cannot be read: {error}"
    if missing:
        raise InputError(Problem("scheduler", message))
