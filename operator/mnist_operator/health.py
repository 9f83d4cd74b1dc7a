"""What the probes say: whether the loops turn, and whether the API server answers us.

Live is not the same as well: an operator whose servers are gone is alive, and a
restart would help nobody. Dead is one whose loop for some training stands still.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

__all__ = ["FRESH_SECONDS", "Facts", "Report", "Role", "is_fresh", "livez", "readyz"]

FRESH_SECONDS = 5.0
"""For so long the newest call to the API server speaks for the next one."""
_NAMES_SHOWN = 5
_PROBLEM_LENGTH = 200


class Role(StrEnum):
    """What this process is about; not a verdict."""

    STARTING = "starting"
    STANDBY = "standby"
    """Another operator holds the Lease."""
    WORKING = "working"
    STOPPING = "stopping"


@dataclass(frozen=True, slots=True)
class Facts:
    """How things stand; all times are of one monotonic clock."""

    role: Role
    trainings: int = 0
    busy: Mapping[str, float] = field(default_factory=dict)
    """The loops that are inside a step, and since when; the others sleep."""
    asked_at: float = -math.inf
    """When the API server last answered, or did not."""
    problem: str = "not asked yet"
    """What was wrong then; empty when nothing was."""


@dataclass(frozen=True, slots=True)
class Report:
    """An answer to a probe."""

    ok: bool
    details: Mapping[str, Any]

    def to_json(self) -> dict[str, Any]:
        """What the body says."""
        return {"status": "ok" if self.ok else "failing", **self.details}


def livez(facts: Facts, *, limit: float, now: float) -> Report:
    """Whether every loop turns, or sleeps."""
    ages = {name: now - since for name, since in facts.busy.items()}
    stuck = sorted((-age, name) for name, age in ages.items() if age > limit)
    details: dict[str, Any] = {"role": facts.role, "trainings": facts.trainings}
    if stuck:
        shown = {name: round(-age) for age, name in stuck[:_NAMES_SHOWN]}
        details |= {"stuckSeconds": shown, "stuck": len(stuck)}
    return Report(not stuck, details)


def readyz(facts: Facts) -> Report:
    """Whether the API server answers us as whom it knows; a standby is asked too."""
    problem = facts.problem[:_PROBLEM_LENGTH]
    details = {"role": facts.role, "apiServer": problem or "ok"}
    return Report(not problem, details)


def is_fresh(facts: Facts, *, now: float) -> bool:
    """Whether the newest call will do; after a failed one it is asked anew."""
    return not facts.problem and now - facts.asked_at <= FRESH_SECONDS
