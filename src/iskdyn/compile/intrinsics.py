"""Operations that numba has no short form for; each becomes a few machine instructions, without branches."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic


def _float_signature(n_arguments: int) -> Any:
    return types.float64(*([types.float64] * n_arguments))


@intrinsic
def select(typing_context: Any, condition: Any, yes: Any, no: Any) -> Any:
    """`yes` where the condition holds, else `no`; both have been computed."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.select(builder.trunc(arguments[0], ir.IntType(1)), arguments[1], arguments[2])

    return types.float64(types.boolean, types.float64, types.float64), generate


def _extreme(name: str, comparison: str) -> Any:
    """The first argument if it wins or is not a number, else the second."""

    def extreme(typing_context: Any, a: Any, b: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            left, right = arguments
            wins = builder.fcmp_ordered(comparison, left, right)
            nan = builder.fcmp_unordered("uno", left, left)
            return builder.select(builder.or_(wins, nan), left, right)

        return _float_signature(2), generate

    extreme.__name__ = name
    return intrinsic(extreme)


minimum = _extreme("minimum", "<")
maximum = _extreme("maximum", ">")


@intrinsic
def peek(typing_context: Any, array: Any, index: Any) -> Any:
    """Element of a one-dimensional contiguous array of floats; the index is not checked."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load(_address(context, builder, signature, arguments))

    return types.float64(array, types.int64), generate


@intrinsic
def poke(typing_context: Any, array: Any, index: Any, value: Any) -> Any:
    """Write an element of a one-dimensional contiguous array of floats; the index is not checked."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.store(arguments[2], _address(context, builder, signature, arguments))
        return context.get_dummy_value()

    return types.void(array, types.int64, types.float64), generate


def _address(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    proxy: Any = cgutils.create_struct_proxy
    data = proxy(signature.args[0])(context, builder, arguments[0]).data
    return builder.gep(data, [arguments[1]])
