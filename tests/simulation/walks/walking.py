"""Walk in one world; and begin anew in another, with the spec that the walk ended at.

What must be equal (`views`): what is decided from then on of each commit, and why, and
with how many attempts; conditions and status, without times; what runs; and which
TFJobs are kept, with the whole of their specs.

What may differ, and is not compared: what became of the commits that were pushed
during the walk, for they were decided under the specs of their time; how many of those
wait where the last spec holds them; and the TFJobs of those, of which the newest are
kept in any case. One run is requested before the comparison begins, so that the newest
model is of the same commit and made with the same trainer, and so that what is counted
from the last run or the last failure on is counted from there in both.

All along, `audit` looks at the invariants, whatever the operator logs as an internal
error is a violation, and every rest must be reached: nothing is under way, the status
is of the present spec, and says so.
"""

import asyncio
import logging
from contextlib import contextmanager
from random import Random
from random import seed as seed_all

from mnist_operator import places
from mnist_operator.resource import MAX_PARALLEL
from simulation.audit import explain
from simulation.eager import eager_gather
from simulation.vain import find_vain
from simulation.walks.admission import stored
from simulation.walks.edits import merge
from simulation.walks.ground import Ground
from simulation.walks.moments import create, push, rest, run_for, take
from simulation.walks.views import view
from unit.builders import training
from unit.model_checks import (
    check_at_any_time,
    check_history_limits,
    check_request,
    check_status,
    is_open,
)

__all__ = ["end", "listening", "walk"]

_PROBE = (
    (("new", (0,)),),
    (("new", (1,)),),
    (("old", (0,)),),
    (("same", (0,)),),
    (("readme", (0,)),),
    (("new", (137, 0)), ("new", (0,)), ("new", (0,))),
)
"""What is pushed to compare two worlds: the files, and how the runs of it end."""
_TAKEN_BACK = {
    "suspend": False,
    "stopAfterFailures": 0,
    "startingDeadlineSeconds": None,
    "activeDeadlineSeconds": 3600,
    "trigger": {"minCommits": 1, "debounceSeconds": 0},
    "trainer": {"image": "", "env": [], "resources": {"requests": None}},
}
"""Nothing holds any more, and what could not start can."""
_PATIENT = {"startupDeadlineSeconds": 20, "activeDeadlineSeconds": 60}
"""With less it may be luck that one world has a model of the last trainer."""
_OURS = [
    places.output_branch(training()),
    places.staged_branch(training()),
    *(places.slot_branch(training(), slot) for slot in range(MAX_PARALLEL)),
]
"""Where the operator leaves nothing open."""


def walk(taken, *, trace=None):
    """Take a walk; return what was found wrong, empty where nothing was."""
    try:
        walked = _live(taken, anew=False, trace=trace)
        fresh = _live(taken, anew=True, trace=None)
    except AssertionError as error:
        return explain(error)
    for number, (mine, other) in enumerate(zip(walked, fresh, strict=True)):
        parts = _differing(mine, other)
        if parts:
            told = "".join(f"\n{part}:\n{mine[part]}\n{other[part]}" for part in parts)
            return f"after part {number} of the probe, not as with the last spec:{told}"
    return ""


def _differing(mine, other):
    shown = min(len(mine["queue"]), len(other["queue"]))
    for each in (mine, other):  # Ten are shown, older ones among them.
        each["queue"] = each["queue"][:shown]
    # What is held comes before what is skipped in a world where nothing is.
    behind = any(
        one["held"] and not one["decided"] and two["decided"]
        for one, two in ((mine, other), (other, mine))
    )
    left = {"decided", "conditions", "history"} if behind else set()
    parts = sorted(mine.keys() - {"held", *left})
    return [part for part in parts if mine[part] != other[part]]


def _live(taken, *, anew, trace):
    seed_all(taken.seed)
    world = Ground(Random(taken.seed), trace=trace is not None)  # noqa: S311
    with listening(world), eager_gather():
        try:
            return _play(world, taken, anew)
        finally:
            end(world)
            if trace is not None:
                trace.extend(world.story)


def _play(world, taken, anew):
    world.put(taken.first)
    world.start_process()
    for files, ends in taken.before:
        push(world, files, ends)
        rest(world)
    if anew:
        create(world, taken.last)
    for step in taken.steps:
        if anew:
            push(world, step.files, step.ends)
            run_for(world, 5.0)
        else:
            take(world, step)
    world.happenings.finish_head()
    rest(world)
    views = list(_probe(world))
    if not anew:
        _recover(world)
    return views


def _probe(world):
    """Push what all specs make something of, and look at the world after each."""
    world.calm()
    last = world.spec
    least = {name: max(last[name], most) for name, most in _PATIENT.items()}
    world.put(stored(merge(last, least)))
    world.happenings.happen("ask", -2)
    rest(world)
    world.put(last)
    rest(world)
    names = {}
    for pushes in _PROBE:
        for files, ends in pushes:
            push(world, files, ends)
            names[world.head().id] = f"probe {len(names) + 1}"
        rest(world)
        yield view(world, names)


def _recover(world):
    """Take back what holds: then nothing is lost, by the simulator's own judgement."""
    spec = merge(world.spec, _TAKEN_BACK)
    start = spec["trigger"]["startFrom"]
    if start not in {"Latest", "Next", "Earliest", *world.pachyderm.commits}:
        spec["trigger"]["startFrom"] = "Latest"
    world.put(stored(spec))
    rest(world)
    decided, status = world.ledger().decided, world.training.status

    check_at_any_time(world)
    assert [] == [each.id for each in world.expected() if each.id not in decided]
    for branch in _OURS:
        assert not is_open(world, branch)
    assert not find_vain(world), find_vain(world)
    check_history_limits(world)
    check_request(world, status)
    check_status(world, status)


# --- what is listened to --------------------------------------------------------------


class _Faults(logging.Handler):
    """What the operator itself calls an internal error."""

    def __init__(self, world) -> None:
        super().__init__(logging.ERROR)
        self._world = world

    def emit(self, record):
        self._world.audit.violations.append(self.format(record))


@contextmanager
def listening(world):
    logger, faults = logging.getLogger("mnist_operator"), _Faults(world)
    logger.addHandler(faults)
    try:
        yield
    finally:
        logger.removeHandler(faults)


def end(world):
    for process in world.processes:
        process.kill()
    for task in asyncio.all_tasks(world.loop):
        task.cancel()
    world.loop.run_until(world.loop.now)
