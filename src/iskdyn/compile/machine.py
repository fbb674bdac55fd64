"""LLVM text -> machine code in this process, kept on disk as an object file."""

from __future__ import annotations

import ctypes
import functools
import hashlib
from collections.abc import Callable

import llvmlite.binding as llvm

from iskdyn.cache import entry

Address = Callable[..., None]


@functools.cache
def _target() -> tuple[llvm.TargetMachine, str, str]:
    """The machine, its name and its features."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    name = llvm.get_host_cpu_name()
    features = llvm.get_host_cpu_features().flatten()
    machine = llvm.Target.from_default_triple().create_target_machine(
        # Full optimisation: code is made once, kept, and run many times. For this processor only; the cache's
        # role names it.
        cpu=name,
        features=features,
        opt=3,
        codemodel="jitdefault",
        jit=True,
    )
    return machine, name, features


def assembly(text: str) -> str:
    """The machine code of an LLVM text, readable."""
    machine, _, _ = _target()
    return str(machine.emit_assembly(optimised(llvm.parse_assembly(text), machine)))


def optimised(module: llvm.ModuleRef, machine: llvm.TargetMachine) -> llvm.ModuleRef:
    """A parsed module, verified and improved for a machine."""
    module.verify()
    options = llvm.create_pipeline_tuning_options(speed_level=2)
    options.loop_vectorization = False
    options.slp_vectorization = False
    builder = llvm.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)
    return module


# as many as kernels are kept: loading code anew would take longer than a short run
@functools.lru_cache(maxsize=256)
def load_function(text: str, name: str, n_arguments: int) -> Address:
    """A compiled function of 64-bit integers and addresses; other threads run while it does.

    Parameters
    ----------
    text : an LLVM module; it is made into machine code once and kept in the cache
    name : of the function in it, which returns nothing
    n_arguments : 64 bits each
    """
    machine, cpu, features = _target()
    role = "\n".join([text, cpu, features, str(llvm.llvm_version_info)])
    file = f"{hashlib.sha256(role.encode()).hexdigest()[:32]}.o"
    code = entry(
        "kernels", file, role, lambda: machine.emit_object(optimised(llvm.parse_assembly(text), machine))
    )
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _target_for_engine())
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    function = ctypes.CFUNCTYPE(None, *[ctypes.c_int64] * n_arguments)(engine.get_function_address(name))
    function._engine = engine  # type: ignore[attr-defined]  # keeps the code alive
    return function


def _target_for_engine() -> llvm.TargetMachine:
    """An engine owns its machine."""
    return llvm.Target.from_default_triple().create_target_machine(codemodel="jitdefault", jit=True)
