"""How an attempt ended, as it is written down and read back. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from mnist_operator.foreign import number, plain

__all__ = ["Outcome", "Verdict", "read_outcome"]

_REASON_LIMIT = 64
_MESSAGE_LIMIT = 500  # Big descriptions break every client's list.


class Verdict(StrEnum):
    """How an attempt ended."""

    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    ABANDONED = "Abandoned"
    """It was given up before it counted: a new spec, a new owner, a commit gone."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of an attempt; retryable only says something about a failure."""

    verdict: Verdict
    reason: str = ""
    message: str = ""
    retryable: bool = False
    exit_code: int | None = None

    def to_json(self) -> dict[str, Any]:
        """As it is written down, with a message that leaves room for the rest."""
        value = {
            "verdict": self.verdict,
            "reason": plain(self.reason, _REASON_LIMIT),
            "message": plain(self.message, _MESSAGE_LIMIT),
            "retryable": self.retryable,
        }
        return value if self.exit_code is None else value | {"exitCode": self.exit_code}


def read_outcome(value: Any) -> Outcome:
    """Read `Outcome.to_json` back; of what somebody else wrote, a failure."""
    try:
        return Outcome(
            verdict=Verdict(value["verdict"]),
            reason=plain(str(value["reason"]), _REASON_LIMIT),
            message=plain(str(value["message"]), _MESSAGE_LIMIT),
            retryable=bool(value["retryable"]),
            exit_code=number(value.get("exitCode")),
        )
    except (ValueError, KeyError, TypeError):
        return Outcome(
            Verdict.FAILED,
            reason="StagingClosed",
            message="Somebody closed the attempt's staging commit.",
            retryable=True,
        )
