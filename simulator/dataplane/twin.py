"""The kernel's uncompiled twin: the same file as plain Python, on arrays that refuse negative indices.

numba checks no bounds and lets -1 mean "the last"; the twin does neither, so a fault that the compiled kernel
would swallow is an ``IndexError`` here. Both give the same bytes, which tests assert.
"""

from __future__ import annotations

import ctypes
import importlib.util
import sys
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_NAME = "simulator.dataplane.kernel_twin"


@lru_cache(maxsize=1)
def plain_kernel() -> ModuleType:
    """The kernel module without numba."""
    spec = importlib.util.spec_from_file_location(_NAME, Path(__file__).with_name("kernel.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[_NAME] = module
    spec.loader.exec_module(module)
    return module


class Column:
    """A one-dimensional array of Python integers that refuses negative indices."""

    __slots__ = ("_view",)

    def __init__(self, array: npt.NDArray[np.generic]) -> None:
        self._view = memoryview(array)  # type: ignore[arg-type]

    def __getitem__(self, index: int) -> int:
        if index < 0:
            raise IndexError(f"negative index {index} in the data plane")
        return self._view[index]

    def __setitem__(self, index: int, value: int) -> None:
        if index < 0:
            raise IndexError(f"negative index {index} in the data plane")
        self._view[index] = value

    def __len__(self) -> int:
        return len(self._view)


class Table:
    """An array of records that refuses negative indices: ``table[row].field`` reads and writes in place.

    Each row is a ctypes view of the same bytes, since a numpy record answers neither by attribute nor with
    Python's own integers.
    """

    __slots__ = ("_rows",)

    def __init__(self, array: npt.NDArray[np.void]) -> None:
        kind = _row_type(array.dtype)
        self._rows = (kind * len(array)).from_buffer(array) if len(array) else (kind * 0)()  # type: ignore[arg-type]

    def __getitem__(self, row: int) -> ctypes.Structure:
        if row < 0:
            raise IndexError(f"negative index {row} in the data plane")
        return self._rows[row]

    def __len__(self) -> int:
        return len(self._rows)


@lru_cache(maxsize=64)
def _row_type(dtype: np.dtype[np.void]) -> type[ctypes.Structure]:
    """The ctypes twin of a record of 64-bit integers."""
    fields = [
        (name, ctypes.c_uint64 if dtype[name].kind == "u" else ctypes.c_int64) for name in dtype.names or ()
    ]
    return type("Row", (ctypes.Structure,), {"_fields_": fields})
