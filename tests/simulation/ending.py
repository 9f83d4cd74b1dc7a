"""With all faults off, everything settles; and what it settles to is right."""

from mnist_operator import places
from mnist_operator.resource import MAX_PARALLEL
from simulation.restraint import find_overdue
from unit.builders import training
from unit.model_checks import (
    check_at_any_time,
    check_history_limits,
    check_request,
    check_skips,
    check_status,
    is_asked_commit_open,
    is_open,
    without_times,
)
from unit.model_world import turn_of

__all__ = ["settle"]

_SLOTS = [places.slot_branch(training(), slot) for slot in range(MAX_PARALLEL)]
_STAGED = places.staged_branch(training())
_STEP = 40.0
_STEPS = 60
_NOTHING_HOLDS = {
    "suspend": False,
    "stopAfterFailures": 0,
    "trigger": {"minCommits": 1},
}


def settle(world, happenings):
    """Turn the faults off, wait until nothing is left to do, and look at the end."""
    _quieten(world, happenings)
    if world.reaching():
        world.loop.run_until(world.loop.now + 2 * _STEP)
        overdue = find_overdue(world)
        assert not overdue, overdue
    for _ in range(_STEPS):
        for name in world.reaching():  # Nobody but a trainer ends them.
            world.end_job(name, 0)
        world.loop.run_until(world.loop.now + _STEP)
        if world.audit.violations or _is_settled(world):
            break
    if world.audit.violations:
        return
    _check(world)
    if world.random.random() < 0.2:
        _check_restart(world)


def _quieten(world, happenings):
    world.tell_story("-- faults off")
    world.behave()
    world.returns = False
    world.down = dict.fromkeys(world.down, 0.0)
    *others, last = [p for p in world.processes if p.alive] or [world.start_process()]
    for process in others:
        process.kill()
    last.recover()
    if world.story is not None:
        world.tell_story(f"-- only operator {last.number} goes on")
    for _ in range(_STEPS):
        world.loop.run_until(world.loop.now + 1.0)
        if not world.is_going:
            break
        world.loop.run_until(world.loop.now + _STEP)
    assert not world.is_going, "it was deleted, and is still there"
    if world.training is None or _is_held(world):
        world.apply(**_NOTHING_HOLDS)
    world.release_output()
    happenings.finish_head()
    world.look()


def _is_held(world):
    """Whether something in the spec keeps commits waiting, or soon may."""
    spec = world.training.spec
    wanted = spec.suspend or spec.trigger.min_commits > 1
    return wanted or bool(world.spec.get("stopAfterFailures"))


def _is_settled(world):
    if world.is_going or world.kubernetes.running():
        return False
    decided = world.ledger().decided
    if any(is_open(world, each) for each in (*_SLOTS, _STAGED, world.outputs)):
        return False
    if any(each.id not in decided for each in world.expected()):
        return False
    status = world.training.status
    asked = world.training.requested_at
    if asked != status.get("lastHandledRequestAt", "") and not is_asked_commit_open(
        world
    ):
        return False
    conditions = {each["type"]: each for each in status.get("conditions", ())}
    if conditions.get("Reconciling", {}).get("status") != "False":
        return False
    return status["observedGeneration"] == world.generation


def _check(world):
    check_at_any_time(world)
    decisions = world.decisions()
    published = {
        turn for turn, said in decisions.items() if said[-1].decision == "Published"
    }
    decided, status = world.ledger().decided, world.training.status

    assert [] == [each.id for each in world.expected() if each.id not in decided]
    assert published == {turn_of(model) for model in world.models()}
    assert [] == [slot for slot in _SLOTS if is_open(world, slot)]
    assert not is_open(world, world.outputs)
    assert not is_open(world, _STAGED)
    assert [] == world.kubernetes.labelled(world.kubernetes.running())
    check_start(world)
    check_skips(world)
    check_history_limits(world)
    check_request(world, status)
    check_status(world, status)


def check_start(world):
    """What was there before the start is left alone, unless somebody asks for it."""
    if world.rewound or world.rewritten:
        return
    wanted = {each.id for each in world.expected()}
    assert [] == [
        each.commit
        for each in world.entries()
        if not each.request and each.commit not in wanted
    ], world.tell()


def _check_restart(world):
    """Nothing is done again, nor told otherwise, by an operator that knows nothing."""
    before, writes = world.training.status, world.writes
    (last,) = (each for each in world.processes if each.alive)
    last.kill()
    world.start_process()
    world.loop.run_until(world.loop.now + _STEP)

    assert writes == world.writes, "an operator that starts anew does something"
    assert without_times(before) == without_times(world.training.status)
