"""The limit: C++ printed from the same plan, with vector extensions and its own exp and log.

Only what the benchmark's model needs is printed: a plan with tables that differ between members, random numbers or
fixed delays is refused.
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np

from iskdyn.compile.block import _in_blocks, _padded, aligned
from iskdyn.compile.plan import Plan
from iskdyn.compile.printer import PYTHON, Printer
from iskdyn.compile.target_llvm import kept_nodes, reciprocal_places
from iskdyn.compile.target_numpy import member_names

COMPILERS = tuple(name for name in ("g++", "clang++") if shutil.which(name))
FLAGS = (
    "-O3",
    "-march=native",
    "-ffp-contract=fast",
    "-fno-math-errno",
    "-shared",
    "-fPIC",
    "-std=c++20",
    "-Wno-psabi",
)

RUNTIME = """
#include <cstring>
#include <initializer_list>
constexpr long L = @LANES@;
#if @LANES@ > 1
typedef double V __attribute__((vector_size(8 * L)));
typedef long I __attribute__((vector_size(8 * L)));
#define LANE(v, l) (v)[l]
#else
typedef double V;
typedef long I;
#define LANE(v, l) (v)
#endif
#define INLINE static inline __attribute__((always_inline))
INLINE V K(double x) { return V{} + x; }
INLINE I bits(V v) { I i; memcpy(&i, &v, sizeof v); return i; }
INLINE V number(I i) { V v; memcpy(&v, &i, sizeof v); return v; }
template <class M> INLINE V select(M m, V a, V b) { return m ? a : b; }
INLINE V minimum(V a, V b) { return ((a < b) | (a != a)) ? a : b; }
INLINE V maximum(V a, V b) { return ((a > b) | (a != a)) ? a : b; }
INLINE V absolute(V a) { return number(bits(a) & 0x7fffffffffffffffL); }
INLINE V root(V a) { V r; for (long l = 0; l < L; l++) LANE(r, l) = __builtin_sqrt(LANE(a, l)); return r; }
INLINE V exp(V x0) {
  V x = select(x0 > 709.78, K(709.78), x0);
  x = select(x < -708.0, K(-708.0), x);
  V big = x * 1.4426950408889634 + 6755399441055744.0, k = big - 6755399441055744.0;
  V r = x - k * 6.93147180369123816490e-01;
  r = r - k * 1.90821492927058770002e-10;
  V s = r * r;
  V even = K(1 / 479001600.), odd = K(1 / 6227020800.);
  for (double c : {1 / 3628800., 1 / 40320., 1 / 720., 1 / 24., 1 / 2., 1.}) even = even * s + c;
  for (double c : {1 / 39916800., 1 / 362880., 1 / 5040., 1 / 120., 1 / 6., 1.}) odd = odd * s + c;
  V y = number(bits(r * odd + even) + (bits(big) << 52));
  y = select(x0 > 709.78, K(__builtin_inf()), y);
  return select(x0 < -708.0, K(0.0), y);
}
INLINE V log(V x) {
  I moved = bits(x) + (0x4000000000000000L - 0x3FE6A09E667F3BCDL), e = (moved >> 52) & 0xfff;
  V m = number(bits(x) - (e << 52) + 0x4000000000000000L);
  V k = number(e | 0x4330000000000000L) - 4503599627371520.0;
  V f = m - 1.0, s = f / (f + 2.0), z = s * s;
  V t = K(1.479819860510658591e-01);
  for (double c : {1.531383769920937332e-01, 1.818357216161805012e-01, 2.222219843214978396e-01,
                   2.857142874366239149e-01, 3.999999999940941908e-01, 6.666666666666735130e-01}) t = t * z + c;
  V h = f * 0.5 * f;
  V y = k * 6.93147180369123816490e-01 - ((h - (s * (h + t * z) + k * 1.90821492927058770002e-10)) - f);
  y = select(x == __builtin_inf(), x, y);
  y = select(x == 0.0, K(-__builtin_inf()), y);
  return select(!(x >= 0.0), K(__builtin_nan("")), y);
}
INLINE V power(V a, V b) { return select(b == 0.0, K(1.0), exp(b * log(absolute(a)))); }
"""

CPP = PYTHON | {
    "and": "({0} & {1})", "or": "({0} | {1})", "not": "(!{0})", "select": "select({0}, {1}, {2})",
    "float": "select({0}, K(1.0), K(0.0))", "min": "minimum({0}, {1})", "max": "maximum({0}, {1})",
    "pow": "power({0}, {1})", "abs": "absolute({0})", "sqrt": "root({0})", "exp": "exp({0})", "log": "log({0})",
}  # fmt: skip


class CppPrinter(Printer):
    """Statements on vectors of members."""

    templates = CPP

    def __init__(self, plan: Plan) -> None:
        super().__init__(plan)
        self.reciprocals: frozenset[int] = frozenset()

    def literal(self, value: float) -> str:
        """The same number in all lanes."""
        return f"K({float(value)!r})" if value == value else 'K(__builtin_nan(""))'

    def operation(self, node: Any) -> str:
        """As the templates say; powers, and divisors that stay the same, as the ensemble kernel has them."""
        if node.op == "div" and node.args[1] in self.reciprocals:
            return f"({self.text(node.args[0])} * r{node.args[1]})"
        exponent = self.graph.value(node.args[1]) if node.op == "pow" else None
        if exponent == 2.0:
            return f"([](V b) {{ return b * b; }}({self.text(node.args[0])}))"
        if exponent == 0.5:
            return f"root({self.text(node.args[0])})"
        if node.op not in self.templates:
            raise NotImplementedError(f"the C++ of the benchmark has no {node.op}")
        return super().operation(node)

    def assign(self, name: str, number: int) -> str:
        """One declaration."""
        return f"const auto {name} = {self.text(number)};"


def print_cpp(plan: Plan, lanes: int) -> str:
    """A shared library's source with `run`, for blocks of `lanes` members."""
    if plan.rings or plan.member_series:
        raise NotImplementedError("the C++ of the benchmark has no fixed delays and no series of members")
    printer = CppPrinter(plan)
    member_names(printer, param="p[{0}]", series="", first="", once="K(R[{0}])", clocked="K(u[{0}])")
    begin = _named(printer, plan.begin, kept_nodes(plan))
    fixed = list(reciprocal_places(plan))
    begin += [f"const V r{divisor} = K(1.0) / {printer.text(divisor)};" for divisor in fixed]
    states = [f"V s{slot} = {printer.text(n)};" for slot, n in zip(plan.states, plan.initial(), strict=True)]
    printer.reciprocals = frozenset(fixed)
    step, report = printer.statements(plan.step), printer.statements(plan.report)
    keep = [f"w[{i}] = {printer.text(n)};" for i, n in enumerate(plan.values())]
    following = [
        f"const V x{slot} = {printer.text(n)};" for slot, n in zip(plan.states, plan.following(), strict=True)
    ]
    commit = [f"s{slot} = x{slot};" for slot in plan.states]
    return (
        RUNTIME
        + f"""
extern "C" void run(long blocks, long steps, long saved, const double* P, const double* R, const double* U,
                    const long* save, V* W, double* out) {{
  for (long b = 0; b < blocks; b++) {{
    const V* p = (const V*)P + b * {len(plan.inputs)};
    {_text(begin)}
    {_text(states)}
    for (long k = 0; k < steps; k++) {{
      const double* u = U + k * {len(plan.clocked)};
      {_text(step)}
      if (save[k] >= 0) {{
        V* w = W + save[k] * {len(plan.outputs)};
        {_text(report)}
        {_text(keep)}
      }}
      {_text(following)}
      {_text(commit)}
    }}
    for (long l = 0; l < L; l++) for (long i = 0; i < {len(plan.outputs)}; i++) for (long t = 0; t < saved; t++)
      out[((b * L + l) * {len(plan.outputs)} + i) * saved + t] = LANE(W[t * {len(plan.outputs)} + i], l);
  }}
}}
""".replace("@LANES@", str(lanes))
    ).replace("@LANES@", str(lanes))


def _named(printer: CppPrinter, numbers: list[int], kept: list[int]) -> list[str]:
    """Statements for the nodes before the first step; those read later get a name in any case."""
    lines = printer.statements(numbers)
    for number in kept:
        if number not in printer.names and printer.graph[number].op != "const":
            name = f"n{number}"
            lines.append(printer.assign(name, number))
            printer.names[number] = name
    return lines


def _text(lines: list[str]) -> str:
    return "\n".join(lines)


class Cpp:
    """The compiled plan: `cpp(shared, values, clock)` as the ensemble kernel, on one core.

    Parameters
    ----------
    lanes : members in one vector; 1 is the scalar form
    compiler : of `COMPILERS`
    """

    def __init__(self, plan: Plan, lanes: int, folder: Path, compiler: str) -> None:
        source = folder / f"{compiler}{lanes}.cpp"
        source.write_text(print_cpp(plan, lanes))
        library = source.with_suffix(".so")
        subprocess.run([compiler, *FLAGS, "-o", str(library), str(source)], check=True)
        self.plan, self.lanes = plan, lanes
        self._run = ctypes.CDLL(str(library)).run

    def __call__(self, values: Any, once: Any, clocked: Any, save: Any) -> Any:
        """(n, n_outputs, n_saved) array."""
        n, lanes = len(values), self.lanes
        blocks, saved = -(-n // lanes), int(save.max()) + 1
        n_outputs = len(self.plan.outputs)
        inputs = _in_lanes(_padded(values, blocks * lanes), blocks, lanes)
        work, out = aligned(saved * n_outputs * lanes), np.empty((blocks * lanes, n_outputs, saved))
        arrays = (inputs, once, np.ascontiguousarray(clocked), save, work, out)
        pointers = [ctypes.c_void_p(array.ctypes.data) for array in arrays]
        self._run(*map(ctypes.c_long, (blocks, len(save), saved)), *pointers)
        return out[:n]


def _in_lanes(rows: Any, blocks: int, lanes: int) -> Any:
    """(blocks, columns, lanes) from (blocks * lanes, columns)."""
    if lanes == 8:
        return _in_blocks(rows, blocks)
    out = aligned(rows.size)
    view = out.reshape(blocks, rows.shape[1], lanes)
    view[:] = rows.reshape(blocks, lanes, -1).transpose(0, 2, 1)
    return out
