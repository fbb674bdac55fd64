"""`Program` to source text for a target, and the source to a callable kernel."""

from iskdyn.compile.kernels import Kernel, Layout, compile_kernel, lower_program

__all__ = ["Kernel", "Layout", "compile_kernel", "lower_program"]
