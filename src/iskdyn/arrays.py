"""Types of the arrays that go through the model; shapes stand where they are taken or given."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    import pandas as pd

Array: TypeAlias = NDArray[np.float64]
Numbers: TypeAlias = NDArray[np.int64]
"""Whole numbers: of members, of rows, of steps."""
Flags: TypeAlias = NDArray[np.bool_]
Value: TypeAlias = "float | Array"
"""One number, or one for each member or each time."""
Points: TypeAlias = tuple[Array, Array]
"""(k,) times, or x of a table, and the (k,) or (n_members, k) values there."""
Tables: TypeAlias = tuple[Array, Array, Numbers]
"""All tables end to end: (n_points,) x and y, and (n_tables, 3) first and last place of each, and mode."""
Curve: TypeAlias = "pd.Series[float] | tuple[ArrayLike, ArrayLike]"
"""A series or a table as a caller gives it: a pandas Series, or times (or x) and values, see `Points`."""
