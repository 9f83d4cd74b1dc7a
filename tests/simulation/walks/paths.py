"""Which walk is taken: made of one seed, and nothing else.

A walk is a first spec, some commits that are decided under it, and then steps: a push,
a moment in the life of that commit, and what is edited then. Half of the edits are of
fields by which the operator decides something; the others are of any field at all.
Times that would only make a walk longer are cut: hours of waiting add nothing to it.
"""

from dataclasses import dataclass, replace
from functools import cache
from random import Random

from simulation.walks.admission import admit, stored
from simulation.walks.edits import Edit, edits, merge
from simulation.walks.ground import ABSENT

__all__ = ["MISTAKES", "MOMENTS", "Step", "Walk", "make_walk"]

MOMENTS = (
    "quiet",
    "open",
    "finishing",
    "created",
    "running",
    "ended",
    "publishing",
    "publishing",
    "retrying",
    "suspended",
    "deleted",
)
_AT_MOST = {
    "spec.trigger.debounceSeconds": 600,
    "spec.trigger.minCommits": 3,
    "spec.attempts.backoffSeconds": 60,
    "spec.attempts.limit": 4,
    "spec.startupDeadlineSeconds": 600,
}
_DECIDES = (
    "spec.trigger",
    "spec.concurrencyPolicy",
    "spec.maxParallel",
    "spec.suspend",
    "spec.starting",
    "spec.startup",
    "spec.attempts",
    "spec.activeDeadlineSeconds",
    "spec.stopAfterFailures",
    "spec.onSpecChange",
    "spec.successfulRuns",
    "spec.failedRuns",
    "spec.deletionPolicy",
    "spec.output.provenance",
    "spec.trainer.warmStart",
    "spec.trainer.image",
)
_SOON = {"startupDeadlineSeconds": 60}
_SECRET = {"secretKeyRef": {"name": f"{ABSENT}-secret", "key": "k"}}
MISTAKES = (
    {"trainer": {"image": f"registry.example.com/{ABSENT}:1"}} | _SOON,
    {"trainer": {"resources": {"requests": {"cpu": "1000"}}}} | _SOON,
    {"trainer": {"env": [{"name": "A", "valueFrom": _SECRET}]}} | _SOON,
    {"trigger": {"startFrom": "ab" * 16}},
)
"""What the API server takes, and only the run shows to be wrong."""
_ENDS = ((0,), (0,), (0,), (1,), (137, 0), (137,), (143, 1), (None, 0), ("fast",))
_FILES = ("new", "new", "new", "old", "same", "readme")
_CALLS = 60
"""So many calls at most are made between a trainer's end and the ledger's line."""


@dataclass(frozen=True)
class Step:
    """Push a commit, wait for a moment, and store these specs one after the other."""

    files: str
    ends: tuple
    moment: str
    calls: int
    specs: tuple
    told: str


@dataclass(frozen=True)
class Walk:
    """`last` is the spec in the end: that of the last step."""

    seed: int
    first: dict
    before: tuple[tuple[str, tuple], ...]
    steps: tuple[Step, ...]

    @property
    def last(self):
        return self.steps[-1].specs[-1]


@cache
def _pools():
    able = [each for each in edits() if not each.fresh and _is_short(each)]
    able += [_bound(name, most) for name, most in _AT_MOST.items()]
    ours = [each for each in able if each.field.startswith(_DECIDES)]
    wrong = [Edit("a mistake", each, each) for each in MISTAKES]
    return able, ours, wrong


def _is_short(edit):
    most = _AT_MOST.get(edit.field)
    return most is None or edit.value is None or edit.value <= most


def _bound(name, most):
    [like] = [e for e in edits() if e.field == name and e.value is None]
    patch = most
    for part in reversed(name.split(".")[1:]):
        patch = {part: patch}
    if name.endswith("minCommits"):
        patch["trigger"]["mode"] = "LatestOnly"
    return replace(like, value=most, patch=patch)


def make_walk(seed):
    """The walk of a seed."""
    draw = Random(seed)  # noqa: S311 (the same for each seed)
    spec = stored({"attempts": {"limit": 2}})
    spec, _ = _edit(draw, spec, draw.randrange(3))
    first = spec[-1] if spec else stored({"attempts": {"limit": 2}})
    before = tuple(_push(draw) for _ in range(draw.randrange(3)))
    steps, current = [], first
    for _ in range(draw.choice((1, 1, 2, 2, 3, 4))):
        files, ends = _push(draw)
        moment = draw.choice(MOMENTS)
        specs, told = _edit(draw, current, draw.choice((1, 1, 2, 3)))
        if draw.random() < 0.2:
            specs, told = [*specs, current], f"{told}, and back"
        if moment == "retrying":
            ends = (137, 0)
        current = specs[-1] if specs else current
        calls = draw.randrange(_CALLS)
        step = Step(files, ends, moment, calls, tuple(specs) or (current,), told)
        steps.append(step)
    if draw.random() < 0.15:
        last = replace(steps[-1], specs=(*steps[-1].specs, first))
        steps[-1] = replace(last, told=f"{last.told}, and back to the first spec")
    return Walk(seed, first, before, tuple(steps))


def _push(draw):
    return draw.choice(_FILES), draw.choice(_ENDS)


def _edit(draw, spec, many):
    """Edits that the API server takes, each on top of the one before."""
    able, ours, wrong = _pools()
    specs, told = [], []
    while len(specs) < many:
        drawn = draw.random()
        edit = draw.choice(wrong if drawn < 0.08 else ours if drawn < 0.6 else able)
        after = merge(spec, edit.patch)
        if admit(after, spec):
            continue  # Refused: then nothing was edited.
        spec = stored(after)
        specs.append(spec)
        told.append(str(edit))
    return specs, ", ".join(told)
