"""The gradient kernel as a callable: blocks of members forward and back, shared among threads."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from iskdyn.arrays import Array, Numbers, Tables
from iskdyn.cache import load_source
from iskdyn.compile.adjoint import Adjoint, make_adjoint
from iskdyn.compile.block import _in_blocks, _padded, _series_in_blocks, _share, aligned
from iskdyn.compile.kernels import Kernel, Layout, _Held, _stamp, lower_program, series_rows
from iskdyn.compile.machine import load_function
from iskdyn.compile.runtime_llvm import LANES
from iskdyn.compile.target_gradient import print_gradient, sizes
from iskdyn.compile.target_numpy import print_uniform
from iskdyn.model.program import Program

N_ARGUMENTS = 20
"""As many as `run` in `target_gradient` takes: a call by address is checked by nobody."""
FORWARD, BACKWARD = 0, 1
"""What `run` is told: the way there keeps what the way back reads."""
BARS = 3
"""Place of the first part of the memory that starts at zero, after what the way there keeps."""
VECTOR = LANES * 8
"""Bytes of one value for all members of a block."""


@dataclass(frozen=True)
class GradientKernel:
    """A compiled plan and its adjoint for blocks of `LANES` members."""

    adjoint: Adjoint
    text: str

    def __call__(
        self, params: Array, once: Array, clocked: Array, series: Sequence[Array], tables: Tables,
        save: Numbers, seed: int, members: Numbers, threads: int, bars: Array,
    ) -> tuple[Array, Array]:  # fmt: skip
        """Outputs (n, n_outputs, n_saved) and gradient (n, n_inputs).

        params (n, n_inputs), each series (n, n_steps) or (n, 1), bars, d loss / d output, like the outputs.
        """
        plan, n, n_steps = self.adjoint.plan, len(members), len(save)
        blocks, n_inputs = -(-n // LANES), len(self.adjoint.plan.inputs)
        shown = (int(save.max(initial=-1)) + 1, len(plan.outputs), LANES)
        outputs = np.empty((blocks * LANES, shown[1], shown[0]))
        gradient = aligned(blocks * n_inputs * LANES)
        inputs = _in_blocks(_padded(params, blocks * LANES), blocks)
        numbers = _padded(np.asarray(members, dtype=np.uint32), blocks * LANES)
        rows = _series_in_blocks(series, blocks, n_steps) if plan.member_series else aligned(LANES)
        shared = [once, np.ascontiguousarray(clocked), *tables, save]
        once_, clocked_, x, t, o, save_ = (array.ctypes.data for array in shared)
        starts = np.cumsum([0, *sizes(self.adjoint, n_steps).values()]) * LANES
        function = load_function(self.text, "run", N_ARGUMENTS)

        def part(first: int, last: int) -> None:
            scratch, seen = aligned(int(starts[-1])), aligned(max(int(np.prod(shown)), 1))
            s, b, g, bar_s, bar_b, bar_g = (scratch.ctypes.data + int(at) * 8 for at in starts[:-1])
            for block in range(first, last):
                scratch[starts[BARS] :] = 0.0
                mine = slice(block * LANES, (block + 1) * LANES)
                for way in (FORWARD, BACKWARD):
                    if way == BACKWARD:
                        outputs[mine] = seen[: np.prod(shown)].reshape(shown).transpose()
                        seen[: np.prod(shown)].reshape(shown)[:] = _padded(bars[mine], LANES).transpose()
                    function(
                        n_steps, save_, seed, way, s, inputs.ctypes.data + block * VECTOR * n_inputs, b,
                        once_, clocked_, rows.ctypes.data + block * VECTOR * n_steps * len(plan.member_series),
                        x, t, o, g, numbers.ctypes.data + block * LANES * 4, seen.ctypes.data,
                        bar_s, bar_b, bar_g, gradient.ctypes.data + block * VECTOR * n_inputs,
                    )  # fmt: skip

        _share(part, blocks, threads)
        slopes = (
            gradient.reshape(blocks, n_inputs, LANES).transpose(0, 2, 1).reshape(blocks * LANES, n_inputs)
        )
        return outputs[:n], slopes[:n]


def compile_gradient(program: Program, layout: Layout) -> Kernel[tuple[Array, Array]]:
    """The kernel of a program and its adjoint for one layout; it takes the bars of the outputs last."""
    return _compile(program.digest, _Held(program), layout)


# each is larger than a kernel without a way back, and few are in use at once
@functools.lru_cache(maxsize=16)
def _compile(digest: str, held: _Held, layout: Layout) -> Kernel[tuple[Array, Array]]:
    lowered = lower_program(held.program, layout.series, layout.orders, layout.method)
    member_series = series_rows(lowered, layout.member_series, layout.method)
    adjoint = make_adjoint(lowered, layout.inputs, layout.outputs, member_series)
    module = load_source(print_uniform(adjoint.plan, _stamp(digest, "numpy")), "numpy")
    text = print_gradient(adjoint, held.program, _stamp(digest, "gradient"))
    return Kernel(adjoint.plan, "ensemble", module.uniform, GradientKernel(adjoint, text))
