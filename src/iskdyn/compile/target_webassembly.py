"""The ensemble kernel as WebAssembly: the same LLVM text as the command line's, in blocks of two members."""

from __future__ import annotations

import base64
import re
import struct

from iskdyn.compile.plan import Plan
from iskdyn.compile.runtime_llvm import with_lanes
from iskdyn.compile.target_llvm import scratch_vectors
from iskdyn.compile.target_llvm_compact import N_ROOTS, ROOTS, print_compact
from iskdyn.errors import InternalError, Problem

LANES = 2
"""Doubles in a register of WebAssembly; four a block were slower, and twice the bytes."""
FEATURES = "+simd128,+bulk-memory"
"""What every browser of 2021 and later has."""
FUNCTION_KIND, MEMORY_KIND = 0, 2
TYPE, IMPORT, FUNCTION, EXPORT, CODE = 1, 2, 3, 7, 10
"""Numbers of the sections that a module keeps or gets, in their order (WebAssembly 1.0, section 5.5)."""

FIRST = ROOTS + 8 * N_ROOTS
"""Where the literals lie in memory, behind the table of exp."""
_LITERAL = re.compile(r"splat \(double (0x[0-9A-F]{16})\)")

MEMBERS = """\
  const code = "@CODE@", memory = new WebAssembly.Memory({ initial: 1 });
  const { sin, cos, tan, asin, acos, atan, sinh, cosh, tanh } = Math;
  const env = { sin, cos, tan, asin, acos, atan, sinh, cosh, tanh, fmod: (a, b) => a % b, __linear_memory: memory };
  let run = null;
  const start = () => {
    const bytes = Uint8Array.from(atob(code), (letter) => letter.charCodeAt(0));
    return new WebAssembly.Instance(new WebAssembly.Module(bytes), { env }).exports.run;
  };
  const members = (values, n, R, U, save, saved, seed, first, out, M = [], K = null) => {
    run ??= start();
    const steps = save.length, rows = K ? steps : saved, xs = X.flat(), ys = Y.flat(), block = @OUTPUTS@ * rows;
    let end = @FREE@;
    const room = (count, bytes = 8) => {
      const place = end;
      end += (count * bytes + 63) & ~63;
      return place;
    };
    const inputs = room(@LANES@ * @INPUTS@), paths = room(@LANES@ * M.length * steps), numbers = room(@LANES@, 4);
    const once = room(R.length), clocked = room(U.length), x = room(xs.length), y = room(ys.length);
    const tables = room(3 * X.length + 1), places = room(steps), result = room(@LANES@ * block);
    const scratch = room(@LANES@ * (@VECTORS@ + @OUTPUTS@ * (rows + 1)));
    if (memory.buffer.byteLength < end) memory.grow(Math.ceil((end - memory.buffer.byteLength) / 65536));
    const { buffer } = memory, doubles = new Float64Array(buffer), longs = new BigInt64Array(buffer);
    const roots = Array.from({ length: @ROOTS@ }, (_, i) => 2 ** (i / @ROOTS@));
    for (const [part, place] of [[[...roots, @LITERALS@], @START@], [R, once], [U, clocked], [xs, x], [ys, y]]) {
      doubles.set(part, place / 8);
    }
    let from = 0;
    longs.set(X.flatMap((one, i) => [from, (from += one.length) - 1, O[i]]).map(BigInt), tables / 8);
    // a step that is not saved writes to the row behind the last
    for (let k = 0; k < steps; k++) longs[places / 8 + k] = BigInt(K ? k : save[k] < 0 ? saved : save[k]);
    const follow = (path, i, lane, m) => {
      const from = path.length > steps ? m * steps : 0;
      for (let k = 0, to = paths / 8 + @LANES@ * i + lane; k < steps; k++, to += @LANES@ * M.length) {
        doubles[to] = path[from + k];
      }
    };
    const put = (m, lane) => {
      for (let i = 0; i < @INPUTS@; i++) doubles[inputs / 8 + @LANES@ * i + lane] = values[m * @INPUTS@ + i];
      for (let i = 0; i < M.length; i++) if (m < @LANES@ || M[i].length > steps) follow(M[i], i, lane, m);
      new Uint32Array(buffer)[numbers / 4 + lane] = first + m;
    };
    const take = (m, found) => {
      const to = m * @SHOWN@ * saved;
      if (!K) return out.set(found.subarray(0, @SHOWN@ * saved), to);
      for (let i = 0; i < @SHOWN@; i++) {
        for (let k = 0; k < steps; k++) if (save[k] >= 0) out[to + i * saved + save[k]] = found[i * steps + k];
      }
      K.forEach((path, i) => path.set(found.subarray((@SHOWN@ + i) * steps, (@SHOWN@ + i + 1) * steps), m * steps));
    };
    for (let m = 0; m < n; m += @LANES@) {
      for (let lane = 0; lane < @LANES@; lane++) put(Math.min(m + lane, n - 1), lane);
      run(1n, BigInt(steps), BigInt(rows), inputs, once, clocked, paths, x, y, tables, places, BigInt(seed), numbers,
        scratch, result);
      for (let lane = 0; lane < @LANES@ && m + lane < n; lane++) {
        take(m + lane, doubles.subarray(result / 8 + lane * block, result / 8 + (lane + 1) * block));
      }
    }
  };"""
"""`members`: JavaScript that lays out the module's memory, and runs two members at a time."""


def compiled_members(plan: Plan, digest: str, n_shown: int) -> list[str]:
    """Lines of JavaScript that define `members`, which runs all members in a module that they carry.

    The plan's outputs are the `n_shown` that the caller wants, then the variables whose paths may be kept.
    """
    text, literals = _in_memory(print_compact(plan, digest, LANES))
    free = FIRST + 8 * len(literals)
    values = {
        "CODE": base64.b64encode(compile_module(text)).decode(), "FREE": free + -free % 64,
        "START": ROOTS, "ROOTS": N_ROOTS,
        "LITERALS": ", ".join("NaN" if v != v else repr(v).replace("inf", "Infinity") for v in literals),
        "LANES": LANES, "INPUTS": len(plan.inputs), "OUTPUTS": len(plan.outputs), "SHOWN": n_shown,
        "VECTORS": 2 * scratch_vectors(plan)[0] + sum(scratch_vectors(plan)[1:]),
    }  # fmt: skip
    text = MEMBERS
    for name, value in values.items():
        text = text.replace(f"@{name}@", str(value))
    return text.splitlines()


def _in_memory(text: str) -> tuple[str, list[float]]:
    """The text with its literals read from memory, from `FIRST` on, and these literals.

    V8 writes a literal of two doubles out anew at each use, in three instructions: kernels took a tenth longer.
    """
    places: dict[str, int] = {}
    lines: list[str] = []
    for line in text.splitlines():
        for literal in dict.fromkeys(_LITERAL.findall(line)):
            name, place = f"%literal{len(lines)}", FIRST + 8 * places.setdefault(literal, len(places))
            lines += [
                f"  {name}.s = load double, ptr inttoptr (i32 {place} to ptr)",
                f"  {name}.v = insertelement $V poison, double {name}.s, i32 0",
                f"  {name} = shufflevector $V {name}.v, $V poison, $K zeroinitializer",
            ]
            line = line.replace(f"splat (double {literal})", name)
        lines.append(line)
    return with_lanes("\n".join(lines), LANES), [
        struct.unpack(">d", bytes.fromhex(literal[2:]))[0] for literal in places
    ]


def compile_module(text: str) -> bytes:
    """A WebAssembly module that imports its memory and exports `run`, the last function of an LLVM text."""
    import llvmlite.binding as llvm

    from iskdyn.compile.machine import optimised

    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    triple = "wasm32-unknown-unknown"
    machine = llvm.Target.from_triple(triple).create_target_machine(features=FEATURES, opt=3)
    module = llvm.parse_assembly(text)
    module.triple, module.data_layout = triple, str(machine.target_data)
    return _exporting(machine.emit_object(optimised(module, machine)))


def _exporting(unlinked: bytes) -> bytes:
    """An object file with its last function exported, without what only a linker reads.

    An object file is a module already; where it has no data of its own, nothing in it has to be moved.
    """
    sections = dict(_sections(unlinked))
    if not {TYPE, IMPORT, FUNCTION, CODE} <= sections.keys() <= {0, TYPE, IMPORT, FUNCTION, CODE}:
        told = f"expected an object file of code alone, got the sections {sorted(sections)}"
        raise InternalError(Problem("WebAssembly", told))
    last = _imported_functions(sections[IMPORT]) + _read(sections[FUNCTION], 0)[0] - 1
    sections[EXPORT] = b"\x01\x03run\x00" + _written(last)
    kept = [(number, sections[number]) for number in (TYPE, IMPORT, FUNCTION, EXPORT, CODE)]
    return unlinked[:8] + b"".join(bytes([number]) + _written(len(part)) + part for number, part in kept)


def _imported_functions(part: bytes) -> int:
    """How many functions an import section asks for; besides them it may ask for the memory only."""
    n, at = _read(part, 0)
    functions = 0
    for _ in range(n):
        names = []
        for _ in ("module", "name"):
            size, at = _read(part, at)
            names.append(part[at : at + size].decode())
            at += size
        if part[at] not in (FUNCTION_KIND, MEMORY_KIND):
            told = f"expected functions and a memory, got an import of '{names[1]}'"
            raise InternalError(Problem("WebAssembly", told))
        functions += part[at] == FUNCTION_KIND
        numbers = 1 if part[at] == FUNCTION_KIND else 2  # a type; or flags and a least size
        at += 1
        for _ in range(numbers):
            at = _read(part, at)[1]
    return functions


def _sections(module: bytes) -> list[tuple[int, bytes]]:
    found, at = [], 8
    while at < len(module):
        number, (size, at) = module[at], _read(module, at + 1)
        found.append((number, module[at : at + size]))
        at += size
    return found


def _read(text: bytes, at: int) -> tuple[int, int]:
    """A number written seven bits a byte (LEB128) and where it ends."""
    value = shift = 0
    while True:
        byte = text[at]
        value, at, shift = value | (byte & 127) << shift, at + 1, shift + 7
        if byte < 128:
            return value, at


def _written(value: int) -> bytes:
    """A number seven bits a byte (LEB128)."""
    more, low = divmod(value, 128)
    return bytes([low | 128]) + _written(more) if more else bytes([low])
