"""How much of each thing there may be more of at the end of a soak, and why."""

import os
from dataclasses import replace

from soak.verdict import Tolerance

__all__ = ["TOLERANCES"]

_ID = Tolerance(more=20, each=1.0)
"""The ledger's sets know each decision: by its commit, its run, or its request."""
_FEW = Tolerance(share=0.25, more=20)
"""What comes and goes with the runs that are under way: of a dozen trainings, at most
two each."""

TOLERANCES = {
    # A decision leaves a commit's ID, a run's ID and a digest of the spec in up to
    # four sets, which is 0.5 kB; and twice that while the ledger is read anew. What
    # the allocator holds beside it comes and goes by a few per cent.
    "RSS MB": Tolerance(share=0.05, more=2.0, each=0.002),
    "PSS MB": Tolerance(share=0.05, more=2.0, each=0.002),
    # Most of Python's large tables are in there, and a part of tracemalloc's own.
    "MB in use of the C heap": Tolerance(share=0.05, more=1.0, each=0.001),
    "traced MB": Tolerance(share=0.03, more=0.5, each=0.001),
    # What one list of all commits takes while it is read, or several at once.
    "traced MB, at most": Tolerance(share=0.5, more=10.0, each=0.005),
    "traced MB, the operator's": Tolerance(share=0.10, more=0.3, each=0.001),
    "MB reached from the hub": Tolerance(share=0.10, more=0.1, each=0.001),
    # Of those that it reads, Python's collector counts a few for each decision.
    "objects": Tolerance(share=0.05, more=2000, each=4),
    # One for each connection: a token that was replaced keeps its channel for 15
    # minutes, and connections to the API server come and go with the calls.
    "file descriptors": Tolerance(more=8),
    # A thread begins when all others have something to do, and stays.
    "threads of asyncio's pool": Tolerance(more=min(32, (os.cpu_count() or 1) + 4)),
    "threads, all others": Tolerance(more=2),
    "tasks": Tolerance(more=12),
    "in *": _FEW,
    # Each of the few models that are known has so many entries of metadata.
    "in _Unread._parts": replace(_FEW, more=20 * _FEW.more),
    "in Ledger.*": _ID,
}
