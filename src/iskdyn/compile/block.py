"""The ensemble kernel as a callable: pads members to blocks, shares the blocks among threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from iskdyn.arrays import Array, Numbers, Tables
from iskdyn.compile.machine import load_function
from iskdyn.compile.plan import Plan
from iskdyn.compile.runtime_llvm import LANES
from iskdyn.compile.target_llvm import print_llvm, scratch_vectors

Kind = TypeVar("Kind", bound=np.generic)
N_ARGUMENTS = 15
"""As many as `run` in `target_llvm` takes: a call by address is checked by nobody."""


@dataclass(frozen=True)
class BlockKernel:
    """A compiled plan for blocks of `LANES` members."""

    plan: Plan
    text: str

    def __call__(
        self, params: Array, once: Array, clocked: Array, series: Sequence[Array], tables: Tables,
        save: Numbers, seed: int, members: Numbers, threads: int,
    ) -> Array:  # fmt: skip
        """(n, n_outputs, n_saved) array; params (n, n_inputs), each series (n, n_steps) or (n, 1)."""
        n = len(members)
        blocks = -(-n // LANES)
        n_saved = int(save.max(initial=-1)) + 1
        n_outputs = len(self.plan.outputs)
        out = np.empty((blocks * LANES, n_outputs, n_saved))
        numbers = _padded(np.asarray(members, dtype=np.uint32), blocks * LANES)
        inputs = _in_blocks(_padded(params, blocks * LANES), blocks)
        rows = _series_in_blocks(series, blocks, len(save)) if self.plan.member_series else aligned(LANES)
        shared = [once, np.ascontiguousarray(clocked), *tables, save]
        once_, clocked_, x, y, o, save_ = (array.ctypes.data for array in shared)
        vectors = self._vectors + n_saved * n_outputs
        function = load_function(self.text, "run", N_ARGUMENTS)

        def part(first: int, last: int) -> None:
            scratch = aligned((vectors + 1) * LANES)
            function(
                last - first, len(save), n_saved,
                inputs.ctypes.data + first * LANES * 8 * len(self.plan.inputs), once_, clocked_,
                rows.ctypes.data + first * LANES * 8 * len(save) * len(self.plan.member_series),
                x, y, o, save_,
                seed, numbers.ctypes.data + first * LANES * 4, scratch.ctypes.data,
                out.ctypes.data + first * LANES * 8 * n_outputs * n_saved,
            )  # fmt: skip

        _share(part, blocks, threads)
        return out[:n]

    @cached_property
    def _vectors(self) -> int:
        """Vectors of a block's memory, but for what it saves."""
        states, kept, rings = scratch_vectors(self.plan)
        return 2 * states + kept + rings


def make_block_kernel(plan: Plan, stamp: str) -> BlockKernel:
    """Print a plan for blocks; it is compiled at the first call."""
    return BlockKernel(plan, print_llvm(plan, stamp))


def _share(part: Callable[[int, int], None], blocks: int, threads: int) -> None:
    """Runs of blocks, several for each thread so that none waits long for another."""
    threads = min(threads, blocks)
    if threads <= 1:
        part(0, blocks)
        return
    size = max(1, blocks // (threads * 4))
    starts = range(0, blocks, size)
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda first: part(first, min(first + size, blocks)), starts))


def aligned(n: int) -> Array:
    """(n,) array of doubles that starts at a multiple of 64 bytes."""
    raw = np.zeros(n + 8)
    offset = (-raw.ctypes.data // 8) % 8
    return raw[offset : offset + n]


def _padded(rows: NDArray[Kind], n: int) -> NDArray[Kind]:
    """Rows up to a whole number of blocks; the last one is repeated."""
    if len(rows) == n:
        return rows
    return np.concatenate([rows, np.repeat(rows[-1:], n - len(rows), axis=0)])


def _in_blocks(rows: Array, blocks: int) -> Array:
    """(blocks, columns, lanes) from (blocks * lanes, columns)."""
    columns = rows.shape[1]
    out = aligned(max(rows.size, LANES))
    out[: rows.size].reshape(blocks, columns, LANES)[:] = rows.reshape(blocks, LANES, columns).transpose(
        0, 2, 1
    )
    return out


def _series_in_blocks(series: Sequence[Array], blocks: int, n_steps: int) -> Array:
    """(blocks, steps, series, lanes) from (members, steps) of each series, or (members, 1) where it is level."""
    out = aligned(blocks * n_steps * len(series) * LANES)
    view = out.reshape(blocks, n_steps, len(series), LANES)
    for i, rows in enumerate(series):
        view[:, :, i] = _padded(rows, blocks * LANES).reshape(blocks, LANES, -1).transpose(0, 2, 1)
    return out
