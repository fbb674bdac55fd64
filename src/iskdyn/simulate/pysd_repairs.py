"""Two known errors of PySD 3.14.3, put right for a while, so that a difference can be named.

1. SMOOTH and DELAY hold their state in an array of the type of the initial value: one written as an integer
   makes an array of integers, and the first step is cut to whole numbers.
2. Stocks are updated one after another; DELAY FIXED and SAMPLE IF TRUE read their input during that loop,
   partly from new and partly from old values, depending on which outputs were asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import numpy as np

from iskdyn.arrays import Value
from iskdyn.simulate.engines import Values

if TYPE_CHECKING:
    from pysd.py_backend.model import Macro
    from pysd.py_backend.statefuls import DelayFixed, SampleIfTrue, Smooth

INTEGERS = "PySD cuts the first step of a SMOOTH or DELAY whose initial value is an integer"
READ_LATE = "PySD reads the input of DELAY FIXED or SAMPLE IF TRUE in the middle of its update"


def named_error(run: Callable[[], Values], fits: Callable[[Values], bool]) -> str:
    """Which of the errors, put right, makes PySD's run fit; an empty string where none does."""
    for bugs in ((INTEGERS,), (READ_LATE,), (INTEGERS, READ_LATE)):
        with ExitStack() as stack:
            for bug in bugs:
                stack.enter_context(repaired(bug))
            if fits(run()):
                return "; ".join(bugs)
    return ""


@contextmanager
def repaired(bug: str) -> Iterator[None]:
    """PySD without one of its errors."""
    if bug == INTEGERS:
        with _float_states():
            yield
    else:
        with _read_before_update():
            yield


@contextmanager
def _float_states() -> Iterator[None]:
    from pysd.py_backend import statefuls

    classes = (statefuls.Smooth, statefuls.Delay, statefuls.DelayN)
    originals = [one.initialize for one in classes]

    def with_floats(
        original: Callable[[Smooth, Value | None], None],
    ) -> Callable[[Smooth, Value | None], None]:
        def initialize(self: Smooth, init_val: Value | None = None) -> None:
            original(self, init_val)
            if isinstance(self._state, np.ndarray):
                self._state = self._state.astype(float)
            if isinstance(getattr(self, "times", None), np.ndarray):
                self.times = self.times.astype(float)

        return initialize

    for one, original in zip(classes, originals, strict=True):
        one.initialize = with_floats(original)
    try:
        yield
    finally:
        for one, original in zip(classes, originals, strict=True):
            one.initialize = original


@contextmanager
def _read_before_update() -> Iterator[None]:
    from pysd.py_backend import model, statefuls

    original = model.Macro.state
    fixed, sample = statefuls.DelayFixed.update, statefuls.SampleIfTrue.update

    def set_state(self: Macro, values: Sequence[Value]) -> None:
        elements = self._dynamicstateful_elements
        for element in elements:
            if isinstance(element, statefuls.DelayFixed):
                element.pending = element.input_func()
            elif isinstance(element, statefuls.SampleIfTrue):
                element.pending = element()
        for element, value in zip(elements, values, strict=True):
            element.update(value)

    def update_fixed(self: DelayFixed, state: Value) -> None:
        self.pipe[self.pointer] = self.pending
        self.pointer = (self.pointer + 1) % self.order
        self.state = self.pipe[self.pointer]

    def update_sample(self: SampleIfTrue, state: Value) -> None:
        self.state = self.pending

    model.Macro.state = original.setter(set_state)
    statefuls.DelayFixed.update, statefuls.SampleIfTrue.update = update_fixed, update_sample
    try:
        yield
    finally:
        model.Macro.state = original
        statefuls.DelayFixed.update, statefuls.SampleIfTrue.update = fixed, sample
