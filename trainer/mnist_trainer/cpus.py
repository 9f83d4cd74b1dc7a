"""For using the cores that are ours: a container's share, not the whole node's.

TensorFlow starts a thread for every core that it sees, which on a large node with a
small limit is slow; and since the number of threads decides the order of additions, the
same seed would give other weights on another node.
So the number is worked out here, set, and written into the manifest.
"""

import math
import os
from pathlib import Path
from typing import Final

__all__ = ["count_cpus", "read_limit"]

_CGROUPS: Final = Path("/sys/fs/cgroup")

_MOST: Final = 64
"""More threads do not help a network of this size."""


def count_cpus() -> int:
    """Count the cores that this process may keep busy."""
    seen = len(os.sched_getaffinity(0))
    limit = read_limit(_CGROUPS)
    return min(seen, _MOST, math.ceil(limit) if limit else _MOST)


def read_limit(cgroups: Path) -> float | None:
    """Read how many cores' worth of time the container gets, if that is limited."""
    limit = _read(cgroups / "cpu.max").split()
    if not limit:
        limit = [
            _read(cgroups / "cpu" / "cpu.cfs_quota_us"),
            _read(cgroups / "cpu" / "cpu.cfs_period_us"),
        ]
    # No limit is "max" in version 2 of control groups and -1 in version 1.
    quota, period = (int(text) if text.isdigit() else 0 for text in limit[:2])
    return quota / period if quota and period else None


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""
