"""Faults on demand: what a test orders to go wrong in a stand-in server.

Each server names its calls ("pfs.StartCommit", "s3.PutObject",
"kube.create.tfjobs") and asks here twice, before and after the effect. So a test
can tell "nothing happened" from "it happened, but the answer was lost", which look
the same to a client.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

__all__ = ["Fault", "FaultError", "Faults"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong, for the calls whose name matches."""

    call: str
    """A pattern over call names, as in fnmatch: `pfs.*`, `kube.watch.*`."""

    error: object | None = None
    """What the server answers: (gRPC code, details) or (HTTP status, body)."""

    after: bool = False
    """Strike when the effect has taken place and only the answer is missing."""

    delay_seconds: float = 0
    """Wait so long first. Alone, this is latency and nothing else."""

    drop: bool = False
    """Cut the connection or the stream without an answer."""

    times: int | None = 1
    """For how many calls; None for all, until `Faults.clear`."""


class FaultError(Exception):
    """Tells a server to answer with the fault instead of its own result."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(f"fault ordered for {fault.call}")
        self.fault = fault

    @property
    def error(self) -> object | None:
        """What the server answers, when it answers at all."""
        return self.fault.error

    @property
    def drop(self) -> bool:
        """Whether the connection ends without an answer."""
        return self.fault.drop


class _Armed:
    """A fault and how often it may still strike."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.left = fault.times

    def strikes(self, call: str, *, after: bool) -> bool:
        if self.left == 0 or self.fault.after is not after:
            return False
        return fnmatchcase(call, self.fault.call)

    def spend(self) -> None:
        if self.left is not None:
            self.left -= 1


class Faults:
    """The faults in force, shared by all servers of one local cluster."""

    def __init__(self, *faults: Fault) -> None:
        self._armed = [_Armed(fault) for fault in faults]

    def __iter__(self) -> Iterator[Fault]:
        return (armed.fault for armed in self._armed if armed.left != 0)

    def add(self, fault: Fault) -> None:
        """Order a fault; the one ordered first strikes first."""
        self._armed.append(_Armed(fault))

    def clear(self) -> None:
        """Let everything work again."""
        self._armed.clear()

    async def before(self, call: str) -> None:
        """Strike before the effect of a call, where that was ordered."""
        await self._strike(call, after=False)

    async def after(self, call: str) -> None:
        """Strike after the effect of a call, where that was ordered."""
        await self._strike(call, after=True)

    async def _strike(self, call: str, *, after: bool) -> None:
        for armed in self._armed:
            if armed.strikes(call, after=after):
                armed.spend()
                await _carry_out(armed.fault)
                return


async def _carry_out(fault: Fault) -> None:
    if fault.delay_seconds:
        await asyncio.sleep(fault.delay_seconds)
    if fault.drop or fault.error is not None:
        raise FaultError(fault)
