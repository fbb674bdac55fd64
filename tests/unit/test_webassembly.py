"""An object file becomes a module that exports `run`; what needs a linker is refused."""

from __future__ import annotations

import pytest

from iskdyn.compile.target_webassembly import compile_module
from iskdyn.errors import InternalError

ADD = """define internal i32 @twice(i32 %a) noinline {
  %b = add i32 %a, %a
  ret i32 %b
}
define i32 @run(i32 %a) {
  %b = call i32 @twice(i32 %a)
  %c = add i32 %b, 1
  ret i32 %c
}
"""
STACK = """define void @run() {
  %a = alloca [99 x i32]
  call void @use(ptr %a)
  ret void
}
declare void @use(ptr)
"""


def sections(module: bytes) -> dict[int, bytes]:
    """By their numbers; each of these modules is so short that a length is one byte or padded to five."""
    found, at = {}, 8
    while at < len(module):
        number, size, shift, at = module[at], 0, 0, at + 1
        while True:
            size |= (module[at] & 127) << shift
            shift, at = shift + 7, at + 1
            if module[at - 1] < 128:
                break
        found[number] = module[at : at + size]
        at += size
    return found


def test_a_module_begins_as_one_and_exports_its_last_function_after_those_it_imports() -> None:
    module = compile_module(ADD)
    assert module[:8] == b"\0asm\1\0\0\0"
    parts = sections(module)
    assert list(parts) == [1, 2, 3, 7, 10]
    assert parts[7] == b"\1\3run\0\1"
    calls = ADD.replace("add i32 %b, 1", "call i32 @given(i32 %b)") + "declare i32 @given(i32)\n"
    assert sections(compile_module(calls))[7] == b"\1\3run\0\2"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("@table = global [2 x i32] [i32 1, i32 2]\n" + ADD, "code alone"),
        (STACK, "__stack_pointer"),
    ],
    ids=["data", "stack"],
)
def test_what_needs_a_linker_is_refused(text: str, told: str) -> None:
    with pytest.raises(InternalError, match=told):
        compile_module(text)
