"""The normal distribution and its inverse in primitives, so that all targets have the same."""

from __future__ import annotations

from collections.abc import Sequence

from iskdyn.compile.graph import Graph

# Hart's rational approximation of the normal distribution's tail, as West (2005) prints it: numerator,
# denominator.
_HART_ABOVE = (
    3.52624965998911e-02, 0.700383064443688, 6.37396220353165, 33.912866078383, 112.079291497871,
    221.213596169931, 220.206867912376,
)  # fmt: skip
_HART_BELOW = (
    8.83883476483184e-02, 1.75566716318264, 16.064177579207, 86.7807322029461, 296.564248779674,
    637.333633378831, 793.826512519948, 440.413735824752,
)  # fmt: skip
# Acklam's rational approximation of the inverse (2003), relative error 1.15e-9: A over B inside, C over D in the
# tails.
_ACKLAM_A = (
    -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.383577518672690e2,
    -3.066479806614716e1, 2.506628277459239,
)  # fmt: skip
_ACKLAM_B = (
    -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1,
    -1.328068155288572e1,
)  # fmt: skip
_ACKLAM_C = (
    -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734,
    4.374664141464968, 2.938163982698783,
)  # fmt: skip
_ACKLAM_D = (7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416)


def polynomial(graph: Graph, coefficients: Sequence[float], x: int) -> int:
    """Horner's rule, the highest power first.

    Parameters
    ----------
    coefficients : highest power first, at least one
    x : number of a node
    """
    value = graph.const(coefficients[0])
    for coefficient in coefficients[1:]:
        value = graph.add("add", graph.add("mul", value, x), graph.const(coefficient))
    return value


def normal_cdf(graph: Graph, x: int) -> int:
    """Share of a standard normal below x (Hart 1968, as given by West 2005; error below 1e-14)."""
    size = graph.add("abs", x)
    bell = graph.add("exp", graph.add("mul", graph.add("mul", size, size), graph.const(-0.5)))
    above, below = polynomial(graph, _HART_ABOVE, size), polynomial(graph, _HART_BELOW, size)
    near = graph.add("mul", bell, graph.add("div", above, below))
    fraction = graph.add("add", size, graph.const(0.65))
    for number in (4.0, 3.0, 2.0, 1.0):
        fraction = graph.add("add", size, graph.add("div", graph.const(number), fraction))
    far = graph.add("div", graph.add("div", bell, fraction), graph.const(2.506628274631))
    tail = graph.add("select", graph.add("lt", size, graph.const(7.07106781186547)), near, far)
    tail = graph.add("select", graph.add("gt", size, graph.const(37.0)), graph.const(0.0), tail)
    positive = graph.add("gt", x, graph.const(0.0))
    return graph.add("select", positive, graph.add("sub", graph.const(1.0), tail), tail)


def normal_quantile(graph: Graph, p: int) -> int:
    """Inverse of the normal distribution (Acklam 2003; relative error below 1.2e-9)."""
    one = graph.const(1.0)
    upper = graph.add("gt", p, graph.const(0.5))
    tail = graph.add("select", upper, graph.add("sub", one, p), p)
    root = graph.add("mul", graph.const(-2.0), graph.add("log", tail))
    q = graph.add("sqrt", root)
    outer = graph.add("div", polynomial(graph, _ACKLAM_C, q), polynomial(graph, (*_ACKLAM_D, 1.0), q))
    outer = graph.add("select", upper, graph.add("neg", outer), outer)
    centre = graph.add("sub", p, graph.const(0.5))
    square = graph.add("mul", centre, centre)
    ratio = graph.add(
        "div", polynomial(graph, _ACKLAM_A, square), polynomial(graph, (*_ACKLAM_B, 1.0), square)
    )
    return graph.add(
        "select", graph.add("lt", tail, graph.const(0.02425)), outer, graph.add("mul", ratio, centre)
    )
