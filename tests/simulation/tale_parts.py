"""What tales are told with: one happening each, at its time."""

from unit.model_schedules import COMMON, POLICIES

__all__ = ["apply", "edit", "push"]

_CHANGES = (*COMMON, *POLICIES)


def apply(at, **changes):
    """One of the changes that chance makes as well."""
    return at, "apply", _CHANGES.index(changes)


def edit(**changes):
    """Any other change of the spec, at the beginning."""
    return 0.0, "edit", changes


def push(draw, at, how="whole", what="new"):
    """A commit, at some moment within four seconds."""
    return round(at + 4.0 * draw.random(), 3), "push", how, what
