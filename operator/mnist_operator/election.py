"""Which of several operators works: read off one Lease, by each of them for itself.

The times in a Lease are somebody else's clock, so none of ours is compared with
them. What counts is for how long a Lease has stayed as it is before our own eyes:
its holder renews it in much less time than it lasts, or does not work any more.

::

    holder  |-- renews every 5 s --|      gives up 13 s after its last renewal
    others       look every 2 s    |------ take it 15 s after they saw that one ------|
"""

from dataclasses import dataclass, field, replace
from datetime import datetime

__all__ = [
    "HOLD_SECONDS",
    "LEASE_SECONDS",
    "LOOK_SECONDS",
    "RENEW_SECONDS",
    "RETRY_SECONDS",
    "Claim",
    "Lease",
    "Lost",
    "Sight",
    "Step",
    "Wait",
    "claim",
    "decide",
    "look",
    "release",
]

LEASE_SECONDS = 15
"""How long others wait for the next renewal before they take over."""
HOLD_SECONDS = 13.0
"""How long a holder works after it sent its last renewal that was taken.

Below the Lease's own: what it sent last must have arrived before others begin.
"""
RENEW_SECONDS = 5.0
RETRY_SECONDS = 1.0
"""After a renewal or a look that failed."""
LOOK_SECONDS = 2.0
"""How often others look: so soon they see that it was given back."""


@dataclass(frozen=True, slots=True)
class Lease:
    """What the API server has; two are equal when nothing was renewed in between."""

    holder: str = ""
    """Empty when it was given back."""
    seconds: int = LEASE_SECONDS
    acquired: str = ""
    renewed: str = ""
    transitions: int = 0
    version: str = field(default="", compare=False)
    """Which state of the object this is; it changes with labels, too."""


@dataclass(frozen=True, slots=True)
class Sight:
    """The Lease, or that there is none, and since when we have seen it like that."""

    lease: Lease | None
    since: float


@dataclass(frozen=True, slots=True)
class Claim:
    """Write that we hold it."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Somebody else may be at work: look again later."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Lost:
    """We worked, and somebody else holds it."""


Step = Claim | Wait | Lost


def look(before: Sight | None, lease: Lease | None, *, now: float) -> Sight:
    """What we know after a look."""
    same = before is not None and before.lease == lease
    return Sight(lease, before.since if same and before is not None else now)


def decide(sight: Sight, *, me: str, working: bool, now: float) -> Step:
    """What to do about the Lease as it was seen."""
    lease = sight.lease
    if lease is None or lease.holder == me:
        return Claim()
    if working:
        return Lost()
    left = sight.since + lease.seconds - now
    if not lease.holder or left <= 0:
        return Claim()
    return Wait(min(left, LOOK_SECONDS))


def claim(lease: Lease | None, *, me: str, now: datetime) -> Lease:
    """The Lease to write in place of this one, so that it is ours."""
    stamp = _stamp(now)
    if lease is None:
        return Lease(me, acquired=stamp, renewed=stamp)
    if lease.holder == me:
        return replace(lease, seconds=LEASE_SECONDS, renewed=stamp)
    return Lease(
        holder=me,
        acquired=stamp,
        renewed=stamp,
        transitions=lease.transitions + 1,
        version=lease.version,
    )


def release(lease: Lease, *, now: datetime) -> Lease:
    """The Lease to write so that anybody may take it at once."""
    return replace(lease, holder="", seconds=1, renewed=_stamp(now))


def _stamp(now: datetime) -> str:
    """As the API server writes a MicroTime; it would drop the rest."""
    return f"{now:%Y-%m-%dT%H:%M:%S.%f}Z"
