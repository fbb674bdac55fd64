"""Functions of the vector kernel in LLVM's language: on all lanes of a block, without branches.

exp and log are the classical ones (fdlibm's reduction and log polynomial, Sun 1993; Taylor series for exp),
written so that they need neither library nor branches; errors are below 4 units in the last place.
"""

from __future__ import annotations

import math
import struct

LANES = 8
"""Members in one block: one register of AVX-512, two of AVX2; half as many would leave AVX-512 half empty."""


def literal(value: float) -> str:
    """A double in LLVM's exact spelling."""
    return f"0x{struct.unpack('<Q', struct.pack('<d', value))[0]:016X}"


def splat(value: float) -> str:
    """The same double in all lanes."""
    return f"splat (double {literal(value)})"


def _polynomial(name: str, variable: str, coefficients: list[float]) -> list[str]:
    """Lines for a polynomial by Horner's rule; the result is %{name}0."""
    last = len(coefficients) - 1
    lines = []
    value = splat(coefficients[last])
    for i in range(last - 1, -1, -1):
        lines.append(
            f"  %{name}{i} = call $V @llvm.fmuladd.$S($V {value}, $V {variable}, $V {splat(coefficients[i])})"
        )
        value = f"%{name}{i}"
    return lines


def _exp() -> str:
    magic, high, low = 6755399441055744.0, 6.93147180369123816490e-01, 1.90821492927058770002e-10
    even = [1.0 / math.factorial(n) for n in range(0, 14, 2)]
    odd = [1.0 / math.factorial(n) for n in range(1, 14, 2)]
    lines = [
        "define internal $V @exp($V %x0) alwaysinline {",
        f"  %above = fcmp ogt $V %x0, {splat(709.78)}",
        f"  %below = fcmp olt $V %x0, {splat(-708.0)}",
        f"  %x1 = select $M %above, $V {splat(709.78)}, $V %x0",
        f"  %x = select $M %below, $V {splat(-708.0)}, $V %x1",
        f"  %big = call $V @llvm.fmuladd.$S($V %x, $V {splat(1.4426950408889634)}, $V {splat(magic)})",
        f"  %k = fsub $V %big, {splat(magic)}",
        f"  %r1 = call $V @llvm.fmuladd.$S($V %k, $V {splat(-high)}, $V %x)",
        f"  %r = call $V @llvm.fmuladd.$S($V %k, $V {splat(-low)}, $V %r1)",
        "  %square = fmul $V %r, %r",
        *_polynomial("even", "%square", even),
        *_polynomial("odd", "%square", odd),
        "  %p = call $V @llvm.fmuladd.$S($V %r, $V %odd0, $V %even0)",
        "  %kbits = bitcast $V %big to $I",
        "  %shift = shl $I %kbits, splat (i64 52)",
        "  %pbits = bitcast $V %p to $I",
        "  %bits = add $I %pbits, %shift",
        "  %inside = bitcast $I %bits to $V",
        f"  %y1 = select $M %above, $V {splat(math.inf)}, $V %inside",
        f"  %y = select $M %below, $V {splat(0.0)}, $V %y1",
        "  ret $V %y",
        "}",
    ]
    return "\n".join(lines)


def _log() -> str:
    root, bias = 0x3FE6A09E667F3BCD, 0x4000000000000000
    high, low = 6.93147180369123816490e-01, 1.90821492927058770002e-10
    terms = [
        6.666666666666735130e-01, 3.999999999940941908e-01, 2.857142874366239149e-01,
        2.222219843214978396e-01, 1.818357216161805012e-01, 1.531383769920937332e-01, 1.479819860511658591e-01,
    ]  # fmt: skip
    lines = [
        "define internal $V @log($V %x) alwaysinline {",
        "  %bits = bitcast $V %x to $I",
        f"  %moved = add $I %bits, splat (i64 {bias - root})",
        "  %e = lshr $I %moved, splat (i64 52)",
        "  %back = shl $I %e, splat (i64 52)",
        "  %m1 = sub $I %bits, %back",
        f"  %m2 = add $I %m1, splat (i64 {bias})",
        "  %m = bitcast $I %m2 to $V",
        f"  %e1 = or $I %e, splat (i64 {0x4330000000000000})",
        "  %e2 = bitcast $I %e1 to $V",
        f"  %k = fsub $V %e2, {splat(2.0**52 + 1024)}",
        f"  %f = fsub $V %m, {splat(1.0)}",
        f"  %two = fadd $V %f, {splat(2.0)}",
        "  %s = fdiv $V %f, %two",
        "  %z = fmul $V %s, %s",
        *_polynomial("t", "%z", terms),
        "  %R = fmul $V %t0, %z",
        f"  %half = fmul $V %f, {splat(0.5)}",
        "  %h = fmul $V %half, %f",
        "  %hR = fadd $V %h, %R",
        f"  %small = fmul $V %k, {splat(low)}",
        "  %inner = call $V @llvm.fmuladd.$S($V %s, $V %hR, $V %small)",
        "  %q1 = fsub $V %h, %inner",
        "  %q2 = fsub $V %q1, %f",
        f"  %large = fmul $V %k, {splat(high)}",
        "  %y0 = fsub $V %large, %q2",
        f"  %infinite = fcmp oeq $V %x, {splat(math.inf)}",
        f"  %y1 = select $M %infinite, $V {splat(math.inf)}, $V %y0",
        f"  %zero = fcmp oeq $V %x, {splat(0.0)}",
        f"  %y2 = select $M %zero, $V {splat(-math.inf)}, $V %y1",
        f"  %bad = fcmp ult $V %x, {splat(0.0)}",
        f"  %y = select $M %bad, $V {splat(math.nan)}, $V %y2",
        "  ret $V %y",
        "}",
    ]
    return "\n".join(lines)


TABLE_ENDS = """\
  %o = mul i64 %table, 3
  %pf = getelementptr i64, ptr %O, i64 %o
  %first = load i64, ptr %pf
  %ol = add i64 %o, 1
  %pl = getelementptr i64, ptr %O, i64 %ol
  %last = load i64, ptr %pl
  %om = add i64 %o, 2
  %pm = getelementptr i64, ptr %O, i64 %om
  %mode = load i64, ptr %pm
  %pxf = getelementptr double, ptr %X, i64 %first
  %xf = load double, ptr %pxf
  %pxl = getelementptr double, ptr %X, i64 %last
  %xl = load double, ptr %pxl
  %xf0 = insertelement $V poison, double %xf, i32 0
  %low0 = shufflevector $V %xf0, $V poison, $K zeroinitializer
  %xl0 = insertelement $V poison, double %xl, i32 0
  %top = shufflevector $V %xl0, $V poison, $K zeroinitializer
"""
"""Of table number %table: its first and last place, what it does beyond them, and its least and greatest argument."""

_SMALL = (
    """
define internal $V @power($V %a, $V %b) alwaysinline {
  %size = call $V @llvm.fabs.$S($V %a)
  %l = call $V @log($V %size)
  %bl = fmul $V %b, %l
  %r = call $V @exp($V %bl)
  %whole = call $V @llvm.floor.$S($V %b)
  %integer = fcmp oeq $V %whole, %b
  %h = fmul $V %b, $HALF
  %hw = call $V @llvm.floor.$S($V %h)
  %even = fcmp oeq $V %hw, %h
  %minus = fneg $V %r
  %signed = select $M %even, $V %r, $V %minus
  %negative = select $M %integer, $V %signed, $V $NAN
  %below = fcmp olt $V %a, $ZERO
  %y1 = select $M %below, $V %negative, $V %r
  %none = fcmp oeq $V %b, $ZERO
  %y = select $M %none, $V $ONE, $V %y1
  ret $V %y
}
define internal $V @mod($V %a, $V %b) {
  %r = frem $V %a, %b
  %ra = fcmp olt $V %r, $ZERO
  %rb = fcmp olt $V %b, $ZERO
  %differ = xor $M %ra, %rb
  %some = fcmp une $V %r, $ZERO
  %fix = and $M %differ, %some
  %moved = fadd $V %r, %b
  %y = select $M %fix, $V %moved, $V %r
  ret $V %y
}
define internal $V @minimum($V %a, $V %b) alwaysinline {
  %wins = fcmp olt $V %a, %b
  %nan = fcmp uno $V %a, %a
  %first = or $M %wins, %nan
  %y = select $M %first, $V %a, $V %b
  ret $V %y
}
define internal $V @maximum($V %a, $V %b) alwaysinline {
  %wins = fcmp ogt $V %a, %b
  %nan = fcmp uno $V %a, %a
  %first = or $M %wins, %nan
  %y = select $M %first, $V %a, $V %b
  ret $V %y
}
define internal $K @mix($K %x0) alwaysinline {
  %a = lshr $K %x0, splat (i32 16)
  %x1 = xor $K %x0, %a
  %x2 = mul $K %x1, splat (i32 2146121005)
  %b = lshr $K %x2, splat (i32 15)
  %x3 = xor $K %x2, %b
  %x4 = mul $K %x3, splat (i32 -2073254261)
  %c = lshr $K %x4, splat (i32 16)
  %x5 = xor $K %x4, %c
  ret $K %x5
}
define internal $V @random(i64 %seed, ptr %N, i32 %stream, i64 %count) {
  %seed32 = trunc i64 %seed to i32
  %seeded = xor i32 %seed32, -1640531527
  %i0 = insertelement $K poison, i32 %seeded, i32 0
  %k0 = shufflevector $K %i0, $K poison, $K zeroinitializer
  %x0 = call $K @mix($K %k0)
  %members = load $K, ptr %N, align 4
  %k1 = xor $K %x0, %members
  %x1 = call $K @mix($K %k1)
  %i2 = insertelement $K poison, i32 %stream, i32 0
  %s2 = shufflevector $K %i2, $K poison, $K zeroinitializer
  %k2 = xor $K %x1, %s2
  %x2 = call $K @mix($K %k2)
  %count32 = trunc i64 %count to i32
  %i3 = insertelement $K poison, i32 %count32, i32 0
  %s3 = shufflevector $K %i3, $K poison, $K zeroinitializer
  %k3 = xor $K %x2, %s3
  %x3 = call $K @mix($K %k3)
  %u = uitofp $K %x3 to $V
  %v = fadd $V %u, $HALF
  %y = fmul $V %v, $TINY
  ret $V %y
}
define internal $V @lookup($V %x0, ptr %X, ptr %Y, ptr %O, i64 %table) {
entry:
"""
    + TABLE_ENDS
    + """  %isa = fcmp ogt $V %x0, %top
  %isb = fcmp olt $V %x0, %low0
  %c1 = select $M %isa, $V %top, $V %x0
  %c2 = select $M %isb, $V %low0, $V %c1
  %extend = icmp eq i64 %mode, 1
  %x = select i1 %extend, $V %x0, $V %c2
  %f0 = insertelement $I poison, i64 %first, i32 0
  %start = shufflevector $I %f0, $I poison, $K zeroinitializer
  %second = add i64 %first, 1
  br label %head
head:
  %j = phi i64 [ %second, %entry ], [ %jn, %body ]
  %place = phi $I [ %start, %entry ], [ %pn, %body ]
  %more = icmp slt i64 %j, %last
  br i1 %more, label %body, label %done
body:
  %pxj = getelementptr double, ptr %X, i64 %j
  %xj = load double, ptr %pxj
  %xj0 = insertelement $V poison, double %xj, i32 0
  %xjv = shufflevector $V %xj0, $V poison, $K zeroinitializer
  %passed = fcmp oge $V %x, %xjv
  %one = zext $M %passed to $I
  %pn = add $I %place, %one
  %jn = add i64 %j, 1
  br label %head
done:
  %l0 = insertelement $I poison, i64 %last, i32 0
  %lastv = shufflevector $I %l0, $I poison, $K zeroinitializer
  %n0 = add $I %place, splat (i64 1)
  %over = icmp sgt $I %n0, %lastv
  %next = select $M %over, $I %lastv, $I %n0
  %pa = getelementptr double, ptr %X, $I %place
  %pb = getelementptr double, ptr %X, $I %next
  %qa = getelementptr double, ptr %Y, $I %place
  %qb = getelementptr double, ptr %Y, $I %next
  %xa = call $V @llvm.masked.gather.$S.v$Wp0(<$W x ptr> %pa, i32 8, $M splat (i1 true), $V poison)
  %xb = call $V @llvm.masked.gather.$S.v$Wp0(<$W x ptr> %pb, i32 8, $M splat (i1 true), $V poison)
  %ya = call $V @llvm.masked.gather.$S.v$Wp0(<$W x ptr> %qa, i32 8, $M splat (i1 true), $V poison)
  %yb = call $V @llvm.masked.gather.$S.v$Wp0(<$W x ptr> %qb, i32 8, $M splat (i1 true), $V poison)
  %dy = fsub $V %yb, %ya
  %dx = fsub $V %xb, %xa
  %slope = fdiv $V %dy, %dx
  %since = fsub $V %x, %xa
  %rise = fmul $V %slope, %since
  %linear = fadd $V %ya, %rise
  %held = icmp eq i64 %mode, 2
  %inner = select i1 %held, $V %ya, $V %linear
  %end = fcmp oge $V %x, %top
  %bend = select i1 %extend, $M splat (i1 false), $M %end
  %y1 = select $M %bend, $V %yb, $V %inner
  %bad = fcmp uno $V %x0, %x0
  %y = select $M %bad, $V %x0, $V %y1
  ret $V %y
}
"""
)

INTRINSICS = (
    "sqrt",
    "fabs",
    "floor",
    "trunc",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "sinh",
    "cosh",
    "tanh",
)


def runtime(lanes: int = LANES) -> str:
    """Declarations and functions for blocks of `lanes` members."""
    text = "\n".join([_log(), _exp(), _SMALL])
    text += "declare $V @llvm.fmuladd.$S($V, $V, $V)\n"
    text += "declare $V @llvm.masked.gather.$S.v$Wp0(<$W x ptr>, i32, $M, $V)\n"
    text += "".join(f"declare $V @llvm.{name}.$S($V)\n" for name in INTRINSICS)
    for name, value in (
        ("$HALF", 0.5),
        ("$NAN", math.nan),
        ("$ZERO", 0.0),
        ("$ONE", 1.0),
        ("$TINY", 2.0**-32),
    ):
        text = text.replace(name, splat(value))
    return with_lanes(text, lanes)


def with_lanes(text: str, lanes: int) -> str:
    """Write out the types: $V doubles, $I 64-bit and $K 32-bit integers, $M conditions, $S the suffix."""
    types = {"$V": "double", "$I": "i64", "$K": "i32", "$M": "i1"}
    for short, element in types.items():
        text = text.replace(short, f"<{lanes} x {element}>")
    return text.replace("$S", f"v{lanes}f64").replace("$W", str(lanes))
