"""Something that is to happen once, in a while."""

import asyncio
from collections.abc import Callable

__all__ = ["Alarm"]


class Alarm:
    """Rings once, so many seconds after it was set for the first time."""

    def __init__(self, seconds: float, ring: Callable[[], None]) -> None:
        self._seconds = seconds
        self._ring = ring
        self._handle: asyncio.TimerHandle | None = None

    def set(self) -> None:
        """Let it ring; where it is set already, when it was to ring anyway."""
        if self._handle is None:
            loop = asyncio.get_running_loop()
            self._handle = loop.call_later(self._seconds, self._go_off)

    def stop(self) -> None:
        """It does not ring, unless it is set again."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _go_off(self) -> None:
        self._handle = None
        self._ring()
