"""For images that are too many for memory: they lie in a file, and are mapped.

The files have no name, so that nothing is left behind however the run ends.
They are written as files and mapped for reading only: whoever writes to a mapping
learns of a full disk by a fatal signal, and the kernel drops pages that nobody changed
when it needs their memory.
"""

import contextlib
import math
import tempfile
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np

from mnist_trainer import storage

__all__ = ["Room", "Store"]


class Store(Protocol):
    """One array to be, filled from its beginning to its end."""

    def add(self, block: Any) -> None:
        """Append rows, of which the array has as many as were reserved."""
        ...

    def finish(self) -> Any:
        """Return the array, when all its rows are there."""
        ...


class Room:
    """Memory as long as it lasts, then disk; a context, for as long as it is filled."""

    def __init__(self, folder: Path, *, memory: int) -> None:
        """Take ``memory`` bytes for all arrays together, and the disk of ``folder``."""
        self._folder = folder
        self._memory = memory
        self._files = contextlib.ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # What is mapped stays: a mapping needs no open file.
        self._files.close()

    def reserve(self, shape: tuple[int, ...], dtype: Any) -> Store:
        """Make room for an array.

        Raises:
            DiskError: the disk is not there; or later, by ``add``, it is full.

        """
        size = math.prod(shape) * np.dtype(dtype).itemsize
        if size > self._memory:
            return self._files.enter_context(_File(self._folder, shape, dtype))
        self._memory -= size
        return _Memory(shape, dtype)


class _Memory:
    def __init__(self, shape: tuple[int, ...], dtype: Any) -> None:
        self._array = np.empty(shape, dtype)
        self._count = 0

    def add(self, block: Any) -> None:
        end = self._count + len(block)
        self._array[self._count : end] = block
        self._count = end

    def finish(self) -> Any:
        return self._array


class _File:
    def __init__(self, folder: Path, shape: tuple[int, ...], dtype: Any) -> None:
        self._folder = folder
        self._shape = shape
        self._dtype = dtype
        try:
            self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 (closed by __exit__)
        except OSError as error:
            raise storage.unwritable(folder, error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, block: Any) -> None:
        # Not memoryview.cast, which refuses a block of no rows.
        flat = np.ascontiguousarray(block, self._dtype).ravel()
        rest = memoryview(flat.view(np.uint8))
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            raise storage.unwritable(self._folder, error) from error

    def finish(self) -> Any:
        return np.memmap(self._file, self._dtype, "r", shape=self._shape)
