"""For using the cores that are ours: a container's share, not the whole node's.

TensorFlow starts a thread for every core that it sees, which on a large node with a
small limit is slow.
So the number is worked out here, set, and written into the manifest.
"""

import math
import os
from pathlib import Path
from typing import Final

__all__ = ["count_cpus", "read_limit"]

_CGROUPS: Final = Path("/sys/fs/cgroup")
_MEMBERSHIP: Final = Path("/proc/self/cgroup")

_CONTROLLER: Final = "cpu"
_FOLDERS: Final = ("cpu", "cpu,cpuacct")
"""Where version 1 has the groups of that controller."""

_MOST: Final = 64
"""More threads do not help a network of this size."""


def count_cpus() -> int:
    """Count the cores that this process may keep busy; less than one counts as one."""
    # A cpuset, or taskset, is an affinity.
    seen = len(os.sched_getaffinity(0))
    limit = read_limit(_CGROUPS, _read(_MEMBERSHIP))
    return min(seen, _MOST, math.ceil(limit) if limit else _MOST)


def read_limit(cgroups: Path, membership: str = "") -> float | None:
    """Read how many cores' worth of time the container gets, if that is limited.

    Usually a container sees its own control group as the root of all.
    With the node's namespace of control groups it sees the node's, and its own is
    further down, where the least of all limits on the way counts.

    Args:
        cgroups: where the control groups are mounted.
        membership: of this process, a line of number:controllers:path for each
            hierarchy; that of version 2 has no controllers.

    """
    folders = [cgroups, *(cgroups / name for name in _FOLDERS)]
    for line in membership.splitlines():
        _, controllers, path = line.split(":", 2)
        folders += [
            top / inner
            for top in _find_tops(cgroups, controllers)
            for inner in _list_down(path)
        ]
    limits = (_read_group(folder) for folder in folders)
    return min((limit for limit in limits if limit is not None), default=None)


def _find_tops(cgroups: Path, controllers: str) -> list[Path]:
    if not controllers:
        return [cgroups]
    if _CONTROLLER in controllers.split(","):
        return [cgroups / name for name in _FOLDERS]
    return []


def _list_down(path: str) -> list[Path]:
    """List a group and those that it is in, unless it lies outside of what we see."""
    inner = Path(path.lstrip("/"))
    return [] if ".." in inner.parts else [inner, *inner.parents]


def _read_group(folder: Path) -> float | None:
    """Read the limit of one group, of either version."""
    limit = _read(folder / "cpu.max").split()
    if not limit:
        limit = [
            _read(folder / "cpu.cfs_quota_us"),
            _read(folder / "cpu.cfs_period_us"),
        ]
    # No limit is "max" in version 2 of control groups and -1 in version 1.
    quota, period = (int(text) if text.isdigit() else 0 for text in limit[:2])
    return quota / period if quota and period else None


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""
