"""Keeps what is used again, and drops what is not."""

import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

__all__ = ["Recent"]

_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V")


class Recent(Generic[_K, _V]):
    """What was kept or asked for lately.

    In two generations: whatever is used is in the young one. The young one grows old,
    and the old one is dropped, once it has lasted for `seconds` or holds `most`. So a
    thing is kept for at least so long after its last use, or until `most` others were
    used; and there are never more than twice as many.
    """

    def __init__(
        self, seconds: float, most: int, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds = seconds
        self._most = most
        self._now = now
        self._since = now()
        self._young: dict[_K, _V] = {}
        self._old: dict[_K, _V] = {}

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def get(self, key: _K) -> _V | None:
        """What is kept under this key; it is used again."""
        found = self._young.get(key)
        if found is None and key in self._old:
            found = self._young[key] = self._old.pop(key)
        return found

    def keep(self, key: _K, value: _V) -> None:
        """Keep this, in the place of what was kept under the same key."""
        self._old.pop(key, None)
        self._young[key] = value
        now = self._now()
        if now - self._since >= self._seconds or len(self._young) >= self._most:
            self._young, self._old, self._since = {}, self._young, now
