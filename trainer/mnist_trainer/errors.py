"""For whoever must act when a run fails: one class a meaning, one exit code a class.

    TrainerError
    |-- permanent, 1..127: the same run would fail again
    |   |-- ConfigError            2   flags, environment, parameters
    |   |-- DataError             10   the file is there, but not fit to train on
    |   |-- InputMissingError     11   no such file, branch, repo or commit
    |   |-- DivergedError         12   the loss is no number any more
    |   |-- AccessRefusedError    13   credentials or certificates
    |   `-- OutputRefusedError    14   the output commit is closed or missing
    `-- retryable, 128..255: another attempt may fare better
        |-- DiskError            174   no room, or no right, to write
        |-- UnreachableError     175   the storage does not answer
        |-- PeerLostError        176   another worker has ended, or never came
        `-- DeviceMissingError   177   a GPU was asked for, and there is none

Signals end a run with 128 plus their number (130, 143): retryable too.
"""

from enum import IntEnum
from typing import ClassVar

__all__ = [
    "AccessRefusedError",
    "ConfigError",
    "DataError",
    "DeviceMissingError",
    "DiskError",
    "DivergedError",
    "ExitCode",
    "InputMissingError",
    "OutputRefusedError",
    "PeerLostError",
    "TrainerError",
    "UnreachableError",
]


class ExitCode(IntEnum):
    """What the process says to whoever started it."""

    DONE = 0
    BUG = 1  # An exception that nobody foresaw: Python's own code for it.
    CONFIG = 2  # As every command-line program says of its usage.
    DATA = 10
    INPUT_MISSING = 11
    DIVERGED = 12
    ACCESS_REFUSED = 13
    OUTPUT_REFUSED = 14
    DISK = 174
    UNREACHABLE = 175
    PEER_LOST = 176
    DEVICE_MISSING = 177


class TrainerError(Exception):
    """A failure that was foreseen: its text says what, where, and what to do."""

    code: ClassVar[ExitCode] = ExitCode.BUG
    reason: ClassVar[str] = "InternalError"


class ConfigError(TrainerError):
    """The environment, a flag or a parameter cannot be used as it is."""

    code = ExitCode.CONFIG
    reason = "InvalidConfiguration"


class DataError(TrainerError):
    """The training data was read, and must not be trained on."""

    code = ExitCode.DATA
    reason = "InvalidData"


class InputMissingError(TrainerError):
    """The input names a file or a commit that does not exist."""

    code = ExitCode.INPUT_MISSING
    reason = "InputMissing"


class DivergedError(TrainerError):
    """Training ran into NaN or infinity and learned nothing."""

    code = ExitCode.DIVERGED
    reason = "TrainingDiverged"


class AccessRefusedError(TrainerError):
    """The storage knows us and says no, or we cannot trust it."""

    code = ExitCode.ACCESS_REFUSED
    reason = "AccessRefused"


class OutputRefusedError(TrainerError):
    """The output takes no files: its commit is finished, or was never there."""

    code = ExitCode.OUTPUT_REFUSED
    reason = "OutputRefused"


class DiskError(TrainerError):
    """The local disk is full, read-only or failing."""

    code = ExitCode.DISK
    reason = "DiskUnusable"


class UnreachableError(TrainerError):
    """The storage did not answer, or answered with its own failure, to the end."""

    code = ExitCode.UNREACHABLE
    reason = "StorageUnreachable"


class PeerLostError(TrainerError):
    """Another worker of the same run has ended, is cut off, or never came."""

    code = ExitCode.PEER_LOST
    reason = "PeerLost"


class DeviceMissingError(TrainerError):
    """A GPU was asked for, and this node or image has none that works."""

    code = ExitCode.DEVICE_MISSING
    reason = "DeviceMissing"
