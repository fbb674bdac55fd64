"""The ensemble kernel of the study's model is vector code throughout."""

from __future__ import annotations

import re
from pathlib import Path

import llvmlite.binding as llvm
import numpy as np
import pytest

from iskdyn.compile.machine import assembly
from iskdyn.model import read_model
from iskdyn.simulate import prepare

MODEL = Path(__file__).parents[2] / "models" / "isk.mdl"
ARITHMETIC = re.compile(r"\s+v(?:mul|add|sub|div|fn?m)\w*[ps]d\s")
VECTOR = re.compile(r"\b(?:zmm|ymm)\d+")
"""A whole register of AVX-512 or AVX2."""


def features() -> set[str]:
    llvm.initialize_native_target()
    return {name for name, there in llvm.get_host_cpu_features().items() if there}


def test_the_arithmetic_of_the_kernel_is_in_vector_instructions() -> None:
    if "avx2" not in features():
        pytest.skip("the processor has no AVX2")
    program = read_model(MODEL)
    inputs = [constant.name for constant in program.constants]
    runner = prepare(program, inputs, [program.stocks[0].name], engine="ensemble")
    kernel = runner._prepared(runner.orders_of(np.array([[program[name].value for name in inputs]])))[0]
    code = assembly(kernel.run.text)  # type: ignore[attr-defined]
    lines = [line for line in code.splitlines() if ARITHMETIC.match(line)]
    packed = [line for line in lines if VECTOR.search(line)]
    assert len(packed) > 100
    assert len(packed) > 0.95 * len(lines)
