"""The middle of a life: the world just after some effect of an operator that died.

Most of a commit's life is the same in every schedule, and little of it is where faults
matter. So some schedules begin where one operator has died after one of its writes;
the next one, which knows nothing, starts there.
"""

from functools import cache
from math import inf
from random import Random, getstate, setstate

__all__ = ["VARIANTS", "find_stage", "record_stages", "restore"]

_ALL = {"startFrom": "Earliest"}
VARIANTS = (
    ({}, 1, (0,)),
    ({"output": {"provenance": "Metadata"}}, 1, (0,)),
    ({"trigger": _ALL}, 2, (0,)),
    ({"trigger": _ALL, "concurrencyPolicy": "Allow", "maxParallel": 2}, 2, (0,)),
    ({"trigger": _ALL | {"mode": "LatestOnly"}}, 3, (0,)),
    ({"attempts": {"limit": 2, "backoffSeconds": 10}}, 1, (137, 0)),
    ({"attempts": {"limit": 2, "backoffSeconds": 10}}, 1, (1,)),
    ({"concurrencyPolicy": "Replace"}, 1, (0,)),
)
"""What is configured, how many commits are pushed, how their jobs end in turn."""
_SECONDS = 150.0
_SHARED = (
    "training",
    "bodies",
    "spec",
    "applied",
    "generation",
    "annotations",
    "_read",
    "_count",
    "_ledger",
    "_versions",
    "_made",
)


def find_stage(make_world, variant, percent):
    """The state after so much of all that is written in a life; to be `restored`."""
    found = _record(make_world, variant % len(VARIANTS))
    return found[len(found) * percent // 100]


@cache
def _record(make_world, variant):
    """Every stage of one life in which nothing goes wrong but what trainers do."""
    before = getstate()  # The operator's own jitter, of a schedule that has begun.
    try:
        return _live(make_world, variant)
    finally:
        setstate(before)


def _live(make_world, variant):
    spec, commits, codes = VARIANTS[variant]
    world = make_world(Random(variant), **spec)  # noqa: S311 (the same for all)
    world.fates = _InTurn(codes)
    world.pace = 0.0
    stages = []
    for _ in range(commits):
        world.push()
        world.finish()
        world.pachyderm.settle()
    world.on_write = lambda: stages.append(_take(world))
    world.start_process()
    world.loop.run_until(_SECONDS)
    for process in world.processes:
        process.kill()
    world.loop.run_until(_SECONDS)
    assert not world.audit.violations, world.audit.violations
    return tuple(stages)


class _InTurn:
    """A sequence of which `choice` takes one after the other, then the last."""

    def __init__(self, codes) -> None:
        self.left = list(codes)

    def __len__(self) -> int:
        return 1

    def __getitem__(self, place):
        return self.left.pop(0) if len(self.left) > 1 else self.left[0]


def _take(world):
    pachyderm, kubernetes = world.pachyderm, world.kubernetes
    return {
        "now": world.loop.now,
        "ticks": world.turns.ticks,
        "world": {name: getattr(world, name) for name in _SHARED},
        "entries": list(world.entries()),
        "audit": world.audit.remember(),
        "pachyderm": {
            "commits": dict(pachyderm.commits),
            "content": {name: dict(c) for name, c in pachyderm.content.items()},
            "heads": dict(pachyderm.heads),
            "declared": dict(pachyderm.declared),
        },
        "kubernetes": {
            name: dict(getattr(kubernetes, name))
            for name in ("jobs", "pods", "ever", "ends")
        },
    }


def restore(world, stage):
    """Make a new world what it was at that stage; nobody is at work in it yet."""
    world.loop.now = stage["now"]
    world.turns.ticks = stage["ticks"]
    for name, value in stage["world"].items():
        setattr(world, name, value)
    world.changed_at = -inf  # Its spec was the same from the beginning.
    world._entries = list(stage["entries"])
    pachyderm, kubernetes = world.pachyderm, world.kubernetes
    for name, value in stage["pachyderm"].items():
        setattr(pachyderm, name, dict(value))
    pachyderm.content = {name: dict(c) for name, c in pachyderm.content.items()}
    for name, value in stage["kubernetes"].items():
        setattr(kubernetes, name, dict(value))
    world.audit.recall(stage["audit"])
    pachyderm.go_on()
    kubernetes.go_on()
    world.look()


def record_stages(make_world):
    """Record all lives now, before anything is patched."""
    for variant in range(len(VARIANTS)):
        _record(make_world, variant)
