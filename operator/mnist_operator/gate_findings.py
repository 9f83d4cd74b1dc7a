"""What the data gate found about a commit: figures, a verdict, and how both are told.

Pure. A finding goes into the ledger's line of a commit that is held, into the
description of an attempt, and from there into the record of its model.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

from mnist_operator.foreign import count, identity, plain, table, word

__all__ = [
    "PART",
    "Figures",
    "Finding",
    "GateVerdict",
    "part",
    "read_finding",
    "tell",
    "violations",
]

PART = "dataGate"
"""The key for it in spec, in the ledger, in attempt.json and in the record."""
_FAULT_LIMIT = 200
_MOST_LIMITS = 3
_DIGITS = 6
"""After the point, of a share that is told; it is compared exactly."""


class GateVerdict(StrEnum):
    """What the gate says of a commit."""

    PASSED = "Passed"
    """Within all limits."""
    FIRST = "NothingToCompare"
    """No model was published yet, so it passes."""
    WARNED = "Warned"
    """Beyond a limit, or not to be compared, and trained: onViolation is Warn."""
    HELD = "Held"
    """The same, and not trained."""
    RELEASED = "Released"
    """It was held, and somebody let it go on."""
    REQUESTED = "Requested"
    """It was held, and somebody asked for a run on it by hand."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What changed between two data sets; images are those of both of their splits."""

    before: int = 0
    """How many images the earlier data set has: what shares are shares of."""
    after: int = 0
    relabelled: int = 0
    """Images that are in both, each with another label."""
    dropped: int = 0
    """Images of the earlier data set that are in neither split of the later one."""
    class_shift: Fraction = Fraction()
    """Total variation distance of the classes' shares, 0..1."""
    fault: str = ""
    """Why they could not be compared; then all else says nothing."""

    def share(self, number: int) -> Fraction:
        """Of the earlier images, 0..1; 0 where there were none."""
        return Fraction(number, self.before) if self.before else Fraction()

    def to_json(self) -> dict[str, Any]:
        """As it is written down."""
        if self.fault:
            return {"fault": self.fault}
        return {
            "imagesBefore": self.before,
            "imagesAfter": self.after,
            "relabelled": self.relabelled,
            "dropped": self.dropped,
            "classShift": _decimal(self.class_shift),
        }


@dataclass(frozen=True, slots=True)
class Finding:
    """The gate's word on one commit."""

    verdict: GateVerdict
    base: str = ""
    """The commit of the newest model then, whose data it was compared with."""
    figures: Figures | None = None
    limits: tuple[tuple[str, str], ...] = ()
    """Those of the spec, by name, as they were written."""

    def to_json(self) -> dict[str, Any]:
        """As it is written down: what is empty is left out."""
        value: dict[str, Any] = {"verdict": self.verdict.value}
        if self.base:
            value["comparedWith"] = self.base
        if self.figures is not None:
            value |= self.figures.to_json()
        return value | ({"limits": dict(self.limits)} if self.limits else {})


def part(finding: Finding | None) -> dict[str, Any]:
    """A finding under its key; nothing where there is none."""
    return {} if finding is None else {PART: finding.to_json()}


def read_finding(value: Any) -> Finding | None:
    """Read one back; None where there is none.

    Raises:
        ValueError, KeyError, TypeError: No operator wrote this.
    """
    if value is None:
        return None
    told = dict(table(value))
    limits = sorted(table(told.get("limits")).items())[:_MOST_LIMITS]
    return Finding(
        verdict=GateVerdict(told["verdict"]),
        base=identity(told.get("comparedWith", "")),
        figures=_read_figures(told),
        limits=tuple((identity(k), identity(v)) for k, v in limits),
    )


def _read_figures(told: Mapping[str, Any]) -> Figures | None:
    if "fault" in told:
        return Figures(fault=plain(word(told["fault"]), _FAULT_LIMIT))
    if "imagesBefore" not in told:
        return None
    return Figures(
        before=count(told["imagesBefore"]),
        after=count(told["imagesAfter"]),
        relabelled=count(told["relabelled"]),
        dropped=count(told["dropped"]),
        class_shift=_read_share(identity(told["classShift"])),
    )


def _read_share(text: str) -> Fraction:
    """A share as `_decimal` writes it."""
    if len(text) != len(_decimal(Fraction())) or not text.replace(".", "").isdecimal():
        raise ValueError(f"{text} is no share")
    return Fraction(text)


def violations(figures: Figures, limits: Mapping[str, str]) -> list[str]:
    """What is beyond a limit, each as a phrase; a limit itself is still allowed.

    Args:
        figures: What changed.
        limits: By its name in spec.dataGate, a share 0..1 as decimals.
    """
    if figures.fault:
        return [f"its data cannot be compared: {figures.fault}"]
    found = (
        ("maxRelabelled", "are relabelled", figures.relabelled),
        ("maxDropped", "are gone", figures.dropped),
    )
    told = [
        f"{number} of {figures.before} images {what}"
        f" ({_decimal(figures.share(number))}, {name} is {limits[name]})"
        for name, what, number in found
        if name in limits and figures.share(number) > Fraction(limits[name])
    ]
    name, shift = "maxClassShift", figures.class_shift
    if name in limits and shift > Fraction(limits[name]):
        told.append(
            f"the classes' shares moved by {_decimal(shift)} ({name} is {limits[name]})"
        )
    return told


def tell(finding: Finding) -> str:
    """A sentence with what is beyond a limit, and what it was compared with."""
    told = "; ".join(violations(finding.figures or Figures(), dict(finding.limits)))
    said = told or "within all limits"
    return f"{said}. Compared with the newest model's data, commit {finding.base}."


def _decimal(share: Fraction) -> str:
    return f"{float(share):.{_DIGITS}f}"
